"""Fit what a share of belief is worth: prints the table of `geo.calibration`.

Two kinds of texts are counted alike: the development split of WardBench, and texts composed here from the names of the
gazetteer itself (schools and other places, misspelt and not, with their county and without). Never the held split.
`python -m bench.calibrate` prints the knots and, for each threshold, what would be asserted and how much of it wrong.
"""

import math
import random
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from bench.wardbench import DATA, load, texts
from geo.calibration import confidences, sharpened
from geo.gazetteer import Gazetteer
from geo.resolution import Place
from geo.wards import Wards
from responder_api.reference_data import load_places

COMPOSED: Final = 1200
SEED: Final = 20241122
FRAMES: Final = (
    "floods have entered houses near {}", "kuna moto karibu na {}", "accident at {} 2 dead", "maji imejaa nyuma ya {}",
    "water everywhere nr {} pls help", "Chief requests boats around {}.", "{} kumefurika tusaidie", "pi osedonjo gi {}",
)  # fmt: skip
WITHHELD: Final = 0.06
"""The part of the gazetteer that composed texts may name and that is left out of it: no list is whole."""
KNOTS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0)
THRESHOLDS: Final = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.95)


class Counted(NamedTuple):
    """One text: the shares of its candidates, whether a ward's name led, and the chance of each to be meant."""

    shares: list[float]
    by_ward: bool
    right: list[float]


def of_dev(gazetteer: Gazetteer, wards: Wards) -> Iterator[Counted]:
    """Count the development split."""
    for text in texts("dev"):
        if not text.kind.startswith(("position", "plus")):
            found = gazetteer.shares(text.text, text.near)
            codes = [wards.ward(row).code for row, _, _ in found]
            fair = 1.0 / len(text.candidates) if text.ambiguous and text.candidates else 0.0
            yield _counted(found, [1.0 if c in text.wards else fair * (c in text.candidates) for c in codes])


def of_places(gazetteer: Gazetteer, wards: Wards, places: Sequence[Place]) -> Iterator[Counted]:
    """Count texts composed of the gazetteer's own names."""
    chance = random.Random(SEED)
    schools = [place for place in places if place.kind == "SCHOOL"]
    others = [place for place in places if place.kind != "SCHOOL"]
    for place in chance.sample(schools, COMPOSED // 2) + chance.sample(others, COMPOSED // 2):
        meant = wards.locate(place.lon, place.lat)
        name = _misspelt(place.name, chance) if chance.random() < 0.35 else place.name
        text = chance.choice(FRAMES).format(name if chance.random() < 0.5 else name.lower())
        if chance.random() < 0.5 and meant >= 0:
            text += f" {wards.ward(meant).county}"
        found = gazetteer.shares(text)
        yield _counted(found, [float(row == meant) for row, _, _ in found])


def _counted(found: Sequence[tuple[int, float, str]], right: list[float]) -> Counted:
    return Counted([share for _, share, _ in found], bool(found) and found[0][2] == "ward", right)


def _misspelt(name: str, chance: random.Random) -> str:
    k = chance.randrange(1, max(2, len(name) - 1))
    return chance.choice((name[:k] + name[k + 1 :], name[:k] + name[k - 1] + name[k:], name[:k] + "a" + name[k + 1 :]))


def rising(pairs: Sequence[tuple[float, float, float]]) -> tuple[list[float], list[float]]:
    """Fit the rising function nearest to (share, right, weight) (pool adjacent violators): shares and chances."""
    blocks: list[list[float]] = []
    for share, right, weight in sorted(pairs):
        blocks.append([share * weight, right * weight, weight])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    return [b[0] / b[2] for b in blocks], [b[1] / b[2] for b in blocks]


def likelihood(texts_of: Sequence[Counted], sharpness: float, nothing: float) -> float:
    """Measure how well sharpened shares foretell what is meant: mean log likelihood."""
    total = 0.0
    for each in texts_of:
        powers = [share**sharpness for share in each.shares]
        none = nothing * max(0.0, 1.0 - sum(each.shares)) ** sharpness
        whole = sum(powers) + none or 1.0
        total += sum(r * math.log(max(p / whole, 1e-6)) for p, r in zip(powers, each.right, strict=True) if r)
        total += max(0.0, 1.0 - sum(each.right)) * math.log(max(none / whole, 1e-6))
    return total / len(texts_of)


def main() -> int:
    """Print the table."""
    gazetteer, wards, real = load()
    if not real:
        print("the real wards and gazetteer are not here: nothing to fit on")
        return 1
    places = load_places(DATA / "kenya_gazetteer.csv")
    chance = random.Random(SEED + 1)
    shorter = Gazetteer(wards, [place for place in places if chance.random() >= WITHHELD])
    groups = {"dev": list(of_dev(gazetteer, wards)), "composed": list(of_places(shorter, wards, places))}
    fits = [
        (sum(likelihood(group, sharpness, nothing) for group in groups.values()), sharpness, nothing)
        for sharpness in (0.9, 1.0, 1.15, 1.3, 1.5)
        for nothing in (0.1, 0.15, 0.25, 0.35, 0.5, 1.0)
    ]
    print("SHARPNESS, NOTHING:", max(fits)[1:], f"log likelihood {max(fits)[0]:.3f}")
    for name, by_ward in (("OF_WARDS", True), ("OF_PLACES", False)):
        pairs = [
            (sharpened(each.shares)[0], each.right[0], 1.0 / len(group))
            for group in groups.values()
            for each in group
            if each.shares and each.by_ward is by_ward
        ]
        xs, ys = rising(pairs)
        print(f"{name}:", ", ".join(f"({x:g}, {float(np.interp(x, xs, ys)):.3f})" for x in KNOTS), f"of {len(pairs)}")
    for name, group in groups.items():
        firsts = [(confidences(e.shares, by_ward=e.by_ward)[0], e.right[0]) for e in group if e.shares]
        for least in THRESHOLDS:
            asserted = [right for sure, right in firsts if sure >= least]
            wrong = sum(1.0 - right for right in asserted) / len(group)
            print(f"{name}: confidence >= {least}: {len(asserted) / len(group):.1%} asserted, {wrong:.2%} wrong")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

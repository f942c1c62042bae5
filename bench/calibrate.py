"""Fit what a share of belief is worth: prints the table of `geo.calibration`.

Two kinds of texts are counted alike: the development split of WardBench, and texts composed here from the names of the
gazetteer itself (schools and other places, misspelt and not, with their county and without). Never the held split.
`python -m bench.calibrate` prints the knots and, for each threshold, what would be asserted and how much of it wrong.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from bench.wardbench import DATA, load, texts
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
KNOTS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

Counted = tuple[float, float, float]  # share, chance that it is right, weight


def of_dev(gazetteer: Gazetteer, wards: Wards) -> Iterator[list[Counted]]:
    """Count the development split: each candidate's share, and the chance that it is meant."""
    for text in texts("dev"):
        if text.kind.startswith(("position", "plus")):
            continue
        found = []
        for row, share in gazetteer.shares(text.text, text.near)[:10]:
            code = wards.ward(row).code
            right = float(code in text.wards)
            if text.ambiguous and code in text.candidates:
                right = 1.0 / len(text.candidates)
            found.append((share, right, 1.0))
        yield found


def of_places(gazetteer: Gazetteer, wards: Wards, places: Sequence[Place]) -> Iterator[list[Counted]]:
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
        yield [(share, float(row == meant), 1.0) for row, share in gazetteer.shares(text)[:10]]


def _misspelt(name: str, chance: random.Random) -> str:
    k = chance.randrange(1, max(2, len(name) - 1))
    return chance.choice((name[:k] + name[k + 1 :], name[:k] + name[k - 1] + name[k:], name[:k] + "a" + name[k + 1 :]))


def rising(counted: Sequence[Counted]) -> tuple[list[float], list[float]]:
    """Fit the rising function nearest to what was counted (pool adjacent violators): shares and their chances."""
    blocks: list[list[float]] = []
    for share, right, weight in sorted(counted):
        blocks.append([share * weight, right * weight, weight])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    return [b[0] / b[2] for b in blocks], [b[1] / b[2] for b in blocks]


def main() -> int:
    """Print the table."""
    gazetteer, wards, real = load()
    if not real:
        print("the real wards and gazetteer are not here: nothing to fit on")
        return 1
    places = load_places(DATA / "kenya_gazetteer.csv")
    groups = [list(of_dev(gazetteer, wards)), list(of_places(gazetteer, wards, places))]
    weights = [1.0, len(groups[0]) / len(groups[1])]
    counted = [
        (share, right, weight)
        for group, weight in zip(groups, weights, strict=True)
        for found in group
        for share, right, _ in found
    ]
    xs, ys = rising(counted)
    print("KNOTS:", ", ".join(f"({x:g}, {float(np.interp(x, xs, ys)):.3f})" for x in KNOTS))
    for name, group in zip(("dev", "composed"), groups, strict=True):
        for least in (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9):
            firsts = [found[0] for found in group if found and found[0][0] >= least]
            wrong = sum(1.0 - right for _, right, _ in firsts)
            print(f"{name}: share >= {least}: {len(firsts) / len(group):.1%} asserted, {wrong / len(group):.2%} wrong")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""WardBench: messy texts to wards with the whole real gazetteer, and whether stated confidence can be believed.

Before this: `fixtures/wardbench` holds the texts and says how they are labelled. `python -m bench.wardbench` prints the
table alone, `--worst dev` the texts of that split that go wrong. Nobody tunes on `held`: of it, totals only.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import msgspec

from bench.table import Row, print_table
from fixtures import path
from geo.gazetteer import Gazetteer, Resolution
from geo.wards import Wards
from responder_api.reference_data import load_places

DATA: Final = Path(__file__).parents[2] / "shared" / "data"
SPLITS: Final = ("dev", "held")
ROUNDS: Final = 3
BINS: Final = 10


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One line of WardBench; `wards` empty where nothing may be asserted, `candidates` what should be offered then."""

    id: str
    text: str
    wards: tuple[str, ...]
    kind: str
    style: str
    county: str
    near: tuple[float, float] | str | None = None
    ambiguous: bool = False
    nowhere: bool = False
    candidates: tuple[str, ...] = ()


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A text with what was made of it: ward codes offered, likeliest first."""

    text: Text
    offered: tuple[str, ...]
    asserted: bool
    confidence: float

    def within(self, n: int) -> bool:
        """Tell whether one of the first `n` is an answer."""
        return any(code in self.text.wards for code in self.offered[:n])

    @property
    def wrong(self) -> bool:
        """Whether something was asserted that is no answer."""
        return self.asserted and not self.within(1)

    @property
    def truth(self) -> float:
        """The chance that the first offered is meant: what is equally likely several wards counts for its share."""
        if self.text.ambiguous:
            return 1.0 / len(self.text.candidates) if self.offered[0] in self.text.candidates else 0.0
        return float(self.within(1))


def texts(split: str) -> list[Text]:
    """Read one split."""
    lines = path(f"wardbench/{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [msgspec.json.decode(line, type=Text) for line in lines]


def load() -> tuple[Gazetteer, Wards, bool]:
    """Load the real wards and gazetteer, or the demo's; True when they are real."""
    real = (DATA / "kenya_wards.fgb").exists()
    wards = Wards.load(DATA / "kenya_wards.fgb" if real else path("demo/wards.geojson"))
    places = load_places(DATA / "kenya_gazetteer.csv" if real else path("demo/places.csv"))
    return Gazetteer(wards, places), wards, real


def answerable_by(wards: Wards | None) -> Callable[[Text], bool]:
    """Say which texts the demo's wards can answer: those that name one of these wards. All when none are given."""
    codes = {ward.code for ward in wards or ()}

    def fits(text: Text) -> bool:
        return wards is None or (bool(text.wards) and set(text.wards) <= codes and text.kind.startswith("ward"))

    return fits


def judge(text: Text, resolution: Resolution, wards: Wards) -> Judged:
    """Bring what was resolved to ward codes."""
    found = resolution.candidates
    return Judged(
        text=text,
        offered=tuple(wards.ward(candidate.ward_row).code for candidate in found),
        asserted=resolution.asserted,
        confidence=found[0].confidence if found else 0.0,
    )


def run() -> list[Row]:
    """Score both splits."""
    gazetteer, wards, real = load()
    fits = answerable_by(None if real else wards)
    note = "" if real else "the demo's wards and places: no real gazetteer here"
    rows: list[Row] = []
    everything: list[Text] = []
    for split in SPLITS:
        asked = [text for text in texts(split) if fits(text)]
        everything += asked
        judged = [judge(text, gazetteer.resolve(text.text, text.near), wards) for text in asked]
        rows += scores(split, judged, note) + reliability(split, judged)
        if split == "dev":
            rows += breakdown(split, judged, "kind") + breakdown(split, judged, "style")
    return [*rows, speed(gazetteer, everything)]


def scores(split: str, judged: Sequence[Judged], note: str) -> list[Row]:
    """Count what is right, what is asserted, and what is asserted and wrong."""
    named = [each for each in judged if each.text.wards]
    open_ones = [each for each in judged if each.text.ambiguous and each.text.candidates]
    first, third = (sum(each.within(n) for each in named) / len(named) for n in (1, 3))
    asserted, wrong = (sum(each.asserted for each in judged), sum(each.wrong for each in judged))
    offers = [
        len(set(each.offered) & set(each.text.candidates)) / min(10, len(each.text.candidates)) for each in open_ones
    ]
    listed = f"{len(named)} answerable texts{', ' + note if note else ''}"
    rows = [
        Row(what=f"{split}: top-1", ours=f"{first:.1%}", reach=">= 80 %", met=first >= 0.8, note=listed),
        Row(what=f"{split}: top-3", ours=f"{third:.1%}", reach=">= 93 %", met=third >= 0.93, note=listed),
        Row(what=f"{split}: asserted", ours=f"{asserted / len(judged):.1%}", note=f"of all {len(judged)} texts"),
        Row(
            what=f"{split}: asserted and wrong",
            ours=f"{wrong / len(judged):.1%}",
            reach="<= 2 %",
            met=wrong <= 0.02 * len(judged),
            note=f"{wrong} texts; {wrong / max(asserted, 1):.1%} of what is asserted",
        ),
    ]
    if offers:
        share = sum(offers) / len(offers)
        rows.append(
            Row(what=f"{split}: offered", ours=f"{share:.1%}", note=f"of what {len(offers)} open texts may mean")
        )
    return rows


def reliability(split: str, judged: Sequence[Judged]) -> list[Row]:
    """Compare stated confidence with the share that is right, in ten bins, with Brier score and calibration error."""
    bins: list[list[Judged]] = [[] for _ in range(BINS)]
    for each in judged:
        if each.offered:
            bins[min(int(each.confidence * BINS), BINS - 1)].append(each)
    rows, gap, brier, n = [], 0.0, 0.0, sum(map(len, bins))
    for number, held in enumerate(bins):
        if not held:
            continue
        mean = sum(each.confidence for each in held) / len(held)
        right = sum(each.truth for each in held) / len(held)
        gap += abs(mean - right) * len(held)
        brier += sum(e.truth * (1 - e.confidence) ** 2 + (1 - e.truth) * e.confidence**2 for e in held)
        what = f"{split}: confidence {number / BINS:.1f}-{(number + 1) / BINS:.1f}"
        rows.append(Row(what=what, ours=f"{right:.2f} right", note=f"{len(held)} texts, mean confidence {mean:.2f}"))
    return [
        *rows,
        Row(what=f"{split}: Brier score", ours=f"{brier / max(n, 1):.3f}", note="0 is best; the first candidate's"),
        Row(what=f"{split}: calibration error", ours=f"{gap / max(n, 1):.3f}", note="expected, over the ten bins"),
    ]


def breakdown(split: str, judged: Sequence[Judged], by: str) -> list[Row]:
    """Show where it goes wrong, by the kind or the style of the texts."""
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        groups[getattr(each.text, by)].append(each)
    rows = []
    for name, held in sorted(groups.items(), key=lambda item: -len(item[1])):
        named = [each for each in held if each.text.wards]
        first, third = (f"{sum(e.within(n) for e in named) / len(named):.0%}" if named else "-" for n in (1, 3))
        wrong = sum(each.wrong for each in held)
        note = f"{len(held)} texts, {sum(e.asserted for e in held) / len(held):.0%} asserted, {wrong} wrong"
        rows.append(Row(what=f"{split}: {by} {name}", ours=f"{first} / {third}", note=note))
    return rows


def speed(gazetteer: Gazetteer, asked: Sequence[Text]) -> Row:
    """Time all texts on one core, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = perf_counter()
        for text in asked:
            gazetteer.resolve(text.text, text.near)
        best = min(best, perf_counter() - began)
    rate = len(asked) / best
    letters = sum(len(text.text) for text in asked) / len(asked)
    note = f"one core, {letters:.0f} characters a text"
    return Row(what="words to ward", ours=f"{rate:,.0f} texts/s", reach=">= 2,000/s", met=rate >= 2000.0, note=note)


def worst(split: str) -> None:
    """Print the texts of a split that go wrong: first what is asserted and wrong, then what is not found first."""
    gazetteer, wards, real = load()
    fits = answerable_by(None if real else wards)
    judged = [judge(t, gazetteer.resolve(t.text, t.near), wards) for t in texts(split) if fits(t)]
    by_code = {ward.code: f"{ward.code} {ward.name} ({ward.county})" for ward in wards}
    for each in sorted(judged, key=lambda e: (not e.wrong, e.within(3), -e.confidence)):
        if each.wrong or (each.text.wards and not each.within(1)):
            said: dict[str, Any] = {"text": each.text.text, "near": each.text.near}
            print(f"{each.text.id} {'WRONG' if each.wrong else 'missed'} {each.text.kind}, {each.text.style}")
            print("   ", json.dumps({k: v for k, v in said.items() if v is not None}, ensure_ascii=False))
            print("    meant:", ", ".join(by_code[c] for c in (each.text.wards or each.text.candidates)) or "nothing")
            print("    found:", ", ".join(by_code[c] for c in each.offered[:3]) or "nothing", f"{each.confidence:.2f}")


def main(arguments: Sequence[str]) -> int:
    """Print the table, or the worst of dev."""
    if not arguments:
        print_table(run())
        return 0
    if list(arguments) == ["--worst", "dev"]:
        worst("dev")
        return 0
    sys.stderr.write("usage: python -m bench.wardbench [--worst dev]; of held nothing is shown but totals\n")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

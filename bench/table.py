"""The table every benchmark fills: what was measured, ours, the peer's, their ratio, and whether the reach was met."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

import msgspec

HEADS: Final = ("what", "ours", "peer", "ratio", "reach", "met", "note")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement.

    `ours` and `peer` are absolute figures with their units. `ratio` is above 1 where ours is better. `reach` says what
    was asked; `met` whether it was reached, None where nothing was asked. `note` says what was measured how.
    """

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    reach: str = ""
    met: bool | None = None
    note: str = ""


def cells(row: Row) -> tuple[str, ...]:
    """Turn a row into the texts of its columns."""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}" if row.ratio < 10.0 else f"{row.ratio:.0f}"
    met = {True: "yes", False: "NO", None: ""}[row.met]
    return row.what, row.ours, row.peer, ratio, row.reach, met, row.note


def print_table(rows: Sequence[Row]) -> None:
    """Print rows under their heads, columns as wide as they need to be, the note last and unpadded."""
    table = [HEADS, *map(cells, rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEADS) - 1)]
    for number, line in enumerate(table):
        print("  ".join([*(text.ljust(width) for text, width in zip(line, widths, strict=False)), line[-1]]).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in [*widths, len(HEADS[-1])]))


def best_of(rounds: int, *jobs: Callable[[], object]) -> list[float]:
    """Time jobs turn by turn, so that all see the same machine; the best of `rounds` for each, seconds."""
    best = [float("inf")] * len(jobs)
    for _ in range(rounds):
        for i, job in enumerate(jobs):
            start = perf_counter()
            job()
            best[i] = min(best[i], perf_counter() - start)
    return best

"""Moving points and what stands near: moves a second among 100,000, and the nearest few, of all and of some."""

from typing import Final

import numpy as np

from bench.table import Row, best_of, print_table
from geo.nearby import Nearby, nearest

LAKE: Final = ((34.0, -1.0), (36.0, 1.0))
NEAREST: Final = 5


def run(count: int = 100_000, moves: int = 100_000, asks: int = 1_000, rounds: int = 3) -> list[Row]:
    """Measure moves, the nearest five of all, the nearest five of one in fifty, beside looking at all."""
    rng = np.random.default_rng(2026)
    places = [(f"r{i}", x, y) for i, (x, y) in enumerate(rng.uniform(*LAKE, (count, 2)).tolist())]
    index, ambulances = Nearby(places), {f"r{i}" for i in range(0, count, 50)}
    steps = [(f"r{i}", *rng.uniform(*LAKE).tolist()) for i in rng.integers(0, count, moves).tolist()]
    around = rng.uniform((34.2, -0.8), (35.8, 0.8), (asks, 2)).tolist()
    few = around[: max(1, asks // 500)]

    def move() -> None:
        index.move_many(steps)

    def ask() -> None:
        for lon, lat in around:
            index.nearest(lon, lat, NEAREST)

    def ask_some() -> None:
        for lon, lat in around[: max(1, asks // 10)]:
            index.nearest(lon, lat, NEAREST, only=ambulances.__contains__)

    def look() -> None:
        for lon, lat in few:
            nearest(places, lon, lat, NEAREST)

    moving, asking, choosing, looking = best_of(rounds, move, ask, ask_some, look)
    rate = len(steps) / moving
    each = asking / len(around)
    return [
        Row(
            what="moving points",
            ours=f"{rate:,.0f} moves/s",
            reach=">= 20,000/s",
            met=rate >= 20_000.0,
            note=f"among {count:,}, index updated in place",
        ),
        Row(
            what=f"nearest {NEAREST} of {count:,}",
            ours=f"{each * 1e6:.0f} us",
            peer=f"{looking / len(few) * 1e3:.0f} ms",
            ratio=looking / len(few) / each,
            note="great circles; beside measuring to all",
        ),
        Row(
            what=f"nearest {NEAREST} of one in fifty",
            ours=f"{choosing / max(1, asks // 10) * 1e6:.0f} us",
            note="by a filter: only ambulances",
        ),
    ]


if __name__ == "__main__":
    print_table(run())

"""Wards and moving points beside what Tile38 is made of: its R-tree and its geometry, in Go, on the same points.

Tile38 is those two behind a network protocol; here they are called in their own process, so that no hop is counted
against it. They are fetched as Go modules and built once into `.artefacts`; where Go or the modules cannot be had, one
row says so.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.table import Row, best_of, print_table
from bench.wards import DEMO, REAL
from geo.nearby import Nearby
from geo.places import distance_m
from geo.wards import Wards

SOURCE: Final = Path(__file__).parent / "tile38_engine"
BUILT: Final = Path(__file__).parents[1] / ".artefacts" / "tile38_engine"
LAKE: Final = ((34.0, -1.0), (36.0, 1.0))
NEAREST: Final = 5

Array = NDArray[np.float64]


def run(points: int = 1_000_000, moving: int = 100_000, moves: int = 200_000, asks: int = 2_000) -> list[Row]:
    """Measure the ward of many points, moves a second, and the nearest five."""
    engine, trouble = _engine()
    if engine is None:
        return [Row(what="Tile38's engine", ours="", note=f"not measured: {trouble}")]
    rng = np.random.default_rng(2026)
    wards = Wards.load(REAL if REAL.exists() else DEMO)
    shapes = np.array([wards.geometry(ward.row) for ward in wards], dtype=object)
    middles = np.array([(ward.lon, ward.lat) for ward in wards])
    at = middles[rng.integers(0, len(wards), points)] + rng.normal(0.0, 0.02, (points, 2))
    start = rng.uniform(*LAKE, (moving, 2))
    which = rng.integers(0, moving, moves)
    there = np.clip(start[which] + rng.normal(0.0, 0.005, (moves, 2)), *LAKE)
    around = rng.uniform((34.2, -0.8), (35.8, 0.8), (asks, 2))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "wards.geojsonl").write_text("\n".join(shapely.to_geojson(shapes)) + "\n")
        for file, array in (
            ("points.f64", at),
            ("start.f64", start),
            ("moves.f64", np.column_stack([which, there])),
            ("asks.f64", around),
        ):
            (folder / file).write_bytes(np.ascontiguousarray(array, dtype="<f8").tobytes())
        said = json.loads(subprocess.run([engine, folder], check=True, capture_output=True).stdout)
        rows = np.frombuffer((folder / "rows.i64").read_bytes(), dtype="<i8")
        near = np.frombuffer((folder / "nearest.i64").read_bytes(), dtype="<i8").reshape(-1, NEAREST)
    return [_wards(wards, at, rows, said), *_nearby((start, which, there, around), near, said)]


def _engine() -> tuple[Path | None, str]:
    """Build the engine, or find it built; else say why not."""
    go = shutil.which("go")
    if go is None:
        return None, "Go is not here"
    BUILT.parent.mkdir(exist_ok=True)
    build = [go, "build", "-o", str(BUILT), "."]
    made = subprocess.run(build, check=False, cwd=SOURCE, capture_output=True, text=True)
    if made.returncode:
        return None, "its modules cannot be had: " + made.stderr.strip().rpartition("\n")[2][:120]
    return BUILT, ""


def _wards(wards: Wards, at: Array, theirs: NDArray[np.int64], said: dict[str, Any]) -> Row:
    xs, ys = at.T.copy()
    found: list[Any] = [None]

    def ours() -> None:
        found[0] = wards.locate(xs, ys)

    (mine,) = best_of(3, ours)
    n = len(xs)
    return Row(
        what=f"ward of {n:,} points, Tile38's engine",
        ours=f"{n / mine / 1e6:.1f} M/s",
        peer=f"{n / said['points'] / 1e6:.2f} M/s",
        ratio=said["points"] / mine,
        note=f"no network on either side; {int((found[0] != theirs).sum())} answers differ",
    )


def _nearby(made: tuple[Array, NDArray[np.int64], Array, Array], theirs: NDArray[np.int64], said: Any) -> list[Row]:
    start, which, there, around = made
    index = Nearby((str(i), x, y) for i, (x, y) in enumerate(start.tolist()))
    steps = [(str(i), x, y) for i, (x, y) in zip(which.tolist(), there.tolist(), strict=True)]
    asks, found = around.tolist(), list[Any]()

    def move() -> None:
        index.move_many(steps)

    def ask() -> None:
        found[:] = [index.nearest(lon, lat, NEAREST) for lon, lat in asks]

    moving, asking = best_of(3, move, ask)
    now = start.copy()
    now[which] = there  # the last move of each counts
    same = sum(
        abs(near.metres - distance_m(lon, lat, *now[other])) < 1.0
        for (lon, lat), mine, others in zip(asks, found, theirs.tolist(), strict=True)
        for near, other in zip(mine, others, strict=True)
    )
    note = f"among {len(start):,}, Python beside Go, no network on either side"
    return [
        Row(
            what="moves, Tile38's engine",
            ours=f"{len(steps) / moving:,.0f}/s",
            peer=f"{len(steps) / said['moves']:,.0f}/s",
            ratio=said["moves"] / moving,
            note=note,
        ),
        Row(
            what="nearest five, Tile38's engine",
            ours=f"{asking / len(asks) * 1e6:.0f} us",
            peer=f"{said['nearest'] / len(asks) * 1e6:.0f} us",
            ratio=said["nearest"] / asking,
            note=f"{note}; {same / theirs.size:.1%} at the same distance to a metre",
        ),
    ]


if __name__ == "__main__":
    print_table(run())

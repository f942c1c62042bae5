"""The ward index beside geopandas.sjoin and shapely's STRtree, on the same points in the same run."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from bench.table import Row, best_of, print_table
from geo.wards import Wards

ROOT: Final = Path(__file__).parents[1]
REAL: Final = ROOT.parent / "shared" / "data" / "kenya_wards.fgb"
DEMO: Final = ROOT / "fixtures" / "demo" / "wards.geojson"

Positions = tuple[NDArray[np.float64], NDArray[np.float64]]


def run(points: int = 1_000_000, rounds: int = 5) -> list[Row]:
    """Measure loading, locating many and one, and the whole answer at a border."""
    path = REAL if REAL.exists() else DEMO
    wards, rows = _loading(path)
    rng = np.random.default_rng(2026)
    west, south, east, north = shapely.total_bounds(np.array([wards.geometry(w.row) for w in wards], dtype=object))
    spread = rng.uniform((west, south), (east, north), (points, 2)).T.copy()
    middles = np.array([(w.lon, w.lat) for w in wards])
    dense = (middles[rng.integers(0, len(wards), points)] + rng.normal(0.0, 0.02, (points, 2))).T.copy()
    for name, (xs, ys) in (("all over the box", spread), ("around ward centres", dense)):
        rows += _many(wards, name, (xs, ys), path, rounds)
        rows += _one(wards, name, (xs[:20_000], ys[:20_000]), rounds)
    return rows + _border(wards, (dense[0][:20_000], dense[1][:20_000]), rounds)


def _loading(path: Path) -> tuple[Wards, list[Row]]:
    wards = Wards.load(path)  # the first load also imports geopandas
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "wards"
        wards.save(saved)
        anew, again = best_of(3, lambda: Wards.load(path), lambda: Wards.load(saved))
        megabytes, grown = saved.stat().st_size / 1e6, _grown(saved)
    note = f"{path.name}, {len(wards)} wards, version {wards.version}"
    return wards, [
        Row(what="index built from the file", ours=f"{anew:.2f} s", reach="< 2 s", met=anew < 2.0, note=note),
        Row(
            what="index from its own file",
            ours=f"{again * 1e3:.0f} ms",
            reach="< 100 ms",
            met=again < 0.1,
            note=f"{megabytes:.0f} MB on disk; the process grows by {grown:.0f} MB, shapes included",
        ),
    ]


def _grown(saved: Path) -> float:
    """Measure by how many megabytes a process grows that loads the index."""
    code = (
        "import sys; from geo.wards import Wards\n"
        "def pages(): return int(open('/proc/self/statm').read().split()[1])\n"
        "before = pages(); wards = Wards.load(sys.argv[1]); print(pages() - before)"
    )
    said = subprocess.run([sys.executable, "-c", code, saved], check=True, capture_output=True, cwd=ROOT)
    return int(said.stdout) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _many(wards: Wards, name: str, at: Positions, path: Path, rounds: int) -> list[Row]:
    frame = geopandas.read_file(path)
    dots = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*at), crs=4326)
    found: list[Any] = [None, None]

    def ours() -> None:
        found[0] = wards.locate(*at)

    def sjoin() -> None:
        found[1] = geopandas.sjoin(dots, frame, predicate="intersects")

    mine, theirs = best_of(rounds, ours, sjoin)
    joined = found[1]
    lowest = joined.groupby(joined.index)["index_right"].min().reindex(range(len(dots)), fill_value=-1).to_numpy()
    assert (lowest == found[0]).all(), "the index and geopandas differ"
    n = len(dots)
    return [
        Row(
            what=f"ward of {n:,} points",
            ours=f"{n / mine / 1e6:.1f} M/s",
            peer=f"{n / theirs / 1e6:.2f} M/s",
            ratio=theirs / mine,
            reach=">= 20",
            met=theirs / mine >= 20.0,
            note=f"geopandas.sjoin on ready points, {name}; every answer equal",
        )
    ]


def _one(wards: Wards, name: str, at: Positions, rounds: int) -> list[Row]:
    shapes = np.array([wards.geometry(w.row) for w in wards], dtype=object)
    tree, pairs = shapely.STRtree(shapes), list(zip(*(v.tolist() for v in at), strict=True))
    dots = [shapely.Point(lon, lat) for lon, lat in pairs]
    locate, query, point, n = wards.locate, tree.query, shapely.Point, len(dots)

    def ours() -> None:
        for lon, lat in pairs:
            locate(lon, lat)

    def theirs() -> None:
        for lon, lat in pairs:
            query(point(lon, lat), predicate="intersects")

    def ready() -> None:
        for dot in dots:
            query(dot, predicate="intersects")

    mine, peer, bare = best_of(rounds, ours, theirs, ready)
    return [
        Row(
            what="ward of one point",
            ours=f"{mine / n * 1e6:.2f} us",
            peer=f"{peer / n * 1e6:.2f} us",
            ratio=peer / mine,
            reach=">= 10",
            met=peer / mine >= 10.0,
            note=f"STRtree.query from two numbers, exact, {name} ({bare / mine:.1f} x on a ready Point)",
        )
    ]


def _border(wards: Wards, at: Positions, rounds: int) -> list[Row]:
    pairs = list(zip(*(v.tolist() for v in at), strict=True))
    some = pairs[: len(pairs) // 4]

    def one() -> None:
        for lon, lat in some:
            wards.at(lon, lat)

    def many() -> None:
        wards.at_many(*at)

    single, table = best_of(rounds, one, many)
    near = sum(len(found.candidates) > 1 for found in wards.at_many(*at)) / len(pairs)
    note = f"{near:.0%} have another ward within 500 m"
    return [
        Row(what="ward, edge, candidates, confidence", ours=f"{single / len(some) * 1e6:.0f} us", note=f"one; {note}"),
        Row(
            what="the same of a table",
            ours=f"{table / len(pairs) * 1e6:.1f} us",
            ratio=single / len(some) / (table / len(pairs)),
            note=f"{len(pairs):,} in {table:.2f} s; ratio against one by one",
        ),
    ]


if __name__ == "__main__":
    print_table(run())

"""The ward index beside geopandas.sjoin and shapely's STRtree, on the same points in the same run."""

import csv
import json
import tempfile
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from bench.table import Row, best_of, print_table
from geo.gazetteer import Gazetteer, Place
from geo.nearby import Nearby
from geo.wards import Wards

ROOT: Final = Path(__file__).parents[1]
REAL: Final = ROOT.parent / "shared" / "data" / "kenya_wards.fgb"
DEMO: Final = ROOT / "fixtures" / "demo" / "wards.geojson"

Positions = tuple[NDArray[np.float64], NDArray[np.float64]]


def run(points: int = 1_000_000, rounds: int = 5) -> list[Row]:
    """Measure loading, locating many and one, the border answer, words, and moving points."""
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
    rows += _border(wards, (dense[0][:5_000], dense[1][:5_000]), rounds)
    return rows + _words(wards, rounds) + _moves(rng, rounds)


def _loading(path: Path) -> tuple[Wards, list[Row]]:
    wards = Wards.load(path)  # the first load also imports geopandas
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "wards"
        wards.save(saved)
        anew, again = best_of(3, lambda: Wards.load(path), lambda: Wards.load(saved))
        megabytes = saved.stat().st_size / 1e6
    note = f"{path.name}, {len(wards)} wards, version {wards.version}"
    return wards, [
        Row(what="index built from the file", ours=f"{anew:.2f} s", reach="< 2 s", met=anew < 2.0, note=note),
        Row(
            what="index from its own file",
            ours=f"{again * 1e3:.0f} ms",
            reach="< 100 ms",
            met=again < 0.1,
            note=f"{megabytes:.0f} MB on disk and as much in memory, besides the shapes",
        ),
    ]


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

    def ours() -> None:
        for lon, lat in pairs:
            wards.at(lon, lat)

    (mine,) = best_of(rounds, ours)
    rate = len(pairs) / mine
    return [
        Row(
            what="ward, edge, candidates, confidence",
            ours=f"{mine / len(pairs) * 1e6:.0f} us",
            note=f"{rate:,.0f} a second",
        )
    ]


def _words(wards: Wards, rounds: int) -> list[Row]:
    demo = ROOT / "fixtures" / "demo" / "places.csv"
    with demo.open(newline="", encoding="utf-8") as file:
        places = [
            Place(
                name=row["name"],
                alternatives=tuple(filter(None, row["alternatives"].split(";"))),
                kind=row["kind"],
                lon=float(row["lon"]),
                lat=float(row["lat"]),
                ward=row["ward_code"],
            )
            for row in csv.DictReader(file)
        ]
    gazetteer = Gazetteer(wards, places)
    files = sorted((ROOT / "fixtures" / "sms").glob("*.jsonl"))
    texts = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]

    def ours() -> None:
        for text in texts:
            gazetteer.resolve(text["text"])

    (mine,) = best_of(rounds, ours)
    rate = len(texts) / mine
    known = [(text["ward"], gazetteer.resolve(text["text"])) for text in texts if text["ward"] is not None]
    top1 = sum(ward == found.candidates[0].path for ward, found in known if found.candidates) / len(known)
    top3 = sum(ward in [c.path for c in found.candidates[:3]] for ward, found in known) / len(known)
    asserted = [(ward, found) for ward, found in known if found.asserted]
    wrong = sum(ward != found.candidates[0].path for ward, found in asserted) / max(1, len(asserted))
    return [
        Row(
            what="words to ward",
            ours=f"{rate:,.0f} texts/s",
            reach=">= 1,000 texts/s",
            met=rate >= 1000.0,
            note=f"{len(texts)} demo texts; {len(places)} places",
        ),
        Row(
            what="words to ward, right",
            ours=f"top-1 {top1:.1%}, top-3 {top3:.1%}",
            reach=">= 80 %, 93 %",
            met=top1 >= 0.80 and top3 >= 0.93,
            note=f"demo texts, composed by us; {len(asserted) / len(known):.0%} asserted, {wrong:.1%} of them wrong",
        ),
    ]


def _moves(rng: np.random.Generator, rounds: int, count: int = 100_000) -> list[Row]:
    index = Nearby(
        (f"r{i}", x, y) for i, (x, y) in enumerate(rng.uniform((34.0, -1.0), (36.0, 1.0), (count, 2)).tolist())
    )
    steps = [
        (f"r{i}", *rng.uniform((34.0, -1.0), (36.0, 1.0)).tolist()) for i in rng.integers(0, count, 20_000).tolist()
    ]
    asks = rng.uniform((34.2, -0.8), (35.8, 0.8), (500, 2)).tolist()

    def move() -> None:
        for name, lon, lat in steps:
            index.move(name, lon, lat)

    def ask() -> None:
        for lon, lat in asks:
            index.nearest(lon, lat, 5)

    moving, asking = best_of(rounds, move, ask)
    rate = len(steps) / moving
    note = f"among {count:,}; the nearest five in {asking / len(asks) * 1e6:.0f} us"
    return [
        Row(what="moving points", ours=f"{rate:,.0f} moves/s", reach=">= 20,000/s", met=rate >= 20_000.0, note=note)
    ]


if __name__ == "__main__":
    print_table(run())

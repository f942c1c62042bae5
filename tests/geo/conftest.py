"""Boundary files made for the tests: nothing here rests on data that is elsewhere."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.boundaries import Boundaries, version_of
from geo.labels import settle
from geo.wards import Wards

REAL = Path(__file__).parents[3] / "shared" / "data" / "kenya_wards.fgb"


def feature(
    shape: Any, ward: str, code: str, constituency: str = "Kisumu Central", constituency_code: str = "240"
) -> Any:
    return {
        "type": "Feature",
        "properties": {
            "ward": ward,
            "ward_code": code,
            "constituency": constituency,
            "constituency_code": constituency_code,
            "county": "Kisumu",
            "county_code": "042",
        },
        "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
    }


@pytest.fixture(scope="session")
def make_feature() -> Callable[..., Any]:
    return feature


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a GeoJSON file of features, with what else stands at its top."""

    def to_file(features: Sequence[Any], name: str = "wards.geojson", **top: Any) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", **top, "features": list(features)}))
        return path

    return to_file


@pytest.fixture(scope="session")
def wards_of() -> Callable[[Sequence[Any]], Wards]:
    """Index shapes as wards without a file."""

    def build(shapes: Sequence[Any]) -> Wards:
        geometries = np.empty(len(shapes), dtype=object)
        geometries[:] = shapes
        columns, _ = settle(
            {
                "ward": [f"Ward {i}" for i in range(len(shapes))],
                "county_code": ["042"] * len(shapes),
                "county": ["Kisumu"] * len(shapes),
                "constituency_code": ["240"] * len(shapes),
                "ward_code": [str(1 + i) for i in range(len(shapes))],
            }
        )
        return Wards(Boundaries(geometries=geometries, columns=columns, version=version_of(geometries, columns)))

    return build


@pytest.fixture(scope="session")
def by_shapely() -> Callable[[Sequence[Any], Any, Any], NDArray[np.int64]]:
    """Answer as shapely does: every polygon asked about every position, the lowest row wins."""

    def answer(shapes: Sequence[Any], xs: Any, ys: Any) -> NDArray[np.int64]:
        out = np.full(len(xs), -1, dtype=np.int64)
        for row in reversed(range(len(shapes))):
            out[shapely.intersects_xy(shapes[row], xs, ys)] = row
        return out

    return answer


@pytest.fixture(scope="session")
def real_wards() -> Wards:
    if not REAL.exists():
        pytest.skip("the real boundaries are not on this machine")
    return Wards.load(REAL)

"""Wards as small as JSON allows: rings of delta-coded integers, simplified without gaps between neighbours."""

from typing import Any

import numpy as np
import shapely

from geo.wards import Wards

SCALE = 10_000
"""Integers per degree: 1 is about 11 metres."""


def compact(wards: Wards, tolerance_deg: float) -> dict[str, Any]:
    """Give the wards as `{version, scale, wards: [{path, name, constituency, county, rings}]}`.

    A ring is `[lon, lat, dlon, dlat, ...]` in units of 1/scale degrees, the first pair absolute, the rest differences;
    it is closed by its first point. Rings of a ward go together by the even-odd rule, so holes need no mark.
    """
    shapes = [wards.geometry(row) for row in range(len(wards))]
    if tolerance_deg:
        shapes = list(shapely.coverage_simplify(shapes, tolerance_deg))
    rows = []
    for row, shape in enumerate(shapes):
        ward = wards.ward(row)
        rings = [_deltas(ring) for ring in _rings(shape)]
        rows.append(
            {
                "path": ward.path,
                "name": ward.name,
                "constituency": ward.constituency,
                "county": ward.county,
                "rings": [ring for ring in rings if len(ring) >= 6],
            }
        )
    return {"version": wards.version, "approximate": wards.approximate, "scale": SCALE, "wards": rows}


def _rings(shape: Any) -> list[Any]:
    return [ring for part in shapely.get_parts(shape) for ring in shapely.get_rings(part)]


def _deltas(ring: Any) -> list[int]:
    points = np.rint(shapely.get_coordinates(ring)[:-1] * SCALE).astype(int)
    kept = points[np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]]
    return [int(n) for n in np.vstack([kept[:1], np.diff(kept, axis=0)]).ravel()]

"""Boundaries as GeoJSON under our own column names: what is kept of an imported file, whatever its format was. Pure.

`geo.boundaries` reads it back to the same version.
"""

from typing import Any

import msgspec
import shapely

from geo.boundaries import Boundaries
from geo.labels import COLUMNS
from geo.ward_codes import SCHEMES


def collection(source: Boundaries) -> dict[str, Any]:
    """Make a FeatureCollection of all wards, with what the file said of itself at the top."""
    columns = {name: source.columns[name] for name in COLUMNS}
    columns |= {SCHEMES[scheme]: codes for scheme, codes in source.codes.items()}
    rows = zip(*columns.values(), strict=True)
    return {
        "type": "FeatureCollection",
        **source.about,
        "approximation": source.approximate,
        "version": source.version,
        "features": [
            {
                "type": "Feature",
                "properties": dict(zip(columns, row, strict=True)),
                "geometry": None if text is None else msgspec.Raw(text.encode()),
            }
            for row, text in zip(rows, shapely.to_geojson(source.geometries), strict=True)
        ],
    }

"""Boundary files: any OGR file becomes checked arrays in WGS 84, once. I/O.

Next on the road: `geo.wards.Wards`, which answers positions from these arrays.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.places import Rejected

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "ward": ("ward", "ward_name", "wardname", "name_3", "adm3_en", "caw_name", "name"),
    "ward_code": ("ward_code", "wardcode", "ward_id", "caw_code", "code"),
    "constituency": ("constituency", "constituency_name", "const_name", "subcounty", "sub_county", "name_2", "adm2_en"),
    "constituency_code": ("constituency_code", "const_code", "subcounty_code", "sub_county_code"),
    "county": ("county", "county_name", "countyname", "name_1", "adm1_en"),
    "county_code": ("county_code", "countycode", "county_id"),
}
"""Our columns and the usual spellings of each, compared without case, spaces, dots or dashes."""


class Boundaries(msgspec.Struct, frozen=True, kw_only=True):
    """Ward polygons and their labels, rows in the file's own order, WGS 84 degrees, longitude first.

    `geometries` is an array of shapely polygons; each column has one text a row ("" when unknown).
    `version` is a short SHA-256 of shapes and labels; `about` holds what the file says of itself.
    """

    geometries: NDArray[np.object_]
    columns: Mapping[str, tuple[str, ...]]
    version: str
    about: Mapping[str, str | bool]


def recognise(fields: list[str], columns: Mapping[str, str] | None) -> dict[str, str]:
    """Say which of the file's `fields` is which of our columns; `columns` (ours to theirs) goes first."""
    plain = {"".join(c for c in f.lower() if c.isalnum()): f for f in reversed(fields)}
    found: dict[str, str] = {}
    for ours, spellings in COLUMNS.items():
        for spelling in spellings:
            field = plain.get(spelling.replace("_", ""))
            if field is not None and field not in found.values():
                found[ours] = field
                break
    for ours, theirs in (columns or {}).items():
        if ours not in COLUMNS:
            raise Rejected("boundaries-unknown-column", f"no column {ours!r}; ours are {', '.join(COLUMNS)}")
        if theirs not in fields:
            raise Rejected("boundaries-unknown-column", f"no column {theirs!r} in the file: {', '.join(fields)}")
        found[ours] = theirs
    if "ward" not in found:
        raise Rejected("boundaries-no-names", f"no column holds ward names; the file has {', '.join(fields)}")
    return found


def _top_level(path: Path) -> dict[str, str | bool]:
    if path.suffix.lower() not in (".geojson", ".json"):
        return {}
    whole: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    inner = whole.get("properties")
    both = {**(inner if isinstance(inner, dict) else {}), **whole}
    return {k: v for k, v in both.items() if isinstance(v, (str, bool)) and k != "type"}


def read(path: str | Path, columns: Mapping[str, str] | None = None) -> Boundaries:
    """Read a boundary file of any OGR format and CRS.

    Rejected `boundaries-unreadable`, `boundaries-no-crs`, `boundaries-no-names`, `boundaries-unknown-column`.
    """
    import pyogrio  # here, as it costs a second that a start from the cache need not pay

    try:
        frame = pyogrio.read_dataframe(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError) as fault:
        raise Rejected("boundaries-unreadable", str(fault)) from fault
    if frame.crs is None:
        raise Rejected("boundaries-no-crs", "the file does not say its coordinate reference system")
    frame = frame.to_crs(4326)
    names = recognise([c for c in frame.columns if c != frame.geometry.name], columns)
    labels = {
        ours: tuple("" if v is None or v != v else str(v).strip() for v in frame[names[ours]])
        if ours in names
        else ("",) * len(frame)
        for ours in COLUMNS
    }
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    digest = hashlib.sha256(msgspec.json.encode(labels))
    for wkb in shapely.to_wkb(shapes):
        digest.update(wkb or b"-")
    return Boundaries(
        geometries=shapes, columns=labels, version=digest.hexdigest()[:12], about=_top_level(Path(path))
    )

"""Boundary files: any OGR file becomes checked arrays in WGS 84, once. I/O.

Next on the road: `geo.wards`, which answers positions from these arrays; `geo.survey` reports overlaps and gaps.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo import ogr_files
from geo.labels import COLUMNS, Finding, Level, recognise, settle, tidied
from geo.measure import m2
from geo.places import KENYA_BOX, Rejected
from geo.rings import polygons_in
from geo.ward_codes import codes_of

CODES: Final = ogr_files.Codes(
    purpose="boundaries",
    unreadable="boundaries-unreadable",
    too_large="boundaries-too-large",
    nothing="boundaries-no-areas",
    many_layers="boundaries-many-layers",
    no_crs="boundaries-no-crs",
    wrong_crs="boundaries-wrong-crs",
)
AREAS: Final = (("Polygon", "Unknown"),)
"""What a layer of areas may hold, in OGR's names."""
MAX_FEATURES: Final = 100_000
REPAIR_SHARE: Final = 0.01
"""A repair that changes a ward's area by more than this share is an error to look at, not a repair to rely on."""


class Boundaries(msgspec.Struct, frozen=True, kw_only=True):
    """Ward polygons and their labels, rows in the file's own order.

    `geometries`: valid shapely polygons or multipolygons, WGS 84 degrees, longitude first; None where a row has no
    usable area. `columns`: one text a row for each of `geo.labels.COLUMNS`. `version`: the first 12 hex digits of the
    SHA-256 of shapes and labels, the same whatever the file's format. `about`: what the file says of itself.
    `codes`: by scheme (`geo.ward_codes.SCHEMES`), one code a row, "" where a ward has none there.
    """

    geometries: NDArray[np.object_]
    columns: Mapping[str, tuple[str, ...]]
    version: str
    approximate: bool = False
    about: Mapping[str, str] = {}
    findings: tuple[Finding, ...] = ()
    codes: Mapping[str, tuple[str, ...]] = {}


def read(
    path: str | Path, columns: Mapping[str, str] | None = None, *, crs: str | None = None, layer: str | None = None
) -> Boundaries:
    """Read ward boundaries from GeoJSON, GeoPackage, FlatGeobuf, Shapefile (also zipped) or what else OGR reads.

    `columns` maps our column names to the file's; `crs` (such as "EPSG:21036") is for files that do not say theirs.
    Any CRS becomes WGS 84; repairs are listed in `findings`. Rejected: `boundaries-unreadable`, `-too-large`,
    `-no-crs`, `-wrong-crs`, `-no-areas`, `-no-names`, `-unknown-column`, `-many-layers`.
    """
    found = ogr_files.read_layer(Path(path), CODES, AREAS, layer=layer, most=MAX_FEATURES)
    frame, about = found.frame, found.about
    findings = [Finding(kind="reader", level="note", detail=text) for text in found.warnings]
    if not hasattr(frame, "geometry") or not len(frame):
        raise Rejected("boundaries-no-areas", f"{Path(path).name} holds no features with areas")
    shapes = ogr_files.to_wgs84(frame.geometry, crs, CODES)
    fields = recognise([str(c) for c in frame.columns if c != frame.geometry.name], columns)
    labels, forms = tidied({ours: frame[theirs].tolist() for ours, theirs in fields.items()})
    settled, doubts = settle({ours: texts for ours, texts in labels.items() if ours in COLUMNS})
    codes = codes_of(labels)
    shapes, repairs = _mend(shapes)
    marked = "approximation" in frame and all(ogr_files.yes(v) for v in frame["approximation"].tolist())
    return Boundaries(
        geometries=shapes,
        columns=settled,
        version=version_of(shapes, settled, codes),
        approximate=marked or ogr_files.yes(about.pop("approximation", "")),
        about=about,
        findings=(*findings, *repairs, *forms, *doubts),
        codes=codes,
    )


def with_codes(
    source: Boundaries, codes: Mapping[str, tuple[str, ...]], findings: Sequence[Finding] = ()
) -> Boundaries:
    """Give boundaries other codes, by which they become another version."""
    version = version_of(source.geometries, source.columns, codes)
    return msgspec.structs.replace(source, codes=codes, version=version, findings=(*source.findings, *findings))


def version_of(
    shapes: NDArray[np.object_],
    columns: Mapping[str, tuple[str, ...]],
    codes: Mapping[str, tuple[str, ...]] | None = None,
) -> str:
    """Derive a boundary version from what it says: 12 hex digits of SHA-256."""
    digest = hashlib.sha256(msgspec.json.encode([columns[c] for c in COLUMNS]))
    if codes:  # without any, the version is what it was before codes were known
        digest.update(msgspec.json.encode(sorted(codes.items())))
    for wkb in shapely.to_wkb(shapes, byte_order=1):
        digest.update(wkb or b"-")
    return digest.hexdigest()[:12]


def _mend(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], list[Finding]]:
    """Leave valid polygons only; say what was changed and by how much."""
    shapes, findings = shapes.copy(), []
    xy, at = shapely.get_coordinates(shapes, return_index=True)
    for row in np.unique(at[~np.isfinite(xy).all(axis=1)]).tolist():
        shapes[row] = None
        findings.append(Finding(kind="not-finite", level="error", detail="a position is no number", rows=(row,)))
    xy = shapely.get_coordinates(shapes)
    if len(xy) and (np.abs(xy) > (180.0, 90.0)).any():
        raise Rejected("boundaries-wrong-crs", f"positions reach {np.abs(xy).max():.6g}: these are not degrees")
    west, south, east, north = KENYA_BOX
    x, y = xy.T
    if len(xy) and not ((x >= west) & (x <= east) & (y >= south) & (y <= north)).any():
        if ((y >= west) & (y <= east) & (x >= south) & (x <= north)).all():
            shapes = shapely.transform(shapes, lambda c: c[:, ::-1])
            text = "every position had latitude before longitude; exchanged, as only that lies in Kenya"
            findings.append(Finding(kind="swapped-axes", level="repaired", detail=text))
        else:
            findings.append(Finding(kind="outside-kenya", level="warning", detail="no position lies in Kenya"))
    for row, shape in enumerate(shapes):
        areas = polygons_in(shape)
        if not areas:
            shapes[row] = None
            findings.append(Finding(kind="no-area", level="error", detail="the row has no area", rows=(row,)))
        elif not shape.is_valid:
            shapes[row] = _valid(areas)
            before, after = sum(a.area for a in areas), shapes[row].area
            share = abs(after - before) / max(after, before, 1e-300)
            text = f"{shapely.is_valid_reason(shape)}; repaired, which changed its area by {share:.2%}"
            level: Level = "error" if share > REPAIR_SHARE else "repaired"
            metres = m2(shapes[row])
            if shapes[row].is_empty:
                shapes[row] = None
            findings.append(Finding(kind="invalid", level=level, detail=text, rows=(row,), area_m2=metres, shape=shape))
        elif shape.geom_type not in ("Polygon", "MultiPolygon"):
            shapes[row] = shapely.union_all(areas)
            text = f"a {shape.geom_type} of which only the areas were kept"
            findings.append(Finding(kind="not-only-areas", level="repaired", detail=text, rows=(row,)))
    if all(shape is None for shape in shapes):
        raise Rejected("boundaries-no-areas", "no row has an area")
    return shapes, findings


def _valid(areas: list[Any]) -> Any:
    """Join polygons after repairing each; an empty area where GEOS cannot repair."""
    try:
        mended = [part for a in areas for part in polygons_in(shapely.make_valid(a, method="structure"))]
        return shapely.union_all(mended)
    except shapely.GEOSException:
        return shapely.Polygon()

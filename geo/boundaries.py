"""Boundary files: any OGR file becomes checked arrays in WGS 84, once. I/O.

Next on the road: `geo.wards`, which answers positions from these arrays; `geo.survey` reports overlaps and gaps.
"""

import hashlib
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.labels import COLUMNS, Finding, Level, recognise, settle, text_of
from geo.places import KENYA_BOX, Rejected, metres_per_degree

MAX_BYTES: Final = 512 << 20
"""Largest file, and largest content of a zip, that is opened."""
MAX_RATIO: Final = 200
"""Largest ratio of content to size in a zip; shapefiles of real boundaries stay under 20."""
MAX_MEMBERS: Final = 1000
MAX_FEATURES: Final = 100_000
MAX_POSITIONS: Final = 20_000_000
REPAIR_SHARE: Final = 0.01
"""A repair that changes a ward's area by more than this share is an error to look at, not a repair to rely on."""

_INNER: Final = (".shp", ".gpkg", ".geojson", ".json", ".fgb")
_ABOUT: Final = ("name", "title", "label", "description", "source", "attribution", "licence", "license", "valid_from")


class Boundaries(msgspec.Struct, frozen=True, kw_only=True):
    """Ward polygons and their labels, rows in the file's own order.

    `geometries`: valid shapely polygons or multipolygons, WGS 84 degrees, longitude first; None where a row has no
    usable area. `columns`: one text a row for each of `geo.labels.COLUMNS`. `version`: the first 12 hex digits of the
    SHA-256 of shapes and labels, the same whatever the file's format. `about`: what the file says of itself.
    """

    geometries: NDArray[np.object_]
    columns: Mapping[str, tuple[str, ...]]
    version: str
    approximate: bool = False
    about: Mapping[str, str] = {}
    findings: tuple[Finding, ...] = ()


class _Top(msgspec.Struct):
    """What may stand beside the features of a GeoJSON file; all else is skipped unread."""

    approximation: Any = None
    approximate: Any = None
    name: Any = None
    title: Any = None
    label: Any = None
    description: Any = None
    source: Any = None
    attribution: Any = None
    licence: Any = None
    license: Any = None
    valid_from: Any = None
    properties: Any = None
    metadata: Any = None


def read(
    path: str | Path, columns: Mapping[str, str] | None = None, *, crs: str | None = None, layer: str | None = None
) -> Boundaries:
    """Read ward boundaries from GeoJSON, GeoPackage, FlatGeobuf, Shapefile (also zipped) or what else OGR reads.

    `columns` maps our column names to the file's; `crs` (such as "EPSG:21036") is for files that do not say theirs.
    Any CRS becomes WGS 84; repairs are listed in `findings`. Rejected: `boundaries-unreadable`, `-too-large`,
    `-no-crs`, `-wrong-crs`, `-no-areas`, `-no-names`, `-unknown-column`, `-many-layers`.
    """
    import pyogrio  # here, as it costs a second that a start from a saved index need not pay

    source = _openable(Path(path))
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            chosen = _layer(pyogrio.list_layers(source), layer)
            info = pyogrio.read_info(source, layer=chosen)
            if info["features"] > MAX_FEATURES:
                raise Rejected("boundaries-too-large", f"{info['features']} features; {MAX_FEATURES} are read at most")
            frame = pyogrio.read_dataframe(source, layer=chosen, on_invalid="warn")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as fault:
        if isinstance(fault, Rejected):
            raise
        raise Rejected("boundaries-unreadable", f"{Path(path).name}: {fault}") from fault
    findings = [Finding(kind="reader", level="note", detail=str(w.message)) for w in said]
    if not hasattr(frame, "geometry") or not len(frame):
        raise Rejected("boundaries-no-areas", f"{Path(path).name} holds no features with areas")
    shapes = _to_wgs84(frame.geometry, crs)
    fields = recognise([str(c) for c in frame.columns if c != frame.geometry.name], columns)
    labels = {ours: [text_of(v) for v in frame[theirs].tolist()] for ours, theirs in fields.items()}
    settled, doubts = settle(labels)
    shapes, repairs = _mend(shapes)
    marked = "approximation" in frame and all(_yes(v) for v in frame["approximation"].tolist())
    about = _about(Path(path), info)
    return Boundaries(
        geometries=shapes,
        columns=settled,
        version=version_of(shapes, settled),
        approximate=marked or _yes(about.pop("approximation", "")),
        about=about,
        findings=(*findings, *repairs, *doubts),
    )


def version_of(shapes: NDArray[np.object_], columns: Mapping[str, tuple[str, ...]]) -> str:
    """Derive a boundary version from what it says: 12 hex digits of SHA-256."""
    digest = hashlib.sha256(msgspec.json.encode([columns[c] for c in COLUMNS]))
    for wkb in shapely.to_wkb(shapes, byte_order=1):
        digest.update(wkb or b"-")
    return digest.hexdigest()[:12]


def _openable(path: Path) -> str:
    if not path.is_file():
        raise Rejected("boundaries-unreadable", f"no file {path.name!r}")
    if path.stat().st_size > MAX_BYTES:
        raise Rejected("boundaries-too-large", f"{path.name} is larger than {MAX_BYTES >> 20} MB")
    with path.open("rb") as file:
        head = file.read(4096)
    if b"<OGR" in head or b"<GDAL" in head:
        # Such a file only points to other files or servers, which is for whoever wrote it to decide, not for us.
        raise Rejected("boundaries-unreadable", f"{path.name} only refers to data elsewhere; give the data itself")
    if not head.startswith(b"PK"):
        return str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as fault:
        raise Rejected("boundaries-unreadable", f"{path.name}: {fault}") from fault
    content = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or content > min(MAX_BYTES, MAX_RATIO * max(path.stat().st_size, 1)):
        raise Rejected("boundaries-too-large", f"{path.name} unpacks to {len(members)} files, {content >> 20} MB")
    inner = [
        m.filename
        for m in members
        if PurePosixPath(m.filename).suffix.lower() in _INNER and "__MACOSX" not in m.filename
    ]
    if len(inner) != 1 or ".." in PurePosixPath(inner[0]).parts:
        found = ", ".join(inner[:5]) or "none"
        raise Rejected("boundaries-unreadable", f"{path.name} must hold one boundary file, it has: {found}")
    return f"/vsizip/{{{path}}}/{inner[0]}"


def _layer(layers: NDArray[np.object_], wanted: str | None) -> str:
    names = [str(name) for name, _ in layers]
    areas = [str(name) for name, kind in layers if kind is not None and ("Polygon" in kind or kind == "Unknown")]
    if wanted is not None:
        if wanted not in names:
            raise Rejected("boundaries-many-layers", f"no layer {wanted!r}; there are: {', '.join(names)}")
        return wanted
    if not areas:
        raise Rejected("boundaries-no-areas", f"no layer holds areas; there are: {', '.join(names) or 'none'}")
    if len(areas) > 1:
        raise Rejected("boundaries-many-layers", f"say which layer to read: {', '.join(areas)}")
    return areas[0]


def _to_wgs84(series: Any, told: str | None) -> NDArray[np.object_]:
    import pyproj.exceptions  # here for the reason given in `read`

    try:
        if series.crs is None and told is not None:
            series = series.set_crs(told)
        if series.crs is None:
            raise Rejected("boundaries-no-crs", "the file does not say its coordinate reference system; name it")
        shapes = np.asarray(shapely.force_2d(series.to_crs(4326).to_numpy()), dtype=object)
    except pyproj.exceptions.ProjError as fault:
        raise Rejected("boundaries-wrong-crs", f"cannot bring the file to WGS 84: {fault}") from fault
    if shapely.get_num_coordinates(shapes).sum() > MAX_POSITIONS:
        raise Rejected("boundaries-too-large", f"more than {MAX_POSITIONS} positions")
    return shapes


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
        areas = _areas(shape)
        if not areas:
            shapes[row] = None
            findings.append(Finding(kind="no-area", level="error", detail="the row has no area", rows=(row,)))
        elif not shape.is_valid:
            shapes[row] = _valid(areas)
            before, after = sum(a.area for a in areas), shapes[row].area
            share = abs(after - before) / max(after, before, 1e-300)
            text = f"{shapely.is_valid_reason(shape)}; repaired, which changed its area by {share:.2%}"
            level: Level = "error" if share > REPAIR_SHARE else "repaired"
            metres = area_m2(shapes[row])
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


def _areas(shape: Any) -> list[Any]:
    """List the polygons in a geometry, however deep they stand."""
    if shape is None or shape.is_empty:
        return []
    if shape.geom_type == "Polygon":
        return [shape]
    return [area for part in getattr(shape, "geoms", ()) for area in _areas(part)]


def _valid(areas: list[Any]) -> Any:
    """Join polygons after repairing each; an empty area where GEOS cannot repair."""
    try:
        mended = [part for a in areas for part in _areas(shapely.make_valid(a, method="structure"))]
        return shapely.union_all(mended)
    except shapely.GEOSException:
        return shapely.Polygon()


def area_m2(shape: Any) -> float:
    """Measure an area in square metres, scaled at its middle latitude (within 0.5 % for a ward in Kenya)."""
    if shape.is_empty:
        return 0.0
    kx, ky = metres_per_degree((shape.bounds[1] + shape.bounds[3]) / 2.0)
    return float(shape.area) * kx * ky


def _yes(value: object) -> bool:
    return value is True or str(value).strip().lower() in ("true", "yes", "1")


def _about(path: Path, info: Mapping[str, Any]) -> dict[str, str]:
    said: dict[str, Any] = {**(info.get("dataset_metadata") or {}), **(info.get("layer_metadata") or {})}
    if path.suffix.lower() in (".geojson", ".json"):
        try:
            top = msgspec.json.decode(path.read_bytes(), type=_Top)
        except (msgspec.DecodeError, UnicodeDecodeError):
            top = _Top()  # OGR has read it, so the features are sound; only what it says of itself is lost
        for inner in (top.properties, top.metadata, msgspec.structs.asdict(top)):
            said |= {str(k).lower(): v for k, v in inner.items() if v is not None} if isinstance(inner, dict) else {}
    said = {str(k).lower(): v for k, v in said.items()}
    about = {key: str(said[key])[:500] for key in _ABOUT if isinstance(said.get(key), (str, int, float))}
    if _yes(said.get("approximation")) or _yes(said.get("approximate")):
        about["approximation"] = "true"
    return about

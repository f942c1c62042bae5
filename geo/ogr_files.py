"""Files for OGR: which may be opened, which layer of one is meant, what it says of itself, all in WGS 84. I/O.

Next on the road: `geo.boundaries` takes areas from here, `geo.place_files` named places.
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.places import Rejected

MAX_BYTES: Final = 512 << 20
"""Largest file, and largest content of a zip, that is opened."""
MAX_RATIO: Final = 200
"""Largest ratio of content to size in a zip; shapefiles of real boundaries stay under 20."""
MAX_MEMBERS: Final = 1000
MAX_POSITIONS: Final = 20_000_000

SUFFIXES: Final = (".shp", ".gpkg", ".geojson", ".json", ".fgb")
"""What is looked for in a zip."""
PACKED: Final = (".xlsx", ".ods", ".kmz")
"""Formats that are zips themselves, which OGR opens by their own name."""
_HEAD: Final = 4096
_ELSEWHERE: Final = (b"<OGR", b"<GDAL", b"gdal_streamed_alg")
"""Marks of files that only point to other files or servers, which is for whoever wrote them to decide, not for us."""
_NO_NUMBER: Final = re.compile(r"(?:invalid value|divide by zero|overflow|underflow) encountered in ")
_ABOUT: Final = ("name", "title", "label", "description", "source", "attribution", "licence", "license", "valid_from")


class Credit(NamedTuple):
    """What a file is called, whom it is owed to and under which licence; empty where it does not say."""

    name: str
    source: str
    licence: str


class Codes(NamedTuple):
    """What a file is read for, and the codes that it is refused with."""

    purpose: str
    unreadable: str
    too_large: str
    nothing: str
    many_layers: str
    no_crs: str
    wrong_crs: str


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer as a data frame (with `geometry` where it has any), what it says of itself, what OGR warned of."""

    frame: Any
    about: dict[str, str]
    warnings: tuple[str, ...] = ()


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


def read_layer(path: Path, codes: Codes, kinds: Sequence[Sequence[str]], *, layer: str | None, most: int) -> Layer:
    """Read the layer of a file that is named, or the only one with geometry of the first kinds that there are any of.

    `kinds`: parts of OGR's names of geometries, "None" for tables; `most`: how many features are read. Rejected
    with the codes `unreadable`, `too_large`, `many_layers` and `nothing`.
    """
    import pyogrio  # here, as it costs a second that a start from a saved index need not pay

    source = openable(path, codes)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            chosen = _choose(pyogrio.list_layers(source), layer, codes, kinds)
            info = pyogrio.read_info(source, layer=chosen)
            if info["features"] > most:
                raise Rejected(codes.too_large, f"{info['features']} features; {most} are read at most")
            frame = pyogrio.read_dataframe(source, layer=chosen, on_invalid="warn")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, OSError) as fault:
        if isinstance(fault, Rejected):
            raise
        # What OGR says after its first sentence is for programmers.
        raise Rejected(codes.unreadable, f"{path.name}: {str(fault).partition('; It might help')[0]}") from fault
    return Layer(frame=frame, about=_about(path, info), warnings=_plain(said))


def _plain(said: Sequence[warnings.WarningMessage]) -> tuple[str, ...]:
    """Give warnings as a person reads them, each once: NumPy's say in which function a number was none."""
    texts = ("a number in the file is no number" if _NO_NUMBER.match(str(w.message)) else str(w.message) for w in said)
    return tuple(dict.fromkeys(texts))


def openable(path: Path, codes: Codes) -> str:
    """Give the name under which OGR opens a file, or the one in a zip; Rejected `unreadable`, `too_large`."""
    if not is_zip(path, codes):
        if not path.stat().st_size:
            raise Rejected(codes.unreadable, f"there is nothing in {path.name}")
        return str(path)
    inside = member(path, codes, SUFFIXES) if path.suffix.lower() not in PACKED else None
    return str(path) if inside is None else f"/vsizip/{{{path}}}/{inside}"


def is_zip(path: Path, codes: Codes, most: int = MAX_BYTES) -> bool:
    """Tell whether a file is a zip, after checking that it may be opened; `most`: bytes that it may unpack to."""
    if not path.is_file():
        raise Rejected(codes.unreadable, f"no file {path.name!r}")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Rejected(codes.too_large, f"{path.name} is larger than {MAX_BYTES >> 20} MB")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    _check_head(path, codes, head)
    if not head.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as fault:
        raise Rejected(codes.unreadable, f"{path.name}: {fault}") from fault
    content = sum(m.file_size for m in members)
    if len(members) > MAX_MEMBERS or content > min(most, MAX_RATIO * max(size, 1)):
        raise Rejected(
            codes.too_large,
            f"{path.name} unpacks to {len(members)} files, {content >> 20} MB: more than is opened, "
            "or packed too tightly for real data",
        )
    return True


def member(path: Path, codes: Codes, *suffixes: Sequence[str]) -> str:
    """Name the one file in a zip (that `is_zip` has passed) of the first kinds that there are any of."""
    try:
        with zipfile.ZipFile(path) as archive:
            paths = [PurePosixPath(name) for name in archive.namelist() if "__MACOSX" not in name]
            data = [each for each in paths if not each.name.lower().startswith(("readme", "licen"))]
            of_kinds = ([str(each) for each in data if each.suffix.lower() in kinds] for kinds in suffixes)
            inner = next((found for found in of_kinds if found), [])
            if len(inner) != 1 or ".." in PurePosixPath(inner[0]).parts:
                found = ", ".join(inner[:5]) or "none"
                raise Rejected(codes.unreadable, f"{path.name} must hold one file of {codes.purpose}, it has: {found}")
            with archive.open(inner[0]) as file:
                _check_head(path, codes, file.read(_HEAD))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as fault:
        # Also what is encrypted, or packed in a way that Python does not know.
        raise Rejected(codes.unreadable, f"{path.name}: {fault}") from fault
    return inner[0]


def _check_head(path: Path, codes: Codes, head: bytes) -> None:
    if any(mark in head for mark in _ELSEWHERE):
        raise Rejected(codes.unreadable, f"{path.name} only refers to data elsewhere; give the data itself")


def _choose(layers: NDArray[np.object_], wanted: str | None, codes: Codes, kinds: Sequence[Sequence[str]]) -> str:
    names = [str(name) for name, _ in layers]
    of_kinds = ([str(name) for name, kind in layers if any(part in str(kind) for part in each)] for each in kinds)
    fitting = next((found for found in of_kinds if found), [])
    if wanted is not None:
        if wanted not in names:
            raise Rejected(codes.many_layers, f"no layer {wanted!r}; there are: {', '.join(names)}")
        return wanted
    if not fitting:
        raise Rejected(codes.nothing, f"no layer holds {codes.purpose}; there are: {', '.join(names) or 'none'}")
    if len(fitting) > 1:
        raise Rejected(codes.many_layers, f"say which layer to read, as --layer NAME: {', '.join(fitting)}")
    return fitting[0]


def to_wgs84(series: Any, told: str | None, codes: Codes) -> NDArray[np.object_]:
    """Bring a series of geometries to WGS 84 degrees, two dimensions; `told` is the CRS of a file that has none.

    Rejected `no_crs`, `wrong_crs`, `too_large`.
    """
    import pyproj.exceptions  # here for the reason given in `read_layer`

    try:
        if series.crs is None and told is not None:
            series = series.set_crs(told)
        if series.crs is None:
            raise Rejected(
                codes.no_crs, "the file does not say its coordinate reference system; name it, as --crs EPSG:4326"
            )
        shapes = np.asarray(shapely.force_2d(series.to_crs(4326).to_numpy()), dtype=object)
    except pyproj.exceptions.ProjError as fault:
        raise Rejected(codes.wrong_crs, f"cannot bring the file to WGS 84: {fault}") from fault
    if shapely.get_num_coordinates(shapes).sum() > MAX_POSITIONS:
        raise Rejected(codes.too_large, f"more than {MAX_POSITIONS} positions")
    return shapes


def yes(value: object) -> bool:
    """Tell whether a value of a file means yes."""
    return value is True or str(value).strip().lower() in ("true", "yes", "1")


def credit(about: Mapping[str, str]) -> Credit:
    """Read the credit off what a file says of itself: how its makers wish to be named goes before where it is from."""
    return Credit(
        name=about.get("name") or about.get("title", ""),
        source=about.get("attribution") or about.get("source", ""),
        licence=about.get("licence") or about.get("license", ""),
    )


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
    if yes(said.get("approximation")) or yes(said.get("approximate")):
        about["approximation"] = "true"
    return about

"""Place files: the names a county brings, from GeoNames, a table or a layer, and what in them is no place. I/O.

Before this on the road: `geo.ogr_files` and `geo.text_tables` open them, `geo.place_rows` judges the rows. Next:
`geo.gazetteer` makes an index of the places.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo import ogr_files, place_columns, text_tables
from geo.labels import Finding, text_of
from geo.place_rows import Reason, Row, Sieve, Skipped
from geo.places import Rejected
from geo.resolution import Place
from geo.text_tables import Lines

CODES: Final = ogr_files.Codes(
    purpose="places",
    unreadable="places-unreadable",
    too_large="places-too-large",
    nothing="places-no-positions",
    many_layers="places-many-layers",
    no_crs="places-no-crs",
    wrong_crs="places-wrong-crs",
)
MAX_ROWS: Final = 1_000_000
"""Most rows that are taken from one file; Kenya's GeoNames has 30,000."""
MAX_UNPACKED: Final = 4 << 30
"""Bytes that a zipped text may unpack to: it is read line by line."""
_TEXT: Final = (".csv", ".tsv", ".txt", ".tab")
_KINDS: Final = (("Point", "Unknown"), ("Polygon", "LineString", "Collection"), ("None",))
_GEONAMES: Final = 19
"""Columns of a GeoNames dump: id, name, asciiname, alternatenames, latitude, longitude, class, code, country ..."""


class PlaceSource(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a set of places is owed to: to be shown wherever they are used; `places`: how many there are."""

    name: str
    source: str
    licence: str
    places: int


class PlaceFile(msgspec.Struct, frozen=True, kw_only=True):
    """The places of a file and what became of its other rows.

    `about`: what the file says of itself (source, licence, title). `rows`: how many it has, without a header.
    `skipped`: rows that give no place, by number, at most `geo.place_rows.MAX_LISTED`; `counts`: all of them, by code.
    """

    places: tuple[Place, ...]
    about: Mapping[str, str]
    rows: int
    skipped: tuple[Skipped, ...] = ()
    counts: Mapping[Reason, int] = {}
    findings: tuple[Finding, ...] = ()


def read(
    path: str | Path, columns: Mapping[str, str] | None = None, *, layer: str | None = None, crs: str | None = None
) -> PlaceFile:
    """Read places from a GeoNames dump, a CSV or TSV, or any layer of OGR's (points, or a point on what is larger).

    `columns` maps our column names to the file's; `crs` (such as "EPSG:21036") is for files that do not say theirs.
    A row that is wrong is skipped and listed. Rejected: `places-unreadable`, `-too-large`, `-empty`, `-no-names`,
    `-no-positions`, `-unknown-column`, `-many-layers`, `-no-crs`, `-wrong-crs`.
    """
    path = Path(path)
    packed = ogr_files.is_zip(path, CODES, MAX_UNPACKED)
    wrapped = packed and path.suffix.lower() not in ogr_files.PACKED
    inside = ogr_files.member(path, CODES, ogr_files.SUFFIXES, _TEXT) if wrapped else None
    if PurePosixPath(inside or path.name).suffix.lower() in _TEXT:
        return _read_text(path, inside, columns, crs)
    return _read_layer(path, columns, layer, crs)


def _read_text(path: Path, inside: str | None, columns: Mapping[str, str] | None, crs: str | None) -> PlaceFile:
    sieve = Sieve()
    with text_tables.opened(path, inside, CODES) as lines:
        first = next((line for line in lines if line.strip()), "")
        if not first:
            raise Rejected("places-empty", f"there is nothing in {path.name}")
        if _is_geonames(first):
            about = {"source": "GeoNames", "licence": "CC BY 4.0"}
            _take_geonames(sieve, first, lines)
        else:
            about = _take_table(sieve, first, lines, columns)
        if lines.windows_1252:
            text = f"{lines.windows_1252} lines are no UTF-8; they were read as Windows-1252"
            sieve.findings.append(Finding(kind="encoding", level="note", detail=text))
        if lines.cut:
            text = f"{lines.cut} lines were longer than {text_tables.MAX_LINE} characters"
            sieve.findings.append(Finding(kind="long-lines", level="warning", detail=text))
    return _whole(sieve, about, crs)


def _whole(sieve: Sieve, about: Mapping[str, str], crs: str | None) -> PlaceFile:
    places, skipped = sieve.finish(crs)
    return PlaceFile(
        places=places,
        about=about,
        rows=sieve.rows,
        skipped=skipped,
        counts=dict(sieve.counts),
        findings=tuple(sieve.findings),
    )


def _is_geonames(line: str) -> bool:
    cells = line.split("\t")
    return len(cells) == _GEONAMES and cells[0].isdigit() and cells[6] in place_columns.GROUPS | {""}


def _take_geonames(sieve: Sieve, first: str, lines: Lines) -> None:
    elsewhere = 0
    for line in chain((first,), lines):
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) < _GEONAMES:
            if any(cells):
                sieve.malformed(lines.number, f"{len(cells)} columns; a GeoNames dump has {_GEONAMES}")
            continue
        if cells[8] not in ("KE", ""):
            elsewhere += 1
            continue
        _room(sieve)
        others = tuple(place_columns.alternatives(cells[3], cells[2])) if cells[3] or cells[2] != cells[1] else ()
        kind = place_columns.kind(cells[7], cells[6])
        sieve.take(Row(lines.number, cells[1], cells[5], cells[4], others, kind, "", "", "GeoNames"))
    if elsewhere:
        text = f"{elsewhere} rows of other countries were left out"
        sieve.findings.append(Finding(kind="other-countries", level="note", detail=text))


def _take_table(sieve: Sieve, first: str, lines: Lines, columns: Mapping[str, str] | None) -> dict[str, str]:
    """Take the rows under a header; give the sources and licences that they name."""
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=,"):
        separator, first = first.strip()[-1], next(lines, "")
    else:
        separator = text_tables.separator_of(first)
    table = text_tables.rows(chain((first,), lines), separator)
    header = next(table, "there is none")
    if isinstance(header, str):
        raise Rejected("places-unreadable", f"the header cannot be read: {header}")
    width = len(header)
    cells = _Cells(place_columns.recognise([name.strip() for name in header], columns), width)
    for row in table:
        if isinstance(row, str):
            sieve.malformed(lines.number, row)
        elif len(row) > width and any(cell.strip() for cell in row[width:]):
            sieve.malformed(lines.number, f"{len(row)} cells where the header has {width}")
        elif any(row):
            _room(sieve)
            sieve.take(cells.row(lines.number, row))
    return cells.about()


def _room(sieve: Sieve) -> None:
    if sieve.rows >= MAX_ROWS:
        raise Rejected("places-too-large", f"more than {MAX_ROWS} rows of places")


class _Cells:
    """Finds the cells of a row by our names, and remembers the few sources and licences that rows name."""

    def __init__(self, fields: Mapping[str, int], width: int) -> None:
        place = {ours: fields.get(ours, width) for ours in place_columns.COLUMNS}  # one past the end: an empty cell
        self._width = width
        in_one = "position" in fields
        self._name, self._lon = place["name"], width if in_one else place["lon"]
        self._lat = place["position"] if in_one else place["lat"]
        self._others, self._kind, self._group = place["alternatives"], place["kind"], place["group"]
        self._county, self._ward = place["county"], place["ward"]
        self._source, self._licence = place["source"], place["licence"]
        self._sources: dict[str, None] = {}
        self._licences: dict[str, None] = {}

    def row(self, number: int, cells: list[str]) -> Row:
        """Bring cells, as many as there are, into our order."""
        cells = [*cells[: self._width], *[""] * max(1, self._width + 1 - len(cells))]
        others, source = cells[self._others], cells[self._source].strip()
        self._sources[source] = self._licences[cells[self._licence].strip()] = None
        return Row(
            number,
            cells[self._name],
            cells[self._lon],
            cells[self._lat],
            tuple(place_columns.alternatives(others)) if others else (),
            place_columns.kind(cells[self._kind], cells[self._group]),
            cells[self._county].strip(),
            cells[self._ward].strip(),
            source,
        )

    def about(self) -> dict[str, str]:
        """Say which sources and licences the rows name, at most five of each."""
        named = {"source": self._sources, "licence": self._licences}
        texts = {name: "; ".join([each for each in found if each][:5])[:500] for name, found in named.items()}
        return {name: text for name, text in texts.items() if text}


def _read_layer(path: Path, columns: Mapping[str, str] | None, layer: str | None, crs: str | None) -> PlaceFile:
    found = ogr_files.read_layer(path, CODES, _KINDS, layer=layer, most=MAX_ROWS)
    frame = found.frame
    if not len(frame):
        raise Rejected("places-empty", f"there is nothing in {path.name}")
    sieve = Sieve()
    sieve.findings += [Finding(kind="reader", level="note", detail=text) for text in found.warnings]
    drawn = hasattr(frame, "geometry")
    points = _points(ogr_files.to_wgs84(frame.geometry, crs, CODES)) if drawn else None
    fields = [str(name) for name in frame.columns if not drawn or name != frame.geometry.name]
    cells = _Cells(place_columns.recognise(fields, columns, drawn=drawn), len(fields))
    texts = [[text_of(value) for value in frame[name].tolist()] for name in fields]
    for number, row in enumerate(zip(*texts, strict=True), start=1):
        at = None if points is None else points[number - 1]
        if points is not None and at is None:
            sieve.rows += 1
            sieve.skip(number, "position-missing", "there is no position", row[0])
        else:
            sieve.take(cells.row(number, list(row)), at)
    return _whole(sieve, {**cells.about(), **found.about}, None if drawn else crs)


def _points(shapes: NDArray[np.object_]) -> Sequence[tuple[float, float] | None]:
    """Give a position on each geometry: of a line its middle, of an area one inside; None where there is none."""
    return [_point(shape) for shape in shapes]


def _point(shape: Any) -> tuple[float, float] | None:
    if shape is None or shape.is_empty:
        return None
    try:
        if shape.geom_type == "LineString":
            shape = shape.interpolate(0.5, normalized=True)
        elif shape.geom_type != "Point":
            shape = shapely.point_on_surface(shape)
    except shapely.GEOSException:
        return None
    x, y = shape.x, shape.y
    return (float(x), float(y)) if np.isfinite(x) and np.isfinite(y) else None

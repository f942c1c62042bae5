"""`dharura locate`: the ward of a position or of words, of one from the command line or of a whole table.

What answers here is what answers on the road (`geo.answers`), so that a report would have got the same. A row that
cannot be read gets a reason, not a crash; rows come out in the order they went in.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from geo.answers import RADIUS_M, Answer, at_points, of_texts
from geo.gazetteer import Gazetteer
from geo.near import Near, near_point, read_near
from geo.places import Rejected, in_kenya_box
from geo.wards import Wards
from responder_api.cli.folder import data_option, settings_of
from responder_api.cli.paint import tell
from responder_api.cli.table import Row, opened, whole, write
from responder_api.place_store import in_use
from responder_api.reference_data import load_wards

GIVEN: Final = ("ward_code", "ward", "constituency", "county", "edge_m", "candidates", "confidence", "reason")
"""The columns that are added."""
LON: Final = ("lon", "longitude", "lng", "long", "x", "decimallongitude")
LAT: Final = ("lat", "latitude", "y", "decimallatitude")
ACCURACY: Final = ("accuracy_m", "accuracy")
NEAR_LON: Final = ("near_lon", "near_longitude", "near_lng")
NEAR_LAT: Final = ("near_lat", "near_latitude")
TEXT: Final = ("text", "message", "sms", "words", "place", "location", "description")
FARTHEST_LAT: Final = 6.0
"""No latitude in Kenya is farther from the equator, and no longitude as near to Greenwich."""
WRITE: Final = "write LON LAT, as 34.76 -0.09"
MOST_NAMED: Final = 40
"""Columns that a message names."""

Locator = Callable[[list[Row]], list[Answer]]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "locate",
        help="say which ward a position, words, or each row of a CSV lies in",
        description="dharura locate 34.76 -0.09; dharura locate 'moto karibu na Kibuye'; dharura locate FILE.csv; or a "
        "CSV on stdin. Answers with a CSV: the columns given, and " + ", ".join(GIVEN) + ". ward_code is empty where "
        "nothing is asserted; candidates is a JSON list, the likeliest first. Besides lon and lat a table may have "
        "accuracy_m; besides words near (LON,LAT or an area as KE.042), or near_lon and near_lat.",
    )
    parser.add_argument(
        "what", nargs="*", metavar="LON LAT | WORDS | FILE", help="by default a CSV on stdin, as with -"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--points", action="store_true", help="the table holds positions (columns lon and lat)")
    how.add_argument("--text", metavar="COLUMN", help="the table holds words, in this column")
    parser.add_argument(
        "--near", type=_near_option, metavar="LON,LAT|AREA", help="where the words are most likely about"
    )
    parser.add_argument(
        "--radius", type=_radius, default=RADIUS_M, metavar="METRES", help="how far around a position wards are offered"
    )
    parser.add_argument("--boundaries", type=Path, metavar="FILE", help="ward boundaries (those that count)")
    parser.add_argument("--places", type=Path, metavar="FILE", help="place names (DHARURA_PLACES)")
    data_option(parser)
    parser.set_defaults(run=_run)


def _near_option(text: str) -> Near:
    near = read_near(text)
    if near is None or (isinstance(near, tuple) and not in_kenya_box(*near)):
        raise argparse.ArgumentTypeError(f"{text!r}: write LON,LAT in Kenya, or an area as KE.042")
    return near


def _radius(text: str) -> float:
    metres = _number(text)
    if not 0.0 <= metres <= 100_000.0:
        raise argparse.ArgumentTypeError(f"{text!r}: metres, from 0 to 100000")
    return metres


def _run(args: argparse.Namespace) -> int:
    with _table(args) as (header, rows):
        locator = _locator(args, header)
        progress = _Progress()
        try:
            write(
                [*(_given(name) for name in header), *GIVEN],
                whole(rows, len(header)),
                lambda chunk: [cells(answer) for answer in locator(chunk)],
                lambda trouble: ["", "", "", "", "", "[]", "0.0000", trouble],
                progress.said,
            )
        finally:
            progress.end()
    return 0


def cells(answer: Answer) -> Row:
    """Write an answer as the cells of GIVEN."""
    ward = answer.ward
    named = ["", "", "", ""] if ward is None else [ward.code, ward.name, ward.constituency, ward.county]
    listed = [{"ward_code": each.ward.code, "confidence": round(each.confidence, 4)} for each in answer.candidates]
    question = f" {answer.question}" if answer.question else ""
    return [
        *named,
        "" if answer.edge_m is None else f"{answer.edge_m:.1f}",
        msgspec.json.encode(listed).decode(),
        f"{answer.confidence:.4f}",
        f"{answer.code}: {answer.reason}{question and '.'}{question}",
    ]


class _Progress:
    """How many rows are done, said on a terminal and nowhere else."""

    def __init__(self) -> None:
        self._shown = False
        self._wanted = sys.stderr.isatty() and not sys.stdout.isatty()

    def said(self, rows: int) -> None:
        """Say it, over what was said before."""
        if self._wanted:
            self._shown = True
            sys.stderr.write(f"\r{rows:,} rows")
            sys.stderr.flush()

    def end(self) -> None:
        """Go on below it."""
        if self._shown:
            sys.stderr.write("\n")


@contextmanager
def _table(args: argparse.Namespace) -> Iterator[tuple[Row, Iterable[Row]]]:
    """Give what was asked as a table: its header and its rows."""
    what: list[str] = args.what
    if len(what) == 2 and not args.points and args.text is None and all(_is_number(each) for each in what):
        args.points = True
        yield ["lon", "lat"], [what]
    elif len(what) == 1 and _is_number(what[0]) and args.text is None and not _is_file(args):
        missing = "lon" if abs(float(what[0])) <= FARTHEST_LAT else "lat"
        raise Rejected("position-not-a-number", f"{what[0]} alone is no position, {missing} is missing: {WRITE}")
    elif len(what) == 1 and _is_folder(what[0]):
        raise Rejected("no-table", f"{what[0]} is a folder: name a table in it, or put more words to a place's name")
    elif what and not _is_file(args):
        if args.points or args.text is not None:
            raise Rejected("no-table", f"there is no file {' '.join(what)}")
        args.text = "text"
        yield ["text"], [[" ".join(what).strip()]]
    else:
        with opened(Path(what[0]) if what and what != ["-"] else None) as table:
            yield table


def _is_folder(said: str) -> bool:
    try:
        return Path(said).is_dir()
    except OSError:  # as in `_is_file`
        return False


def _is_file(args: argparse.Namespace) -> bool:
    what: list[str] = args.what
    if len(what) != 1:
        return False
    path = Path(what[0])
    try:
        there = path.exists() and not path.is_dir()
    except OSError:  # words may be longer than a name of a file can be
        there = False
    return what[0] == "-" or path.suffix.lower() in (".csv", ".tsv") or there


def _locator(args: argparse.Namespace, header: Row) -> Locator:
    names = [name.strip().casefold() for name in header]
    lon, lat = _column(names, LON), _column(names, LAT)
    if args.text is not None:
        text = _column(header, (args.text,)) if args.text in header else _column(names, (args.text.strip().casefold(),))
    else:
        text = None if args.points or (lon is not None and lat is not None) else _column(names, TEXT)
    if text is None and (lon is None or lat is None or args.text is not None):
        wanted = (
            f"column {args.text}" if args.text else "columns lon and lat" if args.points else "lon and lat, or text"
        )
        has = ", ".join(header) if len(header) <= MOST_NAMED else f"{', '.join(header[:MOST_NAMED])} ..."
        raise Rejected("no-column", f"no {wanted} in the table; it has: {has}. Say --text COLUMN")
    settings = settings_of(args)
    wards = Wards.load(args.boundaries) if args.boundaries else load_wards(settings)
    if wards.approximate:
        tell("note: these ward areas are an approximation; dharura wards import FILE brings real ones")
    if text is None:
        assert lon is not None  # noqa: S101  tells the type checker what was refused above
        assert lat is not None  # noqa: S101  as above
        return _of_points(wards, lon, lat, _column(names, ACCURACY), args.radius)
    named = msgspec.structs.replace(settings, places=args.places or settings.places)
    if isinstance(args.near, str) and not wards.rows_in(args.near):
        raise Rejected("area-unknown", f"--near {args.near}: these boundaries have no such area")
    gazetteer = Gazetteer(wards, in_use(named).places)
    return _of_texts(wards, gazetteer, text, names, args.near)


def _of_points(wards: Wards, lon: int, lat: int, accuracy: int | None, radius_m: float) -> Locator:
    def located(rows: list[Row]) -> list[Answer]:
        lons, lats = [_number(row[lon]) for row in rows], [_number(row[lat]) for row in rows]
        accuracies = None if accuracy is None else [_accuracy(row[accuracy]) for row in rows]
        answers = at_points(wards, lons, lats, radius_m=radius_m, accuracy_m=accuracies)
        for i, answer in enumerate(answers):
            if answer.code == "position-not-a-number":
                answers[i] = msgspec.structs.replace(answer, reason=_no_number(rows[i][lon], rows[i][lat]))
        return answers

    return located


def _of_texts(wards: Wards, gazetteer: Gazetteer, text: int, names: Sequence[str], near: Near | None) -> Locator:
    own, lon, lat = _column(names, ("near",)), _column(names, NEAR_LON), _column(names, NEAR_LAT)

    def near_of(row: Row) -> Near | None:
        found: Near | None = None
        if lon is not None and lat is not None:
            found = near_point(_number(row[lon]), _number(row[lat]))
        if found is None and own is not None:
            found = read_near(row[own])
        return found or near

    return lambda rows: of_texts(wards, gazetteer, [row[text] for row in rows], [near_of(row) for row in rows])


def _given(name: str) -> str:
    if name.strip().casefold() not in GIVEN:
        return name
    tell(f"note: the table's own column {name} is called {name}_given, as {name} is what this command adds")
    return f"{name}_given"


def _column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> float:
    return float(text) if _is_number(text) else math.nan


def _no_number(lon: str, lat: str) -> str:
    """Say which of the two cells is no number."""
    name, said = ("lat", lat) if math.isfinite(_number(lon)) else ("lon", lon)
    return f"{name} is {said[:40]!r}" if said.strip() else f"there is no {name}"


def _accuracy(text: str) -> float | None:
    metres = _number(text)
    return metres if math.isfinite(metres) and metres >= 0 else None

"""`dharura locate`: the ward of a position or of words, of one from the command line or of a whole table.

The same index and the same gazetteer as on the road, so that what is answered here is what a report would have got.
Rows go through one by one, whatever the size of the table; a row that cannot be read gets a reason, not a crash.
"""

import argparse
import csv
import io
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import fixtures
from geo.gazetteer import Gazetteer
from geo.places import Rejected, check_area
from geo.wards import Wards
from responder_api.answers import Answer, at_point, of_text
from responder_api.cli.folder import data_option, settings_of
from responder_api.cli.paint import tell
from responder_api.reference_data import boundaries, load_places

GIVEN: Final = ("ward_code", "ward", "constituency", "county", "edge_m", "candidates", "confidence", "reason")
"""The columns that are added."""
LON: Final = ("lon", "longitude", "lng", "long", "x")
LAT: Final = ("lat", "latitude", "y")
ACCURACY: Final = ("accuracy_m", "accuracy")
TEXT: Final = ("text", "message", "sms", "words", "place", "location", "description")
LONGEST_CELL: Final = 1 << 24

Row = list[str]
Locator = Callable[[Row], Answer]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "locate",
        help="say which ward a position, words, or each row of a CSV lies in",
        description="dharura locate 34.76 -0.09; dharura locate 'moto karibu na Kibuye'; dharura locate FILE.csv; or a "
        "CSV on stdin. Answers with a CSV: the columns given, and " + ", ".join(GIVEN) + ".",
    )
    parser.add_argument(
        "what", nargs="*", metavar="LON LAT | WORDS | FILE", help="by default a CSV on stdin, as with -"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--points", action="store_true", help="the table holds positions (columns lon and lat)")
    how.add_argument("--text", metavar="COLUMN", help="the table holds words, in this column")
    parser.add_argument("--near", type=_near, metavar="LON,LAT|AREA", help="where the words are most likely about")
    parser.add_argument("--boundaries", type=Path, metavar="FILE", help="ward boundaries (those that count)")
    parser.add_argument("--places", type=Path, metavar="FILE", help="place names, CSV (DHARURA_PLACES)")
    data_option(parser)
    parser.set_defaults(run=_run)


def _near(text: str) -> tuple[float, float] | str:
    try:
        lon, comma, lat = text.partition(",")
        return (float(lon), float(lat)) if comma else check_area(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: write LON,LAT or an area as KE.042") from error


def _run(args: argparse.Namespace) -> int:
    with _table(args) as (header, rows):
        locator = _locator(args, header)
        _write(header, rows, locator)
    return 0


@contextmanager
def _table(args: argparse.Namespace) -> Iterator[tuple[Row, Iterable[Row]]]:
    """Give what was asked as a table: its header and its rows."""
    csv.field_size_limit(LONGEST_CELL)
    what: list[str] = args.what
    if len(what) == 2 and not (args.points or args.text) and all(_is_number(each) for each in what):
        args.points = True
        yield ["lon", "lat"], [what]
    elif what and not _is_file(args):
        if args.points or args.text:
            raise Rejected("no-table", f"there is no file {' '.join(what)}")
        args.text = "text"
        yield ["text"], [[" ".join(what)]]
    elif what and what != ["-"]:
        with Path(what[0]).open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield _read(file)
    elif not what and sys.stdin.isatty():
        raise Rejected("no-table", "say a position, words or a file: dharura locate --help")
    else:
        file = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="surrogateescape", newline="")
        try:
            yield _read(file)
        finally:
            file.detach()


def _is_file(args: argparse.Namespace) -> bool:
    what: list[str] = args.what
    if len(what) != 1:
        return False
    path = Path(what[0])
    return what[0] == "-" or path.suffix.lower() in (".csv", ".tsv") or (path.exists() and not path.is_dir())


def _read(file: TextIO) -> tuple[Row, Iterable[Row]]:
    # Read with surrogateescape: whatever the bytes are, they come out as they went in.
    first = file.readline()
    separator = max(",;\t", key=first.count)
    rows = csv.reader(_from(first, file), delimiter=separator)
    header = next(rows, None)
    if not header:
        raise Rejected("no-table", "there is nothing in it")
    return header, rows


def _from(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _locator(args: argparse.Namespace, header: Row) -> Locator:
    names = [name.strip().lower() for name in header]
    settings = settings_of(args)
    lon, lat, accuracy = _column(names, LON), _column(names, LAT), _column(names, ACCURACY)
    if args.text is not None:
        text = _column(names, (args.text.strip().lower(),))
    else:
        text = None if args.points or (lon is not None and lat is not None) else _column(names, TEXT)
    if text is None and (lon is None or lat is None or args.text is not None):
        wanted = (
            f"column {args.text}" if args.text else "columns lon and lat" if args.points else "lon and lat, or text"
        )
        raise Rejected("no-column", f"no {wanted} in the table; it has: {', '.join(header)}. Say --text COLUMN")
    wards = Wards.load(args.boundaries or boundaries(settings))
    if wards.approximate:
        tell("note: these ward areas are an approximation; dharura wards import FILE brings real ones")
    if text is not None:
        places = args.places or settings.places or fixtures.path("demo/places.csv")
        gazetteer, column = Gazetteer(wards, load_places(places)), text
        return lambda row: of_text(wards, gazetteer, row[column], args.near)
    assert lon is not None  # noqa: S101  tells the type checker what was refused above
    assert lat is not None  # noqa: S101  as above
    x, y = lon, lat
    return lambda row: at_point(
        wards, _number(row[x], "lon"), _number(row[y], "lat"), None if accuracy is None else _accuracy(row[accuracy])
    )


def _write(header: Row, rows: Iterable[Row], locator: Locator) -> None:
    stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogateescape", newline="")
    try:
        out = csv.writer(stdout, lineterminator="\n")
        out.writerow([*(_given(name) for name in header), *GIVEN])
        for row, trouble in _whole(rows, len(header)):
            answer = Answer(reason=trouble) if trouble else _answered(locator, row)
            out.writerow([*row, *answer.cells()])
        stdout.flush()
    finally:
        stdout.detach()


def _given(name: str) -> str:
    if name.strip().lower() not in GIVEN:
        return name
    tell(f"note: the table's own column {name} is called {name}_given, as {name} is what this command adds")
    return f"{name}_given"


def _whole(rows: Iterable[Row], width: int) -> Iterator[tuple[Row, str]]:
    """Bring every row to the header's width; say what is wrong with one that was not."""
    read = iter(rows)
    while True:
        try:
            row = next(read)
        except StopIteration:
            return
        except csv.Error as error:
            yield [""] * width, f"row-malformed: {error}"
            continue
        if not row:
            continue  # an empty line is no row
        trouble = "" if len(row) == width else f"row-malformed: {len(row)} cells where the header has {width}"
        yield (row + [""] * width)[:width], trouble


def _answered(locator: Locator, row: Row) -> Answer:
    try:
        return locator(row)
    except Rejected as rejected:
        return Answer(reason=str(rejected))


def _column(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        said = f"{name} is {text[:40]!r}" if text.strip() else f"there is no {name}"
        raise Rejected("position-not-a-number", said) from None


def _accuracy(text: str) -> float | None:
    try:
        metres = float(text)
    except ValueError:
        return None
    return metres if math.isfinite(metres) and metres >= 0 else None

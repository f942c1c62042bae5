"""A table that comes in as CSV and goes out as CSV with more columns, row by row, whatever is in it.

You are beneath `dharura locate`. Rows stream: a table of any length needs the memory of a few thousand rows. Bytes that
are no UTF-8 come out as they went in.
"""

import csv
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from geo.places import Rejected

Row = list[str]

AT_ONCE: Final = 2000
"""Rows that are answered together."""
LONGEST_CELL: Final = 1 << 24
_SEPARATORS: Final = ",;\t|"
_NO_TEXT, _NO_TEXT_END = "\udc80", "\udcff"
"""What bytes that are no UTF-8 are read as. Names in another encoding have a few; a header of them is none."""


@contextmanager
def opened(path: Path | None) -> Iterator[tuple[Row, Iterable[Row]]]:
    """Read a file, or stdin: give its header and its rows; Rejected `no-table` when there is nothing in it."""
    if path is None:
        if sys.stdin.isatty():
            raise Rejected("no-table", "say a position, words or a file: dharura locate --help")
        file = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="surrogateescape", newline="")
        try:
            yield _read(file)
        finally:
            file.detach()
    else:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield _read(file)


def _read(file: TextIO) -> tuple[Row, Iterable[Row]]:
    csv.field_size_limit(LONGEST_CELL)
    first = file.readline()
    while first and not first.strip():
        first = file.readline()
    if "\0" in first or sum(_NO_TEXT <= sign <= _NO_TEXT_END for sign in first) * 10 > len(first):
        raise Rejected("no-table", "it is no text, so no CSV: save the table as CSV first")
    rows = csv.reader(_from(first, file), delimiter=max(_SEPARATORS, key=first.count))
    try:
        header = next(rows, None)
    except csv.Error as error:
        raise Rejected("no-table", f"its first line cannot be read: {error}") from error
    if not header:
        raise Rejected("no-table", "there is nothing in it")
    return header, rows


def _from(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def whole(rows: Iterable[Row], width: int) -> Iterator[tuple[Row, str]]:
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
        if len(row) == width:
            yield row, ""
        elif width == 1:
            yield [",".join(row)], ""  # a list of texts, a line each: "Nyalenda B, Kisumu" is one
        else:
            yield (row + [""] * width)[:width], f"row-malformed: {len(row)} cells where the header has {width}"


def write(
    header: Sequence[str],
    rows: Iterable[tuple[Row, str]],
    answered: Callable[[list[Row]], list[Row]],
    refused: Callable[[str], Row],
    done: Callable[[int], None],
) -> None:
    """Write a table to stdout: `header`, then each row with the cells that are its answer.

    `answered` gives the cells of many rows at once, `refused` those of a row that could not be read; `done` hears how
    many rows went out by now.
    """
    stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogateescape", newline="")
    try:
        out = csv.writer(stdout, lineterminator="\n")
        out.writerow(header)
        read, count = iter(rows), 0
        while chunk := list(islice(read, AT_ONCE)):
            cells = iter(answered([row for row, trouble in chunk if not trouble]))
            out.writerows([*row, *(refused(trouble) if trouble else next(cells))] for row, trouble in chunk)
            count += len(chunk)
            done(count)
        stdout.flush()
    finally:
        stdout.detach()

"""Lines of text files as people save them: in any of the usual encodings, of any length, zipped or not. I/O.

Next on the road: `geo.place_files` reads tables of places from these.
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from geo.ogr_files import Codes
from geo.places import Rejected

MAX_LINE: Final = 1 << 20
"""Characters that are kept of one line; what follows up to its end is dropped."""
MAX_CELL: Final = 1 << 17
"""Longest cell in characters; its row is refused."""
_HEAD: Final = 4096
_QUOTED: Final = re.compile(r'"[^"]*"')
_SEPARATORS: Final = "\t,;|"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Lines:
    """The lines of a text, each as it stands and with its end, bounded in length; to be read once.

    UTF-8 with or without a mark, UTF-16; a line that is no UTF-8 is read as Windows-1252 and counted in
    `windows_1252`, lines that were cut in `cut`. `number`: how many lines were read.
    """

    def __init__(self, file: io.BufferedReader | zipfile.ZipExtFile) -> None:
        head = file.peek(_HEAD)[:_HEAD]
        self.binary = b"\0" in head and _utf_16(head) is None
        wide = _utf_16(head)
        errors = "surrogateescape" if wide is None else "replace"
        self._text: TextIO = io.TextIOWrapper(file, wide or "utf-8-sig", errors=errors, newline="")
        self.number = self.windows_1252 = self.cut = 0

    def __iter__(self) -> "Lines":
        """Read on from where it stands."""
        return self

    def __next__(self) -> str:
        """Give the next line."""
        line = self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and not line.endswith(("\n", "\r")):
            self.cut += 1
            while (rest := self._text.readline(MAX_LINE)) and not rest.endswith(("\n", "\r")):
                pass
        return line if line.isascii() else self._whole(line)

    def _whole(self, line: str) -> str:
        try:
            line.encode()
        except UnicodeEncodeError:
            self.windows_1252 += 1
            return line.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        return line


def _utf_16(head: bytes) -> str | None:
    """Name the UTF-16 that a file's head is in, by its mark or by where its zeros stand."""
    if head.startswith(_UTF_16):
        return "utf-16"
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.4 * half and not head[::2].count(0):
        return "utf-16-le"
    return "utf-16-be" if half and head[::2].count(0) > 0.4 * half and not head[1::2].count(0) else None


@contextmanager
def opened(path: Path, inside: str | None, codes: Codes) -> Iterator[Lines]:
    """Open a text file, or one in a zip; Rejected `unreadable` for what is no text or cannot be unpacked."""
    try:
        if inside is None:
            with path.open("rb") as file:
                yield _checked(Lines(file), path, codes)
        else:
            with zipfile.ZipFile(path) as archive, archive.open(inside) as packed:
                yield _checked(Lines(packed), path, codes)  # type: ignore[arg-type]  # it says IO, and gives ZipExtFile
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as fault:
        raise Rejected(codes.unreadable, f"{path.name}: {fault}") from fault


def _checked(lines: Lines, path: Path, codes: Codes) -> Lines:
    if lines.binary:
        raise Rejected(codes.unreadable, f"{path.name} is no text")
    return lines


def separator_of(header: str) -> str:
    """Say which of tab, comma, semicolon and bar separates the cells of a header line."""
    bare = _QUOTED.sub("", header)
    return max(_SEPARATORS, key=bare.count) if any(each in bare for each in _SEPARATORS) else ","


def rows(lines: Iterator[str], separator: str) -> Iterator[list[str] | str]:
    """Read cells, quoted as in CSV; what is wrong with a row stands in its place as a text. Empty lines are no rows."""
    before = csv.field_size_limit(MAX_CELL)
    try:
        reader = csv.reader(lines, delimiter=separator)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield str(error)
                continue
            if row:
                yield row
    finally:
        csv.field_size_limit(before)

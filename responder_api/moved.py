"""Whether a data folder's log went to a cluster (`moving` marks it then): nobody should go on in both."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from geo.places import Rejected
from streams.database import FILE, connect, has_table, note, noted

MOVED: Final = "moved"
"""Row of the folder's `meta` that says where its log went."""


def moved_to(connection: sqlite3.Connection) -> str | None:
    """Say where a folder's log went, and when; None when it is still here."""
    return noted(connection, MOVED)


def mark(connection: sqlite3.Connection, where: str) -> None:
    """Note where a folder's log went."""
    note(connection, MOVED, where)


def check_not_moved(data: Path) -> None:
    """Raise Rejected `data-moved` for a folder whose log went elsewhere."""
    if not (data / FILE).exists():
        return
    with closing(connect(data / FILE, read_only=True)) as connection:
        where = moved_to(connection) if has_table(connection, "meta") else None
    if where is not None:
        raise Rejected("data-moved", f"the log of {data} was moved to {where}; --anyway starts on it all the same")

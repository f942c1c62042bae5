"""The boundaries inside a backup: every version with its history goes in, and takes the place of what stands there.

`backups` calls this on its copy. The finished indexes stay out: a start makes them from the shapes.
"""

import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from geo.places import Rejected
from responder_api.boundary_store import ABOUT, BEFORE_VERSIONS, FOLDER, HISTORY, SHAPES, BoundaryStore
from responder_api.files import free_name, put_in_place, set_aside, sync_folder

_TABLE: Final = "CREATE TABLE IF NOT EXISTS enclosed (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID"
_NAME: Final = re.compile(
    rf"{re.escape(BEFORE_VERSIONS)}|{FOLDER}/{re.escape(HISTORY)}"
    rf"|{FOLDER}/[0-9a-f]{{12}}/({re.escape(SHAPES)}|{re.escape(ABOUT)})"
)
"""All that may be enclosed: a name in a backup leads to no other place."""


def enclose(copy: sqlite3.Connection, data: Path) -> None:
    """Put a data folder's boundaries into a copy of its file, inside the open transaction."""
    store = BoundaryStore(data)
    # The history first: what it names was there before it, and nothing is ever taken away.
    paths = [store.before_versions, store.folder / HISTORY]
    paths += [store.folder / about.version / name for about in store.versions() for name in (SHAPES, ABOUT)]
    copy.execute(_TABLE)
    for path in paths:
        if path.is_file():
            name = path.relative_to(data).as_posix()
            copy.execute("INSERT OR REPLACE INTO enclosed VALUES (?,?)", (name, path.read_bytes()))


def take_out(trial: Path) -> dict[str, bytes]:
    """Take the boundaries out of a copy; Rejected `backup-unusable` for what nobody encloses."""
    with closing(sqlite3.connect(trial, isolation_level=None)) as copy:
        copy.execute("BEGIN IMMEDIATE")
        copy.execute(_TABLE)
        found = dict(copy.execute("SELECT name, data FROM enclosed").fetchall())
        copy.execute("DROP TABLE enclosed")
        copy.execute("COMMIT")
    if strange := [name for name, held in found.items() if not _NAME.fullmatch(name) or not isinstance(held, bytes)]:
        raise Rejected("backup-unusable", f"it encloses {strange[0]!r}")
    return found


def put_back(data: Path, enclosed: Mapping[str, bytes], now: datetime) -> Path | None:
    """Put the boundaries of a backup in place; give where those before are kept, None when they were the same or none.

    A backup without any changes nothing.
    """
    folder, single = data / FOLDER, data / BEFORE_VERSIONS
    if not enclosed or enclosed == _there(data):
        return None
    trial = data / f".{FOLDER}.restored"
    shutil.rmtree(trial, ignore_errors=True)
    for name, content in enclosed.items():
        if name != BEFORE_VERSIONS:
            path = trial / Path(name).relative_to(FOLDER)
            path.parent.mkdir(parents=True, exist_ok=True)
            put_in_place(path, content)
    aside = set_aside(single, now)
    if folder.exists():
        aside = free_name(folder, now)
        folder.rename(aside)
    single.unlink(missing_ok=True)
    if trial.exists():
        trial.rename(folder)
    if BEFORE_VERSIONS in enclosed:
        put_in_place(single, enclosed[BEFORE_VERSIONS])
    sync_folder(data)
    return aside


def _there(data: Path) -> dict[str, bytes]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as nowhere:
        enclose(nowhere, data)
        return dict(nowhere.execute("SELECT name, data FROM enclosed").fetchall())

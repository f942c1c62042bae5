"""Boundaries and place names inside a backup: all that was imported goes in, and takes the place of what stands there.

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
from responder_api.place_store import FOLDER as PLACES
from responder_api.place_store import SET, PlaceStore

_PARTS: Final = ((FOLDER, BEFORE_VERSIONS), (PLACES, None))
"""What is enclosed, each replaced whole: a folder, and a file beside it."""
_TABLE: Final = "CREATE TABLE IF NOT EXISTS enclosed (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID"
_NAME: Final = re.compile(
    rf"{re.escape(BEFORE_VERSIONS)}|{FOLDER}/{re.escape(HISTORY)}"
    rf"|{FOLDER}/[0-9a-f]{{12}}/({re.escape(SHAPES)}|{re.escape(ABOUT)})"
    rf"|{PLACES}/{SET.pattern}"
)
"""All that may be enclosed: a name in a backup leads to no other place."""


def enclose(copy: sqlite3.Connection, data: Path) -> None:
    """Put a data folder's boundaries and place names into a copy of its file, inside the open transaction."""
    store = BoundaryStore(data)
    # The history first: what it names was there before it, and nothing is ever taken away.
    paths = [store.before_versions, store.folder / HISTORY]
    # As they stand, read by nobody: what is damaged must not keep the rest from being saved, or itself from a restore.
    paths += [store.folder / version / name for version in store.kept() for name in (SHAPES, ABOUT)]
    paths += PlaceStore(data).files()
    copy.execute(_TABLE)
    for path in paths:
        if path.is_file():
            name = path.relative_to(data).as_posix()
            copy.execute("INSERT OR REPLACE INTO enclosed VALUES (?,?)", (name, path.read_bytes()))


def take_out(trial: Path) -> dict[str, bytes]:
    """Take what is enclosed out of a copy; Rejected `backup-unusable` for what nobody encloses."""
    with closing(sqlite3.connect(trial, isolation_level=None)) as copy:
        copy.execute("BEGIN IMMEDIATE")
        copy.execute(_TABLE)
        found = dict(copy.execute("SELECT name, data FROM enclosed").fetchall())
        copy.execute("DROP TABLE enclosed")
        copy.execute("COMMIT")
    if strange := [name for name, held in found.items() if not _NAME.fullmatch(name) or not isinstance(held, bytes)]:
        raise Rejected("backup-unusable", f"it encloses {strange[0]!r}")
    return found


def put_back(data: Path, enclosed: Mapping[str, bytes], now: datetime) -> dict[str, Path]:
    """Put what a backup encloses in place; give by folder where what stood there before is kept.

    A part that is the same, or of which the backup has nothing, stays as it is.
    """
    there, aside = _there(data), {}
    for folder, single in _PARTS:
        part = _part(enclosed, folder, single)
        if part and part != _part(there, folder, single):
            kept = _replace(data, folder, single, part, now)
            if kept is not None:
                aside[folder] = kept
    return aside


def _part(enclosed: Mapping[str, bytes], folder: str, single: str | None) -> dict[str, bytes]:
    return {name: held for name, held in enclosed.items() if name == single or name.startswith(f"{folder}/")}


def _replace(data: Path, folder: str, single: str | None, part: Mapping[str, bytes], now: datetime) -> Path | None:
    target, trial, aside = data / folder, data / f".{folder}.restored", None
    shutil.rmtree(trial, ignore_errors=True)
    for name, content in part.items():
        if name != single:
            path = trial / Path(name).relative_to(folder)
            path.parent.mkdir(parents=True, exist_ok=True)
            put_in_place(path, content)
    if single is not None:
        aside = set_aside(data / single, now)
    if target.exists():
        aside = free_name(target, now)
        target.rename(aside)
    if single is not None:
        (data / single).unlink(missing_ok=True)
    if trial.exists():
        trial.rename(target)
    if single is not None and single in part:
        put_in_place(data / single, part[single])
    sync_folder(data)
    return aside


def _there(data: Path) -> dict[str, bytes]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as nowhere:
        enclose(nowhere, data)
        return dict(nowhere.execute("SELECT name, data FROM enclosed").fetchall())

"""Put files in place whole and durably, and set those before them aside: a crash leaves the old one or the new one."""

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


def put_in_place(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all; it is on the disk when this returns."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(path.parent)


def set_aside(path: Path, now: datetime) -> Path | None:
    """Give a file a second name with the time in it, so that the first may be replaced; None when there is no file."""
    if not path.exists():
        return None
    aside = free_name(path, now)
    aside.hardlink_to(path)
    return aside


def free_name(path: Path, now: datetime) -> Path:
    """Find a name with the time in it beside a path: `wards.20260426T060000Z.geojson`."""
    stamp, number = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}", 0
    while True:
        free = path.with_name(f"{path.stem}.{stamp}{f'-{number}' if number else ''}{path.suffix}")
        if not free.exists():
            return free
        number += 1


def sync_folder(folder: Path) -> None:
    """Make what was renamed in a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

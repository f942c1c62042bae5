"""A finished ward index in one file, so that a start costs milliseconds. I/O.

The file is a zip of plain numpy arrays (no pickles) and JSON; each part carries its checksum, and what is read is
checked again before it is used.
"""

import os
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.boundaries import Boundaries, version_of
from geo.labels import COLUMNS
from geo.places import Rejected
from geo.raster import Raster

FORMAT: Final = "dharura-wards-2"
"""Changes with the layout, so that an older file is built anew instead of misread."""

_ARRAYS: Final[Mapping[str, tuple[str, int]]] = {
    "cells": ("int32", 1), "ref_x": ("float64", 1), "ref_y": ("float64", 1), "status": ("int64", 1),
    "candidate_from": ("int64", 1), "candidates": ("int32", 1), "edge_from": ("int64", 1), "edges": ("float64", 2),
    "flips": ("int64", 1), "wkb": ("uint8", 1), "wkb_from": ("int64", 1), "touching": ("int64", 1),
    "touching_from": ("int64", 1),
}  # fmt: skip

Neighbours = tuple[tuple[int, ...], ...]


class _Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    x0: float
    y0: float
    scale: float
    nx: int
    ny: int
    version: str
    approximate: bool
    about: dict[str, str]
    columns: dict[str, tuple[str, ...]]
    codes: dict[str, tuple[str, ...]] = {}


def is_saved(path: str | Path) -> bool:
    """Tell whether a file is one that `save` wrote, of this or another layout."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment.startswith(b"dharura-wards")
    except (OSError, zipfile.BadZipFile):
        return False


def is_current(path: str | Path) -> bool:
    """Tell whether a file is one that `save` wrote, of this layout."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment == FORMAT.encode()
    except (OSError, zipfile.BadZipFile):
        return False


def save(path: str | Path, source: Boundaries, raster: Raster, neighbours: Neighbours) -> None:
    """Write the index beside its final name, flush it to disk, then rename: readers see the old file or the new."""
    blobs = [wkb or b"" for wkb in shapely.to_wkb(source.geometries, byte_order=1)]
    arrays = {name: getattr(raster, name) for name in _ARRAYS if hasattr(raster, name)}
    arrays["wkb"] = np.frombuffer(b"".join(blobs), dtype=np.uint8)
    arrays["wkb_from"] = np.cumsum([0, *map(len, blobs)], dtype=np.int64)
    arrays["touching"] = np.array([row for rows in neighbours for row in rows], dtype=np.int64)
    arrays["touching_from"] = np.cumsum([0, *map(len, neighbours)], dtype=np.int64)
    head = _Head(
        x0=raster.x0,
        y0=raster.y0,
        scale=raster.scale,
        nx=raster.nx,
        ny=raster.ny,
        version=source.version,
        approximate=source.approximate,
        about=dict(source.about),
        columns={column: source.columns[column] for column in COLUMNS},
        codes=dict(source.codes),
    )
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                archive.comment = FORMAT.encode()
                archive.writestr("head.json", msgspec.json.encode(head))
                for name, array in arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def load(path: str | Path) -> tuple[Boundaries, Raster, Neighbours]:
    """Read and check what `save` wrote; Rejected `wards-file-damaged` with the reason, also for an older layout."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.comment != FORMAT.encode():
                raise Rejected("wards-file-damaged", f"layout {archive.comment[:40]!r}, this version reads {FORMAT}")
            head = msgspec.json.decode(archive.read("head.json"), type=_Head)
            arrays = {name: _array(archive, name, *form) for name, form in _ARRAYS.items()}
        return _checked(head, arrays)
    except (zipfile.BadZipFile, msgspec.DecodeError, KeyError, IndexError, EOFError, shapely.GEOSException) as fault:
        raise Rejected("wards-file-damaged", f"{Path(path).name}: {fault}") from fault
    except ValueError as fault:
        if isinstance(fault, Rejected):
            raise
        raise Rejected("wards-file-damaged", f"{Path(path).name}: {fault}") from fault


def _array(archive: zipfile.ZipFile, name: str, dtype: str, ndim: int) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as member:
        array: NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
    if array.dtype != dtype or array.ndim != ndim:
        raise Rejected("wards-file-damaged", f"{name} is {array.dtype} in {array.ndim} dimensions")
    array.flags.writeable = False
    return array


def _offsets(arrays: Mapping[str, NDArray[Any]], name: str, owners: int, items: int) -> list[int]:
    ends = arrays[name]
    if ends.size != owners + 1 or ends[0] != 0 or ends[-1] != items or (np.diff(ends) < 0).any():
        raise Rejected("wards-file-damaged", f"{name} does not fit what it divides")
    return list(ends.tolist())


def _checked(head: _Head, arrays: dict[str, NDArray[Any]]) -> tuple[Boundaries, Raster, Neighbours]:
    rows, busy, edges = len(head.columns["ward"]), arrays["status"].size, len(arrays["edges"])
    cells, candidates, touching = arrays["cells"], arrays["candidates"], arrays["touching"]
    wkb_from = _offsets(arrays, "wkb_from", rows, arrays["wkb"].size)
    touching_from = _offsets(arrays, "touching_from", rows, touching.size)
    _offsets(arrays, "candidate_from", busy, candidates.size)
    _offsets(arrays, "edge_from", busy, edges)
    sound = (
        set(head.columns) == set(COLUMNS)
        and all(len(values) == rows for values in (*head.columns.values(), *head.codes.values()))
        and head.scale > 0.0
        and head.nx > 0
        and cells.size == head.nx * head.ny
        and (arrays["ref_x"].size, arrays["ref_y"].size) == (head.nx, head.ny)
        and (arrays["edges"].shape, arrays["flips"].size) == ((edges, 4), edges)
        and -2 - busy < cells.min()
        and cells.max() < rows
        and all(((a >= 0) & (a < rows)).all() for a in (candidates, touching))
    )
    if not sound:
        raise Rejected("wards-file-damaged", "its parts do not fit each other")
    wkb = arrays["wkb"].tobytes()
    blobs = [wkb[a:b] or None for a, b in pairwise(wkb_from)]
    shapes = np.asarray(shapely.from_wkb(np.array(blobs, dtype=object)), dtype=object)
    if version_of(shapes, head.columns, head.codes) != head.version:
        raise Rejected("wards-file-damaged", "its content is not of the version it names")
    source = Boundaries(
        geometries=shapes,
        columns=head.columns,
        version=head.version,
        approximate=head.approximate,
        about=head.about,
        codes=head.codes,
    )
    fields = {name: array for name, array in arrays.items() if name in Raster.__struct_fields__}
    raster = Raster(x0=head.x0, y0=head.y0, scale=head.scale, nx=head.nx, ny=head.ny, **fields)
    neighbours = tuple(tuple(touching[a:b].tolist()) for a, b in pairwise(touching_from))
    return source, raster, neighbours

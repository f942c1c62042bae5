"""The exact point-in-polygon index: a cell settles most positions, a handful of edges the rest, shapely the doubtful.

A position in a busy cell is joined by a line to the cell's reference point, whose wards are known; each edge the line
crosses flips the membership of the wards it bounds. Every turn (left or right) is decided in floating point only when
its error bound allows, after Shewchuk (1997, "Adaptive precision floating-point arithmetic"); a position on or within
rounding of an edge is asked of shapely itself. So the answer is shapely's for every position. After this on the road:
`geo.wards`.
"""

import struct
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.raster import Raster, spread

_BOUND: Final = 1e-15  # three times Shewchuk's ccwerrboundA; what lies between is asked of shapely, at no loss
_TINY: Final = 1e-300  # below this a product may have lost digits to underflow
_CHUNK: Final = 1 << 15  # positions worked on at once: the intermediate arrays stay in the processor's cache
_CLONE: Final = 32  # tests against one polygon from which on preparing a private copy of it pays


def one(
    grid: Raster, busy: Callable[[int, float, float], int], otherwise: Callable[[Any, Any], Any]
) -> Callable[[Any, Any], Any]:
    """Make the function that finds the lowest row covering one position given as two floats, or -1.

    A closure that tries floats first, as looking constants up on an object or checking types beforehand would cost as
    much as the search itself. Whatever turns out not to be a pair of floats goes to `otherwise`. `busy` is from
    `busy_cell`.
    """
    x0, y0, scale, nx = grid.x0, grid.y0, grid.scale, grid.nx
    x1, y1 = x0 + nx / scale, y0 + grid.ny / scale
    cells, candidate_from, candidates = grid.cells.data, grid.candidate_from.data, grid.candidates.data

    def locate(lon: Any, lat: Any) -> Any:
        try:
            if x0 < lon < x1 and y0 < lat < y1:
                cell = int((lat - y0) * scale) * nx + int((lon - x0) * scale)
                row = cells[cell]
                if row < -1:
                    inside = busy(cell, lon, lat)
                    row = candidates[candidate_from[-2 - row] + (inside & -inside).bit_length() - 1] if inside else -1
                return row
        except (TypeError, ValueError):  # arrays and sequences cannot be compared or made an int
            return otherwise(lon, lat)
        return -1 if lon.__class__ is float is lat.__class__ else otherwise(lon, lat)

    return locate


def covering(grid: Raster, busy: Callable[[int, float, float], int]) -> Callable[[float, float], tuple[int, ...]]:
    """Make the function that lists every row covering a position, ascending: several on an edge or in an overlap."""
    x0, y0, scale, nx, ny = grid.x0, grid.y0, grid.scale, grid.nx, grid.ny
    cells, candidate_from, candidates = grid.cells.data, grid.candidate_from.data, grid.candidates.data

    def rows(lon: float, lat: float) -> tuple[int, ...]:
        i, j = (lon - x0) * scale, (lat - y0) * scale
        if not (0.0 < i < nx and 0.0 < j < ny):
            return ()
        cell = int(j) * nx + int(i)
        row = cells[cell]
        if row > -2:
            return () if row == -1 else (row,)
        inside, first = busy(cell, lon, lat), candidate_from[-2 - row]
        return tuple(candidates[first + bit] for bit in range(inside.bit_length()) if inside >> bit & 1)

    return rows


def busy_cell(grid: Raster, shapes: NDArray[np.object_]) -> Callable[[int, float, float], int]:
    """Make the function that says for a position in a busy cell which of the cell's candidates cover it, as bits."""
    nx = grid.nx
    cells, ref_x, ref_y = grid.cells.data, grid.ref_x.data, grid.ref_y.data
    status, flips, edge_from, edges = grid.status.data, grid.flips.data, grid.edge_from.data, grid.edges.data
    unpack = struct.Struct("4d").iter_unpack

    def ask(k: int, lon: float, lat: float) -> int:
        rows = grid.candidates[grid.candidate_from[k] : grid.candidate_from[k + 1]]
        return sum(1 << b for b, row in enumerate(rows) if shapely.intersects_xy(shapes[row], lon, lat))

    def busy(cell: int, lon: float, lat: float) -> int:
        k = -2 - cells[cell]
        inside: int = status[k]
        if inside < 0:
            return ask(k, lon, lat)
        j, i = divmod(cell, nx)
        rx, ry = ref_x[i] - lon, ref_y[j] - lat
        first, last = edge_from[k], edge_from[k + 1]
        for e, (east_a, north_a, east_b, north_b) in enumerate(unpack(edges[first:last]), first):
            ax, ay, bx, by = east_a - lon, north_a - lat, east_b - lon, north_b - lat
            p, q = ax * by, ay * bx
            turn, margin = p - q, _BOUND * (abs(p) + abs(q)) + _TINY
            if turn > margin:
                continue  # on the reference point's side
            if turn >= -margin:
                return ask(k, lon, lat)
            p, q = rx * ay, ry * ax
            to_a, margin = p - q, _BOUND * (abs(p) + abs(q)) + _TINY
            if -margin <= to_a <= margin:
                return ask(k, lon, lat)
            p, q = rx * by, ry * bx
            to_b, margin = p - q, _BOUND * (abs(p) + abs(q)) + _TINY
            if -margin <= to_b <= margin:
                return ask(k, lon, lat)
            if (to_a > 0.0) is not (to_b > 0.0):
                inside ^= flips[e]
        return inside

    return busy


def many(
    grid: Raster, shapes: NDArray[np.object_], xs: NDArray[np.float64], ys: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Find the lowest row covering each position of two flat arrays, or -1; NaN and infinity are in no ward."""
    out = np.empty(xs.size, dtype=np.int64)
    for start in range(0, xs.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        x, y = xs[part], ys[part]
        cell = _number(y, grid.y0, grid.scale, grid.ny) * grid.nx + _number(x, grid.x0, grid.scale, grid.nx)
        found = grid.cells[cell]
        busy = np.flatnonzero(found < -1)
        if busy.size:
            found[busy] = _busy_cells(grid, shapes, cell[busy], x[busy], y[busy])
        out[part] = found
    return out


def _number(values: NDArray[np.float64], origin: float, scale: float, count: int) -> NDArray[np.int32]:
    # fmax and fmin bring NaN and all that lies outside to the outermost ring of cells, which is in no ward.
    scaled = values - origin
    scaled *= scale
    np.fmax(scaled, 0.0, out=scaled)
    np.fmin(scaled, count - 1, out=scaled)
    return scaled.astype(np.int32)


def _turn(
    ax: NDArray[np.float64], ay: NDArray[np.float64], bx: NDArray[np.float64], by: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell where a, b as seen from the origin turn left, and where rounding leaves that in doubt."""
    p, q = ax * by, ay * bx
    turn = p - q
    doubt: NDArray[np.bool_] = np.abs(turn) <= _BOUND * (np.abs(p) + np.abs(q)) + _TINY
    return turn > 0.0, doubt


def _busy_cells(
    grid: Raster, shapes: NDArray[np.object_], cell: NDArray[np.int32], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Do what `busy_cell` does for one position, for many at once; lowest row or -1."""
    k = -2 - grid.cells[cell]
    first = grid.edge_from[k]
    at, nth = spread(grid.edge_from[k + 1] - first)
    edge = first[at] + nth
    ax, ay, bx, by = (grid.edges[edge] - np.stack([x[at], y[at]] * 2, axis=1)).T
    left, doubt = _turn(ax, ay, bx, by)
    inside = grid.status[k]
    unsure = inside < 0
    unsure[at[doubt]] = True
    beyond = np.flatnonzero(~(left | doubt))
    at, ax, ay, bx, by = at[beyond], ax[beyond], ay[beyond], bx[beyond], by[beyond]
    rx, ry = (grid.ref_x[cell % grid.nx] - x)[at], (grid.ref_y[cell // grid.nx] - y)[at]
    to_a, doubt_a = _turn(rx, ry, ax, ay)
    to_b, doubt_b = _turn(rx, ry, bx, by)
    unsure[at[doubt_a | doubt_b]] = True
    crossed = np.flatnonzero(to_a != to_b)
    np.bitwise_xor.at(inside, at[crossed], grid.flips[edge[beyond[crossed]]])
    lowest = np.maximum(np.frexp((inside & -inside).astype(np.float64))[1] - 1, 0)
    out = np.where(inside > 0, grid.candidates[grid.candidate_from[k] + lowest], -1).astype(np.int64)
    ask = np.flatnonzero(unsure)
    if ask.size:
        out[ask] = _ask(grid, shapes, k[ask], x[ask], y[ask])
    return out


def _ask(
    grid: Raster, shapes: NDArray[np.object_], k: NDArray[np.int32], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Ask shapely about each position and each candidate of its cell; lowest row or -1."""
    first = grid.candidate_from[k]
    at, nth = spread(grid.candidate_from[k + 1] - first)
    rows = grid.candidates[first[at] + nth]
    out = np.full(k.size, len(shapes), dtype=np.int64)
    order = np.argsort(rows, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(rows[order])) + 1):
        row = int(rows[group[0]])
        shape = shapes[row]
        if group.size >= _CLONE:
            # A prepared polygon is not safe to share between threads: prepare a private copy and drop it.
            shape = shapely.from_wkb(shapely.to_wkb(shape))
            shapely.prepare(shape)
        hit = at[group][shapely.intersects_xy(shape, x[at[group]], y[at[group]])]
        out[hit] = np.minimum(out[hit], row)
    out[out == len(shapes)] = -1
    return out

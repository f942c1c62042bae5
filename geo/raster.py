"""Lay polygons on a grid, once, so that nearly every position is settled by the cell it falls in.

A cell that no edge comes near belongs to one ward or to none. Any other cell (also one that two wards cover whole) is
*busy*: it keeps a reference point, the wards that cover that point, and the edges that could stand between it and a
position. Next on the road: `geo.grid` answers from it.
"""

from typing import Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

MAX_CELLS: Final = 1 << 22
MIN_CELLS: Final = 1 << 18
"""A few wards far apart get this many (a megabyte), or all of a county's edges would stand in a handful of cells."""
CELLS_PER_EDGE: Final = 48
"""With this many cells for each edge, about one position in twenty falls in a cell with edges (measured on Kenya)."""
REFERENCE: Final = (0.4871, 0.5127)
"""Where a cell's reference point stands in it: off centre, as real edges like round numbers."""
MAX_CANDIDATES: Final = 62
"""Wards a cell can hold as bits of a signed 64-bit integer; a cell with more is answered by shapely."""

_SLACK: Final = 1e-4  # cells; far above the rounding of a cell number, so that no edge is ever missed
_STEEP: Final = 1e-3  # cells; an edge narrower than this is taken over its full height
_FINEST: Final = 1e-6  # degrees; with smaller cells the rounding of a cell number would reach the slack
_NEAR: Final = 1e-6  # cells; a reference point nearer to an edge than this is not trusted


Ints = NDArray[np.int64]


class Raster(msgspec.Struct, frozen=True, kw_only=True):
    """The grid's arrays; cell `j * nx + i` begins at longitude `x0 + i / scale`, latitude `y0 + j / scale`.

    `cells`: the ward's row, -1 for none, or `-2 - k` for the k-th busy cell. For those: `status[k]` has bit b
    set when candidate b covers the reference point (-1: ask shapely); `candidates[candidate_from[k]:...]` are rows,
    ascending; `edges[edge_from[k]:...]` are ax, ay, bx, by with the reference point to the left of a→b; `flips` says
    which candidates' membership an edge changes. The outermost ring of cells is always -1.
    """

    x0: float
    y0: float
    scale: float
    nx: int
    ny: int
    cells: NDArray[np.int32]
    ref_x: NDArray[np.float64]
    ref_y: NDArray[np.float64]
    status: Ints
    candidate_from: Ints
    candidates: NDArray[np.int32]
    edge_from: Ints
    edges: NDArray[np.float64]
    flips: Ints


def spread(counts: Ints) -> tuple[Ints, Ints]:
    """Give for each of `sum(counts)` items its owner's index and its place within the owner."""
    owner = np.repeat(np.arange(counts.size), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(owner.size) - first[owner]


def ring_edges(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], Ints]:
    """List every edge of every ring as rows of ax, ay, bx, by with a < b, and the polygon each belongs to."""
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    xy, at = shapely.get_coordinates(rings, return_index=True)
    same = at[1:] == at[:-1]
    a, b = xy[:-1][same], xy[1:][same]
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    edges = np.where(swap[:, None], np.hstack([b, a]), np.hstack([a, b]))
    owner = part_of[ring_of[at[1:][same]]]
    real = (a != b).any(axis=1)
    return np.ascontiguousarray(edges[real]), owner[real].astype(np.int64)


def _cover(uv: NDArray[np.float64], nx: int, ny: int) -> tuple[Ints, Ints]:
    """List (edge, cell) for every cell an edge touches or comes within the slack of; `uv` in cell units, ua <= ub."""
    ua, va, ub, vb = uv.T
    first = np.clip(np.floor(ua - _SLACK), 0, nx - 1).astype(np.int64)
    last = np.clip(np.floor(ub + _SLACK), 0, nx - 1).astype(np.int64)
    edge, k = spread(last - first + 1)
    col = first[edge] + k
    du, dv = (ub - ua)[edge], (vb - va)[edge]
    steep = du < _STEEP
    safe = np.where(steep, 1.0, du)
    t0 = np.where(steep, 0.0, np.clip((col - _SLACK - ua[edge]) / safe, 0.0, 1.0))
    t1 = np.where(steep, 1.0, np.clip((col + 1 + _SLACK - ua[edge]) / safe, 0.0, 1.0))
    v0, v1 = va[edge] + t0 * dv, va[edge] + t1 * dv
    low = np.clip(np.floor(np.minimum(v0, v1) - _SLACK), 0, ny - 1).astype(np.int64)
    high = np.clip(np.floor(np.maximum(v0, v1) + _SLACK), 0, ny - 1).astype(np.int64)
    pair, k = spread(high - low + 1)
    return edge[pair], (low[pair] + k) * nx + col[pair]


def _inside(
    edges: NDArray[np.float64], owner: Ints, ref_x: NDArray[np.float64], ref_y: NDArray[np.float64]
) -> tuple[Ints, Ints, Ints]:
    """Find (cell, polygon) where the polygon covers the cell's reference point, and cells where that is too near.

    One horizontal line through each row of reference points; between its odd and even crossings lies the inside.
    """
    nx = ref_x.size
    up = edges[:, 1] <= edges[:, 3]
    ax, ay, bx, by = np.where(up[:, None], edges, edges[:, [2, 3, 0, 1]]).T
    first = np.searchsorted(ref_y, ay, side="left")
    edge, k = spread(np.searchsorted(ref_y, by, side="left") - first)
    j = first[edge] + k
    x = ax[edge] + (ref_y[j] - ay[edge]) / (by - ay)[edge] * (bx - ax)[edge]
    order = np.lexsort((x, owner[edge], j))
    j, x, who = j[order], x[order], owner[edge][order]
    step = ref_x[1] - ref_x[0]
    col = np.searchsorted(ref_x, x)
    near = np.zeros(0, dtype=np.int64)
    for side in (col - 1, col):
        beside = np.clip(side, 0, nx - 1)
        near = np.concatenate([near, (j * nx + beside)[np.abs(ref_x[beside] - x) < _NEAR * step]])
    start, stop = col[0::2], col[1::2]
    run, k = spread(stop - start)
    return j[0::2][run] * nx + start[run] + k, who[0::2][run], near


def _frame(shapes: NDArray[np.object_], edges: int) -> tuple[float, float, float, int, int]:
    """Choose the grid: its corner, cells per degree and size; two cells of margin all round."""
    west, south, east, north = (float(v) for v in shapely.total_bounds(shapes))
    side = ((east - west) * (north - south) / min(MAX_CELLS, max(MIN_CELLS, CELLS_PER_EDGE * edges))) ** 0.5
    side = max(side, _FINEST)
    nx, ny = int((east - west) / side) + 5, int((north - south) / side) + 5
    return west - 2.0 * side, south - 2.0 * side, 1.0 / side, nx, ny


def rasterise(shapes: NDArray[np.object_]) -> Raster:
    """Build the grid over valid polygons, WGS 84 degrees; None and empty ones cover nothing, but not all may."""
    edges, owner = ring_edges(shapes)
    unique, which = np.unique(edges, axis=0, return_inverse=True)  # a border two wards share is kept once
    x0, y0, scale, nx, ny = _frame(shapes, len(unique))
    ref_x = x0 + (np.arange(nx, dtype=np.float64) + REFERENCE[0]) / scale
    ref_y = y0 + (np.arange(ny, dtype=np.float64) + REFERENCE[1]) / scale

    edge, cell = _cover((unique - (x0, y0, x0, y0)) * scale, nx, ny)
    inside_cell, inside_who, near = _inside(edges, owner, ref_x, ref_y)
    cells = np.full(nx * ny, -1, dtype=np.int32)
    cells[inside_cell] = inside_who
    shared = inside_cell[cells[inside_cell] != inside_who]
    busy = np.unique(np.concatenate([cell, shared]))
    cells[busy] = -2 - np.arange(busy.size)

    k = -2 - cells[cell].astype(np.int64)
    order = np.argsort(k, kind="stable")
    k, edge, cell = k[order], edge[order], cell[order]
    covers = cells[inside_cell] < -1
    candidate_from, candidates, status, flips = _members(
        (k, edge),
        (which.ravel(), owner),
        (-2 - cells[inside_cell[covers]], inside_who[covers]),
        (busy.size, len(shapes)),
    )
    turned, unsure = _turn(unique[edge], ref_x[cell % nx], ref_y[cell // nx])
    near_k = -2 - cells[near].astype(np.int64)
    crowded = np.flatnonzero(np.diff(candidate_from) > MAX_CANDIDATES)
    status[np.concatenate([k[unsure], near_k[near_k >= 0], crowded])] = -1
    return Raster(
        x0=x0,
        y0=y0,
        scale=scale,
        nx=nx,
        ny=ny,
        cells=cells,
        ref_x=ref_x,
        ref_y=ref_y,
        status=status,
        candidate_from=candidate_from,
        candidates=candidates,
        edge_from=np.searchsorted(k, np.arange(busy.size + 1)).astype(np.int64),
        edges=turned,
        flips=flips,
    )


def _members(
    held: tuple[Ints, Ints], owned: tuple[Ints, Ints], covering: tuple[NDArray[np.int32], Ints], sizes: tuple[int, int]
) -> tuple[Ints, NDArray[np.int32], Ints, Ints]:
    """Number the candidates of each busy cell and say, as bits, who covers its reference point and whom an edge flips.

    `held`: (busy cell, edge) pairs; `owned`: (edge, polygon) pairs; `covering`: (busy cell, polygon) pairs. Candidates
    are the owners of a cell's edges and the polygons that cover its reference point, ascending.
    """
    (k, edge), (which, owner), (inside_k, inside_who), (busy, rows) = held, owned, covering, sizes
    by_edge = np.argsort(which, kind="stable")
    owners = np.bincount(which)
    pair, nth = spread(owners[edge])
    flipping = k[pair] * rows + owner[by_edge[(np.cumsum(owners) - owners)[edge[pair]] + nth]]
    inside = inside_k.astype(np.int64) * rows + inside_who
    keys = np.unique(np.concatenate([flipping, inside]))
    first = np.searchsorted(keys // rows, np.arange(busy + 1)).astype(np.int64)
    bits = np.left_shift(np.int64(1), np.minimum(np.arange(keys.size) - first[keys // rows], MAX_CANDIDATES))
    status, flips = np.zeros(busy, dtype=np.int64), np.zeros(edge.size, dtype=np.int64)
    np.bitwise_or.at(status, inside_k, bits[np.searchsorted(keys, inside)])
    np.bitwise_xor.at(flips, pair, bits[np.searchsorted(keys, flipping)])
    return first, (keys % rows).astype(np.int32), status, flips


def _turn(
    edges: NDArray[np.float64], rx: NDArray[np.float64], ry: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Turn each edge so that its cell's reference point is on the left, and say where that is within rounding."""
    ax, ay, bx, by = (edges - np.stack([rx, ry, rx, ry], axis=1)).T
    left, right = ax * by, ay * bx
    unsure: NDArray[np.bool_] = np.abs(left - right) <= 1e-15 * (np.abs(left) + np.abs(right)) + 1e-300
    return np.ascontiguousarray(np.where((left < right)[:, None], edges[:, [2, 3, 0, 1]], edges)), unsure

"""How far a position is from the edges of wards, in metres.

The same cells that answer "which ward" hold the edges near a position, so that a border costs microseconds to see.
Distances are taken in a plane scaled at the position (`geo.places.metres_per_degree` states its error); an edge is
straight in longitude and latitude, as it is for the point-in-polygon test.
"""

import math
import struct
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.places import metres_per_degree
from geo.raster import MAX_CANDIDATES, Raster, ring_edges, spread

_UNPACK: Final = struct.Struct("4d").iter_unpack
_WINDOW: Final = 2500  # cells; a wider search looks at whole wards instead
_AT_ONCE: Final = 1 << 19  # cells or edges looked at in one go for many positions

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ranked = list[tuple[float, int]]
"""(metres, row) of wards with an edge near, nearest first."""


class _Whole(NamedTuple):
    """The edges ward after ward, those of ward `row` from `first[row]` on: where they start, what they span; boxes."""

    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    first: Ints
    boxes: Floats


class Edges:
    """The edges of all wards, by cell for what is near and by ward for what is far."""

    def __init__(self, grid: Raster, shapes: NDArray[np.object_]) -> None:
        self._grid, self._shapes = grid, shapes
        self._cells, self._edges, self._flips = grid.cells.data, grid.edges.data, grid.flips.data
        self._edge_from, self._candidate_from = grid.edge_from.data, grid.candidate_from.data
        self._candidates = grid.candidates.data

    @cached_property
    def _whole(self) -> _Whole:
        """Lay the edges out by ward, when first asked for something far: a start need not pay for it."""
        edges, owner = ring_edges(self._shapes)
        order = np.argsort(owner, kind="stable")
        edges = edges[order]
        first = np.searchsorted(owner[order], np.arange(len(self._shapes) + 1)).astype(np.int64)
        boxes = np.full((len(self._shapes), 4), np.nan)
        filled = np.flatnonzero(np.diff(first))
        at = first[filled]
        # reduceat takes each ward's run of edges; wards without a shape keep NaN, which is near nothing.
        boxes[filled, 0] = np.minimum.reduceat(edges[:, 0], at)
        boxes[filled, 1] = np.minimum.reduceat(np.minimum(edges[:, 1], edges[:, 3]), at)
        boxes[filled, 2] = np.maximum.reduceat(edges[:, 2], at)
        boxes[filled, 3] = np.maximum.reduceat(np.maximum(edges[:, 1], edges[:, 3]), at)
        x, y = edges[:, 0].copy(), edges[:, 1].copy()
        return _Whole(x, y, edges[:, 2] - x, edges[:, 3] - y, first, boxes)

    def of(self, row: int, lon: float, lat: float) -> float:
        """Measure metres to the nearest edge of one ward (its holes' edges too); infinity if it has no shape."""
        whole = self._whole
        part = slice(whole.first[row], whole.first[row + 1])
        if part.start == part.stop:
            return math.inf
        kx, ky = metres_per_degree(lat)
        x, y = (whole.x[part] - lon) * kx, (whole.y[part] - lat) * ky
        dx, dy = whole.dx[part] * kx, whole.dy[part] * ky
        t = (x * dx + y * dy) / -(dx * dx + dy * dy)
        np.maximum(t, 0.0, out=t)
        np.minimum(t, 1.0, out=t)
        x += t * dx
        y += t * dy
        return math.sqrt((x * x + y * y).min())

    def within(self, lon: float, lat: float, radius_m: float) -> dict[int, float]:
        """Measure metres to the nearest edge of every ward that has one within the radius, as {row: metres}."""
        grid = self._grid
        kx, ky = metres_per_degree(lat)
        i, j = (lon - grid.x0) * grid.scale, (lat - grid.y0) * grid.scale
        wide, high = radius_m / kx * grid.scale, radius_m / ky * grid.scale
        left, right = max(0, math.floor(i - wide)), min(grid.nx - 1, math.floor(i + wide))
        low, top = max(0, math.floor(j - high)), min(grid.ny - 1, math.floor(j + high))
        if left > right or low > top:
            return {}
        if (right - left + 1) * (top - low + 1) > _WINDOW:
            return self._within_wards(lon, lat, radius_m)
        best: dict[int, float] = {}
        most = radius_m * radius_m
        for start in range(low * grid.nx, (top + 1) * grid.nx, grid.nx):
            for cell in self._cells[start + left : start + right + 1].tolist():
                if cell > -2:
                    continue
                k = -2 - cell
                base, first = self._candidate_from[k], self._edge_from[k]
                if self._candidate_from[k + 1] - base > MAX_CANDIDATES:
                    return self._within_wards(lon, lat, radius_m)
                for e, (ax, ay, bx, by) in enumerate(_UNPACK(self._edges[first : self._edge_from[k + 1]]), first):
                    square = _square((ax - lon) * kx, (ay - lat) * ky, (bx - lon) * kx, (by - lat) * ky)
                    flips = self._flips[e] if square <= most else 0
                    while flips:
                        bit = flips & -flips
                        row = self._candidates[base + bit.bit_length() - 1]
                        if square < best.get(row, math.inf):
                            best[row] = square
                        flips ^= bit
        return {row: math.sqrt(square) for row, square in best.items()}

    def of_many(self, rows: Sequence[int], lons: Sequence[float], lats: Sequence[float]) -> list[float]:
        """Measure metres to the nearest edge of a ward each, as `of` does for one."""
        row, xs, ys = np.asarray(rows, dtype=np.int64), np.asarray(lons, dtype=float), np.asarray(lats, dtype=float)
        whole, scales = self._whole, _scales(ys)
        counts = whole.first[row + 1] - whole.first[row]
        squares = np.full(row.size, np.inf)
        for part in _portions(counts):
            owner, nth = spread(counts[part])
            at = part.start + owner
            edge = whole.first[row[at]] + nth
            ax, ay = (whole.x[edge] - xs[at]) * scales[at, 0], (whole.y[edge] - ys[at]) * scales[at, 1]
            dx, dy = whole.dx[edge] * scales[at, 0], whole.dy[edge] * scales[at, 1]
            np.minimum.at(squares, at, _squares(ax, ay, dx, dy))
        return list(np.sqrt(squares).tolist())

    def within_many(self, lons: Floats, lats: Floats, radius_m: float) -> list[Ranked]:
        """Measure metres to the nearest edge of every ward that has one within the radius of each position.

        As `within` for one position, but all cells and edges at once; nearest first.
        """
        grid, scales = self._grid, _scales(lats)
        i, j = (lons - grid.x0) * grid.scale, (lats - grid.y0) * grid.scale
        wide, high = radius_m / scales[:, 0] * grid.scale, radius_m / scales[:, 1] * grid.scale
        left, right = _cells(i - wide, 0, grid.nx), _cells(i + wide, -1, grid.nx - 1)
        low, top = _cells(j - high, 0, grid.ny), _cells(j + high, -1, grid.ny - 1)
        width = np.maximum(right - left + 1, 0)
        counts = width * np.maximum(top - low + 1, 0)
        whole = counts > _WINDOW
        counts[whole] = 0
        found: list[tuple[Ints, Ints, Floats]] = []
        for part in _portions(counts):
            owner, nth = spread(counts[part])
            at = part.start + owner
            cells = grid.cells[(low[at] + nth // width[at]) * grid.nx + left[at] + nth % width[at]]
            busy = np.flatnonzero(cells < -1)
            at, k = at[busy], -2 - cells[busy].astype(np.int64)
            whole[at[np.diff(grid.candidate_from)[k] > MAX_CANDIDATES]] = True
            found += self._near_cells(at, k, (lons, lats, scales), radius_m)
        near = _ranked(found, len(lons))
        for n in np.flatnonzero(whole).tolist():
            near[n] = sorted((m, row) for row, m in self._within_wards(lons[n], lats[n], radius_m).items())
        return near

    def _near_cells(
        self, at: Ints, k: Ints, positions: tuple[Floats, Floats, Floats], radius_m: float
    ) -> list[tuple[Ints, Ints, Floats]]:
        """List (position, row, squared metres) of the edges of busy cells `k` near their positions `at`."""
        grid, (lons, lats, scales) = self._grid, positions
        first = grid.edge_from[k]
        pair, nth = spread(grid.edge_from[k + 1] - first)
        edge, at = first[pair] + nth, at[pair]
        ends = (grid.edges[edge] - np.stack([lons[at], lats[at]] * 2, axis=1)) * np.tile(scales[at], 2)
        squares = _squares(ends[:, 0], ends[:, 1], ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        kept = np.flatnonzero(squares <= radius_m * radius_m)
        at, squares, flips, base = at[kept], squares[kept], grid.flips[edge[kept]], grid.candidate_from[k][pair][kept]
        found = []
        while flips.size:  # an edge is mostly of two wards: two turns
            bit = flips & -flips
            rows = grid.candidates[base + np.frexp(bit.astype(np.float64))[1] - 1]
            found.append((at, rows.astype(np.int64), squares))
            flips = flips ^ bit
            more = np.flatnonzero(flips)
            at, squares, flips, base = at[more], squares[more], flips[more], base[more]
        return found

    def nearest(self, lon: float, lat: float) -> tuple[int, float]:
        """Find the ward with the nearest edge, however far, as (row, metres); ties go to the lowest row."""
        bound = self._to_boxes(lon, lat)
        best = (math.inf, -1)
        for row in np.argsort(bound, kind="stable"):  # NaN goes last
            if not bound[row] <= best[0]:
                break
            best = min(best, (self.of(int(row), lon, lat), int(row)))
        return best[1], best[0]

    def _to_boxes(self, lon: float, lat: float) -> NDArray[np.float64]:
        kx, ky = metres_per_degree(lat)
        west, south, east, north = self._whole.boxes.T
        dx, dy = np.maximum(west - lon, lon - east), np.maximum(south - lat, lat - north)
        metres: Floats = np.hypot(np.maximum(dx, 0.0) * kx, np.maximum(dy, 0.0) * ky)
        return metres

    def _within_wards(self, lon: float, lat: float, radius_m: float) -> dict[int, float]:
        rows = np.flatnonzero(self._to_boxes(lon, lat) <= radius_m * (1.0 + 1e-9))
        metres = {int(row): self.of(int(row), lon, lat) for row in rows}
        return {row: m for row, m in metres.items() if m <= radius_m}


def _scales(lats: Floats) -> Floats:
    """Give metres per degree of longitude and latitude at each latitude, (n, 2)."""
    return np.array([metres_per_degree(lat) for lat in lats.tolist()]).reshape(-1, 2)


def _cells(values: Floats, low: int, high: int) -> Ints:
    return np.clip(np.floor(values), low, high).astype(np.int64)


def _portions(counts: Ints) -> Iterator[slice]:
    """Cut positions into runs that together look at no more than `_AT_ONCE` cells or edges (or at one position)."""
    ends, start = np.cumsum(counts), 0
    while start < counts.size:
        done = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + _AT_ONCE, side="right")))
        yield slice(start, stop)
        start = stop


def _squares(ax: Floats, ay: Floats, dx: Floats, dy: Floats) -> Floats:
    """Measure the squared distances from the origin to segments from a that span d."""
    t = np.clip(-(ax * dx + ay * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    x, y = ax + t * dx, ay + t * dy
    return np.asarray(x * x + y * y)


def _ranked(found: list[tuple[Ints, Ints, Floats]], count: int) -> list[Ranked]:
    """Bring (position, row, squared metres) to the nearest of each row, by position, nearest first."""
    near: list[Ranked] = [[] for _ in range(count)]
    if found:
        at, rows, squares = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.lexsort((squares, rows, at))
        at, rows, squares = at[order], rows[order], squares[order]
        first = np.append(True, (at[1:] != at[:-1]) | (rows[1:] != rows[:-1]))[: at.size]
        at, rows, metres = at[first], rows[first], np.sqrt(squares[first])
        order = np.lexsort((rows, metres, at))
        for n, away, row in zip(at[order].tolist(), metres[order].tolist(), rows[order].tolist(), strict=True):
            near[n].append((away, row))
    return near


def _square(ax: float, ay: float, bx: float, by: float) -> float:
    """Measure the squared distance from the origin to the segment a, b."""
    dx, dy = bx - ax, by - ay
    t = -(ax * dx + ay * dy) / (dx * dx + dy * dy)
    if t > 0.0:
        if t < 1.0:
            ax += t * dx
            ay += t * dy
        else:
            ax, ay = bx, by
    return ax * ax + ay * ay

"""How far a position is from the edges of wards, in metres.

The same cells that answer "which ward" hold the edges near a position, so that a border costs microseconds to see.
Distances are taken in a plane scaled at the position (`geo.places.metres_per_degree` states its error); an edge is
straight in longitude and latitude, as it is for the point-in-polygon test.
"""

import math
import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.places import metres_per_degree
from geo.raster import MAX_CANDIDATES, Raster, ring_edges

_UNPACK: Final = struct.Struct("4d").iter_unpack
_WINDOW: Final = 2500  # cells; a wider search looks at whole wards instead


class Edges:
    """The edges of all wards, by cell for what is near and by ward for what is far."""

    def __init__(self, grid: Raster, shapes: NDArray[np.object_]) -> None:
        self._grid = grid
        self._cells, self._edges, self._flips = grid.cells.data, grid.edges.data, grid.flips.data
        self._edge_from, self._candidate_from = grid.edge_from.data, grid.candidate_from.data
        self._candidates = grid.candidates.data
        edges, owner = ring_edges(shapes)
        order = np.argsort(owner, kind="stable")
        edges = edges[order]
        self._starts = edges[:, 0].copy(), edges[:, 1].copy()
        self._spans = edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]
        self._from = np.searchsorted(owner[order], np.arange(len(shapes) + 1)).tolist()
        boxes = np.full((len(shapes), 4), np.nan)
        filled = np.flatnonzero(np.diff(self._from))
        first = np.asarray(self._from)[filled]
        # reduceat takes each ward's run of edges; wards without a shape keep NaN, which is near nothing.
        boxes[filled, 0] = np.minimum.reduceat(edges[:, 0], first)
        boxes[filled, 1] = np.minimum.reduceat(np.minimum(edges[:, 1], edges[:, 3]), first)
        boxes[filled, 2] = np.maximum.reduceat(edges[:, 2], first)
        boxes[filled, 3] = np.maximum.reduceat(np.maximum(edges[:, 1], edges[:, 3]), first)
        self._boxes = boxes

    def of(self, row: int, lon: float, lat: float) -> float:
        """Measure metres to the nearest edge of one ward (its holes' edges too); infinity if it has no shape."""
        part = slice(self._from[row], self._from[row + 1])
        if part.start == part.stop:
            return math.inf
        kx, ky = metres_per_degree(lat)
        x, y = (self._starts[0][part] - lon) * kx, (self._starts[1][part] - lat) * ky
        dx, dy = self._spans[0][part] * kx, self._spans[1][part] * ky
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
        west, south, east, north = self._boxes.T
        dx, dy = np.maximum(west - lon, lon - east), np.maximum(south - lat, lat - north)
        return np.hypot(np.maximum(dx, 0.0) * kx, np.maximum(dy, 0.0) * ky)

    def _within_wards(self, lon: float, lat: float, radius_m: float) -> dict[int, float]:
        rows = np.flatnonzero(self._to_boxes(lon, lat) <= radius_m * (1.0 + 1e-9))
        metres = {int(row): self.of(int(row), lon, lat) for row in rows}
        return {row: m for row, m in metres.items() if m <= radius_m}


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

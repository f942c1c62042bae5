"""A polygon with fewer positions that still covers the whole of it. Pure.

You are inside `geo.fitting`. Two steps take a position away and can only add ground: dropping a corner that points
inwards, and drawing two neighbouring corners that point outwards as the one where their outer edges meet. The step that
adds least goes first; one that would run into another line does not go at all. The first of the two steps alone is what
GEOS and PostGIS call the outer hull of a polygon; the second goes on below the convex hull.
"""

import heapq
import math
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

_FAR: Final = 4.0  # a new corner may stand this many times as far out as the edge it replaces is long

Step = tuple[float, int, int, int, int]
"""Cost, stamp of the position, the position, the one after it, or -1 for the step that drops a corner."""


class Outline:
    """The rings of one polygon, from which positions are taken one by one; interior always to the left."""

    def __init__(self, polygon: Any, scale: tuple[float, float]) -> None:
        polygon = shapely.orient_polygons(polygon)
        rings = [shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(polygon).tolist()]
        self._scale = np.array(scale)
        flat = np.vstack(rings) * self._scale
        self._x: list[float] = flat[:, 0].tolist()
        self._y: list[float] = flat[:, 1].tolist()
        # The same positions again as arrays, NaN once gone, for questions about all of them.
        self._xs, self._ys = flat[:, 0].copy(), flat[:, 1].copy()
        self._next: list[int] = []
        self._before: list[int] = []
        self._ring: list[int] = []
        self._left: list[int] = []
        for number, ring in enumerate(rings):
            first, n = len(self._next), len(ring)
            self._next += [first + (i + 1) % n for i in range(n)]
            self._before += [first + (i - 1) % n for i in range(n)]
            self._ring += [number] * n
            self._left.append(n)
        self._stamp = [0] * len(self._x)
        self._blocked: list[int] = []
        self._heap: list[Step] = []
        for at in range(len(self._x)):
            self._offer(at)

    @property
    def positions(self) -> int:
        """Positions as they are written: the first of each ring again at its end."""
        return sum(n + 1 for n in self._left if n)

    def cost(self) -> float:
        """Say how much ground the next step adds, square units of the scale; infinity when none is left."""
        while self._heap and not self._is_fresh(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else math.inf

    def step(self) -> bool:
        """Try the cheapest step, and say whether it was taken: one that would run into another line is put aside."""
        if self.cost() == math.inf:
            return False
        _, _, at, after, _ = heapq.heappop(self._heap)
        left, ring = self._left[self._ring[at]], self._ring[at]
        if after >= 0:
            taken = left > 3 and self._meet(at, after)
        elif left > 3:
            taken = self._cut(at)
        else:
            taken = ring > 0
            if taken:
                self._drop_hole(ring, at)
        if not taken:
            self._blocked.append(at)
        elif len(self._heap) < len(self._blocked):
            # What stood in the way may be gone by now.
            again, self._blocked = self._blocked, []
            for each in again:
                if self._alive(each):
                    self._offer(each)
        return taken

    def polygon(self) -> Any:
        """Give what stands now, in degrees."""
        rings: dict[int, list[int]] = {}
        for at, ring in enumerate(self._ring):
            if ring not in rings and self._alive(at):
                rings[ring] = walk = [at]
                while (at := self._next[walk[-1]]) != walk[0]:
                    walk.append(at)
        lines = {ring: np.column_stack((self._xs[w], self._ys[w])) / self._scale for ring, w in rings.items()}
        return shapely.Polygon(lines[0], [line for ring, line in sorted(lines.items()) if ring])

    def _alive(self, at: int) -> bool:
        return self._stamp[at] >= 0

    def _is_fresh(self, step: Step) -> bool:
        _, stamp, at, after, other = step
        return self._stamp[at] == stamp and (after < 0 or self._stamp[after] == other)

    def _turn(self, a: int, v: int, b: int) -> float:
        x, y = self._x, self._y
        return (x[v] - x[a]) * (y[b] - y[v]) - (y[v] - y[a]) * (x[b] - x[v])

    def _offer(self, at: int) -> None:
        """Put the steps at a position, and with the one after it, on the heap."""
        before, after = self._before[at], self._next[at]
        ring = self._ring[at]
        turn = self._turn(before, at, after)
        if turn <= 0.0 and (self._left[ring] > 3 or ring > 0):
            heapq.heappush(self._heap, (-turn / 2.0, self._stamp[at], at, -1, 0))
        elif self._left[ring] > 3 and (corner := self._corner(at, after)) is not None:
            cost = abs(
                (self._x[after] - self._x[at]) * (corner[1] - self._y[at])
                - (self._y[after] - self._y[at]) * (corner[0] - self._x[at])
            )
            heapq.heappush(self._heap, (cost / 2.0, self._stamp[at], at, after, self._stamp[after]))

    def _corner(self, v: int, w: int) -> tuple[float, float] | None:
        """Find where the edges before `v` and after `w` meet outside, if both corners point outwards and it is near."""
        a, b = self._before[v], self._next[w]
        if self._turn(a, v, w) <= 0.0 or self._turn(v, w, b) <= 0.0:
            return None
        x, y = self._x, self._y
        dx, dy, ex, ey = x[v] - x[a], y[v] - y[a], x[w] - x[b], y[w] - y[b]
        across = dx * ey - dy * ex
        if across >= 0.0:
            return None
        t = ((x[w] - x[v]) * ey - (y[w] - y[v]) * ex) / across
        corner = x[v] + t * dx, y[v] + t * dy
        long = math.hypot(x[w] - x[v], y[w] - y[v])
        return corner if t > 0.0 and math.hypot(corner[0] - x[v], corner[1] - y[v]) <= _FAR * long else None

    def _cut(self, at: int) -> bool:
        before, after = self._before[at], self._next[at]
        corners = [(self._x[i], self._y[i]) for i in (before, at, after)]
        if self._holds_others(corners, (before, at, after)):
            return False
        self._take_out(at)
        for each in (self._before[before], before, after):
            self._touch(each)
        return True

    def _meet(self, v: int, w: int) -> bool:
        corner = self._corner(v, w)
        if corner is None:
            return False
        a, b = self._before[v], self._next[w]
        ends = (self._x[v], self._y[v]), (self._x[w], self._y[w])
        if self._holds_others([ends[0], corner, ends[1]], (v, w)) or self._is_crossed(ends, corner, (a, v, w)):
            return False
        self._take_out(w)
        self._x[v], self._y[v] = corner
        self._xs[v], self._ys[v] = corner
        for each in (self._before[a], a, v, b):
            self._touch(each)
        return True

    def _drop_hole(self, ring: int, at: int) -> None:
        for each in (self._before[at], self._next[at], at):
            self._stamp[each] = -1
            self._xs[each] = self._ys[each] = math.nan
        self._left[ring] = 0

    def _take_out(self, at: int) -> None:
        before, after = self._before[at], self._next[at]
        self._next[before], self._before[after] = after, before
        self._stamp[at] = -1
        self._xs[at] = self._ys[at] = math.nan
        self._left[self._ring[at]] -= 1

    def _touch(self, at: int) -> None:
        self._stamp[at] += 1
        self._offer(at)

    def _holds_others(self, corners: list[tuple[float, float]], own: tuple[int, ...]) -> bool:
        """Tell whether another position lies in a triangle or on its edge."""
        (ax, ay), (bx, by), (cx, cy) = corners
        xs, ys = self._xs, self._ys
        near = np.flatnonzero(
            (xs >= min(ax, bx, cx)) & (xs <= max(ax, bx, cx)) & (ys >= min(ay, by, cy)) & (ys <= max(ay, by, cy))
        )
        near = near[~np.isin(near, own)]
        if not len(near):
            return False
        x, y = xs[near], ys[near]
        s = _side(ax, ay, bx, by, x, y), _side(bx, by, cx, cy, x, y), _side(cx, cy, ax, ay, x, y)
        low, high = np.minimum(np.minimum(s[0], s[1]), s[2]), np.maximum(np.maximum(s[0], s[1]), s[2])
        return bool(((low >= 0.0) | (high <= 0.0)).any())

    def _is_crossed(
        self, ends: tuple[tuple[float, float], tuple[float, float]], corner: tuple[float, float], own: tuple[int, ...]
    ) -> bool:
        """Tell whether another edge cuts off the new corner, without a position of its own inside."""
        live = np.flatnonzero(~np.isnan(self._xs))
        live = live[~np.isin(live, own)]
        after = np.asarray(self._next)[live]
        px, py, qx, qy = self._xs[live], self._ys[live], self._xs[after], self._ys[after]
        for x, y in ends:
            apart = _side(px, py, qx, qy, x, y) * _side(px, py, qx, qy, *corner) <= 0.0
            if (apart & (_side(x, y, *corner, px, py) * _side(x, y, *corner, qx, qy) <= 0.0)).any():
                return True
        return False


def _side(ax: Any, ay: Any, bx: Any, by: Any, x: Any, y: Any) -> NDArray[np.float64]:
    side: NDArray[np.float64] = np.asarray((bx - ax) * (y - ay) - (by - ay) * (x - ax))
    return side

"""Rings as people and machines draw them become valid polygons, or are refused with a reason. Pure.

You are inside `geo.areas`. What can be understood in one way only is mended and said: a ring left open, positions
repeated, spikes, a ring that touches itself. A ring that crosses itself has no one meaning; who may be lenient is
`geo.areas`' to say.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.places import Rejected, metres_per_degree

SPIKE_DEG: Final = 0.1
"""A ring that turns back within this angle, degrees, has a spike there: out and back along almost the same line."""
MEND_SHARE: Final = 0.01
"""Mending may change an area by this share; what would change it more is left alone or refused."""
MOST_CROSSINGS: Final = 4000
"""Lines of one area that cross each other more often have no meaning, and would take minutes to lay over each other."""
_PAIRS: Final = 2_000_000  # of edges whose boxes meet
_ROUNDS: Final = 200  # a spike of several positions on each side goes one by one

Line = NDArray[np.float64]


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was set right; `code` is stable, lower-kebab."""

    code: str
    detail: str


def line_of(positions: object) -> Line:
    """Read positions (lon, lat, more ignored) into an (n, 2) array; Rejected `area-not-a-number`."""
    if not isinstance(positions, Sequence) or isinstance(positions, str | bytes):
        raise Rejected("area-not-a-number", f"a ring is a list of positions, got {type(positions).__name__}")
    if not len(positions):
        return np.empty((0, 2))
    try:
        line = np.asarray([list(position)[:2] for position in positions])
    except (TypeError, ValueError):
        line = np.empty(0, dtype=object)
    if line.ndim != 2 or line.shape[1] != 2 or line.dtype.kind not in "iuf" or not np.isfinite(line).all():
        raise Rejected("area-not-a-number", "a ring is a list of positions, each of two finite numbers or more")
    return line.astype(np.float64)


def tidy(line: Line, told: list[Mended]) -> Line:
    """Close a ring, drop repeated positions and spikes; adds to `told`. Fewer than four positions hold nothing."""
    kept = np.ones(len(line), dtype=bool)
    kept[1:] = (line[1:] != line[:-1]).any(axis=1)
    if not kept.all():
        told.append(Mended(code="position-repeated", detail=f"{np.count_nonzero(~kept)} positions stood there twice"))
        line = line[kept]
    if len(line) and (line[0] != line[-1]).any():
        if len(line) >= 3:
            told.append(Mended(code="ring-open", detail=f"a ring of {len(line)} positions was closed"))
        line = np.vstack((line, line[:1]))
    return _without_spikes(line, told) if len(line) >= 4 else line


def polygons(line: Line, told: list[Mended], *, lenient: bool) -> list[Any]:
    """Make valid polygons of a tidy closed ring, none if it holds nothing; adds to `told`.

    A ring that touches itself keeps the parts it was drawn around. One that crosses itself is mended if that costs a
    loop of at most 1 % of its area; else Rejected `area-self-crossing`, or, `lenient`, all that it goes around counts.
    """
    if len(line) < 4:
        return []
    shape = shapely.Polygon(line)
    if shape.is_valid:
        return [shape] if shape.area > 0.0 else []
    check_untangled([line])
    why = shapely.is_valid_reason(shape)
    parts = [part for part in polygons_in(shapely.make_valid(shape, method="structure")) if part.area > 0.0]
    whole = sum(part.area for part in parts)
    if not parts or why.startswith("Ring Self-intersection"):
        told.append(Mended(code="ring-touching", detail=f"a ring touches itself: {why}"))
        return parts
    largest = max(part.area for part in parts)
    if not lenient and largest < (1.0 - MEND_SHARE) * whole:
        raise Rejected("area-self-crossing", f"a ring crosses itself, so that its inside is not clear: {why}")
    text = f"a ring crosses itself ({why}); everything it goes around is taken"
    told.append(Mended(code="self-crossing", detail=text))
    return parts


def check_untangled(lines: Sequence[Line]) -> None:
    """Rejected `area-self-crossing` for lines that cross each other thousands of times, before that costs anything."""
    ends = np.concatenate([np.stack((line[:-1], line[1:]), axis=1) for line in lines])
    edges: NDArray[np.object_] = np.asarray(shapely.linestrings(ends))
    tree, found = shapely.STRtree(edges), 0
    # As few at a time as keep the pairs countable: everybody may be near everybody else.
    step = max(1, _PAIRS // (20 * len(edges)))
    pairs = 0
    for first in range(0, len(edges), step):
        one, other = tree.query(edges[first : first + step])
        pairs += len(one)
        found += int(np.count_nonzero(_meet(edges[first : first + step][one], edges[other])))
        if found > 2 * MOST_CROSSINGS or pairs > _PAIRS:
            raise Rejected("area-self-crossing", f"its lines cross each other over {MOST_CROSSINGS:,} times")


def _meet(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.bool_]:
    meet: NDArray[np.bool_] = shapely.crosses(one, other) | shapely.overlaps(one, other)
    return meet


def polygons_in(shape: Any) -> list[Any]:
    """List the polygons in a geometry, however deep they stand; lines, points and None hold none."""
    if shape is None or shape.is_empty:
        return []
    if shape.geom_type == "Polygon":
        return [shape]
    return [area for part in getattr(shape, "geoms", ()) for area in polygons_in(part)]


def _without_spikes(line: Line, told: list[Mended]) -> Line:
    scale = np.array(metres_per_degree(float(np.clip(line[:, 1].mean(), -89.0, 89.0))))
    ring = line[:-1]
    for _ in range(_ROUNDS):
        flat = ring * scale
        spikes = _turns_back(np.roll(flat, 1, axis=0), flat, np.roll(flat, -1, axis=0))
        if not spikes.any():
            break
        ring = ring[~spikes]
        if len(ring) < 3:
            break
        ring = ring[(ring != np.roll(ring, 1, axis=0)).any(axis=1)]
    lost = len(line) - 1 - len(ring)
    before, after = shapely.Polygon(line).area, shapely.Polygon(ring).area if len(ring) >= 3 else 0.0
    # A sliver is all spike: what remained of it would be nothing, so it stays as it was drawn.
    if lost == 0 or abs(before - after) > MEND_SHARE * before:
        return line
    told.append(Mended(code="spike", detail=f"{lost} positions of spikes were dropped"))
    return np.vstack((ring, ring[:1]))


def _turns_back(a: Line, v: Line, b: Line) -> NDArray[np.bool_]:
    before, after = a - v, b - v
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    dot = (before * after).sum(axis=1)
    back: NDArray[np.bool_] = (dot > 0.0) & (np.abs(cross) <= np.tan(np.radians(SPIKE_DEG)) * dot)
    return back

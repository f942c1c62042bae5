"""Shapes that a surveyor would look at twice: parts far from each other, slivers, spikes, odd sizes. Pure."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely

from geo.boundaries import Boundaries
from geo.labels import Finding, Level
from geo.measure import m2
from geo.places import metres_per_degree

FAR_M: Final = 1000.0
"""A part this far from a ward's largest one is a warning: one of the two may be another ward's."""
THIN_M: Final = 5.0
"""A part whose mean width (twice its area by its circumference) is below this is a sliver."""
SPIKE_DEGREES: Final = 1.0
"""A vertex at which a border turns back on itself by less than this angle is the point of a spike."""
SPIKE_M: Final = 20.0
"""Shorter spikes are noise of the digitising."""
LONG_SPIKE_M: Final = 1000.0
"""A spike this long is a warning: it reaches into other wards, or across them."""
ODD: Final = 4.5
"""An area is odd when its logarithm lies this many (robust) standard deviations from the median of its county."""
ENOUGH: Final = 8
"""Wards a county needs before one of them can be odd."""


def several_parts(boundaries: Boundaries) -> list[Finding]:
    """Find wards in several parts, with how far those are from the largest one."""
    findings = []
    for row, shape in enumerate(boundaries.geometries):
        parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area) if shape is not None else []
        if len(parts) > 1:
            scaled = _scaled(parts, parts[0].centroid.y)
            metres = max(scaled[0].distance(other) for other in scaled[1:])
            others = shapely.union_all(parts[1:])
            level: Level = "warning" if metres >= FAR_M else "note"
            away = f"up to {metres:,.0f} m apart from the largest" if metres >= 1.0 else "which only touch at corners"
            detail = f"drawn as {len(parts)} separate pieces, {away}"
            findings.append(
                Finding(kind="several-parts", level=level, detail=detail, rows=(row,), area_m2=m2(others), shape=others)
            )
    return findings


def thin(boundaries: Boundaries) -> list[Finding]:
    """Find wards, or parts of them, that are too thin to be land somebody administers."""
    findings = []
    for row, shape in enumerate(boundaries.geometries):
        for part in shapely.get_parts(shape) if shape is not None else ():
            (scaled,) = _scaled([part], part.centroid.y)
            width = 2.0 * scaled.area / scaled.length
            if width < THIN_M:
                detail = f"a part {width:.1f} m wide and {scaled.length / 2.0:,.0f} m long"
                findings.append(
                    Finding(kind="sliver", level="warning", detail=detail, rows=(row,), area_m2=scaled.area, shape=part)
                )
    return findings


def _scaled(parts: Sequence[Any], lat: float) -> list[Any]:
    """Bring parts that lie near each other into metres."""
    scale = np.array(metres_per_degree(lat))
    return list(shapely.transform(parts, lambda xy: xy * scale))


def spikes(boundaries: Boundaries) -> list[Finding]:
    """Find vertices at which a border turns back on itself."""
    findings = []
    for row, shape in enumerate(boundaries.geometries):
        for ring in _rings(shape):
            for at, length, angle in _points(np.asarray(ring.coords)[:-1]):
                level: Level = "warning" if length >= LONG_SPIKE_M else "note"
                long = f" (from {LONG_SPIKE_M:,.0f} m on a warning)" if level == "warning" else ""
                detail = f"a spike of {length:,.0f} m{long}, {angle:.2f} degrees at its point"
                findings.append(Finding(kind="spike", level=level, detail=detail, rows=(row,), shape=shapely.Point(at)))
    return findings


def _rings(shape: Any) -> list[Any]:
    parts = () if shape is None else shapely.get_parts(shape)
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]


def _points(xy: Any) -> list[tuple[tuple[float, float], float, float]]:
    """Give the spikes of a ring: where each points to, its length in metres, its angle in degrees."""
    metres = xy * metres_per_degree(float(xy[:, 1].mean()))
    back, ahead = np.roll(metres, 1, axis=0) - metres, np.roll(metres, -1, axis=0) - metres
    long_back, long_ahead = np.hypot(*back.T), np.hypot(*ahead.T)
    cosine = np.einsum("ij,ij->i", back, ahead) / np.maximum(long_back * long_ahead, 1e-12)
    length = np.minimum(long_back, long_ahead)
    found = np.flatnonzero((cosine > math.cos(math.radians(SPIKE_DEGREES))) & (length >= SPIKE_M))
    return [
        ((float(xy[n, 0]), float(xy[n, 1])), float(length[n]), math.degrees(math.acos(min(1.0, float(cosine[n])))))
        for n in found.tolist()
    ]


def unusual_areas(boundaries: Boundaries) -> list[Finding]:
    """Find wards far smaller or larger than the others of their county."""
    counties: dict[str, list[int]] = defaultdict(list)
    for row, shape in enumerate(boundaries.geometries):
        if shape is not None:
            counties[boundaries.columns["county_code"][row]].append(row)
    findings = []
    for rows in counties.values():
        if len(rows) < ENOUGH:
            continue
        areas = np.array([m2(boundaries.geometries[row]) for row in rows])
        logs = np.log(areas)
        middle = float(np.median(logs))
        spread = 1.4826 * float(np.median(np.abs(logs - middle)))  # as a normal distribution's standard deviation
        for row, area, value in zip(rows, areas.tolist(), logs.tolist(), strict=True):
            if spread > 0.0 and abs(value - middle) > ODD * spread:
                times = math.exp(abs(value - middle))
                than = "larger" if value > middle else "smaller"
                detail = f"{times:,.0f} times {than} than the middle ward of {boundaries.columns['county'][row]}"
                findings.append(Finding(kind="unusual-area", level="note", detail=detail, rows=(row,), area_m2=area))
    return findings

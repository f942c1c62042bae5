"""What is wrong with a boundary file, as a table to read and as GeoJSON to look at. Pure.

`geo.boundaries` has found and mended what stands in single rows; here the wards are held against each other.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import shapely

from geo.boundaries import Boundaries, area_m2
from geo.labels import Finding, Level
from geo.resolution import Place
from geo.ward_codes import doubts

SLIVER_M2: Final = 1.0
"""Overlaps and gaps smaller than this come from rounding and are not listed."""
TOUCHING_DEG: Final = 1e-7
"""Wards this near to a gap (a centimetre) stand around it."""
LARGE_M2: Final = 10_000.0
"""Overlaps and gaps from one hectare on are warnings, smaller ones notes."""

_ORDER: Final[Mapping[Level, int]] = {"error": 0, "warning": 1, "repaired": 2, "note": 3}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All findings on one boundary version, the gravest first; `names` are the wards' names by row."""

    version: str
    wards: int
    findings: tuple[Finding, ...]
    names: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found that makes answers wrong: no errors."""
        return all(finding.level != "error" for finding in self.findings)

    def table(self) -> str:
        """Write the findings as lines of text, with a count of each kind at the top."""
        counts: dict[tuple[Level, str], int] = {}
        for finding in self.findings:
            counts[finding.level, finding.kind] = counts.get((finding.level, finding.kind), 0) + 1
        summary = ", ".join(f"{n} {kind} ({level})" for (level, kind), n in counts.items()) or "nothing found"
        lines = [f"{self.wards} wards, boundary version {self.version}: {summary}"]
        for finding in self.findings:
            wards = " / ".join(self.names[row] or f"row {row}" for row in finding.rows[:4])
            wards += f" and {len(finding.rows) - 4} more" if len(finding.rows) > 4 else ""
            area = "" if finding.area_m2 is None else f"{finding.area_m2 / 1e4:.2f} ha"
            lines.append(f"{finding.level:<8}  {finding.kind:<24}  {area:>12}  {wards}: {finding.detail}")
        return "\n".join(lines)

    def geojson(self) -> dict[str, Any]:
        """Make a FeatureCollection of the findings; those without a place of their own have a null geometry."""
        return {
            "type": "FeatureCollection",
            "version": self.version,
            "features": [
                {
                    "type": "Feature",
                    "properties": {
                        "kind": finding.kind,
                        "level": finding.level,
                        "detail": finding.detail,
                        "rows": list(finding.rows),
                        "wards": [self.names[row] for row in finding.rows],
                        "area_m2": None if finding.area_m2 is None else round(finding.area_m2, 1),
                    },
                    "geometry": None
                    if finding.shape is None
                    else msgspec.json.decode(shapely.to_geojson(finding.shape)),
                }
                for finding in self.findings
            ],
        }


def survey(boundaries: Boundaries, places: Sequence[Place] | None = None) -> Report:
    """Hold the wards against each other: overlaps and gaps, besides what reading the file has found."""
    findings = [
        *boundaries.findings,
        *doubts(boundaries.columns, boundaries.codes),
        *_overlaps(boundaries),
        *_gaps(boundaries),
    ]
    findings.sort(key=lambda f: (_ORDER[f.level], f.kind, -(f.area_m2 or 0.0), f.rows))
    return Report(
        version=boundaries.version,
        wards=len(boundaries.geometries),
        findings=tuple(findings),
        names=boundaries.columns["ward"],
    )


def _overlaps(boundaries: Boundaries) -> list[Finding]:
    shapes = boundaries.geometries
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    findings = []
    for row, other, common in zip(a.tolist(), b.tolist(), shapely.intersection(shapes[a], shapes[b]), strict=True):
        area = area_m2(common)
        if area >= SLIVER_M2:
            text = f"they overlap; a position there goes to {boundaries.columns['ward'][min(row, other)]}"
            findings.append(_spot("overlap", text, (row, other), area, common))
    return findings


def _gaps(boundaries: Boundaries) -> list[Finding]:
    shapes = boundaries.geometries
    tree = shapely.STRtree(shapes)
    whole = shapely.union_all(shapes[~shapely.is_missing(shapes)])
    findings = []
    for part in shapely.get_parts(whole):
        for ring in part.interiors:
            hole = shapely.Polygon(ring)
            area = area_m2(hole)
            if area >= SLIVER_M2:
                around = tuple(np.sort(tree.query(hole, predicate="dwithin", distance=TOUCHING_DEG)).tolist())
                findings.append(_spot("gap", "no ward covers it", around, area, hole))
    return findings


def _spot(kind: str, detail: str, rows: tuple[int, ...], area: float, shape: Any) -> Finding:
    level: Level = "warning" if area >= LARGE_M2 else "note"
    return Finding(kind=kind, level=level, detail=detail, rows=rows, area_m2=area, shape=shape)

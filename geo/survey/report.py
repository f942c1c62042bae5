"""The findings on one boundary version: a table for people, gravest first, and GeoJSON for a map. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import shapely

from geo.labels import Finding, Level

LINES: Final = 12
"""How many findings of a kind the table lists before it counts the others."""
NAMED: Final = 4
"""How many wards of a finding it names."""
SUMMED: Final = frozenset({"overlap", "gap", "several-parts", "sliver"})
"""Kinds whose areas make sense together."""
GRAVE: Final = (
    "swapped-names", "county-among-strangers", "constituency-among-strangers", "duplicate-name", "ward-count",
    "constituency-clash", "code-clash", "overlap", "gap", "several-parts", "sliver",
)  # fmt: skip
"""Kinds that come first among those of the same level, the gravest first: these put a position into a wrong ward."""
LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "repaired", "note")
_ORDER: Final[Mapping[str, int]] = {level: n for n, level in enumerate(LEVELS)}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All findings on one boundary version, the gravest first; `names` are the wards' codes and names by row."""

    version: str
    wards: int
    findings: tuple[Finding, ...]
    names: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found that makes answers wrong: no errors."""
        return all(finding.level != "error" for finding in self.findings)

    def table(self, most: int = LINES) -> str:
        """Write the findings as lines of text: a heading and at most `most` lines a kind, the total at the end."""
        lines = [f"{self.wards:,} {'ward' if self.wards == 1 else 'wards'}, boundary version {self.version}"]
        kinds = dict.fromkeys(finding.kind for finding in self.findings)
        for kind in kinds:
            found = [finding for finding in self.findings if finding.kind == kind]
            areas = [finding.area_m2 for finding in found if finding.area_m2 is not None and kind in SUMMED]
            extent = f", {_area(sum(areas))} in all" if len(areas) > 1 else ""
            lines.append(f"{found[0].level.upper():<8}  {kind}: {len(found)}{extent} ({_counted(found)})")
            lines += [f"            {self._line(finding)}" for finding in found[:most]]
            if len(found) > most:
                lines.append(f"            ... and {len(found) - most} more: the GeoJSON has them all")
        lines.append(f"Total: {_counted(self.findings) if self.findings else 'nothing found'}")
        return "\n".join(lines)

    def _line(self, finding: Finding) -> str:
        wards = " / ".join(self.names[row] or f"row {row}" for row in finding.rows[:NAMED])
        wards += f" and {len(finding.rows) - NAMED} more" if len(finding.rows) > NAMED else ""
        area = "" if finding.area_m2 is None else f"{_area(finding.area_m2):>10}  "
        return f"{area}{wards}{': ' if wards else ''}{finding.detail}"

    def geojson(self) -> dict[str, Any]:
        """Make a FeatureCollection of the findings; those without any place have a null geometry."""
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


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put findings in the order of a report: kinds by their gravest, in a kind the gravest and largest first."""
    found = list(findings)
    worst: dict[str, int] = {}
    for each in found:
        worst[each.kind] = min(worst.get(each.kind, len(LEVELS)), _ORDER[each.level])

    def place(finding: Finding) -> tuple[int, int, str, int, float, tuple[int, ...]]:
        kind, area = finding.kind, finding.area_m2 or 0.0
        grave = GRAVE.index(kind) if kind in GRAVE else len(GRAVE)
        return worst[kind], grave, kind, _ORDER[finding.level], -area, finding.rows

    return tuple(sorted(found, key=place))


def _counted(findings: Iterable[Finding]) -> str:
    counts = Counter(finding.level for finding in findings)
    return ", ".join(f"{counts[level]} {_word(level, counts[level])}" for level in LEVELS if counts[level])


def _word(level: str, n: int) -> str:
    return level if n == 1 or level == "repaired" else f"{level}s"


def _area(square_metres: float) -> str:
    if square_metres >= 1e6:
        return f"{square_metres / 1e6:.2f} km2"
    return f"{square_metres / 1e4:.2f} ha" if square_metres >= 100.0 else f"{square_metres:.1f} m2"

"""What other boundaries change: wards added, removed, renamed, recoded, and the ground that goes to another ward. Pure.

`dharura wards diff` shows it before a version is chosen.
"""

from collections.abc import Sequence, Set
from typing import Any, Final, Literal

import msgspec
import numpy as np
import shapely

from geo.labels import plain
from geo.measure import m2
from geo.ward import Ward
from geo.wards import Wards

SLIVER_M2: Final = 1.0
"""Ground smaller than this changes by rounding, not by decision."""
SAME: Final = 0.5
"""Wards of different names are one and the same when their common ground is more than this share of both together."""
KINDS: Final = ("added", "removed", "renamed", "recoded", "moved")
Kind = Literal["added", "removed", "renamed", "recoded", "moved"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one ward; -1 for a row on the side where it is not.

    `gained_m2`, `lost_m2`: ground of a moved edge; `share`: both, as a share of the ward's area before. `goes`: the
    wards (rows after, -1 for none) that get what it lost, with square metres, the most first.
    """

    kind: Kind
    before: int
    after: int
    detail: str
    gained_m2: float = 0.0
    lost_m2: float = 0.0
    share: float = 0.0
    goes: tuple[tuple[int, float], ...] = ()
    shape: Any = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """All changes between two boundary versions, kind by kind; the ground that changes its ward, and all ground.

    `one_sided`: schemes of codes that only one of the two has at all, which recodes no ward.
    """

    before: str
    after: str
    wards: tuple[int, int]
    changes: tuple[Change, ...]
    names: tuple[tuple[str, ...], tuple[str, ...]]
    moved_m2: float
    area_m2: float
    one_sided: tuple[str, ...] = ()

    def table(self, most: int = 20) -> str:
        """Write the changes as lines of text, the largest first in each kind, with the total at the end."""
        lines = [f"{self.before} ({self.wards[0]:,} wards) -> {self.after} ({self.wards[1]:,} wards)"]
        for kind in KINDS:
            found = [change for change in self.changes if change.kind == kind]
            lines += [f"{kind}: {len(found)}"] if found else []
            lines += [f"    {self._line(change)}" for change in found[:most]]
            lines += [f"    ... and {len(found) - most} more: the GeoJSON has them all"] if len(found) > most else []
        lines += [f"{scheme}: on one side only" for scheme in self.one_sided]
        share = self.moved_m2 / self.area_m2 if self.area_m2 else 0.0
        moved = f"{_km2(self.moved_m2)} ({share:.3%} of all ground) would be another ward's or nobody's"
        lines.append(f"Total: {len(self.changes)} changes; {moved}" if self.changes else "Total: no change")
        return "\n".join(lines)

    def _line(self, change: Change) -> str:
        name = self.names[0][change.before] if change.before >= 0 else self.names[1][change.after]
        if change.kind != "moved":
            return f"{name}: {change.detail}" if change.detail else name
        return f"{name}: +{_km2(change.gained_m2)}, -{_km2(change.lost_m2)} ({change.share:.2%}){self._whither(change)}"

    def _whither(self, change: Change) -> str:
        goes = [f"{self._after(row)} {_km2(area)}" for row, area in change.goes[:3]]
        goes += [f"{len(change.goes) - 3} more"] if len(change.goes) > 3 else []
        return f"; what it loses goes to {', '.join(goes)}" if goes else ""

    def _after(self, row: int) -> str:
        return self.names[1][row] if row >= 0 else "no ward"

    def geojson(self) -> dict[str, Any]:
        """Make a FeatureCollection of the changes: a ward that came or went, or the ground that an edge moved over."""
        return {
            "type": "FeatureCollection",
            "before": self.before,
            "after": self.after,
            "codes_on_one_side_only": list(self.one_sided),
            "features": [
                {
                    "type": "Feature",
                    "properties": {
                        "kind": change.kind,
                        "ward_before": self.names[0][change.before] if change.before >= 0 else None,
                        "ward_after": self.names[1][change.after] if change.after >= 0 else None,
                        "detail": change.detail,
                        "gained_m2": round(change.gained_m2, 1),
                        "lost_m2": round(change.lost_m2, 1),
                        "share": round(change.share, 6),
                        "goes_to": [{"ward": self._after(row), "area_m2": round(area, 1)} for row, area in change.goes],
                    },
                    "geometry": None if change.shape is None else msgspec.json.decode(shapely.to_geojson(change.shape)),
                }
                for change in self.changes
            ],
        }


def difference(before: Wards, after: Wards) -> Difference:
    """Say what changes when `after` counts instead of `before`.

    A ward is the same on both sides when county, constituency and name are, else when its ground is.
    """
    pairs = _pairs(before, after)
    partner = dict(pairs)
    changes = [_gone("removed", before, row) for row in range(len(before)) if row not in partner]
    new = set(range(len(after))) - set(partner.values())
    changes += [_gone("added", after, row) for row in sorted(new)]
    schemes = [{scheme for ward in wards for scheme, code in ward.codes.items() if code} for wards in (before, after)]
    for row, other in pairs:
        changes += _labels(before.ward(row), after.ward(other), schemes[0] & schemes[1])
    moved, area = _moved(before, after, pairs)
    changes += moved
    lost = sum(change.lost_m2 for change in changes)
    return Difference(
        before=before.version,
        after=after.version,
        wards=(len(before), len(after)),
        changes=tuple(sorted(changes, key=lambda c: (KINDS.index(c.kind), -(c.gained_m2 + c.lost_m2)))),
        names=(_names(before), _names(after)),
        moved_m2=lost,
        area_m2=area,
        one_sided=tuple(sorted(schemes[0] ^ schemes[1])),
    )


def _ground(wards: Wards, row: int) -> Any:
    """Give a ward's shape, an empty one where it has none."""
    shape = wards.source.geometries[row]
    return shapely.Polygon() if shape is None else shape


def _names(wards: Wards) -> tuple[str, ...]:
    return tuple(f"{ward.code} {ward.name}, {ward.constituency}" for ward in wards)


def _gone(kind: Kind, wards: Wards, row: int) -> Change:
    shape = _ground(wards, row)
    area = m2(shape)
    gained, lost = (area, 0.0) if kind == "added" else (0.0, area)
    rows = (-1, row) if kind == "added" else (row, -1)
    detail = f"{_km2(area)}, {wards.ward(row).county}"
    return Change(
        kind=kind, before=rows[0], after=rows[1], detail=detail, gained_m2=gained, lost_m2=lost, share=1.0, shape=shape
    )


def _labels(was: Ward, now: Ward, schemes: Set[str]) -> list[Change]:
    """Say what a ward is called and numbered otherwise, in the schemes that both sides have."""
    changes = []
    for kind, old, new in (
        ("renamed", f"{was.name}, {was.constituency}, {was.county}", f"{now.name}, {now.constituency}, {now.county}"),
        ("recoded", _codes(was, schemes), _codes(now, schemes)),
    ):
        if old != new:
            detail = f"{old} -> {new}"
            changes.append(Change(kind=kind, before=was.row, after=now.row, detail=detail))  # type: ignore[arg-type]  # one of KINDS
    return changes


def _codes(ward: Ward, schemes: Set[str]) -> str:
    return ", ".join(
        [ward.path, *(f"{scheme} {code}" for scheme, code in sorted(ward.codes.items()) if scheme in schemes)]
    )


def _pairs(before: Wards, after: Wards) -> list[tuple[int, int]]:
    """Pair the rows that are one ward: by what it is called, then by where it is."""
    called, now = _by_name(before), _by_name(after)
    pairs = [(row, now[name]) for name, row in called.items() if name in now]
    left = sorted(set(range(len(before))) - {row for row, _ in pairs})
    free = sorted(set(range(len(after))) - {row for _, row in pairs})
    shares = []
    for n, m in _crossing([_ground(before, row) for row in left], [_ground(after, row) for row in free]):
        old, new = _ground(before, left[n]), _ground(after, free[m])
        common = shapely.intersection(old, new).area
        shares.append((common / (old.area + new.area - common), left[n], free[m]))
    taken: set[tuple[str, int]] = set()
    for share, row, other in sorted(shares, key=lambda each: (-each[0], each[1], each[2])):
        if share > SAME and not taken & {("before", row), ("after", other)}:
            taken |= {("before", row), ("after", other)}
            pairs.append((row, other))
    return sorted(pairs)


def _by_name(wards: Wards) -> dict[tuple[str, ...], int]:
    """Give the rows of wards by county, constituency and name, as far as those are one ward's alone."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for ward in wards:
        rows.setdefault((ward.county_code, plain(ward.constituency), plain(ward.name)), []).append(ward.row)
    return {name: found[0] for name, found in rows.items() if len(found) == 1}


def _crossing(some: Sequence[Any], others: Sequence[Any]) -> list[tuple[int, int]]:
    if not some or not others:
        return []
    found = shapely.STRtree(np.array(others, dtype=object)).query(np.array(some, dtype=object), predicate="intersects")
    return [(n, m) for n, m in found.T.tolist()]


def _moved(before: Wards, after: Wards, pairs: Sequence[tuple[int, int]]) -> tuple[list[Change], float]:
    """Measure the ground that each ward gains and loses, and all ground there was."""
    old = np.array([_ground(before, row) for row, _ in pairs], dtype=object)
    new = np.array([_ground(after, row) for _, row in pairs], dtype=object)
    differ = np.flatnonzero(~shapely.equals_exact(old, new, tolerance=0.0))
    lost, gained = shapely.difference(old[differ], new[differ]), shapely.difference(new[differ], old[differ])
    tree = shapely.STRtree(after.source.geometries)
    changes = []
    for n, away, come in zip(differ.tolist(), lost, gained, strict=True):
        minus, plus = m2(away), m2(come)
        if minus + plus < SLIVER_M2:
            continue
        row, other = pairs[n]
        whole = m2(old[n])
        changes.append(
            Change(
                kind="moved",
                before=row,
                after=other,
                detail=f"gains {_km2(plus)}, loses {_km2(minus)}",
                gained_m2=plus,
                lost_m2=minus,
                share=(minus + plus) / whole if whole else 1.0,
                goes=_goes(away, minus, other, after, tree),
                shape=shapely.union_all([away, come]),
            )
        )
    total = sum(m2(shape) for shape in before.source.geometries if shape is not None)
    return changes, total


def _goes(away: Any, area: float, own: int, after: Wards, tree: shapely.STRtree) -> tuple[tuple[int, float], ...]:
    """Say which wards get what one loses; what lies where wards overlap goes to the lowest row, as a position does."""
    found: dict[int, float] = {}
    left = away
    for row in np.sort(tree.query(away, predicate="intersects")).tolist():
        common = shapely.intersection(left, after.geometry(row))
        left = shapely.difference(left, after.geometry(row))
        if row != own and m2(common) >= SLIVER_M2:
            found[row] = m2(common)
    nobody = m2(left)
    if nobody >= SLIVER_M2:
        found[-1] = nobody
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _km2(square_metres: float) -> str:
    if square_metres >= 1e5:
        return f"{square_metres / 1e6:.2f} km2"
    return f"{square_metres / 1e4:.2f} ha" if square_metres >= 100.0 else f"{square_metres:.0f} m2"

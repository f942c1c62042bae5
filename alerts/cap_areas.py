"""The wards that a CAP message from anybody is about: by its geocodes, its polygons, its circles. Pure.

You are after `alerts.cap_reading`, which has understood the message. Whoever sent it cannot be asked to draw it again,
so what is drawn badly is set right as far as it has one meaning, and everything that was assumed is said. Next: the
door answers with the wards, and the step that takes in others' warnings will address them.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from alerts.cap import WARD_SCHEME, Alert, Area, Circle, Ring
from alerts.cap_rules import Fault
from geo import areas
from geo.crossing import crossing
from geo.measure import km2
from geo.places import Rejected
from geo.wards import Wards


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """One ward a message is about.

    `by`: named by a geocode of ours, or crossed by what is drawn. `share`: how much of the ward is meant, 0 to 1; a
    ward that is named is meant whole. `km2`: that in square kilometres.
    """

    row: int
    path: str
    by: Literal["geocode", "drawing"]
    share: float
    km2: float


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """All wards a message is about, the one it takes most of first.

    `drawn`: its polygons and circles as far as they count, None without any; `uncovered_km2`: what of them lies in no
    ward. `flags`: what was wrong with its areas, and what was made of it. `version`: the boundaries' version.
    """

    wards: tuple[Reached, ...]
    drawn: areas.Area | None
    uncovered_km2: float
    flags: tuple[Fault, ...]
    version: str


def reach(wards: Wards, alert: Alert, *, min_share: float = 0.0) -> Reach:
    """Find the wards that any info of a message is about.

    An area that names wards by our own geocodes is about just those: its polygons are outlines that reach a little into
    the neighbours. Where it names none of ours, or one that we do not have, what is drawn counts. Never raises for a
    message: what cannot be used at all is among the flags.
    """
    flags: list[Fault] = []
    named: dict[int, None] = {}
    drawn: dict[Ring | Circle, areas.Area] = {}
    for where, area in _areas_of(alert):
        rows, unknown = _named(wards, area)
        named |= dict.fromkeys(rows)
        for code in unknown:
            text = f"no ward or area {code[:40]!r} in boundary version {wards.version}"
            flags.append(Fault(code="geocode-unknown", where=where, detail=text))
        if rows and not unknown:
            continue
        if not (area.polygons or area.circles):
            schemes = ", ".join(sorted({code.name[:40] for code in area.geocodes})) or "no codes"
            text = f"{area.description[:60]!r} has no polygon or circle, and {schemes}"
            flags.append(Fault(code="area-not-placed", where=where, detail=text))
        drawn |= _drawn(area, where, flags)
    found = {row: _whole(wards, row) for row in named}
    together, uncovered = _together(list(drawn.values()), flags), 0.0
    if together is not None:
        crossed = crossing(wards, together, min_share=min_share)
        uncovered = crossed.uncovered_km2
        for each in crossed.wards:
            reached = Reached(row=each.row, path=each.path, by="drawing", share=each.share, km2=each.km2)
            found.setdefault(each.row, reached)
    return Reach(
        wards=tuple(sorted(found.values(), key=lambda ward: (-ward.km2, ward.row))),
        drawn=together,
        uncovered_km2=uncovered,
        flags=tuple(dict.fromkeys(flags)),
        version=wards.version,
    )


def _areas_of(alert: Alert) -> Iterator[tuple[str, Area]]:
    """Give every area once: each language of a message repeats them."""
    seen = set()
    for n, info in enumerate(alert.infos, 1):
        for m, area in enumerate(info.areas, 1):
            key = (area.polygons, area.circles, area.geocodes)
            if key not in seen or not any(key):
                seen.add(key)
                yield f"info {n} area {m}", area


def _named(wards: Wards, area: Area) -> tuple[list[int], list[str]]:
    """Give the rows that geocodes of ours name, and those codes of ours that name none."""
    rows: list[int] = []
    unknown = []
    for code in area.geocodes:
        if code.name == WARD_SCHEME:
            found = wards.rows_in(code.value)
            rows += found
            unknown += [] if found else [code.value]
    return rows, unknown


def _drawn(area: Area, where: str, flags: list[Fault]) -> dict[Ring | Circle, areas.Area]:
    made: dict[Ring | Circle, areas.Area] = {}
    drawings: list[Ring | Circle] = [*area.polygons, *area.circles]
    for drawing in drawings:
        try:
            made[drawing] = _area(drawing)
        except Rejected as refused:
            flags.append(Fault(code=refused.code, where=where, detail=refused.detail))
            continue
        flags += [Fault(code=note.code, where=where, detail=note.detail) for note in made[drawing].mended]
    return made


def _together(drawn: list[areas.Area], flags: list[Fault]) -> areas.Area | None:
    try:
        return areas.joined(drawn) if drawn else None
    except Rejected as refused:
        flags.append(Fault(code=refused.code, where="alert", detail=refused.detail))
        return None


def _area(drawing: Ring | Circle) -> areas.Area:
    if isinstance(drawing, Circle):
        return areas.circle(drawing.lon, drawing.lat, drawing.radius_km * 1000.0, lenient=True)
    return areas.polygon([drawing], lenient=True)


def _whole(wards: Wards, row: int) -> Reached:
    size = km2(wards.geometry(row))
    return Reached(row=row, path=wards.ward(row).path, by="geocode", share=1.0, km2=size)

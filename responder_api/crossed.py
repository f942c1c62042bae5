"""The wards an area crosses, as `POST /wards/crossed` and `dharura wards crossed` answer: a document for clients.

You are between `geo.crossing` (what somebody drew) or `alerts.cap_areas` (what a CAP message is about) and the route.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta
from msgspec import UnsetType as Unset

from alerts.cap_areas import reach
from alerts.cap_reading import read as read_cap
from geo import areas
from geo.areas import Area
from geo.crossing import crossing
from geo.facilities import Facilities, Within
from geo.measure import km2
from geo.place_files import PlaceSource
from geo.places import Rejected
from geo.resolution import kind_of
from geo.wards import Wards
from responder_api.located import NamedWard, named


class CrossedWard(msgspec.Struct, frozen=True, kw_only=True):
    """A ward that is meant, or crossed."""

    ward: NamedWard
    """Which one."""
    share: float
    """How much of the ward, 0 to 1."""
    km2: float
    """The same in square kilometres."""
    of_area: float | Unset = UNSET
    """How much of the area lies in this ward, 0 to 1. Not for a CAP message."""
    by: Literal["drawing", "geocode"]
    """Crossed by what is drawn, or named by a code in a CAP message."""


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something about the area that was set right, or could not be used."""

    code: str
    """Stable."""
    detail: str
    """For a person."""
    where: str = ""
    """In a CAP message: which of its areas."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place inside the area."""

    name: str
    kind: str
    lon: float
    lat: float


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """The places inside: all counted, the first hundred by name listed."""

    total: int
    kinds: dict[str, int]
    """How many of each kind, most first."""
    places: list[Place]
    sources: list[str]
    """Whom the names are owed to."""


class CrossedWards(msgspec.Struct, frozen=True, kw_only=True):
    """The wards an area crosses, the one with most of it first."""

    wards: list[CrossedWard]
    km2: float
    """The area's own size, square kilometres; of a CAP message, what is drawn in it."""
    uncovered_km2: float
    """What of that lies in no ward."""
    remarks: list[Remark]
    """What was set right on the way."""
    facilities: Inside | Unset = UNSET
    """Only when asked for."""
    boundaries: str
    """The boundaries' version."""
    approximate: bool
    """Whether the boundaries call themselves an approximation."""


class CircleBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A circle: centre in degrees, radius in metres."""

    lon: float
    lat: float
    radius_m: Annotated[float, Meta(gt=0.0)]


def area_of(sent: Mapping[str, Any]) -> Area:
    """Make the area of what was sent: GeoJSON, or `{"circle": {"lon", "lat", "radius_m"}}`.

    Rejected as in `geo.areas.from_geojson` and `circle`.
    """
    if "circle" not in sent:
        return areas.from_geojson(sent)
    given = sent["circle"]
    if set(sent) != {"circle"} or not isinstance(given, Mapping) or set(given) != set(CircleBody.__struct_fields__):
        raise Rejected("area-not-an-area", 'write a circle as {"circle": {"lon": 34.75, "lat": -0.1, "radius_m": 500}}')
    return areas.circle(given["lon"], given["lat"], given["radius_m"])


def crossed_by_area(wards: Wards, area: Area, *, min_share: float = 0.0) -> CrossedWards:
    """Answer for an area that was drawn."""
    found = crossing(wards, area, min_share=min_share)
    return CrossedWards(
        wards=[
            CrossedWard(
                ward=named(wards.ward(each.row)),
                share=each.share,
                km2=each.km2,
                of_area=each.of_area,
                by="drawing",
            )
            for each in found.wards
        ],
        km2=found.km2,
        uncovered_km2=found.uncovered_km2,
        remarks=[Remark(code=note.code, detail=note.detail) for note in area.mended],
        boundaries=found.version,
        approximate=wards.approximate,
    )


def crossed_by_cap(wards: Wards, data: bytes, *, min_share: float = 0.0) -> tuple[CrossedWards, Area | None]:
    """Answer for a CAP message; also gives the area it is about, None if there is none.

    Rejected `cap-unreadable`.
    """
    reading = read_cap(data)
    found = reach(wards, reading.alert, min_share=min_share)
    shapes = [wards.geometry(each.row) for each in found.wards if each.by == "geocode"]
    drawn = [] if found.drawn is None else [found.drawn]
    whole = [Area(shape=shape, km2=km2(shape)) for shape in shapes]
    document = CrossedWards(
        wards=[
            CrossedWard(ward=named(wards.ward(each.row)), share=each.share, km2=each.km2, by=each.by)
            for each in found.wards
        ],
        km2=sum(area.km2 for area in drawn),
        uncovered_km2=found.uncovered_km2,
        remarks=[
            Remark(code=flag.code, detail=flag.detail, where=flag.where) for flag in (*reading.flags, *found.flags)
        ],
        boundaries=found.version,
        approximate=wards.approximate,
    )
    return document, areas.joined([*drawn, *whole]) if drawn or whole else None


def with_facilities(
    document: CrossedWards, known: Facilities, area: Area | None, sources: Iterable[PlaceSource]
) -> CrossedWards:
    """Add the places inside an area to its answer, and whom their names are owed to."""
    owed = [", ".join(filter(None, (each.source or each.name, each.licence))) for each in sources]
    found = Within(total=0, kinds={}, places=()) if area is None else known.within(area)
    places = [Place(name=place.name, kind=kind_of(place.kind), lon=place.lon, lat=place.lat) for place in found.places]
    inside = Inside(total=found.total, kinds=found.kinds, places=places, sources=owed)
    return msgspec.structs.replace(document, facilities=inside)

"""What the steps know besides the event and their state: wards, places, stations, plan; it never changes.

A fact that rests on one of these says which version it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from alerts.plans import Plan
from alerts.stations import Station
from geo.facilities import Facilities
from geo.gazetteer import Gazetteer
from geo.place_files import PlaceSource
from geo.places import Rejected
from geo.wards import Wards
from streams.events import Arrival


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """A station with the county that answers for it and the wards its water reaches."""

    station: Station
    county: str
    wards: tuple[Arrival, ...]


@dataclass(frozen=True)
class World:
    """Reference data of one deployment: `sender` is its CAP sender id, `languages` go by county, first one first."""

    wards: Wards
    gazetteer: Gazetteer
    stations: Mapping[str, Gauge]
    plan: Plan
    sender: str
    languages: Mapping[str, tuple[str, ...]]
    exercise: bool = False
    """Everything here is an exercise: alerts carry CAP status Exercise and say so."""
    place_sources: tuple[PlaceSource, ...] = ()
    """Whom the names in the gazetteer are owed to: shown wherever they are used."""
    facilities: Facilities = field(default_factory=Facilities)
    """The same places, to find the nearest of a kind."""

    def ward_name(self, path: str) -> str:
        """Give the name of a ward by its area path; the path itself when the boundaries do not have it."""
        try:
            return self.wards.ward(self.wards.row(path)).name
        except Rejected:
            return path

    def known_names(self, paths: Iterable[str]) -> list[str]:
        """Give the names of those wards that the boundaries have, in the order of their paths."""
        return [name for path in paths if (name := self.ward_name(path)) != path]

    def languages_of(self, area: str) -> tuple[str, ...]:
        """Give the languages of an area, the first one first; English and Swahili where nothing is known."""
        return self.languages.get(area[:6], ("en", "sw"))

"""What a node knows before anything happens: wards, places, stations, rivers and plan, from files or the demo's.

`wiring` asks for it once, before the first message. Next: `streams.world`, which the steps read.
"""

from pathlib import Path
from typing import Any

import msgspec

import fixtures
from alerts import plans
from alerts.stations import Station, check_station
from geo import place_files
from geo.facilities import Facilities
from geo.gazetteer import Gazetteer, Place
from geo.places import Rejected
from geo.rivers import Rivers
from geo.wards import Wards
from responder_api.boundary_store import BoundaryStore
from responder_api.place_store import in_use
from responder_api.settings import Settings
from streams.events import Arrival
from streams.world import Gauge, World

DEMO_WARDS = "demo/wards.geojson"
LANGUAGES = {
    "KE.042": ("sw", "luo", "en"),
    "KE.044": ("sw", "luo", "en"),
    "KE.045": ("sw", "guz", "en"),
    "KE.011": ("sw", "en"),
}
"""Languages of the demo's counties, the first one first; elsewhere English and Swahili."""


class _Downstream(msgspec.Struct, frozen=True):
    ward_path: str
    minutes: float


class _Registered(msgspec.Struct, frozen=True):
    county: str
    downstream: tuple[_Downstream, ...] | None = None


class _Stations(msgspec.Struct, frozen=True):
    stations: list[dict[str, Any]]


def load_world(settings: Settings) -> World:
    """Read all of it; Rejected, naming the file, when one cannot be used."""
    wards, names = load_wards(settings), in_use(settings)
    return World(
        wards=wards,
        gazetteer=Gazetteer(wards, names.places),
        place_sources=names.sources,
        facilities=Facilities(names.places),
        stations=load_stations(settings.stations or fixtures.path("demo/gauges.json"), load_rivers(settings)),
        plan=plans.load(settings.plan) if settings.plan else plans.default(),
        sender=settings.cap_sender,
        languages=LANGUAGES,
    )


def load_gazetteer(settings: Settings, wards: Wards) -> Gazetteer:
    """Read the places that count, placed in some boundaries."""
    return Gazetteer(wards, in_use(settings).places)


def load_wards(settings: Settings) -> Wards:
    """Read the boundaries that count, from their finished index where there is one."""
    store, active = BoundaryStore(settings.data), chosen(settings)
    return Wards.load(boundaries(settings)) if active is None else store.load(active)


def boundaries(settings: Settings) -> Path:
    """Say which boundary file counts: the setting's, else that of the version chosen last, else the demo's."""
    if settings.boundaries is not None:
        return settings.boundaries
    store, active = BoundaryStore(settings.data), chosen(settings)
    if active is not None:
        return store.path(active)
    return store.before_versions if store.before_versions.exists() else fixtures.path(DEMO_WARDS)


def chosen(settings: Settings) -> str | None:
    """Say which kept version counts; None when none does: a setting goes before, or nothing was imported."""
    return BoundaryStore(settings.data).active() if settings.boundaries is None else None


def load_rivers(settings: Settings) -> Rivers:
    """Read the rivers of the setting, or the demo's with the demo's stations; Rejected `rivers-invalid`."""
    if settings.rivers is None and settings.stations is not None:
        return Rivers(())  # somebody else's stations are not on the demo's rivers
    return Rivers.load(settings.rivers or fixtures.path("demo/rivers.json"))


def load_stations(path: Path, rivers: Rivers) -> dict[str, Gauge]:
    """Read a station file (`{"stations": [...]}`, as fixtures/demo/gauges.json); Rejected `station-invalid`.

    The wards below a station are its own `downstream` (`[{"ward_path", "minutes"}]`) where it lists any, else those
    that the rivers lead to from the gauge of its id.
    """
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=_Stations).stations
        gauges = [_gauge(entry, rivers) for entry in listed]
    except msgspec.MsgspecError as error:
        raise Rejected("station-invalid", f"{path.name}: {error}") from error
    return {gauge.station.id: gauge for gauge in gauges}


def _gauge(entry: dict[str, Any], rivers: Rivers) -> Gauge:
    station = check_station(msgspec.convert(entry, Station))
    registered = msgspec.convert(entry, _Registered)
    if registered.downstream is not None:
        below = tuple((each.ward_path, each.minutes) for each in registered.downstream)
    else:
        reached = rivers.downstream(station.id) if station.id in rivers else ()
        below = tuple((each.path, each.minutes) for each in reached)
    wards = tuple(Arrival(ward=ward, minutes=minutes) for ward, minutes in below)
    return Gauge(station=station, county=registered.county, wards=wards)


def load_places(path: Path) -> tuple[Place, ...]:
    """Read the place names of any file that `geo.place_files` reads; rows that give no place are left out."""
    return place_files.read(path).places

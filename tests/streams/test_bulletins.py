"""What a river warning calls the wards downstream, whichever of them our boundaries have."""

from datetime import timedelta

from fixtures.scenario import START
from streams.bulletins import infos
from streams.events import Arrival, Event, LevelCrossed
from streams.world import World

ELSEWHERE = "KE.041.999.9999"


def headline(world: World, *wards: str) -> str:
    crossed = LevelCrossed(
        station="nyando-ahero",
        station_name="Nyando at Ahero bridge",
        river="Nyando",
        parameter="level",
        mark="alarm",
        direction="up",
        severity="Severe",
        value=4.6,
        unit="m",
        datum="",
        wards=tuple(Arrival(ward=ward, minutes=15.0) for ward in wards),
        raised=("alarm",),
    )
    seen = START + timedelta(seconds=2)
    event = Event(id="e", cause="e", source="gauges", key="KE.042", at=START, seen=seen, audience=(), body=crossed)
    return next(info.headline for info in infos(world, event, crossed, "Severe") if info.language.startswith("en"))


def test_a_ward_beyond_our_boundaries_is_counted_and_not_named_by_its_code(world: World) -> None:
    ahero = world.ward_name("KE.042.242.1208")
    assert headline(world, ELSEWHERE, "KE.042.242.1208").endswith(f"in {ahero} and 1 more")


def test_where_no_ward_has_a_name_the_county_stands_for_them(world: World) -> None:
    assert headline(world, ELSEWHERE).endswith("in Kisumu County")

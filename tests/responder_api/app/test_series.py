"""A gauge's chart: the readings that were taken, what became of the others, and no more points than can be drawn."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from alerts.stations import Mark, Station
from responder_api.routes import gauges
from responder_api.series import series
from streams.events import Event, ReadingFlag, ReadingsJudged, ReadingsReceived
from tests.responder_api.app.conftest import Door

NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)
STATION = Station(
    id="nyando-ahero",
    name="Nyando at Ahero",
    lon=34.92,
    lat=-0.17,
    sane_min=0.0,
    sane_max=9.0,
    marks=(Mark(name="alert", raise_at=3.0, clear_at=2.8, severity="Moderate"),),
)


def fact(body: Any, seen: datetime = NOW) -> Event:
    return Event(id="x", cause="x", source="x", key="x", at=seen, seen=seen, audience=(), body=body)


def received(at: list[float], values: list[float | None], **more: Any) -> Event:
    """A batch whose times are minutes before now."""
    times = tuple(NOW - timedelta(minutes=minutes) for minutes in at)
    said: dict[str, Any] = {"station": STATION.id, "parameter": "level", "unit": "m", **more}
    return fact(ReadingsReceived(times=times, values=tuple(values), **said))


def judged(*flags: tuple[str, float, float | None], **more: Any) -> Event:
    said = tuple(ReadingFlag(flag=flag, at=NOW - timedelta(minutes=at), value=value) for flag, at, value in flags)
    return fact(ReadingsJudged(station=STATION.id, accepted=0, flags=said, **more))


def drawn(events: list[Event], most: int = 5000, hours: int = 24) -> Any:
    return series(STATION, events, NOW - timedelta(hours=hours), NOW, most)


def minutes(found: Any) -> list[int]:
    return [round((NOW.timestamp() - at) / 60) for at in found.times]


def test_readings_stand_in_the_order_of_their_times_in_the_station_s_unit() -> None:
    found = drawn([received([30, 10], [1.0, 1.5]), received([20], [120], unit="cm"), received([40], [0.8])])
    assert minutes(found) == [40, 30, 20, 10]
    assert found.values == [0.8, 1.0, 1.2, 1.5]
    assert (found.readings, found.thinned, found.every_s) == (4, False, 600.0)
    assert found.marks == STATION.marks


def test_a_corrected_reading_replaces_the_first() -> None:
    assert drawn([received([10], [1.0]), received([10], [1.1])]).values == [1.1]
    assert drawn([received([10], [1.0]), received([10], [None])]).values == [1.0], "a gap takes nothing away"


def test_a_batch_that_could_not_be_read_draws_nothing() -> None:
    found = drawn([received([10], [1.0], unit="furlong"), received([10], [5.0], parameter="rain")])
    assert (found.times, found.flags) == ([], [])


@pytest.mark.parametrize(("value", "flag"), [(-9999.0, "sentinel"), (12.0, "out-of-range"), (-0.1, "out-of-range")])
def test_what_cannot_be_is_a_gap_with_its_reason(value: float, flag: str) -> None:
    """Also where the judgement, which names the first twenty, does not name it."""
    found = drawn([received([20, 10, 0], [1.0, value, 1.1]), judged()])
    assert found.values == [1.0, None, 1.1]
    assert [(each.flag, each.taken) for each in found.flags] == [(flag, False)]
    assert found.readings == 2


def test_a_reason_is_told_once_and_in_the_judgement_s_words() -> None:
    events = [received([10], [12.0]), fact(ReadingsJudged(station=STATION.id, accepted=0, flags=()))]
    told = ReadingFlag(flag="unit", at=NOW - timedelta(minutes=10), value=12.0, detail="would be possible in cm")
    events.append(fact(ReadingsJudged(station=STATION.id, accepted=0, flags=(told,))))
    (flag,) = drawn(events).flags
    assert (flag.flag, flag.detail, flag.taken) == ("unit", "would be possible in cm", False)


def test_an_untrusted_reading_is_a_gap() -> None:
    found = drawn([received([20, 10], [1.0, 1.1], quality=("good", "suspect"))])
    assert found.values == [1.0, None]
    assert [each.flag for each in found.flags] == ["quality"]


def test_a_spike_is_out_until_the_next_reading_confirms_it() -> None:
    events = [received([20, 10], [1.0, 4.0]), judged(("spike", 10, 4.0))]
    assert drawn(events).values == [1.0, None]
    events += [received([0], [4.1]), judged(("confirmed", 10, 4.0), level=4.1, level_at=NOW, rate_per_hour=6.0)]
    found = drawn(events)
    assert found.values == [1.0, 4.0, 4.1]
    assert (found.level, found.rate_per_hour) == (4.1, 6.0)


def test_what_is_only_noted_stays() -> None:
    found = drawn([received([90], [1.0]), judged(("late", 90, 1.0), ("stuck", 90, 1.0))])
    assert found.values == [1.0]
    assert all(flag.taken for flag in found.flags)


def test_only_the_time_asked_for_is_drawn() -> None:
    found = drawn([received([61, 59, -60], [1.0, 1.1, 9.0]), judged(("late", 61, 1.0))], hours=1)
    assert (minutes(found), found.flags) == ([59], [])


@pytest.mark.parametrize("most", [100, 999, 5000])
def test_thinning_keeps_every_peak_and_gap_in_order(most: int) -> None:
    count = 12_000
    values: list[float | None] = [2.0 + math.sin(n / 700) for n in range(count)]
    values[5_003], values[7_117], values[9_000] = 8.5, 0.01, None
    found = drawn([received([count / 60 - n / 60 for n in range(count)], values)], most)
    assert most / 2 < len(found.times) <= most
    assert found.thinned
    assert {8.5, 0.01, None} <= set(found.values)
    assert all(a < b for a, b in pairwise(found.times))
    assert (found.times[0], found.times[-1]) == (
        NOW.timestamp() - count,
        pytest.approx(NOW.timestamp() - 1),
    )
    assert found.readings == count - 1


def test_few_readings_are_left_as_they_are() -> None:
    found = drawn([received([3, 2, 1], [1.0, 2.0, 3.0])], most=3)
    assert (found.values, found.thinned) == ([1.0, 2.0, 3.0], False)


async def post(door: Door, values: list[float | None], every_min: int = 10, **more: Any) -> list[datetime]:
    now = door.node.clock()
    times = [now - timedelta(minutes=every_min * (len(values) - n)) for n in range(len(values))]
    batch = {"station": "nyando-ahero", "datum": "Ahero bridge staff gauge zero", "unit": "m", "values": values, **more}
    body = {"batch": [{**batch, "times": [time.isoformat() for time in times]}]}
    assert (await door.ask("POST", "/intake/readings", json=body)).status_code == 202
    await door.settle()
    return times


async def test_the_series_is_what_was_sent_and_judged(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    times = await post(door, [2.0, 2.1, 2.2, 8.9, 2.3, 50.0, 3.05, 3.2])
    told = (await door.ask("GET", "/stations/nyando-ahero/series", "amina")).json()
    assert told["times"] == pytest.approx([time.timestamp() for time in times])
    assert told["values"] == [2.0, 2.1, 2.2, None, 2.3, None, 3.05, 3.2]
    flags = {flag["flag"] for flag in told["flags"]}
    assert {"spike", "unit"} <= flags
    assert [mark["name"] for mark in told["marks"]] == ["alert", "alarm", "emergency", "rise"]
    assert {(each["mark"], each["direction"]) for each in told["crossings"]} >= {("alert", "up")}
    assert (told["unit"], told["datum"], told["river"]) == ("m", "Ahero bridge staff gauge zero", "Nyando")
    assert told["every_s"] == pytest.approx(600)
    assert told["level"] == 3.2
    assert (await door.ask("GET", "/stations/nyando-ahero/series?hours=1", "amina")).json()["readings"] < told[
        "readings"
    ]


async def test_a_station_that_never_spoke_has_an_empty_series(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    told = (await door.ask("GET", "/stations/nyando-ahero/series", "amina")).json()
    assert (told["times"], told["values"], told["level"], told["every_s"]) == ([], [], None, None)
    assert told["marks"]


async def test_a_series_is_for_those_of_its_county(door: Door) -> None:
    await post(door, [2.0, 2.1])
    assert (await door.ask("GET", "/stations/nyando-ahero/series")).status_code == 401
    seen = {}
    for role in ("operator", "responder", "agency", "admin"):
        for area in ("KE", "KE.042", "KE.044", "KE.042.238"):
            name = await door.person(f"{role}-{area.lower()}", (role, area))
            answer = await door.ask("GET", "/stations/nyando-ahero/series", name)
            gauge = await door.ask("GET", "/gauges/nyando-ahero", name)
            assert answer.status_code == gauge.status_code, "the chart is for whom the gauge is for"
            seen[role, area] = answer.status_code
    assert seen["operator", "KE.042"] == seen["agency", "KE"] == 200
    assert seen["operator", "KE.044"] == 404
    nothing = await door.ask("GET", "/stations/nowhere/series", "operator-ke")
    assert nothing.json()["code"] == "not-found"


@pytest.mark.parametrize("hours", ["0", "-1", "100000", "x"])
async def test_the_time_asked_for_has_bounds(door: Door, hours: str) -> None:
    await door.person("amina", ("operator", "KE.042"))
    answer = await door.ask("GET", f"/stations/nyando-ahero/series?hours={hours}", "amina")
    assert answer.json()["code"] == "invalid-parameter"


async def test_a_chart_that_would_be_too_much_begins_later(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "MOST_FACTS", 4)
    await door.person("amina", ("operator", "KE.042"))
    for _ in range(3):
        await post(door, [2.0, 2.1])
    told = (await door.ask("GET", "/stations/nyando-ahero/series", "amina")).json()
    since, until = (datetime.fromisoformat(told[end]) for end in ("since", "until"))
    assert until - since < timedelta(hours=1)


async def test_only_what_arrived_since_is_read(door: Door) -> None:
    for _ in range(3):
        await post(door, [2.0, 2.1])
    every = await door.node.read(door.node.views.readings, "nyando-ahero", NOW - timedelta(days=36500), 100)
    assert len(every) == 6
    assert [event.seen for event in every] == sorted(event.seen for event in every)
    late = await door.node.read(door.node.views.readings, "nyando-ahero", every[4].seen, 100)
    assert late == every[4:]
    assert await door.node.read(door.node.views.readings, "nyando-ahero", every[0].seen, 3) == every[3:]
    plan = door.node.views.connection().execute(
        'EXPLAIN QUERY PLAN SELECT event FROM log WHERE subject = ? ORDER BY "offset" DESC', ("x",)
    )
    assert "USING INDEX log_subject" in str(plan.fetchall())

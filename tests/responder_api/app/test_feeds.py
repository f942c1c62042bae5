"""Is it quiet, or is it dead? Every feed says so, for whom it concerns, however many ask."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from responder_api import feed_health
from responder_api.feed_health import Feeds, dead_letters, disk, gauge, outgoing, pipeline, public_channel
from streams.world import World
from tests.responder_api.app.conftest import Door

NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)


def ago(**by: float) -> datetime:
    return NOW - timedelta(**by)


@pytest.mark.parametrize(
    ("last", "state", "age"),
    [
        (None, "unknown", None),
        (ago(hours=23), "ok", 82_800),
        (ago(hours=25), "silent", 90_000),
        (ago(hours=-1), "ok", 0),
    ],
)
def test_a_public_channel_is_silent_after_a_day(last: datetime | None, state: str, age: float | None) -> None:
    found = public_channel("sms", "text messages", last, NOW)
    assert (found.state, found.age_s, found.last_at) == (state, age, last)


@pytest.mark.parametrize(
    ("every_s", "age_s", "state"),
    [
        (600, 0, "ok"),
        (600, 1500, "ok"),
        (600, 1501, "late"),
        (600, 3600, "late"),
        (600, 3601, "silent"),
        (1, 120, "ok"),  # a gauge of every second is not late for one that was lost on the way
        (1, 121, "late"),
        (1, 601, "silent"),
    ],
)
def test_a_gauge_is_judged_by_its_own_rhythm(world: World, every_s: float, age_s: float, state: str) -> None:
    found = gauge(world.stations["nyando-ahero"], ago(seconds=age_s), every_s, NOW)
    assert (found.state, found.age_s) == (state, age_s)
    assert found.id == "gauge:nyando-ahero"
    assert found.detail.startswith("Nyando at Ahero bridge ")


def test_a_gauge_that_never_spoke_is_unknown_and_one_that_stands_still_fails(world: World) -> None:
    known = world.stations["nyando-ahero"]
    assert gauge(known, None, 600, NOW).state == "unknown"
    assert gauge(known, ago(minutes=5), 600, NOW, stuck=True).state == "failing"
    assert gauge(known, ago(hours=5), 600, NOW, stuck=True).state == "silent"


@pytest.mark.parametrize(
    ("waiting", "failing", "oldest", "state"),
    [
        (0, 0, None, "ok"),
        (3, 0, ago(seconds=60), "ok"),
        (3, 0, ago(seconds=61), "late"),
        (3, 1, ago(seconds=61), "failing"),
    ],
)
def test_messages_that_do_not_leave(waiting: int, failing: int, oldest: datetime | None, state: str) -> None:
    found = outgoing(waiting, failing, oldest, ago(minutes=3), NOW)
    assert (found.state, found.count, found.last_at) == (state, waiting, ago(minutes=3))


@pytest.mark.parametrize(
    ("behind", "caught_up", "standstill", "state"),
    [
        (0, NOW, None, "ok"),
        (9_000, ago(seconds=60), None, "ok"),
        (1, ago(seconds=61), None, "late"),
        (0, NOW, "the storage refuses: storage-full", "failing"),
    ],
)
def test_steps_that_fall_behind(behind: int, caught_up: datetime, standstill: str | None, state: str) -> None:
    assert pipeline(behind, caught_up, NOW, standstill).state == state


def test_disk_and_dead_letters() -> None:
    assert [disk(free).state for free in (3 << 30, 1 << 30, 100 << 20)] == ["ok", "late", "failing"]
    assert (dead_letters(0).state, dead_letters(2).state, dead_letters(2).count) == ("ok", "failing", 2)


async def ask(door: Door, name: str = "amina") -> dict[str, Any]:
    """Give the feeds by id, looked at afresh."""
    door.node.feeds._kept = None
    answer = await door.ask("GET", "/health/feeds", name)
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["items"]}


@pytest.fixture
async def operator(door: Door) -> Door:
    await door.person("amina", ("operator", "KE.042"))
    return door


async def test_on_an_empty_server_nothing_has_come_and_nothing_is_wrong(operator: Door) -> None:
    feeds = await ask(operator)
    states = {id_: feed["state"] for id_, feed in feeds.items() if id_ != "disk"}
    gauges = [id_ for id_ in states if id_.startswith("gauge:")]
    assert len(gauges) > 5
    assert {states[id_] for id_ in ("sms", "reports", *gauges)} == {"unknown"}
    assert {states[id_] for id_ in ("pipeline", "outgoing", "deadletters")} == {"ok"}


async def test_what_comes_in_is_heard_and_known_again_after_a_restart(operator: Door) -> None:
    door = operator
    sms = {"from": "+254711000001", "to": "22384", "text": "mafuriko Ahero", "id": "m1", "date": "2026-04-26 09:00:00"}
    assert (await door.ask("POST", "/intake/sms", data=sms)).status_code == 202
    await door.settle()
    feeds = await ask(door)
    assert (feeds["sms"]["state"], feeds["reports"]["state"]) == ("ok", "unknown")
    assert feeds["sms"]["age_s"] < 60
    await door.still_works()
    assert (await ask(door))["reports"]["state"] == "ok"
    before = {id_: feed["last_at"] for id_, feed in (await ask(door)).items() if id_ in ("sms", "reports")}
    door.node.feeds = Feeds()
    after = {id_: feed["last_at"] for id_, feed in (await ask(door)).items() if id_ in ("sms", "reports")}
    assert after == before


async def readings(door: Door, minutes_ago: list[float], values: list[float], datum: str | None = None) -> None:
    now = door.node.clock()
    times = [(now - timedelta(minutes=minutes)).isoformat() for minutes in minutes_ago]
    batch = {"station": "nyando-ahero", "datum": datum or "Ahero bridge staff gauge zero", "unit": "m"}
    body = {"batch": [{**batch, "times": times, "values": values}]}
    assert (await door.ask("POST", "/intake/readings", json=body)).status_code == 202
    await door.settle()


async def test_a_gauge_shows_its_rhythm_and_a_refused_batch_its_letter(operator: Door) -> None:
    await readings(operator, [20, 15, 10, 5, 0], [2.0, 2.01, 2.02, 2.03, 2.04])
    feeds = await ask(operator)
    assert feeds["gauge:nyando-ahero"]["state"] == "ok"
    assert feeds["gauge:nyando-ahero"]["detail"] == "Nyando at Ahero bridge reports every 5 min"
    assert feeds["gauge:nyando-ahero"]["station"] == "nyando-ahero"
    assert feeds["deadletters"]["state"] == "ok"
    await readings(operator, [0], [2.0], datum="another zero")
    feeds = await ask(operator)
    assert (feeds["deadletters"]["state"], feeds["deadletters"]["count"]) == ("failing", 1)
    (letter,) = (await operator.ask("GET", "/deadletters", "amina")).json()["items"]
    body: dict[str, Any] = {"type": "ReadingsReceived", "station": "nyando-ahero", "parameter": "level", "unit": "m"}
    body |= {"datum": "Ahero bridge staff gauge zero", "times": [operator.node.clock().isoformat()], "values": [2.0]}
    answer = await operator.ask("POST", f"/deadletters/{letter['id']}/replay", "amina", json={"body": body})
    assert answer.json().get("taken"), answer.text
    again = await operator.ask("POST", f"/deadletters/{letter['id']}/replay", "amina", json={"body": body})
    assert (again.status_code, again.json()["code"]) == (409, "conflict"), "two operators, one fact"
    feeds = await ask(operator)
    assert (feeds["deadletters"]["state"], feeds["deadletters"]["count"]) == ("ok", 0), (
        "it stands, but waits for nobody"
    )


async def test_a_stuck_gauge_fails_until_it_moves(operator: Door) -> None:
    await readings(operator, [100, 80, 60, 40, 20, 0], [2.0] * 6)
    assert (await ask(operator))["gauge:nyando-ahero"]["state"] == "failing"
    await readings(operator, [-0.5], [2.05])
    assert (await ask(operator))["gauge:nyando-ahero"]["state"] == "ok"


async def test_feeds_are_for_operators_and_gauges_for_those_of_their_county(door: Door) -> None:
    assert (await door.ask("GET", "/health/feeds")).status_code == 401
    for role, status in (("operator", 200), ("admin", 200), ("responder", 403), ("agency", 403)):
        name = await door.person(role, (role, "KE.042"))
        assert (await door.ask("GET", "/health/feeds", name)).status_code == status
    await door.person("migori", ("operator", "KE.044"))
    stations = {feed["county"] for feed in (await ask(door, "migori")).values() if feed["feed"] == "gauge"}
    assert stations == {"KE.044"}


async def test_however_many_ask_it_is_looked_at_once(operator: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    real = Feeds._look

    def counted(self: Feeds, node: Any) -> Any:
        looked.append(1)
        return real(self, node)

    monkeypatch.setattr(Feeds, "_look", counted)
    monkeypatch.setattr(feed_health, "KEPT_S", 3600.0)
    for _ in range(5):
        assert (await operator.ask("GET", "/health/feeds", "amina")).status_code == 200
    assert len(looked) == 1

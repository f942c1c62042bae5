"""What people see through a storm: frames without holes, pictures that agree with them, nothing beyond their scope."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import Any

import pytest

from fixtures.scenario import START
from fixtures.storm import Storm
from geo.places import contains
from responder_api import view_tables
from responder_api.audience import ANYBODY, Role, Viewer, may_see
from responder_api.projection.over import is_over, whole_of
from responder_api.projector import Projector
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.database import connect
from streams.handle import Step
from streams.log import Stored
from streams.pipeline import pipeline
from streams.simulated import Faults, Simulated

SEEDS, LOTS = 60, 6
DAY_S = 25 * 3600.0
TOWN, AHERO = "KE.042.240", "KE.042.242.1208"
VIEWERS = {
    "county operator": Viewer(account="kisumu", grants=frozenset({("operator", "KE.042")})),
    "town operator": Viewer(account="town", grants=frozenset({("operator", TOWN)})),
    "ward operator": Viewer(account="ahero", grants=frozenset({("operator", AHERO)})),
    "other county": Viewer(account="migori", grants=frozenset({("operator", "KE.044"), ("responder", "KE.044")})),
    "dispatcher's van": Viewer(account="van", grants=frozenset({("responder", "KE.042")})),
    "boatman": Viewer(account="r031", person="r031", grants=frozenset({("responder", "KE.042.240.1201")})),
    "agency": Viewer(account="national", grants=frozenset({("agency", "KE")})),
    "admin": Viewer(account="admin", grants=frozenset({("admin", "KE.042")})),
    "anybody": ANYBODY,
}
ALL: frozenset[tuple[Role, str]] = frozenset({("operator", "KE"), ("responder", "KE"), ("agency", "KE")})
Documents = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def steps() -> tuple[Step, ...]:
    return pipeline(load_world(Settings()))


def frames(connection: sqlite3.Connection) -> list[tuple[int, tuple[str, ...], dict[str, Any]]]:
    rows = connection.execute('SELECT "offset", audience, frame FROM feed ORDER BY "offset"')
    return [(offset, tuple(audience.split()), json.loads(frame)) for offset, audience, frame in rows]


def picture(connection: sqlite3.Connection, viewer: Viewer) -> Documents:
    rows = connection.execute("SELECT kind, id, audience, value FROM view")
    return {(kind, id_): json.loads(value) for kind, id_, audience, value in rows if may_see(viewer, audience.split())}


def followed(connection: sqlite3.Connection, viewer: Viewer) -> Documents:
    """Fold the frames that a viewer hears, as a client does."""
    held: Documents = {}
    for _, audience, frame in frames(connection):
        if may_see(viewer, audience):
            if frame["op"] == "put":
                held[frame["kind"], frame["id"]] = frame["value"]
            else:
                held.pop((frame["kind"], frame["id"]), None)
    return held


def asked_to(viewer: Viewer, frames_: list[tuple[int, tuple[str, ...], dict[str, Any]]]) -> set[str]:
    """Give the incidents that this person was ever asked to go to: they may see what it is about, wherever it is."""
    puts = [frame["value"] for _, _, frame in frames_ if frame["kind"] == "assignment" and frame["op"] == "put"]
    return {value["incident"] for value in puts if viewer.person is not None and value["responder"] == viewer.person}


def wards_of(frames_: list[tuple[int, tuple[str, ...], dict[str, Any]]]) -> dict[str, str]:
    """Give each incident's ward: who went to one that was merged into it is seen there too."""
    puts = [frame["value"] for _, _, frame in frames_ if frame["kind"] == "incident" and frame["op"] == "put"]
    return {value["id"]: value["ward"] for value in puts}


def watching(frames_: list[tuple[int, tuple[str, ...], dict[str, Any]]]) -> dict[str, set[str]]:
    """Give the wards that ever watched each incident across a border: who is at its scene is shown there too."""
    found: dict[str, set[str]] = {}
    for _, _, frame in frames_:
        if frame["kind"] == "incident" and frame["op"] == "put":
            found.setdefault(frame["value"]["id"], set()).update(frame["value"].get("observers", ()))
    return found


def beyond(
    viewer: Viewer,
    kind: str,
    value: dict[str, Any],
    asked: set[str],
    wards: dict[str, str],
    watchers: dict[str, set[str]],
) -> str:
    """Say why a viewer must not have this document; "" when nothing speaks against it."""
    operates = [area for role, area in viewer.grants if role in ("operator", "admin")]
    area = value.get("ward") or value.get("home") or value.get("key") or "KE.042"
    mine = viewer.person in (value.get("responder"), value.get("id")) or (kind == "incident" and value["id"] in asked)
    watched = [area, *value.get("observers", ())]
    if kind in ("assignment", "presence"):
        watched.append(wards[value["incident"]])
    if kind == "presence":
        watched += watchers[value["incident"]]
    held = [over for _, over in viewer.grants]
    if kind == "alert" and value["state"] not in ("draft", "rejected"):
        return ""
    if not mine and not any(contains(over, each) for over in held for each in watched):
        return f"it is about {area}"
    if kind in ("report", "message", "deadletter", "responder", "presence") and not mine and not operates:
        return f"a {kind} is for operators"
    if value.get("reporter") and not operates:
        return "it names the reporter"
    return ""


def miscounted(shown: Documents) -> list[str]:
    """Say which incidents show another number of people on their way than their assignments do."""
    going = Counter(
        value["incident"]
        for (kind, _), value in shown.items()
        if kind == "assignment" and value["state"] in ("accepted", "enroute", "arrived")
    )
    incidents = [value for (kind, _), value in shown.items() if kind == "incident" and value["state"] != "merged"]
    wrong = [f"{value['id']} shows {value['going']}" for value in incidents if value["going"] != going[value["id"]]]
    crews = [value for value in incidents if len(value.get("crew", ())) != value["going"]]
    return wrong + [f"{value['id']} names another crew" for value in crews]


def misfiled(connection: sqlite3.Connection) -> list[str]:
    """Say which documents are filed away though something is left to do, or live without the incident they are of."""
    tables = "SELECT 'live', kind, id, value FROM view UNION ALL SELECT 'filed', kind, id, value FROM filed"
    rows = [(place, kind, id_, json.loads(value)) for place, kind, id_, value in connection.execute(tables)]
    place_of = {(kind, id_): place for place, kind, id_, _ in rows}
    wrong = []
    for place, kind, id_, value in rows:
        whole = whole_of(kind, value)
        whole_at = None if whole is None else place_of["incident", whole]
        if place == "filed" and not is_over(kind, value) and whole_at != "filed":
            wrong.append(f"{kind} {id_} is filed, its state is {value.get('state')}")
        if place == "live" and whole_at == "filed":
            wrong.append(f"{kind} {id_} is live, its incident is filed")
    return wrong


def documents(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    rows = "SELECT 'live', * FROM view UNION ALL SELECT 'filed', * FROM filed ORDER BY 2, 3"
    return connection.execute(rows).fetchall()


def told_at_once(sim: Simulated) -> list[tuple[object, ...]]:
    """Project the whole log anew, in one go."""
    with closing(connect(":memory:")) as connection:
        view_tables.prepare(connection)
        Projector("epoch").follow(connection, [Stored(n, event) for n, event in enumerate(sim.events(), start=1)])
        return documents(connection)


@pytest.mark.parametrize("lot", range(LOTS))
def test_no_seed_shows_a_hole_a_ghost_or_a_secret(steps: tuple[Step, ...], lot: int) -> None:
    seen = dict.fromkeys(VIEWERS, 0)
    filed = 0
    for seed in range(lot * SEEDS // LOTS, (lot + 1) * SEEDS // LOTS):
        sim = Simulated(steps, START, followers=[Projector("epoch")], seed=seed, faults=Faults())
        connection = sim.engine.connection
        view_tables.prepare(connection)
        storm = Storm(sim, seed)
        storm.muster()
        storm.rage(20)
        if seed % 3 == 0:  # and what was over by then has been filed, when people go on
            sim.advance(DAY_S)
            storm.rage(6)
            filed += connection.execute("SELECT count(*) FROM filed").fetchone()[0]
        feed = frames(connection)
        assert [offset for offset, _, _ in feed] == list(range(1, len(feed) + 1)), f"seed {seed}"
        assert misfiled(connection) == [], f"seed {seed}"
        assert documents(connection) == told_at_once(sim), f"seed {seed}"
        assert miscounted(picture(connection, Viewer(account="all", grants=ALL))) == [], f"seed {seed}"
        for name, viewer in VIEWERS.items():
            now = picture(connection, viewer)
            assert followed(connection, viewer) == now, f"seed {seed}, {name}"
            seen[name] += len(now)
            asked, wards, watchers = asked_to(viewer, feed), wards_of(feed), watching(feed)
            for _, audience, frame in feed:
                if frame["op"] == "put" and may_see(viewer, audience):
                    why = beyond(viewer, frame["kind"], frame["value"], asked, wards, watchers)
                    assert not why, f"seed {seed}, {name}, {frame['kind']} {frame['id']}: {why}"
    assert seen["county operator"] > seen["town operator"] > seen["boatman"] > seen["anybody"] > 0
    assert seen["county operator"] > seen["other county"] > seen["anybody"]
    assert filed > 0

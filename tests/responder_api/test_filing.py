"""What is over leaves the live view with everything that is part of it, stays readable, and comes back when opened."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest

from fixtures.scenario import COUNTY, START, Line, play
from responder_api import view_tables
from responder_api.audience import Viewer, keys_of
from responder_api.projector import Projector
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.views_sqlite import ViewsSqlite
from streams import events as e
from streams.database import FILE, connect
from streams.events import NAMESPACE, AnyBody, Event, Filed, audience
from streams.log import Stored
from streams.pipeline import pipeline
from streams.simulated import Simulated

OPERATOR = frozenset(keys_of(Viewer(account="kisumu", grants=frozenset({("operator", COUNTY)}))))
SEEN_BY = audience(COUNTY, "operator")
DAY = timedelta(hours=24)

REPORT: dict[str, Any] = {"channel": "web", "text": "water", "reporter": "+254711000001"}
LOCATED: dict[str, Any] = {"ward": f"{COUNTY}.240.1201", "ward_name": "Nyalenda B", "lon": 34.75, "lat": -0.13}
JUDGED: dict[str, Any] = {"hazard": "flood", "severity": "Moderate"}
ASK: dict[str, Any] = {"code": "AB", "responder_name": "R", "need": "boat", "rung": "ward", "attempt": 1}


IDS = {name: str(uuid5(NAMESPACE, name)) for name in ("r1", "r2", "r3", "r4")}
"""Ids of reports are UUIDs; here they have names."""
NAMES = {id_: name for name, id_ in IDS.items()}


class County:
    """A read model to which facts are told one by one."""

    def __init__(self, data: Path) -> None:
        self.connection = connect(data / FILE)
        view_tables.prepare(self.connection)
        self.views = ViewsSqlite(data, "epoch")
        self.projector = Projector("epoch")
        self.n, self.now = 0, START

    def close(self) -> None:
        self.views.close()
        self.connection.close()

    def tell(self, *bodies: AnyBody, at: datetime | None = None, key: str = COUNTY) -> None:
        """Tell facts in one batch; a report's id is its event's."""
        events = []
        for body in bodies:
            self.n += 1
            id_ = IDS[body.reporter_name] if isinstance(body, e.ReportReceived) else f"event-{self.n}"
            now = at or self.now
            event = Event(
                id=id_, cause="c", source="s", key=key, at=now, seen=now, audience=SEEN_BY, body=body, versions={}
            )
            events.append(Stored(self.n, event))
        self.connection.execute("BEGIN")
        self.projector.follow(self.connection, events)
        self.connection.execute("COMMIT")

    def live(self) -> set[str]:
        return {NAMES.get(each.id, each.id) for each in self.views.snapshot(OPERATOR, None, None)[1]}

    def filed(self) -> set[str]:
        kinds = ("report", "incident", "assignment", "message", "alert", "deadletter")
        found = [each.id for kind in kinds for each in self.views.find(kind, OPERATOR, filed=True)]
        return {NAMES.get(id_, id_) for id_ in found}

    def frames(self, after: int) -> list[tuple[str, str]]:
        """Give what was told after an offset: what became of which document."""
        told = [json.loads(frame.data) for frame in self.views.replay(after, 1000)]
        return [(frame["op"], NAMES.get(frame["id"], frame["id"])) for frame in told]

    def position(self) -> int:
        return self.views.position().offset


@pytest.fixture
def county(tmp_path: Path) -> Any:
    with closing(County(tmp_path)) as made:
        yield made


def received(report: str) -> AnyBody:
    return e.ReportReceived(**REPORT | {"reporter_name": report})


def opened(incident: str, report: str) -> list[AnyBody]:
    about = LOCATED | JUDGED | {"report": IDS[report]}
    located = e.ReportLocated(how="point", confidence=1.0, channel="web", reporter="x", **about)
    return [received(report), located, e.IncidentOpened(incident=incident, reference=incident, evidence=0.3, **about)]


def offered(assignment: str, incident: str) -> AnyBody:
    deadline = START + timedelta(minutes=2)
    ask = ASK | {"assignment": assignment, "incident": incident, "responder": "r031", "deadline": deadline}
    return e.AssignmentOffered(**ask, **LOCATED, **JUDGED)


def grew(incident: str, report: str) -> AnyBody:
    figures: dict[str, Any] = {"severity": "Moderate", "evidence": 0.4, "reports": 2, "lon": 34.75, "lat": -0.13}
    return e.IncidentGrew(incident=incident, report=IDS[report], **figures)


def closed(incident: str) -> AnyBody:
    return e.IncidentClosed(incident=incident, by="kisumu", reason="over")


def reopened(incident: str, out_of: str = "") -> AnyBody:
    return e.IncidentReopened(
        incident=incident, severity="Moderate", evidence=0.3, reports=1, by="kisumu", out_of=out_of
    )


def merged(incident: str, into: str) -> AnyBody:
    return e.IncidentMerged(incident=incident, into=into, by="kisumu", severity="Moderate", evidence=0.3, reports=2)


def dismissed(report: str) -> AnyBody:
    return e.ReportDismissed(report=IDS[report], reason="hoax", by="kisumu")


def message(id_: str) -> AnyBody:
    fields: dict[str, Any] = {"kind": "receipt", "channel": "sms", "to": "+2547", "recipient": "+2547"}
    return e.MessageAsked(message=id_, text="thanks", language="en", about="r1", **fields)


def test_an_incident_goes_with_its_reports_asks_and_what_was_merged_into_it(county: County) -> None:
    county.tell(*opened("i1", "r1"), *opened("i2", "r2"), *opened("i3", "r3"), offered("a1", "i1"))
    county.tell(offered("a2", "i2"), merged("i2", "i1"), closed("i1"))
    everything = county.live()
    before = county.position()
    county.tell(Filed(before=START))
    assert county.filed() == {"i1", "r1", "a1", "i2", "r2", "a2"}
    assert county.live() == {"i3", "r3"} == everything - county.filed()
    assert sorted(county.frames(before)) == [("gone", id_) for id_ in sorted(county.filed())]


def test_only_what_was_over_by_then_and_of_that_county_goes(county: County) -> None:
    county.tell(*opened("i1", "r1"), *opened("i2", "r2"), *opened("i3", "r3"))
    county.tell(closed("i1"), at=START)
    county.tell(closed("i2"), at=START + timedelta(seconds=1))
    before = county.position()
    county.tell(Filed(before=START - timedelta(seconds=1)))
    county.tell(Filed(before=START), key="KE.044")
    assert county.filed() == set()
    assert county.frames(before) == []
    county.tell(Filed(before=START))
    assert county.filed() == {"i1", "r1"}


def test_a_late_word_about_what_is_filed_is_kept_and_told_to_nobody(county: County) -> None:
    county.tell(*opened("i1", "r1"), offered("a1", "i1"), message("m1"), closed("i1"))
    county.tell(e.MessageSent(message="m1"), Filed(before=START))
    before = county.position()
    progressed = e.AssignmentProgressed(assignment="a1", incident="i1", responder="r031", state="done", via="sms")
    county.tell(progressed, e.MessageDelivered(message="m1"), dismissed("r1"))
    assert county.live() == set()
    assert county.frames(before) == []
    for kind, id_, state in (
        ("assignment", "a1", "done"),
        ("message", "m1", "delivered"),
        ("report", "r1", "dismissed"),
    ):
        document = county.views.get(kind, IDS.get(id_, id_))
        assert document is not None
        assert json.loads(document.data)["state"] == state


def test_what_is_opened_again_comes_back_with_its_parts_but_for_what_is_over_itself(county: County) -> None:
    county.tell(*opened("i1", "r1"), *opened("i2", "r2"), offered("a1", "i1"), merged("i2", "i1"), closed("i1"))
    county.tell(*opened("i4", "r4"), merged("i4", "i2"), dismissed("r2"))
    county.tell(Filed(before=START))
    assert county.filed() == {"i1", "r1", "a1", "i2", "r2", "i4", "r4"}
    before = county.position()
    county.tell(reopened("i1"))
    assert county.live() == {"i1", "r1", "a1", "i2", "i4", "r4"}
    assert county.filed() == {"r2"}
    assert sorted(county.frames(before)) == [("put", id_) for id_ in sorted(county.live())]
    # Closed again, it has a day again.
    county.tell(closed("i1"), at=START + DAY)
    county.tell(Filed(before=START))
    assert county.live() == {"i1", "r1", "a1", "i2", "i4", "r4"}
    county.tell(Filed(before=START + DAY))
    assert county.live() == set()


def test_one_that_was_merged_comes_back_alone_and_the_whole_stays_filed(county: County) -> None:
    county.tell(*opened("i1", "r1"), *opened("i2", "r2"), merged("i2", "i1"), closed("i1"), Filed(before=START))
    county.tell(reopened("i2", out_of="i1"))
    assert county.live() == {"i2", "r2"}
    assert county.filed() == {"i1", "r1"}


def test_a_report_that_moved_to_another_incident_stays_with_that_one(county: County) -> None:
    county.tell(*opened("i1", "r1"), *opened("i2", "r2"), received("r3"))
    county.tell(grew("i1", "r3"))
    county.tell(grew("i2", "r3"), closed("i1"), Filed(before=START))
    assert county.filed() == {"i1", "r1"}
    assert "r3" in county.live()
    # And one that is joined out of what is filed is live at once.
    county.tell(grew("i2", "r1"))
    assert county.filed() == {"i1"}


def test_messages_reports_and_dead_letters_go_by_themselves(county: County) -> None:
    county.tell(message("sent"), message("queued"), message("again"), received("r1"), received("r2"), received("r3"))
    county.tell(e.MessageSent(message="sent"), e.MessageFailed(message="again", code="busy", retry=True))
    county.tell(dismissed("r1"), e.ReportRepeated(report=IDS["r2"], of=IDS["r3"], why="the same words"))
    letter = e.DeadLettered(topic="t", step="gauges", code="c", detail="d", original="{}")
    county.tell(letter, key="nyando-ahero")
    replayed = e.DeadLetterReplayed(letter=f"event-{county.n}", step="gauges", original="{}", by="kisumu")
    county.tell(replayed, key="nyando-ahero")
    county.tell(Filed(before=START))
    assert county.filed() == {"sent", "r1", "r2", f"event-{county.n - 2}"}
    assert county.live() == {"queued", "again", "r3"}


@pytest.mark.parametrize("cut", range(1, 9))
def test_however_the_log_is_cut_into_batches_the_same_stands(county: County, tmp_path: Path, cut: int) -> None:
    story = [*opened("i1", "r1"), *opened("i2", "r2"), merged("i2", "i1"), closed("i1"), Filed(before=START)]
    story += [reopened("i1"), closed("i1"), Filed(before=START), reopened("i1"), offered("a1", "i2")]
    for start in range(0, len(story), cut):
        county.tell(*story[start : start + cut])
    folder = tmp_path / "at-once"
    folder.mkdir()
    with closing(County(folder)) as other:
        other.tell(*story)
        assert tables(county.connection) == tables(other.connection)
    assert county.live() == {"i1", "i2", "r1", "r2", "a1"}


def tables(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    rows = "SELECT 'live', * FROM view UNION ALL SELECT 'filed', * FROM filed ORDER BY 2, 3"
    return connection.execute(rows).fetchall()


def test_a_snapshot_reads_only_the_kinds_that_are_asked_for(county: County) -> None:
    county.tell(*opened("i1", "r1"), message("m1"))
    _, documents = county.views.snapshot(OPERATOR, frozenset({"incident", "message", "tree"}), None)
    assert [(each.kind, each.id) for each in documents] == [("incident", "i1"), ("message", "m1")]
    assert county.views.snapshot(OPERATOR, frozenset(), None)[1] == []


@pytest.fixture(scope="module")
def simulated() -> Callable[[], Simulated]:
    steps = pipeline(load_world(Settings()))
    return lambda: Simulated(steps, START)


def test_a_busy_quarter_of_an_hour_costs_the_log_few_facts(simulated: Callable[[], Simulated]) -> None:
    sim = simulated()
    reports = [
        {"type": "ReportReceived", "channel": "sms", "text": f"moto {n}", "reporter": f"+2547110{n:05}"} | spot
        for n in range(200)
        for spot in ({"lon": 34.7 + n / 5000, "lat": -0.1, "position_of": "incident"},)
    ]
    lines = [Line(at=float(4 * n), given=each) for n, each in enumerate(reports)]
    play([*lines, Line(advance=90_000.0)], sim)
    kinds = [type(event.body).__name__ for event in sim.events()]
    assert kinds.count("MessageSent") >= 200
    assert 2 <= kinds.count("Filed") <= 4
    assert sum(isinstance(event.body, e.DeadlineSet) and event.body.step == "filing" for event in sim.events()) <= 4

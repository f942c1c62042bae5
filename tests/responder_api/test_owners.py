"""What one system wrote is shown in another and changed by its own facts alone, whatever id somebody else names."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid5

import msgspec
import pytest

from fixtures.scenario import START
from responder_api.projector import Projector
from responder_api.view_tables import SCHEMA
from streams import events as e
from streams.database import Connection, connect
from streams.log import Stored

OPERATORS = "operator:KE.042.238.1189"
REPORT = str(uuid5(e.NAMESPACE, "owners/report"))
OPENED = e.IncidentOpened(
    incident="i",
    reference="AB",
    report=REPORT,
    hazard="flood",
    severity="Severe",
    ward="KE.042.238.1189",
    ward_name="x",
    lon=34.7,
    lat=-0.1,
    evidence=0.5,
)
REPORTED = e.ReportReceived(channel="web", text="water", hazard="flood")


class Board:
    """A projector over tables in memory."""

    def __init__(self, connection: Connection) -> None:
        for statement in SCHEMA:
            connection.execute(statement)
        self.connection, self._projector, self._n = connection, Projector("here"), 0

    def tell(self, origin: str, *bodies: e.AnyBody, audience: tuple[str, ...] = (OPERATORS,), id_: str = "") -> None:
        """Project facts that a system wrote; "" is this one."""
        events = []
        for body in bodies:
            self._n += 1
            made = e.Event(
                id=id_ or str(uuid5(e.NAMESPACE, f"owners/{self._n}")),
                cause="c",
                source="s",
                key="KE.042",
                at=START,
                seen=START,
                audience=audience,
                body=body,
                origin=origin,
            )
            events.append(Stored(self._n, made))
        self._projector.follow(self.connection, events)

    def of(self, kind: str, id_: str, table: str = "view") -> tuple[dict[str, Any], set[str]] | None:
        """Give a document and its audience."""
        row = self.connection.execute(
            f"SELECT value, audience FROM {table} WHERE kind = ? AND id = ?",  # noqa: S608
            (kind, id_),
        ).fetchone()
        return None if row is None else (msgspec.json.decode(row[0]), set(row[1].split()))


@pytest.fixture
def board() -> Iterator[Board]:
    with closing(connect(":memory:")) as connection:
        yield Board(connection)


FORGED = (
    e.IncidentClosed(incident="i", by="somebody", reason="nothing to see"),
    e.IncidentGrew(incident="i", report=REPORT, severity="Minor", evidence=0.1, reports=9, lon=34.7, lat=-0.1),
    e.IncidentRescored(incident="i", severity="Minor", evidence=0.0, reports=1, lon=0.1, lat=0.1),
    msgspec.structs.replace(OPENED, ward_name="elsewhere"),
    e.IncidentMerged(incident="i", into="j", by="somebody", severity="Minor", evidence=0.1, reports=2),
    e.WorkClaimed(kind="incident", about="i", by="somebody", until=START),
)


@pytest.mark.parametrize("owner", ["", "kisumu"])
@pytest.mark.parametrize("forged", FORGED, ids=lambda body: type(body).__name__)
def test_nobody_changes_or_shows_what_is_anothers(board: Board, owner: str, forged: e.AnyBody) -> None:
    board.tell(owner, REPORTED, id_=REPORT)
    board.tell(owner, OPENED)
    before = board.of("incident", "i"), board.of("report", REPORT)
    board.tell("siaya", forged, audience=(OPERATORS, "public"))
    board.tell("siaya/kisumu", forged, audience=(OPERATORS, "public"))  # it came through, and wrote nothing of it
    assert (board.of("incident", "i"), board.of("report", REPORT)) == before
    board.tell(owner, FORGED[0])
    closed = board.of("incident", "i")
    assert closed is not None
    assert closed[0]["state"] == "closed"


def test_a_document_says_which_systems_it_came_through(board: Board) -> None:
    board.tell("kisumu/nyanza", OPENED)
    shown = board.of("incident", "i")
    assert shown is not None
    assert shown[0]["origin"] == "kisumu/nyanza"
    board.tell("kisumu", FORGED[0])  # it may also come straight
    shown = board.of("incident", "i")
    assert shown is not None
    assert (shown[0]["origin"], shown[0]["state"]) == ("kisumu", "closed")


def test_what_we_hear_ourselves_takes_the_place_of_what_we_were_shown(board: Board) -> None:
    def judged(level: float) -> e.ReadingsJudged:
        return e.ReadingsJudged(station="g", accepted=1, level=level, level_at=START)

    board.tell("kisumu", judged(1.0))
    board.tell("", judged(2.0), audience=("operator:KE",))
    board.tell("kisumu", judged(3.0))
    shown = board.of("gauge", "g")
    assert shown is not None
    assert (shown[0]["level"], shown[0].get("origin"), shown[1]) == (2.0, None, {"operator:KE"})


def test_what_another_system_files_is_its_own_alone(board: Board) -> None:
    board.tell("", msgspec.structs.replace(OPENED, incident="ours"))
    board.tell("kisumu", msgspec.structs.replace(OPENED, incident="theirs"))
    for origin, incident in (("", "ours"), ("kisumu", "theirs")):
        board.tell(origin, e.IncidentClosed(incident=incident, by="b", reason="over"))
    after = START.replace(year=START.year + 1)
    board.tell("siaya", e.Filed(before=after))
    assert board.of("incident", "ours")
    assert board.of("incident", "theirs")
    board.tell("kisumu", e.Filed(before=after))
    assert board.of("incident", "ours")
    assert board.of("incident", "theirs") is None
    assert board.of("incident", "theirs", "filed")

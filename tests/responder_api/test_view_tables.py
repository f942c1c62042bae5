"""A data folder of the version before opens: nothing shown is lost, and what was over long ago can be filed."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fixtures.scenario import COUNTY, START
from geo.places import Rejected
from responder_api import view_tables
from responder_api.audience import Viewer, keys_of
from responder_api.projector import Projector
from responder_api.settings import Settings
from responder_api.views_sqlite import ViewsSqlite
from responder_api.wiring_embedded import build
from streams.database import FILE, connect
from streams.events import Event, Filed
from streams.log import Stored

BEFORE = """
CREATE TABLE view (
    kind TEXT NOT NULL, id TEXT NOT NULL, audience TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE feed ("offset" INTEGER PRIMARY KEY, kind TEXT NOT NULL, audience TEXT NOT NULL, frame BLOB NOT NULL);
CREATE TABLE trail (about TEXT NOT NULL, "offset" INTEGER NOT NULL, PRIMARY KEY (about, "offset")) WITHOUT ROWID;
CREATE TABLE part_of (whole TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (whole, part)) WITHOUT ROWID;
CREATE INDEX view_phone ON view (json_extract(CAST(value AS TEXT), '$.phone')) WHERE kind = 'responder';
"""
"""The tables as 0.1.0 made them."""
WARD = f"operator:{COUNTY}.240.1201"
STOOD = [
    ("alert", "w1", "public", {"id": "w1", "state": "expired", "key": COUNTY, "confirmed": {}}),
    ("incident", "i1", f"responder:{COUNTY}.240.1201 {WARD}", {"id": "i1", "state": "closed", "exhausted": []}),
    ("incident", "i2", WARD, {"id": "i2", "state": "open", "text": ""}),
    ("report", "r1", WARD, {"id": "r1", "state": "located", "incident": "i1", "code": None}),
    (
        "responder",
        "p1",
        f"{WARD} person:p1",
        {"id": "p1", "home": f"{COUNTY}.240.1201", "phone": "+254700000001", "has_app": True},
    ),
]
OPERATOR = frozenset(keys_of(Viewer(account="kisumu", grants=frozenset({("operator", COUNTY)}))))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with closing(connect(tmp_path / FILE)) as connection:
        connection.executescript(BEFORE)
        rows = [(kind, id_, seen_by, json.dumps(value).encode()) for kind, id_, seen_by, value in STOOD]
        connection.executemany("INSERT INTO view VALUES (?,?,?,?)", rows)
        connection.execute("INSERT INTO feed VALUES (7, 'report', 'public', x'7b7d')")
        connection.execute("INSERT INTO part_of VALUES ('i1', 'r1')")
    return tmp_path


@pytest.fixture
def views(data: Path) -> Iterator[ViewsSqlite]:
    with closing(ViewsSqlite(data, "epoch")) as made:
        yield made


def test_everything_is_still_shown_at_the_same_position_without_what_says_nothing(
    data: Path, views: ViewsSqlite
) -> None:
    for _ in range(2):  # the second time there is nothing to do
        with closing(connect(data / FILE)) as connection:
            view_tables.prepare(connection)
        position, documents = views.snapshot(OPERATOR, None, None)
        assert position.offset == 7
        shown = {document.id: json.loads(document.data) for document in documents}
        assert shown["w1"] == {"id": "w1", "state": "expired", "key": COUNTY}
        assert shown["i2"] == {"id": "i2", "state": "open"}
        defaults = {"position_of": "unknown", "source_kind": "citizen"}
        assert shown["r1"] == {"id": "r1", "state": "located", "incident": "i1", **defaults}
        assert (shown["p1"]["active"], shown["p1"]["has_app"]) == (True, True)
        assert set(shown) == {"w1", "i1", "i2", "r1", "p1"}
        assert views.home_of_phone("+254700000001") == f"{COUNTY}.240.1201"


def test_what_was_over_leaves_with_the_next_filing_of_its_county(data: Path, views: ViewsSqlite) -> None:
    with closing(connect(data / FILE)) as connection:
        view_tables.prepare(connection)
        for key in ("KE.044", COUNTY):
            filed = Filed(before=START)
            event = Event(
                id=key, cause="c", source="s", key=key, at=START, seen=START, audience=("public",), body=filed
            )
            Projector("epoch").follow(connection, [Stored(1, event)])
            left = {document.id for document in views.snapshot(OPERATOR, None, None)[1]}
            # A public warning is of no county.
            assert left == ({"i1", "i2", "r1", "p1"} if key == "KE.044" else {"i2", "p1"})
    assert [each.id for each in views.find("incident", OPERATOR, filed=True)] == ["i1"]


def test_a_file_that_cannot_be_carried_over_is_left_as_it_was(data: Path) -> None:
    with closing(connect(data / FILE)) as connection:
        connection.execute("UPDATE view SET value = x'00' WHERE id = 'r1'")
        with pytest.raises(ValueError, match="JSON"):
            view_tables.prepare(connection)
        columns = [column[1] for column in connection.execute("PRAGMA table_info(view)")]
        assert columns == ["kind", "id", "audience", "value"]


def test_a_folder_that_is_refused_stays_as_the_version_before_left_it(data: Path) -> None:
    with closing(connect(data / FILE)) as connection:
        connection.execute("INSERT INTO state VALUES ('incidents', ?, 'raised/x', x'7b7d')", (COUNTY,))
        before = list(connection.iterdump())
    with pytest.raises(Rejected) as refused:
        build(Settings(data=data))
    assert refused.value.code == "data-older"
    with closing(connect(data / FILE)) as connection:
        assert list(connection.iterdump()) == before

"""What every read model promises (`responder_api.views.Views`), one body of tests over every adapter."""

import json
from collections.abc import Sequence
from threading import Barrier, Thread
from threading import Event as Signal
from typing import Any

import msgspec
import pytest

from responder_api import projector as projecting_documents
from responder_api.projector import Projector
from responder_api.views import Document, Position
from responder_api.views_sql import ViewsSql
from streams import events as e
from streams.events import Filed, audience
from tests.contracts.read_models import (
    COUNTY,
    ELSEWHERE,
    NOON,
    OPERATOR,
    WARD,
    Kept,
    Teller,
    closed,
    enrolled,
    keys,
    opened,
    reopened,
)


def ids(documents: Sequence[Document]) -> list[str]:
    return [document.id for document in documents]


def folded(frames: Sequence[tuple[str, str, str, Any]]) -> dict[tuple[str, str], Any]:
    """Give what stands after frames (op, kind, id, value)."""
    standing: dict[tuple[str, str], Any] = {}
    for op, kind, id_, value in frames:
        if op == "put":
            standing[kind, id_] = value
        else:
            standing.pop((kind, id_), None)
    return standing


def told(views: ViewsSql, until: int) -> dict[tuple[str, str], Any]:
    """Give what a client knows who has had every frame up to an offset."""
    frames = [json.loads(frame.data) for frame in views.replay(0, 1_000_000) if frame.offset <= until]
    return folded([(each["op"], each["kind"], each["id"], each.get("value")) for each in frames])


def snapshot(views: ViewsSql) -> tuple[int, dict[tuple[str, str], Any]]:
    everything = keys("operator", "KE") | {"public"}
    position, documents = views.snapshot(everything, None, None)
    return position.offset, {(each.kind, each.id): json.loads(each.data) for each in documents}


# --- the feed ------------------------------------------------------------------------------------------------------


def test_an_empty_read_model_stands_at_nothing(kept: Kept) -> None:
    assert kept.views.position() == Position(kept.epoch, 0)
    assert kept.views.oldest() == 1
    assert kept.views.replay(0, 10) == []
    assert kept.views.snapshot(OPERATOR, None, None) == (Position(kept.epoch, 0), [])
    assert kept.views.find("incident", OPERATOR) == []
    assert kept.views.get("incident", "i1") is None
    assert kept.views.counts() == {}


def test_frames_are_numbered_without_a_gap_and_carry_their_position(kept: Kept, teller: Teller) -> None:
    teller.tell(opened("i1"), opened("i2"))
    teller.tell(closed("i1"))
    teller.tell(opened("i3"))
    frames = kept.views.replay(0, 100)
    assert [frame.offset for frame in frames] == list(range(1, len(frames) + 1))
    assert [json.loads(frame.data)["position"] for frame in frames] == [
        f"{kept.epoch}:{frame.offset}" for frame in frames
    ]
    assert kept.views.position() == Position(kept.epoch, len(frames))
    assert kept.views.replay(1, 2) == frames[1:3]
    assert kept.views.replay(len(frames), 10) == []
    assert kept.views.oldest() == 1


def test_a_document_that_leaves_somebodys_sight_is_gone_for_them(kept: Kept, teller: Teller) -> None:
    teller.tell(teller.event(enrolled("r1", "+254700000001", home=ELSEWHERE), area=ELSEWHERE))
    before = kept.views.position().offset
    teller.tell(teller.event(enrolled("r1", "+254700000001"), area=COUNTY))
    gone, put = [(json.loads(frame.data), frame.audience) for frame in kept.views.replay(before, 10)]
    assert (gone[0]["op"], gone[1]) == ("gone", audience(ELSEWHERE, "operator"))
    assert (put[0]["op"], put[1]) == ("put", audience(COUNTY, "operator"))
    assert "value" not in gone[0]


def test_only_so_many_frames_are_kept(kept: Kept, teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projecting_documents, "KEEP_FRAMES", 100)
    for start in range(0, 1100, 100):
        teller.tell(*(opened(f"i{start + n:04}") for n in range(100)))
    newest, oldest = kept.views.position().offset, kept.views.oldest()
    assert newest == 1100
    assert 900 < oldest <= newest - 99
    assert [frame.offset for frame in kept.views.replay(0, 10_000)] == list(range(oldest, newest + 1))
    assert len(snapshot(kept.views)[1]) == 1100


# --- documents -----------------------------------------------------------------------------------------------------


def test_a_snapshot_is_what_the_frames_up_to_it_make(kept: Kept, teller: Teller) -> None:
    teller.tell(*(opened(f"i{n}") for n in range(5)), closed("i2"))
    teller.tell(closed("i3"), Filed(before=NOON))
    position, standing = snapshot(kept.views)
    assert position == kept.views.position().offset
    assert standing == told(kept.views, position)
    assert {id_ for _, id_ in standing} == {"i0", "i1", "i4"}


def test_everybody_sees_what_is_theirs(kept: Kept, teller: Teller) -> None:
    teller.tell(
        opened("i1"), teller.event(opened("i2", ward=ELSEWHERE), area=ELSEWHERE), enrolled("r1", "+254700000001")
    )
    for viewer, seen in (
        (OPERATOR, ["i1"]),
        (keys("operator", "KE.047"), ["i2"]),
        (keys("operator", "KE"), ["i1", "i2"]),
        (keys("responder", COUNTY), []),
    ):
        assert ids(kept.views.find("incident", viewer)) == seen
        assert ids(kept.views.snapshot(viewer, frozenset({"incident"}), None)[1]) == seen
    everywhere = keys("operator", "KE")
    assert ids(kept.views.snapshot(everywhere, None, frozenset({"KE.047"}))[1]) == ["i2"]
    assert ids(kept.views.find("incident", everywhere, areas=frozenset({COUNTY}))) == ["i1"]
    assert kept.views.snapshot(everywhere, frozenset(), None)[1] == []


@pytest.mark.parametrize("person", ["r_1", "r%1", "r\\1", "\\", "r'1", "%", "É", "r.1"])
def test_whoever_is_named_sees_it_however_they_are_called(kept: Kept, teller: Teller, person: str) -> None:
    for n, seen_by in enumerate((person, "somebody", f"{person}2")):
        teller.tell(msgspec.structs.replace(teller.event(opened(f"i{n}")), audience=(f"person:{seen_by}",)))
    theirs = keys("responder", COUNTY, person)
    assert ids(kept.views.snapshot(theirs, None, None)[1]) == ["i0"]
    assert ids(kept.views.find("incident", theirs)) == ["i0"]


def test_whoever_has_very_many_roles_sees_all_that_is_theirs(kept: Kept, teller: Teller) -> None:
    teller.tell(opened("i1"), teller.event(opened("i2", ward=ELSEWHERE), area=ELSEWHERE))
    many = frozenset().union(*(keys("operator", f"KE.{n:03}") for n in range(1, 46)))
    assert ids(kept.views.snapshot(many, None, None)[1]) == ids(kept.views.find("incident", many)) == ["i1"]
    assert kept.views.snapshot(frozenset(), None, None)[1] == kept.views.find("incident", frozenset()) == []


def test_documents_are_listed_by_the_bytes_of_their_ids_page_by_page(kept: Kept, teller: Teller) -> None:
    names = ["a", "B", "-c", "a-b", "ab", "é", "Z", "_", "1", "a/b"]
    teller.tell(*(opened(name) for name in names))
    by_bytes = sorted(names, key=str.encode)
    assert ids(kept.views.find("incident", OPERATOR)) == by_bytes
    paged: list[str] = []
    while page := kept.views.find("incident", OPERATOR, after=paged[-1] if paged else None, limit=3):
        assert len(page) <= 3
        paged += ids(page)
    assert paged == by_bytes
    assert ids(kept.views.snapshot(OPERATOR, None, None)[1]) == by_bytes


def test_few_are_found_among_many_that_are_not_theirs(kept: Kept, teller: Teller) -> None:
    teller.tell(*(teller.event(opened(f"x{n:04}"), area=ELSEWHERE) for n in range(2500)))
    teller.tell(opened("x0999a"), opened("x2400a"))
    assert ids(kept.views.find("incident", OPERATOR)) == ["x0999a", "x2400a"]
    assert ids(kept.views.find("incident", OPERATOR, limit=1, after="x0999a")) == ["x2400a"]


def test_what_is_filed_leaves_the_view_stays_readable_and_comes_back(kept: Kept, teller: Teller) -> None:
    received = teller.event(e.ReportReceived(channel="web", text="maji", reporter="+254711000001"), name="r1")
    teller.tell(received, opened("i1", report=received.id), opened("i2"))
    teller.tell(closed("i1"), Filed(before=NOON))
    assert ids(kept.views.find("incident", OPERATOR)) == ["i2"]
    assert ids(kept.views.find("incident", OPERATOR, filed=True)) == ["i1"]
    assert ids(kept.views.find("report", OPERATOR, filed=True)) == [received.id]
    assert kept.views.counts() == {"incident": 1}
    found = kept.views.get("incident", "i1")
    assert found is not None
    assert json.loads(found.data)["state"] == "closed"
    assert ids(kept.views.parts("i1", "report")) == [received.id]
    teller.tell(reopened("i1"))
    assert ids(kept.views.find("incident", OPERATOR)) == ["i1", "i2"]
    assert kept.views.find("incident", OPERATOR, filed=True) == []
    assert ids(kept.views.find("report", OPERATOR)) == [received.id]
    position, standing = snapshot(kept.views)
    assert standing == told(kept.views, position)


def test_a_projector_that_begins_anew_goes_on_where_the_documents_stand(kept: Kept, teller: Teller) -> None:
    teller.tell(opened("i1"), opened("i2"))
    teller.projector = Projector(kept.epoch)
    teller.tell(closed("i1"))
    found = kept.views.get("incident", "i1")
    assert found is not None
    assert json.loads(found.data) | {"state": "closed", "ward": WARD} == json.loads(found.data)
    assert kept.views.position().offset == 3


def test_whoever_looks_while_it_is_written_sees_it_grow_in_order_and_whole(kept: Kept, teller: Teller) -> None:
    begun, over = Barrier(2), Signal()
    seen: list[tuple[int, dict[tuple[str, str], Any]]] = []
    numbers: list[int] = []

    def look() -> None:
        begun.wait()
        last = False
        while not last:
            last = over.is_set()  # once more after the writer has ended
            numbers.extend(frame.offset for frame in kept.views.replay(numbers[-1] if numbers else 0, 1000))
            seen.append(snapshot(kept.views))

    reader = Thread(target=look)
    reader.start()
    begun.wait()
    for n in range(60):
        teller.tell(*(opened(f"i{n:03}-{m}") for m in range(5)), closed(f"i{max(0, n - 1):03}-0"))
    over.set()
    reader.join()
    assert numbers == list(range(1, kept.views.position().offset + 1))
    positions = [position for position, _ in seen]
    assert positions == sorted(positions)
    assert positions[-1] == numbers[-1]
    for position, standing in (seen[0], seen[len(seen) // 2], seen[-1]):
        assert standing == told(kept.views, position)

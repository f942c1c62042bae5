"""What cannot be taken stops nothing: it becomes one dead letter with all of it, and the next is taken."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from streams.cloudevents import to_cloudevent
from streams.cluster.delivering import ARCHIVE
from streams.cluster.quarantine import MOST
from streams.events import CONTRACT, DeadLettered, DeadLetterReplayed, Event, ReportDismissed, decode, encode
from streams.topics import DEADLETTERS, DESK, LARGEST_RECORD, MIRRORED
from tests.cluster.turning import KEY, NOON, REPORTS, Turning, event

pytestmark = pytest.mark.system("postgresql")

GOOD = to_cloudevent(event(1))


def letters(turning: Turning) -> list[tuple[Event, DeadLettered]]:
    return [(each, each.body) for each in turning.log() if isinstance(each.body, DeadLettered)]


def only_letter(turning: Turning) -> tuple[Event, DeadLettered]:
    (found,) = letters(turning)
    return found


def headers(**changed: bytes | None) -> Mapping[str, bytes]:
    return {name: data for name, data in (dict(GOOD.headers) | changed).items() if data is not None}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"value": b"\xff\xfe"}, "not-json"),
        ({"value": GOOD.value.replace(b"water", b"\xff\xfe")}, "not-utf8"),
        ({"value": b"{"}, "not-json"),
        ({"value": b""}, "not-json"),
        ({"value": b'{"type":"ReportReceived","about":' + b"[" * 100_000}, "json-too-deep"),
        ({"value": b'{"type":"ReportReceived"}'}, "invalid-body"),
        ({"value": b'{"type":"SomethingNew"}', "headers": headers(ce_type=b"dharura.SomethingNew")}, "invalid-body"),
        ({"headers": headers(ce_type=b"dharura.ReportLocated")}, "invalid-body"),
        ({"headers": headers(ce_contract=str(CONTRACT + 1).encode())}, "contract-newer"),
        ({"headers": headers(ce_id=b"17")}, "invalid-body"),
        ({"headers": headers(ce_id=None)}, "invalid-body"),
        ({"headers": headers(ce_type=b"\xff")}, "not-utf8"),
        ({"headers": headers(ce_time=b"yesterday")}, "time-not-readable"),
        ({"headers": {}}, "unsupported-media-type"),
        ({"key": b"\xff"}, "not-utf8"),
        ({"topic": DESK.name}, "wrong-topic"),
        ({"topic": MIRRORED + REPORTS}, "wrong-topic"),
        ({"headers": headers(ce_origin=b"kisumu")}, "wrong-topic"),
    ],
)
def test_a_record_that_nobody_can_read_is_put_aside_once(turning: Turning, changes: dict[str, Any], code: str) -> None:
    worker = turning.worker()
    put: dict[str, Any] = {
        "topic": REPORTS,
        "number": 0,
        "key": GOOD.key,
        "value": GOOD.value,
        "headers": GOOD.headers,
    } | changes
    turning.partitions.put(**put)
    turning.put(event(2))
    turning.partitions.put(**put)  # sent again, as a sender in doubt does
    taken = turning.take(worker)
    letter, body = only_letter(turning)
    assert (body.code, body.step, body.topic) == (code, ARCHIVE, put["topic"])
    assert taken.letters == 2  # the second is the first once more
    assert taken.deliveries == 2  # both steps took the good one
    assert letter.audience == ("operator:KE" if put["key"] == b"\xff" else f"operator:{KEY}",)
    quoted = json.loads(body.original)
    assert quoted["topic"] == put["topic"]
    if put["value"] == b"\xff\xfe":
        assert quoted["value"] == {"base64": "//4="}
    elif put["value"].isascii() and len(put["value"]) < MOST:
        assert quoted["value"] == put["value"].decode()
    turning.settle(worker)
    assert len(letters(turning)) == 1


@pytest.mark.parametrize("filling", ['"', "\\", "\x01", "\N{WATER WAVE}", "é"])
def test_a_letter_fits_into_a_record_whatever_it_is_about(turning: Turning, filling: str) -> None:
    worker = turning.worker()
    for n in (1, 2):
        turning.partitions.put(REPORTS, 0, GOOD.key, (filling * (1_000_000 - n)).encode(), GOOD.headers)
    turning.take(worker)
    found = letters(turning)
    assert len(found) == 2
    for letter, body in found:
        assert len(to_cloudevent(letter).value) < LARGEST_RECORD - 10_000
        assert json.loads(body.original)["cut"]


@pytest.mark.parametrize("name", ["CE_ID", "Ce_Type", "Content-Type"])
def test_names_of_headers_have_no_case(turning: Turning, name: str) -> None:
    worker = turning.worker()
    same = {name if key == name.lower() else key: data for key, data in GOOD.headers.items()}
    turning.partitions.put(REPORTS, 0, GOOD.key, GOOD.value, same)
    assert turning.take(worker).deliveries == 2
    assert turning.log()[0] == event(1)


def test_an_id_in_capitals_is_the_same_id(turning: Turning) -> None:
    worker = turning.worker()
    turning.partitions.put(REPORTS, 0, GOOD.key, GOOD.value, headers(ce_id=event(1).id.upper().encode()))
    turning.put(event(1))
    assert turning.take(worker, "tally").deliveries == 1
    assert turning.log()[0] == event(1)


def test_a_step_that_fails_leaves_one_letter_and_its_items_as_they_were(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1), event(2, "fails"), event(3))
    taken = turning.take(worker, "tally")
    assert (taken.deliveries, taken.letters) == (3, 1)
    _, body = only_letter(turning)
    assert (body.step, body.code, body.original_id) == ("tally", "step-failed", event(2).id)
    assert [each.body.by for each in turning.log() if isinstance(each.body, ReportDismissed)] == ["1", "2"]


def test_what_the_database_refuses_is_a_letter_and_harms_nobody_else(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1), event(2, "unstorable"), event(3, "odd"), event(4))
    taken = turning.take(worker)
    _, body = only_letter(turning)
    assert (body.step, body.code, body.original_id) == ("tally", "not-storable", event(2).id)
    assert (taken.deliveries, taken.letters) == (8, 1)
    assert taken.next["tally", REPORTS, 0] == taken.next[ARCHIVE, REPORTS, 0] == 4
    assert [each.body.by for each in turning.log() if isinstance(each.body, ReportDismissed)] == ["1", "2", "3"]
    turning.put(event(5, "odd"))
    assert turning.take(turning.worker(), "tally").letters == 0


def test_a_delivery_that_hung_a_worker_is_a_letter_the_next_time(turning: Turning) -> None:
    turning.put(event(1), event(2), event(3))
    for step, offset in (("tally", 1), ("remind", 1), ("tally", 7)):
        turning.connection.execute("INSERT INTO suspect VALUES (?,?,0,?)", (step, REPORTS, offset))
    taken = turning.take(turning.worker(), "tally")
    assert (taken.deliveries, taken.letters) == (3, 1)
    _, body = only_letter(turning)
    assert (body.step, body.code, body.original_id) == ("tally", "step-hung", event(2).id)
    left = turning.connection.execute('SELECT step, "offset" FROM suspect ORDER BY 1, 2').fetchall()
    assert left == [("remind", 1), ("tally", 7)]


def test_the_watchdog_sees_what_runs(turning: Turning) -> None:
    worker = turning.worker()
    seen = []

    def look(state: object, event: Event) -> tuple[()]:
        seen.append(worker.running)
        return ()

    turning.steps = [msgspec.structs.replace(turning.steps[0], function=look)]
    worker = turning.worker()
    turning.put(event(1), event(2))
    turning.take(worker, "tally")
    assert seen == [("tally", REPORTS, 0, 0), ("tally", REPORTS, 0, 1)]
    assert worker.running is None


# --- letters given to their step again


def replay(n: int, letter: Event, **changed: Any) -> Event:
    assert isinstance(letter.body, DeadLettered)
    body = DeadLetterReplayed(letter=letter.id, step=letter.body.step, original=letter.body.original, by="me")
    return event(100 + n, body=msgspec.structs.replace(body, **changed), key=letter.key, seen=NOON + timedelta(days=1))


def corrected(original: str, **changed: Any) -> str:
    return encode(msgspec.structs.replace(decode(original.encode()), **changed)).decode()


def test_a_replayed_letter_goes_to_its_step_alone(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1), event(2, "fails"))
    turning.settle(worker)
    letter, body = only_letter(turning)
    again = replay(1, letter, original=corrected(body.original, body=event(2).body))
    turning.put(again, again)
    turning.take(worker, ARCHIVE)
    assert turning.log()[-1] == again  # which keeps it, and leaves it to its step
    taken = turning.take(worker)
    assert (taken.deliveries, taken.letters) == (1, 0)
    last = turning.log()[-1]
    assert isinstance(last.body, ReportDismissed)
    assert (last.body.report, last.body.by, last.cause) == (again.id, "2", again.id)


@pytest.mark.parametrize(
    ("changed", "step", "code"),
    [
        ({}, "tally", "step-failed"),
        ({"step": "nobody"}, "replay", "step-unknown"),
        ({"original": "{"}, "replay", "invalid-body"),
        ({"key": "KE.001"}, "tally", "key-changed"),
    ],
)
def test_a_replay_that_leads_nowhere_is_one_letter_again(
    turning: Turning, changed: dict[str, str], step: str, code: str
) -> None:
    worker = turning.worker()
    turning.put(event(2, "fails"))
    turning.settle(worker)
    letter, body = only_letter(turning)
    if "key" in changed:
        changed = {"original": corrected(body.original, **changed)}
    turning.put(replay(1, letter, **changed))
    turning.settle(worker)
    found = [each for _, each in letters(turning)][1:]
    assert [(each.step, each.code) for each in found] == [(step, code)]


def test_a_letter_of_what_nobody_could_read_can_be_replayed_once_it_is_corrected(turning: Turning) -> None:
    worker = turning.worker()
    turning.partitions.put(REPORTS, 0, GOOD.key, b"{", GOOD.headers)
    turning.settle(worker)
    letter, _ = only_letter(turning)
    turning.put(replay(1, letter, step="tally", original=encode(event(1)).decode()))
    assert turning.take(worker).deliveries == 1
    assert DEADLETTERS.name in worker.readers["tally"]

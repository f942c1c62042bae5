"""An event and its Kafka record are the same thing said twice: nothing is lost on the way, and nothing is guessed."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.build_wire import events
from geo.places import Rejected
from streams.cloudevents import HEADERS, Record, from_cloudevent, subject, to_cloudevent
from streams.events import Event, PositionShared, ReportReceived, encode

GOLDEN = events()
LOCATED = next(event for event in GOLDEN if type(event.body).__name__ == "ReportLocated")
# What CloudEvents 1.0 forbids in a string: control characters and what Unicode says is no character.
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(p << 16 | low) for p in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
tokens = words.filter(bool)
times = st.datetimes(timezones=st.just(UTC)) | st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001  bounds of the part without its zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001  as above
    timezones=st.just(timezone(timedelta(hours=3))),
)
bodies = st.sampled_from([event.body for event in GOLDEN]) | st.builds(
    ReportReceived,
    channel=st.sampled_from(["sms", "web"]),
    text=words,
    lon=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    reporter=words,
)
anything = st.builds(
    Event,
    id=tokens,
    cause=words,
    source=words,
    key=words,
    at=times,
    seen=times,
    audience=st.lists(words, max_size=4).map(tuple),
    body=bodies,
    versions=st.dictionaries(words, words, max_size=3),
    contract=st.integers(1, 2**31),
    origin=words,
)


@given(anything)
def test_an_event_comes_back_as_it_left(event: Event) -> None:
    record = to_cloudevent(event)
    assert from_cloudevent(record.headers, record.value, record.key) == event
    assert encode(from_cloudevent(*record)) == encode(event)
    assert to_cloudevent(event) == record


@pytest.mark.parametrize(
    "text", ["a%20b", "%2520", "100 %", "%", "%c3", "\x00\x7f\x9f", "\ufdd0\ufffe", "Ong'ong'a", 'a,b;"c"']
)
def test_no_text_is_mistaken_for_an_escaped_one(text: str) -> None:
    event = msgspec.structs.replace(
        LOCATED, id=text, cause=text, source=text, key=text, audience=(text, ""), versions={text: text}
    )
    record = to_cloudevent(event)
    assert from_cloudevent(*record) == event
    assert from_cloudevent(record.headers, record.value, None) == event
    assert not any(FORBIDDEN.search(data.decode()) for data in record.headers.values())


@given(anything)
def test_headers_are_what_cloudevents_allows(event: Event) -> None:
    for name, data in to_cloudevent(event).headers.items():
        assert re.fullmatch(r"content-type|ce_[a-z0-9]{1,20}", name)
        assert data
        assert not FORBIDDEN.search(data.decode())


@pytest.mark.parametrize("event", GOLDEN, ids=lambda event: type(event.body).__name__)
def test_every_header_is_in_the_published_table_and_the_required_ones_are_there(event: Event) -> None:
    headers = to_cloudevent(event).headers
    assert set(headers) <= {header.name for header in HEADERS}
    assert {header.name for header in HEADERS if header.required} <= set(headers)


def test_a_record_by_the_letter() -> None:
    record = to_cloudevent(msgspec.structs.replace(LOCATED, body=PositionShared(responder="r027", lon=34.9, lat=-0.2)))
    assert {name: data.decode() for name, data in record.headers.items()} == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": LOCATED.id,
        "ce_source": "/dharura/reports",
        "ce_type": "dharura.PositionShared",
        "ce_time": "2026-04-26T11:06:00Z",
        "ce_subject": "r027",
        "ce_partitionkey": "KE.042",
        "ce_cause": LOCATED.cause,
        "ce_seen": "2026-04-26T11:06:02.500000Z",
        "ce_audience": '["operator:KE.042.242.1208"]',
        "ce_versions": json.dumps(LOCATED.versions, separators=(",", ":")),
        "ce_contract": "1",
    }
    assert record.value == b'{"type":"PositionShared","responder":"r027","lon":34.9,"lat":-0.2}'
    assert record.key == b"KE.042"


def test_sources_are_uri_references_and_odd_characters_are_escaped() -> None:
    odd = msgspec.structs.replace(LOCATED, source="reports!/a b", key="100 % \x07", id="a\x00b")
    headers = to_cloudevent(odd).headers
    assert headers["ce_source"] == b"/dharura/reports%21/a%20b"
    assert headers["ce_partitionkey"] == b"100 %25 %07"
    assert headers["ce_id"] == b"a%00b"


@pytest.mark.parametrize("event", GOLDEN, ids=lambda event: type(event.body).__name__)
def test_the_subject_is_the_most_particular_thing_named(event: Event) -> None:
    named = json.loads(encode(event))["body"]
    for field in ("assignment", "message", "alert", "incident", "report", "station", "responder"):
        if field in named:
            assert subject(event) == named[field]
            break
    else:
        assert subject(event) in {event.id, named.get("about"), named.get("letter"), named.get("original_id")}


def test_what_the_body_leaves_empty_is_no_subject() -> None:
    answer = next(event for event in GOLDEN if type(event.body).__name__ == "AnswerReceived")
    bare = msgspec.structs.replace(answer, body=msgspec.structs.replace(answer.body, assignment=""))
    assert subject(bare) == "r027"


def test_a_time_without_a_zone_does_not_leave() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        to_cloudevent(msgspec.structs.replace(LOCATED, at=datetime(2026, 4, 26, 14, 5)))  # noqa: DTZ001  that is the point


def test_a_reader_is_lenient_with_names_parameters_strangers_and_what_came_later() -> None:
    record = to_cloudevent(LOCATED)
    headers = {name.upper(): data for name, data in record.headers.items()}
    headers |= {
        "CONTENT-TYPE": b"application/json; charset=utf-8",
        "CE_SPECVERSION": b"1.1",
        "traceparent": b"\xff\x00",
        "ce_later": b"\xff",
    }
    body = json.loads(record.value) | {"later": 1}
    assert from_cloudevent(headers, json.dumps(body).encode(), record.key) == LOCATED


def test_what_may_be_missing_may_be_missing() -> None:
    record = to_cloudevent(LOCATED)
    headers = {header.name: record.headers[header.name] for header in HEADERS if header.required}
    assert from_cloudevent(headers, record.value, record.key) == msgspec.structs.replace(LOCATED, versions={})


def test_the_key_is_found_in_the_headers_when_the_record_has_lost_it() -> None:
    record = to_cloudevent(LOCATED)
    assert from_cloudevent(record.headers, record.value, None) == LOCATED
    assert from_cloudevent(record.headers, record.value, b"KE.044").key == "KE.044"
    assert from_cloudevent(record.headers, record.value, b"").key == ""


def changed(name: str, value: bytes | None) -> Record:
    record = to_cloudevent(LOCATED)
    headers = {each: data for each, data in record.headers.items() if each != name}
    return record._replace(headers=headers if value is None else headers | {name: value})


@pytest.mark.parametrize("name", [header.name for header in HEADERS if header.required and header.name != "ce_cause"])
def test_a_record_without_a_required_header_is_refused(name: str) -> None:
    for nothing in (None, b""):
        with pytest.raises(Rejected) as refused:
            from_cloudevent(*changed(name, nothing))
        assert refused.value.code in {"invalid-body", "unsupported-media-type"}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("content-type", b"application/cloudevents+json", "unsupported-media-type"),
        ("ce_specversion", b"0.3", "invalid-body"),
        ("ce_type", b"dharura.ReportPlaced", "invalid-body"),
        ("ce_type", b"\xff", "not-utf8"),
        ("ce_time", b"yesterday", "time-not-readable"),
        ("ce_time", b"2026-04-26T14:05:00", "time-not-readable"),
        ("ce_seen", b"1777201500", "time-not-readable"),
        ("ce_audience", b"operator:KE.042", "invalid-body"),
        ("ce_audience", b'"public"', "invalid-body"),
        ("ce_audience", b"[1]", "invalid-body"),
        ("ce_versions", b"[]", "invalid-body"),
        ("ce_contract", b"one", "invalid-body"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(name: str, value: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        from_cloudevent(*changed(name, value))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b'{"type":"ReportPlaced","report":"\xff"}', "not-utf8"),
        (b"[]", "invalid-body"),
        (b'{"report":"x"}', "invalid-body"),
        (b'{"type":"NeverHeardOf"}', "invalid-body"),
        (b'{"type":"ReportLocated","report":7}', "invalid-body"),
        (b'{"type":"ReportLocated","later":' + b"[" * 100_000, "json-too-deep"),
    ],
)
def test_a_value_that_is_no_fact_is_refused(value: bytes, code: str) -> None:
    record = to_cloudevent(LOCATED)
    with pytest.raises(Rejected) as refused:
        from_cloudevent(record.headers, value, record.key)
    assert refused.value.code == code


@given(st.dictionaries(st.sampled_from([header.name for header in HEADERS]), st.binary()), st.binary(), st.binary())
def test_whatever_arrives_is_read_or_refused(headers: dict[str, bytes], value: bytes, key: bytes) -> None:
    record = to_cloudevent(LOCATED)
    for sent, content in ((record.headers | headers, record.value), (record.headers, value)):
        try:
            from_cloudevent(sent, content, key)
        except Rejected as refused:
            assert refused.code  # noqa: PT017  either outcome is right

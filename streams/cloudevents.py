"""An event as a Kafka record and back: CloudEvents 1.0, Kafka protocol binding 1.0.2, binary content mode.

Where an event leaves the house or comes back: the Kafka host writes and reads exactly what stands here, and the
AsyncAPI document (`streams.contract`) describes it from the same table. The envelope becomes headers, the body is the
value, the topic key is the record's key; so routing, filtering and counting need not look into the value.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple, TypeVar
from urllib.parse import quote, unquote

import msgspec

from geo.places import Rejected
from streams.events import CONTRACT, AnyBody, Event

PREFIX = "ce_"
CONTENT_TYPE = "application/json"
TYPE = "dharura."
"""What stands before a fact's name in `ce_type`, so that it is not taken for somebody else's."""
SOURCE = "/dharura/"
"""What stands before the step or door in `ce_source`; with it, the source is a URI reference."""


class Header(NamedTuple):
    """One header of a record: its name, what it says, an example, and its JSON Schema."""

    name: str
    about: str
    example: str
    required: bool = True
    schema: Mapping[str, object] = {}


HEADERS = (
    Header("content-type", "Media type of the value.", CONTENT_TYPE, schema={"const": CONTENT_TYPE}),
    Header("ce_specversion", "Version of CloudEvents.", "1.0", schema={"const": "1.0"}),
    Header(
        "ce_id",
        "Id of the event, a UUID. The same id is the same event: drop repeats by it.",
        "5b0f7c0e-3c1d-5f0e-8f57-2f5a3a9b6c11",
        schema={"format": "uuid"},
    ),
    Header(
        "ce_source", "The step or door that wrote the event.", "/dharura/reports", schema={"format": "uri-reference"}
    ),
    Header("ce_type", "Which fact it is; the same name as `type` in the value.", "dharura.ReportLocated"),
    Header(
        "ce_time",
        "When it happened in the world (RFC 3339, UTC).",
        "2026-04-26T11:05:00Z",
        schema={"format": "date-time"},
    ),
    Header(
        "ce_subject",
        "Id of what it is about: the assignment, message, alert, incident, report, station or responder.",
        "a3c8f5d2-77a5-5c55-9d0b-0b7f6f3a2e10",
        required=False,
    ),
    Header("ce_partitionkey", "The topic key, the same as the record's key.", "KE.042", required=False),
    Header("ce_cause", "Id of the event, or of the request at the door, that made this one happen.", "gateway-17"),
    Header(
        "ce_seen",
        "When the first fact of this story reached us (RFC 3339, UTC).",
        "2026-04-26T11:05:02Z",
        schema={"format": "date-time"},
    ),
    Header(
        "ce_audience",
        "Who may see it, a JSON array: `role:area`, `person:id` or `public`. Nobody else may be shown the value.",
        '["operator:KE.042.242.1208","public"]',
        schema={"contentMediaType": "application/json"},
    ),
    Header(
        "ce_versions",
        "Versions of the rules and data that the decision rested on, a JSON object.",
        '{"boundaries":"demo-1"}',
        required=False,
        schema={"contentMediaType": "application/json"},
    ),
    Header("ce_contract", "Version of this contract; 1 when missing.", str(CONTRACT), required=False),
    Header(
        "ce_origin",
        "The systems that it was mirrored through, the one that wrote it first, with `/` between them. Missing on what "
        "this system wrote itself.",
        "kisumu",
        required=False,
    ),
)

# Control characters, the percent sign and Unicode's noncharacters: CloudEvents forbids all but the percent sign.
_PLANES = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_ESCAPED = re.compile(f"[%\x00-\x1f\x7f-\x9f\ufdd0-\ufdef{_PLANES}]")

_SUBJECTS = (
    "assignment",
    "message",
    "alert",
    "incident",
    "report",
    "station",
    "responder",
    "about",
    "letter",
    "original_id",
)

T = TypeVar("T")

# A record is made for every event that goes to Kafka, so what can be made once is made here.
_ATTRIBUTES = {header.name: header.name.removeprefix(PREFIX) for header in HEADERS}
_encoder = msgspec.json.Encoder()
_value: msgspec.json.Decoder[AnyBody] = msgspec.json.Decoder(AnyBody)
_names = msgspec.json.Decoder(tuple[str, ...])
_versions = msgspec.json.Decoder(dict[str, str])
_number = msgspec.json.Decoder(int)


class Record(NamedTuple):
    """What a Kafka record carries of an event."""

    headers: dict[str, bytes]
    value: bytes
    key: bytes


def to_cloudevent(event: Event) -> Record:
    """Give the record of an event, the same bytes for the same event; ValueError for a time without a zone."""
    attributes = {
        "specversion": "1.0",
        "id": _escape(event.id),
        "source": _source(event.source),
        "type": TYPE + type(event.body).__name__,
        "time": _time(event.at),
        "subject": _escape(subject(event)),
        "partitionkey": _escape(event.key),
        "cause": _escape(event.cause),
        "seen": _time(event.seen),
        "audience": _escape(_encoder.encode(event.audience).decode()),
        "versions": _escape(_encoder.encode(event.versions).decode()) if event.versions else "",
        "contract": str(event.contract),
        "origin": _escape(event.origin),
    }
    headers = {"content-type": CONTENT_TYPE.encode()}
    # An attribute must not be empty: one that would be is left out.
    headers |= {PREFIX + name: text.encode() for name, text in attributes.items() if text}
    return Record(headers, _encoder.encode(event.body), event.key.encode())


def from_cloudevent(headers: Mapping[str, bytes], value: bytes, key: bytes | None) -> Event:
    """Read a record; headers that are not ours are ignored.

    Raises Rejected: `unsupported-media-type`, `not-utf8`, `not-json`, `json-too-deep`, `time-not-readable` or
    `invalid-body` (a header is missing or does not fit, or the value is no fact of ours or not the one of `ce_type`).
    """
    texts = _texts(headers)
    _check_form(texts)
    body = _body(value)
    said = _need(texts, "type").removeprefix(TYPE)
    if said != type(body).__name__:
        raise Rejected("invalid-body", f"ce_type says {said[:80]!r}, the value is {type(body).__name__!r}")
    return Event(
        id=_need(texts, "id"),
        cause=_need(texts, "cause", empty=True),
        source=_need(texts, "source").removeprefix(SOURCE),
        key=_text("key", key) if key is not None else _need(texts, "partitionkey", empty=True),
        at=_read_time(texts, "time"),
        seen=_read_time(texts, "seen"),
        audience=_read_json(texts, "audience", _names),
        versions=_read_json(texts, "versions", _versions) if "versions" in texts else {},
        contract=_read_json(texts, "contract", _number) if "contract" in texts else 1,
        origin=_need(texts, "origin", empty=True),
        body=body,
    )


class Passage(NamedTuple):
    """What whoever passes a record on needs to know of it, without looking into its value."""

    audience: tuple[str, ...]
    origin: str


def passage(headers: Mapping[str, bytes]) -> Passage:
    """Read who may see a record and which systems it came through; raises Rejected as `from_cloudevent` does."""
    texts = _texts(headers)
    return Passage(_read_json(texts, "audience", _names), _need(texts, "origin", empty=True))


def passed_on(headers: Mapping[str, bytes], passage: Passage) -> dict[str, bytes]:
    """Give the headers of a record that is passed on, with what `passage` says now; all others as they are."""
    new = {
        PREFIX + "audience": _escape(_encoder.encode(passage.audience).decode()).encode(),
        PREFIX + "origin": _escape(passage.origin).encode(),
    }
    return {name: data for name, data in headers.items() if name.lower() not in new} | new


def subject(event: Event) -> str:
    """Name what an event is about: the most particular thing that its body names, else the event itself."""
    for field in _subject_fields(type(event.body)):
        named: str = getattr(event.body, field)
        if named:
            return named
    return event.id


@cache
def _subject_fields(kind: type[AnyBody]) -> tuple[str, ...]:
    return tuple(field for field in _SUBJECTS if field in kind.__struct_fields__)


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return SOURCE + quote(name, safe="/")


def _escape(text: str) -> str:
    if text.isprintable() and "%" not in text:  # nearly always
        return text
    return _ESCAPED.sub(lambda match: quote(match[0], safe=""), text)


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone cannot leave: {at.isoformat()}")
    text: str = msgspec.to_builtins(at)
    return text


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Rejected("not-utf8", f"{name} is not UTF-8") from None


def _texts(headers: Mapping[str, bytes]) -> dict[str, str]:
    """Give our headers by attribute name; other people's may hold any bytes, so they are left alone."""
    lower = ((name.lower(), data) for name, data in headers.items())
    return {_ATTRIBUTES[name]: _text(name, data) for name, data in lower if name in _ATTRIBUTES}


def _check_form(texts: Mapping[str, str]) -> None:
    media = texts.get("content-type", "")
    if media.partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise Rejected("unsupported-media-type", f"content-type is {media[:80]!r}, not {CONTENT_TYPE}")
    version = texts.get("specversion", "")
    if version != "1.0" and not re.fullmatch(r"1\.\d+", version):
        raise Rejected("invalid-body", f"ce_specversion is {version[:20]!r}, not 1.0")


def _need(texts: Mapping[str, str], name: str, *, empty: bool = False) -> str:
    text = texts.get(name, "")
    if not text and not empty:
        raise Rejected("invalid-body", f"the header {PREFIX}{name} is missing")
    return unquote(text) if "%" in text else text


def _read_time(texts: Mapping[str, str], name: str) -> datetime:
    text = _need(texts, name)
    try:
        at = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise Rejected("time-not-readable", f"{PREFIX}{name} is {text[:40]!r}") from None
    if at.tzinfo is None:
        raise Rejected("time-not-readable", f"{PREFIX}{name} has no zone: {text[:40]!r}")
    return at


def _read_json(texts: Mapping[str, str], name: str, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return decoder.decode(_need(texts, name))
    except msgspec.DecodeError as error:
        raise Rejected("invalid-body", f"{PREFIX}{name}: {error}") from None


def _body(value: bytes) -> AnyBody:
    try:
        return _value.decode(value)
    except UnicodeDecodeError:
        raise Rejected("not-utf8", "the value is not UTF-8") from None
    except msgspec.ValidationError as error:
        raise Rejected("invalid-body", f"the value is no fact of ours: {error}") from None
    except msgspec.DecodeError as error:
        raise Rejected("not-json", f"the value is not JSON: {error}") from None
    except RecursionError:
        raise Rejected("json-too-deep", "the value is nested too deeply") from None

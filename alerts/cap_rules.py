"""What is wrong with a CAP message: the standard's rules, and our own for what we write.

You are between `alerts.cap` (the value) and `alerts.cap_xml` (the bytes). A message we write must have no fault at all
(`check`); one we read is kept with those of the standard named (`faults`), because official warnings fail their own
schema and a reader that drops them warns nobody.

Source: OASIS Standard CAP-v1.2, section 3.2; CAP Feeds 1.0 for the ids; the 50 characters of an area are what other
systems were built for.
"""

import math
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, get_args

import msgspec

from alerts.cap import (
    Alert,
    Area,
    Category,
    Certainty,
    Info,
    LonLat,
    MsgType,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from geo.places import Rejected

AREA_MOST: Final = 50
HEADLINE_MOST: Final = 160

_TOKEN: Final = re.compile(r"[^\s,<&\x00-\x1f\x7f]+")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_MIME: Final = re.compile(r"[\w.+-]+/[\w.+-]+")
_URI: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+")


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong. `house` marks our own rules: a message from elsewhere may break them."""

    code: str
    where: str
    detail: str
    house: bool = False


def check(alert: Alert) -> Alert:
    """Return the alert if nothing is wrong with it; Rejected `cap-invalid` naming everything that is."""
    found = faults(alert)
    if found:
        said = "; ".join(f"{fault.where}: {fault.detail}" for fault in found[:10])
        raise Rejected("cap-invalid", said + (f"; and {len(found) - 10} more" if len(found) > 10 else ""))
    return alert


def faults(alert: Alert, *, house: bool = True) -> tuple[Fault, ...]:
    """List what is wrong with a message; without `house` only what breaks the standard."""
    found = (*_alert(alert), *_scope(alert), *_references(alert), *_infos(alert), *_characters(alert))
    return tuple(fault for fault in found if house or not fault.house)


def _fault(code: str, where: str, detail: str) -> Fault:
    return Fault(code=code, where=where, detail=detail)


def _house(code: str, where: str, detail: str) -> Fault:
    return Fault(code=code, where=where, detail=detail, house=True)


def _alert(alert: Alert) -> Iterator[Fault]:
    for where, token in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not _TOKEN.fullmatch(token):
            yield _fault(f"{where}-characters", where, f"{token[:60]!r} is empty or has a space, comma, < or &")
    yield from _time(alert.sent, "sent")
    for where, value, allowed in (
        ("status", alert.status, Status),
        ("msgType", alert.msg_type, MsgType),
        ("scope", alert.scope, Scope),
    ):
        yield from _word(where, value, allowed)
    if alert.status == "Exercise" and not alert.note.strip():
        yield _fault("note-missing", "note", "an Exercise must say so in a note")
    if alert.msg_type == "Error" and not alert.note.strip():
        yield _fault("note-missing", "note", "an Error must give its reason in a note")


def _scope(alert: Alert) -> Iterator[Fault]:
    restricted, private = alert.scope == "Restricted", alert.scope == "Private"
    if restricted and not alert.restriction.strip():
        yield _fault("restriction-missing", "restriction", "scope Restricted needs the rule of the restriction")
    if alert.restriction and not restricted:
        yield _fault("restriction-unexpected", "restriction", "belongs to scope Restricted only")
    if private and not alert.addresses:
        yield _fault("addresses-missing", "addresses", "scope Private needs addresses")
    for where, listed in (("addresses", alert.addresses), ("incidents", alert.incidents)):
        if any(not entry.strip() or '"' in entry for entry in listed):
            yield _fault("list-entry", where, "an entry is empty or has a double quote")


def _references(alert: Alert) -> Iterator[Fault]:
    if alert.msg_type == "Alert":
        if alert.references:
            yield _house("references-unexpected", "references", "a first Alert follows nothing")
    elif not alert.references:
        yield _fault("references-missing", "references", f"{alert.msg_type} must name the messages it is about")
    for reference in alert.references:
        if not (_TOKEN.fullmatch(reference.identifier) and _TOKEN.fullmatch(reference.sender)):
            yield _fault("reference-characters", "references", f"{reference.identifier[:60]!r} cannot be written")
        yield from _time(reference.sent, "references")
        if reference == alert.reference:
            yield _house("references-itself", "references", "a message cannot follow itself")


def _infos(alert: Alert) -> Iterator[Fault]:
    if not alert.infos and alert.msg_type in {"Alert", "Update"}:
        yield _house("info-missing", "info", f"{alert.msg_type} without an info says nothing")
    for n, info in enumerate(alert.infos, 1):
        yield from _info(alert, info, f"info {n}")
    grades = {(info.urgency, info.severity, info.certainty) for info in alert.infos}
    if len(grades) > 1:
        yield _house("infos-disagree", "info", "urgency, severity and certainty differ between the languages")


def _info(alert: Alert, info: Info, where: str) -> Iterator[Fault]:
    yield from _info_words(info, where)
    yield from _times(alert, info, where)
    if not info.event.strip():
        yield _fault("event-missing", where, "needs an event")
    if not _LANGUAGE.fullmatch(info.language):
        yield _fault("language-malformed", where, f"{info.language[:40]!r} is no language tag")
    if info.web and not _URI.fullmatch(info.web):
        yield _fault("web-malformed", where, f"{info.web[:60]!r} is no absolute URI")
    if not all(named.name.strip() for named in (*info.event_codes, *info.parameters)):
        yield _fault("value-name-missing", where, "an eventCode or parameter has no valueName")
    if len(info.headline) > HEADLINE_MOST:
        yield _house("headline-long", where, f"headline has {len(info.headline)} characters, over {HEADLINE_MOST}")
    if alert.msg_type in {"Alert", "Update"}:
        if not info.response_types:
            yield _house("response-missing", where, "needs a responseType: say what people should do")
        if not info.areas:
            yield _house("area-missing", where, "needs an area")
    for n, area in enumerate(info.areas, 1):
        yield from _area(area, f"{where} area {n}")
    for n, resource in enumerate(info.resources, 1):
        yield from _resource(resource, f"{where} resource {n}")


def _info_words(info: Info, where: str) -> Iterator[Fault]:
    yield from _word(f"{where} urgency", info.urgency, Urgency)
    yield from _word(f"{where} severity", info.severity, Severity)
    yield from _word(f"{where} certainty", info.certainty, Certainty)
    if not info.categories:
        yield _fault("category-missing", where, "needs at least one category")
    for category in info.categories:
        yield from _word(f"{where} category", category, Category)
    for response in info.response_types:
        yield from _word(f"{where} responseType", response, ResponseType)


def _times(alert: Alert, info: Info, where: str) -> Iterator[Fault]:
    malformed = [*_time(alert.sent, "sent")]
    for name in ("effective", "onset", "expires"):
        at = getattr(info, name)
        if at is not None:
            wrong = [*_time(at, f"{where} {name}")]
            malformed += wrong
            yield from wrong
    if info.expires is None:
        yield _house("expires-missing", where, "needs an expires: without one every receiver guesses")
    elif not malformed:
        start = max(at for at in (alert.sent, info.effective) if at is not None)
        if info.expires <= start and alert.msg_type != "Cancel":
            yield _fault("expires-past", where, f"runs out at {info.expires.isoformat()}, before it begins")


def _area(area: Area, where: str) -> Iterator[Fault]:
    size = len(area.description)
    if not area.description.strip():
        yield _fault("area-description-missing", where, "needs an areaDesc")
    elif size > AREA_MOST:
        yield _house("area-description-long", where, f"areaDesc has {size} characters, over {AREA_MOST}")
    yield from _shapes(area, where)
    if not all(code.name.strip() and code.value.strip() for code in area.geocodes):
        yield _fault("geocode-scheme", where, "a geocode needs the name of its scheme and a value")
    if area.ceiling is not None and area.altitude is None:
        yield _fault("altitude-missing", where, "a ceiling needs an altitude")
    if not (area.polygons or area.circles or area.geocodes):
        yield _house("area-without-place", where, "needs a polygon, a circle or a geocode")


def _shapes(area: Area, where: str) -> Iterator[Fault]:
    for ring in area.polygons:
        if len(ring) < 4 or ring[0] != ring[-1]:
            yield _fault("polygon-open", where, f"a polygon of {len(ring)} positions is not closed, or has under four")
        if not all(map(_on_earth, ring)):
            yield _fault("position-out-of-range", where, "a polygon leaves longitude +-180 or latitude +-90")
    for circle in area.circles:
        if not _on_earth((circle.lon, circle.lat)):
            yield _fault("position-out-of-range", where, "a circle's centre leaves longitude +-180 or latitude +-90")
        if not (math.isfinite(circle.radius_km) and circle.radius_km >= 0):
            yield _fault("circle-radius", where, "a circle's radius is negative or no number")
        elif circle.radius_km == 0:
            yield _house("circle-empty", where, "a circle of radius 0 holds nobody")


def _resource(resource: Resource, where: str) -> Iterator[Fault]:
    if not resource.description.strip():
        yield _fault("resource-description-missing", where, "needs a resourceDesc")
    if not _MIME.fullmatch(resource.mime_type):
        yield _fault("mime-type-missing", where, f"{resource.mime_type[:40]!r} is no media type")
    if resource.size is not None and resource.size < 0:
        yield _fault("resource-size", where, "size is negative")


def _on_earth(position: LonLat) -> bool:
    # NaN fails both comparisons.
    return -180.0 <= position[0] <= 180.0 and -90.0 <= position[1] <= 90.0


def _time(at: datetime, where: str) -> Iterator[Fault]:
    offset = at.utcoffset()
    if offset is None:
        yield _fault("time-without-offset", where, f"{at.isoformat()} has no offset")
    elif offset.total_seconds() % 60 or not 1 <= at.year <= 9999:
        yield _fault("time-offset", where, f"{at.isoformat()} has an offset that CAP cannot write")
    elif at.microsecond:
        yield _fault("time-precision", where, "CAP times have whole seconds")


def _word(where: str, value: str, allowed: object) -> Iterator[Fault]:
    if value not in get_args(allowed):
        yield _fault("value-unknown", where, f"{value[:40]!r} is not one of {', '.join(get_args(allowed))}")


def _characters(alert: Alert) -> Iterator[Fault]:
    """Find text that no XML document can hold."""
    for where, text in _texts(alert, ""):
        if _NOT_XML.search(text):
            yield _fault("text-characters", where, "has a control character or half a surrogate pair")


def _texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where or "alert", value
    elif isinstance(value, tuple):
        for entry in value:
            yield from _texts(entry, where)
    elif isinstance(value, msgspec.Struct) and not isinstance(value, Reference):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name), f"{where} {name}".strip())

"""From the elements of a CAP message to its values, forgiving and exact about what was forgiven.

You are inside `alerts.cap_reading`: it has found the `alert` element, here each element becomes a field. What cannot be
understood is left out and flagged; a word in the wrong case is taken for the word that was meant.
"""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, get_args

from lxml import etree

from alerts.cap import (
    Alert,
    Area,
    Category,
    Certainty,
    Circle,
    Info,
    LonLat,
    MsgType,
    Named,
    Reference,
    Resource,
    ResponseType,
    Ring,
    Scope,
    Severity,
    Status,
    Urgency,
)
from alerts.cap_rules import Fault
from alerts.cap_xml import AREA_ORDER, INFO_ORDER, RESOURCE_ORDER
from geo.places import Rejected

_STRICT_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_LISTED: Final = re.compile(r'"([^"]*)"|(\S+)')
_XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_REPEATED: Final = frozenset(
    [
        "code",
        "info",
        "category",
        "responseType",
        "eventCode",
        "parameter",
        "resource",
        "area",
        "polygon",
        "circle",
        "geocode",
    ]
)
_LARGEST: Final = 2**53
_OLDER: Final = frozenset({"password"})
"""Elements of CAP 1.0 that came to nothing."""


class Fields:
    """The children of one element by name, and the flags of the whole message."""

    def __init__(
        self, node: etree._Element, where: str, order: Sequence[str], version: str, flags: list[Fault] | None = None
    ) -> None:
        self.where = where
        self.version = version
        self.flags: list[Fault] = [] if flags is None else flags
        self.children: dict[str, list[etree._Element]] = {}
        reached = 0
        for child in node:
            name = etree.QName(child)
            if name.namespace == _XMLDSIG:
                after = child.getnext()
                if version != "1.2" or (after is not None and etree.QName(after).namespace != _XMLDSIG):
                    self.flag("signature-place", "a Signature stands where the schema has none; kept, not checked")
                continue
            if name.localname in _OLDER:
                continue
            if name.localname not in order:
                self.flag("element-unknown", f"{name.localname[:60]!r} is no element of it")
                continue
            place = order.index(name.localname)
            if place < reached:
                self.flag("element-order", f"{name.localname} comes after {order[reached]}")
            reached = max(reached, place)
            self.children.setdefault(name.localname, []).append(child)
        for name_, found in self.children.items():
            if len(found) > 1 and name_ not in _REPEATED:
                self.flag("element-repeated", f"{name_} stands there {len(found)} times; the first counts")

    def flag(self, code: str, detail: str) -> None:
        """Name something that is wrong."""
        self.flags.append(Fault(code=code, where=self.where, detail=detail))

    def below(self, name: str, order: Sequence[str]) -> "list[Fields]":
        """Give the fields of each child of this name."""
        return [
            Fields(
                node, f"{'' if self.where == 'alert' else self.where + ' '}{name} {n}", order, self.version, self.flags
            )
            for n, node in enumerate(self.children.get(name, ()), 1)
        ]

    def texts(self, name: str) -> list[str]:
        """Give the text of each child of this name, stripped."""
        return ["".join(map(str, node.itertext())).strip() for node in self.children.get(name, ())]

    def text(self, name: str) -> str:
        """Give the text of the first child of this name; "" without one."""
        return next(iter(self.texts(name)), "")

    def time(self, name: str) -> datetime | None:
        """Read a time; None when there is none or it makes no sense."""
        text = self.text(name)
        if not text:
            return None
        at = _time(text)
        if at is None:
            self.flag("time-unreadable", f"{name} {text[:40]!r} is no time")
            return None
        if at.tzinfo is None:
            self.flag("time-without-offset", f"{name} {text!r} has no offset; taken as UTC")
            at = at.replace(tzinfo=UTC)
        elif self.version == "1.2" and not _STRICT_TIME.fullmatch(text):
            self.flag("time-format", f"{name} {text!r} is not written as CAP wants it")
        return _whole(at)

    def word(self, name: str, kind: object, otherwise: str) -> Any:
        """Read a word of a closed list; `otherwise` when it is missing or unknown."""
        text = self.text(name)
        if not text:
            self.flag("element-missing", f"{name} is missing; taken as {otherwise}")
            return otherwise
        found = self._meant(name, text, kind)
        return otherwise if found is None else found

    def words(self, name: str, kind: object) -> tuple[Any, ...]:
        """Read every word of a closed list; unknown ones are left out."""
        found = [self._meant(name, text, kind) for text in self.texts(name)]
        return tuple(dict.fromkeys(word for word in found if word is not None))

    def _meant(self, name: str, text: str, kind: object) -> str | None:
        allowed: tuple[str, ...] = get_args(kind)
        if text in allowed:
            return text
        if name == "certainty" and text == "Very Likely":
            # CAP 1.0's word; 1.1 tells receivers to read it as Likely.
            if self.version != "1.0":
                self.flag("value-unknown", "certainty 'Very Likely' is of CAP 1.0; taken as Likely")
            return "Likely"
        folded = "".join(text.split()).casefold()
        for word in allowed:
            if word.casefold() == folded:
                self.flag("value-spelling", f"{name} {text[:40]!r} taken as {word}")
                return word
        self.flag("value-unknown", f"{name} {text[:40]!r} is not one of {', '.join(allowed)}")
        return None

    def number(self, name: str) -> float | None:
        """Read a number; None when there is none or it is not finite."""
        text = self.text(name)
        value = _finite(text)
        if text and value is None:
            self.flag("number-unreadable", f"{name} {text[:40]!r} is no number")
        return value

    def named(self, name: str) -> tuple[Named, ...]:
        """Read pairs of valueName and value; CAP 1.0 wrote them as `name=value`."""
        found = []
        for node in self.children.get(name, ()):
            parts = {etree.QName(child).localname: (child.text or "").strip() for child in node}
            if "valueName" in parts or "value" in parts:
                found.append(Named(parts.get("valueName", ""), parts.get("value", "")))
            else:
                text = (node.text or "").strip()
                before, _, after = text.partition("=")
                found.append(Named(before.strip(), after.strip()))
                if self.version != "1.0":
                    self.flag("value-name-missing", f"{name} {text[:40]!r} has no valueName and value")
        return tuple(found)

    def listed(self, name: str) -> tuple[str, ...]:
        """Read a list separated by spaces, with quoted entries."""
        return tuple(filter(None, (quoted or bare for quoted, bare in _LISTED.findall(self.text(name)))))


def alert_of(fields: Fields) -> Alert:
    """Make the alert; Rejected `cap-unreadable` without an identity."""
    sent = fields.time("sent")
    identifier, sender = fields.text("identifier"), fields.text("sender")
    if sent is None or not identifier or not sender:
        raise Rejected("cap-unreadable", "the message lacks an identifier, a sender or a time sent")
    old = fields.version == "1.0"
    return Alert(
        identifier=identifier,
        sender=sender,
        sent=sent,
        # What cannot be told to be Actual must not page anybody.
        status=fields.word("status", Status, "Draft"),
        msg_type=fields.word("msgType", MsgType, "Alert"),
        scope="Public" if old and not fields.text("scope") else fields.word("scope", Scope, "Public"),
        source=fields.text("source"),
        restriction=fields.text("restriction"),
        addresses=fields.listed("addresses"),
        codes=tuple(fields.texts("code")),
        note=fields.text("note"),
        references=_references(fields),
        incidents=fields.listed("incidents"),
        infos=tuple(map(_info, fields.below("info", INFO_ORDER))),
    )


def _references(fields: Fields) -> tuple[Reference, ...]:
    found = []
    for text in fields.text("references").split():
        parts = text.split(",")
        sent = _time(parts[2]) if len(parts) == 3 else None
        if sent is None or not parts[0] or not parts[1]:
            fields.flag("reference-malformed", f"{text[:80]!r} is not sender,identifier,sent")
            continue
        if sent.tzinfo is None:
            fields.flag("time-without-offset", f"reference {text[:80]!r} has no offset; taken as UTC")
            sent = sent.replace(tzinfo=UTC)
        found.append(Reference(sender=parts[0], identifier=parts[1], sent=_whole(sent)))
    return tuple(found)


def _info(fields: Fields) -> Info:
    categories = fields.words("category", Category)
    return Info(
        categories=categories or (("Other",) if fields.children.get("category") else ()),
        event=fields.text("event"),
        urgency=fields.word("urgency", Urgency, "Unknown"),
        severity=fields.word("severity", Severity, "Unknown"),
        certainty=fields.word("certainty", Certainty, "Unknown"),
        language=fields.text("language") or "en-US",
        response_types=fields.words("responseType", ResponseType),
        audience=fields.text("audience"),
        event_codes=fields.named("eventCode"),
        effective=fields.time("effective"),
        onset=fields.time("onset"),
        expires=fields.time("expires"),
        sender_name=fields.text("senderName"),
        headline=fields.text("headline"),
        description=fields.text("description"),
        instruction=fields.text("instruction"),
        web=fields.text("web"),
        contact=fields.text("contact"),
        parameters=fields.named("parameter"),
        resources=tuple(map(_resource, fields.below("resource", RESOURCE_ORDER))),
        areas=tuple(map(_area, fields.below("area", AREA_ORDER))),
    )


def _resource(fields: Fields) -> Resource:
    size = fields.number("size")
    return Resource(
        description=fields.text("resourceDesc"),
        mime_type=fields.text("mimeType"),
        size=None if size is None or abs(size) > _LARGEST else int(size),
        uri=fields.text("uri"),
        deref_uri=fields.text("derefUri"),
        digest=fields.text("digest"),
    )


def _area(fields: Fields) -> Area:
    return Area(
        description=fields.text("areaDesc"),
        polygons=tuple(ring for text in fields.texts("polygon") for ring in _ring(fields, text)),
        circles=tuple(circle for text in fields.texts("circle") for circle in _circle(fields, text)),
        geocodes=fields.named("geocode"),
        altitude=fields.number("altitude"),
        ceiling=fields.number("ceiling"),
    )


def _ring(fields: Fields, text: str) -> Iterable[Ring]:
    """Read `lat,lon lat,lon ...`; an open ring is closed, one of less than three corners is left out."""
    positions = [_position(part) for part in re.sub(r"\s*,\s*", ",", text).split()]
    ring = [position for position in positions if position is not None]
    if not positions:
        fields.flag("polygon-empty", "a polygon has no positions")
        return
    if len(ring) < len(positions):
        fields.flag("position-unreadable", f"{len(positions) - len(ring)} positions of a polygon are no lat,lon")
    if ring and ring[0] != ring[-1]:
        fields.flag("polygon-open", f"a polygon of {len(ring)} positions was not closed")
        ring.append(ring[0])
    if len(ring) < 4:
        fields.flag("polygon-short", f"a polygon of {len(ring)} positions holds nothing")
        return
    yield tuple(ring)


def _circle(fields: Fields, text: str) -> Iterable[Circle]:
    parts = re.sub(r"\s*,\s*", ",", text).split()
    position = _position(parts[0]) if parts else None
    radius = _finite(parts[1]) if len(parts) == 2 else None
    if position is None or radius is None:
        fields.flag("circle-unreadable", f"{text[:60]!r} is not lat,lon radius")
        return
    yield Circle(lon=position[0], lat=position[1], radius_km=radius)


def _position(text: str) -> LonLat | None:
    lat, _, lon = text.partition(",")
    x, y = _finite(lon), _finite(lat)
    return None if x is None or y is None else (x, y)


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _time(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _whole(at: datetime) -> datetime:
    """Drop fractions of a second, and an offset's seconds, which CAP cannot write."""
    offset = at.utcoffset() or timedelta(0)
    if offset.total_seconds() % 60 or not timedelta(hours=-14) <= offset <= timedelta(hours=14):
        try:
            at = at.astimezone(UTC)
        except OverflowError:
            at = at.replace(tzinfo=UTC)
    return at.replace(microsecond=0)

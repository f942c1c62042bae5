"""CAP 1.2 as XML, written strictly.

You are where an issued alert becomes bytes for feeds and agencies. What is written has no fault (`alerts.cap_rules`)
and is valid by the standard's schema; the one place where our longitude-first positions become the standard's
`lat,lon` is here. What others write is read by `alerts.cap_reading`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from alerts.cap import Alert, Area, Circle, Info, LonLat, Named, Reference, Resource, Ring
from alerts.cap_rules import check

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
CONTENT_TYPE: Final = "application/cap+xml"

ALERT_ORDER: Final = (
    "identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code", "note",
    "references", "incidents", "info",
)  # fmt: skip
INFO_ORDER: Final = (
    "language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience", "eventCode",
    "effective", "onset", "expires", "senderName", "headline", "description", "instruction", "web", "contact",
    "parameter", "resource", "area",
)  # fmt: skip
AREA_ORDER: Final = ("areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling")
RESOURCE_ORDER: Final = ("resourceDesc", "mimeType", "size", "uri", "derefUri", "digest")
"""The schema's order of elements."""

_DEGREE_DIGITS: Final = 6
"""Six decimals are 11 cm."""


def write(alert: Alert) -> bytes:
    """Write an alert as a CAP 1.2 document in UTF-8; Rejected `cap-invalid` naming everything that is wrong with it."""
    return etree.tostring(element(alert), xml_declaration=True, encoding="UTF-8", pretty_print=True)


def element(alert: Alert) -> etree._Element:
    """Make the `alert` element, for a document of its own or inside a feed; Rejected `cap-invalid`."""
    check(alert)
    root = etree.Element(_name("alert"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the stubs forget None
    _add(root, "identifier", alert.identifier)
    _add(root, "sender", alert.sender)
    _add(root, "sent", time_text(alert.sent))
    _add(root, "status", alert.status)
    _add(root, "msgType", alert.msg_type)
    _optional(root, "source", alert.source)
    _add(root, "scope", alert.scope)
    _optional(root, "restriction", alert.restriction)
    _optional(root, "addresses", _listed(alert.addresses))
    for code in alert.codes:
        _add(root, "code", code)
    _optional(root, "note", alert.note)
    _optional(root, "references", " ".join(map(reference_text, alert.references)))
    _optional(root, "incidents", _listed(alert.incidents))
    for info in alert.infos:
        _info(root, info)
    return root


def _info(root: etree._Element, info: Info) -> None:
    node = etree.SubElement(root, _name("info"))
    _add(node, "language", info.language)
    for category in info.categories:
        _add(node, "category", category)
    _add(node, "event", info.event)
    for response in info.response_types:
        _add(node, "responseType", response)
    _add(node, "urgency", info.urgency)
    _add(node, "severity", info.severity)
    _add(node, "certainty", info.certainty)
    _optional(node, "audience", info.audience)
    _named(node, "eventCode", info.event_codes)
    for name, at in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires)):
        _optional(node, name, "" if at is None else time_text(at))
    _optional(node, "senderName", info.sender_name)
    _optional(node, "headline", info.headline)
    _optional(node, "description", info.description)
    _optional(node, "instruction", info.instruction)
    _optional(node, "web", info.web)
    _optional(node, "contact", info.contact)
    _named(node, "parameter", info.parameters)
    for resource in info.resources:
        _resource(node, resource)
    for area in info.areas:
        _area(node, area)


def _resource(info: etree._Element, resource: Resource) -> None:
    node = etree.SubElement(info, _name("resource"))
    _add(node, "resourceDesc", resource.description)
    _add(node, "mimeType", resource.mime_type)
    _optional(node, "size", "" if resource.size is None else str(resource.size))
    _optional(node, "uri", resource.uri)
    _optional(node, "derefUri", resource.deref_uri)
    _optional(node, "digest", resource.digest)


def _area(info: etree._Element, area: Area) -> None:
    node = etree.SubElement(info, _name("area"))
    _add(node, "areaDesc", area.description)
    for ring in area.polygons:
        _add(node, "polygon", polygon_text(ring))
    for circle in area.circles:
        _add(node, "circle", circle_text(circle))
    _named(node, "geocode", area.geocodes)
    for name, feet in (("altitude", area.altitude), ("ceiling", area.ceiling)):
        _optional(node, name, "" if feet is None else decimal_text(feet))


def _named(parent: etree._Element, name: str, values: Iterable[Named]) -> None:
    for named in values:
        node = etree.SubElement(parent, _name(name))
        _add(node, "valueName", named.name)
        _add(node, "value", named.value)


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _name(name)).text = text


def _optional(parent: etree._Element, name: str, text: str) -> None:
    if text:
        _add(parent, name, text)


def _listed(entries: Iterable[str]) -> str:
    """Write a list separated by spaces, with double quotes around entries that have one inside."""
    return " ".join(f'"{entry}"' if any(map(str.isspace, entry)) else entry for entry in entries)


def time_text(at: datetime) -> str:
    """Write a time as CAP wants it: whole seconds, an offset in digits, never Z; UTC is `-00:00`."""
    offset = at.utcoffset() or timedelta(0)
    minutes = int(offset.total_seconds()) // 60
    sign = "+" if minutes > 0 else "-"
    return f"{at:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def reference_text(reference: Reference) -> str:
    """Write the identity of a message: `sender,identifier,sent`."""
    return f"{reference.sender},{reference.identifier},{time_text(reference.sent)}"


def decimal_text(value: float) -> str:
    """Write a number without exponent, at most six decimals, no trailing zeros."""
    text = f"{value:.{_DEGREE_DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def position_text(position: LonLat) -> str:
    """Write a position as `lat,lon`: the other way round from everything else in this project."""
    return f"{decimal_text(position[1])},{decimal_text(position[0])}"


def polygon_text(ring: Ring) -> str:
    """Write a closed ring as `lat,lon lat,lon ...`."""
    return " ".join(map(position_text, ring))


def circle_text(circle: Circle) -> str:
    """Write a circle as `lat,lon radius`, radius in kilometres."""
    return f"{position_text((circle.lon, circle.lat))} {decimal_text(circle.radius_km)}"

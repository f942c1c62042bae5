"""CAP as others write it, read leniently: versions 1.0 to 1.2, alone or inside a feed or wrapper.

You are where a foreign warning comes in. Nothing that can be understood is dropped: what is wrong with a message is
named beside it (`Reading.flags`), because official warnings fail their own schema. What would harm the reader is
refused before it is parsed: size, document type declarations (with them every entity trick), odd encodings; nothing is
ever fetched. Next: who receives it is decided in `streams`.
"""

import re
from typing import Final

import msgspec
from lxml import etree

from alerts.cap import Alert
from alerts.cap_fields import Fields, alert_of
from alerts.cap_rules import Fault, faults
from alerts.cap_xml import ALERT_ORDER
from geo.places import Rejected

MOST_BYTES: Final = 8 * 1024 * 1024
"""The largest official message seen has 1.7 MB."""
MOST_ALERTS: Final = 1000

VERSIONS: Final = {
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "http://www.incident.com/cap/1.0": "1.0",
}
_XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_ENCODINGS: Final = re.compile(
    r"utf-?8|us-ascii|ascii|utf-?16(le|be)?|iso-?8859-?\d{1,2}|latin-?1|windows-?125\d|cp125\d", re.IGNORECASE
)
_DECLARATION: Final = re.compile(r"\A<\?xml\b[^>]{0,200}\?>")
_DECLARED: Final = re.compile(rb"\A<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BEFORE_ROOT: Final = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message as understood, what was wrong with it, the version of its namespace, and whether it has a signature.

    The signature is not checked here.
    """

    alert: Alert
    flags: tuple[Fault, ...] = ()
    version: str = "1.2"
    signed: bool = False


def read(data: bytes, *, most_bytes: int = MOST_BYTES) -> Reading:
    """Read the one CAP message in a document (or the first, inside a feed or EDXL wrapper).

    Rejected `cap-unreadable` when it is too large, has a DTD, is no XML, holds no CAP message, or the message has no
    identifier, sender or time sent: without those it can be neither kept nor withdrawn.
    """
    found = read_all(data, most_bytes=most_bytes)
    if not found:
        raise Rejected("cap-unreadable", "there is no CAP message in the document")
    return found[0]


def read_all(data: bytes, *, most_bytes: int = MOST_BYTES) -> list[Reading]:
    """Read every CAP message in a document, at most a thousand; Rejected `cap-unreadable` as `read` says."""
    root, declared = parse(data, most_bytes=most_bytes)
    nodes = [node for node in root.iter("{*}alert") if _is_cap(node)]
    if len(nodes) > MOST_ALERTS:
        raise Rejected("cap-unreadable", f"the document holds {len(nodes)} messages, over {MOST_ALERTS}")
    return [_reading(node, declared=declared) for node in nodes]


def parse(data: bytes, *, most_bytes: int = MOST_BYTES) -> tuple[etree._Element, bool]:
    """Parse foreign XML without DTD, entities, network or huge trees; say too if it kept to its declared encoding."""
    if len(data) > most_bytes:
        raise Rejected("cap-unreadable", f"{len(data)} bytes, over {most_bytes}")
    text, declared = _decode(data)
    text = _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n"), count=1)
    at = 0
    while (skipped := _BEFORE_ROOT.match(text, at)) is not None:
        at = skipped.end()
    if text.startswith("<!", at):
        raise Rejected("cap-unreadable", "it has a document type declaration, which CAP has no use for")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text[at:].encode("utf-8"), parser), declared
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise Rejected("cap-unreadable", f"no well-formed XML: {str(error)[:200]}") from error


def _decode(data: bytes) -> tuple[str, bool]:
    """Turn bytes into text here, so that no rare encoding can hide a declaration from us; say if it was as declared."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        stated = _DECLARED.match(data.lstrip(b"\xef\xbb\xbf \t\r\n"))
        encoding = stated.group(1).decode("ascii") if stated else "utf-8"
    if not _ENCODINGS.fullmatch(encoding):
        raise Rejected("cap-unreadable", f"encoding {encoding!r} is not read here")
    try:
        return data.decode(encoding), True
    except (UnicodeDecodeError, LookupError):
        # Latin-1 that says nothing of it, or says UTF-8, is common; every byte means something in it.
        return data.decode("latin-1"), False


def _is_cap(node: etree._Element) -> bool:
    namespace = _namespace(node)
    # Somebody's <alert> without a namespace is CAP if it looks like it.
    return namespace in VERSIONS or (not namespace and node.find("identifier") is not None)


def _namespace(node: etree._Element) -> str:
    return node.tag[1:].rpartition("}")[0] if node.tag.startswith("{") else ""


def _reading(node: etree._Element, *, declared: bool) -> Reading:
    namespace = _namespace(node)
    version = VERSIONS.get(namespace, "1.2")
    fields = Fields(node, "alert", ALERT_ORDER, version)
    if not namespace:
        fields.flag("namespace-missing", "the message names no version of CAP")
    if not declared:
        fields.flag("encoding", "the bytes are not in the encoding they declare; read as Latin-1")
    alert = alert_of(fields)
    flags = dict.fromkeys(fields.flags)
    excused = {"category-missing", "mime-type-missing"} if version == "1.0" else set()
    for fault in faults(alert, house=False):
        if fault.code not in excused:
            flags[fault] = None
    signed = node.find(f"{{{_XMLDSIG}}}Signature") is not None
    return Reading(alert=alert, flags=tuple(flags), version=version, signed=signed)

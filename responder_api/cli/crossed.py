"""`dharura wards crossed`: the wards that an area crosses, out of a GeoJSON or CAP file, or a circle.

Reads the boundaries that count, as a node does at its start, or a file named on the command line; no server is asked.
"""

import argparse
import csv
import io
import sys
from pathlib import Path
from typing import Any, Final

from geo import areas
from geo.facilities import Facilities
from geo.places import Rejected
from geo.wards import Wards
from responder_api.cli.folder import data_option, settings_of
from responder_api.cli.paint import clean, tell
from responder_api.cli.words import count
from responder_api.crossed import CrossedWards, area_of, crossed_by_area, crossed_by_cap, with_facilities
from responder_api.json_body import decode_json
from responder_api.place_store import in_use
from responder_api.reference_data import load_places, load_wards

HEADER: Final = ("ward_path", "ward", "constituency", "county", "share", "km2", "by")
MOST_BYTES: Final = 64 << 20


def add(wards: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command beside the other ones about wards."""
    parser = wards.add_parser(
        "crossed", help="list the wards that a polygon, a circle or a CAP message crosses, with shares, as CSV"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", type=Path, nargs="?", metavar="FILE", help="GeoJSON or CAP; - for standard input")
    what.add_argument("--circle", type=_circle, metavar="LON,LAT,METRES", help="a circle instead of a file")
    parser.add_argument(
        "--min-share", type=float, default=0.0, metavar="SHARE", help="leave out wards with less, 0 to 1"
    )
    parser.add_argument("--facilities", action="store_true", help="also count the places inside by kind")
    parser.add_argument(
        "--boundaries", type=Path, metavar="FILE", help="wards of this file instead of those that count"
    )
    parser.add_argument("--places", type=Path, metavar="FILE", help="places of this file instead of those that count")
    data_option(parser)
    parser.set_defaults(run=_crossed)


def _circle(text: str) -> tuple[float, ...]:
    try:
        lon, lat, metres = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write LON,LAT,METRES, as 34.75,-0.1,1500") from None
    return lon, lat, metres


def _crossed(args: argparse.Namespace) -> int:
    wards = load_wards(settings_of(args)) if args.boundaries is None else Wards.load(args.boundaries)
    area: areas.Area | None
    if args.circle is not None:
        area = areas.circle(*args.circle)
        document = crossed_by_area(wards, area, min_share=args.min_share)
    else:
        data = _bytes(args.file)
        start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start not in (b"<", b"{", b"["):
            raise Rejected("area-not-an-area", f"{_named(args.file)} is neither GeoJSON nor a CAP message")
        if start == b"<":
            document, area = crossed_by_cap(wards, data, min_share=args.min_share)
        else:
            area = area_of(decode_json(data, dict[str, Any]))
            document = crossed_by_area(wards, area, min_share=args.min_share)
    if args.facilities:
        names = in_use(settings_of(args)) if args.places is None else None
        places = load_places(args.places) if names is None else names.places
        document = with_facilities(document, Facilities(places), area, () if names is None else names.sources)
    _write(document)
    return 0


def _named(path: Path) -> str:
    return "what comes on standard input" if str(path) == "-" else path.name


def _bytes(path: Path) -> bytes:
    if str(path) == "-":
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
    else:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Rejected("area-too-many-vertices", f"{path.name} is larger than {MOST_BYTES >> 20} MB")
    return data


def _write(document: CrossedWards) -> None:
    stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        out = csv.writer(stdout, lineterminator="\n")
        out.writerow(HEADER)
        for each in document.wards:
            ward = each.ward
            names = (ward.path, ward.name, ward.constituency, ward.county)
            out.writerow((*names, f"{each.share:.4f}", f"{each.km2:.3f}", each.by))
        stdout.flush()
    finally:
        stdout.detach()
    for remark in document.remarks:
        tell(f"note: {clean(remark.code)}: {clean(remark.detail)}{f' ({clean(remark.where)})' if remark.where else ''}")
    wards = count(len(document.wards), "ward")
    tell(f"{wards}; the area has {document.km2:.2f} km2, {document.uncovered_km2:.2f} in no ward")
    if document.facilities:
        kinds = ", ".join(f"{number} {clean(kind)}" for kind, number in document.facilities.kinds.items())
        tell(f"{count(document.facilities.total, 'place')} inside{': ' if kinds else ''}{kinds}")
        for owed in document.facilities.sources:
            tell(f"names: {clean(owed)}")

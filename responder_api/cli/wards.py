"""`dharura wards`: look through a boundary file and keep it as a version; `ward_versions` has what is done with those.

What is kept is the file's wards under our own column names, repaired as far as that is safe, in the data folder
(`boundary_store`); `reference_data` finds there, at the next start, what counts. Nothing half-written ever counts.
"""

import argparse
import hashlib
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from geo import boundaries as boundary_files
from geo import ward_codes
from geo.boundaries import Boundaries
from geo.labels import CODE_COLUMNS, COLUMNS
from geo.survey import Report, survey
from responder_api.boundary_store import BoundaryStore, about_of
from responder_api.cli import crossed, ward_versions
from responder_api.cli.folder import data_option, settings_of, somebody
from responder_api.cli.paint import clean, tell
from responder_api.cli.serve import say
from responder_api.files import put_in_place
from responder_api.reference_data import load_places

REPORT = "wards-report.geojson"
"""Name, in the data folder, of the findings on the file that was imported last."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    wards = commands.add_parser("wards", help="import, check, compare and choose the ward boundaries").add_subparsers(
        metavar="WHAT", required=True
    )

    parser = wards.add_parser("import", help="look through a boundary file, keep it, use it from the next start on")
    _file_options(parser)
    parser.add_argument("--source", metavar="WORDS", help="where the file comes from, if it does not say so itself")
    parser.add_argument("--licence", metavar="WORDS", help="its licence, if it does not say so itself")
    parser.add_argument("--valid-from", type=_date, metavar="DATE", help="since when these boundaries are in force")
    parser.add_argument(
        "--activate",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="let it count from the next start on (it does unless you say --no-activate)",
    )
    parser.add_argument(
        "--accept-errors",
        action="store_true",
        help="keep it although the report names errors; those wards answer wrongly",
    )
    ward_versions.accept_option(parser)
    data_option(parser)
    parser.set_defaults(run=_import)

    parser = wards.add_parser("check", help="look through a boundary file; ends with 1 when it has errors")
    _file_options(parser)
    parser.set_defaults(run=_check)
    ward_versions.add(wards)
    crossed.add(wards)


def _file_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="GeoJSON, GeoPackage, FlatGeobuf, zipped Shapefile, ..."
    )
    parser.add_argument(
        "--map",
        action="append",
        type=_pairs,
        metavar="ward=NAME,...",
        help=f"which of its columns is which of ours ({', '.join((*COLUMNS, *CODE_COLUMNS))})",
    )
    parser.add_argument("--crs", metavar="CODE", help="its coordinate reference system if it does not say: EPSG:21037")
    parser.add_argument("--layer", metavar="NAME", help="which layer, if there are several")
    parser.add_argument(
        "--codes",
        type=Path,
        metavar="FILE",
        help="CSV of more codes by ward and constituency: ward_code, code_2022, ...",
    )
    parser.add_argument(
        "--places", type=Path, metavar="FILE", help="place names by which exchanged ward labels are found"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the findings here as GeoJSON, to look at")


def _pairs(text: str) -> dict[str, str]:
    pairs = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    if len(pairs) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r}: write OURS=THEIRS, as ward=CAW_NAME,county=COUNTY_NAM")
    return {ours.strip(): theirs.strip() for ours, theirs in pairs.items()}


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write a date as 2013-03-04") from None


def _read(args: argparse.Namespace) -> tuple[Boundaries, Report]:
    columns = {ours: theirs for pairs in args.map or () for ours, theirs in pairs.items()}
    source = boundary_files.read(args.file, columns or None, crs=args.crs, layer=args.layer)
    if args.codes is not None:
        codes, doubts = ward_codes.joined(source.columns, source.codes, ward_codes.read_table(args.codes))
        source = boundary_files.with_codes(source, codes, doubts)
    places = None if args.places is None else load_places(args.places)
    return source, survey(source, places)


def _show(args: argparse.Namespace, source: Boundaries, report: Report) -> None:
    for text in report.table().splitlines():
        say(clean(text))
    say(ward_versions.described(source.approximate, source.about))
    if args.report is not None:
        put_in_place(args.report, msgspec.json.encode(report.geojson()))
        say(f"The findings to look at on a map: {args.report}")


def _check(args: argparse.Namespace) -> int:
    source, report = _read(args)
    _show(args, source, report)
    return 0 if report.sound else 1


def _import(args: argparse.Namespace) -> int:
    settings, now = settings_of(args), datetime.now(UTC)
    source, report = _read(args)
    source = _with_about(source, args)
    settings.data.mkdir(parents=True, exist_ok=True)
    args.report = args.report or settings.data / REPORT
    _show(args, source, report)
    if not report.sound and not args.accept_errors:
        tell("Not imported: mend the errors first, or say --accept-errors.")
        return 1
    store, by = BoundaryStore(settings.data), somebody()
    store.adopt(by)
    with args.file.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    found = Counter(f"{finding.level} {finding.kind}" for finding in report.findings)
    about = about_of(source, imported_at=now, imported_by=by, checksum=checksum, findings=dict(found))
    if store.keep(source, about):
        say(f"Kept as version {about.version}.")
    else:
        say(f"Version {about.version} was here already; what is said of it was taken anew.")
    kept = store.about(about.version)
    unsaid = [flag for flag, told in (("--source", kept.source), ("--licence", kept.licence)) if not told]
    if unsaid:
        what = "whom these boundaries are owed to" if "--source" in unsaid else "the licence of these boundaries"
        tell(f"note: {what} is not known; import again with {' and '.join(f'{flag} WORDS' for flag in unsaid)}")
    if not args.activate:
        say(f"It does not count yet: dharura wards activate {about.version}")
        return 0
    return ward_versions.activate(settings, about.version, accept=args.accept)


def _with_about(source: Boundaries, args: argparse.Namespace) -> Boundaries:
    told = {"source": args.source, "licence": args.licence, "valid_from": args.valid_from}
    about = {**source.about, **{name: text for name, text in told.items() if text}}
    if args.source:
        about.pop("attribution", None)  # whoever imports says otherwise
    about.setdefault("name", args.file.name)
    return msgspec.structs.replace(source, about=about)

"""`dharura wards`: look through a boundary file, keep it as the one that counts, and say which one does.

What is kept is the file's wards under our own column names, repaired as far as that is safe, in the data folder;
`reference_data.boundaries` finds it there at the next start. Nothing half-written ever counts, and what counted before
stays beside it.
"""

import argparse
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import shapely

from geo import boundaries as boundary_files
from geo.boundaries import Boundaries
from geo.labels import COLUMNS
from geo.places import Rejected
from geo.survey import Report, survey
from geo.wards import Wards
from responder_api.cli.folder import data_option, settings_of
from responder_api.cli.paint import clean, tell
from responder_api.cli.serve import say
from responder_api.files import put_in_place, set_aside
from responder_api.reference_data import IMPORTED, boundaries

REPORT = "wards-report.geojson"
"""Name, in the data folder, of the findings on the file that was imported last."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    wards = commands.add_parser("wards", help="import, check or describe the ward boundaries").add_subparsers(
        metavar="WHAT", required=True
    )

    parser = wards.add_parser("import", help="look through a boundary file and use it from the next start on")
    _file_options(parser)
    parser.add_argument("--source", metavar="WORDS", help="where the file comes from, if it does not say so itself")
    parser.add_argument("--licence", metavar="WORDS", help="its licence, if it does not say so itself")
    parser.add_argument("--valid-from", metavar="DATE", help="since when these boundaries are in force")
    parser.add_argument(
        "--accept-errors",
        action="store_true",
        help="keep it although the report names errors; those wards answer wrongly",
    )
    data_option(parser)
    parser.set_defaults(run=_import)

    parser = wards.add_parser("check", help="look through a boundary file; ends with 1 when it has errors")
    _file_options(parser)
    parser.set_defaults(run=_check)

    parser = wards.add_parser("info", help="say which boundaries count now")
    parser.add_argument("--boundaries", type=Path, metavar="FILE", help="these instead of those that count")
    data_option(parser)
    parser.set_defaults(run=_info)


def _file_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="GeoJSON, GeoPackage, FlatGeobuf, zipped Shapefile, ..."
    )
    parser.add_argument(
        "--map",
        action="append",
        type=_pairs,
        metavar="ward=NAME,...",
        help=f"which of its columns is which of ours ({', '.join(COLUMNS)})",
    )
    parser.add_argument("--crs", metavar="CODE", help="its coordinate reference system if it does not say: EPSG:21037")
    parser.add_argument("--layer", metavar="NAME", help="which layer, if there are several")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the findings here as GeoJSON, to look at")


def _pairs(text: str) -> dict[str, str]:
    pairs = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    if len(pairs) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r}: write OURS=THEIRS, as ward=CAW_NAME,county=COUNTY_NAM")
    return {ours.strip(): theirs.strip() for ours, theirs in pairs.items()}


def _read(args: argparse.Namespace) -> tuple[Boundaries, Report]:
    columns = {ours: theirs for pairs in args.map or () for ours, theirs in pairs.items()}
    source = boundary_files.read(args.file, columns or None, crs=args.crs, layer=args.layer)
    return source, survey(source)


def _show(args: argparse.Namespace, source: Boundaries, report: Report) -> None:
    for text in report.table().splitlines():
        say(clean(text))
    say(_described(source.approximate, source.about))
    if args.report is not None:
        put_in_place(args.report, msgspec.json.encode(report.geojson()))
        say(f"The findings to look at on a map: {args.report}")


def _check(args: argparse.Namespace) -> int:
    source, report = _read(args)
    _show(args, source, report)
    return 0 if report.sound else 1


def _import(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    source, report = _read(args)
    source = _with_about(source, args)
    settings.data.mkdir(parents=True, exist_ok=True)
    args.report = args.report or settings.data / REPORT
    _show(args, source, report)
    if not report.sound and not args.accept_errors:
        tell("Not imported: mend the errors first, or say --accept-errors.")
        return 1
    path = settings.data / IMPORTED
    before = keep(path, source, datetime.now(UTC))
    say(f"Kept as {path}; dharura serve uses it from its next start on.")
    if before is not None:
        say(f"What counted before is kept as {before}.")
    if settings.boundaries is not None:
        tell(f"But DHARURA_BOUNDARIES says {settings.boundaries}, which goes before: unset it to use this import.")
    return 0


def _with_about(source: Boundaries, args: argparse.Namespace) -> Boundaries:
    told = {"source": args.source, "licence": args.licence, "valid_from": args.valid_from}
    about = {**source.about, **{name: text for name, text in told.items() if text}}
    about.setdefault("name", args.file.name)
    return msgspec.structs.replace(source, about=about)


def keep(path: Path, source: Boundaries, now: datetime) -> Path | None:
    """Put boundaries in place whole, after reading them back; give where those before are kept, None if none were.

    Rejected `boundaries-not-kept` when what was read back is not what was given.
    """
    trial = path.with_name(f".{path.stem}.new.geojson")
    try:
        put_in_place(trial, msgspec.json.encode(collection(source)))
        again = Wards.load(trial)  # builds the index too: what cannot be used must not take the other's place
        if again.version != source.version or again.approximate != source.approximate:
            raise Rejected("boundaries-not-kept", f"written as {source.version}, read back as {again.version}")
        before = set_aside(path, now)
        trial.replace(path)
    finally:
        trial.unlink(missing_ok=True)
    return before


def collection(source: Boundaries) -> dict[str, Any]:
    """Make the GeoJSON of boundaries under our own column names, with what the file said of itself at the top."""
    rows = zip(*(source.columns[name] for name in COLUMNS), strict=True)
    return {
        "type": "FeatureCollection",
        **source.about,
        "approximation": source.approximate,
        "version": source.version,
        "features": [
            {
                "type": "Feature",
                "properties": dict(zip(COLUMNS, row, strict=True)),
                "geometry": None if text is None else msgspec.Raw(text.encode()),
            }
            for row, text in zip(rows, shapely.to_geojson(source.geometries), strict=True)
        ],
    }


def _info(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    path = args.boundaries or boundaries(settings)
    wards = Wards.load(path)
    if args.boundaries is not None:
        why = "named on the command line"
    elif settings.boundaries is not None:
        why = "DHARURA_BOUNDARIES"
    else:
        why = "imported" if path == settings.data / IMPORTED else "the demo's own"
    say(f"{path} ({why})")
    say(f"version {wards.version}, {len(wards)} wards")
    say(_described(wards.approximate, wards.about))
    counties = Counter((ward.county_code, ward.county) for ward in wards)
    constituencies = Counter({(w.county_code, w.county, w.constituency_code) for w in wards})
    for (code, name), number in sorted(counties.items()):
        parts = sum(1 for each in constituencies if each[:2] == (code, name))
        say(f"  {code}  {clean(name):<20}  {number:>4} wards  {parts:>3} sub-counties")
    return 0


def _described(approximate: bool, about: Mapping[str, str]) -> str:  # noqa: FBT001  read off the boundaries
    told = [clean(about[name]) for name in ("name", "source", "licence", "license", "valid_from") if about.get(name)]
    nature = (
        "areas are an approximation, not the gazetted boundaries" if approximate else "areas as the file draws them"
    )
    return f"{nature}; {'; '.join(told) or 'the file does not say its source'}"

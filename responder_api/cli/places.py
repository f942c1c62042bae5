"""`dharura places`: bring a county's place names in, say whom they are owed to, and look a name up among them.

What is kept is what `geo.place_files` reads out of a file, in the data folder (`place_store`); the next start finds it
there. Rows that give no place are listed, and stop nothing.
"""

import argparse
import csv
import hashlib
import io
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz

from geo import place_columns, place_files
from geo.ogr_files import credit
from geo.place_files import PlaceFile
from geo.place_rows import Skipped
from geo.resolution import Place, kind_of
from geo.words import tokens
from responder_api.cli.file_options import columns_of, file_options
from responder_api.cli.folder import data_option, settings_of, somebody
from responder_api.cli.paint import clean, tell
from responder_api.cli.words import count
from responder_api.files import put_in_place
from responder_api.place_store import About, PlaceStore, in_use
from responder_api.reference_data import load_wards

SHOWN = 5
"""So many skipped rows of each sort are shown; --report writes all of them."""
FOUND = 20
"""Most places that `find` shows."""
ALIKE = 80.0
"""Names less alike than this (rapidfuzz's ratio) are not shown."""
_UNFIT = re.compile(r"[^a-z0-9_]+")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    places = commands.add_parser("places", help="import, list and search the place names").add_subparsers(
        metavar="WHAT", required=True
    )
    parser = places.add_parser("import", help="read a file of place names, keep it, use it from the next start on")
    formats = "CSV, TSV, a GeoNames dump, GeoPackage, GeoJSON, zipped Shapefile, ..."
    file_options(parser, formats, place_columns.COLUMNS, "name=NAME")
    parser.add_argument("--name", metavar="NAME", help="what to call the set (by default as the file)")
    parser.add_argument("--source", metavar="WORDS", help="whom the names are owed to, as they wish to be named")
    parser.add_argument("--licence", metavar="WORDS", help="their licence, as CC BY 4.0")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write every skipped row here, as CSV")
    data_option(parser)
    parser.set_defaults(run=_import)

    parser = places.add_parser("list", help="say which sets are kept and which names count")
    data_option(parser)
    parser.set_defaults(run=_list)
    for name, run, text in (
        ("show", _show, "say what is kept of a set"),
        ("remove", _remove, "take a set away; it no longer counts from the next start on"),
    ):
        parser = places.add_parser(name, help=text)
        parser.add_argument("name", metavar="NAME")
        data_option(parser)
        parser.set_defaults(run=run)

    parser = places.add_parser("find", help="look a name up among those that count")
    parser.add_argument("words", nargs="+", metavar="WORDS")
    data_option(parser)
    parser.set_defaults(run=_find)


def _import(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    found = place_files.read(args.file, columns_of(args) or None, layer=args.layer, crs=args.crs)
    _tell(found)
    if args.report is not None:
        put_in_place(args.report, _report(found.skipped))
        print(f"Skipped rows: {args.report}")
    about = _about(args, found)
    store = PlaceStore(settings.data)
    new = store.keep(found, about)
    print(f"{'Kept' if new else 'Kept in place of the one before'} as {about.name}; it counts from the next start on.")
    print(f"Owed to: {clean(about.source)}; {clean(about.licence)}")
    if settings.places is not None:
        tell(f"But DHARURA_PLACES says {settings.places}, which goes before: unset it to use what is imported.")
    return 0


def _about(args: argparse.Namespace, found: PlaceFile) -> About:
    owed = credit(found.about)
    with args.file.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    return About(
        name=args.name or _UNFIT.sub("-", args.file.stem.lower()).strip("-_")[:64] or "places",
        title=owed.name,
        source=args.source or owed.source,
        licence=args.licence or owed.licence,
        file=args.file.name,
        checksum=checksum,
        imported_at=datetime.now(UTC),
        imported_by=somebody(),
        rows=found.rows,
        places=len(found.places),
        skipped=dict(found.counts),
    )


def _tell(found: PlaceFile) -> None:
    print(f"{count(found.rows, 'row')}, {count(len(found.places), 'place')}")
    for finding in found.findings:
        print(f"  {finding.level}: {clean(finding.detail)}")
    for code, number in sorted(found.counts.items()):
        print(f"  {number:,} skipped: {code}")
        for each in [each for each in found.skipped if each.code == code][:SHOWN]:
            print(clean(f"    row {each.row}: {each.name[:60] or '(no name)'}: {each.reason[:120]}"))


def _report(skipped: tuple[Skipped, ...]) -> bytes:
    file = io.StringIO(newline="")
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["row", "code", "reason", "name"])
    out.writerows([each.row, each.code, clean(each.reason), clean(each.name)] for each in skipped)
    return file.getvalue().encode()


def _list(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    sets = PlaceStore(settings.data).sets()
    for about in sets:
        print(f"{about.name:<24}  {count(about.places, 'place'):>15}  {clean(f'{about.source}; {about.licence}')}")
    if settings.places is not None:
        print(f"These count: {settings.places} (DHARURA_PLACES)")
    else:
        print("All of these count." if sets else "None is imported: the demo's own count.")
    return 0


def _show(args: argparse.Namespace) -> int:
    store = PlaceStore(settings_of(args).data)
    about, places = store.about(args.name), store.load(args.name)
    title = f", {clean(about.title)}" if about.title else ""
    print(f"{about.name}: {count(about.places, 'place')} of {count(about.rows, 'row')}{title}")
    print(f"owed to: {clean(about.source)}; {clean(about.licence)}")
    by = f" by {clean(about.imported_by)}" if about.imported_by else ""
    print(f"imported {about.imported_at.astimezone():%Y-%m-%d %H:%M}{by} from {clean(about.file)}")
    print(f"sha256 {about.checksum}")
    for code, number in sorted(about.skipped.items()):
        print(f"  {number:>8,}  skipped: {code}")
    for kind, number in Counter(kind_of(place.kind) for place in places).most_common():
        print(f"  {number:>8,}  {clean(kind)}")
    return 0


def _remove(args: argparse.Namespace) -> int:
    PlaceStore(settings_of(args).data).remove(args.name)
    print(f"{args.name} is gone; dharura serve does without it from its next start on.")
    return 0


def _find(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    found = search(in_use(settings).places, " ".join(args.words))
    if not found:
        print("No such name.")
        return 1
    wards = load_wards(settings)
    rows = wards.locate(np.array([place.lon for place in found]), np.array([place.lat for place in found]))
    for place, row in zip(found, rows.tolist(), strict=True):
        ward = wards.ward(row) if row >= 0 else None
        where = f"{ward.name}, {ward.constituency or ward.county} ({ward.path})" if ward else "outside all wards"
        also = f" (also {', '.join(place.alternatives[:4])})" if place.alternatives else ""
        kind = f"{kind_of(place.kind)}, " if place.kind else ""
        owed = f"  {place.source}" if place.source else ""
        print(clean(f"{place.name}{also}: {kind}{where}  {place.lon:.5f} {place.lat:.5f}{owed}"))
    return 0


def search(places: tuple[Place, ...], words: str) -> list[Place]:
    """Find places by name, the best first: by any of their names, misspelt, or by a part of one."""
    wanted = "".join(tokens(words))
    if not wanted:
        return []
    scored = []
    for number, place in enumerate(places):
        score = max(_score("".join(tokens(name)), wanted) for name in (place.name, *place.alternatives))
        if score >= ALIKE:
            scored.append((-score, number))
    return [places[number] for _, number in sorted(scored)[:FOUND]]


def _score(name: str, wanted: str) -> float:
    if wanted in name:
        return 100.0 if wanted == name else 95.0 if name.startswith(wanted) else 90.0
    return fuzz.ratio(name, wanted, score_cutoff=ALIKE) * 0.9 if name else 0.0

"""The kept boundary versions: which there are, which one counts and since when, choosing another and going back.

`cli/wards` brings them in. A choice counts from the next start of the server on, which notes it in the history.
"""

import argparse
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from geo.boundary_diff import difference
from geo.ogr_files import credit
from geo.places import Rejected
from geo.wards import Wards
from responder_api.areas_in_use import Lost, Use, areas_in_use, lost, reached
from responder_api.boundary_days import load_version
from responder_api.boundary_store import BoundaryStore
from responder_api.checkup import is_running
from responder_api.cli.folder import data_option, reading, settings_of, somebody
from responder_api.cli.paint import clean, tell
from responder_api.cli.serve import say
from responder_api.cli.words import count
from responder_api.files import put_in_place
from responder_api.reference_data import boundaries, chosen, load_rivers, load_stations, load_wards
from responder_api.settings import Settings
from streams.database import FILE

SHOWN = 12
"""How many lost areas are listed before they are counted."""


def add(wards: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    parser = wards.add_parser("list", help="list the versions kept here, and which counted since when")
    data_option(parser)
    parser.set_defaults(run=_list)

    parser = wards.add_parser("diff", help="say what one version changes against another")
    for name in ("before", "after"):
        parser.add_argument(name, metavar=name.upper(), help="a kept version (its first letters are enough), or a file")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the changes here as GeoJSON, to look at")
    data_option(parser)
    parser.set_defaults(run=_diff)

    parser = wards.add_parser("activate", help="let a kept version count from the next start on")
    parser.add_argument("version", metavar="VERSION", help="its first letters are enough")
    accept_option(parser)
    data_option(parser)
    parser.set_defaults(run=_activate)

    parser = wards.add_parser("rollback", help="let the version count again that did before")
    accept_option(parser)
    data_option(parser)
    parser.set_defaults(run=_roll_back)

    parser = wards.add_parser("info", help="say which boundaries count now")
    parser.add_argument("--boundaries", type=Path, metavar="FILE", help="these instead of those that count")
    data_option(parser)
    parser.set_defaults(run=_info)


def accept_option(parser: argparse.ArgumentParser) -> None:
    """Add the consent to areas that would be lost."""
    parser.add_argument(
        "--accept",
        action="store_true",
        help="also when areas of open incidents, responders, accounts or stations would no longer be there",
    )


def activate(settings: Settings, version: str, *, accept: bool) -> int:
    """Choose a kept version unless areas in use would be lost; say what follows. Gives the exit status."""
    store = BoundaryStore(settings.data)
    if not _may(settings, store, version, accept=accept):
        tell(f"Not activated. To do it all the same: dharura wards activate {version} --accept")
        return 1
    if store.active() == version:
        say(f"Version {version} was chosen already.")
    else:
        store.activate(version, datetime.now(UTC), somebody())
        say(f"Version {version} counts from the next start of dharura serve on.")
    _say_what_follows(settings)
    return 0


def _activate(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    store = BoundaryStore(settings.data)
    store.adopt(somebody())
    return activate(settings, store.find(args.version), accept=args.accept)


def _roll_back(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    store = BoundaryStore(settings.data)
    store.adopt(somebody())
    version = store.before()
    if not _may(settings, store, version, accept=args.accept):
        tell("Not rolled back. To do it all the same: dharura wards rollback --accept")
        return 1
    store.roll_back(datetime.now(UTC), somebody())
    say(f"Version {version} counts again, from the next start of dharura serve on.")
    _say_what_follows(settings)
    return 0


def _may(settings: Settings, store: BoundaryStore, version: str, *, accept: bool) -> bool:
    gone = _lost(settings, store.load(version))
    for each in gone[:SHOWN]:
        tell(f"  {clean(str(each))}")
    if len(gone) > SHOWN:
        tell(f"  and {len(gone) - SHOWN} more")
    if gone:
        kinds = ", ".join(f"{kind} {n}" for kind, n in Counter(each.use.kind for each in gone).items())
        what = f"{count(len(gone), 'area')} in use would not be there, or would mean another"
        tell(f"{what}, with version {version} ({kinds}).")
    return accept or not gone


def _lost(settings: Settings, after: Wards) -> tuple[Lost, ...]:
    uses: tuple[Use, ...] = ()
    if (settings.data / FILE).is_file():
        with reading(settings) as connection:
            uses = areas_in_use(connection)
    if settings.stations is not None:  # the demo's own stand in the demo's own wards
        uses += tuple(reached(load_stations(settings.stations, load_rivers(settings))))
    return lost(uses, _so_far(settings), after)


def _so_far(settings: Settings) -> Wards | None:
    """Give the boundaries that the areas in use were chosen by: those the last server worked with; None if unknown."""
    days = BoundaryStore(settings.data).days()
    try:
        return load_version(settings, days[-1][1]) if days else load_wards(settings)
    except Rejected:
        return None


def _say_what_follows(settings: Settings) -> None:
    if is_running(settings.data):
        say("The server that runs now goes on with what it has: restart it.")
    if settings.boundaries is not None:
        tell(f"But DHARURA_BOUNDARIES says {settings.boundaries}, which goes before: unset it to use what was chosen.")


def _diff(args: argparse.Namespace) -> int:
    store = BoundaryStore(settings_of(args).data)
    found = difference(_one(store, args.before), _one(store, args.after))
    for text in found.table().splitlines():
        say(clean(text))
    if args.report is not None:
        put_in_place(args.report, msgspec.json.encode(found.geojson()))
        say(f"The changes to look at on a map: {args.report}")
    return 0


def _one(store: BoundaryStore, said: str) -> Wards:
    path = Path(said)
    return Wards.load(path) if path.is_file() else store.load(store.find(said))


def _list(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    store = BoundaryStore(settings.data)
    active, days = store.active(), store.days()
    there = store.versions()
    if not there:
        say("No boundary version is kept here: dharura wards import FILE")
    for about in there:
        mark = "*" if about.version == active else " "
        errors = sum(n for what, n in about.findings.items() if what.startswith("error"))
        warnings = sum(n for what, n in about.findings.items() if what.startswith("warning"))
        found = f"{count(about.wards, 'ward'):>11}  {count(errors, 'error')}, {count(warnings, 'warning')}"
        say(f"{mark} {about.version}  {_when(about.imported_at)}  {found}  {clean(about.name)}")
        told = [clean(each) for each in (about.source, about.licence) if each]
        told += [f"in force since {about.valid_from}"] if about.valid_from else []
        told += [f"codes {', '.join(about.schemes)}"] if about.schemes else []
        if told:
            say(f"    {'; '.join(told)}")
    for n, (since, version) in enumerate(days):
        until = _when(days[n + 1][0]) if n + 1 < len(days) else "now"
        say(f"counted from {_when(since)} to {until}: {version}")
    for entry in store.history():
        if entry.did != "counts":
            say(f"{entry.did} {_when(entry.at)} by {clean(entry.by)}: {entry.version}")
    if active is not None and (not days or days[-1][1] != active):
        say(f"{active} counts from the next start of dharura serve on.")
    return 0


def _when(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _info(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    path = args.boundaries or boundaries(settings)
    wards = load_wards(settings) if args.boundaries is None else Wards.load(path)
    if args.boundaries is not None:
        why = "named on the command line"
    elif settings.boundaries is not None:
        why = "DHARURA_BOUNDARIES"
    else:
        imported = chosen(settings) is not None or path == BoundaryStore(settings.data).before_versions
        why = "imported" if imported else "the demo's own"
    say(f"{path} ({why})")
    say(f"version {wards.version}, {count(len(wards), 'ward')}{_since(settings, wards.version)}")
    say(described(wards.approximate, wards.about))
    for scheme, codes in wards.source.codes.items():
        say(f"codes {scheme}: {sum(map(bool, codes))} of {len(wards)} wards")
    counties = Counter((ward.county_code, ward.county) for ward in wards)
    constituencies = Counter({(w.county_code, w.county, w.constituency_code) for w in wards})
    for (code, name), number in sorted(counties.items()):
        parts = sum(1 for each in constituencies if each[:2] == (code, name))
        what = "sub-county" if parts == 1 else "sub-counties"
        say(f"  {code}  {clean(name):<20}  {count(number, 'ward'):>10}  {parts:>3} {what}")
    return 0


def _since(settings: Settings, version: str) -> str:
    days = BoundaryStore(settings.data).days()
    return f", counts since {_when(days[-1][0])}" if days and days[-1][1] == version else ""


def described(approximate: bool, about: Mapping[str, str]) -> str:  # noqa: FBT001  read off the boundaries
    """Say in one line what boundaries say of themselves."""
    told = [clean(each) for each in (*credit(about), about.get("valid_from", "")) if each]
    nature = (
        "the ward borders are an approximation, not the gazetted ones"
        if approximate
        else "the ward borders are those of the file, not redrawn here"
    )
    return f"{nature}; {'; '.join(told) or 'the file does not say its source'}"

"""Look over what a deployment was told: settings, boundaries, stations, accounts, and the machine's clock.

You are behind `dharura doctor`, beside `checkup`, which has the checks of the data folder.
"""

import ctypes
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from geo.places import Rejected
from geo.wards import Wards
from responder_api.accounts import Grant
from responder_api.areas_in_use import grants, homes, is_here
from responder_api.base_map import readable
from responder_api.boundary_days import is_kept
from responder_api.boundary_store import BoundaryStore
from responder_api.checkup import Finding, Level
from responder_api.page_files import HOW, PageFiles
from responder_api.place_store import ORIGINS, PlaceStore, origin_of
from responder_api.reference_data import boundaries, load_world
from responder_api.settings import Settings
from streams.database import Reading, has_table
from streams.world import World

_UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2)."""
_FEW = 5


def _finding(level: Level, what: str, says: str, do: str = "") -> Finding:
    return Finding(level=level, what=what, says=says, do=do)


def surface(settings: Settings) -> Iterator[Finding]:
    """Look at the settings that decide what the outside meets."""
    if settings.intake_key is None:
        yield _finding(
            "ATTENTION", "intake key", "anybody who reaches this server can report", "Set DHARURA_INTAKE_KEY."
        )
    else:
        yield _finding("OK", "intake key", "set")
    if not settings.public_url:
        says = f"unset, so links lead to http://{settings.host}:{settings.port}"
        yield _finding("ATTENTION", "public address", says, "Set DHARURA_PUBLIC_URL to the https address.")
    elif urlsplit(settings.public_url).scheme != "https":
        yield _finding(
            "ATTENTION", "public address", f"{settings.public_url} is not encrypted", "Put TLS in front; use https."
        )
    else:
        yield _finding("OK", "public address", settings.public_url)
    given = [settings.sms_url, settings.sms_username, settings.sms_api_key]
    if None in given:
        some = "only in part" if any(given) else "not"
        do = "Set DHARURA_SMS_URL, DHARURA_SMS_USERNAME and DHARURA_SMS_API_KEY."
        yield _finding("ATTENTION", "SMS gateway", f"{some} set: messages are kept in a file, none is sent", do)
    else:
        yield _finding("OK", "SMS gateway", str(settings.sms_url))
    if settings.cap_sender.endswith(".invalid"):
        says = f"warnings are issued in the name of {settings.cap_sender}"
        yield _finding("ATTENTION", "CAP sender", says, "Set DHARURA_CAP_SENDER to a name that the county owns.")


def pages(files: PageFiles) -> Iterator[Finding]:
    """Look whether the console and the phone page are there."""
    if missing := files.missing:
        yield _finding("ATTENTION", "pages", f"not built: {', '.join(missing)}", f"Run {HOW}.")
    else:
        yield _finding("OK", "pages", "the console and the phone page are built")


def base_map(settings: Settings) -> Iterator[Finding]:
    """Look whether the base map, where one is named, can be drawn."""
    if settings.basemap is None:
        return
    if readable(settings.basemap):
        yield _finding("OK", "base map", str(settings.basemap))
    else:
        do = "Name a PMTiles file (version 3) that the server may read; without it the map is drawn without."
        yield _finding("ATTENTION", "base map", f"{settings.basemap} is none that can be read", do)


def clock() -> Iterator[Finding]:
    """Ask the system whether its clock follows another (adjtimex(2)); says nothing where it cannot tell."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(1024))
    except (OSError, AttributeError):
        return
    if state == _UNSYNCHRONISED:
        do = "Run chrony or systemd-timesyncd: deadlines survive a jump, people's reading of the log does not."
        yield _finding("ATTENTION", "clock synchronised", "the system says that it follows no other", do)
    elif state >= 0:
        yield _finding("OK", "clock synchronised", "the system says that it is")


def reference(settings: Settings, connection: Reading | None) -> Iterator[Finding]:
    """Read boundaries, places, stations and plan as a start does; hold stations, people and settings against them."""
    path = boundaries(settings)
    try:
        world = load_world(settings)
    except (Rejected, OSError) as error:
        yield _finding("BROKEN", "reference data", str(error), "Mend the file or the setting that names it.")
        return
    wards = world.wards
    says = f"{len(wards)} wards, version {wards.version}, {path}"
    if wards.approximate:
        do = "For the demo only: dharura wards import FILE brings real ones."
        yield _finding("ATTENTION", "boundaries", f"{says}: approximate areas", do)
    else:
        yield _finding("OK", "boundaries", says)
    yield from _versions(settings, wards)
    if not wards.rows_in(settings.county):
        says = f"no ward of {settings.county} is in the boundaries"
        yield _finding("BROKEN", "county", says, "Set DHARURA_COUNTY, or import the boundaries of that county.")
    yield from _place_names(settings, world)
    yield from _stations(world)
    if connection is not None:
        yield from _people(connection, wards)


def _versions(settings: Settings, wards: Wards) -> Iterator[Finding]:
    store = BoundaryStore(settings.data)
    try:
        active, days = store.active(), store.days()
        lost = [version for _, version in days if not is_kept(store, version)]
    except Rejected as error:
        yield _finding("BROKEN", "boundary versions", str(error), "Restore the last backup, or mend the file by hand.")
        return
    if settings.boundaries is not None and (active is not None or store.before_versions.exists()):
        says = f"DHARURA_BOUNDARIES goes before the imported ones in {settings.data}"
        yield _finding("ATTENTION", "boundaries", says, "Unset it to use what was imported.")
    if days and days[-1][1] != wards.version:
        says = f"{wards.version} counts from the next start on, {days[-1][1]} since {days[-1][0]:%Y-%m-%d %H:%M} UTC"
        yield _finding("ATTENTION", "boundary versions", says, "Restart the server to work with the one chosen.")
    elif days:
        says = f"{wards.version} counts since {days[-1][0]:%Y-%m-%d %H:%M} UTC; {len(store.versions())} kept"
        yield _finding("OK", "boundary versions", says)
    if lost:
        says = f"counted once and are not kept: {_some(list(dict.fromkeys(lost)))}"
        yield _finding("ATTENTION", "boundary versions", says, "Events of their days cannot be replayed: import them.")


def _place_names(settings: Settings, world: World) -> Iterator[Finding]:
    origin, sources = origin_of(settings), world.place_sources
    number = sum(source.places for source in sources)
    owed = [
        f"{s.name} ({s.source or 'its source is not said'}, {s.licence or 'its licence is not said'})" for s in sources
    ]
    says = f"{number:,}, {ORIGINS[origin]}: {_some(owed)}"
    if origin == "demo" and not world.wards.approximate:
        do = "dharura places import FILE brings the county's: words of messages are found among them."
        yield _finding("ATTENTION", "place names", says, do)
    elif origin == "named" and not all(source.licence for source in sources):
        yield _finding("ATTENTION", "place names", says, "dharura places import keeps a file with its licence.")
    else:
        yield _finding("OK", "place names", says)
    if origin == "named" and PlaceStore(settings.data).files():
        says = f"DHARURA_PLACES goes before the imported ones in {settings.data}"
        yield _finding("ATTENTION", "place names", says, "Unset it to use what was imported.")


def _stations(world: World) -> Iterator[Finding]:
    lost = [
        f"{name} ({each.ward})"
        for name, gauge in world.stations.items()
        for each in gauge.wards
        if world.wards.find(each.ward) < 0
    ]
    lost += [f"{name} ({g.county})" for name, g in world.stations.items() if not world.wards.rows_in(g.county)]
    if lost:
        do = "Mend the wards in the station file (DHARURA_STATIONS): nobody there would be warned."
        yield _finding("ATTENTION", "stations", f"not in the boundaries: {_some(lost)}", do)
    else:
        yield _finding("OK", "stations", f"{len(world.stations)}, all their wards are in the boundaries")


def _people(connection: Reading, wards: Wards) -> Iterator[Finding]:
    if has_table(connection, "account"):
        rows = connection.execute("SELECT name, roles FROM account WHERE disabled = 0 ORDER BY name").fetchall()
        people = [(name, msgspec.json.decode(roles, type=tuple[Grant, ...])) for name, roles in rows]
        if not any(grant.role == "admin" for _, granted in people for grant in granted):
            do = "Use the link that dharura serve prints, or: dharura accounts create NAME --role admin@KE"
            yield _finding("ATTENTION", "accounts", "nobody can administer", do)
        else:
            yield _finding("OK", "accounts", f"{len(people)} can sign in")
    lost = [use.who for use in grants(connection) if not is_here(wards, use.area)]
    if lost:
        says = f"roles over what is not in the boundaries: {_some(lost)}"
        yield _finding("ATTENTION", "accounts", says, "Mend their areas.")
    lost = [f"{use.who} ({use.area})" for use in homes(connection) if not is_here(wards, use.area)]
    if lost:
        says = f"at home in what is not in the boundaries: {_some(lost)}"
        yield _finding("ATTENTION", "responders", says, "Enrol them anew in wards that are.")


def _some(names: list[str]) -> str:
    return ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")

"""Look over what a deployment was told: settings, boundaries, stations, accounts, and the machine's clock.

You are behind `dharura doctor`, beside `checkup`, which has the checks of the data folder.
"""

import ctypes
import sqlite3
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from geo.places import COUNTRY, Rejected
from geo.wards import Wards
from responder_api.accounts import Grant
from responder_api.base_map import readable
from responder_api.checkup import Finding, Level
from responder_api.page_files import HOW, PageFiles
from responder_api.reference_data import IMPORTED, boundaries, load_world
from responder_api.settings import Settings
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


def reference(settings: Settings, connection: sqlite3.Connection | None) -> Iterator[Finding]:
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
    if settings.boundaries is not None and (settings.data / IMPORTED).exists():
        says = f"DHARURA_BOUNDARIES goes before the imported {settings.data / IMPORTED}"
        yield _finding("ATTENTION", "boundaries", says, "Unset it to use the import, or move the import away.")
    if not wards.rows_in(settings.county):
        says = f"no ward of {settings.county} is in the boundaries"
        yield _finding("BROKEN", "county", says, "Set DHARURA_COUNTY, or import the boundaries of that county.")
    yield from _stations(world)
    if connection is not None:
        yield from _people(connection, wards)


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


def _people(connection: sqlite3.Connection, wards: Wards) -> Iterator[Finding]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if "account" in tables:
        rows = connection.execute("SELECT name, roles FROM account WHERE disabled = 0 ORDER BY name").fetchall()
        people = [(name, msgspec.json.decode(roles, type=tuple[Grant, ...])) for name, roles in rows]
        if not any(grant.role == "admin" for _, grants in people for grant in grants):
            do = "Use the link that dharura serve prints, or: dharura accounts create NAME --role admin@KE"
            yield _finding("ATTENTION", "accounts", "nobody can administer", do)
        else:
            yield _finding("OK", "accounts", f"{len(people)} can sign in")
        lost = [f"{n} ({g.role}@{g.area})" for n, grants in people for g in grants if not _is_here(wards, g.area)]
        if lost:
            yield _finding(
                "ATTENTION", "accounts", f"roles over what is not in the boundaries: {_some(lost)}", "Mend their areas."
            )
    if "view" in tables:
        homes = connection.execute(
            "SELECT id, json_extract(CAST(value AS TEXT), '$.home') FROM view WHERE kind = 'responder' ORDER BY id"
        )
        lost = [f"{name} ({home})" for name, home in homes if home and not _is_here(wards, home)]
        if lost:
            says = f"at home in what is not in the boundaries: {_some(lost)}"
            yield _finding("ATTENTION", "responders", says, "Enrol them anew in wards that are.")


def _is_here(wards: Wards, area: str) -> bool:
    return area == COUNTRY or bool(wards.rows_in(area))


def _some(names: list[str]) -> str:
    return ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")

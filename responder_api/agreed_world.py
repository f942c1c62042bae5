"""The world that all of a cluster knows: boundaries, places, stations, plan, noted in the database by who starts first.

Steps in two workers that knew different wards would decide the same report differently, and which one got it would be
chance. So the first start writes down what it knows, and whoever starts with something else refuses; `dharura cluster
world --accept` changes it, and whoever runs with what counted before notices (`still_agreed`) and stops. The days
since which each boundary version counted stand beside it, for replays (`boundary_days` keeps them when embedded).
"""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final

import msgspec
import structlog

from geo.places import Rejected
from streams.cluster.postgres import Postgres
from streams.database import note, noted
from streams.world import World
from streams.worlds import Days

WORLD: Final = "world"
"""Name in `meta` of what counts; its history stands under `world_days`."""
DAYS: Final = "world_days"

logger = structlog.get_logger()


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """What counts in a cluster, since when, and who noted it."""

    versions: dict[str, str]
    since: datetime
    by: str


def versions_of(world: World) -> dict[str, str]:
    """Name everything that a step's decision may rest on beside the release: part → version or digest."""
    return {
        "boundaries": world.wards.version,
        "places": _digest(world.facilities.places),
        "stations": _digest(dict(world.stations)),
        "plan": f"{world.plan.version} {_digest(world.plan)}",
        "sender": world.sender,
        "languages": _digest(dict(world.languages)),
        "exercise": str(world.exercise).lower(),
    }


def agree(connection: Postgres, versions: dict[str, str], at: datetime, by: str) -> Agreed:
    """Note what counts when nothing does yet; Rejected `world-differs`, naming the parts, when something else does."""
    with connection.transaction():
        agreed = _locked(connection)
        if agreed is None:
            agreed = _note(connection, versions, at, by)
            logger.info("this cluster's world is noted", **versions)
    if differing := differences(agreed.versions, versions):
        raise Rejected(
            "world-differs",
            f"this process knows another world than its cluster: {'; '.join(differing)}. Give it the same files, or "
            "have the cluster take these with `dharura cluster world --accept`",
        )
    return agreed


def accept(connection: Postgres, versions: dict[str, str], at: datetime, by: str) -> Agreed:
    """Let these versions count from now on."""
    with connection.transaction():
        _locked(connection)
        return _note(connection, versions, at, by)


def agreed(connection: Postgres) -> Agreed | None:
    """Give what counts, None when nothing was noted yet."""
    text = noted(connection, WORLD)
    return None if text is None else msgspec.json.decode(text, type=Agreed)


def differences(there: dict[str, str], here: dict[str, str]) -> list[str]:
    """Say, part by part, what differs."""
    parts = sorted(there.keys() | here.keys())
    differing = [part for part in parts if there.get(part) != here.get(part)]
    return [f"{part} {here.get(part)} here, {there.get(part)} there" for part in differing]


def days(address: str) -> Days:
    """Read which boundary version counted since when, ascending; StorageError when the database is away."""
    with closing(Postgres.connect(address, name="dharura world")) as connection:
        return _days(connection)


def _days(connection: Postgres) -> Days:
    text = noted(connection, DAYS)
    return () if text is None else msgspec.json.decode(text, type=tuple[tuple[datetime, str], ...])


def _locked(connection: Postgres) -> Agreed | None:
    # Of two first starts at once, one notes and the other compares.
    connection.execute("SELECT value FROM meta WHERE name = 'epoch' FOR UPDATE")
    return agreed(connection)


def _note(connection: Postgres, versions: dict[str, str], at: datetime, by: str) -> Agreed:
    noted = Agreed(versions=versions, since=at, by=by)
    known: Sequence[tuple[datetime, str]] = _days(connection)
    boundaries = versions["boundaries"]
    if not known or known[-1][1] != boundaries:
        known = (*known, (at, boundaries))
    for name, value in ((WORLD, noted), (DAYS, known)):
        note(connection, name, msgspec.json.encode(value).decode())
    return noted


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()[:12]

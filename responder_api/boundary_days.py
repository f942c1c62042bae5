"""Which boundaries counted on which day: a start notes with what it begins to work, a replay finds it again.

`wiring` calls `begin` once the folder is its own; `streams.worlds` asks for earlier days when their events come.
"""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from functools import cache

import structlog

import fixtures
from geo.places import Rejected
from geo.wards import Wards
from responder_api.boundary_store import BoundaryStore, about_of
from responder_api.reference_data import DEMO_WARDS, load_gazetteer
from responder_api.settings import Settings
from streams.world import World
from streams.worlds import Days, Worlds

SERVER = "dharura serve"
"""Who it was that the history names for what a start writes."""

logger = structlog.get_logger()


def worlds(settings: Settings, now: World, history: Callable[[], Days] | None = None) -> Worlds:
    """Give the present world, with the way to those of earlier boundary versions of the data folder.

    `history` says which counted when; without it the data folder does.
    """

    def earlier(version: str) -> World:
        wards = load_version(settings, version)
        return dataclasses.replace(now, wards=wards, gazetteer=load_gazetteer(settings, wards))

    def days() -> Days:
        try:
            return BoundaryStore(settings.data).days()
        except Rejected:
            logger.exception("which boundaries counted on earlier days cannot be read", version=now.wards.version)
            return ()

    return Worlds(now, history or days, earlier)


def begin(settings: Settings, wards: Wards, at: datetime) -> None:
    """Note that a server works with these boundaries from now on, and keep them when they are not kept yet.

    Call it while the folder is this process's own. What cannot be noted does not stop a start: it is logged.
    """
    store = BoundaryStore(settings.data)
    try:
        store.adopt(SERVER)
        days = store.days()
        if days and days[-1][1] == wards.version and days[-1][0] <= at:
            return
        if not is_kept(store, wards.version):
            store.keep(wards.source, about_of(wards.source, imported_at=at, imported_by=SERVER))
        store.counts(wards.version, at, SERVER)
        logger.info("boundaries", version=wards.version, since=at.isoformat(), before=days[-1][1] if days else None)
    except (OSError, Rejected):
        logger.exception("which boundaries count could not be noted", version=wards.version)


def keep(settings: Settings, wards: Wards, at: datetime) -> None:
    """Keep boundaries in the data folder, so that a replay finds them when others count; their days stand elsewhere."""
    store = BoundaryStore(settings.data)
    try:
        if not is_kept(store, wards.version):
            store.keep(wards.source, about_of(wards.source, imported_at=at, imported_by=SERVER))
    except (OSError, Rejected):
        logger.exception("boundaries could not be kept", version=wards.version)


def load_version(settings: Settings, version: str) -> Wards:
    """Load a boundary version that is kept, or the demo's own; Rejected `boundary-version-unknown`."""
    store = BoundaryStore(settings.data)
    if not store.has(version) and version == _demo_version():
        return Wards.load(fixtures.path(DEMO_WARDS))
    return store.load(version)


def is_kept(store: BoundaryStore, version: str) -> bool:
    """Tell whether a version can be loaded again: it is kept, or is the demo's own."""
    return store.has(version) or version == _demo_version()


@cache
def _demo_version() -> str:
    return Wards.load(fixtures.path(DEMO_WARDS)).version

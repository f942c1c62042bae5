"""`dharura doctor`: look everything over, one line each, and say what to do. Changes nothing."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime

import msgspec

from geo.places import Rejected
from responder_api import checkup, checkup_world
from responder_api.checkup import OF_THE_FILE, Finding, Look
from responder_api.cli.deadletters import kept
from responder_api.cli.folder import data_option
from responder_api.cli.paint import clean, painter
from responder_api.cli.serve import say
from responder_api.page_files import PageFiles
from responder_api.reference_data import load_world
from responder_api.settings import BadSetting, Settings, read_settings
from streams.database import FILE, StorageError, connect
from streams.world import World

STYLE = {"OK": "good", "ATTENTION": "wait", "BROKEN": "bad"}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "doctor",
        help="look over data, disk, clock, settings and reference data, and say what to do",
        description="Reads only; works while the server runs and without it. Ends with 1 when something is broken.",
    )
    data_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print every finding as it comes; 1 when one is BROKEN."""
    paint, worst = painter(sys.stdout, os.environ), 0
    for finding in findings(args):
        level = paint(STYLE[finding.level], f"{finding.level:<9}")
        do = f"  {finding.do}" if finding.do else ""
        say(f"{level}  {finding.what}: {clean(f'{finding.says}.{do}')}")
        worst = max(worst, int(finding.level == "BROKEN"))
    return worst


def findings(args: argparse.Namespace) -> Iterator[Finding]:
    """Carry out every check that can be."""
    try:
        settings = read_settings()
        clustered = settings.clustered and args.data is None
        yield Finding(level="OK", what="settings", says="readable")
    except BadSetting as error:
        settings, clustered = Settings(), False
        yield Finding(level="BROKEN", what="settings", says=str(error), do="docs/settings.md lists what can be set.")
    if args.data is not None:
        settings = msgspec.structs.replace(settings, data=args.data, kafka=None, database=None)
    yield from checkup.folder(settings)
    yield from checkup_world.surface(settings)
    yield from checkup_world.pages(PageFiles())
    yield from checkup_world.base_map(settings)
    yield from checkup_world.clock()
    if clustered:
        yield from _cluster(settings)
        return
    if not (settings.data / FILE).is_file():
        do = "dharura serve makes it; dharura restore FILE brings a backup back."
        yield Finding(level="ATTENTION", what="data", says=f"there is no {FILE} yet", do=do)
        yield from checkup_world.reference(settings, None)
        return
    running = checkup.is_running(settings.data)
    yield Finding(level="OK", what="server", says="works in this folder" if running else "none works in this folder")
    if not running:
        yield from checkup.tail(settings.data)
    try:
        with closing(connect(settings.data / FILE, read_only=True)) as connection:
            look = Look(connection=connection, now=datetime.now(UTC), running=running)
            for check in (*OF_THE_FILE, _letters):
                yield from _guarded(check(look))
            yield from _guarded(checkup_world.reference(settings, connection))
    except (sqlite3.Error, StorageError) as error:
        yield _unreadable(error)


def _cluster(settings: Settings) -> Iterator[Finding]:
    from responder_api import checkup_cluster  # Kafka's and PostgreSQL's clients: a folder needs neither
    from responder_api.clustered import cluster_of

    try:
        cluster = cluster_of(settings)
    except (BadSetting, Rejected) as error:
        yield Finding(level="BROKEN", what="cluster", says=str(error), do="docs/settings.md lists what can be set.")
        return
    world: World | None = None
    with suppress(Rejected, OSError):  # the check of the reference data says what is wrong with them
        world = load_world(settings)
    yield from checkup_cluster.look_over(settings, cluster, world)


def _guarded(found: Iterable[Finding]) -> Iterator[Finding]:
    """Go on with the next check when one comes upon what cannot be read."""
    try:
        yield from found
    except (sqlite3.Error, ValueError) as error:
        yield _unreadable(error)


def _unreadable(error: Exception) -> Finding:
    do = "Restore the last backup (dharura restore FILE); keep the damaged file."
    return Finding(level="BROKEN", what="data", says=f"cannot be read: {error}", do=do)


def _letters(look: Look) -> Iterator[Finding]:
    letters = [letter for letter in kept(look.connection) if letter["state"] == "open"]
    if letters:
        do = "dharura deadletters list shows them; correct and replay, or dismiss."
        yield Finding(level="ATTENTION", what="dead letters", says=f"{len(letters):,} open", do=do)
    else:
        yield Finding(level="OK", what="dead letters", says="none open")

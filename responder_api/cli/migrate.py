"""`dharura migrate`: move a county from one machine's folder to a cluster; `responder_api.moving` does it."""

import argparse
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from geo.places import Rejected
from responder_api.cli.folder import database_of
from responder_api.cli.serve import say
from responder_api.clustered import cluster_of
from responder_api.moving import Differs, Moved, move
from responder_api.settings import BadSetting, Settings, read_settings

DIFFERS = 1
"""Exit status when the read models are not equal."""
_ANY = re.compile(r"^sqlite:(//(?=/))?")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "migrate",
        help="move the data folder's log, and all that goes with it, to a cluster",
        description="Stop the server first. What was cut off is finished by running it again. Nothing is taken out of "
        "the folder; afterwards `dharura serve` refuses to start on it.",
    )
    parser.add_argument("--from", dest="source", metavar="sqlite:DIR", help="data folder (DHARURA_DATA)")
    parser.add_argument("--to", metavar="kafka://HOST:PORT,...", help="Kafka brokers to begin with (DHARURA_KAFKA)")
    parser.add_argument("--database", metavar="postgresql://...", help="the cluster's database (DHARURA_DATABASE)")
    parser.add_argument(
        "--anyway", action="store_true", help="finish also when what people see is not the same in both afterwards"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Move; 0 when all is there and equal, 1 when what people see differs."""
    settings = settings_of(args)
    database_of(settings)
    try:
        moved = move(settings.data, cluster_of(settings), datetime.now(UTC), say, anyway=args.anyway)
    except Differs as differs:
        say(f"What people see is not the same in both: {differs.count} documents differ, among them")
        for name in differs.documents:
            say(f"  {name}")
        say("The log is there and whole. Nobody can work in the cluster yet: --anyway takes it as it is.")
        return DIFFERS
    _tell(settings, moved)
    return 0


def settings_of(args: argparse.Namespace) -> Settings:
    """Read the settings, with what the command line says instead; Rejected `no-data` for a folder of another kind."""
    settings = read_settings()
    said: dict[str, object] = {
        name: value for name, value in (("kafka", args.to), ("database", args.database)) if value
    }
    if args.source is not None:
        folder, found = _ANY.subn("", args.source)
        if not found or not folder:
            raise Rejected("no-data", f"--from {args.source}: sqlite:DIR is expected, the data folder")
        settings = msgspec.structs.replace(settings, data=Path(folder))
    settings = msgspec.structs.replace(settings, **said)
    if settings.kafka is None or settings.database is None:
        raise BadSetting("say where to: --to and --database, or DHARURA_KAFKA and DHARURA_DATABASE")
    return settings


def _tell(settings: Settings, moved: Moved) -> None:
    counts = ", ".join(f"{count:,} {name}" for name, count in moved.counts.items())
    say(f"Moved {moved.events:,} events ({counts}); {moved.documents:,} documents, equal in both.")
    if moved.unanswered:
        say(f"{moved.unanswered:,} events at the end had not been answered yet: the cluster's steps take them first.")
    if moved.too_large:
        some = ", ".join(str(offset) for offset in moved.too_large[:10])
        say(f"{len(moved.too_large)} events are too large for Kafka and stand in the log alone: rows {some}.")
    say(f"Copy {settings.data}/boundaries and {settings.data}/places, where they are, to each node's data folder.")
    say(f"Then start the cluster. {settings.data} stays as it is, and `dharura serve` refuses to start on it.")

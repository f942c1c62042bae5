"""`dharura backup` and `dharura restore`: a copy of the running system's data, and the way back from it."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from responder_api.backups import Copied, back_up, restore
from responder_api.cli.folder import data_option, database_of, of_a_folder, settings_of
from responder_api.cli.serve import say


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register both commands."""
    parser = commands.add_parser(
        "backup",
        help="copy the data, whole and consistent, while the server runs",
        description="The copy holds personal data and keys: keep it as safe as the server.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="where to; never overwritten")
    data_option(parser)
    parser.set_defaults(run=_backup)
    parser = commands.add_parser(
        "restore",
        help="put a backup in place of the data; the server must be stopped",
        description="What stood there is kept beside it. Every client will be told to load its picture anew.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="what dharura backup wrote")
    data_option(parser)
    parser.set_defaults(run=_restore)


def _backup(args: argparse.Namespace) -> int:
    settings = of_a_folder(settings_of(args), "pg_dump copies them while all goes on")
    copied = back_up(database_of(settings).parent, args.file)
    say(f"{args.file}: {_described(copied)}; checked from end to end.")
    return 0


def _restore(args: argparse.Namespace) -> int:
    settings = of_a_folder(settings_of(args), "pg_restore brings them back, with all nodes and workers stopped")
    done = restore(settings.data, args.file, datetime.now(UTC))
    say(f"Restored {_described(done.copied)}; checked from end to end. dharura serve begins a new epoch from it.")
    if done.before is not None:
        say(f"What stood there is kept as {done.before}.")
    if done.boundaries_before is not None:
        say(f"The boundaries are those of the backup; the ones before are kept as {done.boundaries_before}.")
    if done.places_before is not None:
        say(f"The place names are those of the backup; the ones before are kept as {done.places_before}.")
    say("Accounts are as they were then: who was shut out or got a new password since can sign in as before.")
    return 0


def _described(copied: Copied) -> str:
    newest = f"{copied.newest.astimezone():%Y-%m-%d %H:%M:%S %z}" if copied.newest else "never"
    return f"{copied.rows:,} events, the newest of {newest}, {copied.size / 1e6:,.1f} MB"

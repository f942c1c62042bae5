"""The command line: `dharura COMMAND`. Each command is a module in `responder_api/cli/` that has `add`."""

import argparse
import importlib
import logging
import re
import sqlite3
import sys
from collections.abc import Iterable, Sequence

from geo.places import Rejected
from responder_api.settings import BadSetting
from streams.database import StorageError
from streams.embedded import AlreadyRunning
from streams.log_damage import LogDamaged

COMMANDS = {
    "serve": "serve",
    "demo": "demo",
    "worker": "worker",
    "keep": "keep",
    "cluster": "cluster",
    "watch": "watch",
    "send": "send",
    "login": "login",
    "logout": "login",
    "wards": "wards",
    "places": "places",
    "locate": "locate",
    "rivers": "rivers",
    "deadletters": "deadletters",
    "accounts": "accounts",
    "backup": "backup",
    "restore": "backup",
    "migrate": "migrate",
    "mirror": "mirror",
    "doctor": "doctor",
    "contract": "contract",
    "topics": "topics",
}
"""Every command and the module that has it: only that one is imported, so that each starts quickly."""


_NUMBERS = re.compile(r"-\.?\d[\d.]*\s*,[-\s\d.,]+$")


def parser(modules: Iterable[str]) -> argparse.ArgumentParser:
    """Make the parser of some modules' commands."""
    made = argparse.ArgumentParser(prog="dharura", description="The event spine of a county's emergency operations.")
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in modules:
        importlib.import_module(f"responder_api.cli.{module}").add(commands)
    return made


def _value(word: str) -> str:
    """Keep numbers with a comma that begin with a minus (`--near -1.3,36.8`) from being taken for an option."""
    return f" {word}" if _NUMBERS.match(word) else word


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit status. What the user can mend is one line on standard error."""
    words = [_value(word) for word in (sys.argv[1:] if argv is None else argv)]
    wanted = COMMANDS.get(words[0]) if words else None
    args = parser([wanted] if wanted else dict.fromkeys(COMMANDS.values())).parse_args(words)
    # What goes wrong with Kafka a command says itself; one that goes on running sets a log up (`streams.process_log`).
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    try:
        status: int = args.run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except (BadSetting, Rejected, StorageError, LogDamaged, AlreadyRunning, OSError, sqlite3.Error) as error:
        # An OSError's own words begin with a number and put the file last.
        told = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        sys.stderr.write(f"dharura: {told}\n")
        return 2
    return status


if __name__ == "__main__":
    raise SystemExit(main())

"""The command line: `dharura COMMAND`. Each command is a module in `responder_api/cli/` that has `add`."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from geo.places import Rejected
from responder_api import cli
from responder_api.settings import BadSetting
from streams.database import StorageError
from streams.embedded import AlreadyRunning
from streams.log_sqlite import LogDamaged



def parser() -> argparse.ArgumentParser:
    """Make the parser of every command."""
    made = argparse.ArgumentParser(prog="dharura", description="The event spine of a county's emergency operations.")
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in sorted(each.name for each in pkgutil.iter_modules(cli.__path__)):
        add = getattr(importlib.import_module(f"{cli.__name__}.{module}"), "add", None)
        if add is not None:
            add(commands)
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit status. What the user can mend is one line on standard error."""
    args = parser().parse_args(argv)
    try:
        status: int = args.run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except (BadSetting, Rejected, StorageError, LogDamaged, AlreadyRunning, FileNotFoundError) as error:
        sys.stderr.write(f"dharura: {error}\n")
        return 2
    return status


if __name__ == "__main__":
    raise SystemExit(main())

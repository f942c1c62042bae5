"""Say which data folder a command is about (its own `--data`, else the setting), what lies in it, and who asks."""

import argparse
import getpass
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from geo.places import Rejected
from responder_api.settings import Settings, read_settings
from streams.database import FILE, connect


def data_option(parser: argparse.ArgumentParser) -> None:
    """Add which data folder is meant."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (DHARURA_DATA)")


def settings_of(args: argparse.Namespace) -> Settings:
    """Read the settings, with the data folder that the command line says."""
    settings = read_settings()
    if args.data is None:
        return settings
    return msgspec.structs.replace(settings, data=args.data, kafka=None, database=None)  # that folder, no cluster


def somebody() -> str:
    """Name whoever runs the command, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def of_a_folder(settings: Settings, instead: str) -> Settings:
    """Give the settings; Rejected `in-a-cluster`, saying what to do instead, when they name a cluster."""
    if settings.clustered:
        raise Rejected(
            "in-a-cluster",
            f"the data of a cluster are in PostgreSQL, not in a folder: {instead} (docs/operations.md); --data DIR "
            "means a folder all the same",
        )
    return settings


def database_of(settings: Settings) -> Path:
    """Give the data folder's file; Rejected `no-data` when there is none."""
    path = settings.data / FILE
    if not path.is_file():
        raise Rejected(
            "no-data", f"there is no {FILE} in {settings.data}; give --data or DHARURA_DATA, or start dharura serve"
        )
    return path


@contextmanager
def reading(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Read the data folder's file, whether a server works in it or not; nothing can be changed this way."""
    with closing(connect(database_of(settings), read_only=True)) as connection:
        yield connection

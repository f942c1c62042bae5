"""The options by which a command is told how to read a file that somebody else made."""

import argparse
from collections.abc import Iterable
from pathlib import Path


def file_options(parser: argparse.ArgumentParser, formats: str, columns: Iterable[str], example: str) -> None:
    """Add the file and how it is read: which column is which, reference system, layer; `example`: as ward=NAME."""
    parser.add_argument("file", type=Path, metavar="FILE", help=formats)
    parser.add_argument(
        "--map",
        action="append",
        type=_pairs,
        metavar=f"{example},...",
        help=f"which of its columns is which of ours ({', '.join(columns)})",
    )
    parser.add_argument("--crs", metavar="CODE", help="its coordinate reference system if it does not say: EPSG:21037")
    parser.add_argument("--layer", metavar="NAME", help="which layer, if there are several")


def columns_of(args: argparse.Namespace) -> dict[str, str]:
    """Give what `--map` says, as {ours: theirs}; the later one counts."""
    return {ours: theirs for pairs in args.map or () for ours, theirs in pairs.items()}


def _pairs(text: str) -> dict[str, str]:
    pairs = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    if len(pairs) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r}: write OURS=THEIRS, as name=SCH_NAME,lon=X")
    return {ours.strip(): theirs.strip() for ours, theirs in pairs.items()}

"""`dharura rivers`: the gauges that are known here, and the wards that the water of one reaches, with when.

Reads the same rivers as a node does at its start (`reference_data`), or a file or folder named on the command line.
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from geo.rivers import Rivers
from responder_api.cli.folder import data_option, settings_of
from responder_api.cli.paint import tell
from responder_api.reference_data import load_rivers, load_wards

GAUGES: Final = ("gauge", "river", "name", "lon", "lat", "next")
ARRIVALS: Final = ("ward_path", "ward", "county", "minutes", "earliest", "latest", "basis")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    rivers = commands.add_parser("rivers", help="list the river gauges, and the wards below one").add_subparsers(
        metavar="WHAT", required=True
    )
    parser = rivers.add_parser("list", help="list the gauges and what they flow to, as CSV")
    _options(parser)
    parser.set_defaults(run=_list)

    parser = rivers.add_parser(
        "downstream", help="list the wards that the water of a gauge reaches, soonest first, with its minutes, as CSV"
    )
    parser.add_argument("gauge", metavar="GAUGE", help="a gauge's id, as rivers list gives them")
    _options(parser)
    parser.set_defaults(run=_downstream)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rivers", type=Path, metavar="PATH", help="a file of gauges, or a folder (DHARURA_RIVERS)")
    data_option(parser)


def _rivers(args: argparse.Namespace) -> Rivers:
    return load_rivers(settings_of(args)) if args.rivers is None else Rivers.load(args.rivers)


def _list(args: argparse.Namespace) -> int:
    rows = (
        (gauge.id, gauge.river, gauge.name, gauge.lon, gauge.lat, " ".join(reach.gauge for reach in gauge.next))
        for gauge in _rivers(args).gauges()
    )
    _write(GAUGES, rows)
    return 0


def _downstream(args: argparse.Namespace) -> int:
    arrivals, wards = _rivers(args).downstream(args.gauge), load_wards(settings_of(args))
    rows, unknown = [], 0
    for arrival in arrivals:
        row = wards.find(arrival.path)
        unknown += row < 0
        named = ("", "") if row < 0 else (wards.ward(row).name, wards.ward(row).county)
        times = (f"{minutes:.0f}" for minutes in (arrival.minutes, arrival.earliest, arrival.latest))
        rows.append((arrival.path, *named, *times, arrival.basis))
    _write(ARRIVALS, rows)
    if unknown:
        tell(f"note: {unknown} of these {len(rows)} wards are not in the boundaries that count here")
    if any(arrival.basis == "estimated" for arrival in arrivals):
        tell("note: estimated times are from length and terrain; ask those who watch the river")
    return 0


def _write(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
    try:
        out = csv.writer(stdout, lineterminator="\n")
        out.writerow(header)
        out.writerows(["" if cell is None else cell for cell in row] for row in rows)
        stdout.flush()
    finally:
        stdout.detach()

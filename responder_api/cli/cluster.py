"""`dharura cluster`: what all of a cluster's processes must agree on.

Everything runs on the same boundaries, places, stations and plan, or two workers would decide the same report
differently. The first process to start notes its own; `dharura cluster world` shows them beside those of this machine,
and `--accept` lets this machine's count. Processes that run with what counted before stop within seconds, and come back
once they are given the same files.
"""

import argparse
import sys
from contextlib import closing

from responder_api import agreed_world, boundary_days
from responder_api.cli.paint import tell
from responder_api.cli.serve import say
from responder_api.clustered import cluster_of, worlds_of
from responder_api.joining import connect, join
from responder_api.reference_data import load_world
from responder_api.restoring import restored
from responder_api.settings import read_settings
from streams.pipeline import pipeline


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    cluster = commands.add_parser("cluster", help="show and change what a cluster's processes agree on").add_subparsers(
        metavar="WHAT", required=True
    )
    parser = cluster.add_parser("world", help="boundaries, places, stations, plan: here, and in the cluster")
    parser.add_argument("--accept", action="store_true", help="let those of this machine count from now on")
    parser.set_defaults(run=_world)
    parser = cluster.add_parser(
        "restored",
        help="make a database that was restored fit to be begun from",
        description="Stop every node and worker, restore the database, run this, start them. docs/operations.md has "
        "the whole of it.",
    )
    parser.add_argument("--new-kafka", action="store_true", help="Kafka's records are gone too: begin with a new one")
    parser.set_defaults(run=_restored)


def _world(args: argparse.Namespace) -> int:
    """Show both; 1 when they differ and are left so."""
    settings = read_settings()
    cluster, world = cluster_of(settings), load_world(settings)
    here = agreed_world.versions_of(world)
    joined = join(cluster, None, patience_s=0.0)
    with closing(connect(cluster, patience_s=0.0)) as connection:
        there = agreed_world.agreed(connection)
        if args.accept and (there is None or there.versions != here):
            there = agreed_world.accept(connection, here, joined.clock(), cluster.worker)
            settings.data.mkdir(parents=True, exist_ok=True)
            boundary_days.keep(settings, world.wards, joined.clock())
            tell("These count from now on. Processes that run with others stop: give them the same files.")
    if there is None:
        tell("Nothing counts yet: the first process to start notes its own.")
    for part, version in here.items():
        counts = version if there is None else there.versions.get(part)
        say(f"{part:<12}{version}" + (f"   the cluster: {counts}" if counts != version else ""))
    if there is not None:
        sys.stdout.write(f"counts since {there.since.isoformat(timespec='seconds')}, noted by {there.by}\n")
    return int(there is not None and there.versions != here)


def _restored(args: argparse.Namespace) -> int:
    settings = read_settings()
    cluster, world = cluster_of(settings), load_world(settings)
    join(cluster, None, patience_s=0.0)
    with closing(connect(cluster, patience_s=0.0)) as connection:
        done = restored(connection, pipeline(worlds_of(settings, cluster, world)), new_kafka=args.new_kafka)
    say(f"A new epoch begins: {done.epoch}. Every client loads its picture anew.")
    say(f"{done.asks:,} asks that were waiting count as sent; their deadlines pass them on.")
    if args.new_kafka:
        say(f"Every reader begins at the beginning of this Kafka; {done.again:,} events go there again.")
    tell("Accounts are as they were then: who was shut out or got a new password since can sign in as before.")
    return 0

"""`dharura keep`: do what only one process of a cluster may do at a time, for as long as we hold its lease.

Publish what the steps wrote, call back at deadlines, send messages, keep the read model, forget what is long past. Any
number may run; `dharura worker` runs one beside its Faust worker.
"""

import argparse
from uuid import uuid4

import structlog

from responder_api.clustered import cluster_of
from responder_api.joining import join
from responder_api.settings import read_settings
from responder_api.wiring_keeper import duties
from streams.cluster.keeper import Keeper, Stalled, run_until_signal
from streams.cluster.watchdog import EXIT
from streams.process_log import set_up_logging


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("keep", help="do a cluster's duties; `dharura worker` runs this too")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Keep until SIGTERM or SIGINT; EXIT (70) when a duty hangs and only a new process is sure to help."""
    settings = read_settings()
    set_up_logging(settings.log_level)
    cluster = cluster_of(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    join(cluster, None)
    try:
        run_until_signal(
            Keeper(cluster.database, duties(settings, cluster), holder=f"{cluster.worker}.{uuid4().hex[:8]}")
        )
    except Stalled as stalled:
        structlog.get_logger().error("the keeper ends itself to be started again", reason=str(stalled))
        return EXIT
    return 0

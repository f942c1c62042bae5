"""`dharura worker`: one worker of a cluster, which is a Faust worker and a keeper, kept running side by side.

Either can be run alone (`faust -A streams.worker worker`, `dharura keep`); this starts them again when they end, passes
SIGTERM on, and stops when the cluster's log or world is not the one that it joined: whoever supervises it starts it
again then, and it refuses or goes on with what counts now.
"""

import argparse
import os
import signal
import sys
import threading
from contextlib import closing
from types import FrameType
from typing import Final

import structlog

from responder_api import boundary_days
from responder_api.cli.serve import BEGIN_AGAIN
from responder_api.clustered import cluster_of
from responder_api.joining import Joined, check_topics, join
from responder_api.reference_data import load_world
from responder_api.settings import read_settings
from responder_api.supervising import UNUSABLE, CannotStart, Supervisor
from streams.cluster.pool import Pool
from streams.cluster.watchdog import EXIT, REST_S
from streams.database import StorageError
from streams.process_log import set_up_logging

LOOK_S: Final = 5.0
"""How often it is looked whether the cluster is the one that was joined."""

logger = structlog.get_logger()


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser("worker", help="run one worker of a cluster: its steps and its duties")
    parser.add_argument("--make-topics", action="store_true", help="make the topics on Kafka that are missing")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; 2 when a setting has to be mended, 75 to be started again."""
    settings = read_settings()
    set_up_logging(settings.log_level)
    cluster = cluster_of(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    world = load_world(settings)
    joined = join(cluster, world)
    boundary_days.keep(settings, world.wards, joined.clock())
    check_topics(cluster, make=args.make_topics)
    # Started again, a child is the same member of the consumer group and need not wait until its old self is given up.
    environment = {**os.environ, "DHARURA_WORKER": cluster.worker}
    supervisor = Supervisor(
        {
            "steps": (sys.executable, "-m", "faust", "-A", "streams.worker", "worker", "--without-web"),
            "keeper": (sys.executable, "-m", "responder_api", "keep"),
        },
        environment,
        rest_s={EXIT: REST_S},
    )
    watch = _Watch(joined, supervisor)

    def end(number: int, frame: FrameType | None) -> None:
        supervisor.stop()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    watch.start()
    try:
        supervisor.run()
    except CannotStart as error:
        logger.error("the worker gives up", reason=str(error))  # noqa: TRY400  the message is all there is
        return UNUSABLE
    finally:
        watch.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
    return BEGIN_AGAIN if watch.why else 0


class _Watch(threading.Thread):
    """Looks whether the cluster is still the one that was joined."""

    def __init__(self, joined: Joined, supervisor: Supervisor) -> None:
        super().__init__(name="dharura-joined", daemon=True)
        self.why: str | None = None
        self._joined, self._supervisor = joined, supervisor
        self._stopping = threading.Event()

    def run(self) -> None:
        with closing(Pool(self._joined.cluster.database, most=1, name="dharura worker")) as pool:
            while not self._stopping.wait(LOOK_S):
                try:
                    self.why = self._joined.why_changed(pool)
                except StorageError as error:
                    logger.warning("the database is away", code=error.code, detail=str(error))
                except Exception:  # whatever it is: nobody else looks
                    logger.exception("it could not be told whether this worker may go on")
                if self.why:
                    logger.error("the worker begins again", reason=self.why)
                    self._supervisor.stop()
                    return

    def stop(self) -> None:
        self._stopping.set()
        self.join()

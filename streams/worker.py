"""The cluster's host of the steps: `faust -A streams.worker worker`, any number of them over the same Kafka.

Each row of the pipeline's table becomes one Faust agent by the same few lines, and so does `archive`. Agents only put
records where the turns find them (`streams.cluster.working`); everything that counts happens in a turn's transaction.
Faust carries the events and shares out the partitions. Where a partition is read from, our cursors say. Next on the
road: `streams.cluster.taking`, then `turn`.
"""

import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, cast

import faust
import structlog
from faust.cli.worker import worker as worker_command
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP
from mode.services import WaitResults

from streams.cluster.access import Cluster
from streams.cluster.assignor import ByNumber
from streams.cluster.begun import begun
from streams.cluster.watchdog import Patience
from streams.cluster.working import Work
from streams.database import StorageError
from streams.handle import Step
from streams.pipeline import pipeline
from streams.process_log import set_up_logging
from streams.standing import leave_standing
from streams.worlds import Worlds

GROUP: Final = "dharura.cluster"
"""Entry points through which the upper floor says where the cluster is and what the world looks like."""
UNUSABLE: Final = 2
"""Exit status when somebody has to mend a setting: starting again does not help."""
SESSION_S: Final = 10.0
"""How long Kafka waits for a worker's heartbeat before others take its partitions."""
HEARTBEAT_S: Final = 3.0
"""How often it sends one."""

logger = structlog.get_logger()


class NotSetUp(Exception):
    """What has to be mended before a worker can start; its message is one line."""


def found() -> tuple[Cluster, Worlds]:
    """Ask the upper floor for the cluster and the world; raises NotSetUp with what is wrong."""
    points = tuple(entry_points(group=GROUP))
    if len(points) != 1:
        raise NotSetUp(f"{len(points)} entry points are called {GROUP}: install the package that has it, once")
    try:
        return cast("tuple[Cluster, Worlds]", points[0].load()())
    except (ValueError, OSError, StorageError) as error:
        raise NotSetUp(" ".join(f"the worker cannot start: {error}".split())) from error


def make(cluster: Cluster, steps: Sequence[Step], patience: Patience | None = None) -> faust.App:
    """Make the Faust app of one worker."""
    _set_up_process()
    folder = Path(tempfile.gettempdir()) / f"dharura-{cluster.kafka.prefix}{cluster.worker}"
    work = Work(cluster, steps, patience or Patience(), folder)

    class App(faust.App):
        """Faust's app, whose work beside it starts first: Faust's own tasks and services wait until it reads."""

        async def on_start(self) -> None:
            self.sensors.remove(self.monitor)  # it costs with every event, and nobody looks at it
            await work.start()
            await work.reach_kafka()
            await super().on_start()

    app = App(
        **cluster.kafka.faust(),
        id=cluster.kafka.group,
        autodiscover=False,
        # Once a member under its name, also after a restart: others keep what they have meanwhile.
        consumer_group_instance_id=cluster.worker,
        consumer_auto_offset_reset="earliest",
        broker_client_id=cluster.worker,
        broker_session_timeout=SESSION_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        processing_guarantee="at_least_once",
        key_serializer="raw",
        value_serializer="raw",
        store="memory://",
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        datadir=folder,
        worker_redirect_stdouts=False,
        PartitionAssignor=ByNumber,
        Worker=QuietWorker,
    )
    app.transport = _transport(work)(app.conf.broker_consumer, app)
    for reader, topics in work.readers.items():
        _agent(app, work, reader, [cluster.kafka.topic(topic) for topic in topics])

    _on(app.on_partitions_assigned, work.assigned)
    _on(app.on_partitions_revoked, work.revoked)
    _on(app.on_before_shutdown, work.stop)

    return app


def _on(signal: Any, act: Callable[..., Awaitable[None]]) -> None:
    async def handler(_sender: object, *sent: Any, **_: Any) -> None:
        await act(*sent)

    signal.connect(handler, weak=False)


def _agent(app: faust.App, work: Work, reader: str, topics: Sequence[str]) -> None:
    channel = app.topic(*topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(channel, name=reader, concurrency=1)
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            await work.put(reader, event)


def _transport(work: Work) -> type[Transport]:
    class OurConsumer(Consumer):
        """Reads from where our cursors stand, whatever Faust has committed."""

        async def seek_to_committed(self) -> Mapping[TP, int]:
            positions = await work.positions()
            at = {
                TP(topic, number): positions[name, number]
                for topic, number in self.assignment()
                if (name := topic[len(work.cluster.kafka.prefix) :], number) in positions
            }
            if not at:
                return await super().seek_to_committed()
            await self.seek_wait(at)
            return at

        async def wait_first(self, *coros: Any, timeout: Any = None) -> WaitResults:  # noqa: ASYNC109  Faust's
            """Go on at once with a record that finds room; Faust makes four tasks for each, in case one does not."""
            first, *others = coros
            if timeout is not None or not all(isinstance(each, Coroutine) for each in coros):
                return await super().wait_first(*coros, timeout=timeout)  # Faust waits for events with it as well
            rest = begun(first)
            if rest is not None:
                return await super().wait_first(rest, *others)
            for other in others:
                other.close()
            return WaitResults([first], [None], stopped=False)

        def verify_event_path(self, now: float, tp: TP) -> None:
            """Look at nothing: our watchdog does, by what is done and not by what Faust's monitor heard."""

    class OurTransport(Transport):
        """Faust's transport with that consumer."""

        Consumer = OurConsumer

    return OurTransport


class QuietWorker(faust.Worker):
    """Faust's process, with our log lines and without its web server, which the command line would turn on again."""

    def __init__(self, app: faust.App, *services: Any, **options: Any) -> None:
        super().__init__(app, *services, **(options | {"redirect_stdouts": False, "override_logging": False}))
        app.conf.web_enabled = False
        self.spinner = None


def _say_started(command: Any, worker: QuietWorker) -> None:
    logger.info("worker starts", group=worker.app.conf.id, worker=worker.app.conf.consumer_group_instance_id)


def _set_up_process() -> None:
    setattr(worker_command, "on_worker_created", _say_started)  # noqa: B010  instead of a box of its own settings
    if not structlog.is_configured():
        set_up_logging("info")


def __getattr__(name: str) -> Any:
    """Make the app when Faust asks for it: importing this module asks nobody for anything."""
    if name != "app":
        raise AttributeError(name)
    try:
        cluster, worlds = found()
        app = globals()["app"] = make(cluster, pipeline(worlds))
        leave_standing()
    except NotSetUp as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(UNUSABLE) from None
    return app

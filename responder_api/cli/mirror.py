"""`dharura mirror`: bring what one system wrote to another's Kafka, to be seen there; `streams.cluster.mirror` does it.

One direction is one process, and any number of them may run. Both ways between a county and the nation are two, each
run by whoever owns the side that it reads.
"""

import argparse
import asyncio
import random
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import prometheus_client
import structlog
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from geo.places import Rejected, check_area
from responder_api.audience import ROLES, Viewer, may_see
from responder_api.cli.serve import say
from responder_api.kafka_settings import kafka_of
from responder_api.settings import PREFIX, BadSetting, Settings, read_settings
from streams.cluster.access import Access
from streams.cluster.mirror import Counts, Mirror, Route, Still
from streams.process_log import set_up_logging
from streams.topics import ALERTS, FILING, INCIDENTS, LEVELS, MIRRORABLE, Topic

USUAL: Final = (INCIDENTS, LEVELS, ALERTS, FILING)
"""What goes unless something else is asked for: what is going on, without who reported it or who was asked."""
RETRY_S: Final = (1.0, 30.0)
"""Shortest and longest wait before it begins again after a failure."""
_SYSTEM = re.compile(r"^[a-z0-9][a-z0-9-]{0,62}$")

logger = structlog.get_logger()


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    short = ", ".join(_short(topic) for topic in MIRRORABLE)
    parser = commands.add_parser(
        "mirror",
        help="bring what one system wrote to another's Kafka",
        description="Copies facts from one system's topics to the mirrored.* topics of another, where they are seen "
        "and not acted on. A side is kafka://HOST:PORT,... or a file of lines as docs/settings.md has them for Kafka, "
        "the credentials for that side among them; a side that is not given is DHARURA_KAFKA.",
    )
    parser.add_argument("--from", dest="source", metavar="SIDE", help="Kafka to read (DHARURA_KAFKA)")
    parser.add_argument("--to", metavar="SIDE", help="Kafka to write (DHARURA_KAFKA)")
    parser.add_argument("--system", required=True, metavar="NAME", help="name of the system that is read, as kisumu")
    parser.add_argument("--target", required=True, metavar="NAME", help="name of the one that is written, as nation")
    parser.add_argument(
        "--topic",
        action="append",
        metavar="NAME",
        help=f"what to bring, one or more of {short} (incidents, levels, alerts, filing)",
    )
    parser.add_argument(
        "--audience",
        action="append",
        metavar="ROLE:AREA",
        help="only what such a person may see, as agency:KE.042; several: what any of them may (all)",
    )
    parser.add_argument("--onward", action="store_true", help="bring on what the system that is read has from others")
    parser.add_argument("--once", action="store_true", help="bring what is there and stop")
    parser.add_argument(
        "--metrics", type=int, metavar="PORT", help="show Prometheus how far behind it is, at this port"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Copy until SIGTERM or SIGINT, or once."""
    settings = read_settings()
    set_up_logging(settings.log_level)
    route = route_of(args)
    source, target = side(args.source, settings), side(args.to, settings)
    if (source.bootstrap, source.prefix) == (target.bootstrap, target.prefix):
        raise Rejected("mirror-invalid", "both sides are the same Kafka: give the other one by --from or --to")
    counts = Counts()
    with shown(args.metrics, Figures(route, counts)):
        asyncio.run(keep(lambda: Mirror(source, target, route, counts), once=args.once))
    say(
        f"{route.system} to {route.target}: {counts.copied:,} records brought, {counts.passed_over:,} not meant for "
        f"there, {counts.unreadable:,} unreadable; {counts.lag:,} left."
    )
    return 0


async def keep(make: Callable[[], Mirror], *, once: bool = False) -> None:
    """Mirror until told to stop; after a failure begin again with new connections, a little later each time."""
    mirror, stopping = make(), asyncio.Event()

    def stop() -> None:
        stopping.set()
        mirror.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    wait_s = RETRY_S[0]
    while not stopping.is_set():
        begun = loop.time()
        try:
            await mirror.run(once=once)
            return
        except (KafkaError, OSError, TimeoutError, Still) as error:
            logger.warning("the mirror begins again", error=f"{type(error).__name__}: {error}")
        if loop.time() - begun > RETRY_S[1]:
            wait_s = RETRY_S[0]
        try:
            await asyncio.wait_for(stopping.wait(), wait_s * random.uniform(0.5, 1))
        except TimeoutError:
            wait_s = min(wait_s * 2, RETRY_S[1])
        mirror = make()


def route_of(args: argparse.Namespace) -> Route:
    """Read which way it goes; Rejected `mirror-invalid`."""
    for name in (args.system, args.target):
        if not _SYSTEM.fullmatch(name):
            raise Rejected("mirror-invalid", f"{name!r} cannot name a system: a-z, 0-9 and -, as kisumu")
    if args.system == args.target:
        raise Rejected("mirror-invalid", f"{args.system} cannot be mirrored to itself")
    return Route(args.system, args.target, _topics(args.topic), _wanted(args.audience), args.onward)


def side(said: str | None, settings: Settings) -> Access:
    """Say how one side is reached: by the settings, an address, or a file of settings; BadSetting."""
    if said is None:
        return kafka_of(settings)
    if said.startswith("kafka://") or not Path(said).is_file():
        # The settings' credentials belong to another Kafka.
        return kafka_of(Settings(kafka=said))
    return kafka_of(read_settings(_lines(Path(said))))


def _lines(path: Path) -> dict[str, str]:
    found = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not (line := text.strip()) or line.startswith("#"):
            continue
        name, is_, value = line.removeprefix("export ").partition("=")
        if not is_ or not name.strip().startswith(PREFIX):
            raise BadSetting(f"{path} line {number}: DHARURA_KAFKA...=VALUE is expected")
        found[name.strip()] = value.strip().strip("\"'")
    return found


def _topics(names: list[str] | None) -> tuple[Topic, ...]:
    if names is None:
        return USUAL
    known = {_short(topic): topic for topic in MIRRORABLE}
    wanted = [part.strip().removeprefix("dharura.") for name in names for part in name.split(",") if part.strip()]
    if unknown := [name for name in wanted if name not in known]:
        raise Rejected("mirror-invalid", f"{', '.join(unknown)} cannot be mirrored; {', '.join(known)} can")
    return tuple(known[name] for name in dict.fromkeys(wanted))


def _short(topic: Topic) -> str:
    return topic.name.removeprefix("dharura.")


def _wanted(said: list[str] | None) -> Callable[[tuple[str, ...]], bool]:
    if said is None:
        return bool
    grants = set()
    for part in said:
        role, _, area = part.partition(":")
        if role not in ROLES:
            raise Rejected("mirror-invalid", f"{part!r} is no ROLE:AREA; roles are {', '.join(sorted(ROLES))}")
        check_area(area)
        grants.add((role, area))
    viewer = Viewer(account="", grants=msgspec.convert(grants, frozenset[tuple[str, str]]))
    return lambda audience: may_see(viewer, audience)


@contextmanager
def shown(port: int | None, figures: Collector) -> Iterator[None]:
    """Show Prometheus the figures at a port, if at any."""
    if port is None:
        yield
        return
    registry = CollectorRegistry()
    registry.register(figures)
    server, thread = prometheus_client.start_http_server(port, registry=registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Figures(Collector):
    """What Prometheus is shown."""

    def __init__(self, route: Route, counts: Counts) -> None:
        self._names, self._counts = [route.system, route.target], counts

    def collect(self) -> list[GaugeMetricFamily | CounterMetricFamily]:
        """Give the figures as they stand."""
        counts = self._counts
        gauges = [
            ("dharura_mirror_lag", "Records that are there and were not looked at yet.", counts.lag),
            ("dharura_mirror_newest_seconds", "When the newest record looked at was written.", counts.newest_s),
        ]
        totals = [
            ("dharura_mirror_copied", "Records brought.", counts.copied),
            ("dharura_mirror_passed_over", "Records not meant for the other side.", counts.passed_over),
            ("dharura_mirror_unreadable", "Records that could not be read, or are too large.", counts.unreadable),
            ("dharura_mirror_lost", "Records deleted before they were brought.", counts.lost),
        ]
        made: list[GaugeMetricFamily | CounterMetricFamily] = []
        for name, about, value in gauges:
            gauge = GaugeMetricFamily(name, about, labels=["system", "target"])
            gauge.add_metric(self._names, value)
            made.append(gauge)
        for name, about, value in totals:
            total = CounterMetricFamily(name, about, labels=["system", "target"])
            total.add_metric(self._names, value)
            made.append(total)
        return made

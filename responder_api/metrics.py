"""What Prometheus reads at `/metrics`: figures of this node, taken when they are asked for.

Every figure is a count of what happened or a size as it is now, none is a rate; docs/operations.md says which to watch.
What only a node of a cluster can tell stands in `metrics_cluster`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

Figure = tuple[str, str, str]
"""Kind (counter or gauge), name and meaning."""

OF_A_NODE: tuple[Figure, ...] = (
    ("gauge", "dharura_storage_trouble", "1 while nothing can be written"),
    ("gauge", "dharura_clock_offset_seconds", "How far the wall clock is ahead of the steady one"),
    ("gauge", "dharura_live_sockets", "Open live sockets"),
    ("counter", "dharura_live_frames_sent", "Frames written to live sockets, each client counted"),
    ("counter", "dharura_live_slow_closed", "Live sockets closed because they did not keep up"),
    ("counter", "dharura_live_resyncs", "Hellos answered with a resync"),
)
EMBEDDED: tuple[Figure, ...] = (
    ("counter", "dharura_log_events", "Events in the log"),
    ("gauge", "dharura_pipeline_behind", "Events in the log that the steps have not seen"),
    *OF_A_NODE,
    ("counter", "dharura_messages_sent", "Messages that a channel took since the start"),
    ("counter", "dharura_messages_failed", "Attempts that no channel took since the start"),
)


class NodeCollector(Collector):
    """Reads figures off a node: `read` gives them by name; `documents` counts documents by kind."""

    def __init__(
        self,
        figures: Sequence[Figure],
        read: Callable[[], Mapping[str, float]],
        documents: Callable[[], Mapping[str, int]],
    ) -> None:
        self._figures, self._read, self._documents = figures, read, documents

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Give every figure as it is now."""
        now = self._read()
        yield from families(self._figures, now)
        documents = GaugeMetricFamily("dharura_documents", "Documents of the read model", labels=["kind"])
        for kind, count in sorted(self._documents().items()):
            documents.add_metric([kind], count)
        yield documents


def families(figures: Sequence[Figure], now: Mapping[str, float]) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
    """Give figures in the form in which they are shown."""
    for kind, name, meaning in figures:
        family = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
        yield family(name, meaning, value=now[name])


def registry(*collectors: Collector) -> CollectorRegistry:
    """Make a registry that reads these."""
    made = CollectorRegistry()
    for collector in collectors:
        made.register(collector)
    return made

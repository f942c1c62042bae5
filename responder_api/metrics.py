"""What Prometheus reads at `/metrics`: figures of this node, taken when they are asked for.

Every figure is a count of what happened or a size as it is now, none is a rate; docs/operations.md says which to watch.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

Figure = tuple[str, str, str]
"""Kind (counter or gauge), name and meaning."""

FIGURES: tuple[Figure, ...] = (
    ("counter", "dharura_log_events", "Events in the log"),
    ("gauge", "dharura_pipeline_behind", "Events in the log that the steps have not seen"),
    ("gauge", "dharura_storage_trouble", "1 while nothing can be written"),
    ("gauge", "dharura_clock_offset_seconds", "How far the wall clock is ahead of the steady one"),
    ("gauge", "dharura_live_sockets", "Open live sockets"),
    ("counter", "dharura_live_frames_sent", "Frames written to live sockets, each client counted"),
    ("counter", "dharura_live_slow_closed", "Live sockets closed because they did not keep up"),
    ("counter", "dharura_live_resyncs", "Hellos answered with a resync"),
    ("counter", "dharura_messages_sent", "Messages that a channel took since the start"),
    ("counter", "dharura_messages_failed", "Attempts that no channel took since the start"),
)


class NodeCollector(Collector):
    """Reads the figures off a node. `read` gives them by name; `documents` counts documents by kind."""

    def __init__(self, read: Callable[[], Mapping[str, float]], documents: Callable[[], Mapping[str, int]]) -> None:
        self._read, self._documents = read, documents

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Give every figure as it is now."""
        now = self._read()
        for kind, name, meaning in FIGURES:
            family = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
            yield family(name, meaning, value=now[name])
        documents = GaugeMetricFamily("dharura_documents", "Documents of the read model", labels=["kind"])
        for kind, count in sorted(self._documents().items()):
            documents.add_metric([kind], count)
        yield documents


def registry(read: Callable[[], Mapping[str, float]], documents: Callable[[], Mapping[str, int]]) -> CollectorRegistry:
    """Make a registry that reads a node's figures."""
    made = CollectorRegistry()
    made.register(NodeCollector(read, documents))
    return made

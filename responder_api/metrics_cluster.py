"""What Prometheus reads at a cluster's node: its own figures, and those of the cluster as any node can tell them.

What is read from PostgreSQL or Kafka is left out while that does not answer: `dharura_storage_trouble` says why, and an
alarm on a figure that is missing is an alarm too.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from responder_api.metrics import OF_A_NODE, Figure, families
from streams.cluster import lag
from streams.cluster.access import Cluster
from streams.cluster.figures import FIGURES as OWED
from streams.cluster.figures import figures as owed
from streams.cluster.host import PROJECTOR
from streams.cluster.leases import holders
from streams.cluster.loop_thread import LoopThread
from streams.cluster.pool import Pool
from streams.cluster.turn import readers
from streams.database import StorageError
from streams.handle import Step

KEPT_S: Final = 5.0
"""How long Kafka's offsets are good for: a scrape costs the brokers a question."""
ASK_S: Final = 25.0

OF_THE_LOG: tuple[Figure, ...] = (
    ("counter", "dharura_log_events", "Events in the cluster's log"),
    ("gauge", "dharura_projector_behind", "Events in the log that the read model has not come past"),
    ("gauge", "dharura_dead_letters", "Dead letters that nobody has replayed or dismissed"),
)
_LOG: Final = """
SELECT (SELECT "offset" FROM log_end),
       (SELECT "offset" FROM log_end) - coalesce((SELECT "offset" FROM cursor WHERE reader = ?), 0),
       (SELECT count(*) FROM view WHERE kind = 'deadletter' AND over IS NULL)
"""
Families = Iterator[CounterMetricFamily | GaugeMetricFamily]

logger = structlog.get_logger()


class ClusterCollector(Collector):
    """Reads the figures. `own` gives the node's; it may block, so it is asked in a thread."""

    def __init__(
        self,
        cluster: Cluster,
        steps: Sequence[Step],
        own: Callable[[], Mapping[str, float]],
        documents: Callable[[], Mapping[str, int]],
    ) -> None:
        self._own, self._documents = own, documents
        self._pool = Pool(cluster.database, most=1, name="dharura node: metrics")
        self._lags = Lags(cluster, steps)

    def close(self) -> None:
        """Let go of the database and Kafka."""
        self._pool.close()
        self._lags.close()

    def collect(self) -> Families:
        """Give every figure as it is now."""
        yield from families(OF_A_NODE, self._own())
        try:
            yield from self._of_the_database()
            yield from self._of_kafka()
        except StorageError as error:
            logger.warning("figures are left out", code=error.code, detail=str(error))
        except (lag.KafkaAway, TimeoutError) as error:
            logger.warning("figures are left out", detail=str(error) or "Kafka does not answer")

    def _of_the_database(self) -> Families:
        with self._pool.connection() as connection:
            log = connection.execute(_LOG, (PROJECTOR,)).fetchone() or (0, 0, 0)
            waiting = owed(connection)
            leases = holders(connection)
        yield from families(OF_THE_LOG, dict(zip((name for _, name, _ in OF_THE_LOG), log, strict=True)))
        for name, meaning in OWED.items():
            yield GaugeMetricFamily(name, meaning, value=waiting[name])
        held = GaugeMetricFamily(
            "dharura_lease", "1 for each duty, and which keeper does it", labels=["duty", "holder"]
        )
        for duty, holder in leases.items():
            held.add_metric([duty, holder], 1)
        yield held
        documents = GaugeMetricFamily("dharura_documents", "Documents of the read model", labels=["kind"])
        for kind, count in sorted(self._documents().items()):
            documents.add_metric([kind], count)
        yield documents

    def _of_kafka(self) -> Families:
        behind = GaugeMetricFamily(
            "dharura_reader_lag", "Records that a step (or archive) has not taken yet", labels=["reader", "partition"]
        )
        for (reader, number), count in sorted(self._lags.read(self._pool).items()):
            behind.add_metric([reader, str(number)], count)
        yield behind


class Lags:
    """How far each reader is behind, over all topics of a partition number. Safe from any thread but `close`."""

    def __init__(self, cluster: Cluster, steps: Sequence[Step]) -> None:
        self._readers = readers(steps)
        self._cluster = cluster
        self._lock = threading.Lock()
        self._asking: tuple[LoopThread, lag.Ends] | None = None
        self._kept: tuple[float, Mapping[lag.Partition, lag.Offsets]] = (float("-inf"), {})

    def read(self, pool: Pool) -> dict[tuple[str, int], int]:
        """Give (reader, partition number) → records not taken yet; raises StorageError, KafkaAway."""
        with self._lock:  # two scrapes at once would ask over one consumer
            ends = self._ends()
        with pool.connection() as connection:
            at = lag.cursors(connection)
        found: dict[tuple[str, int], int] = defaultdict(int)
        for source, count in lag.lags(self._readers, ends, at).items():
            found[source.reader, source.number] += count
        return dict(found)

    def close(self) -> None:
        """Let go of Kafka."""
        if self._asking is not None:
            loop, ends = self._asking
            loop.run(ends.stop(), ASK_S)
            loop.close()

    def _ends(self) -> Mapping[lag.Partition, lag.Offsets]:
        if self._asking is None:
            self._asking = (
                LoopThread("dharura-lag"),
                lag.Ends.over(self._cluster.kafka, f"{self._cluster.worker}-lag"),
            )
        if time.monotonic() - self._kept[0] > KEPT_S:
            loop, ends = self._asking
            self._kept = (time.monotonic(), loop.run(ends.read(lag.PARTITIONS), ASK_S))
        return self._kept[1]

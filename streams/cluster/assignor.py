"""Who works on which partition number: the same number of every topic always goes to the same worker.

A step's state belongs to a key, and a key has one partition number in all topics. Were two topics' number 3 at two
workers, as Faust's own choice for apps without tables (round robin) has it, both would work on the same state and take
it from each other at every turn. Next on the road: `inbox` holds what comes in for each (reader, number).
"""

from typing import Any

from aiokafka.coordinator.assignors.range import RangePartitionAssignor


class ByNumber(RangePartitionAssignor):  # type: ignore[misc]  # aiokafka ships no types for it
    """Kafka's range assignment, which goes by number, in the form that Faust asks for. It keeps nothing."""

    name = "dharura-range"

    def __init__(self, app: Any, replicas: int = 0) -> None:  # noqa: ARG002  how Faust makes one
        super().__init__()

    def assigned_standbys(self) -> set[Any]:
        """Say which table partitions are kept in reserve: there are no tables."""
        return set()

    def assigned_actives(self) -> set[Any]:
        """Say which table partitions are kept: there are no tables."""
        return set()

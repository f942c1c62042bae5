"""The same partition number of every topic goes to the same worker, however many there are."""

import pytest

from streams.cluster.assignor import ByNumber
from streams.cluster.lag import PARTITIONS


class Brokers:
    """What the assignor asks of aiokafka's picture of the cluster."""

    def partitions_for_topic(self, topic: str) -> set[int]:
        return set(range(PARTITIONS[topic]))


@pytest.mark.parametrize("workers", [1, 2, 3, 5, 7, 12, 14])
def test_a_number_goes_to_one_worker_in_all_topics(workers: int) -> None:
    assignor = ByNumber(None)
    members = {f"worker-{n}": assignor.metadata(sorted(PARTITIONS)) for n in range(workers)}
    given = assignor.assign(Brokers(), members)
    where: dict[int, set[str]] = {}
    for member, assignment in given.items():
        for _, numbers in assignment.assignment:
            for number in numbers:
                where.setdefault(number, set()).add(member)
    assert where.keys() == set(range(12))
    assert all(len(members) == 1 for members in where.values())
    shares = [sum(member in members for members in where.values()) for member in given]
    assert max(shares) - min(shares) <= 1
    taken = [(topic, n) for each in given.values() for topic, numbers in each.assignment for n in numbers]
    assert len(taken) == sum(PARTITIONS.values())

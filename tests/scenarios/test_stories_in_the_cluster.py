"""Every story holds in the cluster as well, and its facts are those of the other hosts, ids included, byte for byte.

Compared is every order that is promised (`fixtures.told`), and a cause always stands before its effects.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures import path
from fixtures.clustered import Clustered
from fixtures.flood import play_flood
from fixtures.scenario import play, story
from fixtures.told import early, told
from streams.simulated import Simulated

STORIES = sorted(file for file in path("scenarios").glob("*.jsonl") if file.stem != "demo_flood")
MINUTES = 6
"""How much of the demo flood is played: everything that happens in it has begun by then."""


def assert_alike(host: Clustered, simulated: Simulated) -> None:
    events = host.events()
    assert told(events) == told(simulated.events())
    assert len({event.id for event in events}) == len(events)
    assert early(events) == []
    assert [message.id for message in host.carrier.sent] == [message.message for message in simulated.sent]


@pytest.mark.system("kafka", "postgresql")
@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_a_story_holds_in_the_cluster_with_the_same_facts(
    file: Path, clustered: Clustered, simulated: Callable[[], Simulated]
) -> None:
    lines, quick = story(file), simulated()
    play(lines, clustered, file.stem)
    play(lines, quick, file.stem)
    assert_alike(clustered, quick)


@pytest.mark.system("kafka", "postgresql")
def test_the_demo_flood_makes_the_same_facts_in_the_cluster(
    clustered: Clustered, simulated: Callable[[], Simulated]
) -> None:
    quick = simulated()
    play_flood(clustered, 60.0 * MINUTES)
    play_flood(quick, 60.0 * MINUTES)
    assert_alike(clustered, quick)
    kinds = {type(event.body).__name__ for event in quick.events()}
    # Enough happened for the comparison to mean something.
    assert len(quick.events()) > 500
    assert kinds >= {"IncidentOpened", "AssignmentOffered", "AlertIssued", "MessageSent"}
    assert "DeadLettered" not in kinds

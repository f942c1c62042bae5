"""Every story holds in the cluster as well, and its facts are those of the other hosts, ids included, byte for byte.

Between topics Kafka promises no order, so two steps that write to one topic, or one step that hears two, may write in
any. What one step makes of one topic's facts under one key is in order, and so is compared; so is what the door
wrote. A cause always stands before its effects. Decision 0023 says why `filing` alone is compared by what it says.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from fixtures import path
from fixtures.clustered import Clustered
from fixtures.flood import play_flood
from fixtures.scenario import play, story
from streams.events import Event, encode
from streams.simulated import Simulated
from streams.topics import topic_of

STORIES = sorted(file for file in path("scenarios").glob("*.jsonl") if file.stem != "demo_flood")
MINUTES = 6
"""How much of the demo flood is played: everything that happens in it has begun by then."""


def told(events: Sequence[Event]) -> dict[tuple[str, str, str, str], list[bytes]]:
    """Give what each writer made of each topic's facts, to each topic, under each key: in order."""
    heard = {event.id: topic_of(event.body).name for event in events}
    found = defaultdict(list)
    for event in events:
        topic = topic_of(event.body).name
        if event.source == "filing":
            # Once for all that comes within ten minutes: which of several at once it says it of is Kafka's choice.
            said = msgspec.structs.replace(event, id="", cause="", at=event.seen)
            found["filing", "", topic, event.key].append(encode(said))
        else:
            found[event.source, heard.get(event.cause, ""), topic, event.key].append(encode(event))
    return dict(found)


def assert_alike(host: Clustered, simulated: Simulated) -> None:
    events = host.events()
    assert told(events) == told(simulated.events())
    at = {event.id: n for n, event in enumerate(events)}
    assert len(at) == len(events)
    assert [event for event in events if at.get(event.cause, -1) > at[event.id]] == []
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

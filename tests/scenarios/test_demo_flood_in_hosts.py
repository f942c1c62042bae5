"""The first quarter of an hour of the demo flood: the embedded host and the simulated one write the same log."""

from collections import Counter
from collections.abc import Callable

from fixtures.flood import play_flood
from fixtures.stepped import Stepped
from streams.events import encode
from streams.simulated import Simulated


def test_the_demo_flood_makes_the_same_log_byte_for_byte(
    simulated: Callable[[], Simulated], embedded: Callable[[], Stepped]
) -> None:
    quick, real = simulated(), embedded()
    play_flood(quick)
    play_flood(real)
    log = [encode(each) for each in quick.events()]
    assert [encode(each) for each in real.events()] == log
    assert [message.id for message in real.carrier.sent] == [message.message for message in quick.sent]
    kinds = Counter(type(each.body).__name__ for each in quick.events())
    # Enough happened for the comparison to mean something.
    assert len(log) > 1000
    assert min(kinds[name] for name in ("IncidentOpened", "AssignmentOffered", "AlertIssued", "AnswerReceived")) > 0
    assert kinds["DeadLettered"] == 0

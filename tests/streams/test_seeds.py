"""A thousand seeded storms: the process dies between any two actions, deliveries repeat, overtake and lag, the carrier
refuses and leaves us in doubt; and every history must satisfy the model.

A failure names its seed; `history(world, steps, SEED)` plays it again, byte for byte.
"""

from collections import Counter
from collections.abc import Sequence

import pytest

from fixtures.model import wrongs
from fixtures.scenario import START
from fixtures.storm import Storm
from streams.events import encode
from streams.handle import Step
from streams.simulated import Faults, Simulated
from streams.world import World

SEEDS, LOTS = 1000, 20
DEEDS = 26


def history(steps: Sequence[Step], seed: int, faults: Faults | None = None) -> tuple[Simulated, Storm]:
    """Play one storm to its end."""
    sim = Simulated(steps, START, seed=seed, faults=faults)
    storm = Storm(sim, seed)
    storm.muster()
    storm.rage(DEEDS)
    return sim, storm


def left_over(sim: Simulated) -> list[str]:
    """Say what a host at rest still owes, and what it does when it is started once more."""
    pending, connection = sim.engine.pending, sim.engine.connection
    found = [f"a deadline was not heard: {event.id}" for event in pending.due(sim.now)]
    found += [f"a message is still to be sent: {event.id}" for event in pending.ready(sim.now)]
    (taken,) = connection.execute("SELECT count(*) FROM outgoing WHERE taken <> 0").fetchone()
    found += [f"{taken} messages are taken and unsettled"] if taken else []
    end = sim.engine.log.end()
    sim.restart()
    sim.settle()
    if sim.engine.log.end() != end:
        found.append(f"started again, it wrote {sim.engine.log.end() - end} events more")
    if sim.engine.log.verify() != end:
        found.append("the log's chain does not hold")
    return found


@pytest.mark.parametrize("lot", range(LOTS))
def test_no_seed_breaks_the_model(world: World, steps: tuple[Step, ...], lot: int) -> None:
    done: Counter[str] = Counter()
    for seed in range(lot * SEEDS // LOTS, (lot + 1) * SEEDS // LOTS):
        sim, storm = history(steps, seed, Faults())
        found = wrongs(world, sim.events(), storm.fed, sim.sent) + left_over(sim)
        assert not found, f"seed {seed}: " + "; ".join(found)
        done.update(type(event.body).__name__ for event in sim.events())
        done.update(crashes=sim.crashes, repeats=sim.repeats, gaps=sim.gaps)
    # A storm in which nothing happens proves nothing.
    assert min(done[fault] for fault in ("crashes", "repeats", "gaps")) > 100
    kinds = ("AssignmentAccepted", "IncidentMerged", "IncidentClosed", "AlertIssued", "MessageFailed", "DeadLettered")
    undone = ("IncidentSplit", "IncidentReopened", "ReportJoinRequested")
    scenes = ("FenceEntered", "FenceLeft")
    assert min(done[kind] for kind in (*kinds, *undone, *scenes)) > 5


@pytest.mark.parametrize("seed", [3, 17])
def test_a_seed_is_one_history(steps: tuple[Step, ...], seed: int) -> None:
    one, _ = history(steps, seed, Faults())
    other, _ = history(steps, seed, Faults())
    assert [encode(event) for event in one.events()] == [encode(event) for event in other.events()]
    assert one.sent == other.sent
    assert one.crashes == other.crashes > 0


@pytest.mark.parametrize("seed", range(5))
def test_a_calm_day_satisfies_the_model_as_well(world: World, steps: tuple[Step, ...], seed: int) -> None:
    sim, storm = history(steps, 5000 + seed)
    assert wrongs(world, sim.events(), storm.fed, sim.sent) == []
    assert left_over(sim) == []
    assert sim.engine.done == sim.engine.log.end()

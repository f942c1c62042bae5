"""How well an incident is borne out: everything that speaks for it, weighed into one number with its parts.

You are on the SMS road, after a report has joined an incident; beside you `alerts.scoring` has graded its words. What
is done from which evidence on is policy (`alerts.plans.Evidence`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import Final

import msgspec

from alerts.parts import Part

RULES: Final = "evidence-1"
"""Version of the rule here; goes into what was decided by it."""


class Score(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Evidence from 0 to 1: the sum of its parts."""

    total: float
    parts: tuple[Part, ...]
    rules: str = RULES


class Witness(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who said so: who (any stable pseudonym), through what, and how far their word goes.

    `trust` is from 0 to 1; where it is not given, `kind` decides by `TRUST`.
    """

    sender: str
    channel: str
    kind: str = "citizen"
    trust: float | None = None


TRUST: Final[dict[str, float]] = {
    "citizen": 0.3,
    "health-promoter": 0.55,
    "village-elder": 0.5,
    "chief": 0.7,
    "ward-admin": 0.7,
    "responder": 0.85,
    "operator": 0.8,
    "agency": 0.85,
}
"""How far one word from this kind of source goes, alone. A kind that is not listed counts as a citizen."""
SENSOR_TRUST: Final = 0.6
CHANNEL_GAIN: Final = 0.1
HOAX_KEEPS: Final = 0.5


def evidence(witnesses: Sequence[Witness], *, sensors: int = 0, hoaxes: int = 0) -> Score:
    """Weigh what speaks for an incident, from 0 to 1.

    Sources err independently: together they are wrong only when each is. A sender counts once, at the best of the
    kinds it appeared as. `sensors` is how many stations bear it out, `hoaxes` how many marks (by words or by operators)
    say it is not so.
    """
    best: dict[str, float] = {}
    for witness in witnesses:
        given = witness.trust
        trust = trust_in(witness.kind) if given is None else min(1.0, max(0.0, given))
        best[witness.sender] = max(trust, best.get(witness.sender, 0.0))
    return _weigh(Counter(best.values()), len({witness.channel for witness in witnesses}), sensors, hoaxes)


def weigh(kinds: Mapping[str, int], *, channels: int, sensors: int = 0, hoaxes: int = 0) -> Score:
    """Weigh what speaks for an incident by how many senders of each kind and how many channels there are.

    The same as `evidence` of that many witnesses; what it costs does not grow with them.
    """
    trusts: Counter[float] = Counter()
    for kind, senders in kinds.items():
        trusts[trust_in(kind)] += senders
    return _weigh(trusts, channels, sensors, hoaxes)


def trust_in(kind: str) -> float:
    """Say how far one word from a kind of source goes, alone."""
    return TRUST.get(kind, TRUST["citizen"])


def _weigh(trusts: Mapping[float, int], channels: int, sensors: int, hoaxes: int) -> Score:
    senders = sum(trusts.values())
    steps: list[tuple[str, float, str]] = []
    if senders:
        steps.append(("source", max(trusts), f"best of {senders} sender{'s' * (senders > 1)}"))
    together = 1.0 - prod((1.0 - trust) ** n for trust, n in sorted(trusts.items(), reverse=True))
    if senders > 1:
        steps.append(("corroboration", together, f"{senders} senders who cannot know of each other"))
    if channels > 1:
        together += (1.0 - together) * CHANNEL_GAIN * min(channels - 1, 3)
        steps.append(("channels", together, f"by {channels} channels"))
    if sensors:
        together = 1.0 - (1.0 - together) * (1.0 - SENSOR_TRUST) ** sensors
        steps.append(("sensors", together, f"{sensors} station{'s' * (sensors > 1)} bear{'s' * (sensors == 1)} it out"))
    if hoaxes:
        # Among many senders a few marks say little: a rumour that is passed on does not undo a hundred witnesses.
        together *= HOAX_KEEPS ** (hoaxes / max(1, senders))
        steps.append(("hoax", together, f"{hoaxes} mark{'s' * (hoaxes > 1)} against it"))

    parts: list[Part] = []
    stood = 0.0
    for name, reached, why in steps:
        parts.append(Part(name, round(round(reached, 4) - stood, 4), why))
        stood = round(reached, 4)
    return Score(total=stood, parts=tuple(parts))

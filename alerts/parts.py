"""One part of a score, so that every score can say what it is made of."""

import msgspec


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of a score: what it is called, what it counted for, and why."""

    name: str
    value: float
    why: str = ""

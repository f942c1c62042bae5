"""The short number that a citizen or responder can read over a bad line.

Six letters and digits of an id, none that look or sound alike; enough to find one report among millions together with
its day, and never used as a key.
"""

from uuid import UUID

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two signs: no 0, 1, I or O."""


def reference(id_: str) -> str:
    """Give the reference of an id (UUID), as `K7Q-2MF`."""
    number = UUID(id_).int
    signs = []
    for _ in range(6):
        number, rest = divmod(number, 32)
        signs.append(ALPHABET[rest])
    return f"{''.join(signs[:3])}-{''.join(signs[3:])}"

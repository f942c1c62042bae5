"""The short number that a citizen or responder can read over a bad line.

Six letters and digits of an id, none that look or sound alike; enough to find one report among millions together with
its day, and never used as a key.
"""

from uuid import UUID

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two signs: no 0, 1, I or O."""


def reference(id_: str) -> str:
    """Give the reference of an id (UUID), as `K7Q-2MF`."""
    code = short_code(id_, 6)
    return f"{code[:3]}-{code[3:]}"


def short_code(id_: str, length: int) -> str:
    """Give the first `length` signs of an id (UUID)."""
    number = UUID(id_).int
    signs = []
    for _ in range(length):
        number, rest = divmod(number, 32)
        signs.append(ALPHABET[rest])
    return "".join(signs)

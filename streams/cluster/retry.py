"""How long to wait before something that failed is tried again: a little longer each time, and never all at once."""

import random
from typing import Final

RETRY_S: Final = (0.1, 5.0)
"""Shortest and longest wait after a failure."""


def wait_s(failures: int) -> float:
    """Give the wait after so many failures in a row, spread so that not all who wait knock at the same moment."""
    shortest, longest = RETRY_S
    return min(longest, shortest * 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)

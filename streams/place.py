"""Where a delivery stands against a reader's cursor: the rule that makes repeats harmless and holes visible.

Offsets of one partition (one topic and key) are dense. A reader that has finished offset n takes n + 1 and nothing
else: what is older it has done, what is newer means that something is missing in between.
"""

from typing import Literal

Place = Literal["next", "repeat", "gap"]


def place(cursor: int, offset: int) -> Place:
    """Say whether `offset` is the next one after `cursor`, one done before, or one that skips ahead."""
    if offset == cursor + 1:
        return "next"
    return "repeat" if offset <= cursor else "gap"

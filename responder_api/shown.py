"""Waits until what follows from an event can be read here: over an embedded log, by its offset. See `host.Shown`."""

from collections.abc import Callable

from responder_api.host import Written
from responder_api.tail import Tail


class ByOffset:
    """An event's consequences are shown once the read model has come past its offset: one turn holds both."""

    def __init__(self, tail: Tail, end: Callable[[], int]) -> None:
        self._tail, self._end = tail, end

    async def reached(self, written: Written, seconds: float) -> bool:
        """See `Shown`. One that was there before is waited for as well: it may still be on its way."""
        return await self._tail.reached(self._end() if written.offset is None else written.offset, seconds)

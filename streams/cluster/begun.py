"""A coroutine that is mostly done at once, without a task of its own: it is begun, and handed on if it has to wait."""

from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any


def begun(whole: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None] | None:
    """Run a coroutine up to where it first waits; give what is left of it, or None when it came to its end.

    What it raises is raised here. Whoever gets a rest must await it.
    """
    try:
        awaited = whole.send(None)
    except StopIteration:
        return None
    return _rest(whole, awaited)


async def _rest(whole: Coroutine[Any, Any, None], awaited: Any) -> None:
    await _handed_on(whole, awaited)


@coroutine
def _handed_on(whole: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    while True:
        failed: BaseException | None = None
        try:
            yield awaited
        except BaseException as error:  # noqa: BLE001  what it waited for failed, or it is cancelled: it is told so
            failed = error
        try:
            awaited = whole.send(None) if failed is None else whole.throw(failed)
        except StopIteration:
            return

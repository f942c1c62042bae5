"""A coroutine that is begun where it is called goes on as if it had been awaited from the start."""

import asyncio

import pytest

from streams.cluster.begun import begun


def test_one_that_waits_for_nothing_is_done_at_once() -> None:
    done: list[int] = []

    async def whole() -> None:
        done.append(1)

    assert begun(whole()) is None
    assert done == [1]


def test_what_it_raises_at_once_is_raised_here() -> None:
    async def whole() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        begun(whole())


async def test_one_that_waits_goes_on_where_its_rest_is_awaited() -> None:
    doors = [asyncio.get_running_loop().create_future() for _ in range(2)]
    passed: list[str] = []

    async def whole() -> None:
        for door in doors:
            passed.append(await door)  # noqa: PERF401  one after the other

    rest = begun(whole())
    assert rest is not None
    task = asyncio.ensure_future(rest)
    doors[0].set_result("first")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert passed == ["first"]
    assert not task.done()
    doors[1].set_result("second")
    await task
    assert passed == ["first", "second"]


async def test_what_it_waits_for_may_fail_and_it_is_told() -> None:
    door = asyncio.get_running_loop().create_future()
    told: list[str] = []

    async def whole() -> None:
        try:
            await door
        except LookupError as error:
            told.append(str(error))
            raise ValueError("so this fails too") from error

    rest = begun(whole())
    assert rest is not None
    door.set_exception(LookupError("no such door"))
    with pytest.raises(ValueError, match="so this fails too"):
        await rest
    assert told == ["no such door"]


async def test_its_rest_can_be_cancelled_and_it_is_told() -> None:
    told: list[str] = []

    async def whole() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            told.append("cancelled")

    rest = begun(whole())
    assert rest is not None
    task = asyncio.ensure_future(rest)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["cancelled"]

"""The demo's world, built once, and both hosts that need no server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.scenario import START
from fixtures.stepped import Stepped
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.handle import Step
from streams.pipeline import pipeline
from streams.simulated import Simulated


@pytest.fixture(scope="session")
def steps() -> tuple[Step, ...]:
    return pipeline(load_world(Settings()))


@pytest.fixture
def simulated(steps: tuple[Step, ...]) -> Callable[[], Simulated]:
    return lambda: Simulated(steps, START)


@pytest.fixture
def embedded(steps: tuple[Step, ...], tmp_path: Path) -> Iterator[Callable[[], Stepped]]:
    opened: list[Stepped] = []

    def start() -> Stepped:
        data = tmp_path / f"node{len(opened)}"
        data.mkdir()
        opened.append(Stepped(data, steps, START))
        return opened[-1]

    yield start
    for host in opened:
        host.close()

"""The demo's world and pipeline, built once for all tests here."""

import pytest

from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.handle import Step
from streams.pipeline import pipeline
from streams.world import World


@pytest.fixture(scope="session")
def world() -> World:
    return load_world(Settings())


@pytest.fixture(scope="session")
def steps(world: World) -> tuple[Step, ...]:
    return pipeline(world)

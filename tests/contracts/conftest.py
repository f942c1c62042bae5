"""One database for what the contracts are tested over, and read models in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.servers.postgresql import Postgresql
from tests.contracts.adapters import ADAPTERS
from tests.contracts.read_models import Kept, Teller, postgres_kept, sqlite_kept


@pytest.fixture(scope="module")
def address(postgres: Postgresql) -> str:
    """Address of a database that each test finds empty."""
    postgres.start()
    return postgres.database()


@pytest.fixture(params=ADAPTERS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    made = sqlite_kept(tmp_path) if request.param == "sqlite" else postgres_kept(request.getfixturevalue("address"))
    with made as opened:
        yield opened


@pytest.fixture
def teller(kept: Kept) -> Teller:
    return Teller(kept)

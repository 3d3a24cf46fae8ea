"""One bank for a file of tests, a copy of one that was laid down: each test leaves it whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.house import House, at_work, moved_in

from dojang.journey.world import MINYONG, SEOYEON
from dojang.phone.customer import Customer


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, demo_laid_down: Path) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with at_work(moved_in(demo_laid_down, folder), folder) as made:
        yield made


@pytest.fixture(scope="module")
def minyong(house: House) -> Customer:
    """A customer with a certificate, 1.25 billion won and an open session."""
    return house.issue(MINYONG)


@pytest.fixture(scope="module")
def seoyeon(house: House) -> Customer:
    """Another one, for whom everything of 김민용 is somebody else's."""
    return house.issue(SEOYEON)

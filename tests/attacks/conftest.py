"""The bank whole, and people who mean it harm: one bank for a file of tests."""

from collections.abc import Iterator

import pytest
from tests.api.house import ORIGIN, House, at_work
from tests.conftest import START

from dojang import demo
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import MovableClock
from dojang.phone.customer import Customer


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    still = MovableClock(START)
    bank = demo.make(folder / "bank", 8700, clock=still, origin=ORIGIN)
    with at_work(bank, folder) as made:
        yield made


@pytest.fixture(scope="module")
def minyong(house: House) -> Customer:
    """A customer with a certificate, 1.25 billion won and an open session."""
    return house.issue(MINYONG)


@pytest.fixture(scope="module")
def seoyeon(house: House) -> Customer:
    """Another one, for whom everything of 김민용 is somebody else's."""
    return house.issue(SEOYEON)

"""How many uses a rolling window admits, and how long the next one waits."""

import pytest

from dojang.customers.quota import admitted, wait_seconds
from dojang.kernel.clock import SECOND, Instant

NOW = Instant(1_000 * SECOND)


def ago(*seconds: float) -> list[int]:
    return [int(NOW - one * SECOND) for one in seconds]


@pytest.mark.parametrize(
    ("uses", "limit", "waits"),
    [
        (ago(), 2, 0),
        (ago(5), 2, 0),
        (ago(60, 5), 2, 0),
        (ago(59, 5), 2, 1),
        (ago(58.5, 5), 2, 2),
        (ago(5, 59), 2, 1),
        (ago(0, 0), 2, 60),
        (ago(50, 40, 30), 2, 20),
        (ago(), 0, 60),
    ],
)
def test_the_next_one_waits_until_the_window_has_room(uses: list[int], limit: int, waits: int):
    later = Instant(NOW + waits * SECOND)

    assert wait_seconds(uses, NOW, limit=limit, seconds=60) == waits
    assert limit == 0 or admitted(uses, later, limit=limit, seconds=60) is not None
    assert waits == 0 or admitted(uses, NOW, limit=limit, seconds=60) is None

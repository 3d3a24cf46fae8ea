"""A quick run of the bench ends in time, on a slow machine as well."""

from dataclasses import dataclass

import pytest
from bench.areas import AREAS, parts
from bench.budget import ENDING_SECONDS, Budget


@dataclass
class Watch:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_part_that_ends_in_time_fits() -> None:
    watch = Watch()
    budget = Budget(50.0, watch)
    watch.now += 30
    budget.took(30)

    assert budget.fits(20 - ENDING_SECONDS)
    assert not budget.fits(20 - ENDING_SECONDS + 0.01)


@pytest.mark.parametrize(("pace", "fits"), [(0.5, True), (1.0, True), (2.0, True), (2.1, False)])
def test_a_machine_that_was_slow_stays_slow(pace: float, *, fits: bool) -> None:
    watch = Watch()
    budget = Budget(50.0 + ENDING_SECONDS, watch)
    watch.now += 10 * pace
    budget.took(10)

    assert budget.fits(15) is fits


def test_a_whole_run_has_all_the_time() -> None:
    watch = Watch()
    budget = Budget(clock=watch)
    watch.now += 10**6

    assert budget.fits(10**6)


def test_every_part_has_its_turn_and_what_starts_other_programs_comes_last() -> None:
    order = parts(None)

    assert sorted(id(part) for _, part in order) == sorted(
        id(part) for parts in AREAS.values() for part in parts
    )
    beside = [bool(part.beside) for _, part in order]
    assert beside == sorted(beside)
    assert [part for _, part in parts("transfer")] == AREAS["transfer"]

"""Counted tries as a pure value: a table of what happened and what is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dojang.kernel.problem import Problem
from dojang.methods.model import (
    AccountPasswordLocked,
    Budget,
    Locked,
    Right,
    Wrong,
    WrongAccountPassword,
    demand,
)


@pytest.mark.parametrize(
    ("taken", "forgiven", "left"),
    [(0, 0, 5), (1, 0, 4), (4, 0, 1), (5, 0, 0), (6, 0, 0), (7, 3, 1), (9, 9, 5), (14, 9, 0)],
)
def test_what_is_left_is_what_was_not_taken_since_the_last_right_one(
    taken: int, forgiven: int, left: int
) -> None:
    budget = Budget(5, taken, forgiven)

    assert budget.left == left
    assert budget.spent == (left == 0)
    assert (budget.take() is None) == (left == 0)


def test_the_fifth_try_is_evaluated_and_the_sixth_is_not() -> None:
    budget: Budget | None = Budget(5)
    for _ in range(5):
        assert budget is not None
        budget = budget.take()

    assert budget == Budget(5, 5, 0)
    assert budget.take() is None


def test_a_right_attempt_does_not_forgive_those_begun_after_it() -> None:
    right = Budget(5, taken=2)
    two_more = Budget(5, taken=4)

    assert two_more.forgive(right.taken).left == 3


def test_a_late_verdict_takes_nothing_back() -> None:
    assert Budget(5, taken=6, forgiven=4).forgive(2) == Budget(5, 6, 4)
    assert Budget(5, taken=6, forgiven=4).forgive(99) == Budget(5, 6, 6)


@given(st.lists(st.sampled_from(["wrong", "right"]), max_size=40))
def test_never_more_wrong_ones_in_a_row_than_allowed(attempts: list[str]) -> None:
    budget, in_a_row = Budget(5), 0
    for attempt in attempts:
        after = budget.take()
        if after is None:
            break
        budget = after.forgive(after.taken) if attempt == "right" else after
        in_a_row = 0 if attempt == "right" else in_a_row + 1
        assert in_a_row <= 5
        assert budget.left == 5 - in_a_row


def test_a_verdict_becomes_its_problem() -> None:
    demand(Right())
    with pytest.raises(WrongAccountPassword) as wrong:
        demand(Wrong(tries_left=3))
    with pytest.raises(AccountPasswordLocked) as locked:
        demand(Locked())

    assert wrong.value.fields == {"tries_left": 3}
    assert isinstance(locked.value, Problem)
    assert locked.value.status == 423

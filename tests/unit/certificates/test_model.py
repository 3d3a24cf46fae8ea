"""The life of a credential, as a table."""

import datetime as dt
import itertools

import pytest

from dojang.certificates.model import (
    LIVING,
    NO_EXPIRY,
    CrlReason,
    EndReason,
    Move,
    State,
    after,
    crl_reason,
    refusal,
)
from dojang.kernel.clock import SEOUL, utc

E, A, L, C, S, R = (
    State.ENROLLING,
    State.ACTIVE,
    State.LOCKED,
    State.SUSPENDED_COPY,
    State.SUSPENDED_LOSS,
    State.REVOKED,
)
LIFE = {
    #               E     A     L     C     S     R
    Move.ACTIVATE: (A, None, None, None, None, None),
    Move.LOCK: (None, L, L, C, L, R),
    Move.COPY: (None, C, C, C, C, R),
    Move.LOSS: (None, S, L, C, S, R),
    Move.RELEASE: (None, None, None, None, A, None),
    Move.END: (R, R, R, R, R, R),
}


@pytest.mark.parametrize(("move", "row"), LIFE.items())
def test_every_move_from_every_state_is_decided(move, row):
    assert tuple(after(state, move) for state in (E, A, L, C, S, R)) == row


def test_no_way_leads_out_of_revoked():
    assert {after(R, move) for move in Move} <= {R, None}


@pytest.mark.parametrize("first", [Move.LOCK, Move.COPY])
def test_a_lock_or_a_copy_never_becomes_active_again(first):
    for length in range(5):
        for moves in itertools.product(Move, repeat=length):
            state = after(A, first)
            for move in moves:
                state = after(state, move) or state
            assert state is not A


def test_only_the_living_and_a_loss_can_be_released():
    assert [state for state in LIVING if after(state, Move.RELEASE)] == [S]


@pytest.mark.parametrize(
    ("was", "reason", "said"),
    [
        (A, EndReason.UNUSED, CrlReason.CESSATION_OF_OPERATION),
        (A, EndReason.OPERATOR, CrlReason.CESSATION_OF_OPERATION),
        (A, EndReason.DORMANT, CrlReason.CESSATION_OF_OPERATION),
        (A, EndReason.REISSUED, CrlReason.SUPERSEDED),
        (L, EndReason.REISSUED, CrlReason.SUPERSEDED),
        (S, EndReason.REISSUED, CrlReason.SUPERSEDED),
        (C, EndReason.REISSUED, CrlReason.KEY_COMPROMISE),
        (C, EndReason.DORMANT, CrlReason.KEY_COMPROMISE),
    ],
)
def test_what_the_world_is_told_when_it_ends(was, reason, said):
    assert crl_reason(was, reason) is said


def test_each_state_that_refuses_says_why():
    codes = {state: refusal(state) for state in State}

    assert codes[A] is None
    assert codes[E] is None
    assert codes[L].code == "credential_locked"
    assert codes[C].fields == {"reason": "copy"}
    assert codes[S].fields == {"reason": "loss_report"}
    assert codes[R].code == "credential_revoked"


def test_no_expiry_is_the_last_second_of_9999_and_has_no_seoul_time():
    assert utc(NO_EXPIRY) == dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    with pytest.raises(OverflowError):
        utc(NO_EXPIRY).astimezone(SEOUL)

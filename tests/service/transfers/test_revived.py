"""An insider revives a certificate that was stopped or ended: the log's last word counts."""

import pytest
from sqlalchemy import update
from tests.service.transfers.insiders import change, copies, put_back

from dojang.certificates import Hold, store
from dojang.certificates.model import EndReason, State
from dojang.certificates.tables import certificate, credential
from dojang.transfers.model import State as OrderState

pytestmark = pytest.mark.usefixtures("insider")

ENDS = {
    "revoked": (lambda life, tx, one: life.revoke(tx, one, EndReason.OPERATOR), State.REVOKED),
    "lost": (lambda life, tx, one: life.suspend(tx, one, Hold.LOSS), State.SUSPENDED_LOSS),
    "copied": (lambda life, tx, one: life.suspend(tx, one, Hold.COPY), State.SUSPENDED_COPY),
    "locked": (lambda life, tx, one: life.lock(tx, one), State.LOCKED),
}
CODES = {
    State.REVOKED: "credential_revoked",
    State.SUSPENDED_LOSS: "credential_suspended",
    State.SUSPENDED_COPY: "credential_suspended",
    State.LOCKED: "credential_locked",
}


def signed_then(world, who, how):
    """An order that was signed; before it is posted its certificate ends, by the bank."""
    order = world.order(who, 1_000)
    world.sign(who, order)
    kept = copies(world, credential, certificate)
    with world.db.transaction() as tx:
        how(world.house.lifecycle, tx, who.phone.credential_id)
    return order, kept


def refused(world, who, order) -> str:
    world.transfers.poster.post_due()
    told = world.told(who, order)
    assert told.state is OrderState.REJECTED
    assert world.balance(who) == 1_000_000_000
    return told.outcome.refusal.code


@pytest.mark.parametrize("how", sorted(ENDS))
def test_a_certificate_revived_by_hand_sends_nothing(world, me, how) -> None:
    end, state = ENDS[how]
    order, _ = signed_then(world, me, end)

    change(world, update(credential).values(state="ACTIVE", end_reason=None, ended_at=None))
    change(world, update(certificate).values(standing="issued", reason=None))

    assert refused(world, me, order) == CODES[state]


def test_the_rows_of_before_put_back_whole_send_nothing(world, me) -> None:
    order, before = signed_then(world, me, ENDS["revoked"][0])

    put_back(world, before)

    assert refused(world, me, order) == "credential_revoked"


def test_another_customer_s_good_standing_revives_nobody(world, me, you) -> None:
    """The word is looked for by the row's owner, and names the credential."""
    order, _ = signed_then(world, me, ENDS["revoked"][0])

    mine = credential.c.id == me.phone.credential_id
    other = credential.c.id == you.phone.credential_id
    change(world, update(credential).where(other).values(state="REVOKED", end_reason="other"))
    change(
        world, update(credential).where(mine).values(state="ACTIVE", customer_id=you.customer.id)
    )

    assert refused(world, me, order) == "credential_revoked"


def test_a_loss_report_that_the_bank_released_sends_again(world, me) -> None:
    life, mine = world.house.lifecycle, me.phone.credential_id
    for step in (lambda tx: life.suspend(tx, mine, Hold.LOSS), lambda tx: life.release(tx, mine)):
        with world.db.transaction() as tx:
            step(tx)

    assert world.posted(me, 1_000).state is OrderState.POSTED


def test_the_word_is_asked_for_again_where_the_row_was_waited_for(world, me) -> None:
    """A release that commits while the row is waited for: the first look is older than the row."""
    life, mine = world.house.lifecycle, me.phone.credential_id
    with world.db.transaction() as tx:
        life.suspend(tx, mine, Hold.LOSS)
    with world.db.snapshot() as tx:
        older = store.log_standings.last_word_of(tx.connection, me.customer.id)
    with world.db.transaction() as tx:
        life.release(tx, mine)

    with world.db.transaction() as tx:
        row = next(iter(store._by_ids_locked(tx.connection, [mine])))._replace(word=older)
        assert store._believed(tx, row).state is State.ACTIVE

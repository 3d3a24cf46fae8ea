"""Genuine signatures, taken elsewhere, too early, too late, or after they were stopped.

Like `test_forged`: by somebody with the bank's own rights in the database, leaf and all.
"""

import dataclasses
from dataclasses import replace

import pytest
from sqlalchemy import delete, update
from tests.service.ledger.asking import Yes
from tests.service.transfers.conftest import OTHER_ACCOUNT, OWN
from tests.service.transfers.hands import choose, held
from tests.service.transfers.test_forged import fields, request_of, stolen, unsigned, written

from dojang.certificates.events import CertificateSuspended
from dojang.certificates.model import Hold
from dojang.kernel.clock import DAY
from dojang.ledger import Ledger, holds, numbers
from dojang.ledger.committer import INTERBANK
from dojang.retention.events import Erased
from dojang.transfers import Draft, store
from dojang.transfers.events import TransferHeld, TransferStopped
from dojang.transfers.tables import transfer_due, transfer_order


@pytest.fixture
def ledger(world):
    made = Ledger(world.db, ids=world.house.ids, entropy=world.house.entropy, bank_code="990")
    made.admit_with(Yes())
    return made


def signed(world, me, **draft):
    """An order with its customer's signature that was not sent yet."""
    order = world.order(me, 10, draft=Draft(**draft) if draft else None)
    world.sign(me, order)
    with world.db.snapshot() as tx:
        return store.by_ids(tx, [order.id])[order.id]


def sent(world, ledger, order, **elsewhere):
    genuine = {"authorization": order.request_id}
    return written(world, ledger, request_of(replace(order, **elsewhere), **genuine))


def posting(world, me, order):
    with world.db.snapshot() as tx:
        return holds.owned(tx, me.customer.id, order.id).posting("by-hand")


def test_what_was_signed_for_another_bank_does_not_come_to_an_account_here(
    world, me, you, ledger, monkeypatch
) -> None:
    order = signed(world, me)
    monkeypatch.setattr(numbers, "draw", lambda *_: OTHER_ACCOUNT)
    with world.db.transaction() as tx:
        same_number = ledger.open_account(tx, you.customer.id, name="같은 번호")

    idx = sent(world, ledger, order, credit=same_number)

    assert unsigned(world) == [(idx, "it went to another account than was signed")]


def test_what_was_signed_for_an_account_here_does_not_leave_the_bank(
    world, me, you, ledger
) -> None:
    ours = {"payee_bank": OWN.code, "payee_account": you.number}
    order = signed(world, me, from_account=me.number, amount=10, memo="", **ours)

    idx = sent(world, ledger, order, credit=INTERBANK)

    assert unsigned(world) == [(idx, "it went to another account than was signed")]


def test_a_signed_order_that_was_never_sent_is_not_sent_after_its_time(
    world, me, ledger, clock
) -> None:
    order = signed(world, me)
    with world.db.transaction() as tx:
        mine = transfer_order.c.id == order.id
        tx.execute(update(transfer_order).where(mine).values(state="rejected"))
        tx.execute(delete(transfer_due))
    clock.move(200 * DAY)

    idx = sent(world, ledger, order)

    assert unsigned(world) == [(idx, "its time was over")]


def test_a_delayed_transfer_sent_before_its_time_is_named(world, me, ledger) -> None:
    choose(world, me, delay_hours=3)
    order = held(world, me, 700)

    idx = written(world, ledger, posting(world, me, order))

    assert unsigned(world) == [(idx, "it was sent before its time")]


def test_a_transfer_that_a_loss_report_stopped_is_named_when_it_is_sent(
    world, me, ledger, clock
) -> None:
    choose(world, me, delay_hours=3)
    order = held(world, me, 700)
    with world.db.transaction() as tx:
        world.house.lifecycle.suspend(tx, me.phone.credential_id, Hold.LOSS)
    clock.move(DAY)

    idx = written(world, ledger, posting(world, me, order))

    assert unsigned(world) == [(idx, "it had been stopped")]


def test_an_erased_customer_s_account_is_no_way_out(world, me, you, ledger) -> None:
    """Neither of what was signed for somebody else, nor of what was brought there."""
    with world.db.transaction() as tx:
        tx.emit(Erased(subject=you.customer.id, by="a", approved_by="b", policy_version=1))
    order = signed(world, me)
    into = sent(world, ledger, order, credit=you.account)
    out = written(world, ledger, stolen(world, you, me, amount=5))

    assert unsigned(world) == [
        (into, "it went to another account than was signed"),
        (out, "no order of its payer stands behind it"),
    ]


def test_a_leaf_that_cannot_be_read_hides_no_theft(world, me, you, ledger) -> None:
    """It is named by the audit itself; and a reason of nobody's ends what it speaks of."""
    with world.db.transaction() as tx:
        tx.emit(
            CertificateSuspended(
                subject=me.customer.id,
                credential_id=me.phone.credential_id,
                serials=[],
                reason="nonsense",
            )
        )
    idx = written(world, ledger, stolen(world, me, you))

    assert unsigned(world) == [(idx, "no order of its payer stands behind it")]
    assert fields(world)[idx]["kind"] == "transfer.posted"


@pytest.mark.parametrize("event", [TransferHeld, TransferStopped])
def test_a_leaf_with_a_list_for_an_id_ends_no_audit(world, me, event) -> None:
    """Of any kind that the look at signatures reads beside a page."""
    choose(world, me, undo=1)
    held(world, me, 700)
    known = {"amount": 1, "why": "x", "due_at": "soon", "cancellable_until": 1}
    wanted = {one.name for one in dataclasses.fields(event)} & known.keys()
    with world.db.transaction() as tx:
        tx.emit(event(subject=me.customer.id, transfer_id=[], **{n: known[n] for n in wanted}))
    world.house.clock.move(DAY)
    world.transfers.holding.settle_due()

    assert unsigned(world) == []

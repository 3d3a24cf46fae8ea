"""Somebody with the bank's own rights in the database writes a transfer that fits, leaf and all.

No key of the vault, no signature: the rows agree, the log agrees, and the bank signs heads over it.
What it lacks is the payer's signature under exactly that transfer, and the audit asks for that.
"""

from dataclasses import replace

import pytest
from msgspec import structs
from sqlalchemy import insert, select, update
from tests.service.ledger.asking import Yes
from tests.service.transfers.conftest import OTHER_ACCOUNT, OWN
from tests.service.transfers.hands import choose, held

from dojang.certificates.model import Hold
from dojang.customers.tables import customer
from dojang.db import log
from dojang.kernel.clock import HOUR, Instant
from dojang.ledger import Kind, Ledger, Request
from dojang.transfers import store
from dojang.transfers.proving import Proving
from dojang.transfers.tables import transfer_order

STOLEN = 1_000


def fields(world):
    with world.db.snapshot() as tx:
        return [leaf.fields() for leaf in log.read(tx.connection, 0, 10_000)]


def unsigned(world, leaves=None):
    """What the audit says: the words of each finding, by the index of its leaf."""
    with world.db.snapshot() as tx:
        found = Proving(world.authority.signed, OWN.code)(tx, leaves or fields(world))
        return [(idx, says.partition(": ")[2]) for idx, says in found]


def sent(world, who):
    """The leaf of what they sent first."""
    return next(
        one
        for one in fields(world)
        if (one["kind"], one["subject"]) == ("transfer.posted", who.customer.id)
    )


@pytest.fixture
def ledger(world):
    """The bank's own code, run by somebody who has the database and nothing else."""
    made = Ledger(world.db, ids=world.house.ids, entropy=world.house.entropy, bank_code="990")
    made.admit_with(Yes())
    return made


def stolen(world, me, you, **more) -> Request:
    asked = Request(
        id=world.house.ids.uuid7(),
        debit=me.account,
        credit=you.account,
        amount=STOLEN,
        subject=me.customer.id,
    )
    return structs.replace(asked, **more)


def written(world, ledger, asked):
    """The index of its leaf: the money has moved, and every figure agrees."""
    (outcome,) = ledger.post([asked])
    assert outcome.refusal is None
    return outcome.log_idx


def test_whatever_its_payer_signed_is_in_order(world, me) -> None:
    world.posted(me, 10)
    choose(world, me, undo=1)
    order = held(world, me, 500)
    world.transfers.orders.cancel(me.customer.id, order.id)
    held(world, me, 700)
    kinds = {leaf["kind"] for leaf in fields(world)}

    assert {"transfer.posted", "hold.made", "hold.released"} <= kinds
    assert unsigned(world) == []


def test_a_transfer_that_nobody_signed_is_named(world, me, you, ledger) -> None:
    idx = written(world, ledger, stolen(world, me, you))

    assert unsigned(world) == [(idx, "no order of its payer stands behind it")]


def test_money_set_aside_that_nobody_signed_for_is_named(world, me, you, ledger) -> None:
    until = Instant(world.house.clock.now() + HOUR)
    idx = written(world, ledger, stolen(world, me, you, kind=Kind.HOLD, expires_at=until))

    assert unsigned(world) == [(idx, "no order of its payer stands behind it")]


@pytest.mark.parametrize("subject", ["", "c-another"])
def test_money_of_a_customer_that_another_sent_is_named(world, me, subject) -> None:
    """As if it were the bank's own, or a thief's own; the ledger's own code writes no such leaf."""
    world.posted(me, 10)
    (posted,) = [
        one for one in fields(world) if one["kind"] == "transfer.posted" and one["subject"]
    ]

    found = unsigned(world, [{**posted, "subject": subject}])

    assert found == [(posted["idx"], "another than the owner of the account sent it")]


@pytest.mark.parametrize("change", [{"amount": 11}, {"authorization": "r"}, {"evidence": b"e"}])
def test_a_leaf_that_tells_something_else_than_its_order_is_named(world, me, change) -> None:
    world.posted(me, 10)
    posted = sent(world, me)

    assert unsigned(world, [{**posted, **change}]) == [
        (posted["idx"], "its order does not say what was logged")
    ]


def test_an_order_of_another_is_not_taken_for_it(world, me, you) -> None:
    world.posted(me, 10)
    world.posted(you, 1)
    mine, theirs = sent(world, me), sent(world, you)

    found = unsigned(world, [{**mine, "transfer_id": theirs["transfer_id"]}])

    assert found == [(mine["idx"], "no order of its payer stands behind it")]


def genuine(world, me):
    """An order that was signed and sent, as a row."""
    order = world.posted(me, 10).order
    with world.db.snapshot() as tx:
        return tx.execute(select(transfer_order).where(transfer_order.c.id == order.id)).one()


def forged(world, row, **changed):
    """An order like it, put there by hand, with bytes made anew for what it says now."""
    values = {**row._asdict(), "id": world.house.ids.uuid7(), "request_id": "forged", **changed}
    with world.db.transaction() as tx:
        tx.execute(insert(transfer_order), values)
    with world.db.transaction() as tx:
        made = store.by_ids(tx, [values["id"]])[values["id"]]
        mine = transfer_order.c.id == made.id
        tx.execute(update(transfer_order).where(mine).values(message=made.rebuilt()))
        return store.by_ids(tx, [made.id])[made.id]


def request_of(order, **more) -> Request:
    from dojang.transfers.model import request_of as asked
    from dojang.transfers.posting import pin_only

    made = {"authorization": "forged", **more}
    return structs.replace(asked(order, pin_only=pin_only(order)), **made)


def test_a_signature_of_another_transfer_is_not_taken_for_it(world, me, ledger) -> None:
    order = forged(world, genuine(world, me), amount=STOLEN)

    idx = written(world, ledger, request_of(order))

    assert unsigned(world) == [(idx, "its payer did not sign it")]


def test_an_order_whose_bytes_say_something_else_is_named(world, me, ledger) -> None:
    row = genuine(world, me)
    order = forged(world, row)
    with world.db.transaction() as tx:
        mine = transfer_order.c.id == order.id
        tx.execute(update(transfer_order).where(mine).values(message=row.message))

    idx = written(world, ledger, request_of(replace(order, message=row.message)))

    assert unsigned(world) == [(idx, "its order does not say what was logged")]


def test_money_that_left_another_account_than_was_signed_is_named(world, me, ledger) -> None:
    with world.db.transaction() as tx:
        second = world.ledger.open_account(tx, me.customer.id, name="비상금")
    world.ledger.deposit(world.house.ids.uuid7(), second, 5_000, payer="현금")
    order = forged(world, genuine(world, me), debit=second)

    idx = written(world, ledger, request_of(order))

    assert unsigned(world) == [(idx, "it left another account than was signed")]


def test_money_that_went_elsewhere_than_was_signed_is_named(world, me, you, ledger) -> None:
    order = forged(world, genuine(world, me), credit=you.account)
    assert order.payee_account == OTHER_ACCOUNT

    idx = written(world, ledger, request_of(order))

    assert unsigned(world) == [(idx, "it went to another account than was signed")]


def test_a_signed_order_sent_by_hand_after_a_loss_report_is_named(world, me, ledger) -> None:
    """Genuine in everything, and stopped: the bank would have refused it."""
    order = world.order(me, 10)
    world.sign(me, order)
    with world.db.transaction() as tx:
        world.house.lifecycle.suspend(tx, me.phone.credential_id, Hold.LOSS)
        signed = store.by_ids(tx, [order.id])[order.id]

    idx = written(world, ledger, request_of(signed, authorization=signed.request_id))

    assert unsigned(world) == [(idx, "its payer's certificate was not in use then, by the log")]


@pytest.mark.parametrize("change", [{"amount": 701}, {"credit": "bank:fee"}, {"hold": "none"}])
def test_more_than_a_hold_set_aside_or_elsewhere_is_named(world, me, clock, change) -> None:
    choose(world, me, undo=1)
    held(world, me, 700)
    clock.move(HOUR)
    world.transfers.holding.settle_due()
    (posted,) = [one for one in fields(world) if one["kind"] == "transfer.posted" and one["hold"]]

    assert unsigned(world, [posted]) == []
    assert [idx for idx, _ in unsigned(world, [{**posted, **change}])] == [posted["idx"]]


def test_one_customer_under_the_name_of_another_is_named(world, me, you) -> None:
    """Else a thief's own certificate, genuine in everything, would sign for the victim."""
    with world.db.transaction() as tx:
        for who, name in ((you, "S-free"), (me, you.customer.subject_id)):
            mine = customer.c.id == who.customer.id
            tx.execute(update(customer).where(mine).values(subject_id=name))

    assert len(unsigned(world)) == 2

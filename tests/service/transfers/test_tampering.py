"""Whoever changes an order between signature and posting finds that nothing moves."""

import pytest
from sqlalchemy import update

from dojang.crypto import messages
from dojang.transfers.model import State
from dojang.transfers.tables import transfer_order

CHANGES = {
    "id": None,
    "payee_bank": "902",
    "payee_account": "99999999",
    "payee_holder": "다른사람",
    "from_account": "110000000000",
    "amount": 1_001,
    "fee": 1,
    "memo": "x",
    "tier": "ars",
    "policy_version": 99,
    "kid": b"0" * 16,
    "nonce": b"0" * 16,
    "origin": "https://evil.example",
    "created_at": 5,
    "expires_at": 2_000_000_000_000_000,
    "message": b"DOJANG-TX-v1\0{}",
    "signature": b"\0" * 64,
    "credit": "bank:fee",
    "payer": "다른사람",
}
SILENT = {"payer"}
"""Not among the signed fields: the payer's own name in the payee's statement."""


@pytest.fixture
def signed(world, me):
    order = world.order(me, 1_000)
    world.sign(me, order)
    return order


@pytest.mark.parametrize("column", sorted(set(CHANGES) - SILENT - {"id", "credit"}))
def test_a_changed_field_moves_nothing(world, me, signed, column) -> None:
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values({column: CHANGES[column]}))

    world.transfers.poster.post_due()

    told = world.told(me, signed)
    assert told.state is State.REJECTED
    assert told.outcome.refusal.code == "signature_invalid"
    assert world.balance(me) == 1_000_000_000


def test_a_message_changed_together_with_its_row_moves_nothing(world, me, signed) -> None:
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(amount=900_000_000))
    with world.db.transaction() as tx:
        from dojang.transfers import store

        forged = store.by_ids(tx, [signed.id])[signed.id].rebuilt()
        tx.execute(update(transfer_order).values(message=forged))

    world.transfers.poster.post_due()

    assert messages.read(forged)[1]["amount"] == 900_000_000
    assert world.told(me, signed).outcome.refusal.code == "signature_invalid"
    assert world.balance(me) == 1_000_000_000


@pytest.mark.parametrize("credit", ["bank:fee", "bank:suspense"])
def test_money_for_another_bank_goes_to_the_settlement_account_only(
    world, me, signed, credit
) -> None:
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(credit=credit))

    world.transfers.poster.post_due()

    assert world.told(me, signed).outcome.refusal.code == "signature_invalid"


def test_another_account_of_ones_own_is_not_what_was_signed(world, me, signed) -> None:
    with world.db.transaction() as tx:
        second = world.ledger.open_account(tx, me.customer.id, name="비상금")
    world.ledger.deposit(world.house.ids.uuid7(), second, 5_000, payer="현금")
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(debit=second))

    world.transfers.poster.post_due()

    assert world.told(me, signed).outcome.refusal.code == "signature_invalid"


def test_anothers_account_cannot_be_put_in_as_the_source(world, me, you, signed) -> None:
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(debit=you.account))

    world.transfers.poster.post_due()

    assert world.told(me, signed).state is State.REJECTED
    assert (world.balance(me), world.balance(you)) == (1_000_000_000, 1)

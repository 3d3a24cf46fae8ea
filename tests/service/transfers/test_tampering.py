"""Whoever changes an order between signature and posting finds that nothing moves."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update
from tests.service.transfers.conftest import certified
from tests.service.transfers.hands import available, choose, held, lead, leaves

from dojang.certificates.tables import certificate
from dojang.crypto import messages
from dojang.transfers import ordering
from dojang.transfers.model import State
from dojang.transfers.tables import safeguard, transfer_order

BEGIN, END = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2036, 1, 1, tzinfo=dt.UTC)
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


def swap_certificate(world, owner, der: bytes) -> None:
    with world.db.transaction() as tx:
        mine = certificate.c.credential_id == owner.phone.credential_id
        tx.execute(update(certificate).where(mine).values(der=der))


def forge(world, order) -> Ed25519PrivateKey:
    """An insider signs a customer's order with a key of their own, and puts that in the row."""
    own = Ed25519PrivateKey.generate()
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(signature=own.sign(order.message)))
    return own


def test_a_certificate_that_the_insider_made_is_not_believed(world, me, signed) -> None:
    own = forge(world, signed)
    name = x509.Name([x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, me.customer.subject_id)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    made = made.public_key(own.public_key()).not_valid_before(BEGIN).not_valid_after(END)
    swap_certificate(world, me, made.sign(own, None).public_bytes(Encoding.DER))

    world.transfers.poster.post_due()

    assert world.told(me, signed).outcome.refusal.code == "signature_invalid"
    assert world.balance(me) == 1_000_000_000


def test_a_certificate_of_another_customer_is_not_believed(world, me, you, signed) -> None:
    """The insider is a customer too: their certificate is real, and names them."""
    own = forge(world, signed)
    key = own.public_key().public_bytes_raw()
    swap_certificate(
        world, me, certified(world.authority, world.vault, key, you.customer.subject_id)
    )

    world.transfers.poster.post_due()

    assert world.told(me, signed).outcome.refusal.code == "signature_invalid"
    assert world.balance(me) == 1_000_000_000


CLEARED = {
    "hold_why": None,
    "hold_seconds": None,
    "cancel_before_seconds": None,
    "due_at": None,
    "cancellable_until": None,
    "hold_until": None,
}
"""What an insider empties so that nothing waits any more."""


def alter(world, **columns) -> None:
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(columns))


def left_of(world, who, order) -> tuple:
    """(state, code of the refusal, what the account still holds)."""
    told = world.told(who, order)
    refusal = None if told.outcome is None else told.outcome.refusal
    return told.state, None if refusal is None else refusal.code, world.balance(who)


@pytest.mark.parametrize("chosen", [{"delay_hours": 24}, {"undo": 1}])
@pytest.mark.parametrize("when", ["before the signature", "after it"])
def test_a_hold_that_was_cleared_sends_nothing(world, me, chosen, when) -> None:
    choose(world, me, **chosen)
    order = world.order(me, 1_000)
    if when == "before the signature":
        alter(world, **CLEARED)
        clear_the_safeguards(world)
    world.sign(me, order)
    if when == "after it":
        alter(world, **CLEARED)

    world.transfers.poster.post_due()

    assert left_of(world, me, order) == (State.REJECTED, "order_altered", 1_000_000_000)


def test_the_row_of_before_the_signature_put_back_whole_sends_nothing(world, me) -> None:
    """The delay was chosen after the order: the insider restores the order's own first seal."""
    order = world.order(me, 1_000)
    choose(world, me, delay_hours=24)
    world.sign(me, order)

    alter(world, **CLEARED, seal=order.seal)
    world.transfers.poster.post_due()

    assert left_of(world, me, order) == (State.REJECTED, "order_altered", 1_000_000_000)


def test_the_first_seal_without_the_time_of_signature_sends_nothing(world, me) -> None:
    order = world.order(me, 1_000)
    choose(world, me, delay_hours=24)
    world.sign(me, order)

    alter(world, **CLEARED, seal=order.seal, authorised_at=None)
    world.transfers.poster.post_due()

    assert left_of(world, me, order) == (State.REJECTED, "order_altered", 1_000_000_000)


def test_a_seal_of_another_order_or_none_sends_nothing(world, me) -> None:
    plain = world.order(me, 1_000)
    world.sign(me, plain)
    sealed = world.told(me, plain).order.seal
    choose(world, me, delay_hours=24)
    orders = [world.order(me, amount) for amount in (2_000, 3_000)]
    for order, seal in zip(orders, (sealed, None), strict=True):
        world.sign(me, order)
        with world.db.transaction() as tx:
            this = update(transfer_order).where(transfer_order.c.id == order.id)
            tx.execute(this.values(**CLEARED, seal=seal))

    world.transfers.poster.post_due()

    assert [left_of(world, me, one)[1] for one in orders] == ["order_altered"] * 2
    assert world.told(me, plain).state is State.POSTED


def test_a_held_transfer_made_due_at_once_is_voided_and_its_owner_told(world, me) -> None:
    choose(world, me, delay_hours=24)
    order = held(world, me, 1_000)

    alter(world, due_at=order.authorised_at)
    lead(world, at=order.authorised_at)
    world.transfers.holding.settle_due()
    world.transfers.holding.settle_due()

    told = world.told(me, order)
    assert (told.state, told.order.ended_why) == (State.CANCELLED, "order_altered")
    assert available(world, me) == (1_000_000_000, 1_000_000_000)
    assert [leaf["why"] for leaf in leaves(world, "transfer.cancelled")] == ["order_altered"]


def test_a_payee_made_designated_in_the_row_sends_nothing(world, me) -> None:
    choose(world, me, designated_only=1)
    order = world.order(me, 1_000)
    world.sign(me, order)

    alter(world, registered=1)
    world.transfers.poster.post_due()

    assert left_of(world, me, order) == (State.REJECTED, "order_altered", 1_000_000_000)


@pytest.mark.parametrize("shown", ["ars_at", "sms_at", "password_at"])
def test_a_factor_that_only_the_row_knows_of_sends_nothing(world, me, shown) -> None:
    order = world.order(me, 60_000_000)
    if shown != "password_at":
        world.show_password(me, order)
    alter(world, **{shown: order.created_at})
    if shown == "password_at":
        world.show_ars(me, order)
    world.sign(me, order)

    world.transfers.poster.post_due()

    assert left_of(world, me, order) == (State.REJECTED, "order_altered", 1_000_000_000)


def clear_the_safeguards(world) -> None:
    """What was chosen goes too, so that the plan at the signature finds nothing."""
    with world.db.transaction() as tx:
        tx.execute(update(safeguard).values(value=0))


@pytest.mark.parametrize("held_first", [False, True])
def test_an_order_of_a_fee_that_nobody_would_take_is_not_sent(
    world, me, monkeypatch, held_first
) -> None:
    """As a bank would order it that charges one: shown, signed, and no posting of it anywhere."""
    if held_first:
        choose(world, me, delay_hours=3)
    monkeypatch.setattr(ordering, "FEE", 500)
    order = world.order(me, 1_000)
    world.sign(me, order)

    world.transfers.poster.post_due()

    told = world.told(me, order)
    assert (order.fee, order.rebuilt()) == (500, order.message)
    assert (told.state, told.outcome.refusal.code) == (State.REJECTED, "signature_invalid")
    assert available(world, me) == (1_000_000_000, 1_000_000_000)

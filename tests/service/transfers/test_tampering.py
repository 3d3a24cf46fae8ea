"""Whoever changes an order between signature and posting finds that nothing moves."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update
from tests.service.transfers.conftest import certified

from dojang.certificates.tables import certificate
from dojang.crypto import messages
from dojang.transfers.model import State
from dojang.transfers.tables import transfer_order

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


def test_a_call_that_was_never_passed_is_no_factor(world, me) -> None:
    order = world.order(me, 60_000_000)
    world.show_password(me, order)
    with world.db.transaction() as tx:
        tx.execute(update(transfer_order).values(ars_at=order.created_at))
    world.sign(me, order)

    world.transfers.poster.post_due()

    refusal = world.told(me, order).outcome.refusal
    assert (refusal.code, dict(refusal.figures)) == ("factors_missing", {"needed": ["ars"]})
    assert world.balance(me) == 1_000_000_000

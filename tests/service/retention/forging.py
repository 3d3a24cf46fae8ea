"""Rows of hers in the tables that her life left empty, each filled with a word to look for."""

from typing import Any

from sqlalchemy import insert, select

from dojang.customers import tables as people
from dojang.db import Tx
from dojang.db.schema import metadata
from dojang.kernel.clock import DAY
from dojang.signing.tables import signing_key
from dojang.transfers.tables import transfer_order

WORD = "forged-canary"
_FILLERS: dict[type, Any] = {int: 1, str: WORD, bytes: WORD.encode()}


def row(tx: Tx, table: str, **known: Any) -> None:
    """Every column that must hold something holds the word."""
    values = {
        column.name: _FILLERS[column.type.python_type]
        for column in metadata.tables[table].columns
        if not column.nullable
    }
    tx.execute(insert(metadata.tables[table]), values | known)


def fill(tx: Tx, who: str, credential: str) -> None:
    her = select(people.customer.c.person_index).where(people.customer.c.id == who)
    person = tx.execute(her).scalar_one()
    kid = tx.execute(select(signing_key.c.kid).where(signing_key.c.customer_id == who)).scalars()
    orders = select(transfer_order.c.id).where(transfer_order.c.customer_id == who)
    order = tx.execute(orders).scalars().first()
    long_ago = tx.now - 9 * 365 * DAY
    row(tx, "ars_call", order_id=order, customer_id=who, state="passed")
    row(tx, "transfer_due", order_id=order, customer_id=who, state="waiting")
    row(tx, "safeguard", customer_id=who)
    row(tx, "joint_exchange", customer_id=who)
    row(tx, "joint_registration", customer_id=who)
    row(tx, "method_change", credential_id=credential, change_id="change", state="done")
    row(tx, "method_change_key", change_id="change")
    row(tx, "signing_instance", kid=kid.first())
    row(tx, "secret_tries", credential_id=credential)
    row(tx, "passkey", customer_id=who, credential_id=credential)
    row(tx, "passkey_challenge", credential_id=credential, purpose="add")
    row(tx, "second_device", customer_id=who)
    row(tx, "second_device_challenge", customer_id=who)
    ended = {"ended": "given_up", "ended_at": 1, "expires_at": long_ago}
    row(tx, "opening", id="opening", customer_id=who, **ended)
    row(tx, "opening_image", opening_id="opening")
    row(tx, "one_won", opening_id="opening", state="used")
    row(tx, "former_phone", customer_id=who)
    row(tx, "loss_report", receipt="met", customer_id=who, person_index=person)
    row(tx, "loss_report", receipt=WORD, person_index=person, settled_at=1)

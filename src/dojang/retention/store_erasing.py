"""What is run to erase one customer, table by table: what leads to others goes after them.

Each statement finds its rows by the customer's id alone, so that running all of it once more finds
what is left, and harms nothing.
"""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    union,
    update,
)

from dojang.certificates.tables import certificate, credential
from dojang.customers import tables as people
from dojang.db import Tx
from dojang.db.log import log_opening, log_table
from dojang.enrolment.tables import enrolment
from dojang.joint import tables as joint
from dojang.ledger.tables import account, limit_profile, narration, posting, transfer
from dojang.methods import tables as methods
from dojang.methods.tables_tries import secret_tries
from dojang.opening.tables import one_won, opening, opening_image
from dojang.receipts.tables import receipt, receipt_pdf, receipt_seal
from dojang.signing import tables as signing
from dojang.transfers import tables as transfers

_WHO: Final[Any] = bindparam("b_who")
_Ids = Select[Any] | CompoundSelect[Any]


def _of(column: ColumnElement[Any], table: Table) -> Select[Any]:
    """A column of this customer's rows of a table."""
    return select(column).where(table.c.customer_id == _WHO)


_customer: Final = people.customer
_C: Final = _customer.c
_credentials: Final = _of(credential.c.id, credential)
_kids: Final = select(signing.signing_key.c.kid).where(
    signing.signing_key.c.credential_id.in_(_credentials)
)
_changes: Final = select(signing.method_change.c.change_id).where(
    signing.method_change.c.credential_id.in_(_credentials)
)
_openings: Final = _of(opening.c.id, opening)
_orders: Final = _of(transfers.transfer_order.c.id, transfers.transfer_order)
_accounts: Final = _of(account.c.id, account)
_logins: Final = _of(people.internet_banking_id.c.login_index, people.internet_banking_id)
_leaves: Final = select(log_table.c.idx).where(log_table.c.subject == _WHO)
_person: Final = select(_C.person_index).where(_C.id == _WHO).scalar_subquery()
_L: Final = people.loss_report.c
_reports: Final = and_(
    _L.person_index == _person,
    or_(_L.customer_id == _WHO, and_(_L.customer_id.is_(null()), _L.settled_at.is_not(null()))),
)


def _narrated() -> ColumnElement[bool]:
    """Of their transfers, those whose other side is not, or no more, a customer here.

    A hold and its post have the words under the hold's id; what never moved is an order of theirs.
    """
    moved = (
        select(func.coalesce(transfer.c.ref, transfer.c.id))
        .join(posting, posting.c.transfer_id == transfer.c.id)
        .where(posting.c.account_id.in_(_accounts))
    )
    theirs: _Ids = union(moved, _orders)
    debit, credit = account.alias("debit"), account.alias("credit")
    other = (
        exists()
        .where(transfer.c.id == narration.c.transfer_id)
        .where(debit.c.id == transfer.c.debit, credit.c.id == transfer.c.credit)
        .where(_C.id.in_((debit.c.customer_id, credit.c.customer_id)), _C.id != _WHO)
    )
    return and_(narration.c.transfer_id.in_(theirs), ~other)


def _gone(table: Table, where: ColumnElement[bool]) -> tuple[Table, Any]:
    return table, delete(table).where(where)


def _gone_in(table: Table, column: str, ids: _Ids) -> tuple[Table, Any]:
    return _gone(table, table.c[column].in_(ids))


def _own(*tables: Table) -> list[tuple[Table, Any]]:
    return [_gone(one, one.c.customer_id == _WHO) for one in tables]


_closed: Final = (
    update(account)
    .where(account.c.customer_id == _WHO)
    .values(number=None, name="", day_cap=None, status="closed")
)
_bodies: Final = (
    update(certificate)
    .where(certificate.c.credential_id.in_(_credentials), certificate.c.der.is_not(null()))
    .values(der=b"", tbs_hash=b"")
)
_prepared: Final = (
    update(certificate)
    .where(certificate.c.credential_id.in_(_credentials), certificate.c.der.is_(null()))
    .values(tbs_hash=b"")
)
_joint_bodies: Final = (
    update(joint.joint_certificate)
    .where(joint.joint_certificate.c.customer_id == _WHO)
    .where(joint.joint_certificate.c.der.is_not(null()))
    .values(der=b"")
)

STATEMENTS: Final[tuple[tuple[Table, Any], ...]] = (
    _gone_in(log_opening, "idx", _leaves),
    _gone_in(receipt_pdf, "transfer_id", _orders),
    _gone_in(receipt_seal, "transfer_id", _orders),
    _gone_in(receipt, "transfer_id", _orders),
    _gone(narration, _narrated()),
    _gone_in(transfers.ars_call, "order_id", _orders),
    *_own(transfers.transfer_order, transfers.transfer_due),
    *_own(transfers.designated_payee, transfers.safeguard, transfers.protection, limit_profile),
    *_own(joint.joint_exchange, joint.joint_registration, joint.joint_request),
    (joint.joint_certificate, _joint_bodies),
    _gone_in(signing.method_change_key, "change_id", _changes),
    _gone_in(signing.method_change, "credential_id", _credentials),
    _gone_in(signing.signing_session, "kid", _kids),
    _gone_in(signing.signing_request, "kid", _kids),
    _gone_in(signing.signing_instance, "kid", _kids),
    _gone_in(signing.signing_key, "credential_id", _credentials),
    _gone_in(secret_tries, "credential_id", _credentials),
    _gone_in(methods.passkey_challenge, "credential_id", _credentials),
    _gone_in(methods.passkey, "credential_id", _credentials),
    *_own(methods.second_device_challenge, methods.second_device),
    _gone_in(methods.account_password, "account_id", _accounts),
    (certificate, _bodies),
    (certificate, _prepared),
    (account, _closed),
    _gone_in(one_won, "opening_id", _openings),
    _gone_in(opening_image, "opening_id", _openings),
    *_own(opening, enrolment),
    _gone_in(people.internet_banking_tries, "login_index", _logins),
    *_own(people.internet_banking_id, people.former_phone, people.consent, people.session),
    _gone(people.loss_report, _reports),
    _gone(_customer, _C.id == _WHO),
)
"""In the order in which they are run."""


def erase(tx: Tx, customer_id: str) -> int:
    """Delete and empty everything that the map says; how many rows that were."""
    asked = {"b_who": customer_id}
    return sum(tx.execute(statement, asked).rowcount for _, statement in STATEMENTS)

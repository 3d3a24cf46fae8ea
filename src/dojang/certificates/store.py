"""Every statement on credentials and their certificates."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, or_, select, update

from dojang.certificates import store_status, words
from dojang.certificates.model import (
    LIVING,
    Certificate,
    Credential,
    CredentialId,
    CrlReason,
    EndReason,
    Kind,
    Standing,
    State,
)
from dojang.certificates.store_status import Changed
from dojang.certificates.tables import certificate, credential
from dojang.db import Tx, log_standings
from dojang.db.bulk import Among, InsertMany, UpdateMany
from dojang.db.prepared import Prepared
from dojang.kernel.clock import Instant

_C: Final = credential.c
_X: Final = certificate.c
_SELF: Final = credential.alias()
_CREDENTIAL: Final = select(
    _C.id,
    _C.customer_id,
    _C.subject_id,
    _C.state,
    _C.opened_at,
    _C.issued_at,
    _C.last_used_at,
    _C.ended_at,
    _C.end_reason,
    _C.dormancy_noticed_days,
)
_CERTIFICATE: Final = select(
    _X.serial,
    _X.credential_id,
    _X.kind,
    _X.standing,
    _X.not_before,
    _X.tbs_hash,
    _X.der,
    _X.changed_at,
    _X.reason,
    _X.shard,
)

_by_id: Final = _CREDENTIAL.where(_C.id == bindparam("id"))
_by_id_locked: Final = _by_id.with_for_update()
_by_ids_locked: Final = Among(
    _C.id,
    lambda these: (
        _CREDENTIAL.add_columns(log_standings.last_word(_C.customer_id).label("word"))
        .where(these)
        .order_by(_C.id)
        .with_for_update()
    ),
)
_of_customer: Final = _CREDENTIAL.where(_C.customer_id == bindparam("customer_id")).order_by(_C.id)
_owner: Final = select(_SELF.c.customer_id).where(_SELF.c.id == bindparam("id")).scalar_subquery()
_siblings_locked: Final = Prepared(
    _CREDENTIAL.where(_C.customer_id == _owner).order_by(_C.id).with_for_update()
)
_living: Final = _of_customer.where(_C.state.in_(LIVING))
_owned: Final = _by_id.where(_C.customer_id == bindparam("customer_id"))
_insert: Final = insert(credential)
_change: Final = (
    update(credential)
    .where(_C.id == bindparam("of"))
    .values(
        state=bindparam("state"), ended_at=bindparam("ended_at"), end_reason=bindparam("reason")
    )
)
_activate: Final = Prepared(
    update(credential)
    .where(_C.id == bindparam("of"), _C.state == State.ENROLLING.value)
    .values(
        state=State.ACTIVE.value,
        issued_at=bindparam("at"),
        last_used_at=bindparam("at"),
        assurance=bindparam("assurance"),
    )
)
_used: Final = Prepared(
    update(credential)
    .where(
        _C.id == bindparam("of"),
        or_(*[_C.state == state.value for state in sorted(LIVING)]),
        _C.last_used_at < bindparam("at"),
    )
    .values(last_used_at=bindparam("at"), dormancy_noticed_days=None)
)
_insert_certificates: Final = InsertMany(
    certificate,
    (
        "serial",
        "credential_id",
        "kind",
        "shard",
        "standing",
        "not_before",
        "tbs_hash",
        "changed_at",
    ),
)
_certificates_of: Final = _CERTIFICATE.where(
    _X.credential_id == bindparam("credential_id"),
    _X.standing != Standing.PREPARED,
    _X.der.is_not(None),
).order_by(_X.kind)
_signing: Final = Among(
    _X.credential_id,
    lambda these: select(_X.credential_id, _X.der).where(
        these,
        _X.kind == Kind.SIGN.value,
        _X.standing != Standing.PREPARED.value,
        _X.der.is_not(None),
    ),
)
_certificate: Final = _CERTIFICATE.where(_X.serial == bindparam("serial"))
_issue: Final = UpdateMany(
    certificate,
    ("serial",),
    ("standing", "der", "changed_at"),
    was=("tbs_hash", "credential_id"),
    among=f"certificate.standing = '{Standing.PREPARED}'",
)
_stand: Final = (
    update(certificate)
    .where(
        _X.credential_id == bindparam("owner"),
        _X.standing.in_((Standing.ISSUED, Standing.HELD)),
    )
    .values(standing=bindparam("to"), reason=bindparam("why"), changed_at=bindparam("at"))
    .returning(_X.serial, _X.shard)
)
_abandon: Final = (
    update(certificate)
    .where(_X.serial == bindparam("of"), _X.standing == Standing.PREPARED)
    .values(
        standing=Standing.REVOKED.value,
        reason=int(CrlReason.CESSATION_OF_OPERATION),
        changed_at=bindparam("at"),
    )
    .returning(_X.serial, _X.shard)
)


def by_id(tx: Tx, credential_id: CredentialId) -> Credential | None:
    return _credential(tx.execute(_by_id, {"id": credential_id}).one_or_none())


def by_id_locked(tx: Tx, credential_id: CredentialId) -> Credential | None:
    """The row, held until the transaction ends: for reading before changing."""
    return _credential(tx.execute(_by_id_locked, {"id": credential_id}).one_or_none())


def believed_locked(
    tx: Tx, credential_ids: Collection[CredentialId]
) -> dict[CredentialId, Credential]:
    """The rows, in their order, held until the transaction ends, for moving money.

    A row that says ACTIVE is believed where the last leaf about its customer's certificates says so
    too; else it has the state of that leaf.
    """
    if not credential_ids:
        return {}
    rows = _by_ids_locked(tx.connection, sorted(set(credential_ids)))
    return {CredentialId(row.id): _believed(tx, row) for row in rows}


def sign_certificates(
    tx: Tx, credential_ids: Collection[CredentialId]
) -> dict[CredentialId, bytes]:
    """The DER of each credential's certificate for signing."""
    if not credential_ids:
        return {}
    rows = _signing(tx.connection, sorted(set(credential_ids)))
    return {CredentialId(row.credential_id): row.der for row in rows}


def owned(tx: Tx, credential_id: CredentialId, customer_id: str) -> Credential | None:
    """The credential if it is this customer's."""
    asked = {"id": credential_id, "customer_id": customer_id}
    return _credential(tx.execute(_owned, asked).one_or_none())


def of_customer(tx: Tx, customer_id: str) -> list[Credential]:
    """Every credential the customer ever opened, oldest first."""
    rows = tx.execute(_of_customer, {"customer_id": customer_id})
    return [_filled(row) for row in rows]


def siblings_locked(tx: Tx, credential_id: CredentialId) -> list[Credential]:
    """This credential and all others of its customer, held until the transaction ends."""
    return [_filled(row) for row in _siblings_locked(tx.connection, {"id": credential_id})]


def living(tx: Tx, customer_id: str) -> Credential | None:
    """The customer's one issued and not ended credential."""
    return _credential(tx.execute(_living, {"customer_id": customer_id}).one_or_none())


def add(tx: Tx, opened: Credential) -> None:
    tx.execute(
        _insert,
        {
            "id": opened.id,
            "customer_id": opened.customer_id,
            "subject_id": opened.subject_id,
            "state": opened.state.value,
            "opened_at": opened.opened_at,
        },
    )


def change(
    tx: Tx, credential_id: CredentialId, state: State, ended: EndReason | None = None
) -> None:
    """Move to `state`; with `ended`, the life ends now."""
    tx.execute(
        _change,
        {
            "of": credential_id,
            "state": state.value,
            "ended_at": None if ended is None else tx.now,
            "reason": None if ended is None else ended.value,
        },
    )


def activate(tx: Tx, credential_id: CredentialId, assurance: int) -> bool:
    done = _activate(tx.connection, {"of": credential_id, "at": tx.now, "assurance": assurance})
    return done.rowcount == 1


def used(tx: Tx, credential_id: CredentialId) -> None:
    """Restart the dormancy year. A clock that went back changes nothing."""
    _used(tx.connection, {"of": credential_id, "at": tx.now})


def prepare(tx: Tx, rows: Sequence[Certificate]) -> None:
    """Store the intent to sign: serial and hash of what will be signed."""
    _insert_certificates(
        tx.connection,
        [
            (
                row.serial,
                row.credential_id,
                row.kind.value,
                row.shard,
                row.standing.value,
                row.not_before,
                row.tbs_hash,
                row.changed_at,
            )
            for row in rows
        ],
    )


def issue(tx: Tx, credential_id: CredentialId, made: Sequence[tuple[str, bytes, bytes]]) -> bool:
    """Fill intents with what they announced: (serial, hash of the signed part, certificate).

    False when an intent is missing or announced something else.
    """
    rows = [
        (Standing.ISSUED.value, der, tx.now, serial, tbs_hash, credential_id)
        for serial, tbs_hash, der in made
    ]
    return _issue(tx.connection, rows) == len(rows)


def stand(
    tx: Tx, credential_id: CredentialId, standing: Standing, reason: CrlReason | None
) -> None:
    """Both certificates of the credential together, and what CRL and OCSP say of them."""
    asked = {
        "owner": credential_id,
        "to": standing.value,
        "why": None if reason is None else int(reason),
        "at": tx.now,
    }
    changed = _changed(tx.execute(_stand, asked))
    store_status.record(tx, changed, reason)


def certificates_of(tx: Tx, credential_id: CredentialId) -> list[Certificate]:
    """Those that were issued, `auth` first."""
    rows = tx.execute(_certificates_of, {"credential_id": credential_id})
    return [_certificate_of(row) for row in rows]


def certificate_by_serial(tx: Tx, serial: str) -> Certificate | None:
    row = tx.execute(_certificate, {"serial": serial}).one_or_none()
    return None if row is None else _certificate_of(row)


def abandon(tx: Tx, serial: str) -> None:
    changed = _changed(tx.execute(_abandon, {"of": serial, "at": tx.now}))
    store_status.record(tx, changed, CrlReason.CESSATION_OF_OPERATION)


def _changed(rows: Iterable[Row[Any]]) -> list[Changed]:
    return [Changed(row.serial, row.shard) for row in rows]


def _credential(row: Row[Any] | None) -> Credential | None:
    return None if row is None else _filled(row)


def _filled(row: Row[Any]) -> Credential:
    return Credential(
        id=row.id,
        customer_id=row.customer_id,
        subject_id=row.subject_id,
        state=State(row.state),
        opened_at=Instant(row.opened_at),
        issued_at=row.issued_at,
        last_used_at=row.last_used_at,
        ended_at=row.ended_at,
        end_reason=None if row.end_reason is None else EndReason(row.end_reason),
        dormancy_noticed_days=row.dormancy_noticed_days,
    )


def _believed(tx: Tx, row: Row[Any]) -> Credential:
    """The word was read before the lock was waited for: what it denies is asked once more."""
    found = _filled(row)
    if found.state is not State.ACTIVE or words.state_by(row.word, found.id) is State.ACTIVE:
        return found
    word = log_standings.last_word_of(tx.connection, found.customer_id)
    return replace(found, state=words.state_by(word, found.id))


def _certificate_of(row: Row[Any]) -> Certificate:
    return Certificate(
        serial=row.serial,
        credential_id=row.credential_id,
        kind=Kind(row.kind),
        standing=Standing(row.standing),
        not_before=Instant(row.not_before),
        tbs_hash=row.tbs_hash,
        der=row.der,
        changed_at=Instant(row.changed_at),
        reason=None if row.reason is None else CrlReason(row.reason),
        shard=row.shard,
    )

"""Every statement on account passwords and passkeys, except the tries of split-key secrets."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from dojang.db import Tx
from dojang.kernel.clock import Instant
from dojang.methods.model import Passkey
from dojang.methods.tables import account_password as password
from dojang.methods.tables import passkey, passkey_challenge


@dataclass(frozen=True)
class PasswordRow:
    account_id: str
    customer_id: str
    hash: str
    taken: int
    forgiven: int
    taken_at: Instant
    locked_at: Instant | None


@dataclass(frozen=True)
class ChallengeRow:
    id: str
    credential_id: str
    jkt: str
    purpose: str
    challenge: bytes
    expires_at: Instant


@dataclass(frozen=True)
class PasskeyRow:
    id: str
    credential_id: str
    customer_id: str
    raw_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: Instant
    last_used_at: Instant | None

    def shown(self) -> Passkey:
        return Passkey(
            self.id,
            self.credential_id,
            self.customer_id,
            self.name,
            self.created_at,
            self.last_used_at,
        )


_password: Final = select(*[password.c[f] for f in PasswordRow.__annotations__]).where(
    password.c.account_id == bindparam("account_id")
)
_password_for_update: Final = _password.with_for_update()
_put_password: Final = insert(password)
_replace_hash: Final = (
    update(password).where(password.c.account_id == bindparam("of")).values(hash=bindparam("hash"))
)
_count: Final = (
    update(password)
    .where(password.c.account_id == bindparam("of"))
    .values(
        taken=bindparam("taken"),
        forgiven=bindparam("forgiven"),
        taken_at=bindparam("taken_at"),
        locked_at=bindparam("locked_at"),
    )
)

_passkey_columns: Final = [passkey.c[f] for f in PasskeyRow.__annotations__]
_of_credential: Final = (
    select(*_passkey_columns)
    .where(passkey.c.credential_id == bindparam("credential_id"))
    .order_by(passkey.c.created_at, passkey.c.id)
)
_by_raw_id: Final = (
    select(*_passkey_columns)
    .where(
        passkey.c.credential_id == bindparam("credential_id"),
        passkey.c.raw_id == bindparam("raw_id"),
    )
    .with_for_update()
)
_raw_id_known: Final = select(func.count()).where(passkey.c.raw_id == bindparam("raw_id"))
_used: Final = (
    update(passkey)
    .where(passkey.c.id == bindparam("of"))
    .values(sign_count=bindparam("sign_count"), last_used_at=bindparam("last_used_at"))
)
_remove: Final = delete(passkey).where(
    passkey.c.id == bindparam("of"), passkey.c.credential_id == bindparam("owner")
)
_take_challenge: Final = (
    select(*[passkey_challenge.c[f] for f in ChallengeRow.__annotations__])
    .where(
        passkey_challenge.c.id == bindparam("id"),
        passkey_challenge.c.jkt == bindparam("jkt"),
        passkey_challenge.c.purpose == bindparam("purpose"),
    )
    .with_for_update()
)
_drop_challenge: Final = delete(passkey_challenge).where(passkey_challenge.c.id == bindparam("of"))
_drop_older: Final = delete(passkey_challenge).where(
    passkey_challenge.c.credential_id == bindparam("whose"),
    passkey_challenge.c.jkt == bindparam("by"),
    passkey_challenge.c.purpose == bindparam("what_for"),
)
_drop_late: Final = delete(passkey_challenge).where(
    passkey_challenge.c.expires_at <= bindparam("now")
)


def password_row(tx: Tx, account_id: str) -> PasswordRow | None:
    """The row, locked until the transaction ends."""
    row = tx.execute(_password_for_update, {"account_id": account_id}).one_or_none()
    return None if row is None else PasswordRow(*tuple(row))


def password_seen(tx: Tx, account_id: str) -> PasswordRow | None:
    """The row as it stands, for looking only: a snapshot may not lock."""
    row = tx.execute(_password, {"account_id": account_id}).one_or_none()
    return None if row is None else PasswordRow(*tuple(row))


def put_password(tx: Tx, *, account_id: str, customer_id: str, hashed: str) -> None:
    """A first password, with whole tries. IntegrityError when the account has one."""
    tx.execute(
        _put_password,
        {
            "account_id": account_id,
            "customer_id": customer_id,
            "hash": hashed,
            "taken": 0,
            "forgiven": 0,
            "taken_at": tx.now,
            "locked_at": None,
        },
    )


def replace_hash(tx: Tx, account_id: str, hashed: str) -> None:
    tx.execute(_replace_hash, {"of": account_id, "hash": hashed})


def count(tx: Tx, row: PasswordRow) -> None:
    """Write the counters and the lock of this row."""
    tx.execute(
        _count,
        {
            "of": row.account_id,
            "taken": row.taken,
            "forgiven": row.forgiven,
            "taken_at": row.taken_at,
            "locked_at": row.locked_at,
        },
    )


def passkeys(tx: Tx, credential_id: str) -> list[PasskeyRow]:
    """All passkeys of a certificate, oldest first."""
    rows = tx.execute(_of_credential, {"credential_id": credential_id})
    return [PasskeyRow(*tuple(row)) for row in rows]


def passkey_row(tx: Tx, credential_id: str, raw_id: bytes) -> PasskeyRow | None:
    """One passkey of this certificate, locked until the transaction ends."""
    found = {"credential_id": credential_id, "raw_id": raw_id}
    row = tx.execute(_by_raw_id, found).one_or_none()
    return None if row is None else PasskeyRow(*tuple(row))


def raw_id_known(tx: Tx, raw_id: bytes) -> bool:
    return bool(tx.execute(_raw_id_known, {"raw_id": raw_id}).scalar_one())


def add_passkey(tx: Tx, row: PasskeyRow) -> bool:
    """False when another transaction registered the same authenticator key first."""
    values: dict[str, Any] = {f: getattr(row, f) for f in PasskeyRow.__annotations__}
    try:
        with tx.connection.begin_nested():
            tx.execute(insert(passkey), values)
    except IntegrityError:
        return False
    return True


def passkey_used(tx: Tx, passkey_id: str, sign_count: int) -> None:
    tx.execute(_used, {"of": passkey_id, "sign_count": sign_count, "last_used_at": tx.now})


def remove_passkey(tx: Tx, credential_id: str, passkey_id: str) -> bool:
    """True when it was this certificate's and is gone."""
    return tx.execute(_remove, {"of": passkey_id, "owner": credential_id}).rowcount == 1


def put_challenge(tx: Tx, row: ChallengeRow) -> None:
    """Store a challenge; the one before of the same device and purpose, and all late ones, go."""
    same = {"whose": row.credential_id, "by": row.jkt, "what_for": row.purpose}
    tx.execute(_drop_older, same)
    tx.execute(_drop_late, {"now": tx.now})
    values = {f: getattr(row, f) for f in ChallengeRow.__annotations__}
    tx.execute(insert(passkey_challenge), values)


def take_challenge(tx: Tx, challenge_id: str, *, jkt: str, purpose: str) -> ChallengeRow | None:
    """The challenge given to this device for this purpose; it is gone afterwards."""
    asked = {"id": challenge_id, "jkt": jkt, "purpose": purpose}
    row = tx.execute(_take_challenge, asked).one_or_none()
    if row is None:
        return None
    if tx.execute(_drop_challenge, {"of": challenge_id}).rowcount != 1:
        return None
    return ChallengeRow(*tuple(row))

"""Budgets of the split-key secrets: consumed before the server evaluates anything (PROTOCOL 3).

A budget belongs to (credential, secret), whatever key, channel or process asks, and only the
secret that was proved gets its own back: else a thief who saw the pattern would alternate four
PIN guesses with one pattern login without end.
"""

from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from dojang import policy
from dojang.db import Tx
from dojang.db.prepared import Prepared
from dojang.methods.tables_tries import secret_tries

_c = secret_tries.c
_of = (_c.credential_id == bindparam("of"), _c.secret == bindparam("which"))

_forget: Final = delete(secret_tries).where(*_of)
_forget_all: Final = delete(secret_tries).where(_c.credential_id == bindparam("of"))
_begin: Final = insert(secret_tries)
_consume: Final = Prepared(
    update(secret_tries)
    .where(*_of, _c.remaining > 0)
    .values(remaining=_c.remaining - 1)
    .returning(_c.remaining)
)
_restore: Final = Prepared(update(secret_tries).where(*_of).values(remaining=_c.allowed))
_left: Final = Prepared(select(_c.remaining).where(*_of))


def start(tx: Tx, credential_id: str, secret: str) -> None:
    """A whole budget by the policy in force, also where an older one was spent.

    Raises ValueError for a secret that has no budget.
    """
    rules = policy.current(tx).tries
    allowed = {"pin": rules.pin, "pattern": rules.pattern}.get(secret)
    if allowed is None:
        raise ValueError("only the PIN and the pattern have budgets here")
    tx.execute(_forget, {"of": credential_id, "which": secret})
    tx.execute(
        _begin,
        {
            "credential_id": credential_id,
            "secret": secret,
            "remaining": allowed,
            "allowed": allowed,
        },
    )


def consume(tx: Tx, credential_id: str, secret: str) -> int | None:
    """What is left after this try; None when the budget was spent, and then nothing happened."""
    found = _consume(tx.connection, {"of": credential_id, "which": secret}).scalar()
    return None if found is None else int(found)


def restore(tx: Tx, credential_id: str, secret: str) -> None:
    """The whole budget again, after this very secret was proved."""
    _restore(tx.connection, {"of": credential_id, "which": secret})


def left(tx: Tx, credential_id: str, secret: str) -> int:
    """What is left; 0 for a budget that was never started."""
    return _left(tx.connection, {"of": credential_id, "which": secret}).scalar() or 0


def forget(tx: Tx, credential_id: str) -> None:
    """Delete all budgets of a credential that is over."""
    tx.execute(_forget_all, {"of": credential_id})

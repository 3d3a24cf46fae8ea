"""What an audit reads: the rows that leaves speak of, page by page. Only SELECTs."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, tuple_

from dojang.certificates.tables import certificate
from dojang.db import Tx
from dojang.db.log import Leaf, log_head, log_opening, read
from dojang.ledger.tables import account, hold, posting, transfer
from dojang.policy.tables import policy_version

PAGE: Final = 2_000
_T: Final = transfer.c
_P: Final = posting.c
_A: Final = account.c
_H: Final = hold.c
_X: Final = certificate.c
_IDS: Final[Any] = bindparam("ids", expanding=True)

_transfers: Final = select(transfer).where(_T.id.in_(_IDS))
_postings: Final = select(posting).where(_P.transfer_id.in_(_IDS)).order_by(_P.amount)
_holds: Final = select(hold).where(_H.id.in_(_IDS))
_owners: Final = select(_A.id, _A.customer_id, _A.number, _A.day_cap).where(_A.id.in_(_IDS))
_certificates: Final = select(_X.serial, _X.credential_id, _X.der).where(_X.serial.in_(_IDS))
_lines: Final = (
    select(_P.account_id, _P.version, _P.amount, _P.balance_after, _P.transfer_id, _T.log_idx)
    .join_from(posting, transfer, _T.id == _P.transfer_id)
    .order_by(_P.account_id, _P.version)
    .limit(PAGE)
)
_lines_after: Final = _lines.where(
    tuple_(_P.account_id, _P.version) > tuple_(bindparam("account"), bindparam("version"))
)
_accounts: Final = (
    select(_A.id, _A.customer_id, _A.posted, _A.held, _A.floor, _A.version)
    .where(_A.id > bindparam("after"))
    .order_by(_A.id)
    .limit(PAGE)
)
_held: Final = (
    select(_H.debit, func.sum(_H.amount).label("held"))
    .where(_H.debit.in_(_IDS), _H.state == "open")
    .group_by(_H.debit)
)
_all_transfers: Final = (
    select(_T.id, _T.log_idx).where(_T.id > bindparam("after")).order_by(_T.id).limit(PAGE)
)


def head(tx: Tx) -> tuple[int, bytes]:
    """Size and chain of the log, as its head row says."""
    row = tx.execute(select(log_head.c.size, log_head.c.head)).one()
    return row.size, row.head


def leaf_pages(tx: Tx) -> Iterator[list[Leaf]]:
    after = 0
    while page := read(tx.connection, after, PAGE):
        yield page
        after = page[-1].idx + 1


def transfers(tx: Tx, ids: Sequence[str]) -> dict[str, Row[Any]]:
    return _by(tx, _transfers, ids, "id")


def postings(tx: Tx, ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """Of each transfer, what went out first."""
    found: dict[str, list[Row[Any]]] = {}
    for row in tx.execute(_postings, {"ids": list(ids)}) if ids else ():
        found.setdefault(row.transfer_id, []).append(row)
    return found


def holds(tx: Tx, ids: Sequence[str]) -> dict[str, Row[Any]]:
    return _by(tx, _holds, ids, "id")


def owners(tx: Tx, ids: Sequence[str]) -> dict[str, Row[Any]]:
    return _by(tx, _owners, ids, "id")


def certificates(tx: Tx, serials: Sequence[str]) -> dict[str, Row[Any]]:
    return _by(tx, _certificates, serials, "serial")


def lines(tx: Tx) -> Iterator[Row[Any]]:
    """Every posting with the place of its leaf, account by account, by version."""
    page = tx.execute(_lines).all()
    while page:
        yield from page
        last = {"account": page[-1].account_id, "version": page[-1].version}
        page = tx.execute(_lines_after, last).all()


def accounts(tx: Tx) -> Iterator[tuple[Row[Any], int]]:
    """Every account, and what its open holds hold."""
    after = ""
    while page := tx.execute(_accounts, {"after": after}).all():
        rows = tx.execute(_held, {"ids": [row.id for row in page]})
        held = {row.debit: int(row.held) for row in rows}
        for row in page:
            yield row, held.get(row.id, 0)
        after = page[-1].id


def all_transfers(tx: Tx) -> Iterator[Row[Any]]:
    after = ""
    while page := tx.execute(_all_transfers, {"after": after}).all():
        yield from page
        after = page[-1].id


def counts(tx: Tx) -> dict[str, int]:
    """How many rows there are of what leaves account for."""
    asked = {
        "transfer": select(func.count()).select_from(transfer),
        "posting": select(func.count()).select_from(posting),
        "hold": select(func.count()).select_from(hold),
        "account": select(func.count()).where(_A.customer_id.is_not(None)),
        "certificate": select(func.count()).where(_X.der.is_not(None)),
        "policy version": select(func.count()).select_from(policy_version),
    }
    return {name: int(tx.execute(query).scalar_one()) for name, query in asked.items()}


def there(tx: Tx) -> dict[str, int]:
    """Of what the log commits to."""
    accounts = tx.execute(select(func.count()).where(_A.customer_id.is_not(None))).scalar_one()
    policies = tx.execute(select(func.count()).select_from(policy_version)).scalar_one()
    return {"account": int(accounts), "policy version": int(policies)}


def salts(tx: Tx, idxs: Sequence[int], field: str) -> dict[int, bytes]:
    """The salts of this field of these leaves, those that there are."""
    asked = select(log_opening.c.idx, log_opening.c.salt).where(
        log_opening.c.idx.in_(list(idxs)), log_opening.c.field == field
    )
    return {row.idx: row.salt for row in tx.execute(asked)} if idxs else {}


def policies(tx: Tx) -> dict[int, Row[Any]]:
    return {row.version: row for row in tx.execute(select(policy_version))}


def _by(tx: Tx, query: Any, ids: Sequence[str], name: str) -> dict[str, Row[Any]]:
    rows = tx.execute(query, {"ids": list(ids)}) if ids else ()
    return {getattr(row, name): row for row in rows}

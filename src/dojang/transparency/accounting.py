"""Do the bank's rows say what the leaves say? One page of leaves at a time, pure over what it read.

A leaf of the ledger has exactly one row in `transfer`, and that row's figures are the leaf's; one
that moved money has exactly two postings. A leaf that gave out certificates has them, byte for
byte. What is left over when all leaves are accounted for has no leaf: it was put there by hand.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row

from dojang.db import Tx
from dojang.db.log import Personal
from dojang.transparency import audit_store as store
from dojang.transparency import capped, erased
from dojang.transparency.leaves import (
    ADOPTED,
    DIGESTED,
    ERASED,
    HELD,
    ISSUED,
    LEDGER,
    NUMBERED,
    OPENED,
    POSTED,
    REFUSED,
    REJECTED,
    RELEASED,
    Fields,
    Found,
)

_COMMITTED: Final = (
    ("account", "account.committed", "account numbers: adopted before digests were kept"),
    ("account", "cap.committed", "caps of accounts: opened before the log told of caps"),
    ("policy version", "policy version.committed", "policies: adopted before digests were kept"),
)
"""What there is of, what of it was compared, and what is said of the others."""


def page(tx: Tx, leaves: Sequence[Fields], seen: Counter[str]) -> Iterator[Found]:
    """Compare the rows that these leaves speak of; counts what they account for in `seen`."""
    ours = [leaf for leaf in leaves if leaf["kind"] in LEDGER]
    yield from _ledger(tx, ours, seen)
    yield from _opened(tx, [leaf for leaf in leaves if leaf["kind"] == OPENED], seen)
    yield from erased.salts(tx, leaves)
    yield from _numbered(tx, [leaf for leaf in leaves if "number" in leaf], seen)
    yield from capped.unlike(tx, leaves)
    yield from _policies(tx, [one for one in leaves if one["kind"] in {ADOPTED, DIGESTED}], seen)
    yield from _issued(tx, [leaf for leaf in leaves if leaf["kind"] in ISSUED], seen)
    yield from erased.said(tx, [leaf for leaf in leaves if leaf["kind"] == ERASED])


def balances(tx: Tx) -> Iterator[Found]:
    """Replay every account from its postings; the last one is the balance."""
    lines = store.lines(tx)
    line = next(lines, None)
    for row, held in store.accounts(tx):
        posted, version, last = 0, 0, -1
        while line is not None and line.account_id == row.id:
            version, posted = version + 1, posted + line.amount
            if line.version != version or line.log_idx <= last:
                yield line.log_idx, f"account {row.id}: posting {line.version} is out of its place"
            if line.balance_after != posted:
                yield line.log_idx, f"account {row.id}: the balance after posting {version} differs"
                posted = line.balance_after
            if row.customer_id is not None and posted < 0:
                yield line.log_idx, f"account {row.id}: it is below 0 after posting {version}"
            version, last = line.version, max(last, line.log_idx)
            line = next(lines, None)
        if (row.posted, row.version) != (posted, version):
            yield last, f"account {row.id}: its balance is not that of its last posting"
        if row.customer_id is not None and row.posted < row.held:
            yield last, f"account {row.id}: more is held than is there"
        if row.customer_id is not None and row.floor != 0:
            yield last, f"account {row.id}: somebody gave it another floor than 0"
        if row.held != held:
            yield last, f"account {row.id}: what is held is not what its open holds hold"


def left_over(tx: Tx, seen: Counter[str], leaf_of: Callable[[int], Fields]) -> Iterator[Found]:
    """Rows without a leaf. `leaf_of` is the event at a place of the log."""
    there = store.counts(tx)
    for name, count in there.items():
        if count != seen[name]:
            yield -1, f"{count} rows of {name}, and leaves for {seen[name]}"
    if there["transfer"] > seen["transfer"]:
        for row in store.all_transfers(tx):
            if leaf_of(row.log_idx).get("transfer_id") != row.id:
                yield row.log_idx, f"transfer {row.id} has no leaf"


def _ledger(tx: Tx, leaves: Sequence[Fields], seen: Counter[str]) -> Iterator[Found]:
    ids = [leaf["transfer_id"] for leaf in leaves]
    rows, lines = store.transfers(tx, ids), store.postings(tx, ids)
    made = [leaf["transfer_id"] for leaf in leaves if leaf["kind"] == HELD]
    ended = [leaf["hold"] for leaf in leaves if leaf["kind"] in {POSTED, RELEASED} and leaf["hold"]]
    holds = store.holds(tx, [*made, *ended])
    for leaf in leaves:
        row = rows.get(leaf["transfer_id"])
        if row is None:
            yield leaf["idx"], f"transfer {leaf['transfer_id']} is gone"
            continue
        seen["transfer"] += 1
        yield from _row(leaf, row)
        if leaf["kind"] == POSTED:
            seen["posting"] += 2
            yield from _moved(leaf, row, lines.get(row.id, []))
        if leaf["kind"] == HELD:
            seen["hold"] += 1
        yield from _hold(leaf, holds)


def _row(leaf: Fields, row: Row[Any]) -> Iterator[Found]:
    """The transfer row against its leaf, column by column."""
    for column, said in _expected(leaf).items():
        if getattr(row, column) != said:
            yield leaf["idx"], f"transfer {row.id}: {column} is not what was logged"


def _expected(leaf: Fields) -> dict[str, Any]:
    said = {
        "log_idx": leaf["idx"],
        "created_at": leaf["at"],
        "subject": leaf["subject"],
        "amount": leaf["amount"],
        "kst_day": leaf["kst_day"],
        "status": "rejected" if leaf["kind"] in {REJECTED, REFUSED} else "ok",
        "reason": leaf.get("reason"),
    }
    said |= {name: leaf[name] for name in ("debit", "credit", "expires_at") if name in leaf}
    if leaf["kind"] == POSTED:
        said["kind"] = "post" if leaf["hold"] else "transfer"
    if leaf["kind"] == HELD:
        said["kind"] = "hold"
    if "how" in leaf:
        said["kind"] = leaf["how"]
    if "hold" in leaf:
        said["ref"] = leaf["hold"] or None
    if leaf["kind"] in {POSTED, HELD} and not leaf.get("hold"):
        said["auth_id"] = leaf["authorization"] or None
    return said


def _moved(leaf: Fields, row: Row[Any], lines: Sequence[Row[Any]]) -> Iterator[Found]:
    """Two postings: out of the debited account, into the credited one, as the leaf says."""
    found = [(line.account_id, line.version, line.amount) for line in lines]
    out = (leaf["debit"], row.dv, -leaf["amount"])
    into = (leaf["credit"], row.cv, leaf["amount"])
    if found != [out, into]:
        yield leaf["idx"], f"transfer {row.id}: its postings are not what was logged"


def _hold(leaf: Fields, holds: Mapping[str, Row[Any]]) -> Iterator[Found]:
    """A hold's row against the leaf that made it, or the one that resolved it."""
    if leaf["kind"] == HELD:
        row = holds.get(leaf["transfer_id"])
        facts = row and (row.debit, row.amount, row.expires_at)
        if facts != (leaf["debit"], leaf["amount"], leaf["expires_at"]):
            yield leaf["idx"], f"hold {leaf['transfer_id']} is not what was logged"
    elif leaf["kind"] in {POSTED, RELEASED} and leaf["hold"]:
        row = holds.get(leaf["hold"])
        ends = {"void": "voided", "expire": "expired"}
        state = "posted" if leaf["kind"] == POSTED else ends[leaf["how"]]
        if row is None or (row.state, row.resolved_by) != (state, leaf["transfer_id"]):
            yield leaf["idx"], f"hold {leaf['hold']} was not resolved as was logged"


def _opened(tx: Tx, leaves: Sequence[Fields], seen: Counter[str]) -> Iterator[Found]:
    owners = store.owners(tx, [leaf["account_id"] for leaf in leaves])
    for leaf in leaves:
        row = owners.get(leaf["account_id"])
        seen["account"] += row is not None
        seen["cap.committed"] += row is not None and "day_cap" in leaf
        if row is None or row.customer_id != leaf["subject"]:
            yield leaf["idx"], f"account {leaf['account_id']} is not its owner's"


def uncompared(tx: Tx, seen: Counter[str]) -> Iterator[str]:
    """What no leaf commits to, in words: rows of before the log kept digests of them."""
    there = store.there(tx)
    for name, committed, what in _COMMITTED:
        count = there[name] - seen[committed]
        if count > 0:
            yield f"{count} {what}, not compared"


def _numbered(tx: Tx, leaves: Sequence[Fields], seen: Counter[str]) -> Iterator[Found]:
    """Each account has the number that its leaf commits to. A salt that is gone: `erased`."""
    mine = [leaf for leaf in leaves if leaf["kind"] in {OPENED, NUMBERED}]
    owners = store.owners(tx, [leaf["account_id"] for leaf in mine])
    salts = store.salts(tx, [leaf["idx"] for leaf in mine], "number")
    for leaf in mine:
        row, salt = owners.get(leaf["account_id"]), salts.get(leaf["idx"])
        seen["account.committed"] += row is not None
        if salt is None:
            continue
        if row is None or Personal(row.number or "", salt).commitment != leaf["number"]:
            yield leaf["idx"], f"account {leaf['account_id']}: its number is not the one logged"


def _policies(tx: Tx, leaves: Sequence[Fields], seen: Counter[str]) -> Iterator[Found]:
    rows = store.policies(tx) if leaves else {}
    for leaf in leaves:
        row = rows.get(leaf["version"])
        seen["policy version"] += leaf["kind"] == ADOPTED and row is not None
        if row is None:
            yield leaf["idx"], f"policy {leaf['version']} is gone"
            continue
        facts = {"profile": row.profile, "effective_at": row.effective_at}
        facts["digest"] = hashlib.sha256(row.body).digest()
        seen["policy version.committed"] += "digest" in leaf
        if any(leaf.get(name, value) != value for name, value in facts.items()):
            yield leaf["idx"], f"policy {row.version} is not the one that was logged"


def _issued(tx: Tx, leaves: Sequence[Fields], seen: Counter[str]) -> Iterator[Found]:
    serials = [leaf[f"{kind}_serial"] for leaf in leaves for kind in ("auth", "sign")]
    rows = store.certificates(tx, serials)
    gone = erased.since(tx, [leaf["subject"] for leaf in leaves])
    for leaf in leaves:
        for kind in ("auth", "sign"):
            row = rows.get(leaf[f"{kind}_serial"])
            seen["certificate"] += row is not None
            emptied = row is not None and row.der == b"" and leaf["subject"] in gone
            if row is None or not (emptied or _same_certificate(leaf, kind, row)):
                yield leaf["idx"], f"the {kind} certificate is not the one that was logged"


def _same_certificate(leaf: Fields, kind: str, row: Row[Any]) -> bool:
    print_ = hashlib.sha256(row.der or b"").digest()
    said = (leaf["credential_id"], leaf[f"{kind}_fingerprint"])
    return (row.credential_id, print_) == said

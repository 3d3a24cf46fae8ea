"""Issued joint certificates are the log's leaves, both ways, as `transparency.issued` has it.

The CA's own are among them, where the CA is this house's.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

from dojang.db import Database, Tx, log
from dojang.db.log import Leaf
from dojang.joint import store, store_authority
from dojang.joint.events import JointAuthorityCertified, JointIssued
from dojang.joint.store import Issued
from dojang.transparency import erased
from dojang.transparency.issued import Checked, Mismatch

PAGE: Final = 500


def cross_check(db: Database) -> Checked:
    """Both passes in one snapshot, with memory of one page."""
    with db.snapshot() as tx:
        leaves = certificates = 0
        wrong: list[Mismatch] = []
        for page in log.pages_of(tx.connection, JointIssued.kind, PAGE):
            leaves += len(page)
            wrong += _leaves(tx, page)
        for rows in store.every_issued(tx, PAGE):
            certificates += len(rows)
            wrong += _rows(tx, rows)
        own = store_authority.every(tx)
        told = log.of_kind(tx.connection, JointAuthorityCertified.kind, subject="")
        said = {(leaf.fields()["serial"], leaf.fields()["fingerprint"]) for leaf in told}
        wrong += [
            Mismatch(-1, str(one.serial), f"a certificate of the joint CA ({one.role}) not logged")
            for one in own
            if (one.serial, _print(one.der)) not in said
        ]
    return Checked(leaves + len(told), certificates + len(own), tuple(wrong))


def _leaves(tx: Tx, page: Sequence[Leaf]) -> Iterator[Mismatch]:
    rows = store.issued_as(tx, [str(leaf.fields()["certificate_id"]) for leaf in page])
    gone = erased.since(tx, [leaf.subject for leaf in page])
    for leaf in page:
        said = leaf.fields()
        found = rows.get(said["certificate_id"])
        if found is None:
            yield Mismatch(leaf.idx, str(said["serial"]), "the leaf's certificate is not there")
        elif found.der == b"" and leaf.subject in gone:
            continue
        elif (found.serial, _print(found.der)) != (said["serial"], said["fingerprint"]):
            yield Mismatch(leaf.idx, str(said["serial"]), "the certificate is not the leaf's")


def _rows(tx: Tx, rows: Sequence[Issued]) -> Iterator[Mismatch]:
    customers = sorted({one.customer_id for one in rows})
    leaves = log.of_kind_among(tx.connection, JointIssued.kind, customers)
    said = {(leaf.fields()["serial"], leaf.fields()["fingerprint"]) for leaf in leaves}
    for one in rows:
        if one.der and (one.serial, _print(one.der)) not in said:
            yield Mismatch(-1, str(one.serial), "a joint certificate without a leaf")


def _print(der: bytes) -> bytes:
    return hashlib.sha256(der).digest()

"""Certificates of the house's own that were prepared, and of which nothing is known to have become.

The leaf `authority.prepared` is the intent: durable before the key is touched. A crash behind it
may have left a signature, so the next start says of it that it was abandoned, when it is older
than anybody takes to sign. Customers' certificates have rows for this (`jobs.sweep_unfinished`).
"""

from dojang import policy
from dojang.certificates.events import AuthorityAbandoned, AuthorityCertified, AuthorityPrepared
from dojang.db import Tx, log
from dojang.db.log import Leaf
from dojang.kernel.clock import SECOND


def prepared(tx: Tx, role: str, serial: str, tbs_hash: bytes) -> None:
    """Say what will be signed, before it is."""
    tx.emit(AuthorityPrepared(subject="", role=role, serial=serial, tbs_hash=tbs_hash))


def abandoned(tx: Tx, role: str, serial: str) -> None:
    """Say that nobody will use it."""
    tx.emit(AuthorityAbandoned(subject="", role=role, serial=serial))


def open_intents(tx: Tx) -> list[Leaf]:
    """The leaves of intents of which no other leaf says what became."""
    ended = {
        leaf.fields()["serial"]
        for event in (AuthorityCertified, AuthorityAbandoned)
        for leaf in log.of_kind(tx.connection, event.kind, subject="")
    }
    began = log.of_kind(tx.connection, AuthorityPrepared.kind, subject="")
    return [leaf for leaf in began if leaf.fields()["serial"] not in ended]


def give_up(tx: Tx) -> int:
    """Record as abandoned what is older than a key's enrolment may take. Returns how many."""
    found = open_intents(tx)
    if not found:
        return 0
    before = tx.now - policy.current(tx).life.key_enrolment_seconds * SECOND
    old = [leaf.fields() for leaf in found if leaf.at <= before]
    for said in old:
        abandoned(tx, said["role"], said["serial"])
    return len(old)

"""Was every won that left a customer's account signed for by that customer? Asked of a whole past.

Whoever may write rows can write a transfer that fits: the row, both postings, both balances and a
leaf, over which the bank then signs its next head. What they cannot write is the signature of the
customer under exactly that transfer, for which the phone's share and the server's are needed. So
the audit asks for it, transfer by transfer, with keys from certificates of our own CA.

Money that comes in has no such signature: `bank:cash_in` stands on the word of the bank's systems.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from dojang.certificates.model import State as CertificateState
from dojang.certificates.words import GIVEN, state_after
from dojang.customers import store as people
from dojang.db import Tx, log, log_standings
from dojang.ledger.committer import INTERBANK
from dojang.transfers import store
from dojang.transfers.model import FEE, Order, evidence
from dojang.transfers.verifying import Signed, Verifying, with_signers
from dojang.transparency import audit_store, erased
from dojang.transparency.leaves import HELD, POSTED, STOPPED, WAITS, Fields, Found, read


class _Word(NamedTuple):
    """A leaf about a certificate."""

    idx: int
    credential_id: str
    state: CertificateState


class Proving:
    """Looks at the leaves of a page that took money from customers."""

    def __init__(self, signed_by_ca: Callable[[bytes], bool], own_code: str) -> None:
        """`signed_by_ca`: is this certificate of an issuing CA of ours? `own_code`: the bank's."""
        self._verifying = Verifying(signed_by_ca)
        self._own_code = own_code

    def __call__(self, tx: Tx, leaves: Sequence[Fields]) -> Iterator[Found]:
        out = [leaf for leaf in leaves if leaf["kind"] in {POSTED, HELD}]
        yield from _of_holds(tx, [leaf for leaf in out if leaf.get("hold")])
        yield from self._signed(tx, [leaf for leaf in out if not leaf.get("hold")])
        yield from _named(tx, [leaf for leaf in leaves if leaf["kind"] in GIVEN])

    def _signed(self, tx: Tx, leaves: Sequence[Fields]) -> Iterator[Found]:
        sides = audit_store.owners(
            tx, [leaf[one] for leaf in leaves for one in ("debit", "credit")]
        )
        taken = [leaf for leaf in leaves if _owner(sides, leaf) is not None]
        orders = store.by_ids(tx, [leaf["transfer_id"] for leaf in taken])
        asked = {one.order.id: one for one in with_signers(tx, [*orders.values()])}
        gone = erased.since(tx, [one.customer_id for one in sides.values() if one.customer_id])
        words = _words(tx, {leaf["subject"] for leaf in taken})
        signed: list[tuple[Fields, Signed]] = []
        for leaf in taken:
            if _owner(sides, leaf) == leaf["subject"] and _erased(leaf["subject"], leaf, gone):
                continue
            order = orders.get(leaf["transfer_id"])
            wrong = (
                _wrong(leaf, order, sides)
                or self._elsewhere(leaf, order, sides, gone)
                or _stopped(leaf, order, words)
            )
            if wrong is None:
                signed.append((leaf, asked[leaf["transfer_id"]]))
            else:
                yield leaf["idx"], f"transfer {leaf['transfer_id']}: {wrong}"
        held = self._verifying.hold([one for _, one in signed])
        for (leaf, _), holds in zip(signed, held, strict=True):
            if not holds:
                yield leaf["idx"], f"transfer {leaf['transfer_id']}: its payer did not sign it"

    def _elsewhere(
        self,
        leaf: Fields,
        order: Order | None,
        sides: Mapping[str, Row[Any]],
        gone: Mapping[str, int],
    ) -> str | None:
        """Whether it went to the bank and the account that were signed.

        Whoever was paid and erased since has no number any more.
        """
        credit, own = sides.get(leaf["credit"]), order and order.payee_bank == self._own_code
        if own and credit is not None:
            known = order is not None and credit.number == order.payee_account
            right = known or _erased(credit.customer_id, leaf, gone)
        else:
            right = not own and leaf["credit"] == INTERBANK
        return None if right else "it went to another account than was signed"


def _erased(customer_id: str | None, leaf: Fields, gone: Mapping[str, int]) -> bool:
    """Since this leaf: what it speaks of need not be there any more."""
    return customer_id is not None and leaf["idx"] < gone.get(customer_id, -1)


def _owner(sides: Mapping[str, Row[Any]], leaf: Fields) -> str | None:
    """The customer from whom it was taken; None where it was the bank's own money."""
    side = sides.get(leaf["debit"])
    owner: str | None = None if side is None else side.customer_id
    return owner


def _wrong(leaf: Fields, order: Order | None, sides: Mapping[str, Row[Any]]) -> str | None:
    """Why this leaf is not what the order's bytes say, as far as that is seen without a key."""
    if _owner(sides, leaf) != leaf["subject"]:
        return "another than the owner of the account sent it"
    if order is None or order.signature is None or order.customer_id != leaf["subject"]:
        return "no order of its payer stands behind it"
    same = (
        order.amount == leaf["amount"]
        and order.request_id == leaf["authorization"]
        and evidence(order.message, order.signature) == leaf.get("evidence")
    )
    if not same or order.fee != FEE or order.rebuilt() != order.message:
        return "its order does not say what was logged"
    if sides[leaf["debit"]].number != order.from_account:
        return "it left another account than was signed"
    return "its time was over" if leaf["at"] >= order.expires_at else None


def _stopped(leaf: Fields, order: Order | None, words: Mapping[str, Sequence[_Word]]) -> str | None:
    """The certificate must have been good when the money was taken or set aside."""
    before = [one for one in words.get(leaf["subject"], ()) if one.idx < leaf["idx"]]
    good = (
        bool(before)
        and order is not None
        and before[-1].state is CertificateState.ACTIVE
        and before[-1].credential_id == order.credential_id
    )
    return None if good else "its payer's certificate was not in use then, by the log"


def _words(tx: Tx, subjects: set[str]) -> dict[str, list[_Word]]:
    found: dict[str, list[_Word]] = {}
    for leaf in log_standings.of_subjects(tx.connection, sorted(subjects)):
        said = read(leaf.body)
        if said is not None:  # else the audit names that leaf
            word = _Word(leaf.idx, said["credential_id"], state_after(said))
            found.setdefault(leaf.subject, []).append(word)
    return found


def _of_holds(tx: Tx, leaves: Sequence[Fields]) -> Iterator[Found]:
    """What posts a hold sends no more than was set aside, from and to where that was signed; not
    before its time, and not once it was stopped.
    """
    rows = audit_store.transfers(tx, [leaf["hold"] for leaf in leaves])
    subjects = sorted({leaf["subject"] for leaf in leaves})
    due = {one["transfer_id"]: one["due_at"] for one in _told(tx, WAITS, subjects)}
    stopped = {one["transfer_id"]: one["idx"] for one in _told(tx, STOPPED, subjects)}
    for leaf in leaves:
        if leaf["at"] < due.get(leaf["hold"], leaf["at"]):
            yield leaf["idx"], f"transfer {leaf['transfer_id']}: it was sent before its time"
        if stopped.get(leaf["hold"], leaf["idx"]) < leaf["idx"]:
            yield leaf["idx"], f"transfer {leaf['transfer_id']}: it had been stopped"
        row = rows.get(leaf["hold"])
        fits = (
            row is not None
            and (row.kind, row.status) == ("hold", "ok")
            and (row.subject, row.debit, row.credit)
            == (leaf["subject"], leaf["debit"], leaf["credit"])
            and row.amount >= leaf["amount"]
        )
        if not fits:
            yield leaf["idx"], f"transfer {leaf['transfer_id']} is not what its hold set aside"


def _told(tx: Tx, kind: str, subjects: Sequence[str]) -> list[dict[str, Any]]:
    leaves = log.of_kind_among(tx.connection, kind, subjects) if subjects else []
    said = [read(leaf.body) for leaf in leaves]
    return [one for one in said if one is not None]


def _named(tx: Tx, leaves: Sequence[Fields]) -> Iterator[Found]:
    """A certificate names whom the bank knows by that name, or one would sign for another."""
    subjects = [leaf["subject"] for leaf in leaves]
    known, gone = people.known_as(tx, subjects), erased.since(tx, subjects)
    for leaf in leaves:
        owner = known.get(leaf["subject"])
        same = owner is not None and owner.subject_id == leaf.get("subject_id")
        if not same and not _erased(leaf["subject"], leaf, gone):
            yield leaf["idx"], f"customer {leaf['subject']} is known by another subject id"

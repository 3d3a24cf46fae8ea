"""Issued serial numbers are the log's leaves, both ways: what was signed and not said, and back.

Two passes with memory of one page: every leaf that gave out certificates has them, byte for byte;
every certificate has such a leaf of its owner. A certificate that lies in neither was made past
this bank with its key, and is found when somebody shows it: `met`.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from dojang.certificates import store_authority, unfinished
from dojang.certificates import store_register as register
from dojang.certificates.certifying import spki_in
from dojang.certificates.model import Standing
from dojang.certificates.profiles import ISSUING, ROOT, serial_text
from dojang.certificates.roots import Roots, crossed
from dojang.certificates.store_authority import AuthorityRow
from dojang.certificates.store_register import Entry
from dojang.db import Database, Tx, log
from dojang.db.log import Leaf
from dojang.transparency import erased, standings

PAGE: Final = 500
KINDS: Final = ("auth", "sign")
CAS: Final = ("root", "issuing")

Told = Callable[[str, int, int], None]
"""(what is looked at, how far, of how many)."""


@dataclass(frozen=True)
class Mismatch:
    """`index` is the leaf's, -1 where there is none; `serial` the certificate's."""

    index: int
    serial: str
    says: str


@dataclass(frozen=True)
class Checked:
    leaves: int
    certificates: int
    mismatches: tuple[Mismatch, ...]
    by_generation: Mapping[int, int] = field(default_factory=dict)
    """Customers' certificates by the generation of the issuing CA that gave them out."""
    roots: int = 0
    crosses: int = 0
    """Certificates of one root for the key of another."""


def cross_check(db: Database, *, told: Told) -> Checked:
    """Both passes in one snapshot."""
    with db.snapshot() as tx:
        counts = register.counts(tx)
        of = sum(counts.values())
        leaves = 0
        wrong: list[Mismatch] = []
        for page in log.issue_pages(tx.connection, PAGE):
            leaves += len(page)
            wrong += _leaves(tx, page)
            told("leaves", leaves, max(leaves, of // len(KINDS)))
        by_generation: Counter[int] = Counter()
        names = _names(tx)
        for entries in register.every(tx, size=PAGE):
            by_generation.update(one.generation for one in entries if one.der is not None)
            wrong += _rows(tx, entries)
            wrong += _issuers(entries, names)
            told("certificates", by_generation.total(), of)
        offices = register.offices(tx)
        wrong += _offices(tx, offices)
        wrong += _unkept(tx, offices)
        wrong += _intents(tx)
        rows = store_authority.cas(tx)
        wrong += _cas(rows)
        wrong += [Mismatch(*one) for one in standings.unlike(tx)]
    return Checked(
        leaves,
        by_generation.total() + len(offices),
        tuple(wrong),
        by_generation,
        sum(row.role == ROOT.name for row in rows),
        sum(crossed(row.role) is not None for row in rows),
    )


def met(db: Database, certificate: x509.Certificate) -> Mismatch | None:
    """What is wrong with a certificate that was met outside; None where the log knows it."""
    der = certificate.public_bytes(Encoding.DER)
    serial = serial_text(certificate.serial_number)
    with db.snapshot() as tx:
        offices = register.offices(tx)
        if not any(_signed(certificate, one) for role, _, one in offices if role in CAS):
            return Mismatch(-1, serial, "not signed by a CA of ours")
        entries = [
            replace(one, der=der)
            for one in register.beginning(tx, serial, size=1)
            if one.der == der or (one.der == b"" and erased.since(tx, [one.customer_id]))
        ]
        if entries:
            return next(iter(_rows(tx, entries)), None)
        own = [one for one in offices if one[2] == der]
        if own:
            return next(iter(_offices(tx, own)), None)
    return Mismatch(-1, serial, "signed by our CA, and neither stored nor logged")


def _signed(certificate: x509.Certificate, ca: bytes) -> bool:
    try:
        certificate.verify_directly_issued_by(x509.load_der_x509_certificate(ca))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _leaves(tx: Tx, page: Sequence[Leaf]) -> Iterator[Mismatch]:
    """Each leaf's pair of certificates."""
    said = [(leaf, cbor2.loads(leaf.body)) for leaf in page]
    serials = [event.get(f"{kind}_serial", "") for _, event in said for kind in KINDS]
    rows = register.ders(tx, serials)
    gone = erased.since(tx, [leaf.subject for leaf in page])
    for leaf, event in said:
        for kind in KINDS:
            serial = event.get(f"{kind}_serial", "")
            found = rows.get(serial)
            if found is None:
                yield Mismatch(leaf.idx, serial, f"the leaf's {kind} certificate is not there")
            elif found == b"" and leaf.subject in gone:
                continue
            elif _print(found) != event.get(f"{kind}_fingerprint"):
                yield Mismatch(leaf.idx, serial, f"the {kind} certificate is not the leaf's")


def _rows(tx: Tx, entries: Sequence[Entry]) -> Iterator[Mismatch]:
    """Each certificate's leaf, among those of its customer."""
    signed = [one for one in entries if one.der]
    told = _fingerprints(tx, {one.customer_id for one in signed})
    for one in signed:
        if (one.serial, _print(one.der or b"")) not in told:
            yield Mismatch(-1, one.serial, f"a certificate ({one.kind.value}) without a leaf")
    for one in entries:
        if one.der is None and one.standing not in {Standing.PREPARED, Standing.REVOKED}:
            yield Mismatch(-1, one.serial, "counted as issued, and no certificate is there")


def _names(tx: Tx) -> dict[int, bytes]:
    """The issuing CA's name in each generation."""
    rows = store_authority.of_roles(tx, [ISSUING.name])
    return {
        row.number: x509.load_der_x509_certificate(row.der).subject.public_bytes() for row in rows
    }


def _issuers(entries: Sequence[Entry], names: Mapping[int, bytes]) -> Iterator[Mismatch]:
    """Each certificate is of the generation whose lists and responder its row names."""
    for one in entries:
        if not one.der:
            continue
        name = x509.load_der_x509_certificate(one.der).issuer.public_bytes()
        if names.get(one.generation) != name:
            yield Mismatch(
                -1, one.serial, f"not issued by generation {one.generation}, as it is kept"
            )


def _offices(tx: Tx, offices: Sequence[tuple[str, str, bytes]]) -> Iterator[Mismatch]:
    """The house's own: each was logged when it was made."""
    told = {(said["serial"], said["fingerprint"]) for _, said in _certified(tx)}
    for role, serial, der in offices:
        if (serial, _print(der)) not in told:
            yield Mismatch(-1, serial, f"a certificate of the house ({role}) without a leaf")


def _unkept(tx: Tx, offices: Sequence[tuple[str, str, bytes]]) -> Iterator[Mismatch]:
    """And the other way round: each that was logged is there."""
    kept = {(serial, _print(der)) for _, serial, der in offices}
    for index, said in _certified(tx):
        if (said["serial"], said["fingerprint"]) not in kept:
            words = f"the leaf's certificate of the house ({said['role']}) is not there"
            yield Mismatch(index, said["serial"], words)


def _certified(tx: Tx) -> list[tuple[int, dict[str, Any]]]:
    leaves = log.of_kind(tx.connection, "authority.certified", subject="")
    return [(leaf.idx, cbor2.loads(leaf.body)) for leaf in leaves]


def _cas(rows: Sequence[AuthorityRow]) -> Iterator[Mismatch]:
    """Each root signed itself, each CA and each cross certificate is of the root that it names."""
    roots = Roots.of(rows)
    for row in rows:
        pair, made = crossed(row.role), x509.load_der_x509_certificate(row.der)
        try:
            by = roots.over(made) if pair is None else roots.numbered(pair[1])
            of = None if pair is None else roots.numbered(pair[0])
        except LookupError:
            yield Mismatch(-1, row.serial, f"{row.role} {row.number} is of no root of ours")
            continue
        if not by.signed(made) or (row.role == ROOT.name and by.number != row.number):
            yield Mismatch(-1, row.serial, f"root {by.number} did not sign {row.role} {row.number}")
        elif of is not None and (of.name, spki_in(of.certificate)) != _named(made):
            yield Mismatch(-1, row.serial, f"{row.role} is for another than root {of.number}")


def _named(certificate: x509.Certificate) -> tuple[bytes, bytes]:
    return certificate.subject.public_bytes(), spki_in(certificate)


def _intents(tx: Tx) -> Iterator[Mismatch]:
    """Of the house's own: begun, and neither made nor given up."""
    for leaf in unfinished.open_intents(tx):
        said = leaf.fields()
        yield Mismatch(leaf.idx, said["serial"], f"prepared ({said['role']}), then nothing")


def _fingerprints(tx: Tx, customers: set[str]) -> set[tuple[Any, Any]]:
    events = [cbor2.loads(one.body) for one in log.issues_of(tx.connection, sorted(customers))]
    return {
        (event.get(f"{kind}_serial"), event.get(f"{kind}_fingerprint"))
        for event in events
        for kind in KINDS
    }


def _print(der: bytes) -> bytes:
    return hashlib.sha256(der).digest()

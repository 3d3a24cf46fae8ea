"""Issued joint certificates and the log's leaves: each without the other is named."""

import pytest
from sqlalchemy import update
from tests.service.joint.test_rows import row

from dojang.joint import auditing, store
from dojang.joint.events import JointIssued
from dojang.joint.tables import joint_certificate

DER = b"a certificate"


def issue(tx, certificate_id: str, serial: int, *, logged: bool = True) -> None:
    store.prepare(tx, row(certificate_id, tx.now, customer=certificate_id))
    store.issue(tx, certificate_id, serial, DER)
    if logged:
        leaf(tx, certificate_id, serial)


def leaf(tx, certificate_id: str, serial: int) -> None:
    tx.emit(
        JointIssued(
            subject=certificate_id,
            certificate_id=certificate_id,
            op="issue",
            serial=serial,
            fingerprint=auditing._print(DER),
            not_after=tx.now,
            replaces="",
            request_id="r",
        )
    )


@pytest.fixture
def three(db):
    """Pages of two make it two pages."""
    with db.transaction() as tx:
        for number in (1, 2, 3):
            issue(tx, f"c{number}", number)
    return db


def said(db) -> list[tuple[bool, str]]:
    found = auditing.cross_check(db).mismatches
    return [(one.index >= 0, one.serial) for one in found]


def test_rows_and_leaves_agree_over_pages(three, monkeypatch):
    monkeypatch.setattr(auditing, "PAGE", 2)

    result = auditing.cross_check(three)

    assert (result.leaves, result.certificates, result.mismatches) == (3, 3, ())


def test_a_certificate_without_a_leaf_is_named(three):
    with three.transaction() as tx:
        issue(tx, "c4", 4, logged=False)

    assert said(three) == [(False, "4")]


def test_a_leaf_without_its_certificate_is_named(three):
    with three.transaction() as tx:
        leaf(tx, "c5", 5)

    assert said(three) == [(True, "5")]


def test_exchanged_bytes_and_another_serial_are_named_from_both_sides(three):
    for change in ({"der": b"another"}, {"der": DER, "serial": 9}):
        with three.transaction() as tx:
            tx.execute(
                update(joint_certificate).where(joint_certificate.c.id == "c2").values(**change)
            )
        number = str(change.get("serial", 2))
        assert said(three) == [(True, "2"), (False, number)]

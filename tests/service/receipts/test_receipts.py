"""Facts about how receipts come to be: once, in time, whatever crashes, races or breaks."""

import threading

import pytest
from sqlalchemy import delete, func, insert, select
from tests.service.receipts.conftest import papers_of
from tests.service.transfers.test_holding import choose, held

from dojang.certificates.model import EndReason
from dojang.certificates.tables import certificate
from dojang.kernel.clock import DAY, HOUR
from dojang.kernel.problem import NotFound, Unavailable
from dojang.receipts import NoReceipt, ReceiptNotReady, store, verifying
from dojang.receipts.tables import receipt
from dojang.timestamps import TimeNotAvailable


def how_many(world) -> int:
    with world.db.snapshot() as tx:
        return tx.execute(select(func.count()).select_from(receipt)).scalar_one()


def holds(content: bytes) -> verifying.Report:
    report = verifying.verify(content)
    assert report.holds, report.broken
    return report


def test_each_signed_transfer_gets_one_receipt_and_a_deposit_none(world, me, receipts):
    sent = [world.posted(me, 1_000 + number).order for number in range(3)]

    assert receipts.catch_up() == 3
    assert receipts.catch_up() == 0
    for order in sent:
        report = holds(receipts.bundle(me.customer.id, order.id))
        assert report.transfer["amount"] == order.amount


def test_asked_before_it_is_made_it_is_not_ready(world, me, receipts):
    order = world.posted(me, 1_000).order

    with pytest.raises(ReceiptNotReady) as refused:
        receipts.bundle(me.customer.id, order.id)

    assert refused.value.fields == {"retry_after_seconds": 1}
    receipts.catch_up()
    assert receipts.bundle(me.customer.id, order.id)


def test_nobody_else_gets_it_and_what_moved_no_money_has_none(world, me, you, receipts):
    order = world.posted(me, 1_000).order
    waiting = world.order(me, 2_000)
    receipts.catch_up()

    with pytest.raises(NotFound):
        receipts.bundle(you.customer.id, order.id)
    with pytest.raises(NotFound):
        receipts.pdf(you.customer.id, order.id, "ko")
    with pytest.raises(NoReceipt):
        receipts.bundle(me.customer.id, waiting.id)


def test_a_crash_before_the_commit_loses_nothing_and_doubles_nothing(
    world, me, receipts, monkeypatch
):
    order = world.posted(me, 1_000).order

    def crash(tx, reached):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(store, "advance", crash)
        with pytest.raises(KeyboardInterrupt):
            receipts.catch_up()
    assert how_many(world) == 0

    assert receipts.catch_up() == 1
    assert how_many(world) == 1
    holds(receipts.bundle(me.customer.id, order.id))


def test_two_processes_at_once_make_one_receipt_with_one_form(world, me, receipts, tmp_path):
    other = papers_of(world, tmp_path, world.faults).receipts
    sent = [world.posted(me, 100 + number).order for number in range(4)]
    made = {}

    def work(name, mine):
        mine.catch_up()
        made[name] = [mine.bundle(me.customer.id, order.id) for order in sent]

    threads = [
        threading.Thread(target=work, args=("one", receipts)),
        threading.Thread(target=work, args=("two", other)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made["one"] == made["two"]
    assert how_many(world) == len(sent)
    assert world.faults == []


def test_a_certificate_revoked_after_the_transfer_does_not_undo_the_receipt(
    world, me, receipts, clock
):
    order = world.posted(me, 1_000).order
    clock.move(2_000_000)
    with world.db.transaction() as tx:
        world.house.lifecycle.revoke(tx, order.credential_id, EndReason.PHONE_LOST)

    receipts.catch_up()

    report = holds(receipts.bundle(me.customer.id, order.id))
    said = next(one.words for one in report.checks if one.name == "status")
    assert "revoked" in said


def test_a_revocation_before_the_signature_breaks_it():
    said = verifying.Said(revoked_at=10_000_000, this_update=20_000_000, next_update=30_000_000)

    with pytest.raises(verifying.Broken):
        verifying._was_good(said, signed_at=12_000_000)
    verifying._was_good(said, signed_at=10_900_000)


def test_a_delayed_transfer_has_its_receipt_when_it_is_sent(world, me, receipts, clock):
    choose(world, me, delay_hours=3)
    order = held(world, me)
    receipts.catch_up()
    with pytest.raises(NoReceipt) as refused:
        receipts.bundle(me.customer.id, order.id)
    assert refused.value.fields == {"state": "pending"}

    clock.move(3 * HOUR)
    world.transfers.holding.settle_due()
    receipts.catch_up()

    report = holds(receipts.bundle(me.customer.id, order.id))
    assert report.transfer["transfer_id"] == order.id


def test_a_leaf_that_breaks_us_holds_up_no_other_and_is_made_when_asked_for(
    world, me, you, receipts, owner
):
    order = world.posted(me, 1_000).order
    with owner.transaction() as tx:
        mine = certificate.c.credential_id == order.credential_id
        rows = [dict(row) for row in tx.execute(select(certificate).where(mine)).mappings()]
        tx.execute(delete(certificate).where(mine))
    world.ledger.deposit(world.house.ids.uuid7(), you.account, 5_000, payer="현금")
    receipts.catch_up()
    assert len(world.faults) == 1

    with world.db.transaction() as tx:
        tx.execute(insert(certificate), rows)
    later = world.posted(me, 2_000).order
    receipts.catch_up()

    holds(receipts.bundle(me.customer.id, later.id))
    holds(receipts.bundle(me.customer.id, order.id))


def test_while_no_time_can_be_had_receipts_wait_and_then_come(world, me, receipts, clock):
    earlier = world.posted(me, 1_000).order
    receipts.catch_up()
    receipts.bundle(me.customer.id, earlier.id)
    order = world.posted(me, 2_000).order
    clock.move(-HOUR)

    assert receipts.catch_up() == 0
    assert [type(fault) for fault in world.faults] == [TimeNotAvailable]
    with pytest.raises(ReceiptNotReady):
        receipts.bundle(me.customer.id, order.id)
    with pytest.raises(Unavailable):
        receipts.pdf(me.customer.id, earlier.id, "ko")
    clock.move(HOUR)
    receipts.catch_up()

    holds(receipts.bundle(me.customer.id, order.id))


def test_a_receipt_is_read_back_after_years_and_new_certificates(
    world, me, receipts, clock, tmp_path
):
    order = world.posted(me, 1_000).order
    receipts.catch_up()
    clock.move(6 * 365 * DAY)

    later = papers_of(world, tmp_path, world.faults).receipts
    first = later.bundle(me.customer.id, order.id)

    holds(first)
    assert receipts.bundle(me.customer.id, order.id) == first

"""Evidence that was collected long after its transfer: it holds, says so, and proves no more."""

import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import update
from tests.service.receipts.test_receipts import holds
from typer.testing import CliRunner

from dojang import cli
from dojang.certificates import checking
from dojang.certificates.model import EndReason
from dojang.certificates.tables import certificate
from dojang.documents import verifying as documents
from dojang.kernel.clock import DAY, HOUR, SECOND, instant
from dojang.receipts import model, verifying
from dojang.receipts.collecting import issuer_of

LATE = 25 * HOUR
SAID = "collected 25 hours after the transfer"


def late(world, me, receipts, clock, waits=LATE):
    """The receipt of an order whose collector was away; and the order."""
    order = world.posted(me, 1_000).order
    clock.move(waits)
    receipts.catch_up()
    return receipts.bundle(me.customer.id, order.id), order


def words(report, name: str) -> str:
    return next(one.words for one in report.checks if one.name == name)


def test_a_receipt_whose_collector_was_away_for_a_day_holds_and_says_so(world, me, receipts, clock):
    content, _ = late(world, me, receipts, clock)

    report = holds(content)

    assert SAID in words(report, "time_stamp")
    assert "whose own time rests on the log" in words(report, "time_stamp")
    assert report.collected_after_seconds == 25 * 3_600


def test_one_that_was_collected_at_once_says_nothing_of_it(world, me, receipts, clock):
    content, _ = late(world, me, receipts, clock, waits=59 * 60 * SECOND)

    report = holds(content)

    assert "collected" not in words(report, "time_stamp")
    assert report.collected_after_seconds == 59 * 60


def test_the_command_says_it_in_words_and_in_json(world, me, receipts, clock, tmp_path):
    content, _ = late(world, me, receipts, clock)
    file = tmp_path / "receipt.json"
    file.write_bytes(content)

    told = CliRunner().invoke(cli.app, ["receipt", "verify", str(file)])
    plain = CliRunner().invoke(cli.app, ["receipt", "verify", str(file), "--json"])

    assert (told.exit_code, plain.exit_code) == (0, 0)
    assert SAID in told.stdout
    assert json.loads(plain.stdout)["collected_after_seconds"] == 25 * 3_600


@pytest.mark.parametrize(("locale", "said"), [("en", SAID), ("ko", "이체 25시간 뒤에 수집")])
def test_the_pdf_says_it_too(world, me, receipts, clock, locale, said):
    from dojang.receipts import picture

    content, _ = late(world, me, receipts, clock)
    shown = dict(picture.proof(model.parse(content), locale))

    assert any(said in value for value in shown.values())
    at_once = replace(model.parse(content).evidence, posted_at=clock.now())
    prompt = replace(model.parse(content), evidence=at_once)
    assert not any(said in value for value in dict(picture.proof(prompt, locale)).values())


def test_a_late_pdf_holds_with_the_same_bundle_inside(world, me, receipts, clock):
    content, order = late(world, me, receipts, clock)

    pdf = receipts.pdf(me.customer.id, order.id, "en")

    holds(pdf)
    assert documents.attachments(pdf) == {"evidence.json": content}


def test_a_phone_lost_meanwhile_does_not_undo_it(world, me, receipts, clock):
    order = world.posted(me, 1_000).order
    clock.move(2 * HOUR)
    with world.db.transaction() as tx:
        world.house.lifecycle.revoke(tx, order.credential_id, EndReason.PHONE_LOST)
    clock.move(LATE)
    receipts.catch_up()

    report = holds(receipts.bundle(me.customer.id, order.id))

    assert "revoked" in words(report, "status")


def test_a_certificate_that_ended_before_the_order_breaks_it_however_late(
    world, me, receipts, clock, owner
):
    order = world.posted(me, 1_000).order
    with world.db.transaction() as tx:
        world.house.lifecycle.revoke(tx, order.credential_id, EndReason.PHONE_LOST)
    with owner.transaction() as tx:
        mine = certificate.c.credential_id == order.credential_id
        earlier = certificate.c.changed_at - 60 * SECOND
        tx.execute(update(certificate).where(mine).values(changed_at=earlier))
    clock.move(LATE)
    receipts.catch_up()

    report = verifying.verify(receipts.bundle(me.customer.id, order.id))

    assert report.broken.name == "outcome"
    assert "revoked before the order was authorised" in report.broken.words


def made_again(world, papers, content: bytes, **claims) -> bytes:
    """The bank itself stamps and seals evidence that claims something else."""
    old = model.parse(content)
    evidence = replace(old.evidence, **claims)
    by = issuer_of(world.authority, evidence.certificate)
    token = papers.time_stamps.token(hashlib.sha256(evidence.canonical()).digest(), by)
    given = papers.documents.seal(lambda at: model.to_seal(evidence, token, old.log, at), by)
    seal = model.Seal(given.certificate, given.signature)
    return model.Bundle(evidence, token, old.log, given.at, seal).encode()


def test_a_time_that_the_log_does_not_say_breaks_it_however_late(world, me, papers, clock):
    clock.move(DAY)
    content, _ = late(world, me, papers.receipts, clock)
    earlier = model.parse(content).evidence.posted_at - 2 * HOUR

    report = verifying.verify(made_again(world, papers, content, posted_at=earlier))

    assert report.broken.name == "outcome"
    assert "the time" in report.broken.words


def test_a_stamp_from_before_the_transfer_breaks_it(world, me, papers, clock):
    content, _ = late(world, me, papers.receipts, clock)

    report = verifying.verify(made_again(world, papers, content, posted_at=clock.now() + HOUR))

    assert report.broken.name == "time_stamp"
    assert "before the transfer" in report.broken.words


def sealed_when(world, papers, clock, content: bytes, back: int) -> bytes:
    """The same evidence, stamp and log, under a seal of so long ago."""
    old = model.parse(content)
    by = issuer_of(world.authority, old.evidence.certificate)
    clock.move(-back)
    given = papers.documents.seal(
        lambda at: model.to_seal(old.evidence, old.time_stamp, old.log, at), by
    )
    clock.move(back)
    seal = model.Seal(given.certificate, given.signature)
    return model.Bundle(old.evidence, old.time_stamp, old.log, given.at, seal).encode()


@pytest.mark.parametrize("back", [2 * SECOND, LATE - SECOND])
def test_a_seal_that_is_older_than_the_stamp_it_covers_breaks_it(world, me, papers, clock, back):
    content, _ = late(world, me, papers.receipts, clock)

    report = verifying.verify(sealed_when(world, papers, clock, content, back))

    assert report.broken.name == "seal"
    assert "before the time-stamp" in report.broken.words


def test_clocks_that_differ_by_a_second_break_no_seal(world, me, papers, clock):
    content, _ = late(world, me, papers.receipts, clock)

    holds(sealed_when(world, papers, clock, content, SECOND))


def test_an_answer_of_another_time_than_the_stamp_breaks_it(world, me, papers, clock):
    """The status of the transfer's day does not make late evidence: it is of the stamp's moment."""
    content, _ = late(world, me, papers.receipts, clock)
    clock.move(2 * HOUR)

    report = verifying.verify(made_again(world, papers, content))

    assert report.broken.name == "status"
    assert "of another time" in report.broken.words


def test_a_stamp_from_after_the_chain_s_own_end_breaks_it(world, me, papers, clock):
    content, _ = late(world, me, papers.receipts, clock)
    evidence = model.parse(content).evidence
    ends = checking.read(evidence.chain[0]).not_valid_after_utc
    clock.move(instant(ends) - clock.now() + DAY)

    report = verifying.verify(made_again(world, papers, content))

    assert report.broken.name == "time_stamp"
    assert "not valid at that time" in report.broken.words

"""Becoming somebody else: steps, tokens, numbers and evidence of different people mixed."""

import pytest
from tests.api.house import Raw, send

from dojang.crypto import dkg, frost
from dojang.crypto.encoding import b64u
from dojang.crypto.messages import KeyKind
from dojang.gateways.twins import SampleSubscriber
from dojang.journey.issuing import claim_of, evidence_of
from dojang.journey.world import HANEUL, MINYONG, PATTERN, SEOYEON
from dojang.kernel.clock import HOUR
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import Problem
from dojang.kernel.secret import Secret
from dojang.notifications import texts
from dojang.phone.application import Claim
from dojang.phone.http import Refused
from dojang.signing import keys

NEW_NUMBER = "01055550123"


@pytest.fixture(autouse=True)
def _fresh_hour(house):
    house.clock.move(25 * HOUR)


@pytest.fixture
def thief(house, request):
    return house.new_phone("thief-" + request.node.name[:60].replace("/", "_"))


def code(answer_or_call):
    with pytest.raises(Refused) as refused:
        answer_or_call()
    return refused.value.code


def banked(phone, person):
    application = phone.apply()
    application.internet_banking(*evidence_of(person)[:2])
    return application


def inbox(house, number):
    return [one.text for one in house.sms.inbox(PhoneNumber(number))]


def test_one_s_own_banking_does_not_carry_another_s_identity(house, thief):
    application = banked(thief, SEOYEON)

    assert code(lambda: application.identity(claim_of(MINYONG))) == "identity_mismatch"


def test_another_s_identity_does_not_carry_one_s_own_banking(house, thief):
    application = thief.apply()
    application.identity(claim_of(MINYONG))
    application.sms_code(house.handset(MINYONG).code())
    assert application.step == "internet_banking_required"

    found = code(lambda: application.internet_banking(*evidence_of(SEOYEON)[:2]))

    assert found == "wrong_internet_banking"
    assert code(lambda: application.account_password("x", "5837")) == "wrong_step"


def test_a_code_asked_for_oneself_confirms_nobody_else(house, thief):
    application = thief.apply()
    application.identity(claim_of(HANEUL))
    own = house.handset(HANEUL).code()
    house.clock.move(61 * 1_000_000)
    application.identity(claim_of(MINYONG))

    assert code(lambda: application.sms_code(own)) == "wrong_code"


def test_a_code_of_one_journey_is_nothing_in_another(house, thief, minyong):
    first = banked(thief, SEOYEON)
    first.identity()
    sent = house.handset(SEOYEON).code()
    other = house.new_phone("other")
    second = banked(other, SEOYEON)
    house.clock.move(61 * 1_000_000)
    second.identity()
    mine = house.handset(SEOYEON).code()

    assert code(lambda: second.sms_code(sent)) == "wrong_code"
    assert code(lambda: first.sms_code(mine)) == "wrong_code"


def test_a_journey_s_token_is_nothing_on_another_phone(house, thief):
    application = banked(thief, SEOYEON)
    other = house.new_phone("reader of tokens")
    other.line.token = application.token

    for method, path, body in [
        ("GET", "/v1/enrolments/current", b""),
        ("POST", "/v1/enrolments/current/identity", b"{}"),
        ("POST", "/v1/enrolments/current/finish", b"{}"),
        ("GET", "/v1/me", b""),
    ]:
        answer = send(other.line, Raw(method, path, body))
        assert answer.code in {"enrolment_over", "not_signed_in"}


def test_an_account_of_somebody_else_is_no_evidence(house, thief, minyong):
    minyong.login(MINYONG.pin)
    theirs = minyong.accounts()[0]["id"]
    application = banked(thief, SEOYEON)
    application.identity()
    application.sms_code(house.handset(SEOYEON).code())

    found = code(lambda: application.account_password(theirs, MINYONG.accounts[0].password))

    assert found == "not_found"
    assert application.step == "account_password"


def test_no_step_is_skipped(house, thief):
    application = banked(thief, SEOYEON)
    here = "/v1/enrolments/current"
    account = {"account_id": "x", "password": "8264"}
    assert thief.line.post(f"{here}/sms-code", {"code": "000000"}).code == "wrong_step"
    assert thief.line.post(f"{here}/account-password", account).code == "wrong_step"
    assert thief.line.post(f"{here}/finish", {}).code == "wrong_step"
    assert code(lambda: thief.make_keys("280461", PATTERN)) == "wrong_step"
    assert application.state["pin_rules"] is None


def test_a_key_of_another_journey_takes_no_shares(house, thief):
    """E2 for a kid that was begun under another token."""
    one, two = house.new_phone("one"), house.new_phone("two")
    for phone in (one, two):
        application = banked(phone, SEOYEON)
        application.identity()
        application.sms_code(house.handset(SEOYEON).code())
        own = application.state["accounts"][0]["id"]
        application.account_password(own, SEOYEON.accounts[0].password)
        house.clock.move(61 * 1_000_000)
    one.make_keys(SEOYEON.pin, PATTERN)
    kid = next(iter(one.store.read().enrolling.values())).kid

    body = {"share": b64u(bytes(32)), "blinded": {"pin": b64u(bytes(32))}}
    answer = two.line.post(f"/v1/enrolments/current/keys/{b64u(kid)}/shares", body)

    assert answer.code == "not_found"


def test_a_guess_at_the_code_is_one_of_five(house, thief):
    application = banked(thief, SEOYEON)
    application.identity()
    right = house.handset(SEOYEON).code()
    wrong = "000000" if right != "000000" else "000001"

    found = [code(lambda: application.sms_code(wrong)) for _ in range(6)]

    assert found == ["wrong_code"] * 5 + ["code_spent"]
    assert code(lambda: application.sms_code(right)) == "code_spent"


def test_who_takes_over_with_a_number_of_their_own_is_heard_by_the_owner(house, thief):
    """A line opened in the victim's name: the old number, not only the new one, is told."""
    house.issue(SEOYEON)
    outside = house.sms._outside
    outside.subscribe(
        SampleSubscriber(
            carrier="nuri",
            name=SEOYEON.name,
            resident_number=Secret(SEOYEON.resident_number),
            phone=PhoneNumber(NEW_NUMBER),
            sim_changed_at=None,
        )
    )
    house.move_clock(3_600)
    before = len(inbox(house, SEOYEON.phone))
    application = banked(thief, SEOYEON)
    application.identity(Claim("nuri", SEOYEON.name, SEOYEON.resident_number, NEW_NUMBER))
    sent = [t for t in inbox(house, NEW_NUMBER) if "인증번호" in t][-1]
    application.sms_code("".join(c for c in sent if c.isdigit())[-6:])
    own = application.state["accounts"][0]["id"]
    application.account_password(own, SEOYEON.accounts[0].password)
    thief.make_keys(SEOYEON.pin, PATTERN)
    thief.finish(application)
    house.bank.notifier.catch_up()

    told = inbox(house, SEOYEON.phone)[before:]
    assert len(told) == 1
    assert "다른 번호로 바뀌었습니다" in told[0]
    assert any("재발급" in text for text in inbox(house, NEW_NUMBER))
    house.clock.move(8 * 24 * HOUR)
    house.bank.run_due_jobs()
    with house.bank.db.snapshot() as tx:
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM former_phone").scalar() == 0


@pytest.mark.parametrize("words", [texts.FORMER.ko, texts.FORMER.en])
def test_what_the_old_number_is_told_fits_one_message(words):
    name = "[도장은행]" if words == texts.FORMER.ko else "[Dojang Bank] "
    assert texts.sms_bytes(name + words.format(hotline="1599-0000")) <= texts.SMS_BYTES_MAX


def test_who_is_new_does_not_list_the_ids_of_others(house, thief):
    application = thief.apply()
    application.identity(claim_of(HANEUL))
    application.sms_code(house.handset(HANEUL).code())
    wanted = {
        "password": "Baram+gureum9",
        "name": HANEUL.name,
        "account_password": "4071",
        "login_id": MINYONG.login_id,
    }

    found = [code(lambda: application.internet_banking_enrolment(**wanted)) for _ in range(22)]

    assert found == ["login_id_taken"] * 20 + ["too_many_from_here"] * 2


def test_no_key_is_begun_for_a_certificate_that_was_issued(house, thief, minyong):
    """A request of the journey that was on its way while it was finished: tries must not return."""
    minyong.login(MINYONG.pin)
    credential = minyong.certificate()
    known = house.bank
    with known.db.snapshot() as tx:
        kid = minyong.kid(KeyKind.AUTH)
        own = next(k for k in keys.of_credential(tx, credential["id"]) if k.kid == kid)
    _line, offer = dkg.begin(frost.PHONE, house.entropy.bytes(192))
    with pytest.raises(Problem) as refused:
        known.signing.begin_key(
            credential_id=credential["id"],
            customer_id=own.customer_id,
            jkt=own.jkt,
            kind=KeyKind.AUTH,
            secrets=["pin", "pattern"],
            subject=("김민용", credential["subject_id"]),
            c0=offer.c0,
            c1=offer.c1,
            proof=offer.proof,
        )
    assert refused.value.code == "key_out_of_turn"

"""Issue and reissue from the first screen to the last."""

import pytest
from cryptography import x509
from sqlalchemy import select
from tests.service.enrolment.conftest import HANEUL, MINYONG, SEOYEON, Phone
from tests.service.enrolment.steps import (
    finish,
    identify,
    issue,
    join,
    prove_banking,
    show_account,
    to_keys,
    to_keys_as_new,
    type_code,
)

from dojang.crypto.messages import KeyKind
from dojang.customers import Agreed, store
from dojang.customers.problems import (
    IdentityMismatch,
    LoginIdTaken,
    TermsNotAgreed,
    WrongCode,
    WrongInternetBanking,
)
from dojang.db import schema
from dojang.enrolment import Step
from dojang.enrolment import store as journeys_store
from dojang.enrolment.model import (
    EnrolmentOver,
    KeysNotProved,
    NameMismatch,
    SimRecentlyChanged,
    WrongStep,
)
from dojang.gateways.twins.people import ci_of
from dojang.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import Malformed, NotFound
from dojang.kernel.secret import Secret
from dojang.methods.model import WeakAccountPassword, WrongAccountPassword


def test_an_existing_customer_types_only_the_code_and_an_account_password(house, phone):
    begun = phone.begin()
    assert (begun.step, begun.person, begun.kind) == ("identify", "unknown", "unknown")
    proved = prove_banking(house, phone)
    assert (proved.prefilled.name, proved.prefilled.phone) == ("김*용", "010-****-1357")
    sent = identify(house, phone)
    assert (sent.step, sent.sms.phone, sent.sms.tries_left) == ("sms_code", "010-****-1357", 5)
    coded = type_code(house, phone, MINYONG.phone)
    assert [(a.name, a.number[:3]) for a in coded.accounts] == [("생활비", "110")]
    keys = show_account(house, phone)
    assert (keys.step, keys.pin_rules.birth_date) == ("keys", "19850315")
    phone.make_keys()
    done = finish(house, phone)

    assert (done.state.step, done.state.kind, done.credential.state) == ("done", "issue", "ACTIVE")
    assert [state for _, state in house.credentials()] == ["ACTIVE"]
    names = [_subject(der) for der in done.certificates.values()]
    assert names == [("김민용", done.credential.subject_id)] * 2
    assert len(done.chain) == 2


def test_the_bank_speaks_the_language_one_applied_in(house, phone):
    issue(house, phone)
    before = _locale_of_minyong(house)
    again = Phone(house)
    to_keys(house, again, locale="en")
    again.make_keys()

    finish(house, again)

    assert (before, _locale_of_minyong(house)) == ("ko", "en")


def _locale_of_minyong(house):
    with house.db.snapshot() as tx:
        return house.customers.by_ci(tx, ci_of(Secret(MINYONG.number))).locale


def test_a_first_time_customer_gets_banking_an_account_and_a_certificate(house, phone):
    phone.begin()
    identify(house, phone, HANEUL)
    assert type_code(house, phone, HANEUL.phone).person == "first_time"
    assert join(house, phone).step == "keys"
    phone.make_keys()
    done = finish(house, phone)

    assert (done.state.kind, done.credential.state) == ("issue", "ACTIVE")
    other = Phone(house)
    other.begin()
    assert prove_banking(house, other, HANEUL).person == "existing"
    identify(house, other)
    (account,) = type_code(house, other, HANEUL.phone).accounts
    house.accounts[HANEUL.name] = account.id
    assert show_account(house, other, HANEUL).step == "keys"


def test_a_reissue_ends_the_old_certificate_and_keeps_the_subject_id(house, phone, clock):
    first = issue(house, phone)
    clock.move(DAY)
    new = Phone(house)
    assert to_keys(house, new).kind == "reissue"
    assert [state for _, state in house.credentials()] == ["ACTIVE", "ENROLLING"]
    new.make_keys()
    second = finish(house, new)

    assert second.credential.subject_id == first.credential.subject_id
    assert sorted(state for _, state in house.credentials()) == ["ACTIVE", "REVOKED"]
    assert house.kinds().count("certificate.reissued") == 1


def test_finishing_again_gives_the_same_answer(house, phone):
    first = issue(house, phone)
    logged = len(house.kinds())

    again = finish(house, phone)

    assert again == first
    assert len(house.kinds()) == logged


def test_a_reloaded_page_goes_on_where_it_was(house, phone, clock):
    state = to_keys(house, phone)
    clock.move(MINUTE)

    assert house.enrolments.journeys.current(phone.bearer) == state


def test_the_token_is_worth_nothing_on_another_phone(house, phone):
    phone.begin()
    other = Phone(house)
    other.bearer = type(phone.bearer)(phone.bearer.token, other.jkt)

    with pytest.raises(EnrolmentOver):
        house.enrolments.journeys.current(other.bearer)
    with pytest.raises(EnrolmentOver):
        identify(house, other, HANEUL)


def test_an_hour_ends_a_journey(house, phone, clock):
    to_keys(house, phone)
    phone.make_keys()
    clock.move(HOUR)

    with pytest.raises(EnrolmentOver):
        finish(house, phone)
    assert "ACTIVE" not in [state for _, state in house.credentials()]


def test_nothing_begins_without_the_required_terms(house, phone):
    with pytest.raises(TermsNotAgreed):
        phone.begin([Agreed("service", 1)])


def test_what_was_agreed_is_kept_with_version_and_time(house, phone, clock):
    began = clock.now()
    to_keys(house, phone)
    clock.move(MINUTE)
    phone.make_keys()
    with house.db.snapshot() as tx:
        customer = house.customers.by_ci(tx, house.enrolments.journeys.confirmed(_row(tx)).ci)
    finish(house, phone)

    with house.db.snapshot() as tx:
        kept = store.consents_of(tx, customer.id)
    assert kept == [(code, 1, began) for code in sorted(one.code for one in house.terms.all())]
    assert "terms.agreed" in house.kinds()


def test_a_known_person_without_proof_of_banking_must_prove_it(house, phone):
    house.move_in(SEOYEON)
    phone.begin()
    assert identify(house, phone, MINYONG).person == "unknown"
    required = type_code(house, phone, MINYONG.phone)
    assert (required.step, required.person) == ("internet_banking_required", "existing")
    with pytest.raises(WrongStep):
        show_account(house, phone)
    with pytest.raises(WrongStep):
        join(house, phone, MINYONG, login_id="another_one")
    with pytest.raises(WrongInternetBanking):
        prove_banking(house, phone, SEOYEON)
    assert prove_banking(house, phone, MINYONG).step == "account_password"
    show_account(house, phone)
    phone.make_keys()

    assert finish(house, phone).credential.state == "ACTIVE"


def test_banking_of_one_person_and_identity_of_another_do_not_go_together(house, phone):
    house.move_in(SEOYEON)
    phone.begin()
    prove_banking(house, phone, MINYONG)

    for someone in (SEOYEON, HANEUL):
        with pytest.raises(IdentityMismatch):
            identify(house, phone, someone)
    assert house.sms.inbox(SEOYEON.phone) == []


def test_details_the_operator_does_not_know_send_no_code(house, phone):
    phone.begin()
    wrong = type(HANEUL)("박하늘", "0105073456780", HANEUL.phone, "x")

    with pytest.raises(IdentityMismatch):
        identify(house, phone, wrong)
    with pytest.raises(Malformed):
        identify(house, phone)
    assert house.sms.inbox(HANEUL.phone) == []


def test_a_sim_changed_lately_is_no_evidence_for_a_reissue(house, phone, clock):
    issue(house, phone)
    house.subscribe(MINYONG, sim_changed_at=Instant(clock.now() + MINUTE))
    clock.move(MINUTE + 72 * HOUR - SECOND)
    new = Phone(house)
    new.begin()
    prove_banking(house, new)
    with pytest.raises(SimRecentlyChanged):
        identify(house, new)
    unproved = Phone(house)
    unproved.begin()
    with pytest.raises(SimRecentlyChanged):
        identify(house, unproved, MINYONG)
    clock.move(SECOND)
    new.begin()
    prove_banking(house, new)

    assert identify(house, new).step == "sms_code"


def test_a_sim_changed_lately_is_no_evidence_for_a_first_issue(house, phone, clock):
    """Neither for a customer without a certificate nor for a stranger, who has shown only that."""
    for someone in (MINYONG, HANEUL):
        house.subscribe(someone, sim_changed_at=Instant(clock.now() + MINUTE))
    clock.move(MINUTE + 72 * HOUR - SECOND)
    phone.begin()
    prove_banking(house, phone)
    with pytest.raises(SimRecentlyChanged):
        identify(house, phone)
    stranger = Phone(house)
    stranger.begin()
    with pytest.raises(SimRecentlyChanged):
        identify(house, stranger, HANEUL)
    assert house.sms.inbox(HANEUL.phone) == []
    clock.move(SECOND)

    assert to_keys_as_new(house, stranger).step == "keys"


def test_a_customer_with_a_new_number_proves_it_and_the_bank_keeps_it(house, phone, clock):
    number = PhoneNumber("01055556666")
    house.subscribe(MINYONG, phone=number)
    moved = type(MINYONG)(MINYONG.name, MINYONG.number, number, MINYONG.login_id)
    phone.begin()
    prove_banking(house, phone)
    identify(house, phone, moved)
    type_code(house, phone, number)
    assert show_account(house, phone).pin_rules.phone == number
    phone.make_keys()
    clock.move(MINUTE)
    done = finish(house, phone)

    with house.db.snapshot() as tx:
        customer = house.customers.by_id(tx, done.credential.customer_id)
    assert (customer.phone, customer.phone_since) == (number, clock.now())


def test_the_account_must_be_ones_own_and_its_password_right(house, phone):
    house.move_in(SEOYEON)
    phone.begin()
    prove_banking(house, phone)
    identify(house, phone)
    type_code(house, phone, MINYONG.phone)

    with pytest.raises(NotFound):
        show_account(house, phone, SEOYEON)
    with pytest.raises(WrongAccountPassword) as wrong:
        show_account(house, phone, password="1593")
    assert wrong.value.fields == {"tries_left": 4}


def test_joining_is_all_or_nothing(house, phone):
    phone.begin()
    identify(house, phone, HANEUL)
    type_code(house, phone, HANEUL.phone)
    for refused, changes in (
        (NameMismatch, {"name": "박하눌"}),
        (WeakAccountPassword, {"account_password": Secret("0507")}),
        (WeakAccountPassword, {"account_password": Secret("0975")}),
    ):
        with pytest.raises(refused):
            join(house, phone, **changes)
    with pytest.raises(LoginIdTaken):
        join(house, phone, login_id=MINYONG.login_id)

    assert house.kinds().count("customer.joined") == 1
    assert join(house, phone).step == "keys"


def test_two_journeys_of_one_new_person_make_one_customer(house, phone, clock):
    other = Phone(house)
    for one in (phone, other):
        one.begin()
        identify(house, one, HANEUL)
        type_code(house, one, HANEUL.phone)
        clock.move(MINUTE)
    join(house, phone)

    with pytest.raises(WrongStep) as refused:
        join(house, other, login_id="haneul_too")
    assert refused.value.fields == {"step": "internet_banking_required"}
    assert prove_banking(house, other, HANEUL).step == "account_password"
    assert house.kinds().count("customer.joined") == 2


def test_two_journeys_of_one_customer_leave_one_living_certificate(house, phone, clock):
    other = Phone(house)
    for one in (phone, other):
        to_keys(house, one)
        one.make_keys()
        clock.move(MINUTE)
    finish(house, phone)
    finish(house, other)

    assert sorted(state for _, state in house.credentials()) == ["ACTIVE", "REVOKED"]


def test_wrong_codes_are_remembered_and_a_code_of_another_journey_is_wrong(house, phone, clock):
    other = Phone(house)
    for one in (phone, other):
        one.begin()
        identify(house, one, HANEUL)
    first, second = (m.text for m in house.sms.inbox(HANEUL.phone))
    code = first.split("인증번호 ")[1][:6]
    if code not in second:
        with pytest.raises(WrongCode):
            type_code(house, other, HANEUL.phone, code)
        assert house.enrolments.journeys.current(other.bearer).sms.tries_left == 4
    assert type_code(house, phone, HANEUL.phone, code).person == "first_time"


def test_new_keys_after_the_proofs_must_be_proved_too(house, phone):
    to_keys(house, phone)
    with pytest.raises(KeysNotProved):
        finish(house, phone)
    phone.enrolling.key(KeyKind.AUTH, {"pin": "274915", "pattern": "0-1-2-5"})
    with pytest.raises(KeysNotProved):
        finish(house, phone)
    phone.make_keys()

    assert finish(house, phone).state.step is Step.DONE


def test_the_database_holds_no_number_phone_or_password_of_a_journey(house, phone, raw):
    during = []
    phone.begin()
    identify(house, phone, HANEUL)
    during.append(raw())
    code = house.code(HANEUL.phone)
    type_code(house, phone, HANEUL.phone)
    join(house, phone)
    phone.make_keys()
    finish(house, phone)
    during.append(raw())

    known = (HANEUL.number, HANEUL.phone, HANEUL.password, HANEUL.login_id, phone.bearer.token)
    for secret in (*known, f"\0{HANEUL.account_password}\0", f"\0{code}\0"):
        for dump in during:
            assert secret.encode() not in dump, secret


def test_a_finished_journey_has_forgotten_the_claim(house, phone):
    issue(house, phone)

    with house.db.snapshot() as tx:
        table = schema.metadata.tables["enrolment"]
        assert tx.execute(select(table.c.claim_sealed)).scalars().all() == [None]


def _subject(der):
    subject = x509.load_der_x509_certificate(der).subject
    return tuple(
        subject.get_attributes_for_oid(oid)[0].value
        for oid in (x509.NameOID.COMMON_NAME, x509.NameOID.SERIAL_NUMBER)
    )


def _row(tx):
    return journeys_store._read(tx.execute(select(schema.metadata.tables["enrolment"])).one())

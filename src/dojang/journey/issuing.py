"""MISSION A 1 to 3: terms, identity, second evidence, keys, certificates; reissue."""

from functools import partial
from typing import Any

from dojang.crypto.messages import KeyKind
from dojang.demo import Person
from dojang.journey.evidence import Told
from dojang.journey.lie import prove, refused, same
from dojang.journey.world import (
    GOEUN,
    HANEUL,
    MINYONG,
    PATTERN,
    SEOYEON,
    YUSIM,
    Issued,
    World,
    no_clear_secret,
)
from dojang.kernel import masking
from dojang.phone.application import Application, Claim

UNKNOWN_LOGIN_ID = "nobody-at-all"
WRONG_ACCOUNT_PASSWORD = "1739"  # noqa: S105 - wrong on purpose
WRONG_CODES = ("000000", "999999")
NEW_LOGIN = ("haneul01", "Baram+gureum9", "4071")
"""Login id, password and account password that the first-time person chooses."""
CHOICES: dict[str, tuple[str, str, str]] = {HANEUL.phone: NEW_LOGIN}


def identify(world: World, person: Person, application: Application) -> None:
    """From the beginning to the step where keys are made, without a mistake."""
    if person.login_id is not None or world.issued_to(person):
        login_id, password, account_password = evidence_of(person)
        application.internet_banking(login_id, password)
        application.identity()
        application.sms_code(world.handset(person).code())
        account = application.state["accounts"][0]
        application.account_password(account["id"], account_password)
    else:
        login_id, password, account_password = NEW_LOGIN
        application.identity(claim_of(person))
        application.sms_code(world.handset(person).code())
        application.internet_banking_enrolment(
            login_id=login_id,
            password=password,
            name=person.name,
            account_password=account_password,
        )
    same(application.step, "keys", "the step after all evidence")


def evidence_of(person: Person) -> tuple[str, str, str]:
    if person.phone in CHOICES:
        return CHOICES[person.phone]
    prove(person.login_id and person.password, "this person has internet banking")
    return str(person.login_id), str(person.password), person.accounts[0].password


def claim_of(person: Person) -> Claim:
    return Claim(
        carrier=person.carrier,
        name=person.name,
        resident_number=person.resident_number,
        phone=person.phone,
    )


def issue(world: World, person: Person, *, pin: str | None = None) -> Issued:
    """The whole flow on the person's phone; what was issued, checked from outside."""
    phone = world.phone(person)
    application = phone.apply()
    identify(world, person, application)
    return take_keys(world, person, application, pin or person.pin)


def take_keys(world: World, person: Person, application: Application, pin: str) -> Issued:
    phone = world.phone(person)
    phone.make_keys(pin, PATTERN)
    answer = phone.finish(application)
    same(phone.finish(application), answer, "the same answer to finish, asked again")
    return world.note_issued(person, answer)


def a_bank_starts(world: World) -> str:
    """The CA that was made at first start holds together; its certificates pass openssl."""
    prove(world.authority.root.subject == world.authority.root.issuer, "the root is its own")
    leaves = world.books.chain()
    postings = world.books.balance_sheet()
    return f"root and issuing CA verify; log of {leaves} leaves whole; {postings} postings add to 0"


def terms_come_first(world: World) -> str:
    phone = world.phone(MINYONG)
    application = Application(phone.line)
    terms = application.terms()
    required = [one for one in terms if one["required"]]
    optional = [one for one in terms if not one["required"]]
    prove(required, "there are terms one must agree to")
    for one in terms:
        prove(all(one["text"][lang].strip() for lang in ("ko", "en")), "each can be read")

    refused("terms_not_agreed", lambda: application.begin(optional))
    refused("terms_not_agreed", lambda: application.begin(required[:-1]))
    old = [{**one, "version": one["version"] + 1} for one in required]
    refused("terms_outdated", lambda: application.begin(old))
    return f"{len(required)} required and {len(optional)} optional, with versions, none skipped"


def internet_banking_comes_before_prefilling(world: World) -> str:
    phone = world.phone(MINYONG)
    application = phone.apply()
    wrong = refused(
        "wrong_internet_banking", lambda: application.internet_banking("minyong85", "?")
    )
    unknown = refused(
        "wrong_internet_banking", lambda: application.internet_banking(UNKNOWN_LOGIN_ID, "?")
    )
    same(sorted(unknown), sorted(wrong), "a wrong password and an unknown id look the same")
    refused("wrong_step", lambda: application.sms_code("123456"))

    state = application.internet_banking(*evidence_of(MINYONG)[:2])

    shown = state["prefilled"]
    same(shown["name"], masking.name(MINYONG.name), "the name is masked")
    same(shown["phone"], masking.phone(MINYONG.phone), "the number is masked")
    prove(MINYONG.phone not in str(state), "the number stands nowhere in clear")
    return "wrong and unknown look alike; then everything is prefilled, masked"


def a_code_is_counted(world: World) -> str:
    application = world.phone(MINYONG).resume_application()
    same(application.state["person"], "existing", "the journey is resumed where it was")
    application.identity()
    code = world.handset(MINYONG).code()
    refused("resend_too_soon", application.identity)
    wrong = next(other for other in WRONG_CODES if other != code)
    same(refused("wrong_code", lambda: application.sms_code(wrong))["tries_left"], 4, "tries left")

    state = application.sms_code(code)

    same(state["step"], "account_password", "the second evidence is never skipped")
    return "resumed after the app was closed; a wrong code counts, a resend waits 60 s"


def a_code_ages(world: World) -> str:
    application = world.phone(GOEUN).apply()
    application.internet_banking(*evidence_of(GOEUN)[:2])
    application.identity()
    handset = world.handset(GOEUN)
    first = handset.code()
    world.move_clock(181)
    refused("code_expired", lambda: application.sms_code(first))
    since = handset.mark()
    application.identity()
    handset.received("인증번호", since)
    second = handset.code()
    if second != first:
        refused("wrong_code", lambda: application.sms_code(first))
    application.sms_code(second)
    account = application.state["accounts"][0]
    application.account_password(account["id"], evidence_of(GOEUN)[2])
    take_keys(world, GOEUN, application, GOEUN.pin)
    return "after 180 s a code is worthless, also beside the new one that replaces it"


def an_account_password_is_the_second_evidence(world: World) -> str:
    application = world.phone(MINYONG).resume_application()
    account = application.state["accounts"][0]
    prove("***" in account["number"], "the account number is masked")
    answer = refused(
        "wrong_account_password",
        lambda: application.account_password(account["id"], WRONG_ACCOUNT_PASSWORD),
    )
    same(answer["tries_left"], 4, "tries left")
    state = application.account_password(account["id"], MINYONG.accounts[0].password)
    same(state["step"], "keys", "what follows")
    same(state["pin_rules"]["birth_date"], MINYONG.birth_date, "what a PIN may not repeat")
    return "a wrong one is counted (4 left), the right one opens the way to the keys"


def both_certificates_are_issued(world: World) -> str:
    phone = world.phone(MINYONG)
    application = phone.resume_application()
    since = world.handset(MINYONG).mark()
    before = len(world.books.events("certificate.issued"))
    issued = take_keys(world, MINYONG, application, MINYONG.pin)
    world.handset(MINYONG).received("발급", since)
    same(len(world.books.events("certificate.issued")), before + 1, "leaves of an issue")
    no_clear_secret(world, MINYONG)
    serials = {f"{one.serial_number:x}"[:8] for one in issued.certificates.values()}
    return (
        "auth and sign: key by two parties, chain, notAfter 9999, openssl x509_strict, "
        f"OCSP and CRL good, SMS received ({', '.join(sorted(serials))}…)"
    )


def a_first_time_customer_enrols(world: World) -> str:
    phone = world.phone(HANEUL)
    application = phone.apply()
    stranger = Claim(HANEUL.carrier, "박바다", HANEUL.resident_number, HANEUL.phone)
    refused("identity_mismatch", lambda: application.identity(stranger))
    application.identity(claim_of(HANEUL))
    application.sms_code(world.handset(HANEUL).code())
    same(application.state["person"], "first_time", "who it is")
    _weak_choices_are_refused(application)
    login_id, password, account_password = NEW_LOGIN
    application.internet_banking_enrolment(
        login_id=login_id, password=password, name=HANEUL.name, account_password=account_password
    )
    since = world.handset(HANEUL).mark()
    issued = take_keys(world, HANEUL, application, HANEUL.pin)
    world.handset(HANEUL).received("발급", since)
    phone.login(HANEUL.pin)
    same([one["balance"] for one in phone.accounts()], [0], "the first account's balance")
    prove(issued.subject_id != world.newest(MINYONG).subject_id, "subject ids differ")
    return "internet banking, first account and certificates in one flow; weak choices refused"


def _weak_choices_are_refused(application: Application) -> None:
    login_id, password, account_password = NEW_LOGIN
    good = {
        "login_id": login_id,
        "password": password,
        "name": HANEUL.name,
        "account_password": account_password,
    }
    cases: list[tuple[str, dict[str, Any]]] = [
        ("weak_password", {"password": "abcdefgh"}),
        ("weak_account_password", {"account_password": "1111"}),
        ("weak_account_password", {"account_password": HANEUL.phone[-4:]}),
        ("login_id_taken", {"login_id": str(MINYONG.login_id)}),
        ("name_mismatch", {"name": "박바다"}),
    ]
    for code, change in cases:
        refused(code, partial(application.internet_banking_enrolment, **{**good, **change}))


def a_fresh_sim_issues_nothing(world: World) -> str:
    application = world.phone(YUSIM).apply()
    application.internet_banking(*evidence_of(YUSIM)[:2])
    refused("sim_recently_changed", application.identity)
    return "a SIM changed yesterday gives no first certificate either"


def a_fresh_sim_reissues_nothing(world: World) -> str:
    world.sim_changed(YUSIM, days_ago=1)
    application = world.phone(YUSIM).apply()
    application.internet_banking(*evidence_of(YUSIM)[:2])
    refused("sim_recently_changed", application.identity)
    world.authority.says(world.newest(YUSIM).certificates, Told("good"))
    return "a SIM changed yesterday gives no reissue; the certificate in use stays good"


def a_reissue_ends_the_old_one(world: World) -> str:
    """The same person, the same subject id, another phone."""
    before = world.newest(SEOYEON)
    handset = world.handset(SEOYEON)
    since = handset.mark()
    world.move_clock(3_600)
    world.new_phone(SEOYEON)
    after = issue(world, SEOYEON)
    same(after.subject_id, before.subject_id, "the subject id over a reissue")
    prove(after.credential_id != before.credential_id, "the credential is a new one")
    world.authority.says(before.certificates, Told("revoked", "superseded"))
    handset.received("재발급", since)
    phone = world.phone(SEOYEON)
    phone.login(SEOYEON.pin)
    same(phone.certificate()["state"], "ACTIVE", "the new certificate")
    return "same subject id; the old pair is revoked (superseded) in CRL, OCSP and openssl at once"


def two_more_are_issued(world: World) -> str:
    world.sim_changed(YUSIM, days_ago=4)
    for person in (SEOYEON, YUSIM):
        issue(world, person)
    kids = {world.phone(p).kid(kind) for p in (MINYONG, SEOYEON, YUSIM) for kind in KeyKind}
    same(len(kids), 6, "keys of three people")
    return "이서연 and 정유심 too: each their own keys, each checked from outside"

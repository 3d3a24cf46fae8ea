"""MISSION A 2, 4, 10 and B 2: dormancy, revocation, loss report, a copied phone."""

import httpx

from dojang.journey import loopback
from dojang.journey.evidence import Told
from dojang.journey.issuing import issue
from dojang.journey.lie import Lie, prove, refused, same
from dojang.journey.world import GOEUN, HANEUL, MINYONG, YUSIM, World
from dojang.phone.customer import Customer
from dojang.phone.machine import CopiedPhone

DAY_SECONDS = 86_400
NOTICE = "일 뒤 폐기"
SUSPENDED = "SUSPENDED_COPY"
REPORTS_A_DAY = 3


def the_customer_revokes(world: World) -> str:
    phone, handset = world.phone(YUSIM), world.handset(YUSIM)
    since = handset.mark()
    phone.login(YUSIM.pin)
    refused("wrong_secret", lambda: phone.revoke("unused", "975312"))
    world.authority.says(world.newest(YUSIM).certificates, Told("good"))

    phone.revoke("unused", YUSIM.pin)

    revoked = Told("revoked", "cessationOfOperation")
    world.authority.says(world.newest(YUSIM).certificates, revoked)
    handset.received("폐기되었", since)
    refused("session_ended", phone.me)
    refused("credential_revoked", lambda: phone.login(YUSIM.pin))
    return "PIN, reason, SMS; CRL, OCSP and openssl say revoked at once; the session is gone"


def a_copied_phone_is_noticed(world: World) -> str:
    """The thief knows the PIN and signs first: one signature, then both are stopped."""
    handset = world.handset(MINYONG)
    phone = world.reopen(MINYONG)
    copy = world.copied_phone(MINYONG)
    since = handset.mark()
    copy.login(MINYONG.pin)

    _notices_the_copy(phone)

    world.authority.says(world.newest(MINYONG).certificates, Told("revoked", "certificateHold"))
    handset.received("복제", since)
    refused("credential_suspended", lambda: copy.login(MINYONG.pin))
    refused("credential_suspended", lambda: phone.login(MINYONG.pin))
    _the_copied_session_is_gone(copy)

    world.move_clock(3_600)
    before = world.newest(MINYONG)
    world.new_phone(MINYONG)
    after = issue(world, MINYONG)
    world.authority.says(before.certificates, Told("revoked", "keyCompromise"))
    same(after.subject_id, before.subject_id, "the subject id")
    refused("credential_revoked", lambda: copy.login(MINYONG.pin))
    world.phone(MINYONG).login(MINYONG.pin)
    return "original and copy both used: suspended, owner told, neither signs; reissue mends it"


def _notices_the_copy(phone: Customer) -> None:
    try:
        phone.login(MINYONG.pin)
    except CopiedPhone as noticed:
        same(noticed.state, SUSPENDED, "the state after the copy was noticed")
    else:
        raise Lie("the original signed after its copy did")


def _the_copied_session_is_gone(copy: Customer) -> None:
    answer = copy.line.get("/v1/me")
    prove(answer.status in {401, 423}, "the copy's session still opens pages")


def a_loss_is_reported_without_login(world: World) -> str:
    handset = world.handset(HANEUL)
    since = handset.mark()
    stranger = {"name": "없는이", "birth_date": "19990101", "phone": "01000000000"}
    mine = {"name": HANEUL.name, "birth_date": HANEUL.birth_date, "phone": HANEUL.phone}
    nobody = _report(world, stranger)
    somebody = _report(world, mine)
    same(sorted(nobody.json()), sorted(somebody.json()), "the answer is the same for anyone")
    same((nobody.status_code, somebody.status_code), (202, 202), "the status")
    handset.received("사고신고", since)
    phone = world.phone(HANEUL)
    stopped = refused("credential_suspended", lambda: phone.login(HANEUL.pin))
    same(stopped["reason"], "loss_report", "why it is suspended")
    world.authority.says(world.newest(HANEUL).certificates, Told("revoked", "certificateHold"))
    for _ in range(REPORTS_A_DAY - 2):
        _report(world, stranger)
    same(_report(world, stranger).json().get("code"), "too_many_reports", "the fourth report")

    world.move_clock(3_600)
    issue(world, HANEUL)
    world.phone(HANEUL).login(HANEUL.pin)
    return "uniform answer and receipt, on hold at once, SMS; a fourth report today is refused"


def _report(world: World, body: dict[str, str]) -> httpx.Response:
    return loopback.post(world.bank.origin + "/v1/loss-reports", json=body)


def a_year_unused_ends_it(world: World) -> str:
    """Notices at 30, 7 and 1 days, each once; a login in between restarts the year."""
    handset = world.handset(GOEUN)
    world.phone(GOEUN).login(GOEUN.pin)
    given = handset.times(NOTICE)
    world.move_clock(334 * DAY_SECONDS)
    same(handset.times(NOTICE), given, "notices before the 30th day")
    for days, move in ((30, 1), (7, 23), (1, 6)):
        since = handset.mark()
        world.move_clock(move * DAY_SECONDS)
        handset.received(f"{days}{NOTICE}", since)
        world.move_clock(60)
        given += 1
        same(handset.times(NOTICE), given, f"notices at {days} days, counted twice")
    world.authority.says(world.newest(GOEUN).certificates, Told("good"))
    world.phone(HANEUL).login(HANEUL.pin)

    since = handset.mark()
    world.move_clock(DAY_SECONDS)

    revoked = Told("revoked", "cessationOfOperation")
    world.authority.says(world.newest(GOEUN).certificates, revoked)
    handset.received("1년간", since)
    refused("credential_revoked", lambda: world.phone(GOEUN).login(GOEUN.pin))
    world.authority.says(world.newest(HANEUL).certificates, Told("good"))
    return "notices at 30, 7 and 1 days once each, ended on day 365; a login restarts the year"

"""What stands between a signature and the money, chosen and used by hand."""

from typing import Final

import pytest
from playwright.sync_api import Browser, expect
from tests.site.app import App
from tests.site.conftest import new_context
from tests.site.look import Look
from tests.site.rules import outdated, undo_is_over, undo_takes_its_time
from tests.site.stillness import no_button_moves

from dojang.demo import Person
from dojang.journey.served import Served

BANK, ACCOUNT = "901", "90112345678901"
HOURS_3: Final = 3 * 3_600
DAY: Final = 86_400


def choose(app: App, name: str, pick: str, pin: str) -> None:
    """From the menu to the pressed seal: one safeguard, changed and signed."""
    app.open_menu("/safeguards")
    app.at("safeguards")
    app.tap(f"safeguard-{name}")
    app.tap(pick)
    app.tap("change")
    app.at("safeguard-pin")
    app.digits(pin)
    app.at("safeguard-done")
    app.tap("done")
    app.at("safeguards")


def identify(app: App, person: Person, look: Look | None = None) -> None:
    """By the message and an account password, back to the screen where it was asked for."""
    app.at("identify-start")
    if look is not None:
        look("identify-start")
    app.next()
    app.at("opening-phone")
    before = len(app.bank.messages(person.phone))
    app.next()
    app.at("opening-code")
    app.fill("sms-code", app.read_code(person.phone, after=before))
    app.next()
    app.at("opening-account")
    if look is not None:
        look("identify-account")
    app.page.get_by_role("radio").first.check()
    app.next()
    app.at("opening-account-password")
    app.digits(person.accounts[0].password)
    app.at("opening-done-identify")
    if look is not None:
        look("identify-done")
    app.tap("done")


def from_the_start(app: App) -> None:
    app.tap("brand")
    app.at("home")
    app.send_from_first_account()


def order(app: App, amount: int) -> None:
    """From the start screen to the check screen."""
    from_the_start(app)
    app.order(bank=BANK, account=ACCOUNT, amount=amount)


@pytest.mark.parametrize(
    ("locale", "theme"), [("ko", "light"), pytest.param("en", "dark", marks=pytest.mark.slow)]
)
def test_a_transfer_is_undone_delayed_cancelled_and_limited(
    browser: Browser, bank: Served, minyong: Person, locale: str, theme: str
) -> None:
    undo_takes_its_time(bank)
    context = new_context(browser)
    app = App(context.new_page(), bank)
    look = Look(app.page, locale, theme)
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.switch_language(locale)

    choose(app, "undo", "undo-1", minyong.pin)
    look("safeguards")
    order(app, 10_000)
    expect(app.seen("hold")).to_have_attribute("data-why", "undo")
    look("check-held")
    app.next()
    app.at("transfer-pin")
    app.digits(minyong.pin)
    app.at("transfer-pending")
    app.tap("undo")
    app.at("transfer-cancelled")
    expect(app.seen("ended")).to_have_attribute("data-why", "customer")
    app.tap("done")
    before = app.balance()

    order(app, 10_000)
    app.next()
    app.digits(minyong.pin)
    app.at("transfer-pending")
    undo_is_over(app)
    app.at("transfer-posted")
    app.tap("done")
    assert app.balance() == before - 10_000

    app.open_menu("/safeguards")
    app.tap("safeguard-delay")
    app.at("safeguard-delay")
    look("safeguard-delay")
    choose(app, "delay", "delay-3", minyong.pin)
    for amount in (20_000, 30_000):
        order(app, amount)
        app.next()
        app.digits(minyong.pin)
        app.at("transfer-pending")
        look("pending")
    app.tap("to-held")
    app.at("transfer-held")
    expect(app.seen("held-line")).to_have_count(2)
    look("transfer-held")
    app.tap("held-cancel")
    expect(app.seen("held-line")).to_have_count(1)
    no_button_moves(app)
    look("home-held")
    app.tap("quick-accounts")
    app.at("accounts")
    expect(app.seen("held")).to_be_visible()
    look("accounts-held")
    app.receives(minyong.phone, "취소")
    bank.move_clock(HOURS_3)
    app.receives(minyong.phone, "30,000원 이체했습니다")

    app.log_in(minyong.pin)
    app.open_menu("/safeguards")
    app.tap("safeguard-designated")
    app.at("safeguard-designated-only")
    look("designated")
    app.tap("payees")
    app.at("designated-payees")
    app.tap("payee-add")
    app.at("payee-add")
    app.tap(f"bank-{BANK}")
    app.fill("payee-account", ACCOUNT)
    look("payee-add")
    app.next()
    app.at("payee-check")
    look("payee-check")
    app.next()
    app.digits(minyong.pin)
    app.at("safeguard-done")
    app.tap("done")
    app.at("designated-payees")
    look("designated-payees")
    choose(app, "designated", "designated_only-1", minyong.pin)
    app.open_menu("/limits")
    app.at("limits")
    look("limits-designated")
    app.open_menu("/safeguards")
    app.tap("safeguard-designated")
    app.tap("payees")
    app.tap("payee-remove")
    expect(app.seen("payee-list").get_by_role("listitem")).to_have_count(0)
    from_the_start(app)
    app.tap(f"bank-{BANK}")
    app.next()
    app.fill("payee-account", ACCOUNT)
    app.next()
    app.fill("amount", "1000001")
    app.next()
    app.at("transfer-memo")
    app.next()
    app.refused("over_unregistered_limit")
    context.close()

    assert look.found == []


def test_a_text_message_stands_for_the_call(
    browser: Browser, bank: Served, minyong: Person
) -> None:
    context = new_context(browser)
    app = App(context.new_page(), bank)
    look = Look(app.page, "ko", "light")
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.open_menu("/safeguards")
    app.tap("safeguard-sms")
    app.tap("sms_hold-1")
    app.tap("change")
    identify(app, minyong)
    app.at("safeguard-sms-hold")
    app.tap("change")
    app.at("safeguard-pin")
    app.digits(minyong.pin)
    app.at("safeguard-done")
    order(app, 50_000_001)
    app.next()
    app.at("transfer-account-password")
    app.digits(minyong.accounts[0].password)
    app.at("transfer-ars")
    app.tap("by-message")
    app.at("transfer-sms")
    before = len(bank.messages(minyong.phone))
    app.tap("sms-send")
    expect(app.seen("sms-code")).to_be_visible()
    look("transfer-sms")
    app.read_code(minyong.phone, after=before)
    app.fill("sms-code", app.have_another_code_sent(minyong.phone))
    look("transfer-sms-again")
    app.next()
    app.at("transfer-pin")
    app.digits(minyong.pin)
    app.at("transfer-pending")
    look("pending-sms")
    expect(app.seen("waits")).to_have_attribute("data-why", "sms")
    bank.move_clock(30 * 60 + 1)
    app.receives(minyong.phone, "50,000,001원 이체했습니다")
    app.log_in(minyong.pin, to="/transfer/held")  # half an hour is longer than a session idles
    app.at("transfer-held")
    expect(app.seen("held-line")).to_have_count(0)
    context.close()

    assert look.found == []


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_turning_a_safeguard_off_asks_who_one_is_and_keeps_what_was_chosen(
    browser: Browser, bank: Served, minyong: Person, locale: str
) -> None:
    context = new_context(browser)
    app = App(context.new_page(), bank)
    look = Look(app.page, locale, "light")
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.switch_language(locale)
    choose(app, "delay", "delay-24", minyong.pin)
    app.open_menu("/safeguards")
    app.tap("safeguard-delay")
    app.tap("delay-0")
    app.tap("change")

    identify(app, minyong, look)

    app.at("safeguard-delay")
    expect(app.seen("delay-0")).to_be_checked()
    app.tap("change")
    app.at("safeguard-pin")
    app.digits(minyong.pin)
    app.at("safeguard-done")
    app.receives(minyong.phone, "안전장치")
    context.close()

    assert look.found == []


RAISED = {"ko": "1,000,000원에서 2,000,000원으로", "en": "from ₩1,000,000 to ₩2,000,000"}


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_a_limit_is_raised_by_who_was_identified_and_the_banks_own_word_counts(
    browser: Browser, bank: Served, minyong: Person, locale: str
) -> None:
    context = new_context(browser)
    app = App(context.new_page(), bank)
    look = Look(app.page, locale, "light")
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.switch_language(locale)
    to_the_limits(app)
    limits(app, 1_000_000, 3_000_000)
    sign_limits(app, minyong)
    app.at("limits")

    app.tap("change")
    limits(app, 500_000_001, 500_000_001)
    expect(app.seen("per-transfer")).to_have_attribute("aria-invalid", "true")
    look("limits-too-high")
    app.page.route("**/v1/limits", outdated)
    to_the_limits(app)
    expect(app.seen("per-transfer")).to_be_visible()
    app.page.unroute("**/v1/limits")
    limits(app, 2_000_000, 3_000_000)
    app.at("limits-pin")
    app.digits(minyong.pin)
    identify(app, minyong, look)

    app.at("limits-change")
    expect(app.seen("per-transfer")).to_have_value("2,000,000")
    look("limits-change-identified")
    app.next()
    app.at("limits-pin")
    app.digits(minyong.pin)
    app.at("limits-done")
    expect(app.seen("limits-changed")).to_contain_text(RAISED[locale])
    look("limits-done")
    app.tap("done")
    app.at("limits")
    expect(app.page.get_by_text("2,000,000").first).to_be_visible()
    look("limits-raised")
    app.log_in(minyong.pin)
    app.switch_language(locale)
    to_the_limits(app)
    limits(app, 2_000_000, 500_000_000)
    identify(app, minyong)
    app.at("limits-change")
    expect(app.seen("per-day")).to_have_value("500,000,000")
    context.close()

    assert look.found == []


def to_the_limits(app: App) -> None:
    app.open_menu("/limits/change")
    app.at("limits-change")


def limits(app: App, per_transfer: int, per_day: int) -> None:
    app.fill("per-transfer", str(per_transfer))
    app.fill("per-day", str(per_day))
    app.next()


def sign_limits(app: App, person: Person) -> None:
    app.at("limits-pin")
    app.digits(person.pin)
    app.at("limits-done")
    app.tap("done")


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_a_passkey_on_a_second_device_stands_for_the_call_a_day_after_it_was_registered(
    browser: Browser, bank: Served, minyong: Person, locale: str
) -> None:
    context = new_context(browser)
    app = App(context.new_page(), bank)
    look = Look(app.page, locale, "light")
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.switch_language(locale)
    security_key(app)
    app.open_menu("/safeguards")
    app.tap("safeguard-device")
    app.tap("device-add")
    identify(app, minyong)
    app.at("second-devices")
    app.tap("device-add")
    app.at("safeguard-pin")
    app.digits(minyong.pin)
    app.at("safeguard-done")
    app.tap("done")
    app.tap("safeguard-device")
    expect(app.seen("device-list").get_by_role("listitem")).to_have_count(1)
    look("second-devices")
    to_the_call(app, minyong)
    expect(app.seen("by-device")).to_have_count(0)
    expect(app.seen("no-call").get_by_role("link")).to_have_attribute("href", "/safeguards")
    look("ars-no-call")
    bank.move_clock(DAY)

    app.log_in(minyong.pin)
    to_the_call(app, minyong)
    expect(app.seen("by-device")).to_be_visible()
    look("ars-by-device")
    app.tap("by-device")
    app.at("transfer-pin")
    app.digits(minyong.pin)
    app.at("transfer-posted")
    context.close()

    assert look.found == []


def to_the_call(app: App, person: Person) -> None:
    order(app, 50_000_001)
    app.next()
    app.at("transfer-account-password")
    app.digits(person.accounts[0].password)
    app.at("transfer-ars")


def security_key(app: App) -> None:
    """Plugged in, with a fingerprint that always fits."""
    cdp = app.page.context.new_cdp_session(app.page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})

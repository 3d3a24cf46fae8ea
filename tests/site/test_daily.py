"""What a customer with a certificate does every day, by hand, on one phone."""

import base64
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.site.app import PATIENCE_S, PATTERN, App
from tests.site.conftest import Opens, new_context
from tests.site.handset import Handset

from dojang.demo import Person
from dojang.journey.served import Served
from dojang.receipts import verifying

BANK, ACCOUNT = "901", "90112345678901"
SHOWN_AT_CHECK = ["받는 분", "입금계좌", "출금계좌", "수수료", "메모", "필요한 인증"]


@pytest.fixture(scope="module")
def phone(browser: Browser, shared_bank: Served, minyong: Person) -> Iterator[BrowserContext]:
    """A phone with Minyong's certificate on it."""
    context = new_context(browser)
    App(context.new_page(), shared_bank).issue(minyong)
    yield context
    context.close()


@pytest.fixture
def app(phone: BrowserContext, shared_bank: Served) -> Iterator[App]:
    page = phone.new_page()
    yield App(page, shared_bank)
    page.close()


@pytest.fixture
def signed_in(app: App, minyong: Person) -> App:
    app.log_in(minyong.pin)
    return app


def test_a_stroke_of_the_pattern_logs_in(app: App):
    app.go("/login")
    app.tap("login-pattern")
    app.at("login-pattern")

    app.draw(PATTERN)

    expect(app.seen("logout")).to_be_visible()


def test_the_pattern_tapped_dot_by_dot_logs_in(app: App):
    app.go("/login")
    app.tap("login-pattern")
    app.at("login-pattern")

    app.tap_pattern(PATTERN)

    expect(app.seen("logout")).to_be_visible()


def test_a_passkey_is_added_logs_in_and_is_removed(signed_in: App):
    app = signed_in
    authenticator(app.page)
    app.open_menu("/methods/passkeys")
    app.at("passkeys")
    app.tap("passkey-add")
    expect(app.seen("passkey-list").get_by_role("listitem")).to_have_count(1)
    app.tap("logout")

    app.tap("brand")
    app.tap("login")
    app.tap("login-passkey")
    app.at("login-passkey")
    app.next()

    expect(app.seen("logout")).to_be_visible()
    app.open_menu("/methods/passkeys")
    app.tap("passkey-remove")
    expect(app.seen("passkey-list")).to_have_count(0)


def test_the_whole_login_works_by_keyboard_alone(app: App, minyong: Person):
    app.go("/login")
    app.at("login")
    keyboard = app.page.keyboard

    _tab_to(app.page, "login-pin")
    keyboard.press("Enter")
    app.at("login-pin")
    keyboard.type(minyong.pin)

    expect(app.seen("logout")).to_be_visible()


def test_the_pattern_works_by_arrows_and_space(app: App):
    app.go("/login")
    app.at("login")
    keyboard = app.page.keyboard
    _tab_to(app.page, "login-pattern")
    keyboard.press("Enter")
    app.at("login-pattern")
    while app.page.evaluate("!document.activeElement.classList.contains('node')"):
        keyboard.press("Tab")

    for key in ["ArrowUp", "ArrowLeft", "Space", "ArrowRight", "Space", "ArrowRight", "Space"]:
        keyboard.press(key)
    for key in ["ArrowDown", "Space", "ArrowDown", "Space"]:
        keyboard.press(key)
    _tab_to(app.page, "pattern-done")
    keyboard.press("Enter")

    expect(app.seen("logout")).to_be_visible()


def test_a_small_transfer_asks_for_the_pin_alone(signed_in: App, minyong: Person):
    app = signed_in
    app.tap("quick-accounts")
    before = app.balance()
    app.tap("send")
    app.order(bank=BANK, account=ACCOUNT, amount=2_000_000, memo="점심")
    app.next()
    app.at("transfer-pin")

    app.digits(minyong.pin)
    app.at("transfer-posted")

    app.tap("done")
    assert app.balance() == before - 2_000_000


def test_a_middle_transfer_asks_for_the_account_password_too(signed_in: App, minyong: Person):
    app = signed_in
    app.send_from_first_account()
    app.order(bank=BANK, account=ACCOUNT, amount=2_000_001)
    app.next()
    app.at("transfer-account-password")
    app.digits("0000")
    app.refused("wrong_account_password")

    app.digits(minyong.accounts[0].password)
    app.at("transfer-pin")
    app.digits(minyong.pin)

    app.at("transfer-posted")


def test_a_large_transfer_asks_for_a_call_too(signed_in: App, opens: Opens, minyong: Person):
    app = signed_in
    handset = Handset(opens().new_page(), app.bank)
    handset.play(minyong.phone)
    app.send_from_first_account()
    app.order(bank=BANK, account=ACCOUNT, amount=50_000_001)
    app.next()
    app.digits(minyong.accounts[0].password)
    app.at("transfer-ars")
    app.tap("ars-call")
    number = app.seen("ars-number").inner_text()

    said = handset.answer()
    handset.press(number)
    handset.ended("passed")
    app.at("transfer-pin")
    app.digits(minyong.pin)

    app.at("transfer-posted")
    amount, payee = "50,000,001원", " ".join(ACCOUNT[-4:])
    assert amount in said
    assert payee in said
    assert [c for c in said.replace(amount, "").replace(payee, "") if c.isdigit()] == ["9"]


def test_what_is_signed_is_what_was_shown(signed_in: App, minyong: Person):
    app = signed_in
    app.send_from_first_account()
    app.order(bank=BANK, account=ACCOUNT, amount=1_234_567, memo="약속한 돈")
    shown = facts(app, "check")
    app.seen("signed-fields").locator("summary").click()
    every = app.seen("signed-fields").locator("dd").all_inner_texts()
    headline = app.page.locator(".amount").inner_text()
    app.next()
    app.digits(minyong.pin)
    app.at("transfer-posted")
    every_receipt_is_made(app)
    app.seen("signed-payload").locator("summary").click()
    with app.page.expect_download() as download:
        app.tap("save-pdf")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    with app.page.expect_download() as download:
        app.tap("save-evidence")
    content = download.value.path().read_bytes()
    assert verifying.verify(content).holds
    expect(app.seen("receipt-saved")).to_contain_text("내려받았어요")
    expect(app.seen("save-evidence")).to_be_focused()
    receipt = json.loads(content)["evidence"]

    prefix, _, body = unb64(receipt["payload"]).partition(b"\0")
    signed = json.loads(body)

    assert prefix.startswith(b"DOJANG-TX")
    assert sorted(every) == sorted(str(value) for value in signed.values())
    assert list(shown) == SHOWN_AT_CHECK
    assert shown["받는 분"] == signed["payee_holder"]
    assert shown["입금계좌"].replace("-", "").endswith(ACCOUNT)
    assert signed["payee_account"] == ACCOUNT
    assert signed["memo"] == shown["메모"] == "약속한 돈"
    assert (signed["amount"], headline) == (1_234_567, "1,234,567원")
    assert (signed["fee"], shown["수수료"]) == (0, "면제")
    key = x509.load_der_x509_certificate(unb64(receipt["certificate"])).public_key()
    assert isinstance(key, Ed25519PublicKey)
    key.verify(unb64(receipt["signature"]), unb64(receipt["payload"]))


def test_a_payee_that_does_not_exist_is_refused_before_anything_is_sent(signed_in: App):
    app = signed_in
    app.send_from_first_account()
    app.tap(f"bank-{BANK}")
    app.next()
    app.fill("payee-account", "90100000000000")
    app.next()

    app.refused("payee_not_found")


def test_the_limits_screen_says_how_much_and_why(signed_in: App):
    app = signed_in
    app.tap("quick-limits")
    app.at("limits")

    left = int(re.sub(r"\D", "", app.seen("left-today").inner_text()))

    assert 0 < left <= 500_000_000
    assert app.seen("tiers").get_by_role("listitem").count() == 3
    assert len(app.seen("why").get_by_role("paragraph").all()) >= 2


def test_every_use_stands_in_the_history(signed_in: App):
    app = signed_in
    app.open_menu("/certificate/history")
    app.at("certificate-history")
    lines = app.seen("history").get_by_role("listitem")
    expect(lines.first).to_be_visible()
    while app.seen("more").count():
        shown = lines.count()
        app.tap("more")
        expect(lines.nth(shown)).to_be_visible()

    kinds = [line.get_attribute("data-kind") for line in lines.all()]
    told = app.seen("history").inner_text()

    assert "certificate.issued" in kinds
    assert not [kind for kind in kinds if kind and kind in told], "a kind of use has no words"


def test_a_wrong_pin_says_how_many_tries_are_left(app: App, minyong: Person):
    app.go("/login/pin")
    app.at("login-pin")

    app.digits("902847")

    app.refused("wrong_secret")
    expect(app.seen("failure")).to_contain_text("4번")
    app.digits(minyong.pin)
    expect(app.seen("logout")).to_be_visible()


def test_an_open_session_is_listed_and_can_be_ended(signed_in: App):
    app = signed_in
    app.open_menu("/sessions")
    app.at("sessions")
    expect(app.page.get_by_text("지금 이 화면")).to_be_visible()

    app.page.get_by_role("listitem").filter(has_text="지금 이 화면").get_by_role("button").click()

    app.tap("brand")
    expect(app.seen("login")).to_be_visible()


def authenticator(page: Page) -> None:
    """A platform authenticator with a fingerprint that always fits, by the browser's own door."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def every_receipt_is_made(app: App) -> None:
    """The bank makes them in the second after; the app asks for some seconds, and then a hand."""
    missing = (
        "SELECT count(*) FROM transfer_order WHERE state = 'posted' AND id NOT IN"
        " (SELECT transfer_id FROM receipt)"
    )
    with closing(sqlite3.connect(app.bank.folder / "bank.db", timeout=PATIENCE_S)) as rows:
        until = time.monotonic() + PATIENCE_S
        while rows.execute(missing).fetchone() != (0,):
            assert time.monotonic() < until, "a receipt is missing"
            app.page.wait_for_timeout(50)


def facts(app: App, testid: str) -> dict[str, str]:
    """Names and values of a list of facts, as they stand on the screen."""
    rows: list[Any] = app.seen(testid).locator(".fact").all()
    return {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows}


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _tab_to(page: Page, testid: str) -> None:
    for _ in range(60):
        if page.evaluate("document.activeElement?.dataset?.testid") == testid:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{testid} cannot be reached by Tab")

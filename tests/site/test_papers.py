"""A receipt is there for good: from the statement, after logging in anew, after a delay."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from tests.site.app import App
from tests.site.conftest import Opens
from tests.site.look import Look

from dojang.demo import Person
from dojang.journey import loopback
from dojang.journey.served import Served
from dojang.receipts import verifying

BANK, ACCOUNT, HOLDER = "901", "90112345678901", "오세린"
HOURS_3 = 3 * 3_600
LOCALES = pytest.mark.parametrize(("locale", "theme"), [("ko", "light"), ("en", "dark")])


def send(app: App, person: Person, amount: int, *, memo: str = "") -> None:
    """From the start screen to the PIN of a small transfer."""
    app.tap("brand")
    app.at("home")
    app.send_from_first_account()
    app.order(bank=BANK, account=ACCOUNT, amount=amount, memo=memo)
    app.next()
    app.at("transfer-pin")
    app.digits(person.pin)


def choose(app: App, person: Person, name: str, pick: str) -> None:
    app.open_menu("/safeguards")
    app.at("safeguards")
    app.tap(f"safeguard-{name}")
    app.tap(pick)
    app.tap("change")
    app.at("safeguard-pin")
    app.digits(person.pin)
    app.at("safeguard-done")


def open_statement(app: App) -> None:
    app.open_menu("/accounts")
    app.at("accounts")
    app.tap("statement")
    app.at("statement")
    expect(app.seen("entries")).to_be_visible()


def saved(app: App, button: str) -> Path:
    with app.page.expect_download() as download:
        app.tap(button)
    return download.value.path()


def receipt_holds(app: App, bank: Served) -> str:
    """Save both files and have our own verifier judge them; the id they are about."""
    root = loopback.get(f"{bank.origin}/pki/root.crt", timeout=60).content
    pins = verifying.Pins(root=root)
    reports = [
        verifying.verify(saved(app, button).read_bytes(), pins)
        for button in ("save-pdf", "save-evidence")
    ]
    assert [one.holds for one in reports] == [True, True]
    evidence = json.loads(saved(app, "save-evidence").read_bytes())["evidence"]
    return str(evidence["transfer_id"])


@LOCALES
def test_a_line_of_the_statement_leads_to_its_receipt_after_logging_in_anew(
    app: App, bank: Served, minyong: Person, locale: str, theme: str
):
    look = Look(app.page, locale, theme)
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.switch_language(locale)
    send(app, minyong, 54_321, memo="점심")
    app.at("transfer-posted")
    app.tap("done")
    app.tap("logout")
    app.log_in(minyong.pin)

    open_statement(app)
    look("statement-sent")
    app.tap("entry-sent")
    app.at("sent-posted")

    for words in ("54,321", HOLDER, "점심"):
        expect(app.seen("receipt")).to_contain_text(words)
    expect(app.page.locator("h1")).to_be_focused()
    look("sent-posted")
    transfer_id = receipt_holds(app, bank)
    assert app.page.url == f"{bank.origin}/transfer/sent/{transfer_id}"
    app.tap("back")
    app.at("statement")
    app.log_in(minyong.pin, to=f"/transfer/sent/{transfer_id}")
    app.at("sent-posted")
    expect(app.seen("receipt")).to_contain_text(transfer_id)
    assert look.found == []


@LOCALES
def test_what_was_sent_after_a_delay_has_its_receipt_in_the_app(
    app: App, bank: Served, minyong: Person, locale: str, theme: str
):
    look = Look(app.page, locale, theme)
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.switch_language(locale)
    choose(app, minyong, "delay", "delay-3")
    for amount in (43_210, 32_100):
        send(app, minyong, amount)
        app.at("transfer-pending")
    app.tap("to-held")
    app.at("transfer-held")
    expect(app.seen("ended-line")).to_have_count(0)
    app.page.get_by_test_id("held-line").filter(has_text="32,100").get_by_role("button").click()
    expect(app.seen("ended-line")).to_have_count(1)
    bank.move_clock(HOURS_3)
    app.receives(minyong.phone, "43,210원 이체했습니다")

    app.log_in(minyong.pin, to="/transfer/held")
    app.at("transfer-held")
    expect(app.seen("held-line")).to_have_count(0)
    expect(app.seen("ended-line")).to_have_count(2)
    look("transfer-held-ended")
    app.seen("ended-line").filter(has_text="43,210").click()
    app.at("sent-posted")
    look("sent-after-delay")
    transfer_id = receipt_holds(app, bank)
    app.tap("back")
    app.at("transfer-held")
    app.seen("ended-line").filter(has_text="32,100").click()
    app.at("sent-cancelled")
    expect(app.seen("ended")).to_have_attribute("data-why", "customer")
    expect(app.seen("receipt-files")).to_have_count(0)
    expect(app.seen("ordered")).to_contain_text("32,100")
    look("sent-cancelled")

    open_statement(app)
    app.seen("entry-sent").filter(has_text="43,210").click()
    app.at("sent-posted")
    assert app.page.url.endswith(transfer_id)
    assert look.found == []


def test_what_still_waits_is_found_by_its_id_and_sent_while_one_looks(
    app: App, bank: Served, minyong: Person
):
    app.issue(minyong)
    app.log_in(minyong.pin)
    choose(app, minyong, "undo", "undo-1")
    with app.page.expect_request(lambda one: one.method == "PUT") as ordered:
        send(app, minyong, 21_000)
    app.at("transfer-pending")
    transfer_id = ordered.value.url.rsplit("/", 1)[1]

    app.log_in(minyong.pin, to=f"/transfer/sent/{transfer_id}")
    app.at("sent-pending")
    bank.move_clock(11)

    app.at("sent-posted")
    expect(app.seen("save-pdf")).to_be_visible()


def test_no_other_line_pretends_to_have_a_receipt_and_keys_open_those_that_do(
    app: App, minyong: Person
):
    app.issue(minyong)
    app.log_in(minyong.pin)
    send(app, minyong, 12_345)
    app.at("transfer-posted")
    app.tap("done")

    open_statement(app)
    opening = app.seen("entry")
    expect(opening).to_have_count(1)
    expect(opening.get_by_role("link")).to_have_count(0)
    link = app.seen("entries").get_by_role("link", name="이체 결과와 확인증 보기")
    expect(link).to_have_count(1)
    link.focus()
    app.page.keyboard.press("Enter")
    app.at("sent-posted")
    app.seen("save-pdf").focus()
    with app.page.expect_download() as download:
        app.page.keyboard.press("Enter")

    assert download.value.path().read_bytes().startswith(b"%PDF-")
    expect(app.seen("receipt-saved")).to_contain_text("내려받았어요")


def test_who_was_paid_here_and_who_asks_for_anothers_are_shown_no_receipt(
    opens: Opens, app: App, bank: Served, minyong: Person, seoyeon: Person
):
    theirs = App(opens().new_page(), bank)
    theirs.issue(seoyeon)
    theirs.log_in(seoyeon.pin)
    open_statement(theirs)
    before = theirs.seen("entry").count()
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.tap("brand")
    app.send_from_first_account()
    own = app.page.evaluate("async () => (await (await fetch('/v1/bank')).json()).bank_code")
    number = theirs.page.locator(".screen-head p").inner_text().replace("-", "")
    app.order(bank=own, account=number, amount=7_000)
    app.next()
    app.digits(minyong.pin)
    app.at("transfer-posted")
    (transfer_id,) = app.seen("receipt").locator(".mono").all_inner_texts()

    open_statement(theirs)
    expect(theirs.seen("entry")).to_have_count(before + 1)
    expect(theirs.seen("entries").get_by_role("link")).to_have_count(0)
    theirs.log_in(seoyeon.pin, to=f"/transfer/sent/{transfer_id}")

    theirs.at("sent")
    theirs.refused("not_found")
    look = Look(theirs.page, "ko", "light")
    look("sent")
    assert look.found == []


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_one_whose_end_this_phone_was_not_told_leads_to_its_receipt(
    app: App, minyong: Person, locale: str
):
    look = Look(app.page, locale, "light")
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.page.route("**/v1/transfers/*", unheard)
    send(app, minyong, 9_876)
    app.refused("offline")
    app.page.unroute("**/v1/transfers/*")

    app.log_in(minyong.pin, to="/transfer/pending")
    app.switch_language(locale)
    app.at("transfer-unsettled")
    expect(app.seen("pending-line")).to_have_attribute("data-state", "posted")
    look("transfer-unsettled-sent")
    app.tap("to-receipt")

    app.at("sent-posted")
    expect(app.seen("receipt")).to_contain_text("9,876")
    assert look.found == []


def unheard(route: Route) -> None:
    """The bank is asked nothing about what became of it."""
    if route.request.method == "GET":
        route.abort()
    else:
        route.continue_()

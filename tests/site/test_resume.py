"""A reload in the middle of a transfer: one logs in again and goes on with one's own words."""

import json

import pytest
from playwright.sync_api import Route, expect
from tests.site.app import App
from tests.site.conftest import Opens
from tests.site.look import Look

from dojang.demo import Person
from dojang.journey.books import Books
from dojang.journey.served import Served

BANK, ACCOUNT, HOLDER = "901", "90112345678901", "오세린"
IDLE_SECONDS = 600
AMOUNT, MEMO = 2_000_001, "약속한 돈"


def ordered(app: App, person: Person) -> None:
    """An order that waits for its factors, and the page on the first factor's screen."""
    app.issue(person)
    app.log_in(person.pin)
    app.send_from_first_account()
    app.order(bank=BANK, account=ACCOUNT, amount=AMOUNT, memo=MEMO)
    app.next()
    app.at("transfer-account-password")


def reload(app: App, person: Person) -> None:
    """Reload and log in again: what was under way is on the first screen."""
    app.page.reload()
    app.at("login")
    app.tap("login-pin")
    app.at("login-pin")
    app.digits(person.pin)
    app.at("transfer-unsettled")
    expect(app.seen("pending-line")).to_have_attribute("data-state", "waiting")


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_a_reload_in_the_middle_of_a_transfer_goes_on_where_it_was(
    app: App, minyong: Person, locale: str
):
    look = Look(app.page, locale, "light")
    ordered(app, minyong)
    app.digits(minyong.accounts[0].password)
    app.at("transfer-pin")

    reload(app, minyong)
    app.switch_language(locale)
    look("transfer-unsettled")
    app.tap("go-on")
    app.at("transfer-check")
    for words in (HOLDER, MEMO, "2,000,001"):
        expect(app.page.locator("main")).to_contain_text(words)
    app.next()
    app.at("transfer-pin")
    app.digits(minyong.pin)
    app.at("transfer-posted")

    (posted,) = [one for one in posted_leaves(app) if one["amount"] == AMOUNT]
    expect(app.seen("receipt")).to_contain_text(posted["transfer_id"])
    app.go("/")
    app.at("home")
    expect(app.seen("pending-card")).to_have_count(0)
    assert look.found == []


def test_what_was_typed_is_still_there_after_a_session_that_ended_by_itself(
    bank: Served, app: App, minyong: Person
):
    """As the words of the refusal say. Logged out by hand, it is gone."""
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.send_from_first_account()
    app.tap(f"bank-{BANK}")
    app.next()
    app.fill("payee-account", ACCOUNT)
    app.next()
    app.fill("amount", str(AMOUNT))
    app.next()
    app.at("transfer-memo")
    app.fill("memo", MEMO)
    bank.move_clock(IDLE_SECONDS + 1)

    app.next()
    app.at("login")
    app.refused("session_idle")
    app.tap("login-pin")
    app.digits(minyong.pin)

    app.at("transfer-memo")
    expect(app.seen("memo")).to_have_value(MEMO)
    app.next()
    app.at("transfer-check")
    expect(app.page.locator("main")).to_contain_text(HOLDER)
    app.tap("cancel")
    app.at("home")
    app.send_from_first_account()
    app.tap(f"bank-{BANK}")
    app.tap("logout")
    app.at("home")
    app.tap("login")
    app.tap("login-pin")
    app.digits(minyong.pin)
    app.at("home")
    app.page.evaluate("history.pushState(null, '', '/transfer/account')")
    app.page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    app.at("transfer-from")


def test_an_order_that_a_reload_interrupted_can_be_withdrawn(app: App, minyong: Person):
    ordered(app, minyong)
    reload(app, minyong)

    app.tap("withdraw")

    expect(app.seen("pending-line")).to_have_count(0)
    app.tap("brand")
    app.at("home")
    expect(app.seen("pending-card")).to_have_count(0)
    assert posted_leaves(app) == []


@pytest.mark.parametrize("name", ["amount", "payee_account", "payee_holder", "memo"])
def test_what_the_bank_says_otherwise_after_a_reload_is_not_gone_on_with(
    bank: Served, opens: Opens, minyong: Person, name: str
):
    """The words are the phone's own, kept from before (I11); the bank's are only compared."""
    page = opens(service_workers="block").new_page()
    app = App(page, bank)
    ordered(app, minyong)
    page.route("**/v1/transfers/*", lambda route: otherwise(route, name))
    reload(app, minyong)

    app.tap("go-on")

    app.refused("message_differs")
    expect(page.locator('[data-screen="transfer-check"]')).to_have_count(0)


def otherwise(route: Route, name: str) -> None:
    """The bank's order with one member that the customer never typed."""
    if route.request.method != "GET":
        route.continue_()
        return
    answer = route.fetch()
    order = answer.json()
    fields = order["request"]["fields"]
    fields[name] = fields[name] + 1 if name == "amount" else fields[name] + "7"
    route.fulfill(response=answer, body=json.dumps(order))


def posted_leaves(app: App) -> list[dict[str, object]]:
    return [one for one in Books(app.bank.folder).events("transfer.posted") if one["subject"]]

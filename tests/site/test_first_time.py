"""Who has shown no more than a phone: told on each screen that nothing leaves, and what to do."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.site.app import App
from tests.site.conftest import Opens
from tests.site.look import Look
from tests.site.test_opening import Opener

from dojang import demo
from dojang.demo import Person
from dojang.journey.served import Served
from dojang.journey.world import over_midnight
from dojang.kernel.clock import SystemClock
from dojang.kernel.money import Won
from dojang.ledger import accounts

WAY_ON = {"ko": "신분증으로 새 계좌를 열면", "en": "Open one with your ID card"}
LEFT = {"ko": "오늘 700,000원 남음", "en": "₩700,000 left today"}
SECONDS_MAX = 120
"""So long the test takes: what is left today is of the day on which something was sent."""
CAPPED = {"ko": "오늘은 700,000원까지", "en": "may send ₩700,000 more today"}


def joined(app: App, person: Person) -> None:
    """A certificate and a first account, by the phone alone, and logged in."""
    app.go("/issue")
    app.to_terms_agreed()
    app.identify_first_time(person)
    app.fill("sms-code", app.read_code(person.phone))
    app.next()
    app.enrol_internet_banking(
        person.name, login_id="haneul01", password="Gureum-neomeo.9", account="7391"
    )
    app.choose_methods(person.pin)
    app.at("issued")
    app.log_in(person.pin)


def opened_with_a_card(app: Opener) -> None:
    """From the start of the opening to the accounts, with card and face."""
    app.at("opening-start")
    for code in ("deposit", "limited_account", "remote_identity"):
        app.seen(f"agree-{code}").check()
    app.next()
    app.type_code()
    app.at("opening-id-card")
    app.show("id_card")
    app.tap("check-face")
    app.next()
    app.at("opening-face")
    app.show("face")
    app.tap("purpose-living")
    app.next()
    app.tap("funds-salary")
    app.next()
    app.tap("asked-no")
    app.tap("tax-no")
    app.next()
    app.choose_password()
    app.at("opening-done-account")
    app.tap("done")


@pytest.mark.parametrize("locale", ["ko", pytest.param("en", marks=pytest.mark.slow)])
def test_nothing_leaves_a_first_account_and_each_screen_says_what_to_do(
    opens: Opens, bank: Served, haneul: Person, tmp_path: Path, locale: str
):
    time.sleep(over_midnight(SystemClock().now(), SECONDS_MAX))
    app = Opener(opens(locale=locale).new_page(), bank)
    app.person, app.folder = haneul, tmp_path
    look = Look(app.page, locale, "light")
    joined(app, haneul)

    for path in ("accounts", "limits", "transfer"):
        app.open_menu(f"/{path}")
        app.at("transfer-none" if path == "transfer" else path)
        expect(app.page.locator("main")).to_contain_text(WAY_ON[locale])
        expect(app.seen("to-opening")).to_have_attribute("href", "/opening")
        expect(app.seen("send")).to_have_count(0)
        if path != "transfer":
            look(f"first-time-{path}")
    look("transfer-none")
    app.tap("to-opening")
    opened_with_a_card(app)
    app.at("accounts")
    expect(app.seen("send")).to_have_count(1)
    pay_in(bank, app, 3_000_000)
    send(app, 300_000)

    app.at("accounts")
    expect(app.seen("cap").last).to_contain_text(LEFT[locale])
    look("first-time-limited")
    app.tap("send")
    app.tap("bank-901")
    app.next()
    app.fill("payee-account", "90112345678901")
    app.next()
    app.at("transfer-amount")
    app.tap("add-all")
    expect(app.seen("amount")).to_have_value("700,000")
    expect(app.page.locator("main")).to_contain_text(CAPPED[locale])
    app.fill("amount", "700001")
    app.next()
    expect(app.seen("amount")).to_have_attribute("aria-invalid", "true")
    look("first-time-amount")
    app.open_menu("/transfer")
    app.at("transfer-from")
    expect(app.page.locator("[data-testid^=from-]")).to_have_count(1)
    look("first-time-from")
    assert look.found == [], "\n".join(look.found)


def pay_in(bank: Served, app: App, amount: int) -> None:
    """Into the second account, while the bank stands still; the session outlives its restart."""
    number = re.sub(
        r"\D", "", app.page.locator(".cards .card").nth(1).locator("p").first.inner_text()
    )
    bank.stop()
    house = demo.make(bank.folder, bank.port)
    house.start()
    with house.db.snapshot() as tx:
        found = accounts.by_number(tx, number)
    assert found is not None
    house.ledger.deposit(house.ids.uuid7(), found[0].id, Won(amount), payer="급여")
    house.stop()
    bank.start()
    app.open_menu("/accounts")


def send(app: Opener, amount: int) -> None:
    app.tap("send")
    app.order(bank="901", account="90112345678901", amount=amount)
    app.next()
    app.at("transfer-pin")
    app.digits(app.person.pin)
    app.at("transfer-posted")
    app.tap("done")

"""The bank dies while the customer waits; money moves once and the app finds its way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route
from tests.site.app import App
from tests.site.conftest import Opens

from dojang.demo import Person
from dojang.journey.served import Served


def die_before(bank: Served, route: Route) -> None:
    """kill -9 before the request arrives."""
    bank.kill()
    route.abort()
    bank.start()


def die_after(bank: Served, route: Route) -> None:
    """kill -9 after the bank has done it, before anybody heard of it."""
    route.fetch()
    bank.kill()
    route.abort()
    bank.start()


@pytest.mark.parametrize("die", [die_before, die_after])
@pytest.mark.parametrize("step", ["begin", "complete"])
def test_a_bank_killed_during_the_signature_moves_the_money_once(
    bank: Served,
    opens: Opens,
    minyong: Person,
    step: str,
    die: Callable[[Served, Route], None],
):
    page = opens(service_workers="block").new_page()
    app = App(page, bank)
    app.issue(minyong)
    app.log_in(minyong.pin, to="/accounts")
    before = app.balance()
    app.tap("send")
    app.order(bank="901", account="90112345678901", amount=1_000_000)
    app.next()
    app.at("transfer-pin")
    page.route(f"**/v1/signing/{step}", lambda route: die(bank, route), times=1)

    app.digits(minyong.pin)

    app.at("transfer-posted")
    app.tap("done")
    assert app.balance() == before - 1_000_000


@pytest.mark.parametrize("step", ["keys", "keys/*/shares", "finish"])
def test_a_bank_killed_while_it_issues_still_issues(
    bank: Served, opens: Opens, minyong: Person, step: str
):
    page = opens(service_workers="block").new_page()
    app = App(page, bank)
    app.go("/issue")
    app.to_terms_agreed()
    app.prove_internet_banking(minyong)
    app.next()
    app.show_account_password(minyong)
    page.route(f"**/v1/enrolments/current/{step}", lambda route: die_after(bank, route), times=1)

    app.choose_methods(minyong.pin)
    either = page.locator("[data-testid=issue-again], [data-screen=issued]")
    either.wait_for()
    if app.seen("issue-again").count():
        app.tap("issue-again")
    app.at("issued")

    app.log_in(minyong.pin)

"""Somebody writes the bank's rows: the app says so on each screen that would be wrong."""

import sqlite3
from typing import Final

import pytest
from playwright.sync_api import Browser, expect
from tests.site.app import App
from tests.site.conftest import new_context
from tests.site.look import Look
from tests.site.test_safeguards import ACCOUNT, BANK, choose

from dojang.demo import Person
from dojang.journey.served import Served

CALL: Final = {"ko": "고객센터에 전화해 주세요", "en": "call the customer centre"}


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_who_has_a_safeguard_taken_away_by_hand_is_told_and_sends_nothing(
    browser: Browser, bank: Served, minyong: Person, locale: str
) -> None:
    context = new_context(browser)
    app = App(context.new_page(), bank)
    look = Look(app.page, locale, "light")
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.switch_language(locale)
    choose(app, "delay", "delay-24", minyong.pin)

    with sqlite3.connect(bank.folder / "bank.db", timeout=30) as rows:
        rows.execute("UPDATE safeguard SET value = 0")
    rows.close()

    for path in ("safeguards", "limits"):
        app.open_menu(f"/{path}")
        expect(app.page.get_by_role("alert")).to_contain_text(CALL[locale])
        look(f"{path}-altered")
    app.tap("brand")
    app.send_from_first_account()
    app.put_together(bank=BANK, account=ACCOUNT, amount=1_000)
    expect(app.page.get_by_role("alert")).to_contain_text(CALL[locale])
    look("order-altered")
    context.close()

    assert look.found == []

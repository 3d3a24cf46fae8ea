"""The customer app as a hand drives it: screens by their names, controls by their test ids."""

import re
import time
from collections.abc import Iterator, Sequence
from typing import Final

from playwright.sync_api import Locator, Page, expect

from dojang.demo import Person
from dojang.journey.served import Served

PATTERN: Final = (0, 1, 2, 5, 8)
PATIENCE_S: Final = 60
_CODE: Final = re.compile(r"(?<!\d)\d{6}(?!\d)")


class App:
    """One browser tab with the customer app in it."""

    def __init__(self, page: Page, bank: Served) -> None:
        self.page = page
        self.bank = bank

    # What stands on the screen

    def go(self, path: str) -> None:
        """Load an address anew; a session does not survive that."""
        self.page.goto(self.bank.origin + path)

    def at(self, screen: str) -> None:
        """Wait until this screen is the one that is shown."""
        expect(self.page.locator(f'[data-screen="{screen}"]')).to_be_visible()

    def seen(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def refused(self, code: str) -> None:
        """Wait for a refusal and see that it is this one, in words that say what to do."""
        failure = self.seen("failure")
        expect(failure).to_have_attribute("data-code", code)
        assert len(failure.inner_text()) > 20

    # What a hand does

    def tap(self, testid: str) -> None:
        self.seen(testid).first.click()

    def fill(self, testid: str, text: str) -> None:
        self.seen(testid).fill(text)

    def next(self) -> None:
        self.tap("next")

    def digits(self, digits: str) -> None:
        """Press the keys of the secure keypad, wherever they lie this time."""
        keys = self.page.locator("[data-testid=keypad] .keypad")
        for digit in digits:
            keys.get_by_role("button", name=digit, exact=True).click()

    def draw(self, nodes: Sequence[int]) -> None:
        """Draw a pattern with one stroke."""
        box = self.page.locator(".pattern").bounding_box()
        assert box is not None
        mouse = self.page.mouse
        for n, node in enumerate(nodes):
            x = box["x"] + box["width"] * ((node % 3) * 2 + 1) / 6
            y = box["y"] + box["height"] * ((node // 3) * 2 + 1) / 6
            mouse.move(x, y, steps=4)
            if n == 0:
                mouse.down()
        mouse.up()

    def tap_pattern(self, nodes: Sequence[int]) -> None:
        """The same dot by dot, ended by the button."""
        dots = self.page.locator(".pattern-nodes button")
        for node in nodes:
            dots.nth(node).click()
        self.tap("pattern-done")

    def switch_language(self, locale: str) -> None:
        if self.page.locator("html").get_attribute("lang") != locale:
            self.tap("language")
            expect(self.page.locator("html")).to_have_attribute("lang", locale)

    # Whole ways

    def read_code(self, phone: str, *, after: int = 0) -> str:
        """The code of the newest message, read where the customer reads it: on the handset."""
        for text in self._inboxes(phone, after=after):
            codes = _CODE.findall(text)
            if codes:
                return codes[-1]
        raise AssertionError("no code arrived")

    def have_another_code_sent(self, phone: str) -> str:
        """What was typed gives way, the screen says that a new code was sent, and here it is."""
        before = len(self.bank.messages(phone))
        self.bank.move_clock(61)
        self.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 61_000 }")
        expect(self.seen("resend")).to_have_attribute("aria-disabled", "false")
        self.tap("resend")
        expect(self.seen("resent")).to_be_visible()
        expect(self.seen("sms-code")).to_have_value("")
        expect(self.seen("sms-code")).to_have_attribute("aria-invalid", "false")
        expect(self.seen("resend")).to_have_attribute("aria-disabled", "true")
        return self.read_code(phone, after=before)

    def receives(self, phone: str, words: str) -> None:
        """Wait for a message with these words; the bank sends them after the fact."""
        assert any(words in text for text in self._inboxes(phone)), f"no message says {words}"

    def _inboxes(self, phone: str, *, after: int = 0) -> Iterator[str]:
        """Every message so far in one text, again and again for a while."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            yield "\n".join(one["text"] for one in self.bank.messages(phone)[after:])
            self.page.wait_for_timeout(50)

    def to_terms_agreed(self) -> None:
        self.at("issue")
        self.next()
        self.at("issue-terms")
        self.tap("agree-all")
        self.next()
        self.at("issue-who")

    def prove_internet_banking(self, person: Person) -> None:
        """From the question who one is to the screen that asks for the code."""
        self.tap("who-existing")
        self.next()
        self.at("issue-internet-banking")
        self.fill("login-id", person.login_id or "")
        self.fill("password", person.password or "")
        self.next()
        self.at("issue-confirm")
        before = len(self.bank.messages(person.phone))
        self.next()
        self.at("issue-code")
        self.fill("sms-code", self.read_code(person.phone, after=before))

    def show_account_password(self, person: Person) -> None:
        self.at("issue-account")
        self.page.locator("[data-testid^=account-]").first.check()
        self.next()
        self.at("issue-account-password")
        self.digits(person.accounts[0].password)

    def choose_methods(self, pin: str, pattern: Sequence[int] = PATTERN) -> None:
        self.at("issue-pin")
        self.digits(pin)
        self.at("issue-pin-again")
        self.digits(pin)
        self.at("issue-pattern")
        self.draw(pattern)
        self.at("issue-pattern-again")
        self.draw(pattern)

    def issue(self, person: Person, *, pin: str | None = None) -> None:
        """Issue or reissue for an existing customer, from the address to the issued screen."""
        self.go("/issue")
        self.to_terms_agreed()
        self.prove_internet_banking(person)
        self.next()
        self.show_account_password(person)
        self.choose_methods(pin or person.pin)
        self.at("issued")

    def identify_first_time(self, person: Person) -> None:
        """From the question who one is to the screen that asks for the code."""
        self.tap("who-first")
        self.next()
        self.at("issue-carrier")
        self.tap(f"carrier-{person.carrier}")
        self.next()
        self.at("issue-name")
        self.fill("name", person.name)
        self.next()
        self.at("issue-number")
        self.fill("number-front", person.resident_number[:6])
        self.fill("number-back", person.resident_number[6:])
        self.next()
        self.at("issue-phone")
        self.fill("phone", person.phone)
        self.next()
        self.at("issue-code")

    def enrol_internet_banking(self, name: str, *, login_id: str, password: str, account: str):
        self.at("issue-new-id")
        self.fill("new-login-id", login_id)
        self.next()
        self.at("issue-new-password")
        self.fill("new-password", password)
        self.fill("new-password-again", password)
        self.next()
        self.at("issue-new-name")
        if self.seen("name").input_value() == "":
            self.fill("name", name)
        self.next()
        self.at("issue-new-account")
        self.digits(account)
        self.at("issue-new-account-again")
        self.digits(account)

    def log_in(self, pin: str, *, to: str = "/") -> None:
        """By PIN, from a fresh load of an address to its screen."""
        self.go(to if to != "/" else "/login")
        if to != "/":
            self.at("login")
        self.tap("login-pin")
        self.at("login-pin")
        self.digits(pin)
        expect(self.seen("logout")).to_be_visible()

    def send_from_first_account(self) -> None:
        """이체, and the first of several accounts."""
        self.tap("quick-transfer")
        self.at("transfer-from")
        self.page.locator("[data-testid^=from-]").first.click()
        self.at("transfer-bank")

    def order(self, *, bank: str, account: str, amount: int, memo: str = "") -> None:
        """Put an order together, from the payee's bank to the check screen."""
        self.put_together(bank=bank, account=account, amount=amount, memo=memo)
        self.at("transfer-check")

    def put_together(self, *, bank: str, account: str, amount: int, memo: str = "") -> None:
        """The same up to what the bank says of it."""
        self.tap(f"bank-{bank}")
        self.next()
        self.at("transfer-account")
        self.fill("payee-account", account)
        self.next()
        self.at("transfer-amount")
        self.fill("amount", str(amount))
        self.next()
        self.at("transfer-memo")
        if memo:
            self.fill("memo", memo)
        self.next()

    def balance(self) -> int:
        """The first account's, on the accounts screen."""
        self.at("accounts")
        return int(re.sub(r"\D", "", self.seen("balance").first.inner_text()))

    def open_menu(self, item: str) -> None:
        """전체메뉴, and one of its lines by its address."""
        self.tap("menu")
        self.at("menu")
        self.tap("menu" + item.replace("/", "-"))

"""What a hand, a keyboard and a screen reader do with the smallest parts: keys, codes, the icon."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.site.app import App
from tests.site.conftest import CHROMIUM, QUIET

from dojang.demo import Person
from dojang.journey.served import Served

IN_ORDER = [*"1234567890"]
ROUNDS = 6
"""That a shuffled keypad lies in order each time: once in 10!^6."""


def at_the_pin(app: App, person: Person) -> None:
    app.issue(person)
    app.go("/login/pin")
    app.at("login-pin")


def keys(page: Page) -> list[str]:
    """The digits as they lie."""
    expect(page.locator("[data-testid=keypad] .keypad button").first).to_be_visible()
    every = page.locator("[data-testid=keypad] .keypad button").all_inner_texts()
    return [one for one in every if one.isdigit()]


def test_the_keypad_says_how_many_and_never_which(app: App, page: Page, minyong: Person):
    at_the_pin(app, minyong)
    told = app.seen("keypad-count")
    expect(told).to_have_attribute("aria-live", "polite")
    nothing_typed = pad(page, minyong.pin)

    for count, digit in enumerate(minyong.pin[:-1], start=1):
        page.keyboard.press(digit)

        expect(told).to_have_text(f"6자리 중 {count}자리 입력")
        assert pad(page, minyong.pin) == nothing_typed

    page.keyboard.press("Backspace")
    expect(told).to_have_text("6자리 중 4자리 입력")
    app.tap("keypad-clear")
    expect(told).to_have_text("6자리 중 0자리 입력")
    page.keyboard.type(minyong.pin)
    expect(app.seen("logout")).to_be_visible()


def pad(page: Page, pin: str) -> list[str]:
    """All of the keypad's page that is not the count: texts and attributes, keys sorted."""
    html = page.locator("main").evaluate("(main) => main.outerHTML")
    assert pin[:3] not in html, "digits that were typed stand in the page"
    said = re.sub(r'data-testid="keypad-count">[^<]*<', "<", html)
    said = re.sub(r'<span class="(?:full)?"></span>', "", said)
    return sorted(re.findall(r"<[^>]+>|[^<]+", said))


def test_the_digits_are_shuffled_by_choice(app: App, page: Page, minyong: Person):
    at_the_pin(app, minyong)
    seen = [lie_anew(app, page) for _ in range(ROUNDS)]
    assert all(sorted(one) == sorted(IN_ORDER) for one in seen)
    assert any(one != IN_ORDER for one in seen)

    app.go("/settings")
    app.at("settings")
    app.seen("shuffle").uncheck()
    app.go("/login/pin")
    app.at("login-pin")

    assert [lie_anew(app, page) for _ in range(ROUNDS)] == [IN_ORDER] * ROUNDS
    app.digits(minyong.pin)
    expect(app.seen("logout")).to_be_visible()


def lie_anew(app: App, page: Page) -> list[str]:
    """How the keys lie after the screen was opened once more."""
    page.reload()
    app.at("login-pin")
    return keys(page)


def test_the_code_of_a_message_is_pasted_or_offered_by_the_phone(
    app: App, page: Page, minyong: Person
):
    app.go("/issue")
    app.to_terms_agreed()
    app.prove_internet_banking(minyong)
    box = app.seen("sms-code")
    code = app.read_code(minyong.phone)
    expect(box).to_have_attribute("autocomplete", "one-time-code")
    expect(box).to_have_attribute("inputmode", "numeric")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    for pasted in (code, f"{code[:3]} {code[3:]}", f"[도장은행]인증번호 {code}"):
        box.fill("")
        page.evaluate("(text) => navigator.clipboard.writeText(text)", pasted)
        box.focus()
        page.keyboard.press("Control+V")
        expect(box).to_have_value(code)

    app.next()
    app.at("issue-account")


def test_another_code_is_asked_for_and_only_that_one_is_good(app: App, minyong: Person):
    app.go("/issue")
    app.to_terms_agreed()
    app.prove_internet_banking(minyong)
    old = app.read_code(minyong.phone)
    app.fill("sms-code", old[:3])
    app.next()
    expect(app.seen("sms-code")).to_have_attribute("aria-invalid", "true")

    new = app.have_another_code_sent(minyong.phone)
    if old != new:
        app.fill("sms-code", old)
        app.next()
        app.refused("wrong_code")
    app.fill("sms-code", new)
    app.next()

    app.at("issue-account")


def test_the_app_can_be_installed(bank: Served, browser: Browser, tmp_path: Path):
    """Asked of the browser itself, in a profile that is kept: a private window installs nothing."""
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=CHROMIUM, args=QUIET
    )
    page = context.new_page()
    page.goto(bank.origin + "/")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")

    errors = context.new_cdp_session(page).send("Page.getInstallabilityErrors")

    context.close()
    assert errors["installabilityErrors"] == []

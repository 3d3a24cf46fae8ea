"""The app in a real Chromium: what the first load weighs, and how long the last digit takes."""

import statistics
import time

from bench.bank import MINYONG
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.served import Served

ROUNDS = 5
QUICK_LOADS, QUICK_ROUNDS = 1, 2
_WATCH = """() => {
  window.took = new Promise((told) => {
    let pressed = 0;
    const note = () => { pressed = performance.now(); };
    addEventListener("click", note, { capture: true, once: true });
    new MutationObserver((_, observer) => {
      if (document.querySelector('[data-screen="transfer-posted"]') === null) return;
      observer.disconnect();
      requestAnimationFrame(() => told(performance.now() - pressed));
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
  });
}"""
"""Measured in the page itself, from the press to the frame that shows the receipt."""
_FONTS = (".woff2", ".woff", ".ttf")


def measure(bank: Served, *, quick: bool) -> dict[str, float]:
    """Empty where Chromium or the site is missing: not run is not 0."""
    try:
        from playwright.sync_api import sync_playwright
        from tests.site.conftest import BUILT, CHROMIUM, QUIET
    except ImportError:
        return {}
    if not CHROMIUM.exists() or not (BUILT / "index.html").exists():
        return {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        loads = [_first_load(browser, bank.origin) for _ in range(QUICK_LOADS if quick else ROUNDS)]
        receipts = _receipts(browser, bank, QUICK_ROUNDS if quick else ROUNDS)
        browser.close()
    return {
        "site.first_load_kb": statistics.median(kb for kb, _ in loads),
        "site.first_screen_ms": statistics.median(ms for _, ms in loads),
        "site.receipt_ms": statistics.median(receipts),
    }


def _first_load(browser, origin: str) -> tuple[float, float]:
    """(kB over the wire without fonts, milliseconds to the first screen) in a fresh browser."""
    context = browser.new_context(locale="ko-KR", service_workers="block")
    page = context.new_page()
    weights: list[int] = []

    def seen(request) -> None:
        if not request.url.endswith(_FONTS):
            weights.append(request.sizes()["responseBodySize"])

    page.on("requestfinished", seen)
    begun = time.perf_counter()
    page.goto(origin + "/")
    page.locator("[data-screen]").first.wait_for()
    shown = (time.perf_counter() - begun) * 1_000
    page.wait_for_load_state("networkidle")
    context.close()
    return sum(weights) / 1_000, shown


def _receipts(browser, bank, rounds: int) -> list[float]:
    """Milliseconds from the last PIN digit to the receipt, once a transfer."""
    from tests.site.app import App

    context = browser.new_context(locale="ko-KR", reduced_motion="reduce")
    app = App(context.new_page(), bank)
    app.issue(MINYONG)
    app.log_in(MINYONG.pin)
    took = []
    for n in range(rounds + 1):
        if n == 0:
            app.send_from_first_account()
        else:
            app.tap("another")
            app.at("transfer-from")
            app.page.locator("[data-testid^=from-]").first.click()
            app.at("transfer-bank")
        app.order(bank=OTHER_BANK, account=OTHER_ACCOUNT, amount=1_000)
        app.next()
        app.at("transfer-pin")
        app.digits(MINYONG.pin[:-1])
        app.page.evaluate(_WATCH)
        app.digits(MINYONG.pin[-1])
        app.at("transfer-posted")
        took.append(float(app.page.evaluate("() => window.took")))
    context.close()
    return took[1:]

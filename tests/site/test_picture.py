"""The picture at the top of the README: taken from the running bank, never drawn."""

import base64
import os
import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect
from tests.site.app import App
from tests.site.conftest import Opens
from tests.site.handset import Handset

import dojang
from dojang.demo import Person

HOME: Final = Path(dojang.__file__).parents[2]
COMMITTED: Final = HOME / "docs" / "images" / "first-screen.png"
TAKEN: Final = HOME / "artifacts" / "first-screen.png"
BYTES_MAX: Final = 300_000

_SHEET: Final = """<body style="margin:0;padding:32px;display:flex;gap:32px;background:#e6e9ef">
{}</body>"""
_PHONE: Final = """<img src="data:image/png;base64,{}" style="width:360px;height:740px;
border-radius:28px;border:10px solid #1c2330;box-shadow:0 16px 32px rgb(20 30 50 / 25%)">"""


def test_the_picture_of_the_readme_can_be_taken(
    app: App, browser: Browser, opens: Opens, minyong: Person
):
    """Set DOJANG_PICTURES=1 to put the new picture into docs."""
    handset = Handset(opens().new_page(), app.bank)
    handset.play(minyong.phone)
    app.issue(minyong)
    app.log_in(minyong.pin)
    expect(app.seen("certificate-state")).to_be_visible()
    shots = [shot(app.page)]
    app.send_from_first_account()
    app.order(bank="901", account="90112345678901", amount=52_000_000, memo="이사 잔금")
    shots.append(shot(app.page))
    app.next()
    app.digits(minyong.accounts[0].password)
    app.tap("ars-call")
    expect(app.seen("ars-number")).to_be_visible()
    shots.append(shot(app.page))
    handset.answer()
    shots.append(shot(handset.page))

    sheet = browser.new_page(viewport={"width": 4 * 380 + 5 * 32, "height": 760 + 64})
    sheet.set_content(_SHEET.format("".join(map(_PHONE.format, shots))))
    TAKEN.parent.mkdir(exist_ok=True)
    sheet.screenshot(path=TAKEN)
    sheet.close()

    assert TAKEN.stat().st_size < BYTES_MAX
    if os.environ.get("DOJANG_PICTURES"):
        COMMITTED.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TAKEN, COMMITTED)
    assert COMMITTED.stat().st_size < BYTES_MAX


def shot(page: Page) -> str:
    page.mouse.move(0, 0)
    return base64.b64encode(page.screenshot(animations="disabled")).decode()

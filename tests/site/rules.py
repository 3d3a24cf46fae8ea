"""Other rules for a bank that stands still for a moment: a slow machine takes longer for them."""

from typing import Final

from msgspec.structs import replace
from playwright.sync_api import Route
from tests.site.app import App

from dojang import demo, policy
from dojang.journey.served import Served

UNDO_SECONDS: Final = 120
_LATER: Final = "(ms) => { const now = Date.now; Date.now = () => now() + ms; }"


def undo_takes_its_time(bank: Served) -> None:
    """Two minutes to take a transfer back in the place of ten seconds, which are a policy's."""
    bank.stop()
    house = demo.make(bank.folder, bank.port)
    with house.db.transaction() as tx:
        now = policy.current(tx)
        safeguards = replace(now.safeguards, undo_seconds=UNDO_SECONDS)
        policy.adopt(tx, replace(now, safeguards=safeguards))
    house.stop()
    bank.start()


def undo_is_over(app: App) -> None:
    """Two minutes later at the bank and on the phone, which looks when its own clock says so."""
    app.bank.move_clock(UNDO_SECONDS + 1)
    app.page.evaluate(_LATER, (UNDO_SECONDS + 1) * 1_000)


def outdated(route: Route) -> None:
    """The bank's answer as it was while its owner still counted as identified."""
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "identified": True})

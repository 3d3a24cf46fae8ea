"""A screen that goes on loading, and the finger that is about to press a button of it."""

import re
import time

from playwright.sync_api import Route, expect
from tests.site.app import PATIENCE_S, App


def no_button_moves(app: App) -> None:
    """The start screen before the bank has said a word, and after all of it: whoever is about to
    press a button finds it where it was.
    """
    slow: list[Route] = []

    def hold_up(route: Route) -> None:
        slow.append(route)

    app.page.route(re.compile(r"/v1/(transfers|certificate)$"), hold_up)
    app.tap("brand")
    button = app.seen("quick-transfer")
    expect(button).to_be_visible()
    before = button.bounding_box()
    until = time.monotonic() + PATIENCE_S
    while len(slow) < 2 and time.monotonic() < until:
        app.page.wait_for_timeout(50)
    expect(app.seen("held-card")).to_have_count(0)
    for route in slow:
        route.continue_()
    expect(app.seen("held-card")).to_be_visible()
    expect(app.seen("certificate-state")).to_be_visible()
    assert len(slow) == 2
    assert button.bounding_box() == before
    app.page.unroute_all()

"""Looking at a screen the way many people look: small, wide, enlarged, with a machine's eye."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page
from tests.site.conftest import DESK, PHONE

import dojang

AXE: Final = Path(dojang.__file__).parents[2] / "site" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS: Final = Path(dojang.__file__).parents[2] / "artifacts" / "screens"
NARROW: Final = {"width": 320, "height": 640}
GRAVE: Final = ("serious", "critical")

_RUN_AXE: Final = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.map(({ id, impact, nodes }) => ({
    id, impact, where: nodes.map((node) => `${node.target} ${node.failureSummary}`).slice(0, 3),
  }));
}"""
_TOO_WIDE: Final = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .map((one) => `${one.tagName.toLowerCase()}.${one.getAttribute('class')}`).slice(0, 4);
}"""
_TOO_SMALL: Final = """(least) => [
    ...document.querySelectorAll('button, a[href], input, select, textarea, summary'),
  ].map((one) => {
    const choice = one.matches('input[type=checkbox], input[type=radio]');
    const { width, height } = ((choice && one.closest('label')) || one).getBoundingClientRect();
    const small = Math.min(width, height) < least - 0.5;
    if (!small || width < 2 || one.closest('p, small') !== null) return null;
    return `${one.dataset.testid ?? one.className} ${Math.round(width)}x${Math.round(height)}`;
  }).filter((one) => one !== null)"""
"""What a finger is to hit; a link inside a sentence is as high as its line (WCAG 2.5.8)."""
TARGET_PX: Final = 48
_LARGER: Final = "(size) => { document.documentElement.style.fontSize = size; }"
_HIDDEN_BUTTON: Final = """() => [...document.querySelectorAll('.foot .button')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.textContent)"""


@dataclass
class Look:
    """Call it with a screen's name while that screen is shown; it collects what is wrong."""

    page: Page
    locale: str
    theme: str
    found: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.emulate_media(color_scheme=self.theme)  # type: ignore[arg-type]

    def __call__(self, screen: str) -> None:
        self.seen.append(screen)
        self._at(DESK)
        self._shoot(screen, DESK)
        self._at(NARROW)
        self._fits(screen, "at 320 px")
        self._at(PHONE)
        self._shoot(screen, PHONE)
        self._axe(screen)
        small = self.page.evaluate(_TOO_SMALL, TARGET_PX)
        self.found += [f"{screen}: {one} is smaller than {TARGET_PX} px" for one in small]
        self.page.evaluate(_LARGER, "200%")
        self._fits(screen, "with text at 200 %")
        cut = self.page.evaluate(_HIDDEN_BUTTON)
        self.found += [f"{screen}: text at 200 % is cut in {one!r}" for one in cut]
        self.page.evaluate(_LARGER, "")

    def _at(self, viewport: Any) -> None:
        self.page.set_viewport_size(viewport)

    def _shoot(self, screen: str, viewport: Any) -> None:
        """The whole screen, on a phone as tall as it needs, so that the button is at its foot."""
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self._at({**viewport, "height": max(height, viewport["height"])})
        name = f"{self.locale}-{viewport['width']}-{screen}.png"
        self.page.screenshot(path=SCREENS / name, animations="disabled")
        self._at(viewport)

    def _fits(self, screen: str, how: str) -> None:
        wide = self.page.evaluate(_TOO_WIDE)
        if wide:
            self.found.append(f"{screen}: scrolls sideways {how}: {', '.join(wide)}")

    def _axe(self, screen: str) -> None:
        if self.page.evaluate("typeof axe === 'undefined'"):
            self.page.evaluate(AXE.read_text("utf-8"))
        for finding in self.page.evaluate(_RUN_AXE):
            if finding["impact"] in GRAVE:
                where = "; ".join(finding["where"])
                self.found.append(f"{screen}: {finding['impact']} {finding['id']}: {where}")

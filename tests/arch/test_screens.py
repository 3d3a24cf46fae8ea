"""Every screen of the front end is looked at: by axe, at 320 px, with large text, in a picture."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PARTS: Final = "Screen|DoneScreen|NowPin|ChoosePin|ChoosePattern|NameStep"
NAMED: Final = re.compile(rf'<(?:{PARTS})\s[^<>]*?\bname="([a-z0-9_-]+)"')
LOOKED: Final = re.compile(r'\blook\w*\(\s*f?"([a-z0-9_-]+)')
PASSING: Final = {
    "changing": "the new secret is being set; it says so and is gone",
    "joint-export-none": "one sentence, to a browser in which the key was not made",
    "revoke-none": "one sentence, while the certificate's state is asked for",
    "issue-issuing": "keys are being made; it says so and is gone",
    "joint-loading": "nothing on it yet",
    "joint-making": "a key is being made; it says so and is gone",
}


def test_every_screen_is_looked_at() -> None:
    sources = (ROOT / "site" / "src").rglob("*.tsx")
    screens = {name for one in sources for name in NAMED.findall(one.read_text("utf-8"))}
    tests = [one.read_text("utf-8") for one in (ROOT / "tests" / "site").glob("*.py")]
    looked = {name for text in tests for name in LOOKED.findall(text)}

    assert len(screens) > 80
    assert sorted(screens - looked - set(PASSING)) == []

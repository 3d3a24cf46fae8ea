"""The handset of a sample person: codes from its inbox, keys on its calls."""

import re
import time
from collections.abc import Callable
from typing import Any, Final

from dojang.demo import Person
from dojang.journey import loopback
from dojang.journey.lie import Lie, prove, same
from dojang.journey.served import Served

ARRIVES_SECONDS_MAX: Final = 60.0
_CODE: Final = re.compile(r"\b(\d{6})\b")
_NOTICE_BYTES_MAX: Final = 90


class Handset:
    """Reads one number's messages and answers its calls."""

    def __init__(self, bank: Served, person: Person) -> None:
        self._bank = bank
        self._phone = person.phone

    def texts(self) -> list[str]:
        return [str(one["text"]) for one in self._bank.messages(self._phone)]

    def code(self) -> str:
        """The newest code that was sent. Raises Lie where there is none."""
        found = [match for text in self.texts() if (match := _CODE.search(text))]
        if not found:
            raise Lie("no SMS code arrived")
        return found[-1].group(1)

    def mark(self) -> int:
        """How many messages there are now, for `received` to count from."""
        return len(self.texts())

    def received(self, words: str, since: int) -> str:
        """A message with these words after `since`, waited for; checked to be a proper SMS."""
        text: str = self._await(lambda: [t for t in self.texts()[since:] if words in t])[-1]
        prove(len(text.encode("euc-kr", errors="replace")) <= _NOTICE_BYTES_MAX, "SMS too long")
        prove(not re.search(r"https?:|www\.", text), "an SMS carries a link")
        prove(text.startswith("["), "an SMS does not begin with its sender")
        return text

    def times(self, words: str) -> int:
        """How many messages hold these words."""
        return sum(words in text for text in self.texts())

    def ringing(self) -> dict[str, Any]:
        """The call that rings now, waited for."""
        live = {"ringing", "answered"}
        call: dict[str, Any] = self._await(
            lambda: [one for one in self._bank.calls(self._phone) if one["state"] in live]
        )[-1]
        return call

    def key(self, digits: str) -> dict[str, Any]:
        """Pick up the call that rings and key digits; what the call makes of them."""
        call = self.ringing()
        if call["state"] == "ringing":
            self._post(f"/_handset/calls/{call['id']}/answer", {})
        return self._post(f"/_handset/calls/{call['id']}/keys", {"digits": digits})

    def key_number(self, order: dict[str, Any]) -> None:
        """Key the number that the order's screen shows, as the customer does."""
        same(self.key(order["ars"]["number"])["heard"], "passed", "what the call heard")

    def _await(self, look: Callable[[], list[Any]]) -> list[Any]:
        until = time.monotonic() + ARRIVES_SECONDS_MAX
        while time.monotonic() < until:
            found = look()
            if found:
                return found
            time.sleep(0.05)
        raise Lie("nothing arrived on the handset")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = loopback.post(self._bank.origin + path, json=body, timeout=60)
        prove(answer.is_success, f"the handset was answered {answer.status_code}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

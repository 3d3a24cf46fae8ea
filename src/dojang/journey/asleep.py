"""The demo's sleeper: a customer whose certificate was issued long ago and never used again.

Nothing is written behind the bank's back. The clock starts in the past, the Python phone walks the
same enrolment as everyone, and then the clock is let go.
"""

import re
import sys
from pathlib import Path
from typing import Final

from dojang import demo
from dojang.app import build
from dojang.demo_folder import settings
from dojang.gateways.twins import Outside, RecordedSms
from dojang.kernel.clock import DAY, Instant, MovableClock, SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.phone.customer import Customer
from dojang.web.in_process import in_process

STORY: Final = "sleeping"
PATTERN: Final = "0-4-8-5-2"


def lay_down(folder: Path, port: int) -> None:
    """Make the demo bank of an empty folder as it was 340 days ago, and enrol its sleeper."""
    past = Instant(SystemClock().now() - demo.SLEEPS_SINCE_DAYS * DAY)
    clock = MovableClock(past, running=True)
    folder.mkdir(parents=True, exist_ok=True)
    bank = build(settings(folder, port), clock=clock, entropy=SystemEntropy())
    outside = Outside(folder / "handset.db", clock)
    demo.populate(bank, outside, today=SystemClock().now())
    sleeper = next(person for person in demo.PEOPLE if person.story == STORY)
    with in_process(bank) as client:
        phone = Customer(
            bank.settings.origin,
            folder / "phones" / STORY,
            clock=clock,
            entropy=SystemEntropy(),
            client=client,
        )
        enrol(phone, sleeper, RecordedSms(outside))
    outside.close()


def enrol(phone: Customer, person: demo.Person, messages: RecordedSms) -> None:
    """The whole way of someone who uses internet banking, from the menu to both certificates."""
    application = phone.apply()
    application.internet_banking(person.login_id or "", person.password or "")
    application.identity()
    newest = messages.inbox(PhoneNumber(person.phone))[-1].text
    code = re.search(r"\d{6}", newest)
    assert code is not None, "the message that was just sent carries the code"
    application.sms_code(code.group())
    state = application.account_password(
        str(application.state["accounts"][0]["id"]), person.accounts[0].password
    )
    assert state["step"] == "keys", "the last proof opens the way to the keys"
    phone.make_keys(person.pin, PATTERN)
    phone.finish(application)


if __name__ == "__main__":
    lay_down(Path(sys.argv[1]), int(sys.argv[2]))

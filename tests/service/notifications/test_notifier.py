"""The notifier behind a real log, before a gateway that fails as gateways do."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest

from dojang.db import Database, Event, Tx, log
from dojang.gateways.sms import GatewayDown, Sms
from dojang.gateways.twins import Outside, RecordedSms
from dojang.kernel.clock import HOUR, SECOND, MovableClock
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.methods.events import PasskeyAdded
from dojang.notifications import Notifier, Recipient, Sender
from dojang.notifications.model import ATTEMPTS_MAX
from dojang.notifications.notifier import GatewayAway

PATIENCE_S = 60
PHONE = PhoneNumber("01048275913")
SENDER = Sender("도장은행", "Dojang Bank", "1599-0000")
PEOPLE = {
    "ko-1": Recipient(PHONE, "ko"),
    "en-1": Recipient(PhoneNumber("01011112222"), "en"),
    "bad-1": Recipient(PhoneNumber("01099990000"), "ko"),
}


@dataclass(frozen=True, kw_only=True)
class Unheard(Event):
    """A leaf that nobody is told of."""

    kind: ClassVar[str] = "test.unheard"


@dataclass
class Gateway:
    """The message centre's twin behind a line that can be cut."""

    inner: RecordedSms
    cut: bool = False
    cut_after_taking: bool = False
    refused: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def send(self, sms: Sms) -> None:
        self.asked.append(sms.key)
        if self.cut or sms.to in self.refused:
            raise GatewayDown
        self.inner.send(sms)
        if self.cut_after_taking:
            raise GatewayDown


@pytest.fixture
def outside(tmp_path: Path, clock: MovableClock) -> Iterator[Outside]:
    world = Outside(tmp_path / "handset.db", clock)
    yield world
    world.close()


@pytest.fixture
def gateway(outside: Outside) -> Gateway:
    return Gateway(RecordedSms(outside))


@pytest.fixture
def faults() -> list[Exception]:
    return []


@pytest.fixture
def notifier(db: Database, gateway: Gateway, faults: list[Exception]) -> Notifier:
    return made(db, gateway, faults)


def made(db: Database, gateway: Gateway, faults: list[Exception]) -> Notifier:
    return Notifier(db, sms=gateway, recipients=known, sender=SENDER, on_fault=faults.append)


def known(_tx: Tx, customer_id: str) -> Recipient | None:
    if customer_id == "broken":
        raise RuntimeError("a row that cannot be opened")
    return PEOPLE.get(customer_id)


def happened(db: Database, *subjects: str) -> None:
    with db.transaction() as tx:
        for subject in subjects:
            tx.emit(PasskeyAdded(subject=subject, credential_id="c", passkey_id="p"))


def inbox(gateway: Gateway, customer: str = "ko-1") -> list[str]:
    return [m.text for m in gateway.inner.inbox(PEOPLE[customer].phone)]


def kinds(db: Database) -> list[str]:
    with db.snapshot() as tx:
        return [leaf.kind for leaf in log.read(tx.connection, 0, 1_000)]


def test_each_customer_is_told_in_their_language(
    db: Database, notifier: Notifier, gateway: Gateway
) -> None:
    happened(db, "ko-1", "en-1")
    notifier.catch_up()

    assert inbox(gateway) == [
        "[도장은행]지문·얼굴(패스키)이 추가되었습니다. 본인이 아니면 1599-0000"
    ]
    assert inbox(gateway, "en-1") == ["[Dojang Bank] A passkey was added. Not you? Call 1599-0000"]


def test_a_leaf_is_told_once_however_often_one_looks(
    db: Database, notifier: Notifier, gateway: Gateway, faults: list[Exception]
) -> None:
    happened(db, "ko-1")
    notifier.catch_up()
    notifier.catch_up()
    made(db, gateway, faults).catch_up()

    assert len(gateway.asked) == 1


def test_a_crash_after_sending_tells_nothing_twice(
    db: Database, gateway: Gateway, faults: list[Exception]
) -> None:
    class Dies(Notifier):
        def _reach(self, idx: int) -> None:
            assert idx > 0
            raise SystemExit

    happened(db, "ko-1")
    with pytest.raises(SystemExit):
        Dies(db, sms=gateway, recipients=known, sender=SENDER, on_fault=faults.append).catch_up()
    made(db, gateway, faults).catch_up()

    assert len(gateway.asked) == 2
    assert len(set(gateway.asked)) == 1
    assert len(inbox(gateway)) == 1


def test_a_message_taken_without_an_answer_arrives_once(
    db: Database, notifier: Notifier, gateway: Gateway, clock: MovableClock
) -> None:
    happened(db, "ko-1")
    gateway.cut_after_taking = True
    notifier.catch_up()
    gateway.cut_after_taking = False
    clock.move(HOUR)
    notifier.catch_up()

    assert len(gateway.asked) == 2
    assert len(inbox(gateway)) == 1


def test_two_notifiers_at_once_tell_each_leaf_once(
    db: Database, gateway: Gateway, faults: list[Exception]
) -> None:
    happened(db, *["ko-1"] * 40)
    both = [threading.Thread(target=made(db, gateway, faults).catch_up) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert len(inbox(gateway)) == 40
    assert faults == []


def test_a_number_that_is_never_taken_holds_nobody_up(
    db: Database, notifier: Notifier, gateway: Gateway
) -> None:
    gateway.refused = {PEOPLE["bad-1"].phone}
    happened(db, "bad-1", "ko-1", "bad-1", "ko-1", "bad-1", "bad-1", "ko-1")
    notifier.catch_up()

    assert len(inbox(gateway)) == 3


def test_many_such_numbers_in_a_row_hold_nobody_up_for_ever(
    db: Database, notifier: Notifier, gateway: Gateway
) -> None:
    gateway.refused = {PEOPLE["bad-1"].phone}
    happened(db, *["bad-1"] * 10, "ko-1")
    rests = 0
    while not inbox(gateway):
        try:
            notifier.catch_up()
        except GatewayAway:
            rests += 1

    assert rests == 8


def test_a_message_is_tried_again_less_and_less_often_and_then_given_up(
    db: Database, notifier: Notifier, gateway: Gateway, clock: MovableClock
) -> None:
    gateway.refused = {PEOPLE["bad-1"].phone}
    happened(db, "bad-1")
    for _ in range(30 * 60 * 2):
        with contextlib.suppress(GatewayAway):
            notifier.catch_up()
        clock.move(60 * SECOND)
        if "notification.given_up" in kinds(db):
            break
    gateway.refused = set()
    notifier.catch_up()

    assert len(gateway.asked) == ATTEMPTS_MAX
    assert kinds(db)[-2:] == ["passkey.added", "notification.given_up"]


def test_when_the_gateway_is_back_everything_arrives(
    db: Database, notifier: Notifier, gateway: Gateway, clock: MovableClock
) -> None:
    gateway.cut = True
    happened(db, *["ko-1"] * 6)
    for _ in range(2):
        with pytest.raises(GatewayAway):
            notifier.catch_up()
    asked = len(gateway.asked)
    gateway.cut = False
    clock.move(HOUR)
    notifier.catch_up()

    assert asked < 6
    assert len(inbox(gateway)) == 6


def test_a_leaf_that_breaks_us_does_not_silence_the_rest(
    db: Database, notifier: Notifier, gateway: Gateway, faults: list[Exception]
) -> None:
    happened(db, "broken", "ko-1")
    notifier.catch_up()

    assert len(inbox(gateway)) == 1
    assert [type(fault) for fault in faults] == [RuntimeError]


def test_nobody_is_told_of_what_concerns_no_one_or_has_no_words(
    db: Database, notifier: Notifier, gateway: Gateway
) -> None:
    with db.transaction() as tx:
        tx.emit(Unheard(subject="ko-1"))
    happened(db, "", "unknown-customer")
    notifier.catch_up()

    assert gateway.asked == []


def test_a_running_notifier_is_woken_and_stops(
    db: Database, notifier: Notifier, gateway: Gateway
) -> None:
    stop = threading.Event()
    running = threading.Thread(target=notifier.run, args=(stop,))
    running.start()
    with db.transaction() as tx:
        tx.emit(PasskeyAdded(subject="ko-1", credential_id="c", passkey_id="p"))
        tx.after_commit(notifier.wake)
    arrives(gateway)
    stop.set()
    notifier.wake()
    running.join(PATIENCE_S)

    assert not running.is_alive()
    assert len(inbox(gateway)) == 1


def arrives(gateway: Gateway) -> None:
    """Wait for the first message."""
    until = time.monotonic() + PATIENCE_S
    while not inbox(gateway) and time.monotonic() < until:
        time.sleep(0.02)


def test_a_running_notifier_outlives_its_database(
    db: Database, notifier: Notifier, gateway: Gateway, faults: list[Exception]
) -> None:
    stop = threading.Event()
    fine = notifier._db
    notifier._db = None  # type: ignore[assignment]
    running = threading.Thread(target=notifier.run, args=(stop,))
    running.start()
    while not faults:
        threading.Event().wait(0.02)
    notifier._db = fine
    happened(db, "ko-1")
    notifier.wake()
    arrives(gateway)
    stop.set()
    notifier.wake()
    running.join(PATIENCE_S)

    assert len(inbox(gateway)) == 1

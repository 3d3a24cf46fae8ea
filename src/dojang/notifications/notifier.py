"""Reads the log behind the others and tells customers, each leaf once.

A message's key is "log:IDX", and the gateway drops a known key: so it may be sent before the
cursor moves, and a crash between the two sends nothing twice. A message that cannot be sent is
kept for later and lets the others pass. Several failures in a row mean that the gateway itself is
away: then one message is tried a rest, and the others wait where they are.
"""

import threading
from collections.abc import Callable
from typing import Final

from dojang.db import Database
from dojang.db.log import Leaf
from dojang.gateways.sms import GatewayDown, Sms, SmsGateway
from dojang.notifications import store, texts
from dojang.notifications.events import NotificationGivenUp
from dojang.notifications.model import (
    FormerRecipients,
    Late,
    Recipients,
    Sender,
    next_attempt,
    nobody,
)

CURSOR: Final = "notifications"
PAGE: Final = 200
POLL_SECONDS: Final = 0.5
LONGEST_REST_SECONDS: Final = 30.0
DOWN_AFTER: Final = 3
"""So many failures in a row, and the gateway counts as away."""

Fault = Callable[[Exception], None]


class GatewayAway(Exception):
    """The gateway takes nothing just now. What was tried is kept for later; the rest waits."""


class Notifier:
    """One of these runs in each process that is told to; two do no harm."""

    def __init__(
        self,
        db: Database,
        *,
        sms: SmsGateway,
        recipients: Recipients,
        sender: Sender,
        on_fault: Fault,
        left_behind: FormerRecipients = nobody,
    ) -> None:
        """`on_fault` is told of every exception that nobody expected, and must not raise."""
        self._db = db
        self._on_fault = on_fault
        self._sms = sms
        self._recipients = recipients
        self._left_behind = left_behind
        self._sender = sender
        self._woken = threading.Event()
        self._failures = 0

    def wake(self) -> None:
        """Something was committed: look now, not at the next poll. Safe from any thread."""
        self._woken.set()

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set (then `wake` for a prompt end). Runs on a thread of its own.

        A gateway or database that is away is met with a rest that doubles up to half a minute.
        """
        rest = POLL_SECONDS
        while not stop.is_set():
            try:
                self.catch_up()
                rest = POLL_SECONDS
            except GatewayAway:
                rest = min(rest * 2, LONGEST_REST_SECONDS)
            except Exception as fault:  # noqa: BLE001 - the outermost frame of a thread
                self._on_fault(fault)
                rest = min(rest * 2, LONGEST_REST_SECONDS)
            self._woken.wait(rest)
            self._woken.clear()

    def catch_up(self) -> int:
        """Tell everything that waits; how many leaves were looked at. Raises GatewayAway."""
        seen, page = 0, PAGE
        while page == PAGE:
            leaves = self._unread()
            for leaf in leaves:
                self._pass(leaf)
            if leaves:
                self._reach(leaves[-1].idx + 1)
            page = len(leaves)
            seen += page
        self._retry()
        return seen

    def _unread(self) -> list[Leaf]:
        with self._db.snapshot() as tx:
            return store.leaves(tx, store.position(tx, CURSOR), PAGE)

    def _pass(self, leaf: Leaf) -> None:
        """Tell this leaf or owe it; the cursor is behind it only afterwards."""
        if self._sent(leaf):
            return
        with self._db.transaction() as tx:
            store.begin(tx, CURSOR, at=0)
            store.advance(tx, CURSOR, leaf.idx + 1)
            again = next_attempt(1, tx.now) or tx.now
            store.owe(tx, Late(leaf.idx, 1, again, given_up=False))
        self._rest_if_away()

    def _reach(self, idx: int) -> None:
        with self._db.transaction() as tx:
            store.begin(tx, CURSOR, at=0)
            store.advance(tx, CURSOR, idx)

    def _retry(self) -> None:
        with self._db.snapshot() as tx:
            due = store.due(tx, PAGE)
            leaves = [store.leaf(tx, late.idx) for late in due]
        for late, leaf in zip(due, leaves, strict=True):
            if self._sent(leaf):
                with self._db.transaction() as tx:
                    store.settled(tx, late.idx)
            else:
                self._failed_again(late, leaf)

    def _failed_again(self, late: Late, leaf: Leaf) -> None:
        attempts = late.attempts + 1
        with self._db.transaction() as tx:
            again = next_attempt(attempts, tx.now)
            store.tried(tx, Late(late.idx, attempts, again or tx.now, given_up=again is None))
            if again is None:
                tx.emit(
                    NotificationGivenUp(subject=leaf.subject, about=leaf.idx, attempts=attempts)
                )

        self._rest_if_away()

    def _rest_if_away(self) -> None:
        if self._failures >= DOWN_AFTER:
            raise GatewayAway

    def _sent(self, leaf: Leaf) -> bool:
        """True when there is nothing left to do about this leaf."""
        try:
            for sms in (self._former(leaf), self._message(leaf)):
                if sms is not None:
                    self._sms.send(sms)
                    self._failures = 0
        except GatewayDown:
            self._failures += 1
            return False
        except Exception as fault:  # noqa: BLE001 - a leaf that breaks us must not silence the rest
            self._on_fault(fault)
            return False
        return True

    def _former(self, leaf: Leaf) -> Sms | None:
        """For the number that this leaf took off the file: its owner must not hear it last.

        Sent again with the rest when the gateway was away: its key makes that harmless.
        """
        if leaf.kind != texts.FORMER_KIND:
            return None
        with self._db.snapshot() as tx:
            to = self._left_behind(tx, leaf.subject, leaf.at)
        if to is None:
            return None
        text = texts.compose_former(leaf.fields(), to.locale, self._sender)
        return Sms(f"log:{leaf.idx}:former", to.phone, text)

    def _message(self, leaf: Leaf) -> Sms | None:
        if not leaf.subject or leaf.kind not in texts.KINDS:
            return None
        fields = leaf.fields()
        if not texts.told(leaf.kind, fields):
            return None
        with self._db.snapshot() as tx:
            to = self._recipients(tx, leaf.subject)
        text = None if to is None else texts.compose(leaf.kind, fields, to.locale, self._sender)
        return None if to is None or text is None else Sms(f"log:{leaf.idx}", to.phone, text)

"""One process of the bank: a Ledger behind a socket. One line of JSON a request, one an answer.

It says what became of a request, or `error`: then nobody knows, and the same id is sent again.
"""

import contextlib
import json
import os
import socketserver
import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.faults.bank import mutants
from tests.faults.bank.town import PEOPLE, StridingClock, ledger_on
from tests.postgresql import APP, as_role

from dojang.db import Database, log
from dojang.ledger import Ledger, Outcome, Request, accounts
from dojang.ledger.failpoints import VARIABLE
from dojang.ledger.model import Kind

RETRY_S = 0.1
SWEEP_S = 0.7


@dataclass(frozen=True)
class Settings:
    """`since` and `skew_s` make the clock; `mutant` breaks this process on purpose."""

    url: str
    port: int
    since: int
    skew_s: float = 0.0
    mutant: str | None = None
    failpoint: str | None = None


class Application:
    def __init__(self, settings: Settings) -> None:
        clock = StridingClock(settings.since, settings.skew_s)
        url = as_role(settings.url, APP)
        self.db = mutants.database(settings.mutant, url, clock)
        mutants.arm(settings.mutant)
        self.ledger = ledger_on(self.db, clock)

    def ready(self) -> None:
        """As at every start of the bank; waits for the database."""
        while True:
            try:
                self.ledger.found()
            except Exception:  # noqa: BLE001 - the database is down; it will come back
                time.sleep(RETRY_S)
            else:
                break
        self.ledger.start()

    def sweep_on(self) -> None:
        threading.Thread(target=self._sweep, daemon=True).start()

    def close(self) -> None:
        self.ledger.stop()
        self.db.close()

    def _sweep(self) -> None:
        """The house's job: holds whose time is over."""
        while True:
            time.sleep(SWEEP_S)
            with contextlib.suppress(Exception):
                self.ledger.sweep()

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            if asked["do"] == "read":
                return snapshot(self.db)
            return {"said": told(decide(self.ledger, [asked["request"]])[0])}
        except Exception as error:  # noqa: BLE001 - the edge, as the web layer is
            return {"error": type(getattr(error, "orig", None) or error).__name__}


def decide(ledger: Ledger, batch: list[dict[str, Any]]) -> list[Any]:
    """Post the requests, given as plain fields."""
    return ledger.post([Request(**{**fields, "kind": Kind(fields["kind"])}) for fields in batch])


def snapshot(db: Database) -> dict[str, Any]:
    """Every account of the town in one snapshot: [posted, held, version]; and as of when."""
    with db.snapshot() as tx:
        shown = {
            one.id: [one.balance, one.held, one.version]
            for person in PEOPLE
            for one in accounts.of_customer(tx, person.name)
        }
        return {"read": shown, "size": log.size(tx.connection), "now": tx.now}


def told(answer: Any) -> list[Any]:
    """An answer as plain values, everything the caller could look at."""
    if not isinstance(answer, Outcome):
        return ["refused", answer.id, str(answer.code)]
    refusal = answer.refusal
    return [
        str(answer.status),
        answer.id,
        str(answer.kind),
        answer.ref,
        answer.subject,
        answer.digest.hex(),
        answer.debit,
        answer.credit,
        answer.amount,
        None if refusal is None else [str(refusal.code), dict(refusal.figures)],
        answer.kst_day,
        answer.at,
        answer.log_idx,
        answer.balance_after,
    ]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def arm_failpoint(settings: Settings) -> None:
    """For the whole process, which will not outlive it."""
    if settings.failpoint is not None:
        os.environ[VARIABLE] = settings.failpoint


def serve(settings: Settings) -> None:
    """Serve until killed. Run in a process of its own."""
    arm_failpoint(settings)
    application = Application(settings)
    application.ready()
    application.sweep_on()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                for line in self.rfile:
                    reply = application.answer(json.loads(line))
                    self.wfile.write(json.dumps(reply).encode() + b"\n")
            except OSError:
                return

    with _Server(("127.0.0.1", settings.port), Handler) as server:
        server.serve_forever()

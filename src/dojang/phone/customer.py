"""The customer's phone in Python: what the app does, without a screen.

It keeps two files: `phone.json`, the whole durable state of PROTOCOL 2, and `pending.json`, the
enrolment under way and the transfer ids that were made before they were sent. Every call returns
what the bank answered or raises `Refused`, `NoAnswer`, or what the protocol machine raises.
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx

from dojang.crypto import messages
from dojang.crypto.encoding import b64u, unb64u
from dojang.crypto.messages import PIN, KeyKind
from dojang.crypto.tree_heads import TreeHead, path_from_json
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.phone import witness
from dojang.phone.application import Application
from dojang.phone.change import Changing
from dojang.phone.enrol import Enrolling
from dojang.phone.http import Line, NoAnswer, Watch
from dojang.phone.machine import Machine, Wanted
from dojang.phone.ordering import Order, life, same_members, signed_bytes
from dojang.phone.state import FileStore, KeyRecord, new_phone
from dojang.phone.talk import Talk
from dojang.phone.witness import HistoryRewritten, IssuedToMe, Witness

Call = Callable[[dict[str, Any]], None]
"""Picks up the ARS call of an order: hears the order with its `ars` and keys the number."""

SETTLED_ASKS_MAX: Final = 1_200
ASK_AGAIN_SECONDS: Final = 0.05
_NOTHING_PENDING: Final[dict[str, Any]] = {"enrolment": None, "transfers": {}}


class Customer:
    """One phone of one person at one bank. Made over an empty folder, or over what it left."""

    def __init__(
        self,
        origin: str,
        home: Path,
        *,
        clock: Clock,
        entropy: Entropy,
        watch: Watch | None = None,
        client: httpx.Client | None = None,
        pause: Callable[[int], None] | None = None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.origin: Final = origin
        self.home: Final = home
        self.store: Final = FileStore(home / "phone.json")
        if not self.store.path.exists():
            self.store.write(new_phone(entropy))
        device_key = self.store.read().private_key()
        self.line: Final = Line(
            origin, device_key, clock=clock, entropy=entropy, client=client, watch=watch
        )
        self.machine: Final = Machine(
            self.store, Talk(self.line.post, entropy, pause=pause), entropy
        )
        self._ids = Ids(clock, entropy)
        self._entropy = entropy
        self._pending_file = home / "pending.json"

    def key(self, kind: KeyKind | str) -> KeyRecord:
        """Raises LookupError before a certificate was issued to this phone."""
        found = self.store.read().key(KeyKind(kind))
        if found is None:
            raise LookupError("no certificate on this phone")
        return found

    def kid(self, kind: KeyKind | str) -> bytes:
        return self.key(kind).kid

    def public_key(self, kind: KeyKind | str) -> bytes:
        return self.key(kind).pk

    def recover(self) -> None:
        """What the app does when it starts: settle every signature that was under way."""
        for enrolling in (False, True):
            for kind in KeyKind:
                self.machine.resume(kind, enrolling=enrolling)

    def _sign(
        self, kind: KeyKind, request_id: str, message: bytes, method: str, secret: str
    ) -> bytes:
        wanted = Wanted(kind=kind, m=method, secret=secret, request_id=request_id, message=message)
        return self.machine.sign(wanted).signature

    def _pending(self) -> dict[str, Any]:
        if not self._pending_file.exists():
            return {**_NOTHING_PENDING, "transfers": {}}
        kept: dict[str, Any] = json.loads(self._pending_file.read_bytes())
        return kept

    def _keep(self, pending: Mapping[str, Any]) -> None:
        """Durable when it returns, and whole."""
        fresh = self._pending_file.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(json.dumps(pending, ensure_ascii=False).encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._pending_file)

    # Issue and reissue

    def apply(
        self, *, locale: str = "ko", agreed: Sequence[Mapping[str, Any]] | None = None
    ) -> Application:
        """Begin an issue or reissue; its token is kept until `finish`."""
        application = Application(self.line)
        application.begin(agreed, locale=locale)
        self._keep({**self._pending(), "enrolment": application.token})
        return application

    def resume_application(self) -> Application:
        """The journey that was under way when the app was closed. Raises Refused if it is over."""
        application = Application(self.line)
        application.resume(str(self._pending()["enrolment"]))
        return application

    def make_keys(self, pin: str, pattern: str) -> None:
        """Both keys with the bank, under PIN and pattern; the journey is at its step `keys`."""
        Enrolling(self.machine, self._entropy).both(pin, pattern)

    def finish(self, application: Application) -> dict[str, Any]:
        """Fetch both certificates and take them; the same again, however often it is asked."""
        issued = application.finish()
        found = {KeyKind(kind): unb64u(der) for kind, der in issued["certificates"].items()}
        log = witness.pinned(application.log)
        Enrolling(self.machine, self._entropy).adopt(str(issued["id"]), found, log)
        return issued

    def change_secret(self, method: str, *, pin: str, new: str) -> None:
        """Replace the PIN (on both keys) or the pattern; needs a session."""
        Changing(self.machine, self._entropy, self.origin).change(method, pin=pin, new=new)

    # Sessions

    def login(self, secret: str, method: str = PIN) -> dict[str, Any]:
        """Log in by PIN or pattern. The session's token stays in memory."""
        return self.open_session(self.sign_login(secret, method))

    def sign_login(self, secret: str, method: str = PIN) -> str:
        """Ask for a challenge and sign it; returns the request that opens the session."""
        kid = self.kid(KeyKind.AUTH)
        asked = self.line.post("/v1/login/challenges", {"kid": b64u(kid)}).must()
        same_members(asked, {"origin": self.origin, "kid": b64u(kid)})
        message = messages.auth(life(kid, asked), origin=self.origin)
        self._sign(KeyKind.AUTH, str(asked["request_id"]), message, method, secret)
        return str(asked["request_id"])

    def open_session(self, request_id: str) -> dict[str, Any]:
        self.line.token = None
        opened = self.line.post("/v1/sessions", {"request_id": request_id}).must()
        self.line.token = str(opened["token"])
        self.meet_log()
        return opened

    def log_out(self) -> None:
        self.line.delete("/v1/sessions/current").must()
        self.line.token = None

    def sessions(self) -> list[dict[str, Any]]:
        return self._list("/v1/sessions", "sessions")

    def end_session(self, session_id: str) -> None:
        self.line.delete(f"/v1/sessions/{session_id}").must()

    # The log

    def meet_log(self) -> TreeHead | None:
        """Ask for the newest tree head and demand that it continues the one kept here.

        None where there is nothing to compare: no log pinned, or no answer this time. Raises
        HistoryRewritten, with the session given up and the refused head kept as evidence.
        """
        known = self.store.read().log
        if known is None:
            return None
        since = 0 if known.head is None else known.head.size
        try:
            answer = self.line.get(f"/v1/log/sth?since={since}")
        except NoAnswer:
            return None
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return None
        return self._witnessed(lambda: witness.met(known, answer.body)).head

    def issued_to_me(self) -> list[IssuedToMe]:
        """Every certificate ever given out in this customer's name, proved to be in the log.

        Needs a session. Raises HistoryRewritten.
        """
        found: list[IssuedToMe] = []
        after: int | None = -1
        while after is not None:
            page = self.line.get(f"/v1/certificate/log?after={after}").must()
            known = self._believed(page["head"])
            own = [k.certificate for k in self.store.read().keys.values() if k.certificate]
            prints = frozenset(witness.fingerprint(one) for one in own)
            assert known.head is not None, "a head was believed just now"
            found += witness.proved(known.head, page["entries"], prints)
            after = page["next"]
        return found

    def _believed(self, given: Any) -> Witness:
        """The witness with the head of an answer in it, once that continues the kept one."""
        known = self.store.read().log
        if known is None:
            raise LookupError("no certificate on this phone")
        shown = TreeHead.from_json(given)
        path: tuple[bytes, ...] = ()
        if known.head is not None and 0 < known.head.size < shown.size:
            asked = f"/v1/log/proof/consistency?first={known.head.size}&second={shown.size}"
            path = path_from_json(self.line.get(asked).must()["path"])
        return self._witnessed(lambda: witness.continued(known, shown, path))

    def _witnessed(self, look: Callable[[], Witness]) -> Witness:
        """Keep what was seen, believed or not."""
        record = self.store.read()
        try:
            seen = look()
        except HistoryRewritten as rewritten:
            self.line.token = None
            assert record.log is not None, "only a phone with a log looks at one"
            evidence = replace(record.log, refused=rewritten.shown)
            self.store.write(replace(record, log=evidence))
            raise
        if seen != record.log:
            self.store.write(replace(record, log=seen))
        return seen

    # What is mine

    def me(self) -> dict[str, Any]:
        return self.line.get("/v1/me").must()

    def certificate(self) -> dict[str, Any]:
        return self.line.get("/v1/certificate").must()

    def history(self) -> list[dict[str, Any]]:
        """Every use of the certificate, newest first."""
        return self._pages("/v1/certificate/history", "entries")

    def accounts(self) -> list[dict[str, Any]]:
        return self._list("/v1/accounts", "accounts")

    def account(self, name: str) -> dict[str, Any]:
        """The account with this name. Raises LookupError."""
        found = [one for one in self.accounts() if one["name"] == name]
        if not found:
            raise LookupError("no account of this name")
        return found[0]

    def statement(self, account_id: str) -> list[dict[str, Any]]:
        """Every line of the account, newest first."""
        return self._pages(f"/v1/accounts/{account_id}/statement", "entries")

    def limits(self) -> dict[str, Any]:
        return self.line.get("/v1/limits").must()

    def payee(self, bank: str, account: str) -> dict[str, Any]:
        return self.line.post("/v1/payees", {"bank": bank, "account": account}).must()

    def _list(self, path: str, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.line.get(path).must()[name]
        return found

    def _pages(self, path: str, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        following: int | None = None
        while True:
            query = "?limit=100" + (f"&before={following}" if following is not None else "")
            page = self.line.get(path + query).must()
            found += page[name]
            following = page["next"]
            if following is None:
                return found

    # Transfers

    def new_transfer(self, order: Order) -> str:
        """A transfer id, kept durably before anything is sent."""
        transfer_id = self._ids.uuid7()
        pending = self._pending()
        pending["transfers"][transfer_id] = asdict(order)
        self._keep(pending)
        return transfer_id

    def pending_transfers(self) -> dict[str, Order]:
        """Every transfer this phone ever began, by its id: to ask again after a crash."""
        return {one: Order(**typed) for one, typed in self._pending()["transfers"].items()}

    def place(self, transfer_id: str, order: Order) -> dict[str, Any]:
        """Send the order; again with the same id: the same order."""
        return self.line.put(f"/v1/transfers/{transfer_id}", order.body()).must()

    def show_account_password(self, transfer_id: str, password: str) -> dict[str, Any]:
        path = f"/v1/transfers/{transfer_id}/account-password"
        return self.line.put(path, {"password": password}).must()

    def ask_for_call(self, transfer_id: str) -> dict[str, Any]:
        return self.line.post(f"/v1/transfers/{transfer_id}/ars", {}).must()

    def outcome(self, transfer_id: str) -> dict[str, Any]:
        return self.line.get(f"/v1/transfers/{transfer_id}").must()

    def settled(self, transfer_id: str) -> dict[str, Any]:
        """The order when the bank has done with it, asked for until then. Raises TimeoutError."""
        for _ in range(SETTLED_ASKS_MAX):
            answer = self.outcome(transfer_id)
            if answer["state"] not in {"waiting", "authorised"}:
                return answer
            time.sleep(ASK_AGAIN_SECONDS)
        raise TimeoutError("the transfer was not settled in time")

    def receipt(self, transfer_id: str, form: str = "receipt") -> bytes:
        """The evidence bundle, or with `receipt.pdf` the PDF. Raises Refused, TimeoutError."""
        for _ in range(SETTLED_ASKS_MAX):
            answer = self.line.get(f"/v1/transfers/{transfer_id}/{form}")
            if answer.code != "receipt_not_ready":
                answer.must()
                return answer.content
            time.sleep(ASK_AGAIN_SECONDS)
        raise TimeoutError("the receipt was not made in time")

    def cancel(self, transfer_id: str) -> None:
        self.line.delete(f"/v1/transfers/{transfer_id}").must()

    def sign_order(self, order: Order, answer: Mapping[str, Any], pin: str) -> bytes:
        """Sign what was shown, with the PIN; the bytes that were signed."""
        kid = self.kid(KeyKind.SIGN)
        message = signed_bytes(order, answer, kid=kid, origin=self.origin)
        self._sign(KeyKind.SIGN, str(answer["request"]["request_id"]), message, PIN, pin)
        return message

    def transfer(
        self,
        order: Order,
        pin: str,
        *,
        account_password: str | None = None,
        call: Call | None = None,
    ) -> dict[str, Any]:
        """Order, show every factor that is needed, sign; the order with its outcome."""
        transfer_id = self.new_transfer(order)
        answer = self.place(transfer_id, order)
        if "account_password" in answer["needed"] and account_password is not None:
            answer = self.show_account_password(transfer_id, account_password)
        if "ars" in answer["needed"] and call is not None:
            call(self.ask_for_call(transfer_id))
        self.sign_order(order, answer, pin)
        return self.settled(transfer_id)

    # Acts

    def revoke(self, reason: str, pin: str) -> None:
        """End the certificate, for ever."""
        self.act("revoke", {"reason": reason}, pin)

    def change_limits(self, *, per_transfer: int, per_day: int, pin: str) -> None:
        self.act("limits", {"per_transfer": per_transfer, "per_day": per_day}, pin)

    def act(
        self,
        act: str,
        details: Mapping[str, Any],
        pin: str,
        *,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """Sign an act. `body` is what is asked where the bank adds what was shown and is signed."""
        told = details if body is None else body
        asked = self.line.post("/v1/acts", {"type": act, **told}).must()
        kid = self.kid(KeyKind.SIGN)
        message = messages.act(
            life(kid, asked["fields"]), origin=self.origin, act_type=act, details=details
        )
        same_members(asked["fields"], messages.read(message)[1])
        self._sign(KeyKind.SIGN, str(asked["request_id"]), message, PIN, pin)

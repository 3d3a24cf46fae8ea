"""Applying for a certificate, step by step, as the app's screens do (contract 1.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from dojang.phone.http import Line

ROOT: Final = "/v1/enrolments"
HERE: Final = "/v1/enrolments/current"


@dataclass(frozen=True)
class Claim:
    """Who one says one is, for the telecom operator."""

    carrier: str
    name: str = field(repr=False)
    resident_number: str = field(repr=False)
    phone: str = field(repr=False)


class Application:
    """One journey from terms to keys. Each call returns the journey's state, or raises Refused.

    While it runs, the line carries the enrolment token; `resume` takes it up again after the app
    was closed.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self.state: dict[str, Any] = {}
        self.log: dict[str, Any] = {}
        """The bank's log, name and key, as the end of the journey gave it."""

    @property
    def step(self) -> str:
        return str(self.state.get("step", ""))

    @property
    def token(self) -> str:
        """Kept by the phone until the journey ends, so that it can be resumed."""
        return self._line.token or ""

    def begin(
        self, agreed: Sequence[Mapping[str, Any]] | None = None, *, locale: str = "ko"
    ) -> dict[str, Any]:
        """Agree to the terms (to all of them when none are named) and begin."""
        self._line.token = None
        consents = self.terms() if agreed is None else agreed
        wanted = [{"code": one["code"], "version": one["version"]} for one in consents]
        answer = self._line.post(ROOT, {"agreed": wanted, "locale": locale}).must()
        self._line.token = str(answer["token"])
        return self._now(answer["state"])

    def resume(self, token: str) -> dict[str, Any]:
        self._line.token = token
        return self._now(self._line.get(HERE).must())

    def terms(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._line.get("/v1/terms").must()["terms"]
        return found

    def internet_banking(self, login_id: str, password: str) -> dict[str, Any]:
        return self._post("internet-banking", {"login_id": login_id, "password": password})

    def identity(self, claim: Claim | None = None) -> dict[str, Any]:
        """Ask for the SMS code; without a claim for the number on file. Again: another code."""
        return self._post("identity", {} if claim is None else asdict(claim))

    def sms_code(self, code: str) -> dict[str, Any]:
        return self._post("sms-code", {"code": code})

    def account_password(self, account_id: str, password: str) -> dict[str, Any]:
        return self._post("account-password", {"account_id": account_id, "password": password})

    def internet_banking_enrolment(
        self, *, login_id: str, password: str, name: str, account_password: str
    ) -> dict[str, Any]:
        body = {
            "login_id": login_id,
            "password": password,
            "name": name,
            "account_password": account_password,
        }
        return self._post("internet-banking-enrolment", body)

    def finish(self) -> dict[str, Any]:
        """The credential with its certificates; the same answer however often it is asked."""
        answer = self._line.post(f"{HERE}/finish", {}).must()
        self._now(answer["state"])
        self.log = answer["log"]
        credential: dict[str, Any] = answer["credential"]
        return credential

    def _post(self, step: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._now(self._line.post(f"{HERE}/{step}", body).must())

    def _now(self, state: dict[str, Any]) -> dict[str, Any]:
        self.state = state
        return state

"""Being identified again at a distance, step by step, as the app's screens do (contract 1.11)."""

from collections.abc import Mapping
from typing import Any, Final

from dojang.crypto.encoding import b64u
from dojang.phone.http import Line

HERE: Final = "/v1/identifications/current"


class Opening:
    """One journey. Each call returns its state, or raises Refused.

    For an account and an unlock the line carries a session's token; for a release it carries none.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self.state: dict[str, Any] = {}

    @property
    def step(self) -> str:
        return str(self.state.get("step", ""))

    def open_account(self) -> dict[str, Any]:
        """Agree to all documents, and begin."""
        found = self._line.get("/v1/account-openings/terms").must()["terms"]
        agreed = [{"code": one["code"], "version": one["version"]} for one in found]
        return self._now(self._line.post("/v1/account-openings", {"agreed": agreed}).must())

    def unlock_password(self, account_id: str) -> dict[str, Any]:
        answer = self._line.post("/v1/password-unlocks", {"account_id": account_id})
        return self._now(answer.must())

    def release_loss(self, kid: bytes) -> dict[str, Any]:
        self._line.token = None
        return self._now(self._line.post("/v1/loss-releases", {"kid": b64u(kid)}).must())

    def identify(self) -> dict[str, Any]:
        """Before a protection is weakened or a limit raised."""
        return self._now(self._line.post("/v1/identifications", {}).must())

    def resume(self) -> dict[str, Any]:
        return self._now(self._line.get(HERE).must())

    def give_up(self) -> None:
        self._line.delete(HERE).must()

    def phone(self) -> dict[str, Any]:
        """Ask for the SMS code. Again: another code."""
        return self._post("phone", {})

    def sms_code(self, code: str) -> dict[str, Any]:
        return self._post("sms-code", {"code": code})

    def id_card(self, picture: bytes, kind: str = "image/png") -> dict[str, Any]:
        return self._now(self._line.put_picture(f"{HERE}/id-card", picture, kind).must())

    def face(self, picture: bytes, kind: str = "image/png") -> dict[str, Any]:
        return self._now(self._line.put_picture(f"{HERE}/face", picture, kind).must())

    def one_won(self, bank: str, account: str) -> dict[str, Any]:
        return self._post("one-won", {"bank": bank, "account": account})

    def one_won_code(self, code: str) -> dict[str, Any]:
        return self._post("one-won-code", {"code": code})

    def purpose(
        self,
        purpose: str = "living",
        funds: str = "salary",
        *,
        asked_by_other: bool = False,
        tax_abroad: bool = False,
    ) -> dict[str, Any]:
        told = {"asked_by_other": asked_by_other, "tax_abroad": tax_abroad}
        return self._post("purpose", {"purpose": purpose, "funds": funds, **told})

    def password(self, password: str, account_id: str | None = None) -> dict[str, Any]:
        """The last step. `account_id` where the password is an own account's, not a new one."""
        whose = {} if account_id is None else {"account_id": account_id}
        return self._post("password", {"password": password, **whose})

    def _post(self, step: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._now(self._line.post(f"{HERE}/{step}", body).must())

    def _now(self, state: dict[str, Any]) -> dict[str, Any]:
        self.state = state
        return state

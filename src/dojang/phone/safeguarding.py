"""What the customer puts between a signature and the money, from the phone (contract 1.7a)."""

from collections.abc import Callable, Mapping
from typing import Any

from dojang.phone.customer import Customer


class Safeguarding:
    """One signed-in customer's safeguards, designated payees and held transfers."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer
        self._line = customer.line

    def shown(self) -> dict[str, Any]:
        return self._line.get("/v1/safeguards").must()

    def choose(self, pin: str, **figures: int) -> None:
        """Sign what shall be in force: designated_only, delay_hours, undo, sms_hold, …"""
        self._customer.act("safeguards", figures, pin)

    def designate(self, payee: Mapping[str, Any], pin: str) -> None:
        """Sign one more designated payee, as `Customer.payee` showed it."""
        body = {"payee_bank": payee["bank"], "payee_account": payee["account"]}
        signed = {**body, "payee_holder": payee["holder"]}
        self._customer.act("designate_payee", signed, pin, body=body)

    def designated(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._line.get("/v1/designated-payees").must()["payees"]
        return found

    def remove(self, payee_id: str) -> None:
        self._line.delete(f"/v1/designated-payees/{payee_id}").must()

    def held(self) -> list[dict[str, Any]]:
        """Signed and not sent yet, the next due first."""
        found: list[dict[str, Any]] = self._line.get("/v1/transfers").must()["transfers"]
        return found

    def ended(self) -> list[dict[str, Any]]:
        """What was held and is no more, of the last week."""
        found: list[dict[str, Any]] = self._line.get("/v1/transfers?which=ended").must()[
            "transfers"
        ]
        return found

    def second_devices(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._line.get("/v1/second-devices").must()["devices"]
        return found

    def register_device(self, name: str, make: Callable[[Any], dict[str, Any]], pin: str) -> str:
        """`make` is the other device: creation options in, its answer out. Returns its id."""
        asked = self._line.post("/v1/second-devices/options", {}).must()
        body = {"challenge_id": asked["challenge_id"], "name": name}
        answer = self._line.post(
            "/v1/second-devices", {**body, "response": make(asked["options"])}
        ).must()
        wanted = {"device_id": answer["device_id"]}
        self._customer.act("second_device", answer, pin, body=wanted)
        return str(answer["device_id"])

    def remove_device(self, device_id: str) -> None:
        self._line.delete(f"/v1/second-devices/{device_id}").must()

    def show_device(self, transfer_id: str, sign: Callable[[Any], dict[str, Any]]) -> None:
        """In the call's place; `sign` is the other device: request options in, its answer out."""
        path = f"/v1/transfers/{transfer_id}/second-device"
        asked = self._line.post(f"{path}/options", {}).must()
        answer = {"challenge_id": asked["challenge_id"], "response": sign(asked["options"])}
        self._line.put(path, answer).must()

    def ask_for_code(self, transfer_id: str) -> dict[str, Any]:
        """In the call's place, for whom that was registered."""
        return self._line.post(f"/v1/transfers/{transfer_id}/sms-code", {}).must()

    def show_code(self, transfer_id: str, code: str) -> dict[str, Any]:
        return self._line.put(f"/v1/transfers/{transfer_id}/sms-code", {"code": code}).must()

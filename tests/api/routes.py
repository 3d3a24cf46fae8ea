"""Every door of the bank as its own OpenAPI document names it, with one honest body each."""

import re
from dataclasses import dataclass
from typing import Any

from litestar import Litestar

ID = "01890000-0000-7000-8000-000000000000"
KID = "A" * 22
VALUE = "A" * 43
RID = "A" * 16

OPEN = {
    ("GET", "/health"),
    ("GET", "/v1/bank"),
    ("GET", "/problems/{code}"),
    ("GET", "/v1/terms"),
    ("GET", "/v1/account-openings/terms"),
    ("POST", "/v1/loss-reports"),
    ("GET", "/pki/root.crt"),
    ("GET", "/pki/issuing.crt"),
    ("GET", "/pki/issuing.crl"),
    ("GET", "/pki/root.crl"),
    ("GET", "/pki/issuing-delta.crl"),
    ("GET", "/pki/root/{name}"),
    ("GET", "/pki/issuing/{name}"),
    ("GET", "/pki/crl/{name}"),
    ("POST", "/pki/ocsp"),
    ("GET", "/pki/ocsp/{asked}"),
    ("GET", "/v1/log/key"),
    ("GET", "/v1/log/sth"),
    ("GET", "/v1/log/checkpoint"),
    ("GET", "/v1/log/stamp"),
    ("GET", "/v1/log/proof/inclusion"),
    ("GET", "/v1/log/proof/consistency"),
    ("GET", "/v1/log/entries"),
    ("POST", "/pki/tsa"),
    ("GET", "/pki/joint/root.crt"),
    ("GET", "/pki/joint/ca.crt"),
    ("GET", "/pki/joint/ca.crl"),
    ("GET", "/pki/joint/root.crl"),
    ("GET", "/pki/joint/cps"),
    ("POST", "/pki/joint/ocsp"),
    ("GET", "/pki/joint/ocsp/{asked}"),
    ("POST", "/pki/joint/cmp"),
}
"""Open to all (contract 1.2, 1.8)."""

DEVICE_ONLY = re.compile(
    r"/v1/(enrolments$|signing/|login/|sessions$|loss-releases$)"  # POST /v1/sessions opens one
)
ENROLMENT = "/v1/enrolments/current"

BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/enrolments": {"agreed": [], "locale": "ko"},
    "POST /v1/enrolments/current/internet-banking": {"login_id": "someone1", "password": "x"},
    "POST /v1/enrolments/current/identity": {},
    "POST /v1/enrolments/current/sms-code": {"code": "123456"},
    "POST /v1/enrolments/current/account-password": {"account_id": ID, "password": "5837"},
    "POST /v1/enrolments/current/internet-banking-enrolment": {
        "login_id": "someone1",
        "password": "Baram+gureum9",
        "name": "박하늘",
        "account_password": "4071",
    },
    "POST /v1/enrolments/current/keys": {
        "device_key": VALUE,
        "kind": "auth",
        "secrets": ["pin", "pattern"],
        "C0": VALUE,
        "C1": VALUE,
        "pok": "A" * 86,
    },
    "POST /v1/enrolments/current/keys/{kid}/shares": {"share": VALUE, "blinded": {"pin": VALUE}},
    "POST /v1/enrolments/current/finish": {},
    "POST /v1/signing/begin": {
        "rid": RID,
        "kid": KID,
        "m": "pin",
        "version": 0,
        "gen": 0,
        "request_id": ID,
        "blinded": VALUE,
        "D1": VALUE,
        "E1": VALUE,
    },
    "POST /v1/signing/complete": {"rid": RID, "sid": KID, "z1": VALUE},
    "POST /v1/signing/resume": {"rid": RID, "sid": KID},
    "POST /v1/signing/confirm-stale": {"rid": RID, "kid": KID, "gen": 0},
    "POST /v1/login/challenges": {"kid": KID},
    "POST /v1/acts": {"type": "revoke", "reason": "unused"},
    "POST /v1/method-changes": {"m": "pin"},
    "POST /v1/method-changes/{change_id}/proofs": {"kid": KID},
    "POST /v1/sessions": {"request_id": ID},
    "POST /v1/loss-reports": {"name": "없는이", "birth_date": "19990101", "phone": "01000000000"},
    "POST /v1/passkeys/options": {},
    "POST /v1/passkeys": {"challenge_id": ID, "name": "내 열쇠", "response": {}},
    "POST /v1/login/passkey/options": {"credential_id": ID},
    "POST /v1/login/passkey": {"challenge_id": ID, "response": {}},
    "POST /v1/payees": {"bank": "901", "account": "90112345678901"},
    "POST /v1/account-openings": {"agreed": []},
    "POST /v1/password-unlocks": {"account_id": ID},
    "POST /v1/loss-releases": {"kid": KID},
    "POST /v1/identifications": {},
    "POST /v1/second-devices/options": {},
    "POST /v1/second-devices": {"challenge_id": ID, "name": "보안 키", "response": {}},
    "POST /v1/transfers/{transfer_id}/second-device/options": {},
    "PUT /v1/transfers/{transfer_id}/second-device": {"challenge_id": ID, "response": {}},
    "POST /v1/identifications/current/phone": {},
    "POST /v1/identifications/current/sms-code": {"code": "123456"},
    "POST /v1/identifications/current/one-won": {"bank": "901", "account": "90185031500017"},
    "POST /v1/identifications/current/one-won-code": {"code": "4821"},
    "POST /v1/identifications/current/purpose": {
        "purpose": "living",
        "funds": "salary",
        "asked_by_other": False,
        "tax_abroad": False,
    },
    "POST /v1/identifications/current/password": {"password": "7391"},
    "POST /v1/joint/requests": {"op": "revoke", "certificate_id": ID, "reason": "unused"},
    "POST /v1/joint/requests/{joint_id}/certificate": {},
    "POST /v1/joint/requests/{joint_id}/registration": {},
    "PUT /v1/transfers/{transfer_id}": {
        "from_account": "99012345678901",
        "payee_bank": "901",
        "payee_account": "90112345678901",
        "amount": 1_000,
        "memo": "",
    },
    "PUT /v1/transfers/{transfer_id}/account-password": {"password": "5837"},
    "POST /v1/transfers/{transfer_id}/ars": {},
    "POST /v1/transfers/{transfer_id}/sms-code": {},
    "PUT /v1/transfers/{transfer_id}/sms-code": {"code": "271828"},
}


@dataclass(frozen=True)
class Door:
    """One method on one path. `filled` has an id that nobody has in each place for one."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def filled(self) -> str:
        return re.sub(r"\{kid\}", KID, re.sub(r"\{(?!kid)\w+\}", ID, self.path))

    @property
    def body(self) -> dict[str, Any] | None:
        return BODIES.get(str(self))

    @property
    def open(self) -> bool:
        return (self.method, self.path) in OPEN

    @property
    def needs_session(self) -> bool:
        on_device = DEVICE_ONLY.match(self.path) and str(self) != "GET /v1/sessions"
        return not (self.open or self.path.startswith(ENROLMENT) or on_device)


def of(app: Litestar) -> list[Door]:
    """Every operation of the OpenAPI document."""
    paths = app.openapi_schema.to_schema()["paths"]
    methods = ("get", "post", "put", "delete", "patch")
    return [
        Door(method.upper(), path)
        for path, operations in sorted(paths.items())
        for method in methods
        if method in operations
    ]


KNOWN = sorted(
    [*BODIES]
    + [f"{method} {path}" for method, path in OPEN if f"{method} {path}" not in BODIES]
    + [
        "GET /v1/enrolments/current",
        "GET /v1/sessions",
        "DELETE /v1/sessions/{session_id}",
        "GET /v1/me",
        "GET /v1/certificate",
        "GET /v1/certificate/history",
        "GET /v1/certificate/log",
        "DELETE /v1/passkeys/{passkey_id}",
        "GET /v1/accounts",
        "GET /v1/accounts/{account_id}/statement",
        "GET /v1/accounts/{account_id}/statement.csv",
        "GET /v1/accounts/{account_id}/statement.pdf",
        "GET /v1/identifications/current",
        "DELETE /v1/identifications/current",
        "PUT /v1/identifications/current/id-card",
        "PUT /v1/identifications/current/face",
        "GET /v1/limits",
        "GET /v1/pin-rules",
        "GET /v1/payees/recent",
        "GET /v1/safeguards",
        "GET /v1/second-devices",
        "DELETE /v1/second-devices/{device_id}",
        "GET /v1/designated-payees",
        "DELETE /v1/designated-payees/{payee_id}",
        "GET /v1/joint",
        "GET /v1/joint/requests/{joint_id}",
        "GET /v1/transfers",
        "GET /v1/transfers/{transfer_id}",
        "GET /v1/transfers/{transfer_id}/receipt",
        "GET /v1/transfers/{transfer_id}/receipt.pdf",
        "DELETE /v1/transfers/{transfer_id}",
    ]
)
DOORS = [Door(*name.split(" ", 1)) for name in KNOWN]

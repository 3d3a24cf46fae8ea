"""A software authenticator: it makes real WebAuthn answers by hand (attestation "none", ES256)."""

import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.crypto.encoding import b64u, unb64u

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
Options = dict[str, Any]
Response = dict[str, Any]


class Authenticator:
    """One key on one phone. Attributes may be turned to make it lie."""

    def __init__(self, *, counts: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.raw_id = os.urandom(32)
        self.sign_count = 0
        self.counts = counts
        self.origin = "https://bank.example"
        self.rp_id: str | None = None
        self.flags = PRESENT | VERIFIED

    def create(self, options: Options) -> Response:
        """What `navigator.credentials.create` gives (WebAuthn 6.5.4)."""
        rp_id = self.rp_id or options["rp"]["id"]
        attested = bytes(16) + len(self.raw_id).to_bytes(2, "big") + self.raw_id + self._cose()
        data = self._data(rp_id, self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._wrapped({"clientDataJSON": client, "attestationObject": attestation})

    def get(self, options: Options) -> Response:
        """What `navigator.credentials.get` gives (WebAuthn 6.3.3)."""
        assert b64u(self.raw_id) in [one["id"] for one in options["allowCredentials"]]
        self.sign_count += self.counts
        data = self._data(self.rp_id or options["rpId"], self.flags)
        client = self._client("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._wrapped(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        )

    def _data(self, rp_id: str, flags: int) -> bytes:
        count = self.sign_count.to_bytes(4, "big")
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        ).encode()

    def _cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _wrapped(self, response: dict[str, bytes]) -> Response:
        return {
            "id": b64u(self.raw_id),
            "rawId": b64u(self.raw_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {name: b64u(value) for name, value in response.items()},
        }


def challenge(options: Options) -> bytes:
    return unb64u(options["challenge"], 32)

"""Another device with a passkey of its own, in Python: a key that is plugged in (WebAuthn level 2).

For the journey, the demo and load: it makes real answers (attestation "none", ES256), as a security
key does after its owner has touched it and was verified.
"""

import hashlib
import json
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.crypto.encoding import b64u
from dojang.kernel.entropy import Entropy

Options = dict[str, Any]
Response = dict[str, Any]

_HERE: Final = 0x01 | 0x04
"""Somebody was there, and verified (WebAuthn 6.1)."""
_MADE: Final = 0x40
_ID_BYTES: Final = 32
_ORIGIN_OF_NOBODY: Final = bytes(16)


class SecurityKey:
    """One key for one bank. `create` and `sign` are what a browser would be given by it."""

    def __init__(self, origin: str, entropy: Entropy) -> None:
        self._origin = origin
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = entropy.bytes(_ID_BYTES)
        self._count = 0

    def create(self, options: Options) -> Response:
        """The answer to creation options (WebAuthn 6.5.4)."""
        numbers = self._key.public_key().public_numbers()
        x, y = (one.to_bytes(32, "big") for one in (numbers.x, numbers.y))
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        made = _ORIGIN_OF_NOBODY + len(self._id).to_bytes(2, "big") + self._id + key
        data = self._data(options["rp"]["id"], _HERE | _MADE) + made
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._told({"clientDataJSON": client, "attestationObject": attested})

    def sign(self, options: Options) -> Response:
        """The answer to request options (WebAuthn 6.3.3)."""
        self._count += 1
        data = self._data(options["rpId"], _HERE)
        client = self._client("webauthn.get", options["challenge"])
        said = data + hashlib.sha256(client).digest()
        signature = self._key.sign(said, ec.ECDSA(hashes.SHA256()))
        return self._told(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        )

    def _data(self, rp_id: str, flags: int) -> bytes:
        count = self._count.to_bytes(4, "big")
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self._origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _told(self, response: dict[str, bytes]) -> Response:
        return {
            "id": b64u(self._id),
            "rawId": b64u(self._id),
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {},
            "response": {name: b64u(value) for name, value in response.items()},
        }

"""The DPoP vectors; `make.py` writes them with the others."""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec

from dojang.crypto import dpop
from dojang.crypto.encoding import b64u


def make_dpop(private_value, origin, issued_at):
    private = ec.derive_private_key(int.from_bytes(private_value, "big"), ec.SECP256R1())
    public = dpop.jwk(private.public_key())
    body = b'{"rid":"AAECAwQFBgcICQoL"}'
    given = {
        "method": "POST",
        "url": f"{origin}/v1/signing/begin",
        "nonce": "bm9uY2Utb2YtdGhlLXNlcnZlcg",
        "jti": b64u(bytes(range(16))),
        "iat": issued_at // 1_000_000,
    }
    cases = []
    for name, content, token in (("with token", body, "token-1"), ("no body", b"", None)):
        proof = dpop.create(private, body=content, access_token=token, **given)
        cases.append(
            {
                "name": name,
                **given,
                "body_text": content.decode(),
                "bsh_b64u": dpop.body_hash(content),
                "access_token": token,
                "ath_b64u": token and b64u(hashlib.sha256(token.encode()).digest()),
                "proof": proof,
            }
        )
    return {
        "what": "DPoP proofs by the device key (RFC 9449) and its thumbprint (RFC 7638)",
        "note": "ECDSA signatures are deterministic here (RFC 6979); WebCrypto's are not",
        "private_key": private.private_numbers().private_value.to_bytes(32, "big"),
        "jwk": public,
        "jkt": dpop.thumbprint(public),
        "cases": cases,
    }

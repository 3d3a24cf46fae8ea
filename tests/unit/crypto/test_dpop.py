"""A device proof holds for one call with one body, and for nothing else (RFC 9449)."""

import json
from base64 import urlsafe_b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.unit.crypto.support import load

from dojang.crypto import dpop
from dojang.crypto.dpop import BadProof, Reason
from dojang.crypto.encoding import b64u

KEY = ec.derive_private_key(12345, ec.SECP256R1())
URL, BODY, NONCE = "http://localhost:8000/v1/signing/begin", b'{"rid":"x"}', "n-1"
CALL = {"method": "POST", "url": URL, "body": BODY}


def made(**changed):
    return dpop.create(KEY, **(CALL | {"nonce": NONCE, "jti": "j-1", "iat": 1} | changed))


def check(proof, **changed):
    given = CALL | {"nonce_ok": lambda nonce: nonce == NONCE} | changed
    return dpop.verify(proof, **given)


def reason_of(proof, **changed):
    with pytest.raises(BadProof) as refused:
        check(proof, **changed)
    return refused.value.reason


def opened(segment):
    return json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


def resigned(*, header=None, claims=None, key=KEY):
    """A proof with other contents and a right signature, or raw text for a segment."""
    given_header, given_claims, _ = made().split(".")
    parts = []
    for given, changed in ((given_header, header), (given_claims, claims)):
        if isinstance(changed, str):
            parts.append(b64u(changed.encode()))
        else:
            merged = {**opened(given), **(changed or {})}
            kept = {name: value for name, value in merged.items() if value is not ...}
            parts.append(b64u(json.dumps(kept).encode()))
    text = ".".join(parts)
    signature = key.sign(text.encode(), dpop._ES256_REPEATABLE)
    r, s = dpop.decode_dss_signature(signature)
    return f"{text}.{b64u(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def test_a_proof_names_its_device_and_nonce():
    proof = check(made())

    assert proof == dpop.Proof(dpop.thumbprint(dpop.jwk(KEY.public_key())), "j-1", NONCE, 1)


def test_the_clock_of_the_phone_is_not_believed():
    assert check(made(iat=0)).iat == 0
    assert check(made(iat=2**40)).iat == 2**40


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"method": "PUT"}, Reason.METHOD),
        ({"url": URL + "/"}, Reason.URL),
        ({"url": URL.replace("localhost", "example.org")}, Reason.URL),
        ({"body": BODY + b" "}, Reason.BODY),
        ({"body": b""}, Reason.BODY),
        ({"nonce_ok": lambda _: False}, Reason.NONCE),
        ({"access_token": "t"}, Reason.CLAIMS),
    ],
)
def test_a_proof_for_another_call_is_refused(changed, reason):
    assert reason_of(made(), **changed) == reason


def test_a_token_goes_only_with_its_own_proof():
    with_token = made(access_token="token-1")

    assert check(with_token, access_token="token-1").jti == "j-1"
    assert reason_of(with_token, access_token="token-2") == Reason.TOKEN
    assert reason_of(with_token) == Reason.CLAIMS


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, Reason.HEADER),
        ({"alg": "HS256"}, Reason.HEADER),
        ({"alg": "ES384"}, Reason.HEADER),
        ({"typ": "JWT"}, Reason.HEADER),
        ({"typ": ...}, Reason.HEADER),
        ({"kid": "x"}, Reason.HEADER),
        ({"crit": []}, Reason.HEADER),
        ({"jwk": ...}, Reason.HEADER),
        ({"jwk": "x"}, Reason.KEY),
        ({"jwk": {}}, Reason.KEY),
        ("[]", Reason.HEADER),
        ("{", Reason.HEADER),
        ("[" * 1000, Reason.HEADER),
    ],
)
def test_only_the_exact_header_is_accepted(header, reason):
    assert reason_of(resigned(header=header)) == reason


@pytest.mark.parametrize(
    "changed",
    [
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"d": "AA"},
        {"x": "AA"},
        {"x": 1},
        {"x": b64u(bytes(32)), "y": b64u(bytes(32))},
        {"x": b64u(b"\xff" * 32)},
    ],
)
def test_only_a_point_of_p256_is_a_key(changed):
    public = dpop.jwk(KEY.public_key()) | changed

    assert reason_of(resigned(header={"jwk": public})) == Reason.KEY


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": "1"},
        {"iat": True},
        {"iat": 1.0},
        {"iat": -1},
        {"jti": ""},
        {"jti": "x" * 65},
        {"jti": 1},
        {"nonce": None},
        {"nonce": "x" * 257},
        {"nonce": ...},
        {"bsh": ...},
        {"bsh": "가"},
        {"exp": 1},
        "[]",
        "{",
        '{"jti":"a","jti":"b","htm":"POST","htu":"u","iat":1,"nonce":"n-1","bsh":"x"}',
    ],
)
def test_only_the_exact_claims_are_accepted(claims):
    assert reason_of(resigned(claims=claims)) == Reason.CLAIMS


def test_a_proof_by_another_key_than_its_own_is_refused():
    other = ec.derive_private_key(54321, ec.SECP256R1())

    assert reason_of(resigned(key=other)) == Reason.SIGNATURE


def test_a_changed_proof_is_refused():
    header, claims, signature = made().split(".")
    swapped = made(jti="j-2").split(".")[1]

    assert reason_of(f"{header}.{swapped}.{signature}") == Reason.SIGNATURE
    assert reason_of(f"{header}.{claims}.{b64u(bytes(64))}") == Reason.SIGNATURE


@pytest.mark.parametrize("proof", ["", "a.b", "a.b.c.d", "가.나.다", "a." * 2000, "a.b.AAAA"])
def test_what_is_no_proof_at_all_is_refused(proof):
    assert reason_of(proof) == Reason.MALFORMED


def test_a_stretched_signature_is_refused():
    header, claims, signature = made().split(".")

    assert reason_of(f"{header}.{claims}.{signature}=") == Reason.MALFORMED
    assert reason_of(f"{header}.{claims}.{signature}AA") == Reason.MALFORMED


def test_the_nonce_is_asked_about_last():
    asked = []

    reason_of(made(body=b"other"), nonce_ok=lambda nonce: asked.append(nonce) or True)
    check(made(), nonce_ok=lambda nonce: asked.append(nonce) or True)

    assert asked == [NONCE]


def test_the_cache_of_keys_is_bounded():
    assert dpop._key.cache_info().maxsize == dpop.KEYS_CACHED_MAX


def test_a_refusal_repeats_nothing_of_the_proof():
    with pytest.raises(BadProof) as refused:
        check(made(), body=b"secret")

    assert str(refused.value) == "body"
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("case", load("dpop.json")["cases"], ids=lambda case: case["name"])
def test_the_proofs_of_the_vectors(case):
    proof = dpop.verify(
        case["proof"],
        method=case["method"],
        url=case["url"],
        body=case["body_text"].encode(),
        nonce_ok=lambda nonce: nonce == case["nonce"],
        access_token=case["access_token"],
    )

    assert proof.jkt == load("dpop.json")["jkt"]


def test_the_thumbprint_does_not_depend_on_the_order_of_members():
    public = dpop.jwk(KEY.public_key())

    assert dpop.thumbprint(dict(reversed(public.items()))) == dpop.thumbprint(public)


def test_of_many_proofs_those_are_named_whose_signatures_hold():
    """The others are judged one by one, and refused for the same reason as ever."""
    proofs = [made(jti=f"j-{n}") for n in range(8)]
    header, claims, _ = proofs[3].split(".")
    forged = f"{header}.{claims}.{proofs[4].split('.')[2]}"
    given = [*proofs[:3], forged, *proofs[4:], "", "a.b.c", "가", proofs[0] + "="]

    signed = dpop.taken(given)

    assert signed in (frozenset(), frozenset(proofs) - {proofs[3]})
    assert reason_of(forged, signed=signed) == Reason.SIGNATURE
    assert check(proofs[5], signed=signed).jti == "j-5"


def test_a_proof_that_was_named_is_still_for_one_call_only():
    signed = frozenset([made()])

    assert reason_of(made(), method="GET", signed=signed) == Reason.METHOD
    assert reason_of(made(), body=b"other", signed=signed) == Reason.BODY
    assert reason_of(made(), nonce_ok=lambda _: False, signed=signed) == Reason.NONCE
    assert reason_of(made(), access_token="t", signed=signed) == Reason.CLAIMS


def test_a_name_stands_for_these_very_characters():
    """What was said of one proof lets no other in, whatever they share."""
    signed = frozenset([made()])
    header, claims, signature = made().split(".")

    other = ec.derive_private_key(54321, ec.SECP256R1())
    for odd in (resigned(key=other), f"{header}.{claims}.{b64u(bytes(64))}"):
        assert reason_of(odd, signed=signed) == Reason.SIGNATURE
    assert reason_of(f"{header}.{claims}.{signature} ", signed=signed) == Reason.MALFORMED

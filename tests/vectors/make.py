"""Write the vectors of `dojang/1` that no RFC gives. Run: python tests/vectors/make.py

Deterministic: every random input is SHA-512 of a label, so a second run writes the same bytes
(tests/unit/crypto/test_vectors.py checks that). The TypeScript phone reads the same files.
Each file says what it holds; `hex` unless a member is named `_b64u` or is text.
"""

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.resolve().parents[1] / "src"), str(HERE.resolve())]

from dpop_cases import make_dpop
from merkle_cases import make_merkle

from dojang.crypto import csr, dkg, ed25519, frost, messages, oprf, sealing, sharing
from dojang.crypto.encoding import Scalar

NONCE_KEY = hashlib.sha256(b"dojang vectors nonce key").digest()
VAULT_SECRET = hashlib.sha256(b"dojang vectors vault secret").digest()
KID = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
SID = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
NAME, SUBJECT_ID = "김도장", "DJ-7Q4M2K9XWP3T"
ORIGIN = "http://localhost:8000"
ISSUED_AT, EXPIRES_AT = 1_767_225_600_000_000, 1_767_225_780_000_000
LIFE = messages.Life(kid=KID, nonce=bytes(range(32)), issued_at=ISSUED_AT, expires_at=EXPIRES_AT)
SECRETS = {"pin": b"482915", "pattern": b"0-1-2-5-8"}
WRONG = {"pin": b"482916", "pattern": b"0-1-2-5-7"}
TRANSFER = messages.Transfer(
    transfer_id="01941f29-7c00-7000-8000-000000000001",
    from_account="110-200-300400",
    payee_bank="가람은행",
    payee_account="302-0123-4567-89",
    payee_holder="나\u00b7래 상사 \U0001f33f",
    amount=2_000_001,
    fee=500,
    memo='1월 "월세"\\\u20ac\n',
    tier="pin_password",
    policy_version=3,
)


def chance(label, size):
    blocks = (
        hashlib.sha512(f"dojang vectors {label} {i}".encode()).digest()
        for i in range(size // 64 + 1)
    )
    return b"".join(blocks)[:size]


def key():
    phone_random, server_random = chance("dkg phone", 192), chance("dkg server", 192)
    phone_line, phone_offer = dkg.begin(frost.PHONE, phone_random)
    server_line, server_offer = dkg.begin(frost.SERVER, server_random)
    for_phone = dkg.share_for(server_line, frost.PHONE)
    for_server = dkg.share_for(phone_line, frost.SERVER)
    phone = dkg.finish(phone_line, phone_offer, server_offer, for_phone)
    server = dkg.finish(server_line, server_offer, phone_offer, for_server)
    sides = {
        "phone": (phone_random, phone_line, phone_offer, for_server, phone),
        "server": (server_random, server_line, server_offer, for_phone, server),
    }
    return phone, server, sides


def instance(method, version=0):
    """One method instance right after E2, with everything both sides see and hold."""
    phone, server, _ = key()
    of = sharing.Instance(KID, method, version)
    delta = sharing.draw_delta(chance(f"delta {method} {version}", 64))
    salt = chance(f"salt {method} {version}", 32)
    s1, s2 = sharing.shift_phone(phone.share, delta), sharing.shift_server(server.share, delta)
    h = run_oprf(of, salt, SECRETS[method])["h"]
    return {
        "instance": of,
        "public_key": phone.public_key,
        "delta": delta,
        "salt": salt,
        "s1": s1,
        "s2": s2,
        "o": sharing.conceal(s1, h),
    }


def run_oprf(of, salt, secret):
    text = sharing.oprf_input(of, salt, secret)
    random64 = chance(f"blind {of.method} {of.version}", 64)
    blinding = oprf.blind(text, oprf.random_scalar(random64))
    oprf_key = sharing.oprf_key(VAULT_SECRET, of)
    evaluated = oprf.evaluate(oprf_key, blinding.blinded)
    y = oprf.finalize(blinding, evaluated)
    return {
        "oprf_input": text,
        "blind_random64": random64,
        "blind": blinding.blind,
        "blinded": blinding.blinded,
        "oprf_key": oprf_key,
        "evaluated": evaluated,
        "y": y,
        "h": sharing.mask(salt, secret, y),
    }


def make_dkg():
    phone, server, sides = key()
    secret = ed25519.scalar_sub(ed25519.scalar_mul(ed25519.TWO, phone.share), server.share)
    return {
        "what": "Key generation between phone (identifier 1) and server (2): E1 and E2",
        "note": "random192 = 64 bytes each, little-endian mod L, for a0, a1 and the proof's nonce",
        "sides": {
            name: {
                "identifier": line.identifier,
                "random192": random,
                "a0": line.a0,
                "a1": line.a1,
                "C0": offer.c0,
                "C1": offer.c1,
                "pok": offer.proof,
                "share_for_the_other": sent,
                "share": mine.share,
            }
            for name, (random, line, offer, sent, mine) in sides.items()
        },
        "public_key": phone.public_key,
        "secret_key_for_checking_only": secret,
    }


def make_mask():
    phone, server, _ = key()
    cases = []
    for method in ("pin", "pattern"):
        made = instance(method)
        of, salt = made["instance"], made["salt"]
        wrong = run_oprf(of, salt, WRONG[method])
        cases.append(
            {
                "m": method,
                "version": of.version,
                "secret_text": SECRETS[method].decode(),
                "kid": KID,
                "salt": salt,
                "delta": made["delta"],
                "s1": phone.share,
                "s2": server.share,
                "s1_m": made["s1"],
                "s2_m": made["s2"],
                **run_oprf(of, salt, SECRETS[method]),
                "o": made["o"],
                "wrong_secret_text": WRONG[method].decode(),
                "wrong_h": wrong["h"],
                "wrong_s1_m": sharing.reveal(made["o"], wrong["h"]),
            }
        )
    return {
        "what": "Masking of the phone's share for PIN and pattern (PROTOCOL 1)",
        "note": (
            'oprf_input = "dojang/1/oprf" | kid | len8(m) | u32(version) | salt | secret; '
            "oprf_key = DeriveKeyPair(HMAC-SHA-256(vault_secret, kid | len8(m) | u32(version)), "
            '"dojang/1"); h = SHA-512("dojang/1/mask" | salt | len16(secret) | secret | y) '
            "little-endian mod L; o = s1_m - h. len8(x), len16(x): x behind its length in 1, 2 "
            "bytes; integers big-endian"
        ),
        "vault_secret": VAULT_SECRET,
        "cases": cases,
    }


def make_refresh():
    made, steps = instance("pin"), []
    s1, s2, o = made["s1"], made["s2"], made["o"]
    for gen in range(3):
        delta = sharing.draw_delta(chance(f"refresh {gen}", 64))
        before = {"s1_m": s1, "s2_m": s2, "o": o}
        s1, o = sharing.shift_phone(s1, delta), sharing.shift_phone(o, delta)
        s2 = sharing.shift_server(s2, delta)
        after = {"s1_m": s1, "s2_m": s2, "o": o}
        steps.append({"gen": gen, "delta": delta, "before": before, "after": after})
    return {
        "what": "Refresh after a signature: o += delta, s1_m += delta, s2_m += 2*delta (mod L)",
        "public_key": made["public_key"],
        "steps": steps,
    }


def sign(made, message, gen, label):
    """One ceremony S1, S2 with every value on both sides."""
    of = made["instance"]
    random64 = chance(f"phone nonces {label}", 64)
    mine = frost.nonces(frost.PHONE, random64, made["o"])
    theirs = frost.server_nonces(
        NONCE_KEY,
        kid=KID,
        gen=gen,
        method=of.method,
        version=of.version,
        sid=SID,
        phone=mine.commitment,
        message=message,
        share=made["s2"],
    )
    both = frost.ceremony(made["public_key"], message, [mine.commitment, theirs.commitment])
    z1 = frost.sign_share(made["s1"], mine, both)
    signature = frost.finish(both, share=made["s2"], own=theirs, phone_z=z1)
    return {
        "kid": KID,
        "sid": SID,
        "gen": gen,
        "m": of.method,
        "version": of.version,
        "message": message,
        "public_key": made["public_key"],
        "phone": {
            "o": made["o"],
            "s1_m": made["s1"],
            "nonce_random64": random64,
            "hiding_nonce": mine.hiding,
            "binding_nonce": mine.binding,
            "D1": mine.commitment.hiding,
            "E1": mine.commitment.binding,
            "binding_factor": both.factors[frost.PHONE],
            "z1": z1,
        },
        "server": {
            "s2_m": made["s2"],
            "nonce_key": NONCE_KEY,
            "hiding_nonce": theirs.hiding,
            "binding_nonce": theirs.binding,
            "D2": theirs.commitment.hiding,
            "E2": theirs.commitment.binding,
            "binding_factor": both.factors[frost.SERVER],
            "z2": frost.sign_share(made["s2"], theirs, both),
        },
        "R": both.r,
        "challenge": both.challenge,
        "signature": signature,
    }


def make_signing():
    made = instance("pin")
    h_wrong = run_oprf(made["instance"], made["salt"], WRONG["pin"])["h"]
    wrong = {**made, "s1": sharing.reveal(made["o"], h_wrong)}
    login = sign(made, messages.auth(LIFE, origin=ORIGIN), 0, "login")
    transfer = messages.transfer(LIFE, TRANSFER, origin=ORIGIN)
    try:
        sign(wrong, transfer, 1, "wrong")
    except ed25519.BadSignature:
        refused = True
    else:
        refused = False
    return {
        "what": "Signing ceremonies S1 and S2, every value on both sides",
        "note": (
            "phone nonces: nonce_generate(random64[:32], o), nonce_generate(random64[32:], o); "
            "server nonces: nonce_generate(HMAC-SHA-256(nonce_key, kid | u64 gen | len8(m) | "
            "u32 version | sid | D1 | E1 | SHA-512(message) | 01 or 02), s2_m); lambda 2 and -1"
        ),
        "ceremonies": [login, sign(made, transfer, 1, "transfer")],
        "wrong_secret_is_refused_by_verification_only": refused,
    }


def make_csr():
    made = instance("pin")
    info = csr.request_info(made["public_key"], name=NAME, subject_id=SUBJECT_ID)
    signed = sign(made, info, 0, "csr")
    request = csr.assemble(info, signed["signature"])
    csr.verify(request, made["public_key"])
    long_name = "가" * 64
    return {
        "what": "PKCS#10: the CertificationRequestInfo the phone rebuilds, and the whole request",
        "note": "C and serialNumber PrintableString, CN UTF8String, attributes A0 00; see csr.py",
        "public_key": made["public_key"],
        "cases": [
            {"name": NAME, "subject_id": SUBJECT_ID, "cri": info},
            {
                "name": long_name,
                "subject_id": "A" * 64,
                "cri": csr.request_info(made["public_key"], name=long_name, subject_id="A" * 64),
            },
        ],
        "signature_of_the_first": signed["signature"],
        "csr_of_the_first": request,
    }


def make_messages():
    change = messages.method_change(
        LIFE, origin=ORIGIN, method="pattern", version=1, change_id="chg_0001"
    )
    limits = {"per_transfer": 1_000_000, "per_day": 5_000_000}
    built = {
        "proof": messages.proof(LIFE, method="pattern", version=0, purpose="enrolment"),
        "auth": messages.auth(LIFE, origin=ORIGIN),
        "tx": messages.transfer(LIFE, TRANSFER, origin=ORIGIN),
        "act": messages.act(LIFE, origin=ORIGIN, act_type="limits", details=limits),
        "method_change": change,
    }
    table = {
        kind.value: {
            "keys": sorted(keys),
            "secrets": sorted(secrets),
            "prefix": messages._PREFIXES[kind],
        }
        for kind, (keys, secrets) in messages._ALLOWED.items()
    }
    return {
        "what": "Messages: prefix and RFC 8785 JSON; which key and secret may sign which kind",
        "note": "An act of type method_change may be signed by auth as well. members as parsed",
        "messages": [
            {"name": name, "kind": kind.value, "members": members, "message": data}
            for name, data in built.items()
            for kind, members in (messages.read(data),)
        ],
        "kinds": table,
        "not_messages": [b"", b"DOJANG-TX-v2\0{}", b"DOJANG-TX-v1{}", b"\x02", b"ey"],
        "not_canonical": [
            b"DOJANG-ACT-v1\0" + text.encode()
            for text in (
                '{"b":1,"a":2}',
                '{"a": 1}',
                '{"a":1.0}',
                '{"a":1e3}',
                '{"a":1,"a":1}',
                '{"a":9007199254740992}',
                '{"a":"\u1100\u1161"}',
                "[]",
            )
        ],
    }


def make_sealing():
    place = sealing.place(
        kid=KID, gen=7, method="pin", version=2, purpose="share", data_key_id="dk-1"
    )
    data_key, nonce12 = chance("data key", 32), chance("seal nonce", 12)
    share = Scalar(instance("pin")["s2"])
    return {
        "what": "A sealed share: AES-256-GCM-SIV, nonce | ciphertext | tag (server only)",
        "key": data_key,
        "nonce12": nonce12,
        "associated": place,
        "plaintext": share,
        "sealed": sealing.seal(data_key, share, place, nonce12=nonce12),
    }


FILES = {
    "dkg.json": make_dkg,
    "mask.json": make_mask,
    "refresh.json": make_refresh,
    "signing.json": make_signing,
    "csr.json": make_csr,
    "messages.json": make_messages,
    "dpop.json": lambda: make_dpop(chance("p256", 31), ORIGIN, ISSUED_AT),
    "sealing.json": make_sealing,
    "merkle.json": lambda: make_merkle(chance("log key", 31)),
}


def render(name):
    """The text of one vector file."""
    head = {"made_by": "tests/vectors/make.py", "encoding": "bytes are hex, unless _b64u or text"}
    return json.dumps(_hex(head | FILES[name]()), indent=2, ensure_ascii=False) + "\n"


def _hex(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: _hex(v) for k, v in value.items()}
    return [_hex(v) for v in value] if isinstance(value, list) else value


if __name__ == "__main__":
    for name in FILES:
        (HERE / name).write_text(render(name), encoding="utf-8")
        print(name)

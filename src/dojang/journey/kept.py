"""What an outsider needs to check the bank with OpenSSL alone, each file made from what was sent.

The transcript and `phone.json` belong together: they are the stolen phone of the threat model.
They are test artefacts. A transcript holds the bodies of signing, which neither side ever logs.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from asn1crypto import ocsp as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dojang.crypto import csr
from dojang.crypto.encoding import b64u, unb64u
from dojang.journey import loopback
from dojang.journey.evidence import OPENSSL, openssl, pem
from dojang.journey.lie import Lie, prove, same
from dojang.journey.world import MINYONG, YUSIM, World
from dojang.phone.machine import BEGIN, COMPLETE

FILES: Final = frozenset(
    {
        "root.pem", "issuing.pem", "auth.pem", "sign.pem", "revoked.pem", "auth.csr", "sign.csr",
        "transfer.payload", "transfer.sig", "crl.der", "ocsp.der", "phone.json",
        "transcript.jsonl", "receipt.json", "receipt.pdf",
    }
)  # fmt: skip
_SHARES: Final = re.compile(r"/v1/enrolments/current/keys/([^/]+)/shares")


def keep(world: World, folder: Path) -> str:
    """Write the files, then check them with the openssl command as an outsider would.

    What else lies in the folder is left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in _contents(world).items():
        (folder / name).write_bytes(data)
    kept = {path.name for path in folder.iterdir()}
    same(kept & FILES, set(FILES), "the files that were kept")
    if OPENSSL is None:
        return f"{len(FILES)} files kept; no openssl command here to check them with"
    with_openssl(folder)
    return "15 files; openssl verifies chain, both CSRs, the transfer, CRL and OCSP from them alone"


def _contents(world: World) -> dict[str, bytes]:
    mine = world.newest(MINYONG).certificates
    revoked = world.newest(YUSIM).certificates["sign"]
    receipt = world.orders["first"][1]["outcome"]["receipt"]
    lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in world.transcript]
    return {
        "root.pem": pem(world.authority.root),
        "issuing.pem": pem(world.authority.issuing),
        "auth.pem": pem(mine["auth"]),
        "sign.pem": pem(mine["sign"]),
        "revoked.pem": pem(revoked),
        "auth.csr": _request(world, "auth"),
        "sign.csr": _request(world, "sign"),
        "transfer.payload": unb64u(receipt["payload"]),
        "transfer.sig": unb64u(receipt["signature"]),
        "crl.der": world.authority.crl_der(),
        "ocsp.der": _status(world, [mine["auth"], mine["sign"], revoked]),
        "phone.json": world.phone(MINYONG).store.path.read_bytes(),
        "transcript.jsonl": "".join(lines).encode(),
        **world.receipts,
    }


def _request(world: World, kind: str) -> bytes:
    """The PKCS#10 request that the two of them signed, from the lines of the transcript."""
    kid = b64u(world.phone(MINYONG).kid(kind))
    shares = [
        line["answer"]
        for line in world.transcript
        if line["status"] == 200 and (found := _SHARES.fullmatch(line["path"]))
        and found.group(1) == kid
    ]  # fmt: skip
    asked = next(one["request_id"] for one in shares[-1]["requests"] if one["type"] == "csr")
    sid = _answer(world, BEGIN, "request_id", asked)["sid"]
    signature = _answer(world, COMPLETE, "sid", sid)["signature"]
    der = csr.assemble(unb64u(shares[-1]["cri"]), unb64u(signature))
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM)


def _answer(world: World, path: str, member: str, value: str) -> dict[str, Any]:
    """The last good answer to a request on this path with this member."""
    for line in reversed(world.transcript):
        sent = line["request"] or {}
        if line["path"] == path and line["status"] == 200 and sent.get(member) == value:
            answer: dict[str, Any] = line["answer"]
            return answer
    raise Lie(f"the transcript lacks an answer of {path}")


def _status(world: World, certificates: list[x509.Certificate]) -> bytes:
    """One OCSP answer about all of them (RFC 6960 4.1.1: a request may name several)."""
    issuer = world.authority.issuing
    requests = [{"req_cert": _cert_id(issuer, one)} for one in certificates]
    asked = asn1.OCSPRequest({"tbs_request": {"request_list": requests}})
    answer = loopback.post(
        world.bank.origin + "/pki/ocsp",
        content=asked.dump(),
        headers={"content-type": "application/ocsp-request"},
    )
    same(answer.status_code, 200, "POST /pki/ocsp")
    return answer.content


def _cert_id(issuer: x509.Certificate, certificate: x509.Certificate) -> dict[str, Any]:
    key = issuer.public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise Lie("the issuing CA's key is not on a curve")
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {
        "hash_algorithm": {"algorithm": "sha1"},
        "issuer_name_hash": _sha1(issuer.subject.public_bytes()),
        "issuer_key_hash": _sha1(point),
        "serial_number": certificate.serial_number,
    }


def _sha1(data: bytes) -> bytes:
    """What openssl names an issuer with unless told otherwise; it protects nothing here."""
    digest = hashes.Hash(hashes.SHA1())  # noqa: S303 - a name, not a signature
    digest.update(data)
    return digest.finalize()


def with_openssl(folder: Path) -> None:
    """Check a kept folder with nothing but the openssl command. Raises Lie."""

    def at(name: str) -> str:
        return str(folder / name)

    chain = ["-CAfile", at("root.pem"), "-untrusted", at("issuing.pem")]
    for name in ("auth.pem", "sign.pem", "revoked.pem"):
        said = openssl("verify", "-x509_strict", *chain, at(name))
        prove(said.rstrip().endswith(": OK"), f"openssl verify refuses {name}")
    for name in ("auth.csr", "sign.csr"):
        said = openssl("req", "-verify", "-noout", "-in", at(name))
        prove("verify OK" in said, f"openssl req refuses {name}")
    said = openssl(
        "pkeyutl", "-verify", "-rawin", "-certin", "-inkey", at("sign.pem"),
        "-in", at("transfer.payload"), "-sigfile", at("transfer.sig"),
    )  # fmt: skip
    prove("Verified Successfully" in said, "openssl pkeyutl refuses transfer.sig")
    said = openssl(
        "crl", "-inform", "DER", "-in", at("crl.der"), "-CAfile", at("issuing.pem"),
        "-noout", "-text",
    )  # fmt: skip
    serial = openssl("x509", "-in", at("revoked.pem"), "-noout", "-serial").strip().split("=")[1]
    prove("verify OK" in said, "openssl crl refuses crl.der")
    prove(serial in said.replace(":", ""), "revoked.pem is not in crl.der")
    said = openssl(
        "ocsp", "-respin", at("ocsp.der"), "-issuer", at("issuing.pem"), "-CAfile",
        at("root.pem"), "-no_nonce", "-cert", at("auth.pem"), "-cert", at("sign.pem"),
        "-cert", at("revoked.pem"),
    )  # fmt: skip
    prove("Response verify OK" in said, "openssl ocsp refuses ocsp.der")
    for name, status in (("auth", "good"), ("sign", "good"), ("revoked", "revoked")):
        prove(f"{name}.pem: {status}" in said, f"ocsp.der does not say {status} of {name}.pem")


def readable_lines(path: Path) -> list[dict[str, Any]]:
    """A kept transcript, read back."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


__all__ = ["FILES", "keep", "readable_lines", "with_openssl"]

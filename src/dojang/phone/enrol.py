"""E1 to E3 on the phone: make a key with the bank, mask the share, sign what proves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import NameOID

from dojang.crypto import csr, dkg, frost, messages, sharing
from dojang.crypto.encoding import BadEncoding, Point, b64u, scalar, unb64u
from dojang.crypto.messages import PATTERN, PIN, KeyKind
from dojang.kernel.entropy import Entropy
from dojang.phone.http import NoAnswer, Refused
from dojang.phone.machine import BadAnswer, Machine, MessageDiffers, Unlock, Wanted
from dojang.phone.state import Instance, KeyRecord
from dojang.phone.witness import Witness

KEYS_PATH: Final = "/v1/enrolments/current/keys"
ATTEMPTS: Final = 3
SALT_BYTES: Final = 32


@dataclass(frozen=True)
class Subject:
    """Whom the certificate will name; the app shows it."""

    name: str
    subject_id: str


@dataclass(frozen=True)
class _Todo:
    request_id: str
    m: str
    message: bytes


@dataclass(frozen=True)
class _Made:
    kid: bytes
    share: dkg.KeyShare = field(repr=False)
    for_server: bytes = field(repr=False)


class Enrolling:
    """Makes keys under the enrolment token that the line carries."""

    def __init__(self, machine: Machine, entropy: Entropy) -> None:
        self._machine = machine
        self._entropy = entropy

    def both(self, pin: str, pattern: str) -> Subject:
        """The auth key under PIN and pattern, then the sign key under the PIN alone."""
        self.key(KeyKind.AUTH, {PIN: pin, PATTERN: pattern})
        return self.key(KeyKind.SIGN, {PIN: pin})

    def key(self, kind: KeyKind, secrets: Mapping[str, str]) -> Subject:
        """One key, stored durably before it signs its request and a proof a further secret.

        A lost answer to E1 or E2 starts over with a new kid. Raises what `Machine.sign` raises.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                key, todo, subject = self._generate(kind, secrets)
            except NoAnswer:
                if attempt == ATTEMPTS:
                    raise
            except Refused as refused:
                if refused.code != "already_answered" or attempt == ATTEMPTS:
                    raise
            else:
                break
        store = self._machine.store
        store.write(store.read().with_key(kind, key, enrolling=True))
        for one in todo:
            self._machine.sign(
                Wanted(
                    kind=kind,
                    m=one.m,
                    secret=secrets[one.m],
                    request_id=one.request_id,
                    message=one.message,
                    enrolling=True,
                )
            )
        return subject

    def adopt(
        self, credential: str, certificates: Mapping[KeyKind, bytes], log: Witness | None = None
    ) -> None:
        """Take both certificates: the new keys replace the old ones in one durable write.

        With the log that the bank names; of the same log the kept head stays. Repeatable.
        Raises `BadAnswer` for a certificate that is not for its key (I12).
        """
        store = self._machine.store
        record = store.read()
        keys = record.keys if record.credential == credential else record.enrolling
        if set(keys) != set(KeyKind):
            raise BadAnswer
        for kind, key in keys.items():
            if _public_key(certificates[kind]) != key.pk:
                raise BadAnswer
        certified = {k: replace(key, certificate=certificates[k]) for k, key in keys.items()}
        same = log is not None and record.log is not None and log.key == record.log.key
        certain = replace(
            record,
            credential=credential,
            keys=certified,
            enrolling={},
            change=None,
            log=record.log if same or log is None else log,
        )
        store.write(certain)

    def _generate(
        self, kind: KeyKind, secrets: Mapping[str, str]
    ) -> tuple[KeyRecord, list[_Todo], Subject]:
        made = self._offer(kind, secrets)
        fresh: dict[str, Unlock] = {}
        for m, secret in secrets.items():
            salt = self._entropy.bytes(SALT_BYTES)
            fresh[m] = self._machine.unlock(made.kid, m, 0, salt, secret)
        body = {
            "share": b64u(made.for_server),
            "blinded": {m: b64u(one.blinding.blinded) for m, one in fresh.items()},
        }
        path = f"{KEYS_PATH}/{b64u(made.kid)}/shares"
        answer = self._machine.talk.post(path, body).must()
        try:
            return _received(made, fresh, answer)
        except (BadEncoding, KeyError, TypeError, ValueError):
            raise BadAnswer from None

    def _offer(self, kind: KeyKind, secrets: Mapping[str, str]) -> _Made:
        line, own = dkg.begin(frost.PHONE, self._entropy.bytes(192))
        device = self._machine.store.read().private_key().public_key()
        spki = device.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        body = {
            "device_key": b64u(spki),
            "kind": kind.value,
            "secrets": list(secrets),
            "C0": b64u(own.c0),
            "C1": b64u(own.c1),
            "pok": b64u(own.proof),
        }
        answer = self._machine.talk.post(KEYS_PATH, body).must()
        try:
            theirs = dkg.read_offer(
                frost.SERVER,
                unb64u(answer["C0"], 32),
                unb64u(answer["C1"], 32),
                unb64u(answer["pok"], 64),
            )
            share = dkg.finish(line, own, theirs, unb64u(answer["share"], 32))
            kid = unb64u(answer["kid"], 16)
        except (BadEncoding, dkg.BadOffer, KeyError, TypeError):
            raise BadAnswer from None
        return _Made(kid, share, dkg.share_for(line, frost.SERVER))


def _received(
    made: _Made, fresh: Mapping[str, Unlock], answer: Mapping[str, Any]
) -> tuple[KeyRecord, list[_Todo], Subject]:
    """Mask the share under each secret; the bare share is forgotten with this call."""
    instances: dict[str, tuple[Instance, ...]] = {}
    for m, one in fresh.items():
        given = answer["instances"][m]
        moved = sharing.shift_phone(made.share.share, scalar(unb64u(given["delta"], 32)))
        h = one.h(unb64u(given["evaluated"], 32))
        instances[m] = (Instance(0, one.salt, sharing.conceal(moved, h)),)
    public_key = made.share.public_key
    subject = read_subject(unb64u(answer["cri"]))
    cri = csr.request_info(public_key, name=subject.name, subject_id=subject.subject_id)
    if cri != unb64u(answer["cri"]):
        raise MessageDiffers
    todo = [_todo(one, made.kid, cri) for one in answer["requests"]]
    key = KeyRecord(made.kid, public_key, None, 0, instances, None)
    return key, todo, subject


def read_subject(cri: bytes) -> Subject:
    """Whom a CertificationRequestInfo names. Only for showing: the phone rebuilds the bytes."""
    unsigned = csr.assemble(cri, bytes(64))
    name = x509.load_der_x509_csr(unsigned).subject
    (common,) = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    (serial,) = name.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return Subject(str(common.value), str(serial.value))


def _todo(request: Mapping[str, Any], kid: bytes, cri: bytes) -> _Todo:
    """The request's bytes, built here from its fields (I11)."""
    request_id = str(request["request_id"])
    if request["type"] == "csr":
        return _Todo(request_id, PIN, cri)
    if request["type"] != "proof" or request["purpose"] != "enrolment":
        raise MessageDiffers
    life = messages.Life(
        kid=kid,
        nonce=unb64u(request["nonce"]),
        issued_at=request["issued_at"],
        expires_at=request["expires_at"],
    )
    message = messages.proof(
        life, method=request["m"], version=request["version"], purpose="enrolment"
    )
    return _Todo(request_id, str(request["m"]), message)


def _public_key(certificate: bytes) -> bytes | None:
    key = x509.load_der_x509_certificate(certificate).public_key()
    return Point(key.public_bytes_raw()) if isinstance(key, Ed25519PublicKey) else None

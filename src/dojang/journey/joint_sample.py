"""One joint certificate through the real service, in a throw-away bank: for those who test readers.

A bank is made in a folder, a sample customer gets the mobile certificate, the PIN signs, the CA
issues; for a business, whose papers an operator looks at, the request is made by the house. The key
and its password exist on this side only.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dojang import demo
from dojang.crypto import pem
from dojang.crypto.encoding import unb64u
from dojang.demo import PEOPLE
from dojang.gateways.twins import Outside, RecordedSms
from dojang.house import Bank
from dojang.joint import Holder, Kind, Op, Wish
from dojang.joint.model import Reason
from dojang.joint.npki import folders, key_files, names, parsing, pkcs12
from dojang.joint.npki.folders import Files
from dojang.joint.npki.key_files import Form, PrivateKey
from dojang.journey import asleep
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy
from dojang.kernel.secret import Secret
from dojang.phone.customer import Customer
from dojang.phone.joint import JointCertificates, OwnKey, new_key
from dojang.web.in_process import in_process

ORIGIN: Final = "http://localhost:8700"
BUSINESS: Final = ("도장상사", "1248100998")
"""Name and number: invented."""
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Sample:
    """One certificate with its key, and what it is judged by."""

    certificate: bytes
    key: OwnKey
    ca: bytes
    root: bytes
    crl: bytes
    number: str
    policy: str
    common_name: str
    folder: str


def make(home: Path, *, clock: Clock, entropy: Entropy, kind: Kind, revoked: bool) -> Sample:
    """Issue one in a fresh bank under `home`, and revoke it where asked."""
    bank = demo.make(home, 8700, clock=clock, entropy=entropy, origin=ORIGIN)
    with in_process(bank) as client:
        if kind is Kind.BUSINESS:
            return _business(bank, entropy, revoked=revoked)
        person = PEOPLE[0]
        phone = Customer(ORIGIN, home / "phone", clock=clock, entropy=entropy, client=client)
        asleep.enrol(phone, person, RecordedSms(Outside(home / "handset.db", clock)))
        phone.login(person.pin)
        mine = JointCertificates(phone, entropy)
        held = mine.issue(person.pin)
        if revoked:
            mine.revoke(held.certificate["id"], "unused", person.pin)
        return _sample(bank, held.der, held.key, person.resident_number)


def write(sample: Sample, out: Path, *, form: Form, password: str, entropy: Entropy) -> Path:
    """Everything that a reader is tried with. Returns the certificate's folder."""
    out.mkdir(parents=True, exist_ok=True)
    seen = parsing.certificate(sample.certificate)
    subject = names.read(seen.subject)
    private = PrivateKey(sample.key.rsa, sample.key.r)
    secret = password.encode()
    key = key_files.seal(private, secret, form=form, salt=entropy.bytes(8), iv=entropy.bytes(16))
    ca = sample.folder.split("/")[1]
    folder = folders.write(out, ca, subject, Files(sample.certificate, key))
    (out / "root.pem").write_text(pem.certificate(sample.root))
    (out / "ca.pem").write_text(pem.certificate(sample.ca))
    (out / "crl.der").write_bytes(sample.crl)
    ski = seen.extension("2.5.29.14")
    pfx = pkcs12.write(
        sample.certificate,
        private,
        secret,
        key_id=b"" if ski is None else ski.value[2:],
        salts=(entropy.bytes(8), entropy.bytes(8)),
    )
    folders.write_private(out / "user.p12", pfx)
    about = {
        "password": password,
        "idn": sample.number,
        "policy": sample.policy,
        "common_name": sample.common_name,
    }
    told = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    folders.write_private(out / "about.json", told.encode())
    return folder


def password(entropy: Entropy) -> str:
    """A throw-away one that fits the rules."""
    drawn = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in entropy.bytes(12))
    return f"T{drawn}!7"


def _business(bank: Bank, entropy: Entropy, *, revoked: bool) -> Sample:
    joint = bank.joint
    name, number = BUSINESS
    key = new_key(joint.encryption_spki, entropy)
    body = {name: unb64u(value) for name, value in key.body.items()}
    wish = Wish(op=Op.ISSUE, spki=body["spki"], sealed_r=body["sealed_r"], proof=body["proof"])
    holder = Holder(Kind.BUSINESS, name, Secret(number))
    request = joint.requests.for_business(holder, wish)
    made = joint.certifying.certificate(request.customer_id, request.id)
    if revoked:
        joint.certifying.end(made, Reason.UNUSED)
    return _sample(bank, made.der or b"", key, number)


def _sample(bank: Bank, certificate: bytes, key: OwnKey, number: str) -> Sample:
    joint = bank.joint
    ca, root = joint.authority.chain
    name = names.read(parsing.certificate(certificate).subject)
    kind = Kind.BUSINESS if number == BUSINESS[1] else Kind.PERSON
    return Sample(
        certificate=certificate,
        key=key,
        ca=ca,
        root=root,
        crl=joint.status.crl(),
        number=number,
        policy=joint.plan.policy(kind),
        common_name=name.common_name,
        folder=folders.path(joint.plan.organisation, name),
    )

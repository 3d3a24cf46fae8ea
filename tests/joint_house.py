"""A joint CA of throwaway keys, and a person's certificate under it, for tests of the format."""

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dojang.certificates import der
from dojang.certificates.profiles import assemble
from dojang.joint import model, profile
from dojang.joint.model import Kind, Plan
from dojang.joint.npki import checking, key_files, names, vid
from dojang.joint.npki.key_files import Form, PrivateKey
from dojang.joint.npki.vid import Identity
from dojang.joint.profile import Issuer, Subject
from dojang.kernel.clock import instant

PLAN = Plan(base_url="http://localhost:8700", bank_code="990")
NOW = instant(dt.datetime(2026, 3, 10, 3, 0, tzinfo=dt.UTC))
NUMBER = "8503151234567"
PASSWORD = "Test-only-2026!"
NAME = "홍길동"
R = bytes(range(20))
SALT, IV = b"saltsalt", b"0123456789abcdef"


@functools.cache
def key(label: str) -> rsa.RSAPrivateKey:
    """One key a label for the whole run."""
    assert label
    return rsa.generate_private_key(65_537, 2_048)


def spki(label: str) -> bytes:
    return (
        key(label)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def private(label: str) -> bytes:
    """RSAPrivateKey."""
    return key(label).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def signed(tbs: bytes, by: str) -> bytes:
    signature = key(by).sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    return assemble(tbs, profile.SHA256_RSA, signature)


def _subject(serial: int, name: names.Name, label: str, years: int = 10) -> Subject:
    start = model.first_moment(NOW)
    return Subject(
        serial=serial,
        name=name,
        spki=spki(label),
        not_before=start,
        not_after=model.last_moment(start, years),
    )


def above() -> Issuer:
    return Issuer(PLAN.root, profile.key_id(spki("root")), PLAN.root, profile.ROOT_SERIAL)


def issuer() -> Issuer:
    return Issuer(PLAN.ca, profile.key_id(spki("ca")), PLAN.root, profile.CA_SERIAL)


def root_tbs() -> bytes:
    return profile.root(above(), _subject(profile.ROOT_SERIAL, PLAN.root, "root"))


def ca_tbs() -> bytes:
    return profile.ca(PLAN, above(), _subject(profile.CA_SERIAL, PLAN.ca, "ca"))


def opener_tbs() -> bytes:
    """Whom R is encrypted to."""
    subject = _subject(3, PLAN.office("OpenSign Test Encryption"), "opener")
    return profile.opener(PLAN, issuer(), subject)


def holder_tbs(label: str = "holder", *, serial: int = 4_097) -> bytes:
    subject = PLAN.subject(Kind.PERSON, model.common_name(PLAN, Kind.PERSON, NAME, NOW, 1))
    fields = _subject(serial, subject, label, 1)
    identity = Identity(NAME, vid.virtual_id(NUMBER, R))
    return profile.holder(PLAN, Kind.PERSON, issuer(), fields, identity)


@dataclasses.dataclass(frozen=True)
class Material:
    """A folder that is right in every respect; tests change one."""

    certificate: bytes
    key: bytes
    name: str
    root: bytes
    ca: bytes
    password: str = PASSWORD
    number: str | None = NUMBER
    now: int = NOW
    crl: bytes | None = None
    policies: frozenset[str] = frozenset({PLAN.policy(Kind.PERSON)})

    def but(self, **changed: object) -> "Material":
        return dataclasses.replace(self, **changed)

    def findings(self) -> list[checking.Finding]:
        return checking.check(
            checking.Folder(certificate=self.certificate, key=self.key, name=self.name),
            checking.Owner(password=self.password, number=self.number),
            checking.Trust(
                root=self.root, ca=self.ca, policies=self.policies, now=self.now, crl=self.crl
            ),
        )

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.findings()]


def sealed(plain: bytes, form: Form = Form.PBES1, password: str = PASSWORD) -> bytes:
    """Any plaintext in a key file's envelope."""
    envelope = key_files.Envelope(form, SALT, key_files.ITERATIONS, IV, b"")
    secret, start = key_files._derived(envelope, password.encode())
    ciphertext = key_files.seed.encrypt(secret, start, plain)
    return der.sequence(key_files._algorithm(envelope), der.octets(ciphertext))


def sealed_old(plain: bytes) -> bytes:
    """As long ago: bare SEED under PBKDF1 with a fixed IV."""
    start = b"0123456789012345"
    derived = key_files._pbkdf1(PASSWORD.encode(), SALT, key_files.ITERATIONS)
    ciphertext = key_files.seed.encrypt(derived[:16], start, plain)
    figures = der.sequence(der.octets(SALT), der.integer(key_files.ITERATIONS))
    return der.sequence(
        der.sequence(der.oid("1.2.410.200004.1.4"), figures), der.octets(ciphertext)
    )


@functools.cache
def material(form: Form = Form.PBES1) -> Material:
    tbs = holder_tbs()
    subject = der.read(tbs).children()[5].raw
    return Material(
        certificate=signed(tbs, "ca"),
        key=sealed(key_files.plain(PrivateKey(private("holder"), R)), form),
        name=names.folder(names.read(subject)),
        root=signed(root_tbs(), "root"),
        ca=signed(ca_tbs(), "root"),
    )


def edited(content: bytes, path: tuple[int, ...], change: Callable[[bytes], bytes]) -> bytes:
    """The DER with the element at this path replaced; lengths are written anew."""
    if not path:
        return change(content)
    node = der.read(content)
    children = [one.raw for one in node.children()]
    children[path[0]] = edited(children[path[0]], path[1:], change)
    return der.tlv(node.tag, *children)


def with_extension(tbs: bytes, oid: str, change: Callable[[bytes], bytes]) -> bytes:
    """The TBSCertificate with the whole extension of this type replaced (b"" drops it)."""
    listed = der.read(tbs).children()[7].children()[0].children()
    at = next(n for n, one in enumerate(listed) if one.children()[0].raw == der.oid(oid))
    return edited(tbs, (7, 0, at), change)


def with_value(tbs: bytes, oid: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same, for what the extension's OCTET STRING holds."""

    def within(extension: bytes) -> bytes:
        parts = der.read(extension).children()
        kept = [one.raw for one in parts[:-1]]
        return der.sequence(*kept, der.octets(change(parts[-1].value)))

    return with_extension(tbs, oid, within)

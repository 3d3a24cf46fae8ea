"""The import check: is this folder a joint certificate that works, and whose is it?

`openssl verify` sees three of fifty defects of such a folder and one popular reader six, so every
part is looked at: files, certificate, chain, status, key file, key, R, VID. All findings are given;
the first names what is wrong, what follows may be its consequence.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from dojang.certificates import der
from dojang.certificates.der import BadDer
from dojang.joint.npki import certificate_rules, key_files, names, parsing, passwords, vid
from dojang.joint.npki.certificate_rules import Beside, moment
from dojang.joint.npki.key_files import BadKeyFile, PrivateKey, WrongPassword
from dojang.joint.npki.parsing import Parsed, ParsedCrl
from dojang.kernel.clock import Instant

_BASIC: Final = "2.5.29.19"
_USAGE: Final = "2.5.29.15"
_CONSTRAINTS: Final = "2.5.29.36"
_IDP: Final = "2.5.29.28"
_CERTIFIES: Final = 0x04


@dataclass(frozen=True)
class Finding:
    """`code` is stable, `words` say what was found."""

    code: str
    words: str

    def __str__(self) -> str:
        return f"{self.code}: {self.words}"


@dataclass(frozen=True, kw_only=True)
class Folder:
    """What is judged. `name` is what the folder is called; None where it came without one."""

    certificate: bytes | None
    key: bytes | None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What it is judged by. `crl` None: status is not looked at."""

    root: bytes
    ca: bytes
    policies: frozenset[str]
    now: Instant
    crl: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Owner:
    """What the owner types. `number` None: whose it is, is not looked at."""

    password: str = field(repr=False)
    number: str | None = field(repr=False, default=None)


def unseen(owner: Owner, trust: Trust) -> list[Finding]:
    """What `check` does not look at, because what it takes was not given."""
    missing = (
        (trust.crl is None, Finding("status", "not looked at: no crl.der")),
        (owner.number is None, Finding("number", "not compared: no --idn")),
    )
    return [one for is_missing, one in missing if is_missing]


def check(folder: Folder, owner: Owner, trust: Trust) -> list[Finding]:
    """Everything that is wrong; an empty list: it may be imported."""
    return list(_all(folder, owner, trust))


def _all(folder: Folder, owner: Owner, trust: Trust) -> Iterator[Finding]:
    if folder.certificate is None:
        yield Finding("certificate_missing", "there is no signCert.der")
    if folder.key is None:
        yield Finding("key_missing", "there is no signPri.key")
    seen = None
    if folder.certificate is not None:
        try:
            seen = parsing.certificate(folder.certificate)
        except BadDer as wrong:
            yield Finding("certificate_unreadable", str(wrong))
    if seen is not None:
        yield from _certificate(seen, owner, trust, folder.name)
    if folder.key is not None:
        yield from _key_file(folder.key, owner, seen)


def _certificate(seen: Parsed, owner: Owner, trust: Trust, name: str | None) -> Iterator[Finding]:
    try:
        ca, root = parsing.certificate(trust.ca), parsing.certificate(trust.root)
    except BadDer as wrong:
        yield Finding("ca_unreadable", str(wrong))
        return
    yield from _ruled(seen, Beside(ca, trust.policies, owner.number))
    yield from _chain(ca, root, trust.now)
    yield from _told("validity", lambda: _validity(seen, trust.now))
    if name is not None:
        yield from _told("folder_name", lambda: _folder_name(seen, name))
    if trust.crl is not None:
        yield from _status(seen, ca, trust.crl, trust.now)


def _ruled(seen: Parsed, beside: Beside) -> Iterator[Finding]:
    for code, rule in certificate_rules.RULES.items():
        yield from _told(code, lambda rule=rule: rule(seen, beside))  # type: ignore[misc]


def _told(code: str, rule: Callable[[], str | None]) -> Iterator[Finding]:
    """What a rule says; a shape that it cannot read is a finding of the same name."""
    try:
        words = rule()
    except (BadDer, ValueError, IndexError) as wrong:
        words = f"cannot be read ({wrong})"
    if words is not None:
        yield Finding(code, words)


def _validity(seen: Parsed, now: Instant) -> str | None:
    if now < moment(seen.not_before):
        return "not valid yet"
    return "expired" if now > moment(seen.not_after) else None


def _folder_name(seen: Parsed, name: str) -> str | None:
    composed = unicodedata.normalize("NFC", name)  # macOS may have taken it apart
    right = composed == names.folder(names.read(seen.subject))
    return None if right else "the folder is not named as the subject"


def _chain(ca: Parsed, root: Parsed, now: Instant) -> Iterator[Finding]:
    for code, rule in (
        ("ca_issuer", lambda: _issued(ca, root)),
        ("ca_constraints", lambda: _constrained(ca)),
        ("ca_validity", lambda: _validity(ca, now) or _validity(root, now)),
        ("root_self_signed", lambda: _issued(root, root)),
    ):
        yield from _told(code, rule)


def _issued(below: Parsed, above: Parsed) -> str | None:
    if below.issuer != above.subject:
        return "its issuer is not the certificate above it"
    return None if below.signed_by(above) else "the certificate above it did not sign it"


def _constrained(ca: Parsed) -> str | None:
    basic, usage = ca.extension(_BASIC), ca.extension(_USAGE)
    if basic is None or der.true() not in basic.value or not basic.critical:
        return "no critical basicConstraints of a CA"
    if usage is None or not der.read(usage.value).value[-1] & _CERTIFIES:
        return "its key may not sign certificates"
    explicit = ca.extension(_CONSTRAINTS)
    if explicit is None or explicit.value != b"\x30\x03\x80\x01\x00":
        return "it does not demand an explicit policy"
    return None


def _status(seen: Parsed, ca: Parsed, content: bytes, now: Instant) -> Iterator[Finding]:
    try:
        listed = parsing.crl(content)
    except BadDer as wrong:
        yield Finding("crl_unreadable", str(wrong))
        return
    yield from _told("crl_signature", lambda: _crl_signature(listed, ca))
    yield from _told("crl_time", lambda: _crl_time(listed, now))
    yield from _told("crl_scope", lambda: _crl_scope(listed, seen))
    yield from _told("revoked", lambda: _revoked(listed, seen))


def _crl_signature(listed: ParsedCrl, ca: Parsed) -> str | None:
    if listed.issuer != ca.subject:
        return "the list is another CA's"
    right = parsing.verifies(ca.spki, listed.signature, listed.tbs)
    return None if right else "the CA did not sign the list"


def _crl_time(listed: ParsedCrl, now: Instant) -> str | None:
    if listed.next_update is None:
        return "the list says not when the next one comes"
    fresh = moment(listed.this_update) <= now <= moment(listed.next_update)
    return None if fresh else "the list is not of this moment"


def _crl_scope(listed: ParsedCrl, seen: Parsed) -> str | None:
    point = listed.extension(_IDP)
    if point is None or not point.critical:
        return "the list has no critical issuingDistributionPoint"
    named = der.read(point.value).children()
    address = certificate_rules.address_of(seen)
    right = bool(named) and named[0].tag == 0xA0 and named[0].value == address
    return None if right else "the list is for another distribution point"


def _revoked(listed: ParsedCrl, seen: Parsed) -> str | None:
    number = seen.serial.number()
    found = next((one for one in listed.entries if one.serial == number), None)
    return None if found is None else f"revoked, reason {found.reason}"


def _key_file(content: bytes, owner: Owner, seen: Parsed | None) -> Iterator[Finding]:
    flaws = passwords.flaws(owner.password)
    if flaws:
        yield Finding("password_rules", ", ".join(flaws))
    try:
        envelope = key_files.parse(content)
        opened = key_files.decrypted(content, owner.password.encode())
    except BadKeyFile as wrong:
        yield Finding("key_file_form", str(wrong))
        return
    except WrongPassword:
        yield Finding("password_wrong", "the password does not open signPri.key")
        return
    if envelope.form is key_files.Form.OLD:
        yield Finding("key_file_form", "an encryption that is no longer used")
    try:
        key = key_files.read_plain(opened)
    except BadKeyFile as wrong:
        yield Finding("key_content", str(wrong))
        return
    yield from _told("key_numbers", lambda: _numbers(key))
    if seen is not None:
        yield from _told("key_pair", lambda: _pair(key, seen))
        if owner.number is not None:
            number = owner.number
            yield from _told("vid", lambda: _vid(key, seen, number))


def _numbers(key: PrivateKey) -> str | None:
    return None if _loaded(key) is not None else "the RSA numbers do not fit each other"


def _pair(key: PrivateKey, seen: Parsed) -> str | None:
    private = _loaded(key)
    if private is None:
        return None
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return None if public == seen.spki else "the key is not the certificate's"


def _vid(key: PrivateKey, seen: Parsed, number: str) -> str | None:
    found = seen.extension("2.5.29.17")
    others = (
        []
        if found is None
        else [one for one in der.read(found.value).children() if one.tag == 0xA0]
    )
    if not others:
        return None
    said = vid.read_other_name(others[0]).vid
    if said is None or said == vid.virtual_id(number, key.r):
        return None
    return "the number and R do not give the certificate's VID"


def _loaded(key: PrivateKey) -> RSAPrivateKey | None:
    bare = der.sequence(der.integer(0), key_files.RSA, der.octets(key.rsa))
    try:
        loaded = serialization.load_der_private_key(bare, password=None)
    except ValueError:
        return None
    return loaded if isinstance(loaded, RSAPrivateKey) else None

"""What a holder's certificate must look like: one rule a function, which says what it found.

The order is that of reading: shape, names, times, key, extensions, and the signature last, so that
the first finding of a changed certificate names what was changed.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node
from dojang.certificates.profiles import ANY_POLICY
from dojang.joint.npki import names, vid
from dojang.joint.npki.parsing import Parsed
from dojang.kernel.clock import DAY, Instant, instant

SHA256_RSA: Final = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.NULL)
RSA: Final = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.NULL)
SERIAL_MAX: Final = 2**31 - 1
DAYS_MAX: Final = 397
"""A year, and the thirty days that a renewal may come early, and the days of leap years."""
_SIGNS: Final = b"\x03\x02\x06\xc0"
_BMP: Final = 0x1E
_AKI, _SKI, _KU, _CP = "2.5.29.35", "2.5.29.14", "2.5.29.15", "2.5.29.32"
_SAN, _CRLDP, _AIA = "2.5.29.17", "2.5.29.31", "1.3.6.1.5.5.7.1.1"
ORDER: Final = (_AKI, _SKI, _KU, _CP, _SAN, _CRLDP, _AIA)
_CRITICAL: Final = frozenset({_KU, _CP})
_WORDS: Final = dict(
    zip(ORDER, ("AKI", "SKI", "keyUsage", "policies", "SAN", "CRLDP", "AIA"), strict=True)
)
_NOTICE: Final = der.oid("1.3.6.1.5.5.7.2.2")
_CPS: Final = der.oid("1.3.6.1.5.5.7.2.1")
_AD_OCSP: Final = der.oid("1.3.6.1.5.5.7.48.1")


@dataclass(frozen=True)
class Beside:
    """What a certificate is judged by: its CA, the policies that are taken, the holder's number."""

    ca: Parsed
    policies: frozenset[str]
    number: str | None = None


Rule = Callable[[Parsed, Beside], str | None]


def version(seen: Parsed, _: Beside) -> str | None:
    return None if seen.version == der.integer(2) else "not version 3"


def serial(seen: Parsed, _: Beside) -> str | None:
    try:
        fits = 1 <= seen.serial.number() <= SERIAL_MAX
    except BadDer:
        fits = False
    return None if fits else "the serial is no positive number below 2^31"


def algorithm(seen: Parsed, _: Beside) -> str | None:
    if seen.inner != seen.outer:
        return "the two signature algorithms differ"
    return None if seen.inner == SHA256_RSA else "not sha256WithRSAEncryption with NULL"


def issuer(seen: Parsed, beside: Beside) -> str | None:
    return None if seen.issuer == beside.ca.subject else "the issuer is not the CA's subject"


def validity_form(seen: Parsed, _: Beside) -> str | None:
    tags = {seen.not_before.tag, seen.not_after.tag}
    return None if tags == {der.UTC_TIME} else "validity is not written as UTCTime"


def validity_end(seen: Parsed, _: Beside) -> str | None:
    ends = seen.not_after.value.endswith(b"145959Z")
    return None if ends else "notAfter is not the last second of a day in Seoul"


def validity_length(seen: Parsed, _: Beside) -> str | None:
    starts, ends = moment(seen.not_before), moment(seen.not_after)
    if ends <= starts:
        return "validity ends before it begins"
    return None if ends - starts <= DAYS_MAX * DAY else "valid for more than a year and a renewal"


def subject(seen: Parsed, _: Beside) -> str | None:
    try:
        found = names.read(seen.subject)
    except BadDer as wrong:
        return f"the subject: {wrong}"
    order = [word for word, _value in found.parts]
    if order[:2] != ["c", "o"] or order[-1:] != ["cn"] or set(order[2:-1]) != {"ou"}:
        return "the subject is not c, o, ou, cn from the root on"
    if not 1 <= len(found.common_name) <= names.COMMON_NAME_CHARS_MAX:
        return "the common name is not of 1 to 64 characters"
    return None


def number_in_name(seen: Parsed, beside: Beside) -> str | None:
    shown = beside.number is not None and beside.number.encode() in seen.raw.replace(b"-", b"")
    return "the holder's number stands in the certificate" if shown else None


def key(seen: Parsed, _: Beside) -> str | None:
    try:
        kind, bits = der.read(seen.spki).expect(der.SEQUENCE).children()
        modulus, exponent = der.read(bits.expect(der.BIT_STRING).value[1:]).children()
        size, power = modulus.number().bit_length(), exponent.number()
    except (BadDer, ValueError):
        return "the key is no RSA key"
    if kind.raw != RSA:
        return "the key's algorithm is not rsaEncryption with NULL"
    if size != 2_048:
        return "the key has not 2048 bits"
    return None if power == 65_537 else "the exponent is not 65537"


def extensions(seen: Parsed, _: Beside) -> str | None:
    there = [one.oid for one in seen.extensions]
    wanted = [der.oid(one) for one in ORDER]
    if len(set(there)) != len(there):
        return "an extension stands twice"
    missing = [_WORDS[one] for one in ORDER if der.oid(one) not in there]
    if missing:
        return f"an extension is missing: {', '.join(missing)}"
    if set(there) != set(wanted):
        return "an extension that has no place in a holder's certificate"
    return None if there == wanted else "the extensions stand in another order"


def critical(seen: Parsed, _: Beside) -> str | None:
    for oid in ORDER:
        found = seen.extension(oid)
        if found is not None and found.critical != (oid in _CRITICAL):
            return f"{_WORDS[oid]} is {'' if found.critical else 'not '}critical"
    return None


def authority_key(seen: Parsed, beside: Beside) -> str | None:
    parts = _value(seen, _AKI).expect(der.SEQUENCE).children()
    if [one.tag for one in parts] != [0x80, 0xA1, 0x82]:
        return "the AKI has not all three fields"
    above = beside.ca.extension(_SKI)
    if above is None or parts[0].value != der.read(above.value).value:
        return "the AKI names another key"
    if parts[1].value != der.explicit(4, beside.ca.issuer):
        return "the AKI does not name the issuer of the CA's certificate"
    if parts[2].value != beside.ca.serial.value:
        return "the AKI has not the serial of the CA's certificate"
    return None


def subject_key(seen: Parsed, _: Beside) -> str | None:
    bits = der.read(seen.spki).children()[1].value[1:]
    wanted = der.octets(hashlib.sha1(bits).digest())  # noqa: S324 - a name
    found = _value(seen, _SKI).raw
    return None if found == wanted else "the SKI is not SHA-1 of the key's bits"


def usage(seen: Parsed, _: Beside) -> str | None:
    right = _value(seen, _KU).raw == _SIGNS
    return None if right else "keyUsage is not digitalSignature and nonRepudiation"


def policy(seen: Parsed, beside: Beside) -> str | None:
    listed = _value(seen, _CP).expect(der.SEQUENCE).children()
    if len(listed) != 1:
        return "not exactly one policy"
    oid = listed[0].children()[0].raw
    if oid == der.oid(ANY_POLICY):
        return "anyPolicy in a holder's certificate"
    known = oid in {der.oid(one) for one in beside.policies}
    return None if known else "the policy is not one that is accepted here"


def notice(seen: Parsed, _: Beside) -> str | None:
    information = _value(seen, _CP).children()[0].children()
    if len(information) != 2:
        return "the policy has no qualifiers"
    qualifiers = [one.children() for one in information[1].children()]
    if [one[0].raw for one in qualifiers] != [_NOTICE, _CPS]:
        return "not a notice and then a CPS address"
    text = qualifiers[0][1].expect(der.SEQUENCE).children()
    if len(text) != 1 or text[0].tag != _BMP:
        return "the notice is no BMPString"
    if not text[0].value or len(text[0].value) % 2:
        return "the notice is empty or cut"
    return None if qualifiers[1][1].tag == der.IA5 else "the CPS address is no IA5String"


def identity(seen: Parsed, _: Beside) -> str | None:
    found = [one for one in _value(seen, _SAN).children() if one.tag == 0xA0]
    if len(found) != 1:
        return "not exactly one identifyData"
    try:
        read = vid.read_other_name(found[0])
    except BadDer as wrong:
        return f"identifyData: {wrong}"
    if read.vid is None:
        return "identifyData has no VID"
    named = names.read(seen.subject).common_name.partition("(")[0]
    return None if named and read.real_name.startswith(named) else "realName is another name"


def list_address(seen: Parsed, _: Beside) -> str | None:
    points = _value(seen, _CRLDP).expect(der.SEQUENCE).children()
    if len(points) != 1 or _address(points[0]) is None:
        return "not exactly one CRL distribution point with one address"
    return None


def responder(seen: Parsed, _: Beside) -> str | None:
    for one in _value(seen, _AIA).expect(der.SEQUENCE).children():
        method, place = one.expect(der.SEQUENCE).children()
        if method.raw == _AD_OCSP and place.tag == 0x86 and place.value.startswith(b"http"):
            return None
    return "no OCSP address"


def signature(seen: Parsed, beside: Beside) -> str | None:
    return None if seen.signed_by(beside.ca) else "the CA did not sign this certificate"


RULES: Final[dict[str, Rule]] = {
    "version": version,
    "serial": serial,
    "algorithm": algorithm,
    "issuer": issuer,
    "validity_form": validity_form,
    "validity_end": validity_end,
    "validity_length": validity_length,
    "subject": subject,
    "number_in_name": number_in_name,
    "key": key,
    "extensions": extensions,
    "critical": critical,
    "authority_key": authority_key,
    "subject_key": subject_key,
    "usage": usage,
    "policy": policy,
    "notice": notice,
    "identity": identity,
    "list_address": list_address,
    "responder": responder,
    "signature": signature,
}


def address_of(seen: Parsed) -> bytes | None:
    """The DistributionPointName of its CRL, to be compared byte for byte."""
    found = seen.extension(_CRLDP)
    return None if found is None else _address(der.read(found.value).children()[0])


def moment(time: Node) -> Instant:
    """A UTCTime or GeneralizedTime of whole seconds. Raises BadDer."""
    form = "%y%m%d%H%M%SZ" if time.tag == der.UTC_TIME else "%Y%m%d%H%M%SZ"
    try:
        return instant(
            dt.datetime.strptime(time.value.decode("ascii"), form).replace(tzinfo=dt.UTC)
        )
    except ValueError:
        raise BadDer("no time of whole seconds in UTC") from None


def _address(point: Node) -> bytes | None:
    parts = point.expect(der.SEQUENCE).children()
    if len(parts) != 1 or parts[0].tag != 0xA0:
        return None
    full = parts[0].children()
    if len(full) != 1 or full[0].tag != 0xA0 or len(full[0].children()) != 1:
        return None
    return parts[0].value if full[0].children()[0].tag == 0x86 else None


def _value(seen: Parsed, oid: str) -> Node:
    found = seen.extension(oid)
    if found is None:
        raise BadDer("an extension is missing")
    return der.read(found.value)

"""Defective folders: each is refused, and the first finding names what is wrong with it."""

import hashlib

import pytest
from tests import joint_house as house
from tests.joint_house import edited, with_extension, with_value

from dojang.certificates import der
from dojang.joint import status
from dojang.joint.model import Reason
from dojang.joint.npki import key_files
from dojang.joint.npki.key_files import Form, PrivateKey
from dojang.kernel.clock import DAY

AKI, SKI, KU, CP = "2.5.29.35", "2.5.29.14", "2.5.29.15", "2.5.29.32"
SAN, CRLDP, AIA = "2.5.29.17", "2.5.29.31", "1.3.6.1.5.5.7.1.1"
CN = (5, 4, 0, 1)
DATA = (0, 1, 0)
"""Where identifyData lies in the SAN."""
VALUE = (*DATA, 1, 0, 1)
"""Where the VID lies in it."""


def put(new: bytes):
    return lambda _old: new


def retagged(tag: int):
    return lambda old: der.tlv(tag, der.read(old).value)


def replaced(old: bytes, new: bytes):
    return lambda content: content.replace(old, new)


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(der.oid(oid), der.true() if critical else b"", der.octets(value))


def criticality(extension_der: bytes) -> bytes:
    parts = [one.raw for one in der.read(extension_der).children()]
    kept = [parts[0], parts[-1]]
    return (
        der.sequence(*parts[:1], der.true(), parts[-1]) if len(parts) == 2 else der.sequence(*kept)
    )


def swapped(tbs: bytes) -> bytes:
    def swap(listed: bytes) -> bytes:
        parts = [one.raw for one in der.read(listed).children()]
        return der.sequence(parts[1], parts[0], *parts[2:])

    return edited(tbs, (7, 0), swap)


def added(new: bytes):
    def add(listed: bytes) -> bytes:
        return der.sequence(*(one.raw for one in der.read(listed).children()), new)

    return lambda tbs: edited(tbs, (7, 0), add)


def at(*path: int):
    """Change the element of the TBSCertificate at this path."""
    return lambda change: lambda tbs: edited(tbs, path, change)


def inside(oid: str, path: tuple[int, ...], change):
    return lambda tbs: with_value(tbs, oid, lambda value: edited(value, path, change))


def dropped(oid: str):
    return lambda tbs: with_extension(tbs, oid, put(b""))


def sha1_of_spki(tbs: bytes) -> bytes:
    spki = der.read(tbs).children()[6].raw
    return with_value(tbs, SKI, put(der.octets(hashlib.sha1(spki).digest())))  # noqa: S324 - the defect


def last_bit_changed(content: bytes) -> bytes:
    return content[:-1] + bytes((content[-1] ^ 1,))


def no_padding(key_file: bytes) -> bytes:
    """The plain text's last byte is the length of no padding (CBC, blocks of 16 bytes)."""
    return key_file[:-17] + bytes((key_file[-17] ^ 0x80,)) + key_file[-16:]


SMALL = der.sequence(
    key_files.RSA, der.bits(der.sequence(der.integer(2**1023 + 1), der.integer(65_537)))
)
THREE = der.sequence(
    key_files.RSA, der.bits(der.sequence(der.integer(2**2047 + 1), der.integer(3)))
)
EC_KEY = der.sequence(der.sequence(der.oid("1.2.840.10045.2.1")), der.bits(b"\x04" + bytes(64)))
NO_NULL = der.sequence(der.oid("1.2.840.113549.1.1.11"))
RSA_NO_NULL = der.sequence(der.oid("1.2.840.113549.1.1.1"))

CERTIFICATES = {
    "version 2": ("version", at(0)(put(b"\xa0\x03\x02\x01\x01"))),
    "serial 0": ("serial", at(1)(put(der.integer(0)))),
    "serial of 20 bytes": ("serial", at(1)(put(der.integer(2**150)))),
    "negative serial": ("serial", at(1)(put(b"\x02\x01\xff"))),
    "algorithm without NULL inside": ("algorithm", at(2)(put(NO_NULL))),
    "issuer in upper case": ("issuer", at(3)(replaced(b"OpenSign Test CA", b"OPENSIGN TEST CA"))),
    "GeneralizedTime": (
        "validity_form", at(4, 1)(put(der.tlv(der.GENERALIZED_TIME, b"20270310145959Z"))),
    ),
    "ends at midnight UTC": (
        "validity_end", at(4, 1)(put(der.tlv(der.UTC_TIME, b"270310235959Z"))),
    ),
    "two years": ("validity_length", at(4, 1)(put(der.tlv(der.UTC_TIME, b"280310145959Z")))),
    "ends before it begins": (
        "validity_length", at(4, 1)(put(der.tlv(der.UTC_TIME, b"250310145959Z"))),
    ),
    "expired": (
        "validity",
        at(4)(put(der.sequence(
            der.tlv(der.UTC_TIME, b"240309150000Z"), der.tlv(der.UTC_TIME, b"250310145959Z")
        ))),
    ),
    "not valid yet": (
        "validity",
        at(4)(put(der.sequence(
            der.tlv(der.UTC_TIME, b"260409150000Z"), der.tlv(der.UTC_TIME, b"270410145959Z")
        ))),
    ),
    "cn as PrintableString": ("subject", at(5, 4, 0, 1)(put(der.tlv(der.PRINTABLE, b"HONG()1")))),
    "o as PrintableString": ("subject", at(5, 1, 0, 1)(retagged(der.PRINTABLE))),
    "c as UTF8String": ("subject", at(5, 0, 0, 1)(retagged(der.UTF8))),
    "leaf first": ("subject", at(5)(lambda old: der.sequence(
        *(one.raw for one in reversed(der.read(old).children()))))),
    "two attributes in one RDN": ("subject", at(5, 4)(lambda old: der.tlv(
        der.SET, der.read(old).value * 2))),
    "cn of 65 characters": ("subject", at(*CN[:1], 4, 0, 1)(put(der.tlv(der.UTF8, b"a" * 65)))),
    "the number in the cn": (
        "number_in_name",
        at(5, 4, 0, 1)(put(der.tlv(der.UTF8, "홍길동()8503151234567".encode()))),
    ),
    "1024 bits": ("key", at(6)(put(SMALL))),
    "exponent 3": ("key", at(6)(put(THREE))),
    "an EC key": ("key", at(6)(put(EC_KEY))),
    "a key without NULL": ("key", at(6, 0)(put(RSA_NO_NULL))),
    "no AKI": ("extensions", dropped(AKI)),
    "no policies": ("extensions", dropped(CP)),
    "no SAN": ("extensions", dropped(SAN)),
    "no OCSP": ("extensions", dropped(AIA)),
    "basicConstraints": ("extensions", added(extension("2.5.29.19", b"\x30\x00", critical=True))),
    "extended usage": ("extensions", added(
        extension("2.5.29.37", der.sequence(der.oid("1.3.6.1.5.5.7.3.2"))))),
    "an extension twice": ("extensions", added(extension(SKI, der.octets(bytes(20))))),
    "SKI before AKI": ("extensions", swapped),
    "keyUsage not critical": (
        "critical", lambda tbs: with_extension(tbs, KU, criticality)),
    "policies not critical": (
        "critical", lambda tbs: with_extension(tbs, CP, criticality)),
    "SAN critical": ("critical", lambda tbs: with_extension(tbs, SAN, criticality)),
    "AKI of the key alone": ("authority_key", lambda tbs: with_value(
        tbs, AKI, lambda old: der.sequence(der.read(old).children()[0].raw))),
    "AKI of another key": ("authority_key", inside(AKI, (0,), put(der.implicit(0, bytes(20))))),
    "AKI with the CA's own name": ("authority_key", inside(
        AKI, (1,), put(der.explicit(1, der.explicit(4, house.PLAN.ca.der))))),
    "AKI with the holder's serial": ("authority_key", inside(
        AKI, (2,), put(der.implicit(2, b"\x10\x01")))),
    "SKI over the whole SPKI": ("subject_key", sha1_of_spki),
    "keyUsage with keyEncipherment": (
        "usage", lambda tbs: with_value(tbs, KU, put(b"\x03\x02\x05\xe0"))),
    "keyUsage without nonRepudiation": (
        "usage", lambda tbs: with_value(tbs, KU, put(b"\x03\x02\x07\x80"))),
    "anyPolicy": ("policy", inside(CP, (0, 0), put(der.oid("2.5.29.32.0")))),
    "another policy": ("policy", inside(CP, (0, 0), put(der.oid("1.2.3.4.5")))),
    "two policies": ("policy", lambda tbs: with_value(
        tbs, CP, lambda old: der.sequence(der.read(old).value * 2))),
    "no qualifiers": ("notice", inside(CP, (0,), lambda old: der.sequence(
        der.read(old).children()[0].raw))),
    "notice as UTF8String": ("notice", inside(
        CP, (0, 1, 0, 1, 0), put(der.tlv(der.UTF8, "시험용".encode())))),
    "CPS first": ("notice", inside(CP, (0, 1), lambda old: der.sequence(
        *(one.raw for one in reversed(der.read(old).children()))))),
    "another otherName": ("identity", inside(SAN, (0, 0), put(der.oid("1.2.3")))),
    "realName as PrintableString": ("identity", inside(
        SAN, (*DATA, 0), put(der.tlv(der.PRINTABLE, b"HONG")))),
    "another realName": ("identity", inside(
        SAN, (*DATA, 0), put(der.tlv(der.UTF8, "김철수".encode())))),
    "no VID": ("identity", inside(SAN, DATA, lambda old: der.sequence(
        der.read(old).children()[0].raw))),
    "VID in a SET": ("identity", inside(SAN, VALUE, lambda old: der.tlv(der.SET, old))),
    "VID of SHA-1": ("identity", inside(
        SAN, (*VALUE, 0), put(der.sequence(der.oid("1.3.14.3.2.26"))))),
    "virtualID implicit": ("identity", inside(
        SAN, (*VALUE, 1), put(der.implicit(0, bytes(32))))),
    "virtualID of 20 bytes": ("identity", inside(
        SAN, (*VALUE, 1), put(der.explicit(0, der.octets(bytes(20)))))),
    "two CRL points": ("list_address", lambda tbs: with_value(
        tbs, CRLDP, lambda old: der.sequence(der.read(old).value * 2))),
    "AIA without OCSP": ("responder", inside(
        AIA, (0, 0), put(der.oid("1.3.6.1.5.5.7.48.2")))),
    "virtualID of a number beside": ("vid", inside(
        SAN, (*VALUE, 1), put(der.explicit(0, der.octets(house.vid.virtual_id(
            "8503151234568", house.R)))))),
    "VID hashed once": ("vid", inside(
        SAN, (*VALUE, 1), put(der.explicit(0, der.octets(hashlib.sha256(
            house.vid.hash_content(house.NUMBER, house.R)).digest()))))),
}  # fmt: skip


@pytest.mark.parametrize("defect", CERTIFICATES)
def test_a_defective_certificate_is_refused_for_the_right_reason(defect):
    code, change = CERTIFICATES[defect]
    right = house.material()
    tbs = change(house.holder_tbs())

    found = right.but(certificate=house.signed(tbs, "ca")).codes

    assert tbs != house.holder_tbs()
    assert found[:1] == [code]


def plain(r: bytes = house.R, label: str = "holder") -> bytes:
    return key_files.plain(PrivateKey(house.private(label), r))


def broken_numbers() -> bytes:
    rsa = house.private("holder")
    return key_files.plain(PrivateKey(edited(rsa, (3,), put(der.integer(65_539))), house.R))


def with_attribute(change):
    return lambda: house.sealed(edited(plain(), (3,), change))


KEYS = {
    "not DER": ("key_file_form", lambda: b"\x30\x80" + bytes(40)),
    "something behind": ("key_file_form", lambda: house.material().key + b"\x00"),
    "another encryption": ("key_file_form", lambda: house.material().key.replace(
        der.oid("1.2.410.200004.1.15"), der.oid("1.2.410.200004.1.16"))),
    "one iteration": ("key_file_form", lambda: house.material().key.replace(
        b"\x02\x02\x08\x00", b"\x02\x02\x00\x81")),
    "a million iterations": ("key_file_form", lambda: edited(
        house.material().key, (0, 1, 1), put(der.integer(1_000_000)))),
    "a salt of 4 bytes": ("key_file_form", lambda: edited(
        house.material().key, (0, 1, 0), put(der.octets(b"salt")))),
    "PBES2 with a prf": ("key_file_form", lambda: edited(
        house.material(Form.PBES2).key, (0, 1, 0, 1), lambda old: der.sequence(
            der.read(old).value, der.sequence(der.oid("1.2.840.113549.2.9"), der.NULL)))),
    "the form of long ago": ("key_file_form", lambda: house.sealed_old(plain())),
    "changed ciphertext": ("password_wrong", lambda: no_padding(house.material().key)),
    "version 1": ("key_content", lambda: house.sealed(edited(plain(), (0,), put(der.integer(1))))),
    "an EC key": ("key_content", lambda: house.sealed(edited(
        plain(), (1,), put(der.sequence(der.oid("1.2.840.10045.2.1")))))),
    "no R": ("key_content", lambda: house.sealed(edited(plain(), (3,), put(b"")))),
    "R not in a SET": ("key_content", with_attribute(
        lambda old: edited(old, (0, 1), retagged(der.SEQUENCE)))),
    "R of 19 bytes": ("key_content", with_attribute(
        lambda old: edited(old, (0, 1, 0), put(der.bits(bytes(19)))))),
    "R as OCTET STRING": ("key_content", with_attribute(
        lambda old: edited(old, (0, 1, 0), put(der.octets(house.R))))),
    "R with unused bits": ("key_content", with_attribute(
        lambda old: edited(old, (0, 1, 0), put(der.tlv(der.BIT_STRING, b"\x04", house.R))))),
    "another attribute": ("key_content", with_attribute(
        lambda old: edited(old, (0, 0), put(der.oid("1.2.3"))))),
    "numbers that do not fit": ("key_numbers", lambda: house.sealed(broken_numbers())),
    "another key": ("key_pair", lambda: house.sealed(plain(label="ca"))),
    "another R": ("vid", lambda: house.sealed(plain(r=bytes(20)))),
}  # fmt: skip


@pytest.mark.parametrize("defect", KEYS)
def test_a_defective_key_file_is_refused_for_the_right_reason(defect):
    code, made = KEYS[defect]

    found = house.material().but(key=made()).codes

    assert found[:1] == [code]


FOLDERS = {
    "no certificate": ("certificate_missing", {"certificate": None}),
    "no key": ("key_missing", {"key": None}),
    "PEM": ("certificate_unreadable", {"certificate": b"-----BEGIN CERTIFICATE-----"}),
    "another folder name": ("folder_name", {"name": "cn=김철수()1,ou=a,o=b,c=kr"}),
    "another password": ("password_wrong", {"password": "Test-only-2027!"}),
    "a weak password": ("password_rules", {"password": "test"}),
    "a number beside": ("vid", {"number": "8503151234568"}),
    "another policy asked for": ("policy", {"policies": frozenset({"1.2.3.4.5"})}),
}


@pytest.mark.parametrize("defect", FOLDERS)
def test_a_defective_folder_is_refused_for_the_right_reason(defect):
    code, change = FOLDERS[defect]

    found = house.material().but(**change).codes

    assert found[:1] == [code]


def test_a_signature_with_one_bit_changed_is_the_only_finding():
    right = house.material()

    found = right.but(certificate=last_bit_changed(right.certificate))

    assert found.codes == ["signature"]


CAS = {
    "a CA that another root signed": ("ca_issuer", lambda: house.signed(house.ca_tbs(), "holder")),
    "a CA without basicConstraints": ("ca_constraints", lambda: house.signed(
        with_extension(house.ca_tbs(), "2.5.29.19", put(b"")), "root")),
    "a CA that demands no policy": ("ca_constraints", lambda: house.signed(
        with_extension(house.ca_tbs(), "2.5.29.36", put(b"")), "root")),
}  # fmt: skip


@pytest.mark.parametrize("defect", CAS)
def test_a_defective_ca_is_refused_for_the_right_reason(defect):
    code, made = CAS[defect]

    assert house.material().but(ca=made()).codes[:1] == [code]


def listed(*revoked: int, by: str = "ca", change=lambda tbs: tbs, **said: object) -> bytes:
    """The CA's list of this moment; `said` is what it says differently."""
    members = {
        "issuer": house.issuer(),
        "address": house.PLAN.url("ca.crl"),
        "number": 1,
        "this_update": house.NOW,
        "next_update": house.NOW + DAY,
        "listed": [(serial, house.NOW, Reason.KEY_COMPROMISED) for serial in revoked],
    } | said
    return house.signed(change(status.tbs(**members)), by)


def point(change):
    """Change the issuingDistributionPoint, the last extension of a list without entries."""
    return lambda: listed(change=lambda tbs: edited(tbs, (5, 0, 2), change))


LISTS = {
    "not DER": ("crl_unreadable", lambda: b"\x30\x80"),
    "PEM": ("crl_unreadable", lambda: b"-----BEGIN X509 CRL-----"),
    "version 1": ("crl_unreadable", lambda: listed(
        change=lambda tbs: edited(tbs, (0,), put(b"")))),
    "of another CA": ("crl_signature", lambda: listed(issuer=house.above(), by="root")),
    "signed by another key": ("crl_signature", lambda: listed(by="holder")),
    "changed after it was signed": ("crl_signature", lambda: last_bit_changed(listed())),
    "an entry taken out": ("crl_signature", lambda: edited(listed(4_097, 4_098), (0, 5), (
        lambda old: der.sequence(der.read(old).children()[1].raw)))),
    "of yesterday": ("crl_time", lambda: listed(
        this_update=house.NOW - 2 * DAY, next_update=house.NOW - DAY)),
    "of tomorrow": ("crl_time", lambda: listed(
        this_update=house.NOW + DAY, next_update=house.NOW + 2 * DAY)),
    "without an end": ("crl_time", lambda: listed(
        change=lambda tbs: edited(tbs, (4,), put(b"")))),
    "for another address": ("crl_scope", lambda: listed(address=house.PLAN.url("root.crl"))),
    "a point that is not critical": ("crl_scope", point(criticality)),
    "no point": ("crl_scope", point(put(b""))),
    "the certificate on it": ("revoked", lambda: listed(4_098, 4_097)),
}  # fmt: skip


@pytest.mark.parametrize("defect", LISTS)
def test_a_defective_list_is_refused_for_the_right_reason(defect):
    code, made = LISTS[defect]

    assert house.material().but(crl=made()).codes[:1] == [code]


def test_a_list_on_which_only_others_stand_has_no_finding():
    assert house.material().but(crl=listed()).codes == []
    assert house.material().but(crl=listed(4_096, 4_098)).codes == []


def test_a_right_folder_of_either_form_has_no_finding():
    assert house.material().codes == []
    assert house.material(Form.PBES2).codes == []

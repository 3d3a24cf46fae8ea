"""A tax office and a document office take a joint certificate, and refuse for the right reason."""

import datetime as dt
import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from tests import joint_house
from tests.api.house import ORIGIN, House

from dojang.certificates import der
from dojang.crypto.encoding import b64u, unb64u
from dojang.joint.npki import parsing
from dojang.joint.relying import Authorities, RelyingParties
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import SECOND, instant
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.kernel.secret import Secret
from dojang.phone.customer import Customer
from dojang.phone.joint import Held, JointCertificates

PIN = MINYONG.pin
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
DATA = der.oid("1.2.840.113549.1.7.1")
SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.NULL)
RSA = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.NULL)


@pytest.fixture(scope="module")
def mine(minyong: Customer) -> JointCertificates:
    return JointCertificates(minyong, SystemEntropy())


@pytest.fixture(scope="module")
def held(mine: JointCertificates) -> Held:
    return mine.issue(PIN)


def key_of(held: Held):
    bare = der.sequence(der.integer(0), RSA, der.octets(held.key.rsa))
    return serialization.load_der_private_key(bare, password=None)


def signed_data(content: bytes, certificate: bytes, key, *, attributes: bool = True) -> bytes:
    """CMS SignedData as the app writes it, or without attributes."""
    seen = parsing.certificate(certificate)
    over, shown = content, b""
    if attributes:
        members = sorted(
            der.sequence(der.oid(oid), der.tlv(der.SET, value))
            for oid, value in (
                ("1.2.840.113549.1.9.3", DATA),
                ("1.2.840.113549.1.9.4", der.octets(hashlib.sha256(content).digest())),
            )
        )
        over, shown = der.tlv(der.SET, *members), der.explicit(0, *members)
    signature = key.sign(over, padding.PKCS1v15(), hashes.SHA256())
    signer = der.sequence(
        der.integer(1),
        der.sequence(seen.issuer, seen.serial.raw),
        SHA256,
        shown,
        RSA,
        der.octets(signature),
    )
    inner = der.sequence(
        der.integer(1),
        der.tlv(der.SET, SHA256),
        der.sequence(DATA, der.explicit(0, der.octets(content))),
        der.explicit(0, certificate),
        der.tlv(der.SET, signer),
    )
    return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, inner))


class Office:
    """What a browser does at a relying party."""

    def __init__(self, house: House, service: str = "tax") -> None:
        self.client = house.client
        self.service = service

    def challenge(self) -> dict:
        answer = self.client.post(
            f"{ORIGIN}/v1/relying/{self.service}/challenges", json={"locale": "ko"}
        )
        assert answer.status_code == 201
        return answer.json()

    def answer(self, challenge: dict, signed: bytes, r: bytes, number: str):
        opener = serialization.load_der_public_key(unb64u(challenge["encryption"]["spki"]))
        body = {
            "signed": b64u(signed),
            "sealed_r": b64u(opener.encrypt(r, OAEP)),
            "number": number,
        }
        path = f"{ORIGIN}/v1/relying/{self.service}/challenges/{challenge['id']}/answer"
        return self.client.post(path, json=body)

    def show(self, held: Held, **other):
        """Answer honestly, but for what `other` changes; the code or the answer."""
        challenge = self.challenge()
        told = {
            "content": unb64u(challenge["content"]),
            "certificate": held.der,
            "key": key_of(held),
        }
        parts = {name: other.pop(name, value) for name, value in told.items()}
        number, r = other.pop("number", MINYONG.resident_number), other.pop("r", held.key.r)
        signed = signed_data(**parts, **other)
        answer = self.answer(challenge, signed, r, number)
        return answer.json() if answer.status_code == 200 else answer.json()["code"]


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


@pytest.mark.parametrize("service", ["tax", "document"])
@pytest.mark.parametrize("attributes", [True, False])
def test_the_right_certificate_of_the_right_person_is_taken(house, held, service, attributes):
    shown = Office(house, service).show(held, attributes=attributes)

    assert shown["real_name"] == MINYONG.name
    assert shown["serial"] == held.certificate["serial"]


def test_the_number_is_taken_with_its_hyphen_too(office, held):
    number = MINYONG.resident_number

    assert office.show(held, number=f"{number[:6]}-{number[6:]}")["service"] == "tax"


def test_the_certificate_of_another_person_ends_at_the_vid(office, held):
    assert office.show(held, number=SEOYEON.resident_number) == "rp_other_person"
    assert office.show(held, r=bytes(20)) == "rp_other_person"


def test_r_of_another_length_is_refused(office, held):
    assert office.show(held, r=bytes(19)) == "rp_randomness_refused"


def test_something_else_than_what_was_shown_is_refused(office, held):
    assert office.show(held, content="나는 모든 것에 동의합니다".encode()) == "rp_other_content"


def test_a_signature_by_another_key_is_refused(office, held):
    assert office.show(held, key=joint_house.key("holder")) == "rp_wrong_signature"


def test_a_certificate_of_another_ca_with_the_same_names_is_refused(house, office, held):
    """Everything is right about it but who signed."""
    seen = parsing.certificate(held.der)
    forged = joint_house.signed(
        joint_house.edited(seen.tbs, (6,), lambda _: joint_house.spki("holder")), "ca"
    )

    code = office.show(held, certificate=forged, key=joint_house.key("holder"))

    assert code == "rp_unknown_issuer"


def test_a_policy_that_is_not_accepted_is_refused(house, held):
    """Signed by the CA itself: only the policy is wrong."""
    authority = house.bank.joint.authority
    seen = parsing.certificate(held.der)
    other = joint_house.with_value(
        joint_house.edited(seen.tbs, (1,), lambda _: der.integer(authority_serial(house))),
        "2.5.29.32",
        lambda _: der.sequence(der.sequence(der.oid("1.2.3.4.5"))),
    )

    code = Office(house).show(held, certificate=authority.sign(other))

    assert code == "rp_wrong_policy"


def authority_serial(house: House) -> int:
    """Of an office: a serial whose status is good."""
    office = house.bank.joint.authority.office("cmp")
    return parsing.certificate(office.der).serial.number()


def test_a_certificate_that_nobody_issued_has_no_status(house, held):
    seen = parsing.certificate(held.der)
    unknown = joint_house.edited(seen.tbs, (1,), lambda _: der.integer(99_999))

    code = Office(house).show(held, certificate=house.bank.joint.authority.sign(unknown))

    assert code == "rp_status_unknown"


def test_a_status_that_took_a_moment_to_come_counts(house, held):
    """It is of a later second than the question, and not of the future."""
    joint = house.bank.joint

    def slowly(asked: bytes) -> bytes:
        house.move_clock(5)
        return joint.status.answer(asked).der

    heard = Authorities(lambda: joint.authority.chain, slowly, joint.status.root_crl)
    chance = SystemEntropy()
    policies = joint.relying.policies
    desk = RelyingParties(
        house.clock, chance, Ids(house.clock, chance), heard, policies=policies, seconds=60
    )
    asked = desk.challenge("tax", "ko")
    opener = serialization.load_der_public_key(desk.encryption_spki)

    shown = desk.answer(
        "tax",
        asked.id,
        signed=signed_data(asked.content, held.der, key_of(held)),
        sealed_r=opener.encrypt(held.key.r, OAEP),
        number=Secret(MINYONG.resident_number),
    )

    assert shown.real_name == MINYONG.name


@pytest.mark.parametrize("bend", ["cut", "nothing", "json"])
def test_what_is_no_signed_data_is_refused(office, held, bend):
    challenge = office.challenge()
    right = signed_data(unb64u(challenge["content"]), held.der, key_of(held))
    sent = {"cut": right[:-1], "nothing": b"\x30\x00", "json": b"{}"}[bend]

    answer = office.answer(challenge, sent, held.key.r, MINYONG.resident_number)

    assert answer.json()["code"] == "rp_malformed_signature"


def test_an_answer_is_taken_once_and_by_the_service_that_asked(house, office, held):
    challenge = office.challenge()
    signed = signed_data(unb64u(challenge["content"]), held.der, key_of(held))
    first = office.answer(challenge, signed, held.key.r, MINYONG.resident_number)

    again = office.answer(challenge, signed, held.key.r, MINYONG.resident_number)
    elsewhere = Office(house, "document").answer(
        office.challenge(), signed, held.key.r, MINYONG.resident_number
    )

    assert first.status_code == 200
    assert again.json()["code"] == elsewhere.json()["code"] == "rp_challenge_over"


def test_a_revoked_certificate_is_refused_at_once(office, mine, held):
    assert office.show(held)["service"] == "tax"

    mine.revoke(held.certificate["id"], "key_compromised", PIN)

    assert office.show(held) == "rp_revoked"


def test_an_expired_certificate_is_refused(house, office, mine):
    fresh = mine.issue(PIN)
    ends = instant(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    assert fresh.certificate["not_after"] < ends
    house.clock.move(fresh.certificate["not_after"] - house.clock.now() + SECOND)

    assert office.show(fresh) == "rp_not_valid_now"

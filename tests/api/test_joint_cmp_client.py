"""Our own CMP client at our own door, over a socket: they share one codec and no secret but one."""

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.api.house import House
from tests.cmp_authority import PKIX_CMP, listening, told

from dojang.crypto.encoding import unb64u
from dojang.joint.cmp import messages
from dojang.joint.cmp.asking import Refusal, Template
from dojang.joint.cmp.client import Account, Client
from dojang.joint.cmp.line import HttpLine
from dojang.joint.external import encrypted_vid
from dojang.joint.npki import parsing, vid
from dojang.journey.world import MINYONG
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.problem import Unavailable
from dojang.kernel.secret import Secret
from dojang.phone.customer import Customer
from dojang.phone.joint import JointCertificates

PIN = MINYONG.pin
R = bytes(range(20))


@pytest.fixture(scope="module")
def mine(minyong: Customer) -> JointCertificates:
    return JointCertificates(minyong, SystemEntropy())


@pytest.fixture(scope="module")
def server(house: House) -> Iterator[str]:
    """The door behind a socket."""

    def passed_on(one, body: bytes) -> None:
        headers = {"content-type": PKIX_CMP}
        told(one, house.client.post("/pki/joint/cmp", content=body, headers=headers).content)

    with listening(passed_on) as url:
        yield url


class Asked:
    """Our own client at our own door, with a key of its own."""

    def __init__(self, house: House, server: str, told: dict) -> None:
        joint = house.bank.joint
        ca = parsing.certificate(joint.authority.chain[0])
        account = Account(told["reference"], Secret(told["code"]), ca.subject)
        line = HttpLine(server, 60)
        self.client = Client(line, account, house.clock, SystemEntropy())
        self.key = rsa.generate_private_key(65_537, 2_048)
        opener = parsing.certificate(joint.issuer.encryption_certificate)
        self.enclosed = encrypted_vid(opener, bytes(32), R)
        self.template = Template(
            subject=ca.subject,
            spki=self.key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
            not_before=house.clock.now(),
            not_after=house.clock.now(),
        )

    def prove(self, request: bytes) -> bytes:
        return self.key.sign(request, padding.PKCS1v15(), hashes.SHA256())

    def enrol(self, flaw: str | None = None, **proof: object) -> bytes:
        made, _ = self.client.enrol(
            self.template, enclosed=self.enclosed, flaw=lambda _made: flaw, **proof
        )
        return made


def test_our_own_client_enrols_at_our_own_door(house, mine, server):
    asked = Asked(house, server, mine.register(PIN))

    made = parsing.certificate(asked.enrol(prove=asked.prove))

    shown = mine.overview()["certificates"][0]
    assert made.spki == asked.template.spki
    assert made.raw == unb64u(shown["der"])
    assert vid.virtual_id(MINYONG.resident_number, R) in made.raw
    mine.revoke(shown["id"], "unused", PIN)


def test_what_our_own_client_refuses_is_revoked_at_once(house, mine, server):
    asked = Asked(house, server, mine.register(PIN))

    asked.enrol("not what was ordered", prove=asked.prove)

    assert mine.overview()["certificates"][0]["reason"] == "not_issued"


def test_nobody_vouches_for_a_key_at_our_door(house, mine, server):
    """raVerified is a registration authority's word, and a code is a customer's."""
    asked = Asked(house, server, mine.register(PIN))

    with pytest.raises(Refusal) as refused:
        asked.enrol()

    assert refused.value.failures == {messages.BAD_POP}
    assert mine.overview()["may_issue"] is True


def test_a_refusal_that_only_a_certificate_signs_is_not_believed_by_our_client(house, mine, server):
    """The door answers a wrong code so; whoever holds any certificate could."""
    asked = Asked(house, server, mine.register(PIN) | {"code": "A" * 20})

    with pytest.raises(Unavailable):
        asked.enrol(prove=asked.prove)

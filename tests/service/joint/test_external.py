"""A CA of another house over CMP: what is not its word is not believed, what it says is checked."""

import contextlib
import dataclasses
import time

import msgspec
import pytest
from tests import cmp_authority, joint_house
from tests.cmp_authority import REFERENCE, SECRET, PlayedCa, listening, told

from dojang import authorities, demo
from dojang.certificates import der
from dojang.config import (
    ConfigError,
    JointCaSettings,
    PkiSettings,
    SecretReference,
    Settings,
    refuse_unsafe,
)
from dojang.crypto import pem
from dojang.joint import model
from dojang.joint.cmp import messages
from dojang.joint.cmp.line import HttpLine
from dojang.joint.external import BadAnchors, ExternalCmp, Remote
from dojang.joint.issuing import Order, Unlinted
from dojang.joint.model import JointCaRefused, Kind, Reason
from dojang.joint.npki import vid
from dojang.joint.npki.vid import Identity
from dojang.kernel.clock import DAY, MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.problem import Unavailable
from dojang.kernel.secret import Secret

PLAN, NOW, R = joint_house.PLAN, joint_house.NOW, joint_house.R
VID = vid.virtual_id(joint_house.NUMBER, R)
WHO = Identity(joint_house.NAME, VID)
SUBJECT = PLAN.subject(Kind.PERSON, f"{joint_house.NAME}()0990041202603100000000001")
ENDS = model.last_moment(NOW, 1)


def remote(**but: object) -> Remote:
    right = joint_house.material()
    said = {"root": right.root, "ca": right.ca, "encryption": None, "reference": REFERENCE}
    return Remote(**({**said, "secret": Secret(SECRET)} | but))


def order() -> Order:
    return Order(
        id="o",
        kind=Kind.PERSON,
        subject=SUBJECT,
        real_name=joint_house.NAME,
        policy=PLAN.policy(Kind.PERSON),
        spki=joint_house.spki("holder"),
        virtual_id=VID,
        not_before=model.first_moment(NOW),
        not_after=ENDS,
        serial=None,
    )


def certificate(**but: object) -> bytes:
    said = {"name": SUBJECT, "spki": joint_house.spki("holder"), "identity": WHO}
    return cmp_authority.holder(**(said | {"now": NOW, "not_after": ENDS} | but))


def over(line) -> ExternalCmp:
    return ExternalCmp(lambda: b"", remote(), line, MovableClock(NOW), SystemEntropy())


def issuer(answer) -> ExternalCmp:
    return over(lambda: contextlib.nullcontext(answer))


def test_what_was_ordered_is_asked_for_made_and_confirmed():
    ca = PlayedCa(certificate())
    with listening(lambda one, body: told(one, ca.answer(body))) as url:
        made = over(HttpLine(url, 20)).issue(order())

    asked = ca.heard[0].content.children()[0].children()
    template = {one.tag: one.value for one in asked[0].children()[1].children()}
    assert (made.serial, made.der) == (4_097, certificate())
    assert [one.kind for one in ca.heard] == [messages.IR, messages.CERT_CONF]
    assert template[0xA5] == SUBJECT.der
    assert der.tlv(der.SEQUENCE, template[0xA6]) == joint_house.spki("holder")
    assert asked[1].tag == 0x80
    assert ca.accepted == [True]


OTHERS = {
    "another key": {"spki": joint_house.spki("another")},
    "another subject": {
        "name": PLAN.subject(Kind.PERSON, f"{joint_house.NAME}()0990041202603100000000002")
    },
    "another end": {"not_after": model.last_moment(NOW - DAY, 1)},
    "not valid yet": {"now": NOW + 2 * DAY},
    "another number": {"identity": Identity(joint_house.NAME, vid.virtual_id("8503151234568", R))},
    "another policy": {"plan": dataclasses.replace(PLAN, policy_arc="1.2.3")},
    "signed by somebody else": {"by": "another"},
    "a serial too large": {"serial": 2**31},
}


@pytest.mark.parametrize("defect", OTHERS)
def test_another_certificate_than_the_ordered_one_is_refused_in_the_confirmation(defect):
    ca = PlayedCa(certificate(**OTHERS[defect]))

    with pytest.raises(Unlinted):
        issuer(ca.answer).issue(order())

    assert ca.accepted == [False]


def unprotected(content: bytes) -> bytes:
    return der.sequence(*(one.raw for one in der.read(content).children()[:2]))


UNBELIEVED = {
    "another secret": {"secret": "a secret of other houses"},
    "another transaction": {"transaction": bytes(16)},
    "another nonce answered": {"answered": bytes(16)},
    "no protection": {"bend": unprotected},
    "one bit changed": {"bend": lambda content: content[:-1] + bytes((content[-1] ^ 1,))},
    "not DER": {"bend": lambda _content: b"\x30\x80"},
    "nothing": {"bend": lambda _content: b""},
    "an answer to something else": {"body": messages.confirmation()},
    "an end in a certificate's place": {
        "body": der.explicit(messages.RP, der.sequence(der.sequence(der.sequence(der.integer(0)))))
    },
    "no response in it": {"body": der.explicit(messages.IP, der.sequence(der.sequence()))},
}


@pytest.mark.parametrize("defect", UNBELIEVED)
def test_what_is_not_the_cas_answer_to_this_message_counts_as_silence(defect):
    ca = PlayedCa(certificate(), **UNBELIEVED[defect])

    with pytest.raises(Unavailable):
        issuer(ca.answer).issue(order())

    assert ca.accepted == []


def test_what_is_sent_back_to_us_is_no_answer():
    """It carries our own MAC."""
    with pytest.raises(Unavailable):
        issuer(lambda content: content).issue(order())


def test_the_answers_of_an_earlier_exchange_are_not_believed():
    ca = PlayedCa(certificate())
    issuer(ca.answer).issue(order())
    before = iter(ca.said)

    with pytest.raises(Unavailable):
        issuer(lambda _content: next(before)).issue(order())


@pytest.mark.parametrize(
    ("body", "failures"),
    [
        (messages.rejection(messages.BAD_CERT_TEMPLATE), ["19"]),
        (
            der.explicit(
                messages.IP,
                der.sequence(
                    der.sequence(der.sequence(der.integer(0), der.sequence(der.integer(3))))
                ),
            ),
            [],
        ),
    ],
)
def test_a_refusal_is_told_as_one_and_waiting_is_one_too(body, failures):
    ca = PlayedCa(certificate(), body=body)

    with pytest.raises(JointCaRefused) as refused:
        issuer(ca.answer).issue(order())

    assert refused.value.fields["failures"] == failures


def drip(one, _body: bytes) -> None:
    """A byte now and then, for as long as anybody listens."""
    one.send_response(200)
    one.send_header("content-type", cmp_authority.PKIX_CMP)
    one.end_headers()
    with contextlib.suppress(OSError):
        while True:
            one.wfile.write(b"0")
            time.sleep(0.05)


def flood(one, _body: bytes) -> None:
    one.send_response(200)
    one.send_header("content-type", cmp_authority.PKIX_CMP)
    one.end_headers()
    with contextlib.suppress(OSError):
        while True:
            one.wfile.write(bytes(10_000))


HANDLERS = {
    "slow": (drip, 0.5),
    "endless": (flood, 30),
    "too large": (lambda one, _body: told(one, bytes(40_000)), 30),
    "an error": (lambda one, body: told(one, body, status=500), 30),
    "a page": (lambda one, body: told(one, body, kind="text/html"), 30),
    "gone": (lambda one, _body: one.connection.close(), 30),
}


@pytest.mark.parametrize("defect", HANDLERS)
def test_whatever_comes_over_http_instead_of_an_answer_ends_in_time(defect):
    handle, seconds = HANDLERS[defect]
    with listening(handle) as url, pytest.raises(Unavailable):
        over(HttpLine(url, seconds)).issue(order())


def test_nobody_there_is_an_outage():
    with pytest.raises(Unavailable):
        over(HttpLine("http://127.0.0.1:9/cmp", 20)).issue(order())


def test_an_end_is_told_with_its_reason_and_once_is_enough():
    ca = PlayedCa()
    issuer(ca.answer).ended(4_097, Reason.KEY_COMPROMISED)
    again = PlayedCa(body=messages.rejection(messages.CERT_REVOKED))
    issuer(again.answer).ended(4_097, Reason.KEY_COMPROMISED)
    unknown = PlayedCa(body=messages.rejection(messages.BAD_REQUEST))

    with pytest.raises(JointCaRefused):
        issuer(unknown.answer).ended(4_097, Reason.KEY_COMPROMISED)

    details = ca.heard[0].content.children()[0].children()
    assert [one.raw for one in details[0].children()] == [
        b"\x81\x02\x10\x01", der.explicit(3, PLAN.ca.der),
    ]  # fmt: skip
    assert details[1].raw.endswith(der.enumerated(1))


def test_certificates_that_are_no_chain_are_refused_before_anything_is_asked():
    right = joint_house.material()

    with pytest.raises(BadAnchors):
        remote(ca=right.certificate)
    with pytest.raises(BadAnchors):
        remote(encryption=right.ca)


@pytest.fixture
def said(tmp_path):
    """Settings of a bank whose joint certificates another CA issues, but for what a test bends."""
    right = joint_house.material()
    for name, content in (("root", right.root), ("ca", right.ca), ("leaf", right.certificate)):
        (tmp_path / f"{name}.pem").write_text(pem.certificate(content))

    def settings(**but: str) -> Settings:
        said = {"secret": SECRET, "root": "root.pem", "ca": "ca.pem"} | but
        (tmp_path / "secret").write_text(said["secret"])
        ca = JointCaSettings(
            url="http://127.0.0.1:9/cmp",
            reference=REFERENCE,
            secret=SecretReference(file=str(tmp_path / "secret")),
            root=str(tmp_path / said["root"]),
            ca=str(tmp_path / said["ca"]),
        )
        demo_settings = demo.settings(tmp_path, 8700)
        return msgspec.structs.replace(demo_settings, pki=PkiSettings(joint_ca=ca))

    return settings


@pytest.mark.parametrize(
    ("but", "words"),
    [
        ({"secret": "too short"}, "16 or more"),
        ({"ca": "leaf.pem"}, "no chain"),
        ({"root": "nowhere.pem"}, "No such file"),
        ({"root": "secret"}, "no certificate"),
    ],
)
def test_settings_that_cannot_be_trusted_are_refused_by_their_key(said, but, words):
    with pytest.raises(ConfigError, match=rf"pki\.joint_ca.*{words}"):
        authorities.joint_issuer(said(**but), MovableClock(NOW), SystemEntropy())


def test_in_production_the_other_ca_is_asked_by_https(said):
    in_production = msgspec.structs.replace(said(), demo=False)

    with pytest.raises(ConfigError, match=r"pki\.joint_ca\.url"):
        refuse_unsafe(in_production)

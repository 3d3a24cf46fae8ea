"""The CMP door: unmodified `openssl cmp` enrols and renews; what is wrong is refused alike."""

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.api.house import House

from dojang.certificates import der
from dojang.crypto import pem
from dojang.crypto.encoding import unb64u
from dojang.joint.cmp import messages, protection
from dojang.joint.cmp.door import REFUSALS_SIGNED_A_SECOND
from dojang.joint.npki import certificate_rules, parsing, vid
from dojang.journey.world import MINYONG
from dojang.kernel.clock import SECOND
from dojang.kernel.entropy import SystemEntropy
from dojang.phone.customer import Customer
from dojang.phone.joint import JointCertificates

PIN = MINYONG.pin
R = bytes(range(20))


@pytest.fixture(scope="module")
def mine(minyong: Customer) -> JointCertificates:
    return JointCertificates(minyong, SystemEntropy())


@pytest.fixture(scope="module")
def server(house: House) -> Iterator[str]:
    """The door behind a socket, as openssl wants it: host, port and path."""

    class Socket(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = house.client.post(
                self.path, content=body, headers={"content-type": self.headers["content-type"]}
            )
            self.send_response(answer.status_code)
            self.send_header("content-type", answer.headers["content-type"])
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_words: object) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), Socket)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


class Client:
    """A folder with keys, and openssl."""

    def __init__(self, house: House, server: str, folder: Path) -> None:
        self.house, self.server, self.folder = house, server, folder
        ca, root = house.bank.joint.authority.chain
        (folder / "ca.pem").write_text(pem.certificate(ca))
        (folder / "root.pem").write_text(pem.certificate(root))

    def key(self, name: str) -> None:
        made = rsa.generate_private_key(65_537, 2_048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (self.folder / name).write_bytes(made)

    def run(self, command: str, *words: str) -> str:
        done = subprocess.run(
            ["openssl", "cmp", "-cmd", command, "-server", self.server, "-path",
             "/pki/joint/cmp", "-no_proxy", "127.0.0.1", "-recipient", "/CN=CA", *words],
            cwd=self.folder, capture_output=True, check=False, timeout=300,
        )  # fmt: skip
        return (done.stdout + done.stderr).decode("utf-8", "replace") + f"\nrc={done.returncode}"

    def enrol(self, told: dict, *, code: str | None = None, out: str = "new.pem") -> str:
        key = out.replace(".pem", ".key")
        self.key(key)
        return self.run(
            "ir", "-ref", told["reference"], "-secret", f"pass:{code or told['code']}",
            "-newkey", key, "-subject", "/CN=anybody", "-certout", out,
            "-unprotected_errors",
        )  # fmt: skip

    def certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.folder / name).read_bytes())


@pytest.fixture
def client(house: House, server: str, tmp_path: Path) -> Client:
    return Client(house, server, tmp_path)


def test_openssl_enrols_once_under_the_code_and_renews_with_the_old_key(
    house, mine, minyong, client
):
    told = mine.register(PIN, r=R)

    wrong = client.enrol(told, code="WRONG" * 4)
    right = client.enrol(told)
    again = client.enrol(told, out="again.pem")

    assert "rc=0" not in wrong
    assert "rc=0" in right, right
    assert "rc=0" not in again
    made = client.certificate("new.pem")
    content = made.public_bytes(serialization.Encoding.DER)
    assert content.count(vid.virtual_id(MINYONG.resident_number, R)) == 1
    assert MINYONG.name in made.subject.rfc4514_string()
    assert "anybody" not in made.subject.rfc4514_string()
    assert mine.overview()["certificates"][0]["serial"] == str(made.serial_number)

    early = renew(client)
    opens = mine.overview()["certificates"][0]["renewable_from"]
    house.clock.move(opens - house.clock.now() + SECOND)
    minyong.login(PIN)
    due = renew(client)
    after = renew(client)

    assert "rc=0" not in early
    assert "rc=0" in due, due
    assert "rc=0" not in after
    renewed = client.certificate("renewed.pem")
    assert renewed.not_valid_after_utc.year == made.not_valid_after_utc.year + 1
    assert renewed.subject == made.subject
    shown = {one["serial"]: one["reason"] for one in mine.overview()["certificates"]}
    assert shown[str(made.serial_number)] == "superseded"
    mine.revoke(mine.overview()["certificates"][0]["id"], "unused", PIN)


def renew(client: Client) -> str:
    client.key("next.key")
    return client.run(
        "kur", "-cert", "new.pem", "-key", "new.key", "-newkey", "next.key",
        "-certout", "renewed.pem", "-trusted", "root.pem", "-untrusted", "ca.pem",
        "-attime", str(client.house.clock.now() // SECOND), "-unprotected_errors",
    )  # fmt: skip


def test_five_wrong_codes_spend_a_registration(mine, client):
    told = mine.register(PIN, r=R)

    for _ in range(5):
        client.enrol(told, code="WRONG" * 4)
    right = client.enrol(told)

    assert "rc=0" not in right
    assert mine.overview()["may_issue"] is True


def test_without_r_from_anywhere_nothing_is_issued(mine, client):
    told = mine.register(PIN)

    assert "rc=0" not in client.enrol(told)
    assert mine.overview()["may_issue"] is True


def test_the_code_is_shown_once(mine, minyong):
    asked = mine._ask({"op": "register"})
    path = f"/v1/joint/requests/{asked['id']}/registration"
    before = minyong.line.post(path, {})
    mine.sign(asked, PIN)

    first, second = minyong.line.post(path, {}), minyong.line.post(path, {})

    assert before.code == "joint_not_signed"
    assert first.done
    assert second.code == "joint_registration_shown"


def message(told: dict, vid_part: bytes, *, iterations: int = 500) -> bytes:
    """An ir as another program writes it, with an EncryptedVID in its regInfo."""
    key = rsa.generate_private_key(65_537, 2_048)
    spki = der.read(
        key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    request = der.sequence(der.integer(0), der.sequence(der.tlv(0xA6, spki.value)))
    signature = key.sign(request, padding.PKCS1v15(), hashes.SHA256())
    proof = der.tlv(0xA1, certificate_rules.SHA256_RSA, der.bits(signature))
    info = der.sequence(der.sequence(messages.ENCRYPTED_VID, vid_part))
    body = der.explicit(0, der.sequence(der.sequence(request, proof, info)))
    pbm = protection.algorithm(b"s" * 16, iterations)
    header = messages.header(
        sender=messages.directory(der.sequence()),
        recipient=messages.directory(der.sequence()),
        now=0,
        algorithm=pbm,
        sender_kid=told["reference"].encode(),
        transaction=SystemEntropy().bytes(16),
        nonce=bytes(16),
        answered=b"",
    )
    try:
        mac = protection.read(pbm).mac(told["code"].encode(), der.sequence(header, body))
    except der.BadDer:
        mac = bytes(32)
    return messages.message(header, body, mac, b"")


def encrypted_vid(house: House, content: bytes, *, cut: int = 0) -> bytes:
    opener = serialization.load_der_public_key(house.bank.joint.encryption_spki)
    ciphertext = opener.encrypt(content, padding.PKCS1v15())
    return der.sequence(
        der.explicit(0, der.integer(0)), der.tlv(0x84, ciphertext[: len(ciphertext) - cut])
    )


def send(house: House, content: bytes) -> messages.Message:
    answer = house.client.post(
        "/pki/joint/cmp", content=content, headers={"content-type": "application/pkixcmp"}
    )
    assert answer.status_code == 200
    return messages.read(answer.content)


def failure(answer: messages.Message) -> int:
    bits = answer.content.children()[0].children()[1].value
    return int.from_bytes(bits[1:], "big").bit_length() and (
        (len(bits) - 1) * 8 - int.from_bytes(bits[1:], "big").bit_length()
    )


def test_r_in_an_encrypted_vid_is_taken_and_the_vid_is_computed_by_us(house, mine):
    """Clients send a VID over a dummy number; what counts is the registered one."""
    told = mine.register(PIN)
    dummy = vid.vid_value(vid.virtual_id("1234561234567", R))
    sealed = encrypted_vid(house, der.sequence(dummy, der.bits(R)))

    answer = send(house, message(told, sealed))

    assert answer.kind == messages.IP
    made = mine.overview()["certificates"][0]
    assert vid.virtual_id(MINYONG.resident_number, R) in unb64u(made["der"])
    mine.revoke(made["id"], "unused", PIN)


def test_whatever_is_wrong_with_an_encrypted_vid_the_answer_is_the_same(house, mine):
    """Bleichenbacher: bad padding, bad content and bad length cannot be told apart."""
    told = mine.register(PIN)
    dummy = vid.vid_value(bytes(32))
    kinds = [
        encrypted_vid(house, der.sequence(dummy, der.bits(bytes(19)))),
        encrypted_vid(house, b"not DER"),
        encrypted_vid(house, der.sequence(dummy, der.bits(R)), cut=1),
        der.sequence(der.explicit(0, der.integer(0)), der.tlv(0x84, bytes(256))),
        der.sequence(der.explicit(0, der.integer(0)), der.tlv(0x84, b"\x01" * 256)),
    ]

    answers = [send(house, message(told, one)) for one in kinds]

    assert {(one.kind, one.body) for one in answers} == {
        (messages.ERROR, messages.rejection(messages.BAD_REQUEST))
    }


@pytest.mark.parametrize("iterations", [99, 100_001])
def test_an_iteration_count_out_of_bounds_is_not_computed(house, mine, iterations):
    told = mine.register(PIN, r=R)

    answer = send(house, message(told, b"\x05\x00", iterations=iterations))

    assert (answer.kind, failure(answer)) == (messages.ERROR, messages.BAD_MESSAGE_CHECK)


def test_an_unknown_reference_and_a_wrong_code_are_answered_alike(house, mine):
    told = mine.register(PIN, r=R)
    unknown = {"reference": "00000000", "code": told["code"]}

    wrong = send(house, message(told | {"code": "A" * 20}, b"\x05\x00"))
    strange = send(house, message(unknown, b"\x05\x00"))

    assert wrong.body == strange.body == messages.rejection(messages.BAD_MESSAGE_CHECK)


def test_a_message_sent_again_issues_nothing(house, mine):
    told = mine.register(PIN)
    sealed = encrypted_vid(house, der.sequence(vid.vid_value(bytes(32)), der.bits(R)))
    once = message(told, sealed)

    first, second = send(house, once), send(house, once)

    assert first.kind == messages.IP
    assert second.kind == messages.ERROR
    living = [one for one in mine.overview()["certificates"] if one["state"] == "active"]
    assert len(living) == 1
    mine.revoke(living[0]["id"], "unused", PIN)


def test_what_a_client_never_confirms_is_revoked(house, mine, minyong):
    told = mine.register(PIN)
    sealed = encrypted_vid(house, der.sequence(vid.vid_value(bytes(32)), der.bits(R)))
    assert send(house, message(told, sealed)).kind == messages.IP

    house.move_clock(1_300)
    minyong.login(PIN)

    assert mine.overview()["certificates"][0]["reason"] == "not_issued"
    assert mine.overview()["may_issue"] is True


@pytest.mark.parametrize("content", [b"", b"\x30\x80", b"\x30\x00", b"\x00" * 40_000])
def test_garbage_and_too_much_are_refused_and_no_key_is_used_for_it(house, monkeypatch, content):
    def used(label, _data):
        raise AssertionError(f"{label} was used")

    monkeypatch.setattr(house.bank.vault, "sign", used)

    answer = send(house, content)

    assert (answer.kind, failure(answer)) == (messages.ERROR, messages.BAD_DATA_FORMAT)
    assert (answer.protection, answer.algorithm, answer.certificates) == (None, None, ())


def test_refusals_of_strangers_are_signed_a_few_in_a_second(house, mine):
    told = mine.register(PIN)
    wrong = message({**told, "reference": "9999999999"}, b"\x05\x00")
    house.move_clock(1)

    answers = [send(house, wrong) for _ in range(REFUSALS_SIGNED_A_SECOND + 2)]
    house.move_clock(1)
    later = send(house, wrong)

    assert {one.body for one in answers} == {messages.rejection(messages.BAD_MESSAGE_CHECK)}
    signed = [one.protection is not None for one in answers]
    assert signed == [True] * REFUSALS_SIGNED_A_SECOND + [False] * 2
    signer = parsing.certificate(later.certificates[0])
    assert parsing.verifies(signer.spki, later.protection, later.protected)


def test_another_content_type_is_not_a_cmp_message(house):
    answer = house.client.post("/pki/joint/cmp", content=b"{}")

    assert answer.json()["code"] == "malformed"

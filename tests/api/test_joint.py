"""The joint certificate over HTTP: on the strength of the PIN, from request to revocation."""

import base64
import datetime as dt
import json
import subprocess
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import ocsp as rfc6960
from tests.api.house import House

from dojang.crypto.encoding import b64u
from dojang.db import log
from dojang.joint import auditing
from dojang.joint.npki import checking, key_files, parsing
from dojang.joint.npki.key_files import Form, PrivateKey
from dojang.journey.world import MINYONG
from dojang.kernel.clock import SECOND, utc
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.joint import Held, JointCertificates
from dojang.web.statusport import Listener

PIN = MINYONG.pin
PASSWORD = "Test-only-2026!"
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
POLICY = "1.3.6.1.4.1.32473.4.1.4"


@pytest.fixture(scope="module")
def mine(minyong: Customer) -> JointCertificates:
    return JointCertificates(minyong, SystemEntropy())


@pytest.fixture(scope="module")
def held(mine: JointCertificates) -> Held:
    return mine.issue(PIN)


def crl(house: House) -> bytes:
    return house.client.get("/pki/joint/ca.crl").content


def findings(house: House, held: Held, number: str = MINYONG.resident_number) -> list[str]:
    key = key_files.seal(
        PrivateKey(held.key.rsa, held.key.r), PASSWORD.encode(), form=Form.PBES1, salt=bytes(8)
    )
    found = checking.check(
        checking.Folder(
            certificate=held.der, key=key, name=held.certificate["folder"].rsplit("/", 1)[1]
        ),
        checking.Owner(password=PASSWORD, number=number),
        checking.Trust(
            root=held.chain[1],
            ca=held.chain[0],
            policies=frozenset({POLICY}),
            now=house.clock.now(),
            crl=crl(house),
        ),
    )
    return [one.code for one in found]


def openssl(folder, *words: str) -> str:
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=False)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def test_what_was_issued_has_no_finding_and_is_the_customers(house, held):
    assert findings(house, held) == []
    assert findings(house, held, "8503151234568") == ["vid"]
    assert held.certificate["state"] == "active"
    assert held.certificate["policy"] == POLICY
    assert held.certificate["folder"].startswith("NPKI/OpenSign/USER/cn=김민용()0990041")


def test_a_second_one_is_not_issued_beside_it(mine, held):
    assert mine.overview()["may_issue"] is False
    with pytest.raises(Refused) as refused:
        mine.issue(PIN)
    assert refused.value.code == "joint_exists"


def test_a_day_before_its_window_it_cannot_be_renewed(house, mine, held):
    opens = held.certificate["renewable_from"]
    last_day = dt.timedelta(microseconds=held.certificate["not_after"] - opens)

    with pytest.raises(Refused) as refused:
        mine.renew(held.certificate["id"], PIN)

    assert refused.value.code == "joint_too_early"
    assert last_day.days == 30


def test_openssl_demands_the_policy_and_finds_it(house, held, tmp_path):
    write_pem(tmp_path, held)
    now = str(house.clock.now() // SECOND)
    chain = ("-CAfile", "root.pem", "-untrusted", "ca.pem")
    verify = ("verify", "-attime", now, "-x509_strict", *chain)

    right = openssl(tmp_path, *verify, "-explicit_policy", "-policy", POLICY, "leaf.pem")
    wrong = openssl(tmp_path, *verify, "-explicit_policy", "-policy", "1.2.3.4.5", "leaf.pem")

    assert "leaf.pem: OK" in right
    assert "error 43" in wrong


def test_ocsp_is_asked_in_a_path_too_and_the_answer_may_be_kept_for_its_time(house, held, tmp_path):
    """RFC 6960 A.1: base64 has slashes, escaped or not."""
    write_pem(tmp_path, held)
    asked = ("ocsp", "-sha256", "-issuer", "ca.pem", "-cert", "leaf.pem", "-reqout", "ask.der")
    told = []
    for words, safe in (("-no_nonce", ""), ("-no_nonce", "/"), ("-nonce", "")):
        openssl(tmp_path, *asked, words)
        text = base64.b64encode((tmp_path / "ask.der").read_bytes()).decode()
        told.append(house.client.get("/pki/joint/ocsp/" + quote(text, safe=safe)))
    garbage = house.client.get("/pki/joint/ocsp/AAAA")

    seen = [rfc6960.load_der_ocsp_response(one.content) for one in (*told, garbage)]
    assert {one.serial_number for one in seen[:3]} == {int(held.certificate["serial"])}
    assert {one.certificate_status for one in seen[:3]} == {rfc6960.OCSPCertStatus.GOOD}
    assert seen[3].response_status is rfc6960.OCSPResponseStatus.MALFORMED_REQUEST
    kept = [one.headers["cache-control"] for one in (*told, garbage)]
    assert [one.startswith("max-age=") for one in kept] == [True, True, False, False]
    assert kept[2:] == ["no-store", "no-store"]


def test_the_resident_number_stands_nowhere(house, held):
    number = MINYONG.resident_number.encode()
    everywhere = [path for path in house.folder.rglob("*") if path.is_file()]

    assert len(everywhere) > 2
    for path in everywhere:
        content = path.read_bytes()
        assert number not in content
        assert held.key.r not in content
        assert PASSWORD.encode() not in content
        assert number.decode() not in path.name


def test_a_request_is_signed_before_it_is_used(mine, minyong, held):
    body = {"op": "reissue", "certificate_id": held.certificate["id"]} | mine.key().body
    asked = minyong.line.post("/v1/joint/requests", body).must()

    with pytest.raises(Refused) as refused:
        mine.fetch(asked["id"])

    assert refused.value.code == "joint_not_signed"
    assert minyong.line.get(f"/v1/joint/requests/{asked['id']}").must()["state"] == "waiting"


def test_a_certificate_and_a_request_of_somebody_else_are_not_there(mine, held, seoyeon):
    other = JointCertificates(seoyeon, SystemEntropy())
    asked = mine._ask({"op": "reissue", "certificate_id": held.certificate["id"]} | mine.key().body)

    with pytest.raises(Refused) as certificate:
        other.revoke(held.certificate["id"], "other", PIN)
    with pytest.raises(Refused) as request:
        other.fetch(asked["id"])
    mine.sign(asked, PIN)
    with pytest.raises(Refused) as signed:
        other.fetch(asked["id"])

    assert {one.value.code for one in (certificate, request, signed)} == {"not_found"}


OF_NO_KIND = bytes.fromhex("302a300506032b657f032100") + bytes(32)
"""A key in good DER, of an algorithm that no library knows."""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"proof": b64u(bytes(256))}, "joint_proof_refused"),
        ({"sealed_r": b64u(bytes(256))}, "joint_proof_refused"),
        ({"spki": b64u(b"\x30\x00")}, "joint_key_refused"),
        ({"spki": b64u(OF_NO_KIND)}, "joint_key_refused"),
        ({"proof": b64u(bytes(255))}, "malformed"),
        ({"sealed_r": "A" * 2_000}, "malformed"),
    ],
)
def test_what_is_not_a_fresh_key_with_its_proof_is_refused(mine, held, change, code):
    body = {"op": "reissue", "certificate_id": held.certificate["id"]} | mine.key().body

    with pytest.raises(Refused) as refused:
        mine._ask(body | change)

    assert refused.value.code == code


def test_whatever_is_wrong_with_the_sealed_number_the_answer_is_the_same(house, mine, held):
    """A padding that fails, a length that is wrong, garbage: nobody learns which (Manger)."""
    opener = serialization.load_der_public_key(house.bank.joint.encryption_spki)
    told = set()
    for sealed in (
        b"\x01" + bytes(255),
        opener.encrypt(b"short", OAEP),
        opener.encrypt(bytes(21), OAEP),
        opener.encrypt(bytes(20), padding.PKCS1v15()),
    ):
        key = rsa.generate_private_key(65_537, 2_048)
        spki = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        proof = key.sign(spki + sealed, padding.PKCS1v15(), hashes.SHA256())
        body = {"spki": b64u(spki), "sealed_r": b64u(sealed), "proof": b64u(proof)}
        with pytest.raises(Refused) as refused:
            mine._ask({"op": "reissue", "certificate_id": held.certificate["id"]} | body)
        told.add((refused.value.status, json.dumps(refused.value.body, sort_keys=True)))

    assert len(told) == 1
    assert "joint_randomness_refused" in told.pop()[1]


def test_a_key_is_certified_once(mine, held):
    with pytest.raises(Refused) as refused:
        mine._ask({"op": "reissue", "certificate_id": held.certificate["id"]} | held.key.body)

    assert (refused.value.code, refused.value.body["reason"]) == ("joint_key_refused", "used")


def test_thirty_days_before_its_end_it_is_renewed_for_a_year_more(house, mine, minyong, held):
    opens = held.certificate["renewable_from"]
    house.clock.move(opens - house.clock.now() - 1)
    minyong.login(PIN)
    with pytest.raises(Refused) as early:
        mine.renew(held.certificate["id"], PIN)
    house.clock.move(1)

    renewed = mine.renew(held.certificate["id"], PIN)

    old, new = (utc(one["not_after"]) for one in (held.certificate, renewed.certificate))
    assert early.value.code == "joint_too_early"
    assert new == old.replace(year=old.year + 1)
    assert renewed.certificate["common_name"] == held.certificate["common_name"]
    assert findings(house, renewed) == []
    assert findings(house, held)[-1:] == ["revoked"]
    states = {one["id"]: (one["state"], one["reason"]) for one in mine.overview()["certificates"]}
    assert states[held.certificate["id"]] == ("revoked", "superseded")
    assert states[renewed.certificate["id"]] == ("active", None)


def test_a_reissue_keeps_the_end_and_a_revoked_one_is_not_renewed(house, mine, held, tmp_path):
    before = mine.overview()["certificates"][0]

    again = mine.reissue(before["id"], PIN)

    assert again.certificate["not_after"] == before["not_after"]
    with pytest.raises(Refused) as refused:
        mine.renew(before["id"], PIN)
    assert refused.value.code == "joint_revoked"
    assert ocsp(house, again, tmp_path) == "good"

    mine.revoke(again.certificate["id"], "key_compromised", PIN)

    assert ocsp(house, again, tmp_path) == "revoked"
    listed = parsing.crl(crl(house))
    reasons = {entry.serial: entry.reason for entry in listed.entries}
    assert reasons[int(again.certificate["serial"])] == 1
    (tmp_path / "crl.pem").write_text(pem(crl(house), "X509 CRL"))
    told = openssl(
        tmp_path, "verify", "-crl_check", "-extended_crl", "-CRLfile", "crl.pem",
        "-CAfile", "root.pem", "-untrusted", "ca.pem", "-attime",
        str(house.clock.now() // SECOND), "leaf.pem",
    )  # fmt: skip
    assert "certificate revoked" in told


def test_after_a_revocation_one_may_issue_anew(mine):
    assert mine.overview()["may_issue"] is True

    issued = mine.issue(PIN)

    assert issued.certificate["state"] == "active"


def test_of_two_signed_requests_for_one_certificate_the_second_is_over(mine):
    living = mine.overview()["certificates"][0]
    asked = [
        mine._ask({"op": "reissue", "certificate_id": living["id"]} | mine.key().body)
        for _ in range(2)
    ]
    for one in asked:
        mine.sign(one, PIN)

    first = mine.fetch(asked[0]["id"])
    with pytest.raises(Refused) as second:
        mine.fetch(asked[1]["id"])

    assert second.value.code == "joint_request_over"
    assert mine.fetch(asked[0]["id"]) == first
    states = [one["state"] for one in mine.overview()["certificates"]]
    assert states.count("active") == 1


def test_what_was_signed_is_used_within_its_time(house, mine, minyong):
    living = mine.overview()["certificates"][0]
    body = {"op": "reissue", "certificate_id": living["id"]} | mine.key().body
    asked = mine._ask(body)
    mine.sign(asked, PIN)
    house.clock.move(601 * SECOND)
    minyong.login(PIN)

    with pytest.raises(Refused) as refused:
        mine.fetch(asked["id"])

    assert refused.value.code == "joint_request_over"
    assert mine.overview()["certificates"][0]["id"] == living["id"]


def test_the_customer_is_told_by_sms_and_the_log_has_a_leaf(house, mine):
    house.bank.run_due_jobs()

    texts = [one.text for one in house.sms.inbox(PhoneNumber(MINYONG.phone))]

    assert any("공동인증서" in text and "발급" in text for text in texts)
    assert any("공동인증서" in text and "폐기" in text for text in texts)
    with house.bank.db.snapshot() as tx:
        kinds = [leaf.kind for leaf in log.read(tx.connection, 0, 500)]
    assert kinds.count("joint.issued") >= 4
    assert "joint.revoked" in kinds


def pem(content: bytes, label: str) -> str:
    lines = base64.encodebytes(content).decode()
    return f"-----BEGIN {label}-----\n{lines}-----END {label}-----\n"


def write_pem(folder, held: Held) -> None:
    for name, der in (("leaf", held.der), ("ca", held.chain[0]), ("root", held.chain[1])):
        (folder / f"{name}.pem").write_text(pem(der, "CERTIFICATE"))


def ocsp(house: House, held: Held, folder) -> str:
    """Asked by openssl with SHA-256, answered over HTTP, judged by openssl."""
    write_pem(folder, held)
    openssl(
        folder, "ocsp", "-no_nonce", "-sha256", "-issuer", "ca.pem", "-cert", "leaf.pem",
        "-reqout", "ask.der",
    )  # fmt: skip
    answer = house.client.post("/pki/joint/ocsp", content=(folder / "ask.der").read_bytes())
    (folder / "answer.der").write_bytes(answer.content)
    told = openssl(
        folder, "ocsp", "-no_nonce", "-sha256", "-issuer", "ca.pem", "-cert", "leaf.pem",
        "-respin", "answer.der", "-CAfile", "root.pem", "-verify_other", "ca.pem",
        "-attime", str(house.clock.now() // SECOND), "-validity_period", "999999999",
    )  # fmt: skip
    assert "Response verify OK" in told, told
    return told.split("leaf.pem: ")[1].split()[0]


def test_after_all_this_rows_and_log_know_the_same_certificates(house, mine):
    result = auditing.cross_check(house.bank.db)

    assert result.certificates > len(mine.overview()["certificates"])
    assert result.leaves == result.certificates
    assert result.mismatches == ()


def test_the_status_port_says_the_same_of_joint_certificates(house: House, held: Held) -> None:
    asked = rfc6960.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(held.der),
        x509.load_der_x509_certificate(held.chain[0]),
        hashes.SHA256(),
    )
    question = asked.build().public_bytes(serialization.Encoding.DER)
    in_path = quote(base64.b64encode(question).decode(), safe="")
    port = Listener(house.bank, "127.0.0.1", 0)
    port.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port.port}", timeout=60) as client:
            lists = {name: client.get(f"/pki/joint/{name}") for name in ("ca.crl", "root.crl")}
            answers = [
                client.post("/pki/joint/ocsp", content=question),
                client.get(f"/pki/joint/ocsp/{in_path}"),
            ]
            again = client.get(
                "/pki/joint/ca.crl", headers={"if-none-match": lists["ca.crl"].headers["etag"]}
            )
            nothing = [client.get("/pki/joint/x.crl"), client.post("/pki/joint/ca.crl")]
    finally:
        port.stop()

    for name, answer in lists.items():
        assert answer.content == house.client.get(f"/pki/joint/{name}").content
    stock = house.client.post("/pki/joint/ocsp", content=question)
    said = [rfc6960.load_der_ocsp_response(one.content) for one in (*answers, stock)]
    assert len({(one.serial_number, one.certificate_status) for one in said}) == 1
    assert (again.status_code, again.content) == (304, b"")
    assert {one.status_code for one in nothing} == {404}

"""A whole bank whose joint certificates another CA issues: OpenSSL's CMP server, unmodified."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from tests import cmp_authority, joint_house
from tests.api.house import ORIGIN, House, at_work
from tests.cmp_authority import REFERENCE, SECRET
from tests.conftest import START

from dojang import demo
from dojang.app import build
from dojang.certificates import der
from dojang.config import ConfigError, JointCaSettings, SecretReference
from dojang.crypto import pem
from dojang.crypto.encoding import unb64u
from dojang.db import Database
from dojang.joint import store
from dojang.joint.model import Kind
from dojang.joint.npki import parsing, vid
from dojang.joint.npki.vid import Identity
from dojang.journey.served import free_port
from dojang.journey.world import MINYONG
from dojang.kernel.clock import MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.problem import Unavailable
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.joint import JointCertificates, OwnKey

PIN = MINYONG.pin


@pytest.fixture(scope="module")
def port() -> int:
    """The server that listens there is started when it has what to give."""
    return free_port()


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory, port: int) -> JointCaSettings:
    folder = tmp_path_factory.mktemp("ca")
    right = joint_house.material()
    opener = joint_house.signed(joint_house.opener_tbs(), "ca")
    for name, content in (("root", right.root), ("ca", right.ca), ("opener", opener)):
        (folder / f"{name}.pem").write_text(pem.certificate(content))
    (folder / "secret").write_text(SECRET)
    return JointCaSettings(
        url=f"http://127.0.0.1:{port}/pkix/",
        reference=REFERENCE,
        secret=SecretReference(file=str(folder / "secret")),
        root=str(folder / "root.pem"),
        ca=str(folder / "ca.pem"),
        encryption=str(folder / "opener.pem"),
    )


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, demo_laid_down: Path, ca: JointCaSettings
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    still = MovableClock(START)
    shutil.copytree(demo_laid_down, folder / "bank")
    said = demo.settings(folder / "bank", 8700, origin=ORIGIN)
    pki = msgspec.structs.replace(said.pki, joint_ca=ca)
    bank = build(msgspec.structs.replace(said, pki=pki), clock=still, entropy=SystemEntropy())
    with at_work(bank, folder) as made:
        yield made


@pytest.fixture(scope="module")
def mine(minyong: Customer) -> JointCertificates:
    return JointCertificates(minyong, SystemEntropy())


@contextmanager
def openssl(folder: Path, port: int, certificate: bytes, *words: str) -> Iterator[None]:
    """`openssl cmp` as a server that has this certificate to give."""
    (folder / "given.pem").write_text(pem.certificate(certificate))
    command = [
        "openssl", "cmp", "-port", str(port), "-srv_ref", "CA", "-srv_secret", f"pass:{SECRET}",
        "-rsp_cert", "given.pem", "-accept_raverified", *words,
    ]  # fmt: skip
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=folder, **pipe) as running:
        try:
            assert any(b"ACCEPT" in line for line in running.stdout)
            yield
        finally:
            running.terminate()


def enclosed(house: House, request_id: str) -> bytes | None:
    """What the request's row keeps for the CA."""
    path = f"{(house.folder / 'bank' / 'bank.db').as_uri()}?mode=ro"
    with closing(sqlite3.connect(path, uri=True)) as connection:
        asked = ("SELECT enclosed FROM joint_request WHERE id = ?", (request_id,))
        return connection.execute(*asked).fetchone()[0]


def opened(content: bytes) -> bytes:
    """R, as that CA reads it."""
    sealed = der.read(content).children()[4].children()[0].value
    plain = joint_house.key("opener").decrypt(sealed, padding.PKCS1v15())
    return der.read(plain).children()[1].value[1:]


def given(house: House, key: OwnKey, asked: dict) -> bytes:
    """The certificate that the other CA makes of what the customer signed for."""
    name = joint_house.PLAN.subject(Kind.PERSON, asked["common_name"])
    identity = Identity(MINYONG.name, vid.virtual_id(MINYONG.resident_number, key.r))
    return cmp_authority.holder(
        name, key.spki, identity, now=house.clock.now(), not_after=asked["not_after"]
    )


def untold(db: Database) -> list[int | None]:
    with db.snapshot() as tx:
        return [one.serial for one in store.untold(tx, 10)]


def test_a_pin_leads_to_a_certificate_of_the_other_ca_and_its_end_is_told_there(
    house, mine, minyong, port, tmp_path
):
    key = mine.key()
    asked = mine._ask({"op": "issue"} | key.body)
    mine.sign(asked, PIN)

    with pytest.raises(Refused) as away:
        mine.fetch(asked["id"])
    kept = enclosed(house, asked["id"])
    made = given(house, key, asked)
    with openssl(tmp_path, port, made):
        issued = mine.fetch(asked["id"])

    assert away.value.code == "unavailable"
    assert opened(kept) == key.r
    assert enclosed(house, asked["id"]) is None
    assert unb64u(issued["certificate"]["der"]) == made
    assert [unb64u(one) for one in issued["chain"]] == [
        joint_house.material().ca, joint_house.material().root,
    ]  # fmt: skip
    assert mine.overview()["issuer"]["kind"] == "external_cmp"
    assert mine.overview()["issuer"]["recognised"] is False

    mine.revoke(issued["certificate"]["id"], "unused", PIN)
    with pytest.raises(Unavailable):
        house.bank.joint.certifying.tell()
    waiting = untold(house.bank.db)
    with openssl(tmp_path, port, made):
        house.bank.joint.certifying.tell()

    assert waiting == [4_097]
    assert untold(house.bank.db) == []
    assert parsing.crl(house.client.get("/pki/joint/ca.crl").content).entries == ()


def test_a_refusal_of_the_other_ca_is_told_and_nothing_is_issued(house, mine, port, tmp_path):
    key = mine.key()
    asked = mine._ask({"op": "issue"} | key.body)
    mine.sign(asked, PIN)

    with (
        openssl(tmp_path, port, given(house, key, asked), "-pkistatus", "2", "-failure", "19"),
        pytest.raises(Refused) as refused,
    ):
        mine.fetch(asked["id"])

    assert (refused.value.code, refused.value.body["failures"]) == ("joint_ca_refused", ["19"])
    assert mine.overview()["may_issue"] is True


def test_a_cmp_client_is_not_registered_with_a_ca_that_would_not_get_its_r(mine):
    with pytest.raises(Refused) as refused:
        mine.register(PIN)

    assert refused.value.code == "forbidden"


def test_a_bank_with_certificates_of_one_ca_does_not_start_with_another(house):
    own = msgspec.structs.replace(house.bank.settings.pki, joint_ca=None)

    with pytest.raises(ConfigError, match="joint_ca"):
        build(
            msgspec.structs.replace(house.bank.settings, pki=own),
            clock=house.clock,
            entropy=SystemEntropy(),
        )

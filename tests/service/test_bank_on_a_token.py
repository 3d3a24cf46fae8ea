"""Facts about a bank whose keys lie in a PKCS#11 token and nowhere else."""

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import OCSPNonce, load_der_x509_certificate, load_der_x509_crl, ocsp
from tests.api.house import ORIGIN, at_work
from tests.conftest import START

from dojang import config, demo
from dojang.app import build
from dojang.certificates import checking
from dojang.config import ConfigError, Pkcs11Settings, SecretReference, VaultSettings
from dojang.crypto import tree_heads
from dojang.gateways.twins import Outside
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.vault.pkcs11 import Pkcs11Vault


def settings_of(folder, token):
    folder.mkdir()
    pin = folder / "pin"
    pin.write_text(token.pin)
    keys = Pkcs11Settings(token.module, token.label, SecretReference(file=str(pin)))
    return msgspec.structs.replace(
        demo.settings(folder, 8700, origin=ORIGIN),
        vault=VaultSettings(pkcs11=keys),
        log_head=str(folder / "log-head.json"),
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory, softhsm):
    folder = tmp_path_factory.mktemp("token-bank")
    clock = MovableClock(START)
    token = softhsm.token()
    settings = settings_of(folder / "bank", token)
    bank = build(settings, clock=clock, entropy=SystemEntropy())
    demo.populate(bank, Outside(folder / "bank" / "handset.db", clock))
    with at_work(bank, folder) as made:
        made.token = token
        yield made


def test_a_customer_gets_a_certificate_and_signs_in_with_it(house):
    phone = house.issue(MINYONG)

    certificate = load_der_x509_certificate(phone.store.read().keys["sign"].certificate)
    certificate.verify_directly_issued_by(
        load_der_x509_certificate(house.bank.authority.issuer.der)
    )
    assert phone.me()["name"] == MINYONG.name


def test_every_signature_of_the_house_is_made_in_the_token(house):
    """CA and list, responder, time-stamps, documents, tree heads: each under its own key."""
    bank = house.bank
    above = checking.chain(bank.authority.chain_of(), house.clock.now())
    office = load_der_x509_certificate(bank.authority.time_stamper().der)

    answer = ocsp.load_der_ocsp_response(bank.status.about([office.serial_number])[0])
    head = bank.transparency.head()
    stamp = bank.time_stamps.token(bytes(32))
    sealed = bank.documents.seal(lambda _at: b"what the bank swears to")

    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert above.issuing.subject == office.issuer
    tree_heads.verify(head, bank.transparency.key, log=bank.transparency.name)
    assert load_der_public_key(bank.transparency.key) == bank.vault.public_key("log")
    assert stamp
    assert sealed
    assert isinstance(bank.vault, Pkcs11Vault)
    assert {"ca-root", "ca-issuing", "ocsp-responder", "tsa", "document", "log"} <= set(
        bank.vault.labels()
    )
    assert house.client.get("/pki/issuing.crl").status_code == 200
    assert not list(house.folder.rglob("vault.bin"))


def test_the_issuing_key_rolls_over_in_the_token_and_both_are_listed(house):
    """A customer from before and one from after, each revoked on the list of its own issuer."""
    house.bank.authority.roll_over_issuing()
    phone = house.issue(SEOYEON)

    old, new = house.bank.authority.issuers()
    certificate = load_der_x509_certificate(phone.store.read().keys["sign"].certificate)
    certificate.verify_directly_issued_by(new.certificate)
    answer = ocsp.load_der_ocsp_response(house.bank.status.about([certificate.serial_number])[0])
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert answer.certificates[0].issuer == new.certificate.subject
    for by, path in ((old, "/pki/issuing.crl"), (new, "/pki/issuing/2.crl")):
        listed = load_der_x509_crl(house.client.get(path).content)
        assert listed.is_signature_valid(by.certificate.public_key())
    assert "ca-issuing-2" in house.bank.vault.labels()


def test_while_the_token_is_away_the_bank_says_so_and_goes_on_afterwards(house):
    asked = ocsp.OCSPRequestBuilder().add_certificate(
        load_der_x509_certificate(house.bank.authority.time_stamper().der),
        load_der_x509_certificate(house.bank.authority.issuer.der),
        hashes.SHA256(),
    )
    request = asked.add_extension(OCSPNonce(b"n" * 16), critical=False).build()
    body = request.public_bytes(checking.Encoding.DER)

    with house.token.away():
        away = house.client.post("/pki/ocsp", content=body)
        health = house.client.get("/health")
    back = house.client.post("/pki/ocsp", content=body)

    assert (away.status_code, away.json()["code"]) == (503, "unavailable")
    assert (health.status_code, health.json()["parts"]["vault"]) == (503, "down")
    assert back.status_code == 200
    assert house.client.get("/health").json()["parts"]["vault"] == "ok"


def test_a_bank_is_told_which_setting_does_not_open_the_token(tmp_path, softhsm, clock, entropy):
    settings = settings_of(tmp_path / "bank", softhsm.token())
    keys = msgspec.structs.replace(settings.vault.pkcs11, token="nobody")
    wrong = msgspec.structs.replace(settings, vault=VaultSettings(pkcs11=keys))

    with pytest.raises(ConfigError, match="vault: no token is called nobody"):
        build(wrong, clock=clock, entropy=entropy)


def test_keys_in_a_token_need_no_excuse_in_production(tmp_path):
    written = tmp_path / "bank.toml"
    text = """
        database = "postgresql+psycopg://dojang_app@db1/dojang"
        origin = "https://bank.example"
        rp_id = "bank.example"
        log_head = "/var/lib/dojang/log-head.json"
        [vault.pkcs11]
        module = "/usr/lib/hsm.so"
        token = "dojang"
        pin = { file = "/run/secrets/token-pin" }
        [pki]
        policy_arc = "1.2.410.999.1"
        joint_policy_arc = "1.2.410.999.4"
        offline_root = true
        """
    written.write_text(text)

    assert config.load(written).vault.pkcs11.token == "dojang"
    written.write_text(text.replace("log_head", "# log_head"))
    with pytest.raises(ConfigError, match="log_head"):
        config.load(written)


@pytest.mark.parametrize(
    "vault",
    [
        '[vault]\nfile = "/v"\n',
        "[vault]\nsoftware_in_production = true\n",
        """[vault]
        file = "/v"
        passphrase = { env = "V" }
        [vault.pkcs11]
        module = "m"
        token = "t"
        pin = { env = "P" }
        """,
    ],
)
def test_a_vault_is_a_file_or_a_token(tmp_path, vault):
    written = tmp_path / "bank.toml"
    written.write_text('database = "sqlite:///x"\ndemo = true\n' + vault)

    with pytest.raises(ConfigError, match="vault"):
        config.load(written)


def test_a_file_is_refused_in_production_unless_that_was_said(tmp_path):
    written = tmp_path / "bank.toml"
    text = """
        database = "postgresql+psycopg://dojang_app@db1/dojang"
        origin = "https://bank.example"
        rp_id = "bank.example"
        [vault]
        file = "/var/lib/dojang/vault.bin"
        passphrase = { file = "/run/secrets/vault" }
        #
        [pki]
        policy_arc = "1.2.410.999.1"
        joint_policy_arc = "1.2.410.999.4"
        offline_root = true
        """
    written.write_text(text)

    with pytest.raises(ConfigError, match="vault: keys in a file"):
        config.load(written)
    written.write_text(text.replace("#", "software_in_production = true"))
    assert config.load(written).vault.software_in_production


def test_the_wrong_passphrase_of_a_file_is_one_line_and_no_traceback(tmp_path, clock, entropy):
    folder = tmp_path / "bank"
    folder.mkdir()
    settings = demo.settings(folder, 8700)
    build(settings, clock=clock, entropy=entropy).stop()
    (folder / "vault.passphrase").write_text("another")

    with pytest.raises(ConfigError, match="vault: wrong passphrase"):
        build(settings, clock=clock, entropy=entropy)

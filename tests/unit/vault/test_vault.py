"""Facts about every vault, whatever it is made of: a file, or a PKCS#11 token."""

import hashlib
import hmac
import threading

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.vault import BadCiphertext, BadWrap, KeyExists, KeyKind, Padding, UnknownKey, ensure
from dojang.vault.software import SoftwareVault

PHRASE = b"correct horse"


@pytest.fixture(params=["software", "pkcs11"])
def again(request, tmp_path):
    """Opens the same keys, each time anew."""
    if request.param == "software":
        path = tmp_path / "vault" / "keys"
        return lambda: SoftwareVault.open(path, Secret(PHRASE), SystemEntropy())
    token = request.getfixturevalue("softhsm").token()
    from dojang.vault.pkcs11 import Pkcs11Vault

    return lambda: Pkcs11Vault.open(token.module, token.label, Secret(token.pin), SystemEntropy())


@pytest.fixture
def vault(again):
    return again()


@pytest.mark.parametrize(
    ("kind", "digest", "curve"),
    [
        (KeyKind.EC_P256, hashes.SHA256(), "secp256r1"),
        (KeyKind.EC_P384, hashes.SHA384(), "secp384r1"),
    ],
)
def test_a_signature_verifies_under_the_public_key(vault, kind, digest, curve):
    vault.create("ca", kind)

    signature = vault.sign("ca", b"what is signed")

    public = vault.public_key("ca")
    assert public.curve.name == curve
    public.verify(signature, b"what is signed", ec.ECDSA(digest))
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"what is not", ec.ECDSA(digest))


@pytest.mark.parametrize(
    ("kind", "digest"), [(KeyKind.EC_P256, "sha256"), (KeyKind.EC_P384, "sha384")]
)
def test_a_digest_made_elsewhere_is_signed_as_its_content(vault, kind, digest):
    vault.create("ca", kind)
    vault.create("secret", KeyKind.SECRET)

    signature = vault.sign_digest("ca", hashlib.new(digest, b"what is signed").digest())

    scheme = ec.ECDSA(getattr(hashes, digest.upper())())
    vault.public_key("ca").verify(signature, b"what is signed", scheme)
    with pytest.raises(UnknownKey):
        vault.sign_digest("secret", bytes(32))


def test_keys_are_there_after_opening_again(vault, again):
    vault.create("ca", KeyKind.EC_P256)
    vault.create("secret", KeyKind.SECRET)
    vault.create("kek", KeyKind.KEK)
    wrapped = vault.wrap("kek", b"k" * 32, b"place")

    reopened = again()

    assert reopened.labels() == ["ca", "kek", "secret"]
    assert reopened.public_key("ca") == vault.public_key("ca")
    assert reopened.derive("secret", b"x") == vault.derive("secret", b"x")
    assert reopened.unwrap("kek", wrapped, b"place") == b"k" * 32


def test_a_key_is_created_once(vault):
    vault.create("ca", KeyKind.EC_P256)
    before = vault.public_key("ca")

    with pytest.raises(KeyExists):
        vault.create("ca", KeyKind.EC_P384)

    assert vault.public_key("ca") == before


def test_ensure_makes_a_key_and_then_leaves_it(vault):
    ensure(vault, "ca", KeyKind.EC_P256)
    before = vault.public_key("ca")

    ensure(vault, "ca", KeyKind.EC_P256)

    assert vault.public_key("ca") == before


def test_threads_that_make_one_label_make_one_key(vault):
    outcomes = []

    def make():
        try:
            vault.create("ca", KeyKind.SECRET)
            outcomes.append("made")
        except KeyExists:
            outcomes.append("there")

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made"] + ["there"] * 7


def test_a_key_serves_only_its_kind(vault):
    vault.create("ca", KeyKind.EC_P256)
    vault.create("secret", KeyKind.SECRET)

    for misuse in (
        lambda: vault.sign("secret", b"x"),
        lambda: vault.public_key("secret"),
        lambda: vault.derive("ca", b"x"),
        lambda: vault.wrap("secret", b"k" * 32, b""),
        lambda: vault.sign("nobody", b"x"),
    ):
        with pytest.raises(UnknownKey):
            misuse()


def test_derived_secrets_differ_by_info_and_by_label(vault):
    vault.create("one", KeyKind.SECRET)
    vault.create("two", KeyKind.SECRET)

    made = {vault.derive(label, info) for label in ("one", "two") for info in (b"a", b"b")}

    assert len(made) == 4
    assert vault.derive("one", b"a") in made


def test_a_wrapped_key_opens_only_in_its_place(vault):
    vault.create("kek", KeyKind.KEK)
    wrapped = vault.wrap("kek", b"k" * 32, b"here")

    assert vault.unwrap("kek", wrapped, b"here") == b"k" * 32
    for blob, place in ((wrapped, b"there"), (wrapped[:-1], b"here"), (b"", b"here")):
        with pytest.raises(BadWrap):
            vault.unwrap("kek", blob, place)


def test_a_derived_secret_never_changes_with_the_kind_of_vault(vault):
    """HMAC-SHA-256 of the info: a bank that moves into a token imports its secret and goes on."""
    vault.create("secret", KeyKind.SECRET)

    made = vault.derive("secret", b"x" * 200)

    assert len(made) == 32
    assert made != hmac.digest(b"", b"x" * 200, "sha256")


def test_threads_that_use_one_vault_do_not_mix_their_answers(vault):
    vault.create("ca", KeyKind.EC_P256)
    vault.create("kek", KeyKind.KEK)
    public = vault.public_key("ca")
    wrong = []

    def work(number):
        said = f"thread {number}".encode()
        for _ in range(10):
            try:
                public.verify(vault.sign("ca", said), said, ec.ECDSA(hashes.SHA256()))
                vault.unwrap("kek", vault.wrap("kek", said, said), said)
            except (InvalidSignature, BadWrap, UnknownKey):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


def test_an_rsa_key_signs_and_decrypts_nothing(vault, again):
    vault.create("joint-ca", KeyKind.RSA_2048)

    signature = again().sign("joint-ca", b"what is signed")

    public = vault.rsa_public_key("joint-ca")
    assert public.key_size == 2048
    public.verify(signature, b"what is signed", padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(UnknownKey):
        vault.decrypt("joint-ca", public.encrypt(b"x", OAEP), Padding.OAEP_SHA256)
    with pytest.raises(UnknownKey):
        vault.public_key("joint-ca")


def test_a_decrypting_key_opens_what_was_encrypted_to_it_and_signs_nothing(vault):
    vault.create("open", KeyKind.RSA_2048_DECRYPT)
    public = vault.rsa_public_key("open")
    oaep, old = public.encrypt(b"R", OAEP), public.encrypt(b"R", padding.PKCS1v15())

    assert vault.decrypt("open", oaep, Padding.OAEP_SHA256) == b"R"
    assert vault.decrypt("open", old, Padding.PKCS1) == b"R"
    for garbage in (b"", oaep[:-1], bytes(256), old, b"\xff" * 256):
        with pytest.raises(BadCiphertext):
            vault.decrypt("open", garbage, Padding.OAEP_SHA256)
    with pytest.raises(UnknownKey):
        vault.sign("open", b"no")


@pytest.mark.parametrize("many", [0, 1, 2, 7, 8, 9, 20])
@pytest.mark.parametrize(
    ("kind", "digest"), [(KeyKind.EC_P256, hashes.SHA256()), (KeyKind.EC_P384, hashes.SHA384())]
)
def test_what_is_signed_together_verifies_one_by_one(vault, kind, digest, many):
    """In the order it was given, and each under a secret number of its own."""
    vault.create("ocsp", kind)
    said = [b"said %d" % n for n in range(many)]

    made = vault.sign_each("ocsp", said)

    public = vault.public_key("ocsp")
    for one, signature in zip(said, made, strict=True):
        public.verify(signature, one, ec.ECDSA(digest))
    assert len({utils.decode_dss_signature(one)[0] for one in made}) == many


def test_only_a_key_that_signs_signs_many(vault):
    vault.create("secret", KeyKind.SECRET)

    for label in ("secret", "nobody's"):
        with pytest.raises(UnknownKey):
            vault.sign_each(label, [b"said"] * 8)

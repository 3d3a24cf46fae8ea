"""The NPKI format, byte for byte against the figures of the specification."""

import json
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from tests import joint_house as house

from dojang.certificates import der
from dojang.joint.npki import (
    folders,
    key_files,
    names,
    parsing,
    passwords,
    pkcs12,
    seed,
    seed_pure,
    vid,
)
from dojang.joint.npki.folders import Files
from dojang.joint.npki.key_files import Form, PrivateKey, WrongPassword
from dojang.joint.npki.passwords import Flaw

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "joint.json").read_text("utf-8"))
"""The app's tests read the same file."""
R = bytes.fromhex(VECTORS["vid"]["random"])


@pytest.mark.parametrize("vector", VECTORS["seed"], ids=lambda one: one["key"])
def test_seed_is_that_of_the_standard_with_and_without_openssl(vector):
    key, block, cipher = (bytes.fromhex(vector[name]) for name in ("key", "plain", "sealed"))

    assert seed_pure.encrypt_block(key, block) == cipher
    assert seed_pure.decrypt_block(key, cipher) == block
    assert seed.encrypt(key, bytes(16), block)[:16] == cipher


@pytest.mark.parametrize("vector", VECTORS["key_files"], ids=lambda one: one["form"])
def test_a_key_file_made_by_another_program_opens(vector):
    envelope = key_files.parse(bytes.fromhex(vector["file"]))

    secret, iv = key_files._derived(envelope, vector["password"].encode())

    assert seed.decrypt(secret, iv, envelope.ciphertext) == bytes.fromhex(vector["plain"])
    assert envelope.salt == bytes.fromhex(vector["salt"])


def test_the_fallback_writes_what_openssl_writes():
    padded = b"what lies in a key file" + bytes((9,)) * 9
    secret, iv = bytes(range(16)), bytes(range(16, 32))

    written = seed._pure_encrypt(secret, iv, padded)

    assert written == seed.encrypt(secret, iv, padded[:-9])
    assert seed._pure_decrypt(secret, iv, written) == padded


def test_hash_content_and_vid_are_those_of_the_vector():
    vector = VECTORS["vid"]

    assert vid.hash_content(vector["idn"], R).hex() == vector["content"]
    assert vid.virtual_id(vector["idn"], R).hex() == vector["value"]


def test_identify_data_of_a_name_of_three_syllables_is_laid_out_as_measured():
    virtual = bytes(range(32))

    san = der.sequence(vid.other_name(vid.Identity("홍길동", virtual)))

    name = "홍길동".encode().hex()
    assert san.hex() == (
        "305fa05d06092a831a8c9a440a0101a050304e0c09" + name + "3041303f060a2a831a8c9a440a010101"
        "3031300b0609608648016503040201a0220420" + virtual.hex()
    )


def test_a_reader_takes_the_hash_with_null_and_without():
    virtual = bytes(32)
    sha256 = der.oid("2.16.840.1.101.3.4.2.1")
    with_null = der.sequence(der.sequence(sha256, der.NULL), der.explicit(0, der.octets(virtual)))

    assert vid.read_vid(der.read(with_null)) == virtual
    assert vid.read_vid(der.read(vid.vid_value(virtual))) == virtual


def test_a_name_is_written_root_first_and_read_leaf_first():
    subject = names.Name(
        (("c", "kr"), ("o", "yessign"), ("ou", "personal4IB"), ("cn", "홍길동()1"))
    )

    assert str(subject) == "cn=홍길동()1,ou=personal4IB,o=yessign,c=kr"
    assert subject.der.hex().startswith("30")
    assert der.read(subject.der).children()[0].raw.hex() == "310b3009060355040613026b72"
    assert names.read(subject.der) == subject


def test_a_folder_is_named_safely_on_every_file_system():
    decomposed = "가/나:*?"
    subject = names.Name((("c", "kr"), ("o", "a"), ("ou", "b"), ("cn", decomposed + "x" * 300)))

    named = names.folder(subject)

    assert named.startswith("cn=가_나___")
    assert len(named.encode()) <= 255


@pytest.mark.parametrize("form", [Form.PBES1, Form.PBES2])
def test_a_key_file_opens_to_what_was_put_in(form):
    key = PrivateKey(house.private("holder"), R)

    content = key_files.seal(key, b"secret!1secret", form=form, salt=bytes(8), iv=bytes(16))

    assert key_files.open_(content, b"secret!1secret") == key
    with pytest.raises(WrongPassword):
        key_files.open_(content, b"secret!1secreT")


def test_form_1_has_salt_count_and_ciphertext_where_the_specimens_have_them():
    key = PrivateKey(house.private("holder"), R)

    content = key_files.seal(key, b"secret!1", form=Form.PBES1, salt=b"SALTsalt")

    assert content[4:20].hex() == "301a06082a831a8c9a44010f300e0408"
    assert content[20:28] == b"SALTsalt"
    assert content[28:32].hex() == "02020800"
    assert len(content) == 1_300


def test_form_2_names_neither_key_length_nor_prf():
    key = PrivateKey(house.private("holder"), R)

    content = key_files.seal(key, b"secret!1", form=Form.PBES2, salt=b"SALTsalt", iv=bytes(16))

    assert (
        content[4:]
        .hex()
        .startswith(
            "304806092a864886f70d01050d303b301b06092a864886f70d01050c300e0408"
            + b"SALTsalt".hex()
            + "02020800301c06082a831a8c9a4401040410"
            + bytes(16).hex()
        )
    )


def test_r_lies_beside_the_key_as_measured():
    plain = key_files.plain(PrivateKey(house.private("holder"), R))

    assert plain.endswith(bytes.fromhex("a0273025060a2a831a8c9a440a0101033117031500") + R)


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("abcde!2345", ()),
        ("Ab1!" * 14, ()),
        ("abcd!2345", (Flaw.TOO_SHORT,)),
        ("Ab1!" * 14 + "x", (Flaw.TOO_LONG,)),
        ("12345!6789", (Flaw.NO_LETTER,)),
        ("abcdefghi!", (Flaw.NO_DIGIT,)),
        ("abcdefghi1", (Flaw.NO_SPECIAL,)),
        ("abcde!234'", (Flaw.FORBIDDEN,)),
        ("abcde!234|", (Flaw.FORBIDDEN,)),
        ("abcde! 234", (Flaw.FORBIDDEN,)),
        ("abcde!234비", (Flaw.FORBIDDEN,)),
    ],
)
def test_a_password_is_judged_by_the_rules_of_2014(password, wrong):
    assert passwords.flaws(password) == wrong


def test_a_pfx_is_read_by_openssl_and_keeps_r(tmp_path):
    material = house.material()
    key = PrivateKey(house.private("holder"), R)
    made = pkcs12.write(
        material.certificate,
        key,
        b"Test-only-2026!",
        key_id=bytes(20),
        salts=(b"saltsalt", b"pepperpe"),
    )
    (tmp_path / "user.p12").write_bytes(made)

    told = subprocess.run(
        ["openssl", "pkcs12", "-in", "user.p12", "-nodes", "-passin", "pass:Test-only-2026!"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout.decode()

    assert "1.2.410.200004.10.1.1.3" in told
    assert "BEGIN CERTIFICATE" in told
    assert "BEGIN PRIVATE KEY" in told


def test_a_zip_of_the_folder_says_that_its_names_are_utf8():
    subject = names.read(der.read(house.holder_tbs()).children()[5].raw)

    made = folders.zipped("OpenSign", subject, Files(b"certificate", b"key"))

    with zipfile.ZipFile(BytesIO(made)) as archive:
        entries = archive.infolist()
        assert [one.filename.rsplit("/", 1)[1] for one in entries] == [
            "signCert.der",
            "signPri.key",
        ]
        assert all(one.flag_bits & 0x800 for one in entries)
        assert all(one.external_attr >> 16 == 0o600 for one in entries)
        assert entries[0].filename.startswith("NPKI/OpenSign/USER/cn=홍길동()0990041")


def test_a_key_that_is_none_or_of_an_unknown_kind_verifies_nothing():
    rsa, known = house.spki("holder"), bytes.fromhex("06092a864886f70d010101")
    strange = rsa.replace(known, known[:-1] + b"\x7f")

    assert strange != rsa
    assert not parsing.verifies(strange, bytes(256), b"signed")
    assert not parsing.verifies(b"no key", bytes(256), b"signed")

"""Facts about sealed fields."""

import pytest

from dojang.kernel.entropy import SystemEntropy
from dojang.vault.fields import BadField, FieldKeys
from dojang.vault.software import SoftwareVault

PHRASE = b"correct horse"
NUMBER = "900101-1234567"


@pytest.fixture(scope="module")
def vault_path(tmp_path_factory):
    return tmp_path_factory.mktemp("fields") / "keys"


@pytest.fixture
def fields(vault_path):
    return FieldKeys(SoftwareVault.open(vault_path, PHRASE, SystemEntropy()), SystemEntropy())


def test_a_field_is_read_back(fields):
    sealed = fields.seal("resident_number", "row-1", NUMBER)

    assert fields.open("resident_number", "row-1", sealed) == NUMBER
    assert NUMBER.encode() not in sealed


def test_korean_and_nothing_at_all_are_read_back(fields):
    for text in ("김민용", ""):
        assert fields.open("name", "r", fields.seal("name", "r", text)) == text


def test_a_field_is_read_back_by_another_process_with_the_vault(fields, vault_path):
    sealed = fields.seal("name", "row-1", "김민용")

    other = FieldKeys(SoftwareVault.open(vault_path, PHRASE, SystemEntropy()), SystemEntropy())

    assert other.open("name", "row-1", sealed) == "김민용"
    assert other.index("name", "김민용") == fields.index("name", "김민용")


def test_a_field_moved_to_another_row_or_purpose_is_refused(fields):
    sealed = fields.seal("name", "row-1", "김민용")

    for purpose, row in (("name", "row-2"), ("phone", "row-1"), ("namer", "ow-1")):
        with pytest.raises(BadField):
            fields.open(purpose, row, sealed)


@pytest.mark.parametrize("at", [0, 1, 2, 40, 64, -1])
def test_a_changed_byte_is_refused(fields, at):
    sealed = bytearray(fields.seal("name", "row-1", "김민용"))
    sealed[at] ^= 1

    with pytest.raises(BadField):
        fields.open("name", "row-1", bytes(sealed))


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01\xff", b"\x01\x00", b"\x02" * 99])
def test_bytes_that_are_no_field_are_refused(fields, blob):
    with pytest.raises(BadField):
        fields.open("name", "row-1", blob)


def test_the_same_text_is_sealed_differently_and_indexed_the_same(fields):
    assert fields.seal("name", "r", "x") != fields.seal("name", "r", "x")
    assert fields.index("name", "x") == fields.index("name", "x")
    assert fields.index("name", "x") != fields.index("phone", "x")
    assert fields.index("name", "x") != fields.index("name", "y")


def test_another_vault_reads_nothing_and_finds_nothing(fields, tmp_path):
    other = FieldKeys(
        SoftwareVault.open(tmp_path / "other", PHRASE, SystemEntropy()), SystemEntropy()
    )

    with pytest.raises(BadField):
        other.open("name", "r", fields.seal("name", "r", "x"))
    assert other.index("name", "x") != fields.index("name", "x")

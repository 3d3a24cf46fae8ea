"""Serial numbers (RFC 5280 4.1.2.2)."""

from dojang.certificates.profiles import new_serial, serial_text
from dojang.kernel.entropy import SeededEntropy


def test_a_hundred_thousand_serials_are_distinct_positive_short_and_balanced():
    entropy = SeededEntropy(b"serials")

    serials = [new_serial(entropy) for _ in range(100_000)]

    assert len(set(serials)) == len(serials)
    assert all(0 < serial < 2**128 for serial in serials)
    for bit in range(128):
        ones = sum(serial >> bit & 1 for serial in serials)
        assert 49_000 < ones < 51_000


def test_a_serial_is_never_zero():
    class Zeros:
        calls = 0

        def bytes(self, count):
            self.calls += 1
            return bytes(count) if self.calls == 1 else b"\x01" * count

    assert new_serial(Zeros()) > 0


def test_a_serial_is_written_with_all_its_digits():
    assert serial_text(10) == "0" * 31 + "a"

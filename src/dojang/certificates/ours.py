"""Which certificates are of our own CA, asked without a vault, of rows that somebody may add."""

from collections.abc import Callable, Iterator, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dojang.certificates import store_authority
from dojang.certificates.profiles import ISSUING, ROOT
from dojang.db import Tx


def believed_roots(tx: Tx, pinned: Sequence[bytes] = ()) -> list[bytes]:
    """`pinned` (DER), or else the first root that the database names; and each one of its roots
    whose key a root believed before has certified.

    Who may add rows can add a root, and have nobody certify it. Who may change them can put
    another in the first one's place: to notice that takes a root from elsewhere.
    """
    rows = store_authority.cas(tx)
    crosses = [*_readable([row.der for row in rows if row.role.startswith(f"{ROOT.name}-")])]
    named = [*_readable([row.der for row in rows if row.role == ROOT.name])]  # by their number
    believed = [*_readable(pinned)] if pinned else named[:1]
    for _ in named:  # each round may bring the next
        certified = {_key(one) for one in crosses if any(_issued(one, by) for by in believed)}
        believed += [one for one in named if one not in believed and _key(one) in certified]
    return [one.public_bytes(Encoding.DER) for one in believed]


def signed_under(tx: Tx, roots: Sequence[bytes]) -> Callable[[bytes], bool]:
    """Did an issuing CA of ours sign these DER bytes? In any generation that the database names and
    one of `roots` (DER) certified; name and signature are looked at.
    """
    above = [*_readable(roots)]
    named = _readable([row.der for row in store_authority.of_roles(tx, [ISSUING.name])])
    issuing = [one for one in named if any(_issued(one, root) for root in above)]

    def signed(certificate: bytes) -> bool:
        read = _read(certificate)
        return read is not None and any(_issued(read, one) for one in issuing)

    return signed


def _readable(ders: Sequence[bytes]) -> Iterator[x509.Certificate]:
    for der in ders:
        if (read := _read(der)) is not None:
            yield read


def _read(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        return None


def _key(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True

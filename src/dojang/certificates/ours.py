"""Which certificates are of our own CA, without a vault: by the roots that somebody names."""

from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from dojang.certificates import store_authority
from dojang.certificates.profiles import ISSUING
from dojang.db import Tx


def signed_under(tx: Tx, roots: Sequence[bytes]) -> Callable[[bytes], bool]:
    """Did an issuing CA of ours sign these DER bytes? In any generation that the database names and
    one of `roots` (DER) certified; name and signature are looked at.
    """
    above = [x509.load_der_x509_certificate(one) for one in roots]
    rows = store_authority.of_roles(tx, [ISSUING.name])
    named = [x509.load_der_x509_certificate(row.der) for row in rows]
    issuing = [one for one in named if any(_issued(one, root) for root in above)]

    def signed(certificate: bytes) -> bool:
        try:
            read = x509.load_der_x509_certificate(certificate)
        except ValueError:
            return False
        return any(_issued(read, one) for one in issuing)

    return signed


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True

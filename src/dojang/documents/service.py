"""The bank's signature under a PDF, made so that it can be verified decades later."""

from collections.abc import Callable
from dataclasses import dataclass

from dojang.certificates import Authority, Status
from dojang.certificates.checking import read
from dojang.certificates.issuer import Issuer
from dojang.kernel.clock import Clock, Instant
from dojang.kernel.problem import Unavailable
from dojang.timestamps import TimeNotAvailable, TimeStamps
from dojang.vault import Vault


@dataclass(frozen=True)
class Sealed:
    """When, by which certificate, and the signature."""

    at: Instant
    certificate: bytes
    signature: bytes


class Documents:
    """Signs what the house writes. Not inside a transaction: it touches the vault."""

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        authority: Authority,
        status: Status,
        time_stamps: TimeStamps,
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._authority = authority
        self._status = status
        self._time_stamps = time_stamps

    def sign(self, pdf: bytes, *, reason: str, name: str, by: Issuer | None = None) -> bytes:
        """PAdES B-LTA (ETSI EN 319 142-1): signed, stamped, with all that verifies it, stamped.

        All under one issuing CA: this one, or the newest.
        What is signed differs each time; whoever promises the same bytes stores them.
        Raises Unavailable while no time can be had.
        """
        from dojang.documents import signing

        by = by or self._authority.issuer
        office = self._authority.document_signer(by)
        stamper = self._authority.time_stamper(by)
        serials = [read(one.der).serial_number for one in (office, stamper)]
        given = signing.Given(
            certificate=office.der,
            chain=self._authority.chain_of(by),
            ocsp=tuple(self._status.about(serials)),
            now=self._clock.now(),
            sign=lambda data: self._vault.sign(office.key_label, data),
            stamp=lambda request: self._time_stamps.granted(request, by),
        )
        try:
            self._time_stamps.demand()
            return signing.sign(pdf, given, reason=reason, name=name)
        except TimeNotAvailable:
            raise Unavailable from None

    def seal(self, write: Callable[[Instant], bytes], by: Issuer | None = None) -> Sealed:
        """ECDSA with SHA-256 by the document key over what `write` makes of the moment.

        Under this issuing CA, or the newest.
        The certificate is there before the moment is taken, so it was valid then.
        """
        office = self._authority.document_signer(by)
        at = self._clock.now()
        return Sealed(at, office.der, self._vault.sign(office.key_label, write(at)))

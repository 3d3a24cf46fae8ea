"""What a CMP client says and hears: ir, certConf, rr; ip, pkiConf, rp, error (RFC 4210 5.3).

The same encoders as the door's. Pure functions over bytes; nothing is believed here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node
from dojang.joint.cmp import messages
from dojang.joint.profile import SHA256_RSA
from dojang.kernel.clock import Instant

REQUEST_ID: Final = 0
RA_VERIFIED: Final = der.implicit(0, b"")
"""ProofOfPossession (RFC 4211 4): whoever sends it saw the proof, and answers for it."""
_CRL_REASON: Final = der.oid("2.5.29.21")


class Refusal(Exception):
    """It was understood, and will not be done. `failures`: bits of PKIFailureInfo."""

    def __init__(self, failures: frozenset[int]) -> None:
        super().__init__(sorted(failures))
        self.failures = failures


@dataclass(frozen=True, kw_only=True)
class Template:
    """The certificate that is asked for."""

    subject: bytes
    spki: bytes
    not_before: Instant
    not_after: Instant

    @property
    def der(self) -> bytes:
        """CertTemplate (RFC 4211 5)."""
        validity = (
            der.explicit(0, der.time(self.not_before)),
            der.explicit(1, der.time(self.not_after)),
        )
        key = der.read(self.spki).expect(der.SEQUENCE).value
        return der.sequence(
            der.explicit(4, *validity), der.explicit(5, self.subject), der.explicit(6, key)
        )


def enrolment(
    template: Template, enclosed: bytes | None, prove: Callable[[bytes], bytes] | None = None
) -> bytes:
    """ir with one CertReqMsg. `enclosed` is an EncryptedVID; without `prove` the RA vouches."""
    request = der.sequence(der.integer(REQUEST_ID), template.der)
    proof = RA_VERIFIED
    if prove is not None:
        proof = der.explicit(1, SHA256_RSA, der.bits(prove(request)))
    info = b""
    if enclosed is not None:
        info = der.sequence(der.sequence(messages.ENCRYPTED_VID, enclosed))
    return der.explicit(messages.IR, der.sequence(der.sequence(request, proof, info)))


def confirmation(certificate_hash: bytes, *, accepted: bool) -> bytes:
    """certConf (5.3.18)."""
    status = b"" if accepted else der.sequence(der.integer(messages.REJECTION))
    told = der.sequence(der.octets(certificate_hash), der.integer(REQUEST_ID), status)
    return der.explicit(messages.CERT_CONF, der.sequence(told))


def revocation(issuer: bytes, serial: int, crl_reason: int) -> bytes:
    """rr of one certificate (5.3.9)."""
    number = der.implicit(1, der.read(der.integer(serial)).value)
    template = der.sequence(number, der.explicit(3, issuer))
    reason = der.sequence(_CRL_REASON, der.octets(der.enumerated(crl_reason)))
    return der.explicit(messages.RR, der.sequence(der.sequence(template, der.sequence(reason))))


def granted(content: Node) -> bytes:
    """The certificate in an ip with one response (5.3.4). Raises BadDer, Refusal."""
    parts = content.expect(der.SEQUENCE).children()
    listed = parts[-1].expect(der.SEQUENCE) if parts else content
    (response,) = _exactly(listed, 1)
    members = response.expect(der.SEQUENCE).children()
    if len(members) < 2 or members[0].number() != REQUEST_ID:
        raise BadDer("an answer to another request")
    demand_granted(members[1])
    if len(members) < 3:
        raise BadDer("granted, and no certificate")
    pair = members[2].expect(der.SEQUENCE).children()
    (certificate,) = _exactly(pair[0].expect(0xA0), 1)
    return certificate.raw


def demand_revoked(content: Node) -> None:
    """rp with one status (5.3.10). Raises BadDer, Refusal."""
    parts = content.expect(der.SEQUENCE).children()
    (status,) = _exactly(parts[0].expect(der.SEQUENCE), 1)
    demand_granted(status)


def refusal(content: Node) -> Refusal:
    """What an error message says (5.3.21). Raises BadDer."""
    status = content.expect(der.SEQUENCE).children()[0]
    return Refusal(_failures(status.expect(der.SEQUENCE)))


def demand_granted(status: Node) -> None:
    """PKIStatusInfo. Waiting and warnings are no certificate either. Raises BadDer, Refusal."""
    code = status.expect(der.SEQUENCE).children()[0].number()
    if code not in (messages.ACCEPTED, messages.GRANTED_WITH_MODS):
        raise Refusal(_failures(status))


def _failures(status: Node) -> frozenset[int]:
    found = next((one for one in status.children() if one.tag == der.BIT_STRING), None)
    if found is None:
        return frozenset()
    bits = found.value[1:]
    return frozenset(n for n in range(8 * len(bits)) if bits[n // 8] & (0x80 >> n % 8))


def _exactly(node: Node, count: int) -> list[Node]:
    parts = node.children()
    if len(parts) != count:
        raise BadDer("another number of members was expected")
    return parts

"""Certificates of others: does this chain lead to an anchor of ours, for this use, at that time?

Bytes in, a verdict out: RFC 5280 section 6 with policies, name constraints and status lists. The
walking is pyhanko-certvalidator's (decision 0020 says why); here stand what we ask of it, what it
leaves to its callers (the leaf's own use and key), the limits, and a name for each refusal.

Nothing is fetched: who asks brings the status lists. `checking` is for certificates of our own.
"""

import enum
import logging
from collections.abc import Collection, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

from asn1crypto import algos, crl, keys, ocsp, x509
from asn1crypto.core import Asn1Value
from pyhanko_certvalidator import errors
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo, ValidationTimingParams
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    AlgorithmUsageConstraint,
    AlgorithmUsagePolicy,
    CertRevTrustPolicy,
    PKIXValidationParams,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.validate import async_validate_path

from dojang.certificates import checking
from dojang.certificates.profiles import Usage
from dojang.kernel.clock import Instant, utc

logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
"""It writes whose certificate failed into the record, with the traceback. The verdict says it."""

CERTIFICATES_MAX: Final = 8
LISTS_MAX: Final = 16
PATHS_MAX: Final = 4
"""Ways from the leaf to an anchor that are tried. More come only from who wants us to walk."""
POLICY_NODES_MAX: Final = 200

_KEY_FOR: Final = {
    **dict.fromkeys(("sha256_rsa", "sha384_rsa", "sha512_rsa"), "rsa"),
    **dict.fromkeys(("sha256_ecdsa", "sha384_ecdsa", "sha512_ecdsa"), "ec"),
    "ed25519": "ed25519",
}
"""What a certificate or list may be signed with, and the kind of key that does it."""
_BITS_MIN: Final = {"rsa": 2048, "ec": 256}
_MISSHAPEN: Final = (ValueError, TypeError, KeyError, OverflowError)
"""What the reader says, late, of bytes that are DER and still not what they should be."""

T = TypeVar("T")
V = TypeVar("V", bound=Asn1Value)


class Flaw(enum.StrEnum):
    """Why a chain is not accepted."""

    UNREADABLE = "unreadable"
    """Not DER, not version 3, or of a shape that RFC 5280 does not know."""
    TOO_MUCH = "too_much"
    """More certificates or lists than are looked at."""
    NO_PATH = "no_path"
    """No chain of names to an anchor; an anchor itself is no end of one."""
    SIGNATURE = "signature"
    ALGORITHM = "algorithm"
    """A key too small, or an algorithm that is not taken: MD5, SHA-1, DSA."""
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    """Or suspended: the list says so of the leaf or of a CA above it."""
    STATUS_UNKNOWN = "status_unknown"
    """No list of that time, of that issuer and for that certificate that can be believed."""
    POLICY = "policy"
    """No accepted policy holds from the leaf up to the anchor."""
    CONSTRAINT = "constraint"
    """A CA's limits are overstepped: names, length, being a CA; or a critical unknown extension."""
    USAGE = "usage"
    """The leaf is for another use."""


class StatusOf(enum.Enum):
    """Of which certificates the status must be known."""

    EVERY = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
    LEAF = RevocationCheckingRule.CHECK_IF_DECLARED
    """And of a CA where its certificate says who tells it."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What the one who asks will take. Policies and flags are the inputs of RFC 5280 6.1.1."""

    policies: frozenset[str]
    """Object identifiers. Empty: whatever policies there are."""
    explicit: bool = True
    mapping: bool = False
    any_policy: bool = True
    usage: frozenset[Usage] = frozenset()
    """Key usages of which the leaf must name every one."""
    purpose: str | None = None
    """The extended key usage the leaf must name. None: it may name none."""
    status_of: StatusOf = StatusOf.EVERY


@dataclass(frozen=True)
class Valid:
    """`policies`: those of the accepted ones that hold, as the anchor calls them."""

    policies: frozenset[str]


@dataclass(frozen=True)
class Invalid:
    """`why` is for the record: it names certificates, and is not for those who brought them."""

    flaw: Flaw
    why: str


_KINDS: Final = (
    (errors.RevokedError, Flaw.REVOKED),
    (errors.InsufficientRevinfoError, Flaw.STATUS_UNKNOWN),
    (errors.ExpiredError, Flaw.EXPIRED),
    (errors.NotYetValidError, Flaw.NOT_YET_VALID),
    (errors.DisallowedAlgorithmError, Flaw.ALGORITHM),
)
_WORDS: Final = (
    ("no valid set of policies", Flaw.POLICY),
    ("policy graph", Flaw.POLICY),
    ("could not be verified", Flaw.SIGNATURE),
)
"""Where the library has one exception for several rules. Only the name hangs on these words."""


def validate(
    chain: Sequence[bytes],
    anchors: Collection[bytes],
    at: Instant,
    accepted: Accepted,
    *,
    crls: Sequence[bytes] = (),
    ocsps: Sequence[bytes] = (),
) -> Valid | Invalid:
    """Judge the first of `chain`; the others, in any order, are CAs between it and an anchor.

    All are DER. `crls` and `ocsps` must have been true `at` that time.
    """
    if not 1 <= len(chain) <= CERTIFICATES_MAX or len(crls) + len(ocsps) > LISTS_MAX:
        return Invalid(Flaw.TOO_MUCH, f"{len(chain)} certificates, {len(crls) + len(ocsps)} lists")
    try:
        leaf, *others = (_certificate(one) for one in chain)
        roots = [_certificate(one) for one in anchors]
        if leaf.dump() in {root.dump() for root in roots}:
            return Invalid(Flaw.NO_PATH, "an anchor is no end of a path")
        context = _context(roots, others, utc(at), accepted.status_of, crls, ocsps)
        return _at_once(_judge(leaf, accepted, context))
    except (checking.Unsound, *_MISSHAPEN) as wrong:
        return Invalid(Flaw.UNREADABLE, str(wrong))


def _context(
    roots: list[x509.Certificate],
    others: list[x509.Certificate],
    moment: datetime,
    status_of: StatusOf,
    crls: Sequence[bytes],
    ocsps: Sequence[bytes],
) -> ValidationContext:
    """Not "point in time": then a list counts only from the date that it writes beside the name.

    Here a list of that time that names a certificate ends it.
    """
    leaf = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
    context = ValidationContext(
        trust_roots=roots,
        other_certs=others,
        moment=moment,
        crls=[_read(crl.CertificateList, one) for one in crls],
        ocsps=[_read(ocsp.OCSPResponse, one) for one in ocsps],
        revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy(leaf, status_of.value)),
        algorithm_usage_policy=_Algorithms(),
    )
    context.timing_params = ValidationTimingParams(
        ValidationTimingInfo(moment, moment, point_in_time_validation=False), timedelta(0)
    )
    return context


async def _judge(
    leaf: x509.Certificate, accepted: Accepted, context: ValidationContext
) -> Valid | Invalid:
    """The verdict of the first way that holds, else of the first there is."""
    refused: list[Invalid] = []
    try:
        async for way in context.path_builder.async_build_paths_lazy(leaf):
            verdict = await _walk(way, accepted, context)
            if isinstance(verdict, Valid):
                return _misused(leaf, accepted) or verdict
            refused.append(verdict)
            if len(refused) == PATHS_MAX:
                break
    except errors.PathBuildingError as lost:
        return Invalid(Flaw.NO_PATH, str(lost))
    return refused[0]


async def _walk(
    way: ValidationPath, accepted: Accepted, context: ValidationContext
) -> Valid | Invalid:
    try:
        await async_validate_path(context, way, parameters=_parameters(accepted))
    except errors.ValidationError as fault:
        return Invalid(_named(fault), str(fault))
    held = way.qualified_policies() or frozenset()
    return Valid(frozenset(policy.user_domain_policy_id for policy in held))


def _named(fault: errors.ValidationError) -> Flaw:
    for kind, flaw in _KINDS:
        if isinstance(fault, kind):
            return flaw
    for words, flaw in _WORDS:
        if words in str(fault):
            return flaw
    return Flaw.CONSTRAINT


def _misused(leaf: x509.Certificate, accepted: Accepted) -> Invalid | None:
    """What section 6 leaves to the one who asks: the leaf's own key, and what it is for."""
    if not _strong(leaf.public_key):
        return Invalid(Flaw.ALGORITHM, "the leaf's key")
    named = leaf.key_usage_value.native if leaf.key_usage_value else frozenset()
    if not {usage.name.lower() for usage in accepted.usage} <= named:
        return Invalid(Flaw.USAGE, f"its key usages are {sorted(named)}")
    purposes = [one.dotted for one in leaf.extended_key_usage_value or ()]
    wanted = [] if accepted.purpose is None else [accepted.purpose]
    if purposes != wanted:
        return Invalid(Flaw.USAGE, f"its purposes are {purposes}")
    return None


class _Algorithms(AlgorithmUsagePolicy):
    """Named in `_KEY_FOR` or refused; that key and algorithm fit is taken for granted behind us."""

    def signature_algorithm_allowed(
        self,
        algo: algos.SignedDigestAlgorithm,
        moment: datetime | None,  # noqa: ARG002 - the same at all times
        public_key: keys.PublicKeyInfo | None,
    ) -> AlgorithmUsageConstraint:
        kind = _KEY_FOR.get(algo["algorithm"].native)
        fits = public_key is not None and public_key.algorithm == kind and _strong(public_key)
        return AlgorithmUsageConstraint(fits)


def _strong(key: keys.PublicKeyInfo) -> bool:
    kind = key.algorithm
    return bool(kind == "ed25519" or (kind in _BITS_MIN and key.bit_size >= _BITS_MIN[kind]))


def _parameters(accepted: Accepted) -> PKIXValidationParams:
    return PKIXValidationParams(
        user_initial_policy_set=accepted.policies or frozenset({"any_policy"}),
        initial_explicit_policy=accepted.explicit,
        initial_policy_mapping_inhibit=not accepted.mapping,
        initial_any_policy_inhibit=not accepted.any_policy,
        max_policy_graph_nodes=POLICY_NODES_MAX,
    )


def _certificate(der: bytes) -> x509.Certificate:
    checking.sound("a certificate is unreadable", checking.read, der)
    return _read(x509.Certificate, der)


def _read(kind: type[V], der: bytes) -> V:
    """Read to the last field at once: the library would else meet a bad one half-way."""
    made: V = kind.load(der, strict=True)
    _ = made.native
    return made


def _at_once(verdict: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that has nothing to wait for, because nothing is fetched."""
    try:
        verdict.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise AssertionError("it waited")

"""What the settings say of certificates: how the authorities are called, and another joint CA."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from dojang import joint
from dojang.certificates import Plan
from dojang.config import ConfigError, Settings
from dojang.crypto import pem
from dojang.joint import JointCertificateIssuer
from dojang.joint.authority import OPENER, JointAuthority
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy

CMP_SECRET_CHARS_MIN: Final = 16


def plan(settings: Settings) -> Plan:
    """How the authority is called, and where it is found."""
    return Plan(
        base_url=settings.origin,
        organisation=settings.pki.organisation,
        policy_arc=settings.pki.policy_arc,
        crl_shards=settings.pki.crl_shards,
        offline_root=settings.pki.offline_root,
    )


def joint_plan(settings: Settings) -> joint.Plan:
    """How the joint CA is called, and where it is found."""
    return joint.Plan(
        base_url=settings.origin,
        bank_code=settings.bank.code,
        organisation=settings.pki.joint_organisation,
        policy_arc=settings.pki.joint_policy_arc,
    )


def joint_issuer(
    settings: Settings, clock: Clock, entropy: Entropy
) -> Callable[[JointAuthority], JointCertificateIssuer] | None:
    """The CA that is not the bank's own; None: its own. Raises ConfigError."""
    ca = settings.pki.joint_ca
    if ca is None:
        return None
    # A bank that issues its own does without what speaks to another CA.
    from dojang.joint.cmp.line import HttpLine
    from dojang.joint.external import BadAnchors, ExternalCmp, Remote

    secret = ca.secret.read()
    if len(secret.reveal()) < CMP_SECRET_CHARS_MIN:
        raise ConfigError("pki.joint_ca.secret: each message lets it be guessed at; 16 or more")
    try:
        remote = Remote(
            root=_certificate(ca.root),
            ca=_certificate(ca.ca),
            encryption=None if ca.encryption is None else _certificate(ca.encryption),
            reference=ca.reference,
            secret=secret,
        )
    except BadAnchors as wrong:
        raise ConfigError(f"pki.joint_ca: {wrong}") from None
    line = HttpLine(ca.url, ca.seconds_max)

    def issuer(authority: JointAuthority) -> ExternalCmp:
        return ExternalCmp(lambda: authority.office(OPENER).der, remote, line, clock, entropy)

    return issuer


def _certificate(path: str) -> bytes:
    try:
        return pem.der(Path(path).read_bytes())
    except OSError as error:
        raise ConfigError(f"pki.joint_ca: {path}: {error.strerror}") from None
    except ValueError:
        raise ConfigError(f"pki.joint_ca: {path}: no certificate") from None

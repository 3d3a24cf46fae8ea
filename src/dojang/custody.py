"""What the settings say of keys and certificates: the vault, opened, and the authorities."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from dojang import joint
from dojang.certificates import Plan
from dojang.config import ConfigError, Pkcs11Settings, Settings, VaultSettings
from dojang.crypto import pem
from dojang.joint import JointCertificateIssuer
from dojang.joint.authority import OPENER, JointAuthority
from dojang.joint.cmp.line import HttpLine
from dojang.joint.external import BadAnchors, ExternalCmp, Remote
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy
from dojang.kernel.secret import Secret
from dojang.vault import Vault, VaultLocked
from dojang.vault.software import SoftwareVault

CMP_SECRET_CHARS_MIN: Final = 16


def opened(settings: VaultSettings, entropy: Entropy) -> Vault:
    """Raises ConfigError where it does not open, saying which of its keys to look at."""
    try:
        if settings.pkcs11 is not None:
            return _token(settings.pkcs11, entropy)
        assert settings.file is not None, "the settings name a file or a token"
        assert settings.passphrase is not None, "a file has a passphrase"
        passphrase = Secret(settings.passphrase.read().reveal().encode())
        return SoftwareVault.open(Path(settings.file), passphrase, entropy)
    except VaultLocked as locked:
        raise ConfigError(f"vault: {locked}") from None


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


def _token(settings: Pkcs11Settings, entropy: Entropy) -> Vault:
    try:
        from dojang.vault.pkcs11 import Pkcs11Vault
    except ModuleNotFoundError as missing:
        if missing.name != "pkcs11":
            raise
        raise ConfigError("vault.pkcs11: install dojang[pkcs11] for keys in a token") from None
    return Pkcs11Vault.open(settings.module, settings.token, settings.pin.read(), entropy)

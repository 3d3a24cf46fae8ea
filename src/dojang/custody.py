"""What the settings say of keys and certificates: the vault, opened, and the authority's plan."""

from pathlib import Path

from dojang.certificates import Plan
from dojang.config import ConfigError, Pkcs11Settings, Settings, VaultSettings
from dojang.kernel.entropy import Entropy
from dojang.kernel.secret import Secret
from dojang.vault import Vault, VaultLocked
from dojang.vault.software import SoftwareVault


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


def _token(settings: Pkcs11Settings, entropy: Entropy) -> Vault:
    try:
        from dojang.vault.pkcs11 import Pkcs11Vault
    except ModuleNotFoundError as missing:
        if missing.name != "pkcs11":
            raise
        raise ConfigError("vault.pkcs11: install dojang[pkcs11] for keys in a token") from None
    return Pkcs11Vault.open(settings.module, settings.token, settings.pin.read(), entropy)

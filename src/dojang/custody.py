"""The vault, opened as the settings say; begun early, where a start would wait for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from dojang.config import ConfigError, VaultSettings
from dojang.kernel.entropy import Entropy
from dojang.kernel.secret import Secret
from dojang.vault import Vault, VaultLocked
from dojang.vault.software import SoftwareVault

if TYPE_CHECKING:
    from dojang.vault.pkcs11 import Pkcs11Vault


def opened(settings: VaultSettings, entropy: Entropy) -> Vault:
    """Raises ConfigError where it does not open, saying which of its keys to look at."""
    try:
        if settings.pkcs11 is not None:
            named = settings.pkcs11
            return token(named.module, named.token, named.pin.read(), entropy)
        assert settings.file is not None, "the settings name a file or a token"
        assert settings.passphrase is not None, "a file has a passphrase"
        passphrase = Secret(settings.passphrase.read().reveal().encode())
        return SoftwareVault.open(Path(settings.file), passphrase, entropy)
    except VaultLocked as locked:
        raise ConfigError(f"vault: {locked}") from None


def begun(settings: VaultSettings, entropy: Entropy) -> Callable[[], Vault]:
    """Begin to open it beside the caller, and give what waits for it and raises as `opened` does.

    A vault file costs 64 MiB and three passes of Argon2, a fifth of a start, which computes without
    the interpreter's lock: meanwhile the caller imports the bank. A file that is yet to be made is
    not begun, but made when it is asked for: then one start of several makes it.
    """
    if settings.file is None or not Path(settings.file).exists():
        return lambda: opened(settings, entropy)
    beside = ThreadPoolExecutor(1, "dojang-vault")
    opening = beside.submit(opened, settings, entropy)
    beside.shutdown(wait=False)
    return opening.result


def token(module: str, label: str, pin: Secret[str], entropy: Entropy) -> "Pkcs11Vault":
    """Raises ConfigError without the library that speaks to tokens, `VaultLocked` by the token."""
    try:
        from dojang.vault.pkcs11 import Pkcs11Vault
    except ModuleNotFoundError as missing:
        if missing.name != "pkcs11":
            raise
        raise ConfigError("vault.pkcs11: install dojang[pkcs11] for keys in a token") from None
    return Pkcs11Vault.open(module, label, pin, entropy)

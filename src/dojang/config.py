"""One strict TOML file; unknown keys are refused with their path; secrets are references.

A secret is written as `{ file = "/run/secrets/vault" }` or `{ env = "DOJANG_VAULT" }`, never as a
value. `dojang doctor` prints the effective settings with every secret hidden.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from dojang.kernel.secret import Secret
from dojang.kernel.start import CannotStart


class SecretReference(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret is kept. Exactly one of the two."""

    file: str | None = None
    env: str | None = None

    def __post_init__(self) -> None:
        if (self.file is None) == (self.env is None):
            raise ValueError("a secret is { file = … } or { env = … }, one of the two")

    def read(self) -> Secret[str]:
        """Raises ConfigError where the file or the variable is not there."""
        if self.file is not None:
            try:
                return Secret(Path(self.file).read_text("utf-8").strip())
            except OSError as error:
                raise ConfigError(f"secret file {self.file}: {error.strerror}") from None
            except UnicodeDecodeError:
                raise ConfigError(f"secret file {self.file}: not a text in UTF-8") from None
        value = os.environ.get(self.env or "")
        if not value:
            raise ConfigError(f"secret variable {self.env} is not set")
        return Secret(value)


class BankSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How the bank is called. `code` is its three digits on the interbank switch."""

    name_ko: str = "도장은행"
    name_en: str = "Dojang Bank"
    code: Annotated[str, Meta(pattern=r"^\d{3}$")] = "990"
    hotline: str = "1599-0000"


class Pkcs11Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """A token: the library that speaks to it, its label, and the PIN of its user."""

    module: str
    token: str
    pin: SecretReference


class VaultSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the bank's keys are: in a token, or in a file that a passphrase opens."""

    file: str | None = None
    passphrase: SecretReference | None = None
    software_in_production: bool = False
    pkcs11: Pkcs11Settings | None = None

    def __post_init__(self) -> None:
        in_file = self.file is not None and self.passphrase is not None
        stray = self.file is not None or self.passphrase is not None
        if (self.pkcs11 is None and not in_file) or (self.pkcs11 is not None and stray):
            raise ValueError("a vault is { file, passphrase } or { pkcs11 }, one of the two")


class JointCaSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """A CA that issues the joint certificates, over CMP. `root`, `ca`, `encryption`: PEM files."""

    url: Annotated[str, Meta(pattern=r"^https?://[^/]+/")]
    reference: Annotated[str, Meta(min_length=1, max_length=64)]
    secret: SecretReference
    root: str
    ca: str
    encryption: str | None = None
    """Whose key R is encrypted to, where the CA computes the VID itself."""
    seconds_max: Annotated[float, Meta(gt=0, le=60)] = 10.0


class PkiSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Names and object identifiers of the CA. The default arc is the example arc of RFC 5612."""

    organisation: str = "Dojang Bank"
    policy_arc: Annotated[str, Meta(pattern=r"^[0-2](\.\d+)+$")] = "1.3.6.1.4.1.32473.1"
    joint_organisation: Annotated[str, Meta(pattern=r"^[A-Za-z0-9]{1,32}$")] = "OpenSign"
    """The joint CA's `o`, and its folder under `NPKI/`: never a recognised CA's."""
    joint_policy_arc: Annotated[str, Meta(pattern=r"^[0-2](\.\d+)+$")] = "1.3.6.1.4.1.32473.4"
    joint_ca: JointCaSettings | None = None
    """Else the bank's own test CA issues."""
    crl_shards: Annotated[int, Meta(ge=1, le=4_096)] = 8
    offline_root: bool = False
    """The root's key is made in a ceremony and is in no vault of this bank."""
    online_root_in_production: bool = False
    ocsp_ahead: bool = False
    """Sign OCSP answers before they are asked, about every certificate."""


class PostgresqlSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How the other roles of the database are called, and how far its clock may be from ours.

    The role that the bank is served as is the one in the URL.
    """

    owner: str = "dojang_owner"
    reader: str = "dojang_reader"
    clock_skew_ms_max: Annotated[int, Meta(gt=0)] = 1_000


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that may differ between two installations."""

    database: str
    vault: VaultSettings
    origin: Annotated[str, Meta(pattern=r"^https?://[^/]+$")] = "http://localhost:8700"
    rp_id: str = "localhost"
    policy_profile: Annotated[str, Meta(pattern=r"^(seed|strict)$")] = "strict"
    demo: bool = False
    outside: str | None = None
    """The SQLite file in which the simulated parties live (demo and tests only)."""
    log_head: str | None = None
    """Where the newest signed tree head is kept outside of the database; else beside the vault."""
    bank: BankSettings = msgspec.field(default_factory=BankSettings)
    pki: PkiSettings = msgspec.field(default_factory=PkiSettings)
    postgresql: PostgresqlSettings = msgspec.field(default_factory=PostgresqlSettings)
    trusted_proxies: tuple[str, ...] = ()
    status_listen: Annotated[str, Meta(pattern=r"^[^:\s]+:\d{1,5}$")] | None = None
    """HOST:PORT of the port for OCSP and time-stamps; else only the main one answers them."""

    @property
    def production(self) -> bool:
        return not self.demo


class ConfigError(CannotStart):
    """The settings cannot be used; the message says which key and why."""


THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
EXAMPLE_ARC = "1.3.6.1.4.1.32473"


def load(path: Path) -> Settings:
    """Read and check a settings file. Raises ConfigError with the path of the key."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        settings = msgspec.convert(raw, Settings, strict=True)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text in UTF-8") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{path}: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: too deep for settings") from None
    refuse_unsafe(settings)
    return settings


def refuse_unsafe(settings: Settings) -> None:
    """What a bank must not run with. Raises ConfigError naming the key and the mend."""
    host = urlsplit(settings.origin).hostname or ""
    if settings.demo:
        if host not in THIS_MACHINE:
            raise ConfigError("demo: simulated parties and open doors are for this machine only")
        return
    refusals = {
        "rp_id: passkeys are made for the origin's own domain": (
            host != settings.rp_id and not host.endswith("." + settings.rp_id)
        ),
        "origin: a bank is reached by https": not settings.origin.startswith("https://"),
        "outside: simulated parties are for the demo": settings.outside is not None,
        "pki.policy_arc: the example arc is nobody's; use your own": (
            settings.pki.policy_arc.startswith(EXAMPLE_ARC)
        ),
        "pki.joint_policy_arc: the example arc is nobody's; use your own": (
            settings.pki.joint_policy_arc.startswith(EXAMPLE_ARC)
        ),
        "pki.joint_ca.url: names travel in it; use https": (
            settings.pki.joint_ca is not None
            and not settings.pki.joint_ca.url.startswith("https://")
        ),
        "pki.offline_root: the root's key beside the issuing one; hold a ceremony, or set "
        "pki.online_root_in_production to accept that": (
            not settings.pki.offline_root and not settings.pki.online_root_in_production
        ),
        "vault: keys in a file; set vault.software_in_production to accept that": (
            settings.vault.pkcs11 is None and not settings.vault.software_in_production
        ),
        "log_head: name a file; there is none beside keys in a token": (
            settings.log_head is None and settings.vault.file is None
        ),
        "database: SQLite serves one process; use PostgreSQL": settings.database.startswith(
            "sqlite"
        ),
    }
    found = [reason for reason, broken in refusals.items() if broken]
    if found:
        raise ConfigError("; ".join(found))


def log_head_of(settings: Settings) -> Path:
    """Where the newest signed tree head is kept, outside of the database. Raises ConfigError."""
    if settings.log_head is not None:
        return Path(settings.log_head)
    if settings.vault.file is None:
        raise ConfigError("log_head: name a file; with the keys in a token there is none beside it")
    return Path(settings.vault.file).with_name("log-head.json")


def describe(settings: Settings) -> dict[str, object]:
    """The effective settings with secrets as references and the database password hidden."""
    from sqlalchemy.engine import make_url

    plain: dict[str, object] = msgspec.to_builtins(settings)
    plain["database"] = make_url(settings.database).render_as_string(hide_password=True)
    return plain

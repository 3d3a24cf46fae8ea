"""The folder of a demo bank: what its settings are, and its clock."""

import os
from pathlib import Path
from typing import Final

from dojang.config import BankSettings, ConfigError, SecretReference, Settings, VaultSettings
from dojang.kernel.clock import Instant, MovableClock, SystemClock
from dojang.kernel.entropy import SystemEntropy

PORT: Final = 8700
ORIGIN: Final = "origin"
"""The file that keeps a demo bank's origin: its certificates and lists name it."""
DATABASE: Final = "DOJANG_DEMO_DATABASE"
"""Names another database than the folder's own: the tests kill a demo bank on PostgreSQL too."""


def settings(folder: Path, port: int, *, origin: str | None = None) -> Settings:
    """Settings of a demo bank in a folder; the vault's passphrase is made there at first use."""
    passphrase = folder / "vault.passphrase"
    if not passphrase.exists():
        made = SystemEntropy().bytes(32).hex()
        with os.fdopen(os.open(passphrase, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(made)
    return Settings(
        database=os.environ.get(DATABASE) or f"sqlite:///{folder / 'bank.db'}",
        vault=VaultSettings(
            file=str(folder / "vault.bin"), passphrase=SecretReference(file=str(passphrase))
        ),
        origin=origin or f"http://localhost:{port}",
        rp_id="localhost",
        policy_profile="seed",
        demo=True,
        outside=str(folder / "handset.db"),
        bank=BankSettings(),
    )


def settings_of(folder: Path) -> Settings:
    """Of a demo bank that is there already, with the origin it was last served under.

    Raises ConfigError where that is not what a demo bank keeps.
    """
    kept = folder / ORIGIN
    try:
        origin = kept.read_text("ascii") if kept.exists() else None
    except UnicodeDecodeError:
        raise ConfigError(f"{kept}: not what a demo bank keeps there") from None
    return settings(folder, PORT, origin=origin)


def clock_of(folder: Path) -> MovableClock:
    """The demo's clock: real time plus what was added to it, also before a restart.

    Raises ConfigError where that is not what a demo bank keeps.
    """
    moved = folder / "clock.moved"
    try:
        offset = int(moved.read_text("ascii")) if moved.exists() else 0
    except ValueError:
        raise ConfigError(f"{moved}: not what a demo bank keeps there") from None
    clock = KeptClock(moved)
    clock.move(offset)
    return clock


class KeptClock(MovableClock):
    """A running clock whose moves are kept in a file, so that a restart does not undo them."""

    def __init__(self, path: Path) -> None:
        super().__init__(running=True)
        self._path = path

    def move(self, microseconds: int) -> Instant:
        now = super().move(microseconds)
        self._path.write_text(str(now - SystemClock().now()))
        return now

"""A PKCS#11 token in software (SoftHSM 2), made without root in a folder of the tests."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

UTIL = Path("/usr/bin/softhsm2-util")
MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "2468-tests"


@dataclass(frozen=True)
class SoftToken:
    """What a vault needs to open it. `folder` holds it, and every other token of the run."""

    module: str
    label: str
    pin: str
    folder: Path

    @contextmanager
    def away(self) -> Iterator[None]:
        """The cable is pulled, and put back."""
        aside = self.folder.with_name("pulled-out")
        self.folder.rename(aside)
        try:
            yield
        finally:
            aside.rename(self.folder)


class SoftHsm:
    """The tokens of one run. SoftHSM reads its settings when the module is initialised."""

    def __init__(self, folder: Path) -> None:
        self._tokens = folder / "tokens"
        self._tokens.mkdir()
        settings = folder / "softhsm2.conf"
        settings.write_text(f"directories.tokendir = {self._tokens}\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(settings)
        self._made = 0

    def token(self, pin: str = PIN) -> SoftToken:
        """A new, empty one."""
        self._made += 1
        label = f"token-{self._made}"
        words = ("--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "13579")
        subprocess.run([UTIL, *words], check=True, capture_output=True)
        return SoftToken(str(MODULE), label, pin, self._tokens)


def installed() -> bool:
    return UTIL.exists() and MODULE.exists()

"""The bank as `dojang ca` opens it: its database always, its vault only where a command needs one.

No gateway, no thread, no requests: it works beside a serving bank, and on a bank that is down.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from dojang import authorities, cli_files, config, custody, demo_folder
from dojang.certificates import Authority, Lifecycle, Status
from dojang.cli_files import Unusable
from dojang.customers import Customers, Sessions
from dojang.db import Database
from dojang.db.roles import as_role, is_embedded
from dojang.kernel.clock import Clock, Instant, SystemClock, utc
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.methods.passkeys import Passkeys
from dojang.signing import keys
from dojang.transfers import holding
from dojang.vault import Vault
from dojang.vault.fields import FieldKeys

out = Console(markup=False, emoji=False)
err = Console(stderr=True)

ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="The settings file.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="A demo bank's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

WhichArgument = Annotated[
    str, typer.Argument(help="A serial number or its beginning, or a credential.")
]


@dataclass(frozen=True)
class Registry:
    """One bank, for one command."""

    settings: config.Settings
    clock: Clock
    db: Database

    def lifecycle(self) -> Lifecycle:
        """The life of certificates, with everything that ends with one."""
        ids = Ids(self.clock, SystemEntropy())
        life = Lifecycle(ids)
        life.on_stop(Sessions(self.db, ids).end_all)
        life.on_end(Passkeys.end)
        life.on_end(keys.erase)
        life.on_stop(holding.stop)
        return life

    def vault(self) -> Vault:
        """Raises ConfigError where it does not open."""
        return custody.opened(self.settings.vault, SystemEntropy())

    def authority(self, vault: Vault) -> Authority:
        plan = authorities.plan(self.settings)
        return Authority(self.db, vault, self.clock, SystemEntropy(), plan)

    def status(self) -> Status:
        vault = self.vault()
        return Status(self.db, vault, self.authority(vault))

    def customers(self) -> Customers:
        entropy = SystemEntropy()
        fields = FieldKeys(self.vault(), entropy)
        return Customers(fields, Ids(self.clock, entropy), entropy)


@contextmanager
def opened(
    settings_path: Path | None, data: Path | None, *, owner: str | None = None
) -> Iterator[Registry]:
    """The bank of a settings file, or a demo bank in its folder with its own clock.

    `owner`: the role to connect as on PostgreSQL, instead of the one that serves.
    """
    if (settings_path is None) == (data is None):
        raise typer.BadParameter("name one of --config and --data")
    clock: Clock = SystemClock()
    if data is not None:
        if not (data / "bank.db").is_file():
            raise typer.BadParameter(f"{data} holds no demo bank")
        settings = demo_folder.settings_of(data.resolve())
        clock = demo_folder.clock_of(data)
    else:
        assert settings_path is not None, "one of the two was named"
        settings = config.load(settings_path)
        cli_files.there(settings.database)
    url = settings.database
    if owner is not None and not is_embedded(url):
        url = as_role(url, owner)
    db = Database(url, clock)
    try:
        yield Registry(settings, clock, db)
    finally:
        db.close()


@contextmanager
def working(words: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A sign of life while something takes its time, and how to say how far it has come.

    Nothing where nobody watches.
    """
    if quiet or not err.is_terminal:
        yield lambda _how_far: None
        return
    shown = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*shown, console=err, transient=True) as bar:
        task = bar.add_task(words)
        yield lambda how_far: bar.update(task, description=f"{words}: {how_far}")


@contextmanager
def counting(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Bars for (what, how far, of how many); nothing where nobody watches."""
    if quiet or not err.is_terminal:
        yield lambda _what, _done, _of: None
        return
    with Progress(console=err) as bar:
        tasks: dict[str, Any] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield told


def contents(path: Path, *, bytes_max: int = cli_files.FILE_BYTES_MAX) -> bytes:
    """A file whole. Exits 1 where it cannot be read."""
    try:
        return cli_files.read(path, bytes_max=bytes_max)
    except Unusable as wrong:
        raise refuse(f"{wrong}.") from None


def write(path: Path, content: bytes | str) -> None:
    """A file whole. Exits 1 where it cannot be written."""
    try:
        cli_files.write(path, content)
    except Unusable as wrong:
        raise refuse(f"{wrong}.") from None


def moment(at: int | None) -> str:
    """UTC to the second; empty for never."""
    return "" if at is None else utc(Instant(at)).strftime("%Y-%m-%dT%H:%M:%SZ")


def refuse(words: str) -> typer.Exit:
    """Say why in one line; exit 1."""
    err.print(words, style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(1)

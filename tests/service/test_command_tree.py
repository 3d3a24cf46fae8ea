"""Every command of `dojang` with every path it takes made odd: words and an exit code, each time.

The tree of commands is walked, so a command that is added is tried too. Where it needs other
arguments to come so far, they are in `RIGHT`, and are those of a real bank.
"""

import enum
import functools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner, Result

from dojang import cli
from dojang.journey import asleep

WORDS = "the words of both custodians\n"


def _link_to_itself(path: Path) -> Path:
    path.symlink_to(path)
    return path


def _holding(content: bytes) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return made


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _below_a_file(path: Path) -> Path:
    path.write_text("a letter", "ascii")
    return path / "below"


PLACES: dict[str, Callable[[Path], Path]] = {
    "missing": lambda path: path,
    "in a missing folder": lambda path: path / "below",
    "below a file": _below_a_file,
    "a folder": _folder,
    "a link to itself": _link_to_itself,
    "too long a name": lambda path: path.with_name("n" * 300),
    "markup in its name": lambda path: path.with_name("[") / "red]",
    "no place to write": lambda _path: Path("/proc/dojang"),
    "unreadable": lambda _path: Path("/proc/self/mem"),
    "empty": _holding(b""),
}
CONTENTS: dict[str, Callable[[Path], Path]] = {
    "garbage": _holding(bytes(range(256)) * 16),
    "not UTF-8": _holding('name = "도장"'.encode("euc-kr")),
    "deep JSON": _holding(b"[" * 200_000),
    "deep TOML": _holding(b"a = " + b"[" * 200_000),
    "deep DER": _holding(b"\x30\x80" * 100_000),
    "deep CBOR": _holding(b"\x81" * 200_000),
    "empty PEM": _holding(b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
    "other JSON": _holding(b'{"version": 1, "steps": 3, "policy": [], "head": "x"}'),
    "a PDF of nothing": _holding(b"%PDF-1.7\n"),
}
DAMAGES = {"empty": PLACES["empty"]} | {
    kind: CONTENTS[kind] for kind in ("garbage", "deep JSON", "other JSON")
}
CAN_BE_MADE = {"missing", "in a missing folder", "a folder", "markup in its name"}
NEVER_READ = {"data", "keep", "out", "out_file", "pem_file", "folder", "old_folder"}
"""What is written, or a folder: whatever a file holds that lies there is one to them."""
MAKES_A_BANK = {("demo", "data"), ("journey", "keep"), ("joint sample", "out")}
"""What is missing is made there, and then a whole bank: the tests of those commands do it."""


def leaves(group: TyperGroup, before: str = "") -> Iterator[tuple[str, TyperCommand]]:
    """Every command that does something, by the words that call it."""
    context = typer.Context(group)
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        if isinstance(one, TyperGroup):
            yield from leaves(one, f"{before}{name} ")
        else:
            yield f"{before}{name}", one


TREE = dict(leaves(typer.main.get_command(cli.app)))
PATHS = [
    (words, one.name)
    for words, command in TREE.items()
    for one in command.params
    if Path in (one.type_descriptor.annotation, *get_args(one.type_descriptor.annotation))
]
CASES = [
    (words, name, kind)
    for words, name in PATHS
    for kind in (PLACES if name in NEVER_READ else PLACES | CONTENTS)
    if (words, name) not in MAKES_A_BANK or kind not in CAN_BE_MADE
]


class Desk:
    """A bank with a certificate and a signed log, an offline root and a joint certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "bank"
        asleep.lay_down(self.data, 8700)
        vault = f'file = "{self.data}/vault.bin"\n'
        vault += f'passphrase = {{ file = "{self.data}/vault.passphrase" }}\n'
        text = f'database = "sqlite:///{self.data}/bank.db"\ndemo = true\n[vault]\n{vault}'
        self._keep("bank.toml", text)
        self._keep("root.toml", f"{text}[pki]\noffline_root = true\n")
        (listed,) = self._said("ca list", "--data", self.data, "--limit", "1", "--json")
        self.serial = json.loads(listed)["serial"]
        self._said("log key", "--data", self.data, "--out", folder / "key.pem")
        self._said("log proof", "1", "--data", self.data, "--out", folder / "proof.json")
        root = ("--config", folder / "root.toml", "--dir", folder / "root", "--threshold", "2")
        self._said("ca ceremony root", *root, "--custodian", "kim", "--custodian", "lee")
        request = ("--config", folder / "root.toml", "--out", folder / "request.pem")
        self._said("ca ceremony request", *request)
        self._said("joint sample", "--out", folder / "joint")

    def right(self, command: str, name: str) -> list[str]:
        """What a real clerk would put there."""
        own = self.folder / "root.toml" if "ceremony" in command else self.folder / "bank.toml"
        certificate = self.folder / "root" / "root.pem"
        known: dict[str, object] = {
            "settings_path": own,
            "data": self.data,
            "which": self.serial,
            "number": "99001000000001",
            "customer_id": "01890000-0000-7000-8000-000000000000",
            "password": self.about["password"],
            "index": 1,
            "generation": 1,
            "threshold": 2,
            "file": self.folder / "proof.json" if command == "log check" else certificate,
            "key": self.folder / "key.pem",
            "request": self.folder / "request.pem",
            "root_file": certificate,
            "issuing_file": certificate,
            "list_file": certificate,
            "transcript_file": self.folder / "root" / "transcript.json",
            "folder": self.folder / ("joint" if "joint" in command else "root"),
            "old_folder": self.folder / "root",
            "out": self.folder / "out",
            "out_file": self.folder / "out",
        }
        if command == "ca ceremony new-root":
            known["folder"] = self.folder / "new-root"
        return ["kim", "lee"] if name in {"custodian", "present"} else [str(known[name])]

    @property
    def about(self) -> dict[str, str]:
        told: dict[str, str] = json.loads((self.folder / "joint" / "about.json").read_bytes())
        return told

    def words(self, command: str, odd: dict[str, Path]) -> list[str]:
        """The command with all that it needs, and what is odd in place of what is right."""
        spoken, asked = command.split(), TREE[command].params
        names = {one.name for one in asked}
        for one in asked:
            needed = one.required or (one.name == "data" and "settings_path" not in odd)
            if one.name in odd:
                values = [str(odd[one.name])]
            elif needed and issubclass(one.type_descriptor.annotation, enum.Enum):
                values = [str(next(iter(one.type_descriptor.annotation)).value)]
            elif needed:
                values = self.right(command, one.name)
            else:
                continue
            option = [one.opts[0]] if one.opts[0].startswith("-") else []
            spoken += [word for value in values for word in (*option, value)]
        return spoken + (["--yes"] if "yes" in names else [])

    def run(self, *words: object) -> Result:
        return CliRunner().invoke(cli.app, [str(word) for word in words], input=WORDS * 4)

    def _keep(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def _said(self, command: str, *words: object) -> list[str]:
        result = self.run(*command.split(), *words)
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()


@pytest.fixture(scope="module", autouse=True)
def commands_are_built_once() -> Iterator[None]:
    """Typer else makes every command of a group anew for each that is run: half of these tests."""
    with pytest.MonkeyPatch.context() as here:
        here.setattr("typer.testing._get_command", functools.cache(typer.main.get_command))
        here.setattr("typer.main.get_group", functools.cache(typer.main.get_group))
        yield


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def nobody_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank that can be served after all ends at once."""
    monkeypatch.setattr("dojang.serving.run", lambda *_words, **_named: None)


def answered(result: Result) -> None:
    """With words and a code, and not by an exception that nobody caught."""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in {0, 1, 2}
    assert result.exit_code == 0 or result.output.strip()
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("nobody_serves")
@pytest.mark.parametrize(("command", "name", "kind"), CASES)
def test_an_odd_path_is_answered(
    desk: Desk, tmp_path: Path, command: str, name: str, kind: str
) -> None:
    odd = (PLACES | CONTENTS)[kind](tmp_path / "odd")

    answered(desk.run(*desk.words(command, {name: odd})))

    assert name not in {"data", "settings_path"} or kind != "missing" or not odd.exists()


@pytest.mark.usefixtures("nobody_serves")
@pytest.mark.parametrize("content", ["garbage", "deep JSON"])
@pytest.mark.parametrize(
    "file",
    ["bank.db", "vault.bin", "vault.passphrase", "log-head.json", "origin", "clock.moved"],
)
@pytest.mark.parametrize("command", [one for one, name in PATHS if name == "data"])
def test_a_damaged_folder_of_a_bank_is_answered(
    desk: Desk, tmp_path: Path, command: str, file: str, content: str
) -> None:
    data = tmp_path / "bank"
    shutil.copytree(desk.data, data)
    DAMAGES[content](data / file)

    answered(desk.run(*desk.words(command, {"data": data})))


@pytest.mark.parametrize("content", DAMAGES)
@pytest.mark.parametrize(
    "file", ["root.pem", "ca.pem", "crl.der", "about.json", "signCert.der", "signPri.key"]
)
def test_a_damaged_folder_of_a_joint_certificate_is_answered(
    desk: Desk, tmp_path: Path, file: str, content: str
) -> None:
    folder = tmp_path / "joint"
    shutil.copytree(desk.folder / "joint", folder)
    (path,) = folder.rglob(file)
    DAMAGES[content](path)

    result = desk.run(*desk.words("joint check", {"folder": folder}))

    answered(result)
    assert result.exit_code > 0
    assert len(result.output.splitlines()) < 30


@pytest.mark.parametrize("content", ["garbage"])
@pytest.mark.parametrize(
    "file", ["root.pem", "transcript.json", "root-list.pem", "share-kim.bin", "root.vault"]
)
@pytest.mark.parametrize("command", ["ca ceremony sign", "ca ceremony revoke"])
def test_a_damaged_folder_of_a_root_is_answered(
    desk: Desk, tmp_path: Path, command: str, file: str, content: str
) -> None:
    folder = tmp_path / "root"
    shutil.copytree(desk.folder / "root", folder)
    DAMAGES[content](folder / file)

    answered(desk.run(*desk.words(command, {"folder": folder, "out_file": tmp_path / "out"})))


@pytest.mark.parametrize("command", ["doctor", "database check", "log verify", "account lift"])
def test_a_bank_that_is_not_there_is_not_made_by_looking(
    desk: Desk, tmp_path: Path, command: str
) -> None:
    settings = tmp_path / "bank.toml"
    there = (desk.folder / "bank.toml").read_text("utf-8")
    missing = tmp_path / "elsewhere" / "bank.db"
    settings.write_text(there.replace(f"{desk.data}/bank.db", str(missing)), "utf-8")

    result = desk.run(*desk.words(command, {"settings_path": settings}))

    answered(result)
    assert result.exit_code == 2
    assert "no bank's database is there" in result.output
    assert not missing.parent.exists()

"""What the documents name exists: files, tests, links, commands, settings."""

import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import typer.main

from dojang import cli
from dojang.config import SecretReference, Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OURS = ("src/", "tests/", "site/", "docs/", "bench/", "deploy/")
TEST_FILES = sorted((ROOT / "tests").rglob("*.py"))
TESTS = {
    name for path in TEST_FILES for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
}
PRODUCTION = ROOT / "docs" / "run" / "production.md"


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """The page without its fenced blocks, which hold pictures and terminal sessions."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def named(page: Path) -> list[str]:
    """What stands between single backticks."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(page))


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    paths = [word for word in named(page) if word.startswith(OURS) and " " not in word]
    missing = [p for p in paths if "CODE" not in p and not any(ROOT.glob(p.rstrip("/")))]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    tests = [word for word in named(page) if re.fullmatch(r"test_\w+", word)]

    assert [name for name in tests if name not in TESTS] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    ours = [one.split("#")[0] for one in targets if not re.match(r"[a-z]+:|#", one)]

    assert [one for one in ours if not (page.parent / one).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_dev_command_that_a_page_names_exists(page: Path) -> None:
    used = set(re.findall(r"\./dev ([a-z]+)", page.read_text("utf-8")))

    assert used - _dev_commands() == set()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_dojang_command_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    used = re.findall(r"(?:^|`)(?:\.venv/bin/)?dojang ([a-z]+(?: [a-z]+)?)", text, re.MULTILINE)
    known = set(_dojang_commands())

    assert [words for words in used if not ({words, words.split()[0]} & known)] == []


def test_the_readmes_begin_with_the_two_commands() -> None:
    for name in ("README.md", "README.ko.md"):
        first_block = (ROOT / name).read_text("utf-8").split("```")[1]

        assert re.findall(r"^\./dev (\w+)", first_block, re.MULTILINE) == ["demo", "journey"]


def test_every_layer_stands_on_the_page_of_the_house() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [room.strip().removeprefix("dojang.") for row in layers for room in row.split("|")]
    drawn = (ROOT / "docs" / "how" / "house.md").read_text("utf-8").split("```")[1]

    assert [room for room in rooms if not re.search(rf"\b{room}\b", drawn)] == []


def test_every_setting_is_explained_and_none_is_invented() -> None:
    rows = re.findall(r"^\| `([a-z0-9_.]+)` \|", PRODUCTION.read_text("utf-8"), re.MULTILINE)

    assert sorted(rows) == sorted(_keys(Settings))


def test_every_claim_of_the_security_page_names_its_test() -> None:
    page = (ROOT / "docs" / "how" / "security.md").read_text("utf-8")
    shown = page.split("\n## Shown\n")[1].split("\n## ")[0]
    rows = [row for row in shown.splitlines() if row.startswith("| ") and "`" in row]

    assert len(rows) > 20
    assert [row for row in rows if "`tests/" not in row.split("|")[-2]] == []


def _keys(settings: type[msgspec.Struct], prefix: str = "") -> Iterator[str]:
    for field in msgspec.structs.fields(settings):
        kind = next((one for one in get_args(field.type) if one is not type(None)), field.type)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind != SecretReference:
            yield from _keys(kind, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}"


def _dev_commands() -> set[str]:
    parser = runpy.run_path(str(ROOT / "dev"))["parser"]()
    return set(next(act.choices for act in parser._actions if act.choices))


def _dojang_commands() -> Iterator[str]:
    top = typer.main.get_group(cli.app)
    context = typer.Context(top)
    for name in top.list_commands(context):
        inner = getattr(top.get_command(context, name), "commands", None)
        if inner is None:
            yield name
        else:
            yield from (f"{name} {one}" for one in inner)

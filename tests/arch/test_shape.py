"""The shape of the code, held by a machine so that nobody has to argue about it."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "dojang").rglob("*.py"))
TRACKED = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    check=True,
).stdout.decode()
FILES = [ROOT / name for name in TRACKED.split("\0") if name and (ROOT / name).is_file()]
CODE = [
    p for p in FILES if p.suffix in {".py", ".ts", ".tsx", ".css"} and "versions" not in p.parts
]
LINES_MAX = 400
FUNCTION_LINES_MAX = 50
COLUMNS_MAX = 100


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_no_file_grows_past_what_one_reads_in_a_sitting(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()

    assert len(lines) <= LINES_MAX


def test_no_function_grows_past_a_screen() -> None:
    long = [
        f"{relative(path)}:{f.lineno} {f.name}"
        for path in SOURCES
        if "migrations" not in path.parts
        for f in functions(path)
        if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert long == []


def test_only_stores_and_tables_hold_sql() -> None:
    """`store` holds every statement of a domain, `tables` what they run on; `db` is the ground."""
    sql = re.compile(r"^\s*(from sqlalchemy(?! import Row$)|import sqlalchemy)", re.MULTILINE)
    allowed = re.compile(
        # methods/tries is a store under the field's word for what it keeps
        r"/(db|policy)/|/methods/tries\.py$|/(\w*store\w*|\w*tables\w*|guards)\.py$|/web/(core|bank)\.py|(config|cli_database)\.py$"
    )
    strangers = [
        relative(path)
        for path in SOURCES
        if sql.search(path.read_text("utf-8")) and not allowed.search(path.as_posix())
    ]

    assert strangers == []


def test_only_web_knows_http() -> None:
    http = re.compile(r"^\s*(from litestar|import litestar)", re.MULTILINE)
    strangers = [
        relative(path)
        for path in SOURCES
        if http.search(path.read_text("utf-8")) and "web" not in path.parts
    ]

    assert strangers == []


def test_a_function_takes_a_transaction_or_opens_one_never_both() -> None:
    """One that opens its own inside a caller's would commit half of what belongs together."""
    both = []
    for path in SOURCES:
        for function in functions(path):
            takes = any(a.arg == "tx" for a in function.args.args + function.args.kwonlyargs)
            opens = any(
                isinstance(node, ast.Attribute) and node.attr in {"transaction", "snapshot"}
                for node in ast.walk(function)
            )
            if takes and opens:
                both.append(f"{relative(path)}:{function.lineno} {function.name}")

    assert both == []


def test_time_and_chance_come_from_the_kernel() -> None:
    """Ruff's banned-api says it first; this holds where a lint was switched off."""
    stray = re.compile(
        r"datetime\.(now|utcnow)\(|\btime\.time(_ns)?\(|uuid4\(|^import (random|secrets)\b"
        r"|os\.urandom",
        re.MULTILINE,
    )
    found = [
        relative(path)
        for path in SOURCES
        if stray.search(path.read_text("utf-8")) and path.name not in {"clock.py", "entropy.py"}
    ]

    assert found == []


def test_no_file_names_where_packages_come_from() -> None:
    # Spelled in parts, so that this file does not name them either.
    hosts = re.compile(
        "|".join(["registry" + r"\.npmjs", "pypi" + r"\.org", "files\\.python" + "hosted"])
        + '|"resolved"'
        + ":"
    )
    named = [
        relative(path)
        for path in FILES
        if path.suffix in {".json", ".lock", ".toml", ".md", ".py", ".ts", ".yml", ".txt", ""}
        and path.stat().st_size < 2_000_000
        and hosts.search(path.read_text("utf-8", errors="ignore"))
    ]

    assert named == []


def test_nobody_imports_notifications_but_the_house() -> None:
    importing = re.compile(r"dojang\.notifications|from dojang import .*notifications")
    found = [
        relative(path)
        for path in SOURCES
        if importing.search(path.read_text("utf-8"))
        and "notifications" not in path.parts
        and path.name not in {"app.py", "house.py"}
    ]

    assert found == []


def test_only_the_vault_speaks_to_tokens() -> None:
    token = re.compile(r"^\s*(from pkcs11|import pkcs11)", re.MULTILINE)
    strangers = [
        relative(path)
        for path in SOURCES
        if token.search(path.read_text("utf-8")) and "vault" not in path.parts
    ]

    assert strangers == []

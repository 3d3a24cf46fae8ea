"""Every refusal has a code, a page in two languages, and words in the app."""

import re
from pathlib import Path

import pytest

import dojang.web  # noqa: F401 - importing the outermost room registers every problem
from dojang.kernel.problem import Problem, every_problem

ROOT = Path(__file__).parents[2]
PROBLEMS = sorted({p.code: p for p in every_problem(Problem)}.items())
CODES = [code for code, _ in PROBLEMS]


def test_no_code_means_two_things() -> None:
    ours = every_problem(Problem)
    twice = {p.code for p in ours if sum(q.code == p.code for q in ours) > 1}

    assert twice == set()


@pytest.mark.parametrize("code", CODES)
def test_a_problem_has_its_page_in_both_languages(code: str) -> None:
    page = (ROOT / "docs" / "problems" / f"{code}.md").read_text("utf-8")

    assert page.startswith(f"# {code}\n")
    for heading in ("English", "한국어"):
        section = re.split(rf"^## {heading}$", page, flags=re.MULTILINE)[1].split("\n## ")[0]
        assert len(section.strip()) > 30


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_app_has_words_for_every_problem(language: str) -> None:
    words = "".join(
        path.read_text("utf-8") for path in (ROOT / "site/src/words").rglob(f"*{language}*.ts")
    )
    missing = [code for code in CODES if not re.search(rf"\b{code}\b", words)]

    assert missing == []


def test_no_page_is_left_of_a_problem_that_died() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "problems").glob("*.md")} - {"README"}

    assert pages - set(CODES) == set()

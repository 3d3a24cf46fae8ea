"""A statement of some lines never passes for one of all: the bank signs what it says."""

import inspect
from dataclasses import fields
from typing import Any, Final

import pytest
from tests.pdf_text import pages

from dojang.kernel.clock import DAY, HOUR, Instant
from dojang.ledger.views import Line
from dojang.ledger.wanted import ALL, EVERY, PERIOD, Wanted
from dojang.web import statement_files as files
from dojang.web.statements import asked

AT: Final = Instant(1_800_000_000_000_000)  # 2027-01-15 17:00:00 in Seoul
MIDNIGHT: Final = AT - 17 * HOUR
HEAD: Final = files.Head("도장은행", "김민용", "110987349661", "생활비 통장", "ref", AT)
TITLES: Final = {"ko": "거래내역서", "en": "Account statement"}
MARKS: Final = {"ko": "일부 거래만", "en": "extract: not all transactions"}

SAID: Final[dict[str, tuple[tuple[Any, str, str], ...]]] = {
    "text": (("월세", "“월세”", "“월세”"),),
    "least": ((1_000, "1,000원 이상", "KRW 1,000"), (1, "1원 이상", "KRW 1")),
    "most": ((50_000, "50,000원 이하", "KRW 50,000"), (0, "0원 이하", "KRW 0")),
    "way": (
        ("in", "입금만 (출금은 빠져 있음)", "in only (money out is left out)"),
        ("out", "출금만 (입금은 빠져 있음)", "out only (money in is left out)"),
    ),
}
"""Of each filter: a value, and what a file says of it in Korean and in English."""
EACH: Final = [
    pytest.param(name, value, {"ko": ko, "en": en}, id=f"{name}-{value}")
    for name, examples in SAID.items()
    for value, ko, en in examples
]
both_languages = pytest.mark.parametrize("lang", ["ko", "en"])


def line(version: int = 7) -> Line:
    return Line(
        version=version, at=AT, amount=-12_000, balance_after=88_000,
        counterparty="오세린", memo="", transfer_id="018f",
    )  # fmt: skip


def drawn(wanted: Wanted, lang: str, *, lines: int = 1) -> list[str]:
    return pages(files.pdf(HEAD, [line(n) for n in range(lines)], wanted, lang))


def test_every_filter_there_is_has_its_words_in_these_tests():
    assert set(SAID) == {one.name for one in fields(Wanted)} - PERIOD


@pytest.mark.parametrize("name", inspect.signature(asked).parameters)
def test_whatever_a_query_may_ask_is_of_the_period_or_makes_an_extract(name: str):
    fitting = {"q": "월세", "since": 5, "until": 5, "least": 5, "most": 5, "way": "in"}

    wanted = asked(**{name: fitting[name]})

    assert wanted != EVERY
    assert bool(wanted.narrowed) is (name not in PERIOD)


@both_languages
@pytest.mark.parametrize(("name", "value", "words"), EACH)
def test_a_filter_is_told_in_title_facts_count_and_on_every_page(
    name: str, value: Any, words: dict[str, str], lang: str
):
    wanted = Wanted(**{name: value})

    told = drawn(wanted, lang, lines=60)

    assert len(told) > 1
    assert f"{TITLES[lang]} ({MARKS[lang]})" in told[0].split("\n")
    assert any(words[lang] in one for one in told[0].split("\n"))
    assert all(MARKS[lang] in page.split("\n") for page in told)
    assert told[-1].count(f"({MARKS[lang]})") == 1
    assert f"({MARKS[lang]})" in files.reason(wanted, lang)


@both_languages
def test_filters_stand_beside_each_other(lang: str):
    wanted = Wanted(**{name: examples[0][0] for name, examples in SAID.items()})

    told = drawn(wanted, lang)[0]

    for examples in SAID.values():
        assert examples[0][1 if lang == "ko" else 2] in told


@both_languages
@pytest.mark.parametrize("lines", [0, 1])
def test_a_file_without_lines_says_it_too(lang: str, lines: int):
    told = drawn(Wanted(way="in"), lang, lines=lines)[0]

    assert told.count(f"({MARKS[lang]})") == 2


@both_languages
@pytest.mark.parametrize("wanted", [EVERY, Wanted(since=MIDNIGHT, until=MIDNIGHT + DAY)])
def test_a_whole_statement_says_that_it_is_whole(lang: str, wanted: Wanted):
    told = "\n".join(drawn(wanted, lang, lines=60))

    assert MARKS[lang] not in told
    assert {"ko": "이 기간의 모든 거래", "en": "all transactions of this period"}[lang] in told


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        (0, ALL, "전체"),
        (MIDNIGHT, MIDNIGHT + DAY, "2027-01-15 ~ 2027-01-15"),
        (MIDNIGHT, ALL, "2027-01-15 ~ "),
        (0, MIDNIGHT, " ~ 2027-01-14"),
        (AT, ALL, "2027-01-15 17:00:00 ~ "),
        (AT + 1, ALL, "2027-01-15 17:00:00.000001 ~ "),
        (MIDNIGHT, AT, "2027-01-15 ~ 2027-01-15 17:00:00 전"),
        (MIDNIGHT, MIDNIGHT + 1, "2027-01-15 ~ 2027-01-15 00:00:00.000001 전"),
    ],
)
def test_part_of_a_day_is_not_told_as_the_day(since: int, until: int, told: str):
    assert told in drawn(Wanted(since=since, until=until), "ko")[0].split("\n")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("x\n범위\t이 기간의 모든 거래", "“x 범위 이 기간의 모든 거래”"),
        ("x” 범위: 모든 거래 “", '“x" 범위: 모든 거래 "”'),
        ("x\u2028범위\u202e", "“x 범위 ”"),
    ],
)
def test_who_searches_writes_no_line_of_their_own_into_the_facts(typed: str, told: str):
    assert f"내용이나 메모에 {told}" in drawn(Wanted(text=typed), "ko")[0].split("\n")


def test_a_search_of_blanks_leaves_nothing_out_and_says_nothing():
    assert asked(q=" \u3000") == EVERY


def test_the_files_name_tells_an_extract_and_four_digits():
    whole = files.headers("110987349661", "csv", EVERY)
    some = [files.headers("110987349661", "csv", Wanted(**{n: v[0][0]})) for n, v in SAID.items()]

    assert whole["content-disposition"] == 'attachment; filename="statement-9661.csv"'
    assert {one["content-disposition"] for one in some} == {
        'attachment; filename="statement-extract-9661.csv"'
    }

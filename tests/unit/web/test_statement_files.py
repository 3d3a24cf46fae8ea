"""A statement as CSV: opened by any spreadsheet, it stays what it says."""

import csv
import io

import pytest

from dojang.kernel.clock import Instant
from dojang.ledger.views import Line
from dojang.ledger.wanted import ALL, EVERY, Wanted
from dojang.web import statement_files as files

AT = Instant(1_800_000_000_000_000)  # 2027-01-15 17:00:00 in Seoul


def line(**changed: object) -> Line:
    said = {
        "version": 7,
        "at": AT,
        "amount": -12_000,
        "balance_after": 88_000,
        "counterparty": "오세린",
        "memo": "월세",
        "transfer_id": "018f",
        **changed,
    }
    return Line(**said)


def read(*lines: Line, lang: str = "ko") -> list[list[str]]:
    text = "".join(files.csv_text([list(lines)], lang))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_line_stands_under_its_heading_in_seoul_time_and_without_signs():
    head, out, into = read(line(), line(amount=5_000))

    assert head[:6] == ["거래일시", "내용", "메모", "출금(원)", "입금(원)", "잔액(원)"]
    assert out[:6] == ["2027-01-15 17:00:00", "오세린", "월세", "12000", "", "88000"]
    assert into[3:5] == ["", "5000"]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\n두",
        " =1",
        "\u00a0=1",
        "\u3000=1",
        "\u200b=1",
        "\ufeff=1",
        "\x00=1",
        "＝HYPERLINK(A1)",
        "＠SUM(A1)",
        "＋1",
        "－1",
        "﹦1",
        "﹢1",
        "﹣1",
        "﹫SUM(A1)",
        "⁼1",
        "⁺1",
        "\u22121",
        "\u3000＝1",
        '=HYPERLINK("http://x","y")',
        "=cmd|' /C x'!A0",
    ],
)
@pytest.mark.parametrize("place", ["counterparty", "memo"])
def test_what_begins_a_formula_is_text(text: str, place: str):
    row = read(line(**{place: text}))[1]

    assert row[1 if place == "counterparty" else 2] == f"'{text}"


@pytest.mark.parametrize(
    "text", ['say "hi", x', "두\n줄", "a'b", "1-2", "１＋２", " 월세", "\u200b", ""]
)
def test_other_words_stay_as_they_are(text: str):
    assert read(line(memo=text))[1][2] == text


def test_the_files_name_tells_four_digits_and_no_more():
    told = files.headers("110987349661", "csv", EVERY)

    assert told["content-disposition"] == 'attachment; filename="statement-9661.csv"'
    assert told["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("", "%%"), (" 월세 ", "%월세%"), ("100%", "%100\\%%"), ("a_b", "%a\\_b%"), ("\\", "%\\\\%")],
)
def test_wildcards_in_a_search_are_letters(text: str, pattern: str):
    assert Wanted(text=text).pattern == pattern


def test_the_way_bounds_the_signed_amount():
    assert EVERY.sides == (-ALL, ALL)
    assert Wanted(way="in").sides == (1, ALL)
    assert Wanted(way="out").sides == (-ALL, -1)


def test_a_pdf_is_made_in_both_languages():
    head = files.Head("도장은행", "김민용", "110987349661", "생활비 통장", "ref", AT)

    for lang in ("ko", "en"):
        assert files.pdf(head, [line(), line(amount=3)], EVERY, lang).startswith(b"%PDF-")

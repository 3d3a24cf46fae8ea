"""A statement as a file: CSV that no spreadsheet takes for a formula, and a PDF."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from dojang.db import Database
from dojang.kernel.clock import SEOUL, Instant, utc
from dojang.ledger import accounts
from dojang.ledger.views import Line
from dojang.ledger.wanted import Wanted
from dojang.web import statement_scope as scope

BOM: Final = "\ufeff"
"""Without it, the spreadsheet most people have reads Korean in the wrong character set."""
_FORMULA: Final = frozenset("=+-@\N{MINUS SIGN}")
"""What a spreadsheet may take for a formula at the beginning of a cell (OWASP, CSV Injection)."""
_ENDS_A_CELL: Final = ("\t", "\r", "\n")
"""What begins with one of these is told from what precedes it by some readers, and by some not."""
_UNSEEN: Final = frozenset("ZC")
"""Unicode's separators and controls: readers skip some before they look for a formula."""
_COLUMNS: Final = {
    "ko": ("거래일시", "내용", "메모", "출금(원)", "입금(원)", "잔액(원)", "거래번호"),
    "en": ("When (KST)", "With", "Memo", "Out (KRW)", "In (KRW)", "Balance (KRW)", "Transfer"),
}
_WIDTHS_MM: Final = (36.0, 38.0, 28.0, 24.0, 24.0, 24.0)
_WORDS: Final = {
    "ko": {
        "title": "거래내역서",
        "owner": "예금주",
        "account": "계좌",
        "none": "조건에 맞는 거래가 없습니다.",
        "row": "{0}건",
        "rows": "{0}건",
    },
    "en": {
        "title": "Account statement",
        "owner": "Account holder",
        "account": "Account",
        "none": "There is nothing to show.",
        "row": "{0} line",
        "rows": "{0} lines",
    },
}
_REASONS: Final = {"ko": "거래내역 확인", "en": "Account statement"}


@dataclass(frozen=True)
class Head:
    """What stands above the lines."""

    bank_name: str
    owner: str = field(repr=False)
    number: str = field(repr=False)
    account_name: str
    reference: str
    made_at: Instant


def pages(
    db: Database, customer_id: str, account_id: str, wanted: Wanted
) -> Iterator[Sequence[Line]]:
    """Page by page, each its own short read: history only grows, and only above what was read."""
    before: int | None = None
    while True:
        with db.snapshot() as tx:
            page, before = accounts.statement(
                tx, customer_id, account_id, before=before, limit=accounts.PAGE_MAX, wanted=wanted
            )
        yield page
        if before is None:
            return


def csv_text(found: Iterable[Sequence[Line]], lang: str) -> Iterator[str]:
    """RFC 4180 with a header; amounts are figures without signs or separators."""
    yield BOM + _rows([_COLUMNS[lang]])
    for page in found:
        yield _rows([_csv_row(line) for line in page])


def plain(text: str) -> str:
    """A cell that stays text wherever it is opened: an apostrophe before what begins a formula."""
    return f"'{text}" if text.startswith(_ENDS_A_CELL) or _is_formula(text) else text


def _is_formula(text: str) -> bool:
    """By the first letter that is seen, in whatever width it is written (NFKC)."""
    folded = unicodedata.normalize("NFKC", text)
    seen = (one for one in folded if unicodedata.category(one)[0] not in _UNSEEN)
    return next(seen, "") in _FORMULA


def headers(number: str, kind: str, wanted: Wanted) -> dict[str, str]:
    """The file's name ends in the last four digits only, and tells a part from the whole.

    A CSV says it nowhere else: its rows are for programs, and the first names the columns.
    """
    extract = "-extract" if wanted.narrowed else ""
    name = f"statement{extract}-{number[-4:]}.{kind}"
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }


def reason(wanted: Wanted, lang: str) -> str:
    """For what the bank signs the PDF."""
    return scope.marked(_REASONS[lang], wanted, lang)


def pdf(head: Head, lines: Sequence[Line], wanted: Wanted, lang: str) -> bytes:
    """Unsigned. Where lines were left out, title, every page, facts and count say so."""
    from dojang.documents.page import Column, Page

    words = _WORDS[lang]
    page = Page(
        title=scope.marked(words["title"], wanted, lang),
        locale=lang,
        bank_name=head.bank_name,
        reference=head.reference,
        made_at=head.made_at,
        mark=scope.mark(wanted, lang),
    )
    page.facts(
        [
            (words["owner"], head.owner),
            (words["account"], f"{head.account_name} {head.number}"),
            *scope.facts(wanted, lang),
        ]
    )
    titles = zip(_COLUMNS[lang], _WIDTHS_MM, strict=False)
    columns = [Column(title, width, right=at > 2) for at, (title, width) in enumerate(titles)]
    page.table(columns=columns, rows=(_pdf_row(line) for line in lines))
    many = words["row" if len(lines) == 1 else "rows"].format(f"{len(lines):,}")
    page.note(scope.marked(many if lines else words["none"], wanted, lang))
    return page.render()


def _rows(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _csv_row(line: Line) -> tuple[str, ...]:
    return (
        _when(line.at),
        plain(line.counterparty),
        plain(line.memo),
        str(-line.amount) if line.amount < 0 else "",
        str(line.amount) if line.amount > 0 else "",
        str(line.balance_after),
        line.transfer_id,
    )


def _pdf_row(line: Line) -> tuple[str, ...]:
    return (
        _when(line.at),
        line.counterparty,
        line.memo,
        f"{-line.amount:,}" if line.amount < 0 else "",
        f"{line.amount:,}" if line.amount > 0 else "",
        f"{line.balance_after:,}",
    )


def _when(at: Instant) -> str:
    return utc(at).astimezone(SEOUL).strftime("%Y-%m-%d %H:%M:%S")

"""One A4 document in the house's dress: letterhead, facts, tables, notes, page numbers.

Import this inside the function that needs it: fpdf2 and its font tools take 60 MB and half a second
at the first use. The same calls give the same bytes. PDF/A-3 (ISO 19005-3), so that the file can
be kept for decades with its attachment; the embedded font holds the glyphs that were used.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from dojang.kernel.clock import SEOUL, Instant, utc

FONT: Final = "dojang-sans"
FONT_FILE: Final = "fonts/dojang-sans.woff"
UNKNOWN: Final = "\u25a1"
"""Stands for a character that the font lacks: a file that is kept names no missing glyph."""
MARGIN_MM: Final = 18.0
WIDTH_MM: Final = 210.0 - 2 * MARGIN_MM
LABEL_MM: Final = 44.0
LINE_MM: Final = 6.4
_INK: Final = (22, 27, 36)
_SOFT: Final = (74, 83, 97)
_RULE: Final = (213, 217, 224)
_HOUSE: Final = (34, 65, 140)
_SEAL: Final = (194, 39, 45)

_WORDS: Final = {
    "ko": {"made": "작성", "page": "쪽", "reference": "문서번호"},
    "en": {"made": "Made", "page": "Page", "reference": "Reference"},
}


# fpdf2 writes the characters that a font lacks into its log, and names and memos are none of it.
logging.getLogger("fpdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Column:
    """A column of a table; `right` for figures."""

    title: str
    width_mm: float
    right: bool = False


class _Paper(FPDF):
    """The furniture of every page."""

    def __init__(self, bank_name: str, reference: str, foot: str, mark: str) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-3B")
        self._bank_name = bank_name
        self._reference = reference
        self._foot = foot
        self._mark = mark

    def header(self) -> None:
        self.set_fill_color(*_SEAL)
        self.rect(MARGIN_MM, 14, 3, 3, style="F")
        self.set_xy(MARGIN_MM + 5, 12)
        self.set_font(FONT, size=11)
        self.set_text_color(*_HOUSE)
        self.cell(w=WIDTH_MM / 2, h=7, text=self._bank_name)
        self.set_font(FONT, size=8)
        self.set_text_color(*_SOFT)
        self.set_xy(MARGIN_MM + WIDTH_MM / 2, 12)
        self.cell(w=WIDTH_MM / 2, h=7, text=self._reference, align="R")
        self.set_draw_color(*_RULE)
        self.line(MARGIN_MM, 21, MARGIN_MM + WIDTH_MM, 21)
        if self._mark:
            self.set_xy(MARGIN_MM, 21.5)
            self.set_font(FONT, size=9)
            self.set_text_color(*_SEAL)
            self.cell(w=WIDTH_MM, h=5, text=self._mark, align="R")
        self.set_y(27)

    def footer(self) -> None:
        self.set_y(-16)
        self.set_font(FONT, size=8)
        self.set_text_color(*_SOFT)
        self.cell(w=WIDTH_MM / 2, h=6, text=self._foot)
        self.cell(w=WIDTH_MM / 2, h=6, text=f"{self.page_no()} / {{nb}}", align="R")


class Page:
    """Written from top to bottom, page after page.

    `mark` stands at the top of every one: what must not be lost with the first page.
    """

    def __init__(
        self,
        *,
        title: str,
        locale: str,
        bank_name: str,
        reference: str,
        made_at: Instant,
        mark: str = "",
    ) -> None:
        words = _WORDS[locale]
        made = f"{words['made']} {seoul_time(made_at)}"
        self._paper = _Paper(bank_name, f"{words['reference']} {reference}", made, mark)
        self._made: Final[dt.datetime] = utc(made_at).replace(microsecond=0)
        paper = self._paper
        with resources.as_file(resources.files("dojang.documents") / FONT_FILE) as font:
            paper.add_font(FONT, fname=font)
        self._known: Final = frozenset({ord("\n"), *_letters(paper)})
        paper.set_creation_date(self._made)
        paper.set_title(title)
        paper.set_author(bank_name)
        paper.set_creator("Dojang")
        paper.set_producer("Dojang")
        paper.set_lang("ko-KR" if locale == "ko" else "en")
        paper.set_margins(MARGIN_MM, 27, MARGIN_MM)
        paper.set_auto_page_break(auto=True, margin=22)
        paper.add_page()
        self._text(title, size=19, height=10)
        self._gap(3)

    def heading(self, text: str) -> None:
        self._gap(4)
        self._text(text, size=11, height=7, colour=_HOUSE)

    def amount(self, label: str, text: str) -> None:
        """The one figure that the document is about."""
        paper = self._paper
        self._text(label, size=9, height=5, colour=_SOFT)
        self._text(text, size=24, height=13)
        paper.set_draw_color(*_RULE)
        paper.line(MARGIN_MM, paper.get_y() + 1, MARGIN_MM + WIDTH_MM, paper.get_y() + 1)
        self._gap(4)

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Label and value, a line each; a long value, or one with a line break, goes on below."""
        paper = self._paper
        for label, value in facts:
            paper.set_font(FONT, size=9)
            paper.set_text_color(*_SOFT)
            paper.cell(w=LABEL_MM, h=LINE_MM, text=label)
            paper.set_font(FONT, size=10.5)
            paper.set_text_color(*_INK)
            paper.multi_cell(
                w=WIDTH_MM - LABEL_MM,
                h=LINE_MM,
                text=self._known_only(value) or "-",
                align="L",
                new_x=XPos.LMARGIN,
                new_y=YPos.NEXT,
            )

    def table(self, *, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """One line a row, cut to its column; the head stands again on each new page."""
        paper = self._paper
        self._head(columns)
        for row in rows:
            if paper.will_page_break(LINE_MM):
                paper.add_page()
                self._head(columns)
            paper.set_font(FONT, size=8.5)
            paper.set_text_color(*_INK)
            self._row(columns, row)

    def note(self, text: str) -> None:
        """Small print."""
        self._text(text, size=8.5, height=4.8, colour=_SOFT)

    def attach(self, name: str, content: bytes, description: str) -> None:
        """A file inside the file, which the signature covers too."""
        self._paper.embed_file(
            bytes=content,
            basename=name,
            desc=description,
            mime_type="application/json",
            creation_date=self._made,
            modification_date=self._made,
            associated_file_relationship="Source",
        )

    def render(self) -> bytes:
        """The file, unsigned."""
        return bytes(self._paper.output())

    def _head(self, columns: Sequence[Column]) -> None:
        paper = self._paper
        paper.set_font(FONT, size=8)
        paper.set_text_color(*_SOFT)
        self._row(columns, [column.title for column in columns])
        paper.set_draw_color(*_RULE)
        paper.line(MARGIN_MM, paper.get_y(), MARGIN_MM + WIDTH_MM, paper.get_y())

    def _row(self, columns: Sequence[Column], values: Sequence[str]) -> None:
        paper = self._paper
        for column, value in zip(columns, values, strict=True):
            paper.cell(
                w=column.width_mm,
                h=LINE_MM,
                text=self._cut(self._known_only(value), column.width_mm - 2),
                align="R" if column.right else "L",
            )
        paper.ln(LINE_MM)

    def _cut(self, text: str, width_mm: float) -> str:
        """As much of the text as fits, with an ellipsis where it was cut."""
        if self._paper.get_string_width(text) <= width_mm:
            return text
        while text and self._paper.get_string_width(text + "…") > width_mm:
            text = text[:-1]
        return text + "…"

    def _text(
        self, text: str, *, size: float, height: float, colour: tuple[int, int, int] = _INK
    ) -> None:
        paper = self._paper
        paper.set_font(FONT, size=size)
        paper.set_text_color(*colour)
        paper.multi_cell(
            w=WIDTH_MM,
            h=height,
            text=self._known_only(text),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _known_only(self, text: str) -> str:
        return "".join(letter if ord(letter) in self._known else UNKNOWN for letter in text)

    def _gap(self, millimetres: float) -> None:
        self._paper.ln(millimetres)


def _letters(paper: FPDF) -> Iterable[int]:
    """The code points of the house's font."""
    font = paper.fonts[FONT]
    assert isinstance(font, TTFFont), "a font from a file"
    return font.cmap


def seoul_time(at: Instant) -> str:
    """2027-01-15 17:00:00 (KST): the hour that the customer's wall shows."""
    return utc(at).astimezone(SEOUL).strftime("%Y-%m-%d %H:%M:%S (KST)")

"""The text of a PDF of ours, as a reader's eye takes it: page by page, drawn piece by piece."""

import io
import re
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader

_DRAWN: Final = re.compile(rb"\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_NAMED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_LETTER: Final = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4,})>")


def pages(content: bytes) -> list[str]:
    """What is drawn on each page, a line each; signed or not."""
    kids = PdfFileReader(io.BytesIO(content)).root["/Pages"]["/Kids"]
    return [_text(kids[at]) for at in range(len(kids))]


def _text(page) -> str:
    fonts = page["/Resources"]["/Font"]
    (font,) = [fonts[name] for name in fonts]
    letters = {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in _LETTER.findall(font["/ToUnicode"].data)
    }
    return "\n".join(_read(drawn, letters) for drawn in _DRAWN.findall(page["/Contents"].data))


def _read(drawn: bytes, letters: dict[int, str]) -> str:
    codes = _ESCAPED.sub(lambda found: _NAMED.get(found[1], found[1]), drawn)
    pairs = zip(codes[::2], codes[1::2], strict=True)
    return "".join(letters[high << 8 | low] for high, low in pairs)

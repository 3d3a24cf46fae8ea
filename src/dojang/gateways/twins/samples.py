"""Sample images for the players of the ID-card and face parties: drawn here, nobody's, no design.

A strip of black and white cells at the bottom says what the picture stands for, and survives
being made smaller and saved again as a JPEG. Left to right, 36 cells:

    1010 | kind 4 | outcome 4 | person 16 | check 8

`person` is the beginning of a hash of the CI, `check` of a hash of what stands before it.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Any, Final

KINDS: Final = ("id_card", "face")
OUTCOMES: Final = (
    "passed",
    "glare",
    "blurred",
    "expired",
    "mismatch",
    "copy",
    "lost",
    "not_live",
    "too_dark",
)
SIZE: Final = (720, 454)
CELLS: Final = 36
_SYNC: Final = "1010"
_STRIP: Final = 0.88
"""Where the strip begins, as a part of the height."""
_HALF: Final = 128


@dataclass(frozen=True)
class Told:
    """What the strip of a sample says."""

    kind: str
    outcome: str
    person: int


def person_of(ci: str) -> int:
    return int.from_bytes(hashlib.sha256(ci.encode()).digest()[:2], "big")


def drawn(told: Told) -> bytes:
    """A PNG that says SAMPLE all over. Raises ValueError for a kind or outcome unknown here."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE, "#eef2f7")
    pen = ImageDraw.Draw(image)
    if told.kind == "face":
        _face(pen)
    else:
        _card(pen)
    _label(pen, told)
    _strip(pen, _bits(told))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def read(image: bytes) -> Told | None:
    """What the strip says; None where there is none that can be read."""
    from PIL import Image

    with Image.open(io.BytesIO(image), formats=("JPEG", "PNG")) as opened:
        grey = opened.convert("L")
    width, height = grey.size
    if width < CELLS * 2 or height < CELLS:
        return None
    line = round(height * (1 + _STRIP) / 2)
    bits = ""
    for cell in range(CELLS):
        middle = int((cell + 0.5) * width / CELLS)
        around = (middle - 1, line - 1, middle + 2, line + 2)
        bits += "1" if _mean(grey.crop(around)) < _HALF else "0"
    return _told(bits)


def _mean(patch: Any) -> float:
    found: bytes = patch.tobytes()
    return sum(found) / len(found)


def _told(bits: str) -> Told | None:
    said, check = bits[:28], bits[28:]
    if not said.startswith(_SYNC) or check != _check(said):
        return None
    kind, outcome, person = int(said[4:8], 2), int(said[8:12], 2), int(said[12:], 2)
    if kind >= len(KINDS) or outcome >= len(OUTCOMES):
        return None
    return Told(KINDS[kind], OUTCOMES[outcome], person)


def _bits(told: Told) -> str:
    kind, outcome = KINDS.index(told.kind), OUTCOMES.index(told.outcome)
    said = f"{_SYNC}{kind:04b}{outcome:04b}{told.person:016b}"
    return said + _check(said)


def _check(said: str) -> str:
    return f"{hashlib.sha256(said.encode()).digest()[0]:08b}"


def _strip(pen: Any, bits: str) -> None:
    width, height = SIZE
    top = round(height * _STRIP)
    for place, bit in enumerate(bits):
        left, right = width * place / CELLS, width * (place + 1) / CELLS - 1
        pen.rectangle((left, top, right, height), fill="black" if bit == "1" else "white")


def _card(pen: Any) -> None:
    pen.rounded_rectangle((40, 40, 680, 370), 24, fill="#ffffff", outline="#5b6b80", width=3)
    pen.rectangle((480, 120, 640, 320), fill="#d5dde8")
    for top in (150, 190, 230, 270):
        pen.rectangle((80, top, 420, top + 14), fill="#d5dde8")


def _face(pen: Any) -> None:
    pen.ellipse((230, 30, 490, 340), fill="#f4d9c0", outline="#5b6b80", width=3)
    for left in (300, 400):
        pen.ellipse((left, 150, left + 24, 174), fill="#33415c")
    pen.arc((310, 190, 410, 270), 20, 160, fill="#33415c", width=5)


def _label(pen: Any, told: Told) -> None:
    from PIL import ImageFont

    pen.text((80, 62), "SAMPLE", fill="#b42318", font=ImageFont.load_default(64))
    said = f"not a real document - {told.kind} / {told.outcome}"
    pen.text((80, 330), said, fill="#33415c", font=ImageFont.load_default(22))

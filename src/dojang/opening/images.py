"""Pictures that come in: judged by their first bytes and their header before anything decodes them.

What is kept and passed on is never what was sent, but a new JPEG made from its pixels: no EXIF, no
place, no second file behind the picture.
"""

import io
import struct
import threading
from dataclasses import dataclass
from typing import Final

from dojang.opening.model import ImageRefused
from dojang.policy.opening import Opening

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
QUALITY: Final = 85
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""A decoded picture takes up to 50 MB; more than two at a time wait here."""

_FRAMES: Final = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC)})
"""Start-of-frame markers (ISO/IEC 10918-1 table B.1) that Pillow can decode, and their kin."""
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers that have no segment behind them."""


@dataclass(frozen=True)
class Header:
    """`kind` is JPEG or PNG."""

    kind: str
    width: int
    height: int


def header(content: bytes) -> Header | None:
    """Kind and size as the file itself says, without decoding; None for anything else."""
    try:
        if content.startswith(PNG) and content[12:16] == b"IHDR":
            return Header("PNG", *struct.unpack(">II", content[16:24]))
        if content.startswith(JPEG):
            return _jpeg(content)
    except (struct.error, IndexError):
        return None
    return None


def cleaned(content: bytes, rules: Opening) -> bytes:
    """A fresh JPEG of the same pixels, no larger than kept. Raises ImageRefused."""
    if len(content) > rules.image_bytes_max:
        raise ImageRefused(reason="bytes")
    found = header(content)
    if found is None:
        raise ImageRefused(reason="type")
    if not 0 < found.width * found.height <= rules.image_pixels_max:
        raise ImageRefused(reason="pixels")
    with _AT_ONCE:
        return _redrawn(content, found, rules.image_side_max)


def _redrawn(content: bytes, found: Header, side: int) -> bytes:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=(found.kind,)) as opened:
            if opened.size != (found.width, found.height):
                raise ImageRefused(reason="broken")
            opened.draft("RGB", (side, side))
            shown = opened.convert("RGB")
        shown.thumbnail((side, side))
        pixels = Image.new("RGB", shown.size)
        pixels.paste(shown)
        out = io.BytesIO()
        pixels.save(out, "JPEG", quality=QUALITY)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, struct.error):
        raise ImageRefused(reason="broken") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused(reason="pixels") from None
    return out.getvalue()


def _jpeg(content: bytes) -> Header | None:
    """Walk the segments up to the start of frame (ISO/IEC 10918-1 B.1.1.4)."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return Header("JPEG", width, height)
        else:
            at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return None

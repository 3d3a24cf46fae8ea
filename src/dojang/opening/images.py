"""Pictures that come in: judged by first bytes, header and parts before anything decodes them.

What is kept and passed on is never what was sent, but a new JPEG made from its pixels: no EXIF, no
place, no second file behind the picture.
"""

import io
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dojang.kernel.problem import Unavailable
from dojang.opening.model import ImageRefused
from dojang.opening.plain import Header, header, plain
from dojang.policy.opening import Opening

QUALITY: Final = 85
AT_ONCE: Final = 2
"""A decoded picture takes up to 130 MB and a second of a processor."""
_PLACES: Final = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def place() -> Iterator[None]:
    """One of the places where pictures are decoded. Raises Unavailable where all are taken.

    Nobody waits here: who did would hold a thread that answers requests, and a few dozen pictures
    would keep everybody else from being answered.
    """
    if not _PLACES.acquire(blocking=False):
        raise Unavailable
    try:
        yield
    finally:
        _PLACES.release()


def cleaned(content: bytes, rules: Opening) -> bytes:
    """A fresh JPEG of the same pixels, no larger than kept; to be asked for in a `place()`.

    Raises ImageRefused.
    """
    if len(content) > rules.image_bytes_max:
        raise ImageRefused(reason="bytes", bytes_max=rules.image_bytes_max)
    found = header(content)
    if found is None:
        raise ImageRefused(reason="type")
    if not 0 < found.width * found.height <= rules.image_pixels_max:
        raise ImageRefused(reason="pixels", pixels_max=rules.image_pixels_max)
    return _redrawn(plain(content, found.kind), found, rules)


def _redrawn(content: bytes, found: Header, rules: Opening) -> bytes:
    from PIL import Image

    side = rules.image_side_max
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
        raise ImageRefused(reason="pixels", pixels_max=rules.image_pixels_max) from None
    return out.getvalue()

"""What of a picture is decoded: the parts that pixels need, counted and copied before that.

Bytes and pixels do not bound what a picture costs. Each further scan of a JPEG walks over all its
pixels again, for 31 bytes; comments, fill bytes and empty chunks are each looked at by an
interpreter. So the file is walked once by its own lengths, and what a decoder gets is a new file of
the parts that pixels are made of. Everything else stays behind: EXIF, comments, thumbnails, colour
profiles, further frames, and whatever comes after the end.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from dojang.opening.model import ImageRefused

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
SCANS_MAX: Final = 12
"""Programs that save progressive JPEG make 10 of them, cameras and browsers 1."""
PARTS_MAX: Final = 4_096
"""Segments of a JPEG, chunks of a PNG. A photograph has some dozen."""

_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive, by Huffman codes (ISO/IEC 10918-1 table B.1)."""
_SCAN: Final = 0xDA
_JPEG_END: Final = 0xD9
_JPEG_NEEDED: Final = _FRAMES | {0xC4, 0xDB, 0xDD, 0xE0, 0xEE, _SCAN}
"""Huffman and quantisation tables, restart interval; JFIF and Adobe say what the colours mean."""
_JPEG_LEFT: Final = frozenset({*range(0xE1, 0xF0), 0xFE}) - {0xEE}
"""Of applications, and comments."""
_MARKER: Final = re.compile(rb"\xff+([^\xff\x00])", re.DOTALL)
_AFTER_SCAN: Final = re.compile(rb"\xff[^\xff\x00\xd0-\xd7]", re.DOTALL)
"""Within coded data a zero or a restart marker follows 0xFF (B.1.1.5)."""

_PNG_DATA: Final = b"IDAT"
_PNG_END: Final = b"IEND"
_PNG_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", _PNG_DATA, _PNG_END})
_ANCILLARY: Final = 0x20
"""The bit of a chunk's first letter that says a decoder may do without it (PNG 5.4)."""


@dataclass(frozen=True)
class Header:
    """`kind` is JPEG or PNG."""

    kind: str
    width: int
    height: int


class _Part(NamedTuple):
    """A segment with its marker (a scan: with its coded data), or a chunk with its name."""

    name: int | bytes
    start: int
    end: int


class _Bent(Exception):
    """The file's own lengths lead nowhere."""


def header(content: bytes) -> Header | None:
    """Kind and size as the file itself says, without decoding; None for anything else.

    Raises ImageRefused where too many parts come before the size.
    """
    try:
        if content.startswith(PNG) and content[12:16] == b"IHDR":
            return Header("PNG", *struct.unpack_from(">II", content, 16))
        if content.startswith(JPEG):
            return _size(content, next(one for one in _segments(content) if one.name in _FRAMES))
    except (_Bent, struct.error, StopIteration):
        return None
    return None


def plain(content: bytes, kind: str) -> bytes:
    """The same picture with nothing in it but what its pixels need. Raises ImageRefused."""
    try:
        return _plain_png(content) if kind == "PNG" else _plain_jpeg(content)
    except (_Bent, struct.error):
        raise ImageRefused(reason="broken") from None


def _plain_jpeg(content: bytes) -> bytes:
    """Of one frame, with at most SCANS_MAX scans."""
    kept = [content[:2]]
    scans = frames = 0
    for part in _segments(content):
        scans += part.name == _SCAN
        frames += part.name in _FRAMES
        if scans > SCANS_MAX:
            raise ImageRefused(reason="scans", scans_max=SCANS_MAX)
        if part.name in _JPEG_NEEDED or part.name == _JPEG_END:
            kept.append(content[part.start : part.end])
        elif part.name not in _JPEG_LEFT:
            raise _Bent
    if frames != 1:
        raise _Bent
    return b"".join(kept)


def _plain_png(content: bytes) -> bytes:
    """The still picture: the frames of an animation are chunks that a decoder may do without."""
    kept = [PNG]
    for part in _chunks(content):
        if part.name in _PNG_NEEDED:
            kept.append(content[part.start : part.end])
        elif not content[part.start + 4] & _ANCILLARY:
            raise _Bent
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[_Part]:
    """Up to the end of the image (ISO/IEC 10918-1 B.1.1.4). Raises ImageRefused, _Bent."""
    return _counted(_every_segment(content))


def _every_segment(content: bytes) -> Iterator[_Part]:
    at = 2
    while True:
        found = _MARKER.match(content, at)
        if found is None:
            raise _Bent
        marker, start, after = found[1][0], found.end() - 2, found.end()
        if marker == _JPEG_END:
            yield _Part(marker, start, after)
            return
        at = after + _length(content, after)
        if marker == _SCAN:
            coded = _AFTER_SCAN.search(content, at)
            at = len(content) + 1 if coded is None else coded.start()
        if at > len(content):
            raise _Bent
        yield _Part(marker, start, at)


def _length(content: bytes, at: int) -> int:
    """Of a segment, its two bytes included."""
    (length,) = struct.unpack_from(">H", content, at)
    if length < 2:
        raise _Bent
    return int(length)


def _chunks(content: bytes) -> Iterator[_Part]:
    """Up to IEND (PNG 5.3). Raises ImageRefused, _Bent."""
    return _counted(_every_chunk(content))


def _every_chunk(content: bytes) -> Iterator[_Part]:
    at, name = len(PNG), b""
    while name != _PNG_END:
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise _Bent
        yield _Part(name, at, end)
        at = end


def _counted(parts: Iterator[_Part]) -> Iterator[_Part]:
    yield from islice(parts, PARTS_MAX)
    if next(parts, None) is not None:
        raise ImageRefused(reason="parts", parts_max=PARTS_MAX)


def _size(content: bytes, frame: _Part) -> Header:
    height, width = struct.unpack_from(">HH", content, frame.start + 5)
    return Header("JPEG", width, height)

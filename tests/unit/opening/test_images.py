"""Pictures: judged before they are decoded, and never kept as they came."""

import io
import struct
import zlib
from contextlib import suppress

import msgspec
import pytest
from PIL import Image, PngImagePlugin

from dojang.opening import images
from dojang.opening.images import Header
from dojang.opening.model import ImageRefused
from dojang.policy.profiles import SEED

RULES = SEED.opening
PLACE = b"37.5665N 126.9780E"


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 400), **saved) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **saved)
    return out.getvalue()


def reason(content: bytes, **rules) -> str:
    with pytest.raises(ImageRefused) as refused:
        images.cleaned(content, msgspec.structs.replace(RULES, **rules))
    return str(refused.value.fields["reason"])


def png_claiming(width: int, height: int) -> bytes:
    """A small file whose header promises so many pixels."""
    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + ihdr
    return images.PNG + chunk + struct.pack(">I", zlib.crc32(b"IHDR" + ihdr)) + b"\0" * 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_header_is_read_without_decoding(kind: str):
    assert images.header(picture(kind)) == Header(kind, 640, 400)


def test_a_progressive_jpeg_has_a_header_too():
    assert images.header(picture(progressive=True)) == Header("JPEG", 640, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_is_kept_is_a_fresh_jpeg_of_the_same_pixels(kind: str):
    kept = images.cleaned(picture(kind), RULES)

    assert images.header(kept) == Header("JPEG", 640, 400)
    with Image.open(io.BytesIO(kept)) as shown, Image.open(io.BytesIO(picture(kind))) as sent:
        assert abs(shown.getpixel((320, 300))[0] - sent.convert("RGB").getpixel((320, 300))[0]) < 8


def test_nothing_travels_behind_the_pixels():
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    text = PngImagePlugin.PngInfo()
    text.add_text("where", PLACE.decode())
    sent = [
        picture(exif=exif, comment=PLACE),
        picture("PNG", pnginfo=text),
        picture() + b"PK\x03\x04" + PLACE,
    ]

    for one in sent:
        assert PLACE in one
        assert PLACE not in images.cleaned(one, RULES)


def test_a_large_picture_is_made_smaller():
    kept = images.header(images.cleaned(picture(size=(3000, 1500)), RULES))

    assert kept is not None
    assert (kept.width, kept.height) == (RULES.image_side_max, RULES.image_side_max // 2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x04ab" + b"\0" * 40,
        images.PNG + b"\0" * 8,
        b"MZ" + picture(),
    ],
    ids=["empty", "gif", "pdf", "svg", "short", "no frame", "no size", "something before"],
)
def test_what_is_neither_jpeg_nor_png_by_its_bytes_is_refused(content: bytes):
    assert reason(content) == "type"


def test_too_many_bytes_are_refused_unread():
    assert reason(picture(), image_bytes_max=1_000) == "bytes"


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (16_000_001, 1)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]):
    assert reason(png_claiming(*size)) == "pixels"


def test_no_pixels_are_no_picture():
    assert reason(png_claiming(0, 400)) == "pixels"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_half_a_picture_is_broken(kind: str):
    whole = picture(kind)

    assert reason(whole[: len(whole) // 2]) == "broken"


def test_a_header_that_lies_about_the_size_is_broken():
    whole = bytearray(picture("PNG"))
    whole[16:20] = struct.pack(">I", 3)

    assert reason(bytes(whole)) == "broken"


def test_no_broken_bytes_bring_it_down():
    """Every byte of the first segments bent, one after the other: refused or drawn, never more."""
    for whole in (picture(size=(32, 20)), picture("PNG", size=(32, 20))):
        for place in range(min(len(whole), 400)):
            bent = bytearray(whole)
            bent[place] ^= 0xFF
            with suppress(ImageRefused):
                assert images.header(images.cleaned(bytes(bent), RULES)) is not None

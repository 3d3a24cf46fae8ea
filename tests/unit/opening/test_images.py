"""Pictures: judged before they are decoded, and never kept as they came."""

import io
import struct
import zlib
from contextlib import ExitStack, suppress

import msgspec
import pytest
from PIL import Image, PngImagePlugin

from dojang.kernel.problem import Unavailable
from dojang.opening import images
from dojang.opening.model import ImageRefused
from dojang.opening.plain import PARTS_MAX, PNG, SCANS_MAX, Header, plain
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
    return PNG + chunk(b"IHDR", ihdr) + b"\0" * 60


def chunk(name: bytes, content: bytes = b"") -> bytes:
    crc = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + crc


def with_scans(extra: int) -> bytes:
    """A grey progressive JPEG of 6 scans, and so many empty ones of 10 bytes each."""
    out = io.BytesIO()
    Image.new("L", (400, 400)).save(out, "JPEG", progressive=True)
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x10"
    return out.getvalue()[:-2] + scan * extra + b"\xff\xd9"


def with_segments(segment: bytes, count: int) -> bytes:
    whole = picture()
    return whole[:2] + segment * count + whole[2:]


def with_chunks(name: bytes, count: int, *, before: bytes) -> bytes:
    whole = picture("PNG")
    place = whole.index(before) - 4
    return whole[:place] + chunk(name) * count + whole[place:]


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
        PNG + b"\0" * 8,
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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x" * (RULES.image_bytes_max + 1), ("bytes", "bytes_max", RULES.image_bytes_max)),
        (png_claiming(16_001, 1_000), ("pixels", "pixels_max", RULES.image_pixels_max)),
        (with_scans(20), ("scans", "scans_max", SCANS_MAX)),
        (with_segments(b"\xff\xfe\x00\x02", PARTS_MAX), ("parts", "parts_max", PARTS_MAX)),
    ],
    ids=["bytes", "pixels", "scans", "parts"],
)
def test_a_refusal_says_which_figure_was_passed(content: bytes, said: tuple[str, str, int]):
    why, name, figure = said

    with pytest.raises(ImageRefused) as refused:
        images.cleaned(content, RULES)

    assert refused.value.fields == {"reason": why, name: figure}


def test_no_pixels_are_no_picture():
    assert reason(png_claiming(0, 400)) == "pixels"


def test_a_scan_bomb_is_refused_by_the_number_of_its_scans():
    assert images.header(images.cleaned(with_scans(SCANS_MAX - 6), RULES)) is not None
    with pytest.raises(ImageRefused) as refused:
        plain(with_scans(SCANS_MAX - 5), "JPEG")

    assert refused.value.fields == {"reason": "scans", "scans_max": SCANS_MAX}
    assert reason(with_scans(100_000)) == "scans"


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_no_progressive_picture_that_programs_save_has_too_many_scans(mode: str):
    out = io.BytesIO()
    Image.new(mode, (64, 64)).save(out, "JPEG", progressive=True)

    assert images.header(images.cleaned(out.getvalue(), RULES)) == Header("JPEG", 64, 64)


@pytest.mark.parametrize(
    "content",
    [
        with_segments(b"\xff\xfe\x00\x02", PARTS_MAX),
        with_segments(b"\xff\xe1\x00\x02", PARTS_MAX),
        with_chunks(b"IDAT", PARTS_MAX, before=b"IDAT"),
        with_chunks(b"IDAT", PARTS_MAX, before=b"IEND"),
        with_chunks(b"fcTL", PARTS_MAX, before=b"IDAT"),
        with_chunks(b"quIt", PARTS_MAX, before=b"IEND"),
    ],
    ids=["comments", "applications", "data before", "data after", "frames", "unknown"],
)
def test_parts_are_counted_before_anything_looks_at_them(content: bytes):
    assert reason(content) == "parts"


@pytest.mark.parametrize(
    "content",
    [
        with_segments(b"\xff\xfe\x00\x02", 9) + b"behind",
        with_segments(b"\xff" * 100_000, 1),
        with_segments(b"\xff\xe1\x00\x0aExif\0\0MM", 9),
    ],
    ids=["comments", "fill bytes", "exif"],
)
def test_a_decoder_gets_only_what_the_pixels_of_a_jpeg_need(content: bytes):
    assert plain(content, "JPEG") == plain(picture(), "JPEG")


def test_a_decoder_gets_only_what_the_pixels_of_a_png_need():
    animated = with_chunks(b"acTL", 1, before=b"IDAT")
    framed = animated[:-12] + chunk(b"fdAT", b"\0" * 900) + animated[-12:] + b"behind"

    assert plain(framed, "PNG") == picture("PNG")


@pytest.mark.parametrize("marker", [0x01, 0xC3, 0xC9, 0xCC, 0xD8, 0xDC, 0xDE, 0xF7])
def test_segments_that_no_camera_writes_are_broken(marker: int):
    """Lossless and arithmetic frames, a second image, lines defined late, hierarchies, reserved."""
    assert reason(with_segments(bytes([0xFF, marker, 0, 2]), 1)) == "broken"


def test_a_second_frame_is_broken():
    whole = picture()
    start = whole.index(b"\xff\xc0")
    frame = whole[start : start + 19]

    assert reason(whole[:start] + frame + whole[start:]) == "broken"


def test_a_chunk_that_a_decoder_must_know_and_does_not_is_broken():
    assert reason(with_chunks(b"QUIT", 1, before=b"IDAT")) == "broken"


def test_where_all_places_are_taken_nobody_waits():
    with ExitStack() as taken:
        for _ in range(images.AT_ONCE):
            taken.enter_context(images.place())
        with pytest.raises(Unavailable), images.place():
            pass

    with images.place():
        assert images.cleaned(picture(), RULES)


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

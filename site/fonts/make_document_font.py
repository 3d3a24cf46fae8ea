"""Makes the font of our PDFs from Pretendard (SIL Open Font License 1.1); run by hand, rarely.

    pip install fonttools
    npm pack pretendard@1.3.9 && tar xzf pretendard-1.3.9.tgz
    python make_document_font.py package/dist/public/static/alternative/Pretendard-Regular.ttf

A PDF carries the glyphs it uses, so the house needs them all: every Hangul syllable, because a
payee's name or a memo may hold any. WOFF 1 is a TrueType font in zlib, which Python reads alone.
The family is renamed: the licence reserves the original name for the original.
"""

import re
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

OUT = Path(__file__).parents[2] / "src" / "dojang" / "documents" / "fonts"
FAMILY = "Dojang Sans"
CODES = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2028),
    0x20A9,
    0x203B,
    *range(0x2190, 0x2194),
    0x25A1,
    *range(0x3000, 0x3020),
    *range(0x3131, 0x3164),
    *range(0xAC00, 0xD7A4),
]


def main() -> None:
    font = TTFont(Path(sys.argv[1]), recalcTimestamp=False)
    options = subset.Options(
        hinting=False, layout_features=[], glyph_names=False, notdef_outline=True
    )
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=CODES)
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in {1, 3, 4, 6}:
            record.string = re.sub(r"\s", "", FAMILY) if record.nameID == 6 else FAMILY
    font.flavor = "woff"
    font.save(OUT / "dojang-sans.woff")
    print((OUT / "dojang-sans.woff").stat().st_size, "bytes")


if __name__ == "__main__":
    main()

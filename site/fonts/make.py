"""Makes site/public/fonts/ from Pretendard (SIL Open Font License 1.1); run by hand, rarely.

    pip install fonttools brotli
    npm pack pretendard@1.3.9 && tar xzf pretendard-1.3.9.tgz
    python make.py package/dist/web/variable/woff2/PretendardVariable.woff2

Two files of one family: `ui` holds what the app itself says, `names` the other syllables of
KS X 1001, so that a customer's or payee's name looks the same. The browser fetches each only when
a page needs it: `ui` is declared last and so is asked first. The family is renamed: the licence reserves
the original name for the original.
"""

import re
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

SITE = Path(__file__).parent.parent
OUT = SITE / "public" / "fonts"
FAMILY = "Dojang Sans"


def said() -> set[int]:
    """Every character in the app's sources, and ASCII."""
    found = set(range(0x20, 0x7F))
    for path in sorted((SITE / "src").rglob("*.ts*")):
        found |= {ord(letter) for letter in path.read_text("utf-8") if ord(letter) > 0x7F}  # noqa: PLR2004
    return found


def syllables() -> set[int]:
    """The 2,350 Hangul syllables of KS X 1001, rows 16 to 40."""
    pairs = ((row, cell) for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF))
    return {ord(bytes(pair).decode("euc-kr")) for pair in pairs}


def write(source: Path, name: str, codes: set[int]) -> None:
    """One file with these characters, weights 400 to 700."""
    font = instancer.instantiateVariableFont(TTFont(source), {"wght": (400, 700)})
    options = subset.Options(flavor="woff2", layout_features=["kern", "tnum", "ccmp"])
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    for record in font["name"].names:
        if record.nameID in {1, 3, 4, 6, 16}:
            record.string = re.sub(r"\s", "", FAMILY) if record.nameID == 6 else FAMILY
    font.flavor = "woff2"
    font.save(OUT / name)
    print(name, (OUT / name).stat().st_size, "bytes")


def main() -> None:
    source = Path(sys.argv[1])
    has = set(TTFont(source).getBestCmap())
    ui = said() & has
    names = (syllables() - ui) & has
    write(source, "dojang-sans-ui.woff2", ui)
    write(source, "dojang-sans-names.woff2", names)


if __name__ == "__main__":
    main()

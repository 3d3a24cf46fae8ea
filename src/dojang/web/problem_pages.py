"""The pages of docs/problems as HTML: what happened and what to do, in two languages."""

import functools
import html as markup
import re
from pathlib import Path
from typing import Final

_SHIPPED: Final = Path(__file__).parent / "problems"
_CHECKOUT: Final = Path(__file__).parents[3] / "docs" / "problems"
_HEADINGS: Final = {"en": "English", "ko": "한국어"}
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{2,60}")


def folder() -> Path:
    """Where the pages lie: inside a released wheel, or in the checkout."""
    return _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT


@functools.lru_cache(maxsize=256)
def html(code: str, locale: str) -> str | None:
    """The page of one problem code, or None where there is none."""
    path = folder() / f"{code}.md"
    if not _CODE.fullmatch(code) or not path.is_file():
        return None
    parts = re.split(r"^## (.+)$", path.read_text("utf-8"), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    body = _paragraphs(sections.get(_HEADINGS[locale], ""))
    title = markup.escape(code)
    return (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
        f"<body><main><h1><code>{title}</code></h1>{body}</main></body></html>"
    )


def _paragraphs(text: str) -> str:
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    return "".join(f"<p>{markup.escape(block)}</p>" for block in blocks)

"""Write the map of docs/how/retention.md from the fates. Run: python -m tests.retention_doc

A test compares the file with what this would write, so the page cannot fall behind the code.
"""

from pathlib import Path

from dojang.retention.fates import FATES, Becomes, Fate

PAGE = Path(__file__).parents[1] / "docs" / "how" / "retention.md"
BEGIN, END = "<!-- the map: python -m tests.retention_doc -->\n", "<!-- end of the map -->\n"
ORDER = list(Becomes)


def table() -> str:
    """The map as Markdown: what is deleted first, what is about nobody last."""
    rows = ["| table | becomes | what lies there, and why |", "|---|---|---|"]
    ranked = sorted(FATES.items(), key=lambda one: (ORDER.index(one[1].becomes), one[0]))
    rows += [f"| `{name}` | {_becomes(fate)} | {fate.why} |" for name, fate in ranked]
    return "\n".join(rows) + "\n"


def page() -> str:
    """The whole document, with the map as the code has it."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


def _becomes(fate: Fate) -> str:
    if fate.becomes is not Becomes.BLANKED:
        return fate.becomes.value
    return "emptied: " + ", ".join(f"`{name}`" for name in fate.blanks)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(PAGE)

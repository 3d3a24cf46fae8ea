"""What a statement's file says of the lines it holds, so that nobody takes some of them for all.

The bank signs these words. A reader who was not there when the file was made has nothing else to
learn from that lines were left out.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from dojang.kernel.clock import SEOUL, Instant, utc
from dojang.kernel.money import Won, won
from dojang.ledger.wanted import ALL, Wanted

Fact = tuple[str, str]
_Filters = Mapping[str, Callable[[Wanted], Fact]]

_WORDS: Final = {
    "ko": {
        "period": "기간",
        "ever": "전체",
        "before": "{0} 전",
        "scope": "범위",
        "all": "이 기간의 모든 거래",
        "mark": "일부 거래만",
        "some": "일부 거래만. 아래 조건에 맞는 거래만 있고 나머지 거래는 빠져 있습니다.",
    },
    "en": {
        "period": "Period",
        "ever": "all",
        "before": "before {0}",
        "scope": "Scope",
        "all": "all transactions of this period",
        "mark": "extract: not all transactions",
        "some": (
            "extract: not all transactions. "
            "Only those that fit the conditions below; all others are left out."
        ),
    },
}
_WAYS: Final = {
    "ko": {"in": "입금만 (출금은 빠져 있음)", "out": "출금만 (입금은 빠져 있음)"},
    "en": {"in": "in only (money out is left out)", "out": "out only (money in is left out)"},
}
_FILTERS: Final[Mapping[str, _Filters]] = {
    "ko": {
        "way": lambda of: ("조건: 입출금", _WAYS["ko"][of.way]),
        "least": lambda of: ("조건: 최소 금액", f"{won(Won(of.least))}원 이상"),
        "most": lambda of: ("조건: 최대 금액", f"{won(Won(of.most))}원 이하"),
        "text": lambda of: ("조건: 찾은 말", f"내용이나 메모에 {_quoted(of.text)}"),
    },
    "en": {
        "way": lambda of: ("Condition: direction", _WAYS["en"][of.way]),
        "least": lambda of: ("Condition: at least", f"KRW {won(Won(of.least))}"),
        "most": lambda of: ("Condition: at most", f"KRW {won(Won(of.most))}"),
        "text": lambda of: ("Condition: text", f"{_quoted(of.text)} in name or memo"),
    },
}
"""One line for each member of `Wanted` that may leave lines out within the period."""
_UNSEEN: Final = frozenset("ZC")
"""Unicode's separators and controls, line breaks among them."""
_QUOTES: Final = str.maketrans("“”", '""')


def facts(wanted: Wanted, lang: str) -> list[Fact]:
    """The period, whether everything in it is here, and each condition that is in force."""
    words = _WORDS[lang]
    scope = words["some" if wanted.narrowed else "all"]
    conditions = [_FILTERS[lang][name](wanted) for name in wanted.narrowed]
    return [(words["period"], _period(wanted, lang)), (words["scope"], scope), *conditions]


def mark(wanted: Wanted, lang: str) -> str:
    """For the title and for every page; empty where nothing was left out."""
    return _WORDS[lang]["mark"] if wanted.narrowed else ""


def marked(text: str, wanted: Wanted, lang: str) -> str:
    """The text with the mark behind it, if there is one."""
    return f"{text} ({mark(wanted, lang)})" if wanted.narrowed else text


def _period(wanted: Wanted, lang: str) -> str:
    """Whole days of Seoul by their dates, the last one counted in; other bounds to the moment."""
    words = _WORDS[lang]
    if wanted.since == 0 and wanted.until == ALL:
        return words["ever"]
    begin = "" if wanted.since == 0 else _bound(wanted.since)
    if wanted.until == ALL:
        end = ""
    elif _begins_a_day(wanted.until):
        end = _bound(wanted.until - 1)[:10]
    else:
        end = words["before"].format(_bound(wanted.until))
    return f"{begin} ~ {end}"


def _bound(at: int) -> str:
    moment = utc(Instant(at)).astimezone(SEOUL).replace(tzinfo=None)
    return moment.date().isoformat() if _begins_a_day(at) else moment.isoformat(" ")


def _begins_a_day(at: int) -> bool:
    moment = utc(Instant(at)).astimezone(SEOUL)
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


def _quoted(text: str) -> str:
    """On one line and inside its quotes, whatever was typed: the customer writes no other fact."""
    told = "".join(" " if unicodedata.category(one)[0] in _UNSEEN else one for one in text)
    return f"“{told.translate(_QUOTES)}”"

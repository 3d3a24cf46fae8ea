"""Every text, in both languages, with the longest values it can carry."""

import dataclasses
import itertools
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from tests.events_doc import every_event

from dojang.db import Event
from dojang.notifications import texts
from dojang.notifications.model import Sender
from dojang.notifications.texts import RULES, Rule, compose, sms_bytes

SENDER = Sender("도장은행", "Dojang Bank", "1599-0000")
AT = 1_800_000_000_000_000
LONGEST: dict[str, Any] = {
    "at": AT,
    "amount": 500_000_000,
    "per_transfer": 500_000_000,
    "per_day": 500_000_000,
    "days": 30,
    "dormant_at": AT,
    "tries_left": 2,
    "receipt": "ABCDEFGHIJKLMNOP",
    "due_at": AT,
    "cancellable_until": AT,
    "held": "delay",
}
CHOOSING = {
    "reason": ("dormant", "unused", "copy", "loss_report", "by_owner", "operator", "issuer_ended"),
    "secret": ("pin", "pattern"),
    "tries_left": (0, 2),
    "why": ("delay", "customer", "certificate_stopped", "account_closed", "failed"),
    "goal": ("account",),
}


def values(rule: Rule) -> dict[str, Any]:
    """The longest fields with which this very rule speaks."""
    for chosen in itertools.product(*CHOOSING.values()):
        given = {**LONGEST, **dict(zip(CHOOSING, chosen, strict=True))}
        if rule.when(given):
            return given
    raise AssertionError("no fields make this rule speak")


def written() -> Iterator[Any]:
    for number, rule in enumerate(RULES):
        for locale in ("ko", "en"):
            yield pytest.param(rule, locale, id=f"{number}-{rule.kind}-{locale}")


@pytest.mark.parametrize(("rule", "locale"), list(written()))
def test_a_text_fits_one_sms_names_the_sender_first_and_has_no_link(
    rule: Rule, locale: str
) -> None:
    text = compose(rule.kind, values(rule), locale, SENDER)

    assert text is not None
    assert text.startswith("[도장은행]" if locale == "ko" else "[Dojang Bank] ")
    assert sms_bytes(text) <= texts.SMS_BYTES_MAX
    assert not re.search(r"https?:|www\.|\.\w{2,3}/", text)
    assert "{" not in text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_a_text_uses_only_what_its_event_carries(rule: Rule) -> None:
    event = {e.kind: e for e in every_event()}.get(rule.kind)
    assert event is not None, "no domain writes this event"
    carried = {f.name for f in dataclasses.fields(event)} | {"at", "hotline", "time"}
    figures = {"won": "amount", "once": "per_transfer", "daily": "per_day", "day": "dormant_at"}
    figures |= {"due": "due_at", "until": "cancellable_until"}

    for form in (rule.ko, rule.en):
        used = {name for _, name, _, _ in string.Formatter().parse(form) if name}
        assert {figures.get(name, name) for name in used} <= carried


@pytest.mark.parametrize("kind", ["certificate.issued", "certificate.reissued"])
def test_the_issued_notice_says_where_to_object(kind: str) -> None:
    korean = compose(kind, LONGEST, "ko", SENDER)
    english = compose(kind, LONGEST, "en", SENDER)

    assert korean is not None
    assert english is not None
    assert [part in korean for part in ("1599-0000", "메뉴>사고신고")] == [True, True]
    assert [part in english for part in ("1599-0000", "Menu>Report loss")] == [True, True]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("certificate.revoked", {"reason": "reissued"}),
        ("certificate.revoked", {"reason": "not_issued"}),
        ("passkey.removed", {"reason": "certificate_ended"}),
        ("signature.wrong", {"secret": "pin", "tries_left": 4}),
        ("signature.wrong", {"secret": "pin", "tries_left": 0}),
        ("signature.wrong", {"secret": "pattern", "tries_left": 2}),
        ("session.opened", {"method": "pin"}),
        ("account_password.wrong", {"tries_left": 3}),
    ],
)
def test_what_another_message_says_or_history_shows_is_not_sent(
    kind: str, fields: dict[str, Any]
) -> None:
    assert compose(kind, {**LONGEST, **fields}, "ko", SENDER) is None


def test_a_transfer_is_told_with_its_amount_and_the_time_of_seoul() -> None:
    said = compose("transfer.posted", LONGEST, "ko", SENDER)

    assert said == "[도장은행]500,000,000원 이체했습니다(01/15 17:00). 본인이 아니면 1599-0000"


def test_every_event_has_a_kind_of_its_own() -> None:
    kinds = [event.kind for event in every_event()]

    assert len(set(kinds)) == len(kinds)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", kind) for kind in kinds)
    assert all(issubclass(event, Event) for event in every_event())

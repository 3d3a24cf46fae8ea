"""What customers are told, in Korean and English. Sender first, never a link.

Every text fits 90 bytes of EUC-KR (one SMS) with the longest values it can carry; a test holds
that. A rule names the kind of a leaf and, where the kind alone does not decide, a fact about its
fields; the first rule that fits speaks, and where none does nobody is told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dojang.kernel.clock import SEOUL, Instant, utc
from dojang.kernel.money import Won, won
from dojang.notifications.model import Sender

Fields = Mapping[str, Any]

SMS_BYTES_MAX: Final = 90
THIRD_WRONG_LEFT: Final = 2


@dataclass(frozen=True)
class Rule:
    """`ko` and `en` are formatted with the leaf's fields, `hotline`, and the figures below."""

    kind: str
    ko: str
    en: str
    when: Callable[[Fields], bool] = lambda _fields: True


def _is(name: str, *values: str | int) -> Callable[[Fields], bool]:
    return lambda fields: fields.get(name) in values


def _wrong(secret: str, left: int) -> Callable[[Fields], bool]:
    return lambda fields: (fields.get("secret"), fields.get("tries_left")) == (secret, left)


RULES: Final = (
    Rule(
        "certificate.issued",
        "모바일인증서 발급 완료. 본인이 아니면 {hotline}, 메뉴>사고신고",
        "Mobile certificate issued. Not you? Call {hotline} or Menu>Report loss",
    ),
    Rule(
        "certificate.reissued",
        "모바일인증서 재발급, 기존 폐기. 본인이 아니면 {hotline}, 메뉴>사고신고",
        "Certificate reissued, old one revoked. Not you? {hotline}, Menu>Report loss",
    ),
    Rule(
        "certificate.revoked",
        "1년간 쓰지 않아 모바일인증서가 폐기되었습니다. 다시 발급해 주세요",
        "Certificate unused for a year and now revoked. Issue a new one in the app",
        _is("reason", "dormant"),
    ),
    Rule(
        "certificate.revoked",
        "은행 사정으로 모바일인증서가 폐기되었습니다. 앱에서 재발급해 주세요",
        "The bank had to end your certificate. Issue a new one in the app",
        _is("reason", "issuer_ended"),
    ),
    Rule(
        "certificate.revoked",
        "모바일인증서가 폐기되었습니다. 본인이 아니면 {hotline}",
        "Mobile certificate revoked. Not you? Call {hotline}",
        _is("reason", "unused", "phone_changed", "phone_lost", "suspicious", "other", "operator"),
    ),
    Rule(
        "certificate.suspended",
        "인증서 복제 의심으로 정지했습니다. 재발급하시고 {hotline}로 전화 주세요",
        "A copy of your certificate was seen: suspended. Reissue it, call {hotline}",
        _is("reason", "copy"),
    ),
    Rule(
        "certificate.suspended",
        "사고신고로 인증서를 정지했습니다. 신고한 적 없으면 {hotline}",
        "Certificate suspended after a loss report. Not you? Call {hotline}",
        _is("reason", "loss_report"),
    ),
    Rule(
        "certificate.released",
        "모바일인증서 정지를 풀었습니다. 본인이 아니면 {hotline}",
        "Your certificate works again. Not you? Call {hotline}",
    ),
    Rule(
        "certificate.locked",
        "간편비밀번호를 여러 번 틀려 인증서가 잠겼습니다. 재발급 또는 {hotline}",
        "Too many wrong PINs: certificate locked. Reissue it, or call {hotline}",
    ),
    Rule(
        "certificate.dormancy_notice",
        "모바일인증서가 {days}일 뒤 폐기됩니다({day}). 로그인하면 유지됩니다",
        "Certificate ends in {days} day(s), on {day}. Log in once to keep it",
    ),
    Rule(
        "signature.wrong",
        "간편비밀번호를 3번 틀렸습니다. {tries_left}번 남음. 본인이 아니면 {hotline}",
        "3 wrong PINs, {tries_left} tries left. Not you? Call {hotline}",
        _wrong("pin", THIRD_WRONG_LEFT),
    ),
    Rule(
        "signature.wrong",
        "패턴을 여러 번 틀려 패턴 로그인이 꺼졌습니다. 본인이 아니면 {hotline}",
        "Too many wrong patterns: pattern login is off. Not you? Call {hotline}",
        _wrong("pattern", 0),
    ),
    Rule(
        "joint.issued",
        "공동인증서(시험용) 발급 완료. 본인이 아니면 {hotline}",
        "Joint certificate (test) issued. Not you? Call {hotline}",
    ),
    Rule(
        "joint.revoked",
        "공동인증서(시험용)가 폐기되었습니다. 본인이 아니면 {hotline}",
        "Joint certificate (test) revoked. Not you? Call {hotline}",
        _is("reason", "unused", "key_compromised", "other"),
    ),
    Rule(
        "account_password.locked",
        "계좌비밀번호를 여러 번 틀려 잠겼습니다. 본인이 아니면 {hotline}",
        "Too many wrong account passwords: locked. Not you? Call {hotline}",
    ),
    Rule(
        "account_password.unlocked",
        "계좌비밀번호 잠금을 풀었습니다. 본인이 아니면 {hotline}",
        "Account password unlocked. Not you? Call {hotline}",
    ),
    Rule(
        "opening.done",
        "새 계좌를 비대면으로 열었습니다. 본인이 아니면 {hotline}",
        "A new account was opened in your name. Not you? Call {hotline}",
        _is("goal", "account"),
    ),
    Rule(
        "opening.purpose_shown",
        "목적이 확인되어 계좌의 하루 이체 제한을 풀었습니다",
        "Your account is no longer limited. Its purpose was confirmed",
    ),
    Rule(
        "opening.ended",
        "신분증·얼굴 확인이 여러 번 거절되어 끝났습니다. 본인이 아니면 {hotline}",
        "Identification failed too often and was ended. Not you? Call {hotline}",
        _is("why", "failed"),
    ),
    Rule(
        "transfer.posted",
        "{won}원 이체했습니다({time}). 본인이 아니면 {hotline}",
        "KRW {won} sent at {time}. Not you? Call {hotline}",
    ),
    Rule(
        "transfer.rejected",
        "{won}원 이체가 되지 않았습니다({time}). 앱에서 이유를 확인하세요",
        "KRW {won} was not sent ({time}). See why in the app",
    ),
    Rule(
        "transfer.held",
        "{won}원 {due} 이체예정, {until}까지 취소. 본인 아니면 {hotline}",
        "KRW {won} goes {due}. Cancel by {until}. Not you? {hotline}",
        _is("why", "delay", "sms"),
    ),
    Rule(
        "transfer.cancelled",
        "{won}원 이체예정을 취소했습니다({time}). 본인이 아니면 {hotline}",
        "KRW {won}: cancelled at {time}, not sent. Not you? {hotline}",
        lambda fields: fields.get("why") == "customer" and fields.get("held") != "undo",
    ),
    Rule(
        "transfer.cancelled",
        "인증서가 정지되어 {won}원을 보내지 않았습니다. 문의 {hotline}",
        "Certificate stopped: KRW {won} was not sent. Call {hotline}",
        _is("why", "certificate_stopped"),
    ),
    Rule(
        "transfer.cancelled",
        "예정된 {won}원 이체가 되지 않았습니다. 앱에서 이유를 확인하세요",
        "The planned KRW {won} was not sent. See why in the app",
        lambda fields: fields.get("why") != "customer",
    ),
    Rule(
        "transfer.lapsed",
        "예정된 {won}원을 은행 사정으로 못 보냈습니다. 다시 보내 주세요",
        "We could not send the planned KRW {won}. Please send it again",
    ),
    Rule(
        "safeguards.changed",
        "이체 안전장치가 바뀌었습니다({time}). 본인이 아니면 {hotline}",
        "Your transfer safeguards were changed ({time}). Not you? {hotline}",
    ),
    Rule(
        "second_device.added",
        "전화 대신 쓸 기기를 등록했습니다({time}). 본인이 아니면 {hotline}",
        "A device now confirms in the call's place. Not you? {hotline}",
    ),
    Rule(
        "second_device.removed",
        "전화 대신 쓸 기기를 삭제했습니다({time}). 본인이 아니면 {hotline}",
        "A device was removed ({time}). Not you? Call {hotline}",
    ),
    Rule(
        "payee.designated",
        "지정 입금계좌가 추가되었습니다({time}). 본인이 아니면 {hotline}",
        "A designated payee was added ({time}). Not you? Call {hotline}",
    ),
    Rule(
        "payee.removed",
        "지정 입금계좌가 삭제되었습니다({time}). 본인이 아니면 {hotline}",
        "A designated payee was removed ({time}). Not you? {hotline}",
    ),
    Rule(
        "limits.changed",
        "한도 변경: 1회 {once}원, 1일 {daily}원. 본인이 아니면 {hotline}",
        "Limits: {once} each, {daily} a day. Not you? {hotline}",
    ),
    Rule(
        "method.changed",
        "간편비밀번호가 바뀌었습니다. 본인이 아니면 {hotline}",
        "Your PIN was changed. Not you? Call {hotline}",
        _is("secret", "pin"),
    ),
    Rule(
        "method.changed",
        "패턴이 바뀌었습니다. 본인이 아니면 {hotline}",
        "Your pattern was changed. Not you? Call {hotline}",
        _is("secret", "pattern"),
    ),
    Rule(
        "passkey.added",
        "지문·얼굴(패스키)이 추가되었습니다. 본인이 아니면 {hotline}",
        "A passkey was added. Not you? Call {hotline}",
    ),
    Rule(
        "passkey.removed",
        "지문·얼굴(패스키)이 삭제되었습니다. 본인이 아니면 {hotline}",
        "A passkey was removed. Not you? Call {hotline}",
        _is("reason", "by_owner"),
    ),
    Rule(
        "customer.phone_changed",
        "연락처가 이 번호로 바뀌었습니다. 본인이 아니면 {hotline}",
        "This is now the phone number we reach you at. Not you? Call {hotline}",
    ),
    Rule(
        "loss.reported",
        "사고신고 접수번호 {receipt}. 신고한 적 없으면 {hotline}",
        "Loss report received, receipt {receipt}. Not you? Call {hotline}",
    ),
)

FORMER_KIND: Final = "customer.phone_changed"
FORMER: Final = Rule(
    FORMER_KIND,
    "등록 연락처가 다른 번호로 바뀌었습니다. 본인이 아니면 {hotline}, 메뉴>사고신고",
    "Your number with us was replaced. Not you? {hotline}, Menu>Report loss",
)
"""To the number that was on file before: the one its owner still reads."""

KINDS: Final = frozenset(rule.kind for rule in RULES)


def compose(kind: str, fields: Fields, locale: str, sender: Sender) -> str | None:
    """The text for this leaf, or None where nobody is told."""
    for rule in RULES:
        if rule.kind == kind and rule.when(fields):
            return _say(rule, fields, locale, sender)
    return None


def compose_former(fields: Fields, locale: str, sender: Sender) -> str:
    """What the number that was replaced is told."""
    return _say(FORMER, fields, locale, sender)


def told(kind: str, fields: Fields) -> bool:
    """Whether this leaf is told to its subject."""
    return any(rule.kind == kind and rule.when(fields) for rule in RULES)


def sms_bytes(text: str) -> int:
    """The length as an SMS centre counts it. Raises UnicodeEncodeError for what it cannot send."""
    return len(text.encode("euc-kr"))


def _say(rule: Rule, fields: Fields, locale: str, sender: Sender) -> str:
    english = locale == "en"
    name = sender.name_en if english else sender.name_ko
    body = (rule.en if english else rule.ko).format(
        **{**fields, **_figures(fields), "hotline": sender.hotline}
    )
    return f"[{name}]{' ' if english else ''}{body}"


def _figures(fields: Fields) -> dict[str, str]:
    """Fields put the way people read them: won with commas, days and times of Seoul."""
    figures = {"time": utc(Instant(fields["at"])).astimezone(SEOUL).strftime("%m/%d %H:%M")}
    for name, field in (("won", "amount"), ("once", "per_transfer"), ("daily", "per_day")):
        if isinstance(fields.get(field), int):
            figures[name] = won(Won(fields[field]))
    for name, field in (("due", "due_at"), ("until", "cancellable_until")):
        if isinstance(fields.get(field), int):
            moment = utc(Instant(fields[field])).astimezone(SEOUL)
            figures[name] = moment.strftime("%m/%d %H:%M")
    if isinstance(fields.get("dormant_at"), int):
        ends = utc(Instant(fields["dormant_at"])).astimezone(SEOUL)
        figures["day"] = ends.strftime("%y/%m/%d")
    return figures

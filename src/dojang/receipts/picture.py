"""The receipt as a page that people read. Import inside functions: it draws with heavy libraries.

Everything shown is read from the bundle that lies inside, so the two cannot differ.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final

import cbor2
from cryptography.x509.oid import NameOID

from dojang.certificates.checking import read
from dojang.crypto import messages
from dojang.documents.page import Page, seoul_time
from dojang.kernel.money import Won, won
from dojang.receipts import model
from dojang.receipts.model import ATTACHMENT, Bundle
from dojang.timestamps import verifying as stamps

_TEXTS: Final = {
    "ko": {
        "title": "이체 확인증",
        "amount": "보낸 금액",
        "won": "{0}원",
        "transfer": "이체 내용",
        "payer": "보낸 분",
        "payee": "받는 분",
        "bank": "받는 은행",
        "account": "받는 계좌",
        "from": "보낸 계좌",
        "fee": "수수료",
        "memo": "메모",
        "at": "보낸 시각",
        "id": "거래번호",
        "proof": "증명",
        "factors": "확인한 수단",
        "policy": "적용한 규칙",
        "certificate": "서명한 인증서",
        "stamp": "시점확인 대상(SHA-256)",
        "collected": "증거 수집",
        "collected_words": "이체 {0}시간 뒤에 수집",
        "leaf": "기록 위치",
        "root": "최상위 인증서(SHA-256)",
        "account_password": "계좌비밀번호",
        "ars": "전화(ARS) 확인",
        "sms": "문자 확인",
        "second_device": "다른 기기의 패스키",
        "pin": "간편비밀번호 서명",
        "leaf_words": "{0}번 기록(0번부터), 전체 {1}건의 서명된 목록 아래",
        "policy_words": "제{0}판, 등급 {1}",
        "tier_pin": "간편비밀번호",
        "tier_password": "계좌비밀번호",
        "tier_ars": "전화(ARS)",
        "note": (
            "이 문서에는 고객의 전자서명, 인증서와 그 상태, 시점확인 토큰, 기록 증명이 "
            "evidence.json으로 들어 있습니다. 은행에 접속하지 않고도 언제든지 확인할 수 있습니다: "
            "dojang receipt verify 파일 이름. 글자 하나라도 바뀌면 확인에 실패합니다."
        ),
    },
    "en": {
        "title": "Transfer receipt",
        "amount": "Amount sent",
        "won": "{0} won",
        "transfer": "The transfer",
        "payer": "From",
        "payee": "To",
        "bank": "At",
        "account": "Account",
        "from": "From account",
        "fee": "Fee",
        "memo": "Memo",
        "at": "Sent at",
        "id": "Transfer number",
        "proof": "The proof",
        "factors": "Shown by the payer",
        "policy": "Rules applied",
        "certificate": "Signing certificate",
        "stamp": "Time-stamped (SHA-256)",
        "collected": "Evidence",
        "collected_words": "collected {0} hours after the transfer",
        "leaf": "Place in the log",
        "root": "Root certificate (SHA-256)",
        "account_password": "account password",
        "ars": "telephone call (ARS)",
        "sms": "text message",
        "second_device": "passkey on a second device",
        "pin": "PIN signature",
        "leaf_words": "leaf {0} (from 0), under a signed head of {1} leaves",
        "policy_words": "version {0}, tier {1}",
        "tier_pin": "PIN",
        "tier_password": "account password",
        "tier_ars": "telephone call",
        "note": (
            "Inside this document, as evidence.json, lie the customer's signature, the certificate "
            "and its status, a time-stamp token and the proof of the log entry. It can be checked "
            "at any time without the bank: dojang receipt verify FILE. "
            "If a single character is changed, the check fails."
        ),
    },
}


def title(locale: str) -> str:
    return _TEXTS[locale]["title"]


def draw(content: bytes, *, locale: str, own: str, bank_name: Callable[[str], str]) -> bytes:
    """The unsigned page for these bytes of a bundle, with them inside."""
    bundle = model.parse(content)
    _, fields = messages.read(bundle.evidence.payload)
    words = _TEXTS[locale]
    page = Page(
        title=words["title"],
        locale=locale,
        bank_name=own,
        reference=bundle.evidence.transfer_id,
        made_at=bundle.evidence.posted_at,
    )
    page.amount(words["amount"], words["won"].format(won(Won(fields["amount"]))))
    page.heading(words["transfer"])
    page.facts(_transfer(fields, bundle, words, bank_name))
    page.heading(words["proof"])
    page.facts(proof(bundle, locale))
    page.note("")
    page.note(words["note"])
    page.attach(ATTACHMENT, content, words["title"])
    return page.render()


def _transfer(
    fields: dict[str, Any],
    bundle: Bundle,
    words: dict[str, str],
    bank_name: Callable[[str], str],
) -> list[tuple[str, str]]:
    return [
        (words["payer"], _holder(bundle.evidence.certificate)),
        (words["payee"], fields["payee_holder"]),
        (words["bank"], bank_name(fields["payee_bank"])),
        (words["account"], fields["payee_account"]),
        (words["from"], fields["from_account"]),
        (words["fee"], words["won"].format(won(Won(fields["fee"])))),
        (words["memo"], fields["memo"]),
        (words["at"], seoul_time(bundle.evidence.posted_at)),
        (words["id"], bundle.evidence.transfer_id),
    ]


def proof(bundle: Bundle, locale: str) -> list[tuple[str, str]]:
    """The facts below the transfer; how late the evidence is, where it did not come at once."""
    words, evidence, posted = _TEXTS[locale], bundle.evidence, bundle.log.posted
    place = words["leaf_words"].format(cbor2.loads(posted.body)["idx"], posted.head.size)
    tier = words.get(f"tier_{evidence.tier}", evidence.tier)
    hours = evidence.late_hours(stamps.said(bundle.time_stamp).at)
    late = [] if hours is None else [(words["collected"], words["collected_words"].format(hours))]
    return [
        (words["factors"], ", ".join(words.get(one, one) for one in evidence.factors)),
        (words["policy"], words["policy_words"].format(evidence.policy_version, tier)),
        (words["certificate"], _digest(evidence.certificate)),
        (words["stamp"], _digest(evidence.canonical())),
        *late,
        (words["leaf"], place),
        (words["root"], _digest(evidence.chain[1])),
    ]


def _digest(content: bytes) -> str:
    """SHA-256 in hex on two lines, as people compare it."""
    text = hashlib.sha256(content).hexdigest()
    return f"{text[:32]}\n{text[32:]}"


def _holder(certificate: bytes) -> str:
    """The name in the certificate that signed."""
    name = read(certificate).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(name[0].value)

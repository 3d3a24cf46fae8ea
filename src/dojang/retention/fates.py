"""What becomes of each table when a former customer is erased: the map, as data.

A test holds it against the tables there are: one that the map does not speak of, or a column of a
table whose rows stay, fails it. `store_erasing` has the statement of each that is erased, and
docs/how/retention.md is written from here.
"""

import enum
from dataclasses import dataclass
from typing import Final


class Becomes(enum.StrEnum):
    """What is done with the rows that are about the customer."""

    GONE = "deleted"
    BLANKED = "emptied"
    STAYS = "kept, it names nobody"
    PASSES = "goes by itself"
    NOBODYS = "not about customers"


@dataclass(frozen=True)
class Fate:
    """One table. Where rows stay, every column is named: emptied (`blanks`) or kept (`keeps`)."""

    becomes: Becomes
    why: str
    keeps: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()


def _gone(why: str) -> Fate:
    return Fate(Becomes.GONE, why)


def _blanked(blanks: str, keeps: str, why: str) -> Fate:
    return Fate(Becomes.BLANKED, why, tuple(keeps.split()), tuple(blanks.split()))


def _stays(keeps: str, why: str) -> Fate:
    return Fate(Becomes.STAYS, why, tuple(keeps.split()))


def _passes(keeps: str, why: str) -> Fate:
    return Fate(Becomes.PASSES, why, tuple(keeps.split()))


def _nobodys(keeps: str, why: str) -> Fate:
    return Fate(Becomes.NOBODYS, why, tuple(keeps.split()))


_PERSON: Final = {
    "customer": _gone("name, birth date, resident number, phone, CI: sealed, and as keyed hashes"),
    "former_phone": _gone("an earlier number; after seven days in any case"),
    "internet_banking_id": _gone("the login id as a keyed hash, the password as Argon2id"),
    "internet_banking_tries": _gone("wrong passwords under that id"),
    "consent": _gone("which terms were agreed to; the leaf `terms.agreed` stays, under the id"),
    "session": _gone("when and with which device key they were signed in"),
    "loss_report": _gone(
        "who was meant, as keyed hashes, and an account; also those with the same name and birth"
        " date that met nobody"
    ),
    "enrolment": _gone("what they said of themselves, sealed; device key; language"),
    "opening": _gone("how they were identified again; purpose and source of funds"),
    "opening_image": _gone("pictures, sealed; after the policy's days in any case"),
    "one_won": _gone("an account at another bank, sealed"),
    "sms_code": _passes(
        "id bound_to purpose mac sent_at expires_at tries_left state",
        "a keyed hash of a code, bound to a journey's id; two days",
    ),
    "quota": _passes("kind key uses last_at", "keyed hashes of numbers and addresses; two days"),
}

_METHODS: Final = {
    "account_password": _gone("four digits, as Argon2id"),
    "passkey": _gone("the device's key, and the name its owner gave it"),
    "passkey_challenge": _gone("asked of a device"),
    "second_device": _gone("as `passkey`"),
    "second_device_challenge": _gone("asked of a device"),
    "secret_tries": _gone("tries left of a PIN and a pattern"),
    "signing_key": _gone("public key and device key; the leaf `key.made` keeps the public key"),
    "signing_instance": _gone("the bank's shares, sealed; gone with the certificate's end already"),
    "signing_session": _gone("ceremonies"),
    "signing_request": _gone(
        "what was signed: orders with payee and memo, certification requests with the name"
    ),
    "method_change": _gone("a change of PIN or pattern"),
    "method_change_key": _gone("its keys"),
}

_CERTIFICATES: Final = {
    "credential": _stays(
        "id customer_id subject_id state assurance opened_at issued_at last_used_at ended_at"
        " end_reason dormancy_noticed_days",
        "ids, states, times: what the CA answers for",
    ),
    "certificate": _blanked(
        "tbs_hash der",
        "serial credential_id kind shard standing not_before changed_at reason",
        "the body carries the name; serial number and standing stay for OCSP and the lists, the"
        " fingerprint in the leaf: whoever has the certificate can still show that it is ours."
        " The hash of its unsigned body would be a way to try names",
    ),
    "joint_certificate": _blanked(
        "der",
        "id customer_id kind policy standing current serial not_before not_after spki_hash"
        " issued_at changed_at reason replaces told_at",
        "as `certificate`; the hash of a public key says nothing about its owner",
    ),
    "joint_request": _gone("common name and real name, sealed; key, VID"),
    "joint_registration": _gone("reference and code, sealed"),
    "joint_exchange": _gone("which message of a CMP client brought it"),
}

_MONEY: Final = {
    "account": _blanked(
        "number name day_cap",
        "id customer_id kind currency posted held floor version status used_day used opened_at",
        "closed; id, balance (0) and versions stay for the books. The number's leaf holds a"
        " commitment, whose salt goes",
    ),
    "limit_profile": _gone("own limits, and what was used of a day"),
    "safeguard": _gone("what they chose against thieves"),
    "designated_payee": _gone("others' names and account numbers"),
    "protection": _gone("the seal over these"),
    "transfer_order": _gone("payer, payee, account numbers, memo, the signed bytes"),
    "transfer_due": _gone("which of them are open, and when they are looked at"),
    "ars_call": _gone("the number that was called"),
    "receipt": _gone(
        "order, certificate, evidence; a copy that its owner took along verifies as ever"
    ),
    "receipt_seal": _gone("proofs and seal of it"),
    "receipt_pdf": _gone("the picture of it"),
    "narration": _gone(
        "names and memo of a transfer, unless the other side is still a customer here: then it is"
        " a line of that customer's statement, and goes when they are erased"
    ),
    "transfer": _stays(
        "id kind subject ref req_hash debit credit amount kst_day expires_at status reason figures"
        " auth_id log_idx dv cv created_at",
        "history: ids, amounts, codes. `req_hash` of what was signed holds no text",
    ),
    "posting": _stays("account_id version transfer_id amount balance_after", "history: the books"),
    "hold": _stays(
        "id debit amount expires_at pin_only registered state resolved_by posted", "the books"
    ),
}

_LOG: Final = {
    "log_opening": _gone("the salts of their leaves: the commitments say nothing from then on"),
    "log": _stays(
        "idx at kind subject body leaf chain",
        "history: opaque ids, figures, codes, keys and hashes; nothing in it is changed",
    ),
    "notification_late": _stays("idx attempts next_at given_up", "leaves not told of yet, by idx"),
    "log_head": _nobodys("one size head", "the chain"),
    "log_name": _nobodys("one name", "the log's name"),
    "log_sth": _nobodys("size root at signature", "signed heads"),
    "log_sth_stamp": _nobodys("size token", "their time-stamps"),
    "log_tile": _nobodys("level n hash", "the tree"),
    "cursor": _nobodys("name next_idx", "how far the log was read"),
}

_CA: Final = "role number key_label serial not_before not_after der"
_HOUSE: Final = {
    "authority": _nobodys(_CA, "the CA's own certificates"),
    "joint_authority": _nobodys(_CA, "the joint CA's own"),
    "joint_counter": _nobodys("name value", "numbers given out"),
    "joint_crl": _nobodys(
        "issuer number changes this_update next_update der", "lists: serial numbers"
    ),
    "crl_chunk": _nobodys("scope number change serial bytes_through der", "lists: serial numbers"),
    "revocation_list": _nobodys(
        "scope number base changes this_update next_update head chunks rest foot",
        "lists: serial numbers",
    ),
    "status_entry": _nobodys("change serial shard since reason generation", "lists"),
    "status_change": _nobodys("one changes", "lists"),
    "ocsp_answer": _nobodys(
        "cert_id serial this_update next_update der", "answers: serial numbers"
    ),
    "policy_version": _nobodys("version profile effective_at body", "the bank's rules"),
    "signing_data_key": _nobodys("id wrapped created_at", "keys that seal shares"),
    "time_stamp_series": _nobodys(
        "number opened_at certificate counted reserved_until", "numbers of time-stamps"
    ),
}

FATES: Final = {**_PERSON, **_METHODS, **_CERTIFICATES, **_MONEY, **_LOG, **_HOUSE}
"""By table."""

ERASED: Final = frozenset(
    name for name, fate in FATES.items() if fate.becomes in {Becomes.GONE, Becomes.BLANKED}
)

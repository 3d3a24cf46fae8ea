"""Customers with certificates and sessions, and orders they have already authorised.

Their keys are whole, so that the bench signs an order with one ordinary Ed25519 signature where a
phone would go through the ceremony with the bank; the bank verifies both alike. Everything else is
made by the bank's own code.
"""

import random
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dojang import policy
from dojang.certificates import KeyProof, Order
from dojang.crypto import csr, dpop
from dojang.crypto.encoding import Point, b64u
from dojang.customers import Person
from dojang.house import Bank
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.ledger import accounts
from dojang.transfers import store
from dojang.transfers.model import Order as TransferOrder
from dojang.transfers.model import State

MONEY = 10**9
AMOUNT = 1_000
MEMO = "점심"


@dataclass(frozen=True)
class Payer:
    customer_id: str
    credential_id: str
    account_id: str
    number: str
    name: str
    sign_key: Ed25519PrivateKey
    device_key: ec.EllipticCurvePrivateKey
    token: str


class Payers:
    """So many of them in a bank that this process has built over the same database."""

    def __init__(self, bank: Bank, count: int) -> None:
        self._bank = bank
        self._entropy = SystemEntropy()
        self._chance = random.Random()  # noqa: S311 - who pays whom
        self._all = [self._payer(n) for n in range(count)]

    def authorised(self, count: int) -> list[tuple[Payer, str]]:
        """Orders of the lowest tier, signed and waiting to be posted: (payer, transfer id)."""
        made = []
        with self._bank.db.transaction() as tx:
            present = policy.current(tx)
            for _ in range(count):
                payer, payee = self._chance.sample(self._all, 2)
                order = self._order(payer, payee, present, tx.now)
                store.add(tx, self._bank.transfers.seals.sealed(order))
                made.append((payer, order.id))
        return made

    def request(self, payer: Payer, transfer_id: str, nonce: str) -> bytes:
        """The request that has it posted, with a proof of its own and the session."""
        origin = self._bank.settings.origin
        path = f"/v1/transfers/{transfer_id}"
        proof = dpop.create(
            payer.device_key,
            method="GET",
            url=origin + path,
            body=b"",
            nonce=nonce,
            jti=b64u(self._entropy.bytes(16)),
            iat=self._bank.clock.now() // SECOND,
            access_token=payer.token,
        )
        return (
            f"GET {path} HTTP/1.1\r\nHost: {origin.removeprefix('http://')}\r\n"
            f"DPoP: {proof}\r\nAuthorization: DPoP {payer.token}\r\n\r\n"
        ).encode()

    def _order(
        self, payer: Payer, payee: Payer, present: policy.Policy, now: Instant
    ) -> TransferOrder:
        tier = present.transfers.tiers[0]
        fields: dict[str, Any] = {
            "id": self._bank.ids.uuid7(),
            "customer_id": payer.customer_id,
            "credential_id": payer.credential_id,
            "kid": payer.credential_id.encode()[:16],
            "debit": payer.account_id,
            "credit": payee.account_id,
            "from_account": payer.number,
            "payee_bank": self._bank.settings.bank.code,
            "payee_account": payee.number,
            "payee_holder": payee.name,
            "payer": payer.name,
            "amount": AMOUNT,
            "fee": 0,
            "memo": MEMO,
            "tier": tier.name,
            "needed": tier.needs,
            "policy_version": present.version,
            "nonce": self._entropy.bytes(16),
            "origin": self._bank.settings.origin,
            "created_at": now,
            "expires_at": Instant(now + present.transfers.order_seconds * SECOND),
            "message": b"",
            "request_id": self._bank.ids.uuid7(),
            "state": State.AUTHORISED,
            "authorised_at": now,
        }
        message = TransferOrder(**fields).rebuilt()
        signature = payer.sign_key.sign(message)
        return TransferOrder(**{**fields, "message": message, "signature": signature})

    def _payer(self, n: int) -> Payer:
        bank, name = self._bank, f"김도장{n}"
        person = Person(
            name=name,
            resident_number=Secret(f"850315{1_000_000 + n}"),
            phone=PhoneNumber(f"0102{n:07d}"),
            carrier="hanbit",
            ci=b64u(self._entropy.bytes(64)),
        )
        with bank.db.transaction() as tx:
            customer = bank.customers.add(tx, person, locale="ko")
            opened = bank.lifecycle.open(tx, customer.id, subject_id=customer.subject_id)
            account_id = bank.ledger.open_account(tx, customer.id, name="입출금통장")
        bank.ledger.deposit(bank.ids.uuid7(), account_id, MONEY, payer="개설 입금")
        keys = [Ed25519PrivateKey.generate() for _ in range(2)]
        auth, sign = (_proof(key, name, customer.subject_id) for key in keys)
        asked = Order(
            credential_id=opened.id,
            subject_id=customer.subject_id,
            name=name,
            auth=auth,
            sign=sign,
        )
        issued = bank.issuing.redeem(bank.issuing.prepare(asked))
        device_key = ec.generate_private_key(ec.SECP256R1())
        jkt, login = dpop.thumbprint(dpop.jwk(device_key.public_key())), bank.ids.uuid7()
        with bank.db.transaction() as tx:
            bank.lifecycle.activate(tx, issued)
            bank.sessions.grant(
                tx,
                request_id=login,
                customer_id=customer.id,
                credential_id=opened.id,
                jkt=jkt,
                method="pin",
            )
            number = accounts.owned(tx, customer.id, account_id).number
        token = bank.sessions.claim(login, jkt).token
        ids = (customer.id, opened.id, account_id, number)
        return Payer(*ids, name, keys[1], device_key, token)


def _proof(key: Ed25519PrivateKey, name: str, subject_id: str) -> KeyProof:
    point = Point(key.public_key().public_bytes_raw())
    info = csr.request_info(point, name=name, subject_id=subject_id)
    return KeyProof(point, csr.assemble(info, key.sign(info)))

"""The CMP door: ir under a registration's code, kur under the old key, certConf; bytes to bytes.

Who fails to authenticate hears badMessageCheck, whatever the reason; who is authenticated and asks
for what cannot be hears badRequest, whatever the reason (so does a padding of EncryptedVID that is
no padding: Bleichenbacher learns nothing). The subject is the registration's, never the request's.
Answers to a MAC carry a MAC under the same code; everything else is signed by the CMP office. But a
signature costs an RSA operation, of a token the only one it does at a time: bytes that are no
message get an error without protection, and so do more strangers in a second than a few (PKIMessage
has it OPTIONAL, RFC 4210 5.1).
"""

import hashlib
import hmac
import threading
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer
from dojang.db import Database
from dojang.joint import model, store, store_cmp, wishes
from dojang.joint.authority import MESSENGER, OPENER, JointAuthority
from dojang.joint.certifying import Certifying
from dojang.joint.cmp import messages, protection
from dojang.joint.cmp.messages import CertRequest, Message
from dojang.joint.model import Certificate, Reason
from dojang.joint.npki import parsing, vid
from dojang.joint.profile import SHA256_RSA
from dojang.joint.registering import Registrations
from dojang.joint.store_cmp import Registration
from dojang.kernel.clock import SECOND, Clock
from dojang.kernel.entropy import Entropy
from dojang.kernel.problem import Problem
from dojang.kernel.secret import Secret
from dojang.vault import BadCiphertext, Padding, Vault

NONCE_BYTES: Final = 16
TRANSACTION_BYTES: Final = 16
REFUSALS_SIGNED_A_SECOND: Final = 8
_NO_KEY: Final = Secret(b"")
_RSA: Final = frozenset({SHA256_RSA, der.sequence(der.oid("1.2.840.113549.1.1.11"))})
"""sha256WithRSAEncryption; OpenSSL 3.0 leaves the NULL out of a header."""


class _Refused(Exception):
    """Answered with this bit of PKIFailureInfo."""

    def __init__(self, failure: int) -> None:
        super().__init__(failure)
        self.failure = failure


@dataclass(frozen=True)
class _Sender:
    """Who proved to have sent it: a registration with its code, or a certificate."""

    registration: Registration | None
    secret: Secret[bytes]
    certificate: Certificate | None


class _Strangers:
    """How many refusals of who proved nothing were signed in this second, by this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mutex = threading.Lock()
        self._second = -1
        self._signed = 0

    def one_more(self) -> bool:
        """Count one, where it is not too many."""
        second = self._clock.now() // SECOND
        with self._mutex:
            if second != self._second:
                self._second, self._signed = second, 0
            self._signed += 1
            return self._signed <= REFUSALS_SIGNED_A_SECOND


class Door:
    """`answer` takes whatever bytes come."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        entropy: Entropy,
        *,
        authority: JointAuthority,
        registrations: Registrations,
        certifying: Certifying,
    ) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._entropy = entropy
        self._authority = authority
        self._registrations = registrations
        self._certifying = certifying
        self._strangers = _Strangers(clock)

    def answer(self, content: bytes) -> bytes:
        """A PKIMessage for a PKIMessage."""
        try:
            message = messages.read(content)
        except (BadDer, ValueError, IndexError):
            return self._unprotected(None, messages.rejection(messages.BAD_DATA_FORMAT))
        try:
            sender = self._sender(message)
        except _Refused as refused:
            protect = self._signed if self._strangers.one_more() else self._unprotected
            return protect(message, messages.rejection(refused.failure))
        try:
            body = self._body(message, sender)
        except _Refused as refused:
            body = messages.rejection(refused.failure)
        except (BadDer, ValueError, IndexError):
            body = messages.rejection(messages.BAD_DATA_FORMAT)
        except Problem:
            body = messages.rejection(messages.BAD_REQUEST)
        if sender.registration is not None:
            return self._under_mac(message, body, sender.secret)
        return self._signed(message, body)

    def _sender(self, message: Message) -> _Sender:
        """Raises badMessageCheck for everyone who proves nothing."""
        if len(message.transaction) != TRANSACTION_BYTES or message.protection is None:
            raise _Refused(messages.BAD_MESSAGE_CHECK)
        if message.algorithm in _RSA:
            return _Sender(None, _NO_KEY, self._signer(message))
        return self._coded(message)

    def _coded(self, message: Message) -> _Sender:
        reference = (message.sender_kid or b"").decode("ascii", "replace")
        found = self._registration(message, reference)
        if found is None:
            raise _Refused(messages.BAD_MESSAGE_CHECK)
        registration, code = found
        secret = code.reveal().encode()
        try:
            mac = protection.read(message.algorithm or b"").mac(secret, message.protected)
        except BadDer:
            raise _Refused(messages.BAD_MESSAGE_CHECK) from None
        if not hmac.compare_digest(mac, message.protection or b""):
            self._registrations.failed(registration)
            raise _Refused(messages.BAD_MESSAGE_CHECK)
        return _Sender(registration, Secret(secret), None)

    def _registration(
        self, message: Message, reference: str
    ) -> tuple[Registration, Secret[str]] | None:
        """One that is open; for certConf the one that this very exchange used."""
        if message.kind != messages.CERT_CONF:
            return self._registrations.found(reference)
        with self._db.snapshot() as tx:
            exchange = store_cmp.exchange(tx, message.transaction)
        if exchange is None or exchange.reference != reference or not reference:
            return None
        return self._registrations.used(reference)

    def _signer(self, message: Message) -> Certificate:
        """The living certificate whose key signed the message (6.1 of RFC 4210: kur)."""
        if not message.certificates:
            raise _Refused(messages.BAD_MESSAGE_CHECK)
        brought = message.certificates[0]
        try:
            seen = parsing.certificate(brought)
            serial = seen.serial.number()
        except BadDer:
            raise _Refused(messages.BAD_MESSAGE_CHECK) from None
        with self._db.snapshot() as tx:
            found = store.by_serial(tx, serial) if serial <= model.SERIAL_MAX else None
        if found is None or found.der != brought:
            raise _Refused(messages.BAD_MESSAGE_CHECK)
        if not parsing.verifies(seen.spki, message.protection or b"", message.protected):
            raise _Refused(messages.BAD_MESSAGE_CHECK)
        return found

    def _body(self, message: Message, sender: _Sender) -> bytes:
        if message.kind == messages.CERT_CONF:
            return self._confirmed(message, sender)
        with self._db.snapshot() as tx:
            if store_cmp.exchange(tx, message.transaction) is not None:
                raise _Refused(messages.BAD_REQUEST)
        if sender.registration is not None and message.kind == messages.IR:
            return self._issued(message, sender.registration)
        if sender.certificate is not None and message.kind == messages.KUR:
            return self._renewed(message, sender.certificate)
        raise _Refused(messages.BAD_REQUEST)

    def _issued(self, message: Message, registration: Registration) -> bytes:
        request = self._proved(message)
        requests = self._certifying.requests
        asked = requests.show(registration.customer_id, registration.request_id)
        number = requests.number_of(registration.customer_id)
        virtual_id = self._virtual_id(request, number, asked.virtual_id)
        with self._db.transaction() as tx:
            if not self._registrations.use(tx, registration):
                raise _Refused(messages.BAD_REQUEST)
            if not store_cmp.fill(tx, registration.request_id, request.spki, virtual_id):
                raise _Refused(messages.BAD_REQUEST)
        made = self._certifying.certificate(registration.customer_id, registration.request_id)
        return self._granted(message, messages.IP, request, made, registration.reference)

    def _renewed(self, message: Message, old: Certificate) -> bytes:
        request = self._proved(message)
        if request.old_serial not in (None, old.serial):
            raise _Refused(messages.BAD_REQUEST)
        requests = self._certifying.requests
        virtual_id = self._virtual_id(
            request, requests.number_of(old.customer_id), old.identity.vid
        )
        renewal = requests.for_old_key(old, request.spki, virtual_id)
        made = self._certifying.certificate(old.customer_id, renewal.id)
        return self._granted(message, messages.KUP, request, made, "")

    def _proved(self, message: Message) -> CertRequest:
        request = messages.cert_request(message.content)
        wishes.demand_key(request.spki)
        right = request.proof_algorithm == SHA256_RSA and request.proof is not None
        if not right or not parsing.verifies(request.spki, request.proof or b"", request.raw):
            raise _Refused(messages.BAD_POP)
        return request

    def _virtual_id(
        self, request: CertRequest, number: Secret[str] | None, otherwise: bytes | None
    ) -> bytes:
        """Of the R in EncryptedVID and the registered number; without one, that of the app's R."""
        if request.encrypted_vid is None:
            if otherwise is None:
                raise _Refused(messages.BAD_REQUEST)
            return otherwise
        r = self._random_number(request.encrypted_vid)
        if r is None or number is None:
            raise _Refused(messages.BAD_REQUEST)
        return vid.virtual_id(number.reveal(), r)

    def _random_number(self, encrypted: bytes) -> bytes | None:
        """R, or None for anything that is wrong, and nobody learns what."""
        try:
            parts = der.read(encrypted).expect(der.SEQUENCE).children()
            sealed = next(one for one in parts if one.tag & 0x1F == 4 and one.tag & 0x80)
            ciphertext = sealed.children()[0].value if sealed.tag & 0x20 else sealed.value
            label = self._authority.office(OPENER).key_label
            opened = self._vault.decrypt(label, ciphertext, Padding.PKCS1)
            drawn = der.read(opened).expect(der.SEQUENCE).children()[1]
            bits = drawn.expect(der.BIT_STRING).value
        except (BadDer, BadCiphertext, StopIteration, IndexError):
            return None
        return bits[1:] if len(bits) == 1 + vid.R_BYTES and bits[:1] == b"\x00" else None

    def _granted(
        self, message: Message, kind: int, request: CertRequest, made: Certificate, reference: str
    ) -> bytes:
        row = {
            "transaction_id": message.transaction,
            "reference": reference,
            "certificate_id": made.id,
            "customer_id": made.customer_id,
            "confirmed_at": None,
        }
        with self._db.transaction() as tx:
            if not store_cmp.begin(tx, row):
                raise _Refused(messages.BAD_REQUEST)
        published = b"".join(reversed(self._authority.chain)) if reference else b""
        return messages.granted(kind, request.id, made.der or b"", published)

    def _confirmed(self, message: Message, sender: _Sender) -> bytes:
        """certConf: the client has the certificate, or does not want it."""
        given, accepted = messages.confirmed_hash(message.content)
        with self._db.transaction() as tx:
            exchange = store_cmp.exchange(tx, message.transaction)
            if exchange is None:
                raise _Refused(messages.BAD_REQUEST)
            made = store.certificate(tx, exchange.customer_id, exchange.certificate_id, locked=True)
            ours = sender.certificate is None or sender.certificate.customer_id == (
                exchange.customer_id
            )
            if made is None or not ours:
                raise _Refused(messages.BAD_REQUEST)
            right = hashlib.sha256(made.der or b"").digest() == given
            if not store_cmp.confirm(tx, message.transaction):
                raise _Refused(messages.BAD_REQUEST)
            if not (accepted and right):
                self._certifying.revoke(tx, made, Reason.NOT_ISSUED)
        return messages.confirmation()

    def _under_mac(self, message: Message, body: bytes, secret: Secret[bytes]) -> bytes:
        algorithm = protection.algorithm(self._entropy.bytes(16))
        header = self._header(message, algorithm, message.sender_kid or b"")
        mac = protection.read(algorithm).mac(secret.reveal(), der.sequence(header, body))
        return messages.message(header, body, mac, b"")

    def _signed(self, message: Message | None, body: bytes) -> bytes:
        office = self._authority.office(MESSENGER)
        seen = parsing.certificate(office.der)
        ski = seen.extension("2.5.29.14")
        key_id = der.read(ski.value).value if ski is not None else b""
        header = self._header(message, SHA256_RSA, key_id)
        signature = self._vault.sign(office.key_label, der.sequence(header, body))
        return messages.message(header, body, signature, office.der + self._authority.chain[0])

    def _unprotected(self, message: Message | None, body: bytes) -> bytes:
        return messages.message(self._header(message, b"", b""), body, b"", b"")

    def _header(self, message: Message | None, algorithm: bytes, sender_kid: bytes) -> bytes:
        """The CMP office is the sender of everything, whatever protects it."""
        office = parsing.certificate(self._authority.office(MESSENGER).der)
        nobody = messages.directory(der.sequence())
        return messages.header(
            sender=messages.directory(office.subject),
            recipient=nobody if message is None else message.sender,
            now=self._clock.now(),
            algorithm=algorithm,
            sender_kid=sender_kid,
            transaction=b"" if message is None else message.transaction,
            nonce=self._entropy.bytes(NONCE_BYTES),
            answered=b"" if message is None else message.nonce,
        )

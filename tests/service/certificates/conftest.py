"""An authority with everything around it, and people who hold certificates."""

from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dojang.certificates import (
    Activated,
    Authority,
    Issuing,
    KeyProof,
    Lifecycle,
    Order,
    Plan,
    Status,
)
from dojang.crypto import csr
from dojang.crypto.encoding import Point
from dojang.vault.software import SoftwareVault

PASSPHRASE = b"correct horse"


def key_proof(key, name, subject_id):
    point = Point(key.public_key().public_bytes_raw())
    info = csr.request_info(point, name=name, subject_id=subject_id)
    return KeyProof(point, csr.assemble(info, key.sign(info)))


@dataclass
class House:
    """The parts that issue and tell."""

    db: object
    clock: object
    entropy: object
    vault: SoftwareVault
    authority: Authority
    issuing: Issuing
    lifecycle: Lifecycle
    status: Status

    def order(self, customer="c1", name="김민용", **changes) -> Order:
        subject_id = f"S-{customer}"
        with self.db.transaction() as tx:
            opened = self.lifecycle.open(tx, customer, subject_id=subject_id)
        parts = {
            "credential_id": opened.id,
            "subject_id": subject_id,
            "name": name,
            "auth": key_proof(Ed25519PrivateKey.generate(), name, subject_id),
            "sign": key_proof(Ed25519PrivateKey.generate(), name, subject_id),
        }
        return Order(**{**parts, **changes})

    def issue(self, customer="c1", name="김민용") -> Activated:
        issued = self.issuing.redeem(self.issuing.prepare(self.order(customer, name)))
        with self.db.transaction() as tx:
            return self.lifecycle.activate(tx, issued)


@pytest.fixture(scope="session")
def vault_file(tmp_path_factory):
    """A vault whose CA keys exist already: Argon2id once, not once a test."""
    return tmp_path_factory.mktemp("vault") / "keys"


@pytest.fixture
def house(db, clock, entropy, ids, vault_file) -> House:
    vault = SoftwareVault.open(vault_file, PASSPHRASE, entropy)
    authority = Authority(db, vault, clock, entropy, Plan(base_url="http://localhost:8000"))
    return House(
        db=db,
        clock=clock,
        entropy=entropy,
        vault=vault,
        authority=authority,
        issuing=Issuing(db, vault, authority, clock, entropy),
        lifecycle=Lifecycle(ids),
        status=Status(db, vault, authority),
    )

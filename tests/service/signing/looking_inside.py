"""What only a test may see: both shares of a key, put together."""

from typing import NamedTuple

from sqlalchemy import select
from tests.signing_house import PASSPHRASE

from dojang.crypto import ed25519, oprf, sealing, sharing
from dojang.crypto.encoding import Scalar
from dojang.crypto.messages import PIN
from dojang.signing.core import KEK_LABEL, SECRET_LABEL
from dojang.signing.tables import signing_data_key, signing_instance
from dojang.vault.software import SoftwareVault


class ServerSide(NamedTuple):
    """A copy of the database and the vault: all that the bank has at rest."""

    oprf_secret: bytes
    shares: dict

    def h(self, kid, m, version, salt, secret):
        """The mask of a guessed secret, computed without asking anyone."""
        instance = sharing.Instance(kid, m, version)
        key = sharing.oprf_key(self.oprf_secret, instance)
        text = secret.encode()
        blinding = oprf.blind(sharing.oprf_input(instance, salt, text), ONE)
        y = oprf.finalize(blinding, oprf.evaluate(key, blinding.blinded))
        return sharing.mask(salt, text, y)


ONE = oprf.OprfScalar((1).to_bytes(32, "little"))


def server_side(house, vault_file, column="share"):
    vault = SoftwareVault.open(vault_file, PASSPHRASE, house.entropy)
    with house.db.engine.connect() as connection:
        keys = {
            row.id: vault.unwrap(KEK_LABEL, row.wrapped, row.id.encode())
            for row in connection.execute(select(signing_data_key))
        }
        shares = {}
        for row in connection.execute(select(signing_instance)):
            blob = getattr(row, column)
            if blob is None:
                continue
            end = 1 + blob[0]
            key_id = blob[1:end].decode()
            place = sealing.place(
                kid=row.kid,
                gen=row.gen if column == "share" else row.gen - 1,
                method=row.m,
                version=row.version,
                purpose="share",
                data_key_id=key_id,
            )
            opened = sealing.unseal(keys[key_id], blob[end:], place)
            shares[(row.kid, row.m, row.version)] = Scalar(opened)
    return ServerSide(vault.derive(SECRET_LABEL, b"dojang/1/oprf"), shares)


def whole_key(server, key, m, secret, instance):
    """2*s1 - s2 of one instance: the key that exists nowhere else."""
    h = server.h(key.kid, m, instance.version, instance.salt, secret)
    s1 = sharing.reveal(instance.o, h)
    s2 = server.shares[(key.kid, m, instance.version)]
    return ed25519.scalar_sub(ed25519.scalar_mul(ed25519.TWO, s1), s2)


def phone_share(server, key, secret, m=PIN):
    instance = key.instance(m)
    h = server.h(key.kid, m, instance.version, instance.salt, secret)
    return sharing.reveal(instance.o, h)

"""The receipt: fetched by its owner, verified without the bank, refused to everybody else."""

from cryptography.hazmat.primitives.serialization import Encoding

from dojang.journey.lie import Lie, prove, refused, same
from dojang.journey.world import MINYONG, SEOYEON, World
from dojang.receipts import verifying
from dojang.receipts.verifying import Pins

STRIDE = 997
"""Every so many bytes one is changed; the tests of the house change them all."""


def a_receipt_proves_the_transfer_without_the_bank(world: World) -> str:
    """Bundle and PDF against the root that was fetched first; another's question; changed bytes."""
    phone = world.phone(MINYONG)
    order, done = world.orders["first"]
    bundle = phone.receipt(done["id"])
    pdf = phone.receipt(done["id"], "receipt.pdf")
    root = world.authority.root.public_bytes(Encoding.DER)

    for content in (bundle, pdf):
        report = verifying.verify(content, Pins(root=root))
        prove(report.holds, f"the receipt does not hold: {report.broken}")
        same(report.transfer["amount"], order.amount, "the amount that the receipt proves")
    same(phone.receipt(done["id"]), bundle, "the receipt, asked for again")
    noticed = sum(_noticed(bundle, place, root) for place in range(0, len(bundle), STRIDE))
    other = world.phone(SEOYEON)
    other.login(SEOYEON.pin)
    refused("not_found", lambda: other.receipt(done["id"]))
    world.receipts = {"receipt.json": bundle, "receipt.pdf": pdf}
    checks = len(verifying.verify(pdf).checks)
    return f"bundle and PDF: {checks} checks hold without the bank; {noticed} changed bytes noticed"


def _noticed(content: bytes, place: int, root: bytes) -> int:
    changed = content[:place] + bytes((content[place] ^ 1,)) + content[place + 1 :]
    if verifying.verify(changed, Pins(root=root)).holds:
        raise Lie(f"byte {place} of the receipt was changed and nobody noticed")
    return 1

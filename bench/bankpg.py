"""A whole bank on PostgreSQL in a process of its own, with a door for orders already authorised.

python -m bench.bankpg FOLDER PORT ORIGIN URL

It is the demo bank's composition over another database. The poster's own thread is held, so that
an order waits for the request that is measured: `POST /_bench/transfers/{id}` stands where the
last step of a ceremony stands (its signature is in the order already). With the phone's proof
(DPoP) and session it does what the poster does, in the same code: the Ed25519 signature verified
under the certificate, the request handed to the group committer; then it answers as
`GET /v1/transfers/{id}` does, with outcome and receipt.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec
from litestar import post
from litestar.params import FromPath, RawBody

from dojang import demo, serving
from dojang.app import build
from dojang.house import Bank
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.transfers import store
from dojang.transfers.ordering import owned, sign_certificate
from dojang.web import create
from dojang.web.core import BankRequest, bank, signed_in, threaded
from dojang.web.transfers import OrderOut, _order


def made(folder: Path, port: int, origin: str, url: str) -> Bank:
    """The bank of a folder over `url`, its poster and messages held."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = msgspec.structs.replace(demo.settings(folder, port, origin=origin), database=url)
    return build(settings, clock=SystemClock(), entropy=SystemEntropy())


@post("/_bench/transfers/{transfer_id:str}", status_code=200)
@threaded
def settle(request: BankRequest, body: RawBody, transfer_id: FromPath[str]) -> OrderOut:
    """Post this authorised order now, and say what became of it."""
    mine = signed_in(request, body)
    transfers = bank(request).transfers
    with bank(request).db.snapshot() as tx:
        order = owned(store.by_ids(tx, [transfer_id]).get(transfer_id), mine.customer_id)
        certificate = sign_certificate(tx, order.credential_id)
    transfers.poster._post(order, certificate)
    return _order(transfers.orders.show(mine.customer_id, transfer_id))


def with_door(house: Bank) -> Any:
    house.transfers.start = lambda: None  # type: ignore[method-assign]
    house.notifier.run = lambda ending: ending.wait()  # type: ignore[method-assign]
    app = create(house)
    app.register(settle)
    return app


def main() -> None:
    folder, port, origin, url = sys.argv[1:]
    serving.create = with_door  # type: ignore[assignment]
    serving.run(made(Path(folder), int(port), origin, url), "127.0.0.1", int(port))


if __name__ == "__main__":
    main()

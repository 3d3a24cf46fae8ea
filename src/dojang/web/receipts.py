"""Receipts for their owner (contract 1.7): the evidence bundle and the PDF with it inside."""

from typing import Annotated, Any, Final, Literal

from litestar import Response, get
from litestar.params import FromPath, Parameter

from dojang.web.core import BankRequest, bank, signed_in, threaded

PDF: Final = "application/pdf"
JSON: Final = "application/json"
Locale = Annotated[Literal["ko", "en"] | None, Parameter(required=False)]


@get("/v1/transfers/{transfer_id:str}/receipt", media_type=JSON)
@threaded
def evidence(request: BankRequest, transfer_id: FromPath[str]) -> Response[bytes]:
    """The bundle, the same bytes for ever."""
    mine = signed_in(request)
    content = bank(request).receipts.bundle(mine.customer_id, transfer_id)
    return _file(content, JSON, f"dojang-{transfer_id}.json")


@get("/v1/transfers/{transfer_id:str}/receipt.pdf", media_type=PDF)
@threaded
def pdf(request: BankRequest, transfer_id: FromPath[str], locale: Locale = None) -> Response[bytes]:
    """The PDF, the same bytes for ever in each language."""
    mine = signed_in(request)
    content = bank(request).receipts.pdf(mine.customer_id, transfer_id, locale)
    return _file(content, PDF, f"dojang-{transfer_id}.pdf")


def _file(content: bytes, kind: str, name: str) -> Response[bytes]:
    """The id in the name was found in our own table, so it is one that we would write."""
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Response(content, media_type=kind, headers=headers)


ROUTES: list[Any] = [evidence, pdf]

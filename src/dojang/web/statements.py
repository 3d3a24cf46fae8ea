"""The lines of an account: page by page, looked for, and taken along as a file."""

from collections.abc import Collection
from typing import Annotated, Any, Final, Literal

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, Parameter
from litestar.response import Stream
from msgspec import Struct

from dojang import policy
from dojang.customers import Session, quota
from dojang.kernel.clock import HOUR, SECOND
from dojang.kernel.problem import Forbidden, Malformed, TooMany
from dojang.ledger import accounts
from dojang.ledger.views import AccountView, Line
from dojang.ledger.wanted import ALL, Wanted
from dojang.web import statement_files as files
from dojang.web.core import BankRequest, bank, signed_in, threaded

PAGE_DEFAULT: Final = 50
TEXT_MAX: Final = 60
PDF: Final = "statement_pdf"
"""What is counted of a customer."""
Before = Annotated[int | None, Parameter(ge=0, le=ALL)]
Limit = Annotated[int, Parameter(ge=1, le=accounts.PAGE_MAX)]
Text = Annotated[str, Parameter(max_length=TEXT_MAX)]
Moment = Annotated[int, Parameter(ge=0, le=ALL)]
Amount = Annotated[int, Parameter(ge=0, le=ALL)]
Way = Literal["in", "out", "both"]
Language = Literal["ko", "en"]


class ExportTooLong(Forbidden):
    """Fields: rows."""

    code = "export_too_long"
    title = "There are more lines than one file may hold. Choose a shorter period."


class TooManyStatements(TooMany):
    """Fields: retry_after_seconds."""

    code = "too_many_statements"
    title = "Too many statements were made within an hour. Wait, then try again."


class EntryOut(Struct, frozen=True):
    """`amount` is negative where money went out.

    `receipt`: money that went out by the customer's own signature. The order under `transfer_id`
    tells of it, and has the receipt; of every other line there is none.
    """

    version: int
    at: int
    amount: int
    balance_after: int
    counterparty: str
    memo: str
    transfer_id: str
    receipt: bool


class StatementOut(Struct, frozen=True):
    entries: list[EntryOut]
    next: int | None


def asked(
    *,
    q: Text = "",
    since: Moment = 0,
    until: Moment = ALL,
    least: Amount = 0,
    most: Amount = ALL,
    way: FromQuery[Way] = "both",
) -> Wanted:
    """Which lines. Raises Malformed for a text that no database can hold."""
    if "\x00" in q:
        raise Malformed
    return Wanted(text=q.strip(), since=since, until=until, least=least, most=most, way=way)


ASKED: Final = {"wanted": Provide(asked, sync_to_thread=False)}


@get("/v1/accounts/{account_id:str}/statement", dependencies=ASKED)
@threaded
def statement(
    request: BankRequest,
    account_id: FromPath[str],
    wanted: NamedDependency[Wanted],
    before: Before = None,
    limit: Limit = PAGE_DEFAULT,
) -> StatementOut:
    """Newest first; `next` is the `before` of the following page."""
    mine = signed_in(request)
    house = bank(request)
    with house.db.snapshot() as tx:
        lines, following = accounts.statement(
            tx, mine.customer_id, account_id, before=before, limit=limit, wanted=wanted
        )
        out = [line.transfer_id for line in lines if line.amount < 0]
        signed = house.transfers.signed_by(tx, mine.customer_id, out)
    return StatementOut([_entry(line, signed) for line in lines], following)


@get("/v1/accounts/{account_id:str}/statement.csv", dependencies=ASKED)
@threaded
def as_csv(
    request: BankRequest,
    account_id: FromPath[str],
    wanted: NamedDependency[Wanted],
    lang: FromQuery[Language] = "ko",
) -> Stream:
    """All lines that are wanted, newest first, page after page as they are read."""
    mine = signed_in(request)
    account = _exported(request, mine, account_id, wanted, "csv_rows")
    db = bank(request).db
    pages = files.pages(db, mine.customer_id, account.id, wanted)
    return Stream(
        files.csv_text(pages, lang),
        media_type="text/csv",
        headers=files.headers(account.number, "csv", wanted),
    )


@get("/v1/accounts/{account_id:str}/statement.pdf", dependencies=ASKED)
@threaded
def as_pdf(
    request: BankRequest,
    account_id: FromPath[str],
    wanted: NamedDependency[Wanted],
    lang: FromQuery[Language] = "ko",
) -> Response[bytes]:
    """The same as a PDF under the bank's signature, which says what was left out."""
    mine = signed_in(request)
    account = _exported(request, mine, account_id, wanted, "pdf_rows")
    _count(request, mine)
    house = bank(request)
    with house.db.snapshot() as tx:
        owner = house.customers.by_id(tx, mine.customer_id).name
    names = house.settings.bank
    head = files.Head(
        bank_name=names.name_ko if lang == "ko" else names.name_en,
        owner=owner,
        number=account.number,
        account_name=account.name,
        reference=house.ids.uuid7(),
        made_at=house.clock.now(),
    )
    lines = [
        line
        for page in files.pages(house.db, mine.customer_id, account.id, wanted)
        for line in page
    ]
    made = files.pdf(head, lines, wanted, lang)
    signed = house.documents.sign(made, reason=files.reason(wanted, lang), name=head.bank_name)
    return Response(
        signed,
        media_type="application/pdf",
        headers=files.headers(account.number, "pdf", wanted),
    )


def _exported(
    request: BankRequest,
    mine: Session,
    account_id: str,
    wanted: Wanted,
    kind: Literal["csv_rows", "pdf_rows"],
) -> AccountView:
    """The account. Raises AccountNotFound, ExportTooLong."""
    with bank(request).db.snapshot() as tx:
        account = accounts.owned(tx, mine.customer_id, account_id)
        rows: int = getattr(policy.current(tx).statements, kind)
        if accounts.longer_than(tx, mine.customer_id, account.id, wanted, rows):
            raise ExportTooLong(rows=rows)
    return account


def _count(request: BankRequest, mine: Session) -> None:
    """One more PDF, before anything of it is made. Raises TooManyStatements."""
    key = mine.customer_id.encode()
    with bank(request).db.transaction() as tx:
        limit = policy.current(tx).statements.pdfs_per_hour
        if not quota.take(tx, PDF, key, limit=limit, seconds=HOUR // SECOND):
            wait = quota.wait(tx, PDF, key, limit=limit, seconds=HOUR // SECOND)
            raise TooManyStatements(retry_after_seconds=wait)


def _entry(line: Line, signed: Collection[str]) -> EntryOut:
    return EntryOut(
        version=line.version,
        at=line.at,
        amount=line.amount,
        balance_after=line.balance_after,
        counterparty=line.counterparty,
        memo=line.memo,
        transfer_id=line.transfer_id,
        receipt=line.amount < 0 and line.transfer_id in signed,
    )


ROUTES: Final[list[Any]] = [statement, as_csv, as_pdf]

"""Statements over HTTP: looked through, taken along, and never anybody else's."""

import io
from typing import Any

import msgspec
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.api.house import ORIGIN, House, Raw, proof
from tests.pdf_text import pages

from dojang import policy
from dojang.journey.world import SEOYEON
from dojang.kernel.clock import DAY, HOUR, MINUTE
from dojang.ledger.committer import CASH_IN
from dojang.ledger.model import Request
from dojang.phone.customer import Customer

LINES = (
    ("월세 김집주", "1월", 500_000),
    ("가나상사", "급여", 3_000_000),
    ("=cmd()", "@SUM(1+1)", 7),
    ("100% 과즙", "주스_한병", 4_200),
)


@pytest.fixture(scope="module")
def mine(house: House, minyong: Customer) -> str:
    """An account with four deposits, a day apart, oldest first."""
    account = str(minyong.accounts()[1]["id"])
    for payer, memo, amount in LINES:
        house.clock.move(DAY)
        asked = Request(
            id=house.bank.ids.uuid7(),
            debit=CASH_IN,
            credit=account,
            amount=amount,
            payer=payer,
            memo=memo,
        )
        house.bank.ledger.post([asked])
    minyong.line.token = None
    minyong.login("280461")
    return account


def found(phone: Customer, account: str, query: str) -> list[str]:
    answer = phone.line.get(f"/v1/accounts/{account}/statement?{query}").must()
    return [one["counterparty"] for one in answer["entries"]]


def file(house: House, phone: Customer, path: str) -> Any:
    phone.line.get("/v1/bank")
    headers = {"dpop": proof(phone.line, Raw("GET", path))}
    headers["authorization"] = f"DPoP {phone.line.token}"
    return house.client.get(ORIGIN + path, headers=headers)


def test_lines_are_found_by_name_and_memo_whatever_letters_they_hold(mine: str, minyong: Customer):
    assert found(minyong, mine, "q=월세") == ["월세 김집주"]
    assert found(minyong, mine, "q=급여") == ["가나상사"]
    assert found(minyong, mine, "q=100%25") == ["100% 과즙"]
    assert found(minyong, mine, "q=_") == ["100% 과즙"]
    assert found(minyong, mine, "q=CMD") == ["=cmd()"]
    assert found(minyong, mine, "q='%20OR%201=1--") == []


def test_lines_are_found_by_amount_way_and_period(house: House, mine: str, minyong: Customer):
    now = house.clock.now()

    assert found(minyong, mine, "least=400000&most=600000") == ["월세 김집주"]
    assert found(minyong, mine, "way=out") == []
    assert len(found(minyong, mine, "way=in")) == 5
    since, until = now - 2 * DAY, now - DAY
    assert found(minyong, mine, f"since={since}&until={until}") == ["가나상사"]
    assert found(minyong, mine, f"since={now}") == ["100% 과즙"]


@pytest.mark.parametrize(
    "query",
    ["limit=201", "limit=0", "least=-1", "way=up", "since=x", f"q={'a' * 61}", "lang=fr", "q=%00"],
)
def test_a_query_that_is_not_the_contracts_is_malformed(mine: str, minyong: Customer, query: str):
    path = f"/v1/accounts/{mine}/statement{'.csv' if 'lang' in query else ''}?{query}"

    answer = minyong.line.get(path)

    assert (answer.status, answer.code) == (400, "malformed")


def test_the_csv_holds_every_line_and_no_formula(house: House, mine: str, minyong: Customer):
    answer = file(house, minyong, f"/v1/accounts/{mine}/statement.csv")

    rows = answer.content.decode().split("\r\n")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert 'filename="statement-' in answer.headers["content-disposition"]
    assert "extract" not in answer.headers["content-disposition"]
    assert len(rows) == 1 + 5 + 1
    assert '"\'=cmd()","\'@SUM(1+1)","","7"' in rows[2]


def test_the_csv_is_read_page_after_page(house: House, mine: str, minyong: Customer, monkeypatch):
    from dojang.ledger import accounts

    monkeypatch.setattr(accounts, "PAGE_MAX", 2)

    answer = file(house, minyong, f"/v1/accounts/{mine}/statement.csv?lang=en")

    assert len(answer.content.decode().split("\r\n")) == 1 + 5 + 1


def test_the_pdf_is_signed_by_the_bank(house: House, mine: str, minyong: Customer):
    answer = file(house, minyong, f"/v1/accounts/{mine}/statement.pdf?lang=en&q=급여")

    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert b"/ETSI.CAdES.detached" in answer.content


@pytest.mark.parametrize(
    ("query", "name", "told"),
    [
        ("", "statement-", "이 기간의 모든 거래"),
        ("&way=in", "statement-extract-", "입금만 (출금은 빠져 있음)"),
        ("&least=8&most=600000&q=%EC%9B%94%EC%84%B8", "statement-extract-", "“월세”"),
    ],
)
def test_what_was_left_out_is_in_what_the_bank_signs(
    house: House, mine: str, minyong: Customer, query: str, name: str, told: str
):
    answer = file(house, minyong, f"/v1/accounts/{mine}/statement.pdf?lang=ko{query}")

    signature, *_stamps = PdfFileReader(io.BytesIO(answer.content)).embedded_signatures
    assert ("(일부 거래만)" in signature.sig_object["/Reason"]) is bool(query)
    assert f'filename="{name}' in answer.headers["content-disposition"]
    page = pages(answer.content)[0]
    assert told in page
    assert ("거래내역서 (일부 거래만)" in page) is bool(query)


def test_pdfs_are_counted_for_each_customer_before_they_are_made(
    house: House, mine: str, minyong: Customer, seoyeon: Customer
):
    house.clock.move(HOUR)
    for one in (minyong, seoyeon):
        one.line.token = None
        one.login("280461" if one is minyong else SEOYEON.pin)
    other = str(minyong.accounts()[0]["id"])
    made = [
        file(house, minyong, f"/v1/accounts/{account}/statement.pdf?q=급여")
        for account in (mine, other) * 5
    ]
    house.clock.move(MINUTE)

    refused = file(house, minyong, f"/v1/accounts/{other}/statement.pdf?q=급여")

    assert [one.status_code for one in made] == [200] * 10
    told = refused.json()
    assert (refused.status_code, told["code"]) == (429, "too_many_statements")
    assert told["retry_after_seconds"] == 59 * 60
    assert refused.headers["retry-after"] == str(59 * 60)
    hers = str(seoyeon.accounts()[0]["id"])
    assert file(house, seoyeon, f"/v1/accounts/{hers}/statement.pdf").status_code == 200
    assert file(house, minyong, f"/v1/accounts/{mine}/statement.csv").status_code == 200
    house.clock.move(59 * MINUTE)
    minyong.line.token = None
    minyong.login("280461")
    assert file(house, minyong, f"/v1/accounts/{mine}/statement.pdf?q=급여").status_code == 200


def test_a_file_is_never_cut_short_in_silence(house: House, mine: str, minyong: Customer):
    with house.bank.db.transaction() as tx:
        present = policy.current(tx)
        few = msgspec.structs.replace(present.statements, csv_rows=4)
        policy.adopt(tx, msgspec.structs.replace(present, statements=few))
    try:
        whole = file(house, minyong, f"/v1/accounts/{mine}/statement.csv")
        part = file(house, minyong, f"/v1/accounts/{mine}/statement.csv?least=8")
    finally:
        with house.bank.db.transaction() as tx:
            policy.adopt(tx, present)

    assert (whole.status_code, whole.json()["code"], whole.json()["rows"]) == (
        403,
        "export_too_long",
        4,
    )
    assert part.status_code == 200


@pytest.mark.parametrize("kind", ["csv", "pdf"])
def test_somebody_elses_statement_is_not_there(house: House, mine: str, seoyeon: Customer, kind):
    seoyeon.line.token = None
    seoyeon.login(SEOYEON.pin)

    answer = file(house, seoyeon, f"/v1/accounts/{mine}/statement.{kind}")

    assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found")

"""Bytes no honest phone sends: they are refused by name, never met with a fault."""

import json

import pytest
from tests.api.house import ORIGIN, Raw, send

from dojang.transfers.payees import shown_name

DEEP = b"[" * 30_000 + b"]" * 30_000
BODIES = {
    "deep": DEEP,
    "deep object": b'{"kid":' * 5_000 + b"1" + b"}" * 5_000,
    "twice": b'{"kid":"AAAAAAAAAAAAAAAAAAAAAA","kid":"AAAAAAAAAAAAAAAAAAAAAA"}',
    "nan": b'{"kid":NaN}',
    "infinity": b'{"kid":Infinity}',
    "not utf-8": b'{"kid":"\xff\xfe"}',
    "surrogate": b'{"kid":"\\ud800AAAAAAAAAAAAAAAAAAAAA"}',
    "nul": b'{"kid":"\\u0000AAAAAAAAAAAAAAAAAAAAA"}',
    "huge": b'{"kid":' + b"9" * 60_000 + b"}",
    "float": b'{"kid":1e400}',
    "null": b"null",
    "empty": b"",
    "list": b"[]",
    "bom": b'\xef\xbb\xbf{"kid":"AAAAAAAAAAAAAAAAAAAAAA"}',
}
ORDER = {
    "from_account": "990",
    "payee_bank": "990",
    "payee_account": "990111111111",
    "amount": 1,
    "memo": "",
}
ID = "0192f3a0-0000-7000-8000-00000000000a"


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/v1/login/challenges", "/v1/loss-reports", "/v1/enrolments"])
def test_what_is_not_our_json_is_malformed(house, minyong, name, path):
    answer = send(minyong.line, Raw("POST", path, BODIES[name]))

    assert (answer.status, answer.code) == (400, "malformed")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", "1.0"),
        ("amount", "1e3"),
        ("amount", "true"),
        ("amount", '"1"'),
        ("amount", "9223372036854775808"),
        ("amount", "1000000000000001"),
        ("amount", "null"),
        ("memo", '"\\u202egnp"'),
        ("memo", '"a\\u200bb"'),
        ("memo", '"a\\u0000b"'),
        ("memo", '"a\\nb"'),
        ("memo", json.dumps("\u1112\u1161\u11ab")),
        ("memo", '"\\ud83d"'),
        ("memo", json.dumps("\u3164")),
        ("memo", json.dumps("\ufeff")),
        ("memo", json.dumps("가" * 21)),
        ("payee_account", '"990111111111\\n"'),
        ("payee_account", json.dumps("９９０１１１１１１１１１")),
        ("payee_bank", '"990\\n"'),
        ("from_account", '"990111111111\\n"'),
        ("from_account", '"--------"'),
        ("extra", "1"),
    ],
)
def test_an_order_that_cannot_be_shown_or_counted_is_refused(house, minyong, member, value):
    own = minyong.accounts()[0]["number"]
    body = {**ORDER, "from_account": own}
    text = json.dumps({k: v for k, v in body.items() if k != member}, ensure_ascii=False)[:-1]
    before = house.contents()

    answer = send(
        minyong.line, Raw("PUT", f"/v1/transfers/{ID}", f'{text},"{member}":{value}}}'.encode())
    )

    assert answer.status in {400, 404}, answer
    assert house.contents() == before


@pytest.mark.parametrize(
    "path",
    [
        "/v1/transfers/%00",
        "/v1/transfers/" + "x" * 5_000,
        "/v1/transfers/..%2f..%2fme",
        "/v1/transfers/%2e%2e",
        "/v1/accounts/%00/statement",
        "/v1/accounts/%ff/statement",
        "/v1/accounts/x/statement?before=-1",
        "/v1/accounts/x/statement?before=99999999999999999999999",
        "/v1/accounts/x/statement?limit=1e9",
        "/v1/certificate/history?before=nan",
        "/v1/certificate/history?limit=0",
        "/problems/..%2f..%2fREADME",
        "/problems/%00",
        "/..%2f..%2fpyproject.toml",
        "/assets/..%2f..%2fapp.py",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/../pki/root.crt",
        "/v1/%6de",
    ],
)
def test_an_address_nobody_gave_leads_nowhere(house, minyong, path):
    from urllib.parse import unquote

    claims = {"url": ORIGIN + unquote(path.partition("?")[0], errors="replace")}
    answer = send(minyong.line, Raw("GET", path, claims=claims))

    assert answer.status in {200, 400, 401, 404}, answer
    if answer.status == 200:
        assert path == "/v1/%6de" or answer.body == {}


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PATCH", "HEAD", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize("path", ["/v1/me", "/v1/transfers/x", "/", "/pki/ocsp", "/v1/nowhere"])
def test_a_method_that_is_not_offered_does_nothing(house, method, path):
    answer = house.client.request(method, ORIGIN + path)

    assert answer.status_code in {200, 204, 400, 404, 405}
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x30",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x00" * 9,
        b"0\x80\x00\x00",
        b"\x30" * 60_000,
        DEEP,
    ],
)
def test_the_responder_says_malformed_to_garbage(house, garbage):
    answer = house.client.post(ORIGIN + "/pki/ocsp", content=garbage)

    assert answer.status_code == 200
    assert answer.content == bytes.fromhex("30030a0101")
    asked = house.client.get(ORIGIN + "/pki/ocsp/%00%ff" + "A" * 100)
    assert asked.content == bytes.fromhex("30030a0101")


ERRORS = [
    ("GET", "/v1/nowhere/at/all", b""),
    ("GET", "/v1/me", b""),
    ("POST", "/v1/loss-reports", b"{"),
    ("POST", "/v1/loss-reports", b"x" * 70_000),
    ("DELETE", "/v1/bank", b""),
    ("GET", "/nowhere.js", b""),
    ("GET", "/_demo/nowhere", b""),
    ("GET", "/problems/nowhere", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), ERRORS)
def test_every_refusal_carries_the_security_headers_and_says_little(house, method, path, body):
    answer = house.client.request(method, ORIGIN + path, content=body)

    assert answer.status_code >= 400
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert len(answer.headers.get_list(name)) == 1, name
    assert answer.headers["content-type"] == "application/problem+json"
    assert "no-store" in answer.headers["cache-control"]
    told = answer.json()
    assert set(told) <= {"type", "title", "status", "code", "reason"}


@pytest.mark.parametrize("path", ["/v1/loss-reports", "/_demo/clock"])
@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {},
        {"content-type": "application/json", "sec-fetch-site": "cross-site"},
        {"content-type": "application/json", "sec-fetch-site": "same-site"},
    ],
    ids=repr,
)
def test_a_page_of_somebody_else_opens_no_door(house, path, headers):
    body = {
        "/v1/loss-reports": b'{"name":"Kim","birth_date":"19850315","phone":"01024681357"}',
        "/_demo/clock": b'{"seconds":86400}',
    }[path]
    before, now = house.contents(), house.clock.now()

    answer = house.client.post(ORIGIN + path, content=body, headers=headers)

    assert answer.status_code in {403, 415}
    assert (house.contents(), house.clock.now()) == (before, now)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("홍길동", "홍길동"),
        ("\u1112\u1169\u11bc\u1100\u1175\u11af", "홍길"),
        ("홍\u202e동길\u202c", "홍동길"),
        ("홍\u200b\u2060길\ufeff동", "홍길동"),
        ("\u3164\u115f\u2800", ""),
        ("홍길동\n5,000,000원", "홍길동5,000,000원"),
        ("  A   B  ", "A B"),
        ("가" * 80, "가" * 50),
        ("\ud800", ""),
    ],
    ids=range(9),
)
def test_a_payee_is_signed_under_the_name_that_is_seen(said, shown):
    assert shown_name(said) == shown

"""Whatever a machine thinks of to send, by the OpenAPI document: no fault of ours answers.

Half of the requests come from a phone with a session and a valid proof, so that they get past the
door; the other half from nobody.
"""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from tests.api.house import ORIGIN, House, Raw, send
from tests.api.routes import DOORS, Door

from dojang.crypto import dpop
from dojang.crypto.encoding import b64u
from dojang.kernel.clock import SECOND
from dojang.phone.customer import Customer

EXAMPLES = 12


@pytest.fixture(scope="module")
def described(house: House):
    return schemathesis.openapi.from_dict(house.client.get(ORIGIN + "/v1/openapi.json").json())


def sent(house: House, customer: Customer, case: Case, *, proved: bool) -> int:
    """Send the case's bytes as they are; with a proof over exactly those bytes where wanted."""
    request = case.as_transport_kwargs(base_url=ORIGIN)
    body = json.dumps(request["json"]).encode() if "json" in request else b""
    url = ORIGIN + case.formatted_path
    headers = {"content-type": "application/json"} if body else {}
    if proved:
        customer.line.get("/v1/bank")
        headers["authorization"] = f"DPoP {customer.line.token}"
        headers["dpop"] = dpop.create(
            customer.line._key,
            method=case.method.upper(),
            url=url,
            body=body,
            nonce=customer.line._nonce,
            jti=b64u(house.entropy.bytes(16)),
            iat=house.clock.now() // SECOND,
            access_token=customer.line.token,
        )
    response = house.client.request(
        case.method, url, content=body or None, headers=headers, params=case.query or None
    )
    return response.status_code


@pytest.mark.parametrize("who", ["proved", "nobody"])
@pytest.mark.parametrize("door", DOORS, ids=str)
def test_no_request_makes_a_fault(house: House, minyong: Customer, described, door: Door, who: str):
    operation = described[door.path][door.method]
    met: list[int] = []
    proved = who == "proved"

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def fuzz(case: Case) -> None:
        met.append(sent(house, minyong, case, proved=proved))
        assert met[-1] < 500

    given(case=operation.as_strategy())(fuzz)()
    if proved and door.needs_session:
        assert set(met) - {401}, "no request got past the door"


@pytest.mark.parametrize("body", [b"", b"\x30", b"\x30\x80", b"\x00" * 60_000, b"0" * 70_000])
def test_whatever_is_asked_of_ocsp_is_answered(house: House, body: bytes):
    headers = {"content-type": "application/ocsp-request"}

    response = house.client.post(ORIGIN + "/pki/ocsp", content=body, headers=headers)

    assert response.status_code < 500


def test_the_bank_is_well_after_all_that(house: House, minyong: Customer):
    assert house.client.get(ORIGIN + "/health").json()["status"] == "ok"
    assert send(minyong.line, Raw("GET", "/v1/bank")).done

"""The bank itself: is it well, what does it offer, what do its problems mean."""

from typing import Any

from litestar import MediaType, Response, get
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy import text

from dojang import policy
from dojang.kernel.problem import NotFound, Unavailable
from dojang.web import problem_pages
from dojang.web.core import BankRequest, bank, threaded


class Words(Struct, frozen=True):
    ko: str
    en: str


class TierOut(Struct, frozen=True):
    name: str
    up_to: int
    needs: list[str]


class Coded(Struct, frozen=True):
    code: str
    name: Words


class BankOut(Struct, frozen=True):
    """What a phone needs to know before it talks about money."""

    origin: str
    rp_id: str
    bank_code: str
    bank_name: Words
    profile: str
    demo: bool
    hotline: str
    server_time: int
    policy_version: int
    tiers: list[TierOut]
    sms_code: dict[str, int]
    ars: dict[str, int]
    tries: dict[str, int]
    sessions: dict[str, int]
    dormant_days: int
    carriers: list[Coded]
    banks: list[Coded]


class HealthOut(Struct, frozen=True):
    status: str
    parts: dict[str, str]


@get("/health")
@threaded
def health(request: BankRequest) -> Response[HealthOut]:
    """`ok` only when the database answers and the vault holds its keys."""
    parts = {"database": "ok", "vault": "ok"}
    try:
        with bank(request).db.snapshot() as tx:
            tx.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001 - whatever it is, the part is not well
        parts["database"] = "down"
    try:
        if not bank(request).vault.labels():
            parts["vault"] = "empty"
    except Unavailable:
        parts["vault"] = "down"
    well = set(parts.values()) == {"ok"}
    body = HealthOut(status="ok" if well else "failing", parts=parts)
    return Response(body, status_code=200 if well else 503)


@get("/metrics", sync_to_thread=False, include_in_schema=False)
def metrics() -> Response[bytes]:
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest  # for whoever asks

    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@get("/v1/bank")
@threaded
def about(request: BankRequest) -> BankOut:
    house = bank(request)
    settings = house.settings
    with house.db.snapshot() as tx:
        rules = policy.current(tx)
    return BankOut(
        origin=settings.origin,
        rp_id=settings.rp_id,
        bank_code=settings.bank.code,
        bank_name=Words(ko=settings.bank.name_ko, en=settings.bank.name_en),
        profile=rules.profile,
        demo=settings.demo,
        hotline=settings.bank.hotline,
        server_time=house.clock.now(),
        policy_version=rules.version,
        tiers=[
            TierOut(name=tier.name, up_to=tier.up_to, needs=[str(f) for f in tier.needs])
            for tier in rules.transfers.tiers
        ],
        sms_code={
            "digits": rules.sms_code.digits,
            "seconds": rules.sms_code.seconds,
            "resend_after_seconds": rules.sms_code.resend_after_seconds,
        },
        ars={"seconds": rules.ars.seconds},
        tries={"pin": rules.tries.pin, "pattern": rules.tries.pattern},
        sessions={"idle_seconds": rules.sessions.idle_seconds},
        dormant_days=rules.life.dormant_days,
        carriers=[
            Coded(code=carrier.code, name=Words(ko=carrier.name_ko, en=carrier.name_en))
            for carrier in house.gateways.telecom.carriers()
        ],
        banks=[
            Coded(code=other.code, name=Words(ko=other.name_ko, en=other.name_en))
            for other in house.gateways.switch.banks()
        ],
    )


@get("/problems/{code:str}", media_type=MediaType.HTML)
@threaded
def problem_page(request: BankRequest, code: FromPath[str]) -> str:
    """The page a problem's `type` points to, in the language the browser prefers."""
    wanted = request.headers.get("accept-language", "ko")
    page = problem_pages.html(code, "en" if wanted.lower().startswith("en") else "ko")
    if page is None:
        raise NotFound
    return page


@get("/v1/openapi.json", include_in_schema=False)
@threaded
def openapi(request: BankRequest) -> dict[str, Any]:
    """This contract as a machine reads it."""
    described: dict[str, Any] = request.app.openapi_schema.to_schema()
    return described


ROUTES: list[Any] = [health, metrics, about, problem_page, openapi]

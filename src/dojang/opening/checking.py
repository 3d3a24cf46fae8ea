"""The checks: an ID card, a face, one won. A refused picture costs a try before it is asked about.

The try is taken and committed first, so that pictures sent at the same time are all counted; it is
given back where the party outside was down, because then nothing was judged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dojang import policy
from dojang.customers import quota
from dojang.db.database import Tx
from dojang.gateways.faces import FaceAsked, FaceVerdict
from dojang.gateways.id_cards import CardAsked, CardVerdict
from dojang.gateways.sms import GatewayDown
from dojang.kernel.clock import DAY, SECOND, Instant
from dojang.kernel.problem import Forbidden
from dojang.opening import images, store
from dojang.opening.events import CheckPassed, CheckRefused
from dojang.opening.journeys import Bearer, Journeys, Parts, end
from dojang.opening.model import (
    PROVES,
    Act,
    Ended,
    FaceRefused,
    IdCardRefused,
    Journey,
    JourneyState,
    OpeningFailed,
    TooManyUploads,
)
from dojang.policy.opening import Check

PASSED: Final = "passed"
IMAGE: Final = "opening.image"
_TRIES: Final = {Check.ID_CARD: "card_tries", Check.FACE: "face_tries"}


@dataclass(frozen=True)
class _Kind:
    """A check by a picture."""

    act: Act
    refused: type[Forbidden]

    @property
    def check(self) -> Check:
        return PROVES[self.act]


_CARD: Final = _Kind(Act.SHOW_ID_CARD, IdCardRefused)
_FACE: Final = _Kind(Act.SHOW_FACE, FaceRefused)
Judge = Callable[[Journey, bytes], StrEnum]


class Pictures:
    """Each verb is one check; each gives the state after it."""

    def __init__(self, parts: Parts, journeys: Journeys) -> None:
        self._parts = parts
        self._journeys = journeys

    def id_card(self, bearer: Bearer, content: bytes) -> JourneyState:
        """Raises ImageRefused, IdCardRefused, OpeningFailed, TooManyUploads, GatewayDown; and
        Unavailable, nothing counted, where as many pictures as may are being decoded.
        """
        return self._show(bearer, content, _CARD, self._judge_card)

    def face(self, bearer: Bearer, content: bytes) -> JourneyState:
        """Raises FaceRefused, and the others as `id_card`."""
        return self._show(bearer, content, _FACE, self._judge_face)

    def _show(self, bearer: Bearer, content: bytes, kind: _Kind, judge: Judge) -> JourneyState:
        mine = self._journeys.glance(bearer)
        mine.demand(kind.act)
        with images.place():
            picture = images.cleaned(content, self._admit(mine))
        if not self._take(bearer, kind):
            raise OpeningFailed
        try:
            verdict = judge(mine, picture)
        except GatewayDown:
            self._give_back(bearer, kind)
            raise
        sealed = self._parts.fields.seal_bytes(IMAGE, _place(mine, kind.check), picture)
        with self._journeys.locked(bearer) as (tx, now):
            now.demand(kind.act)
            if verdict.value == PASSED:
                return self._passed(tx, bearer, now, kind, sealed)
            left = now.tries(kind.check)
            self._refused(tx, now, kind, verdict.value)
        if left == 0:
            raise OpeningFailed
        raise kind.refused(reason=verdict.value, tries_left=left)

    def _admit(self, mine: Journey) -> policy.opening.Opening:
        """Count the upload, refused or not. Raises TooManyUploads."""
        key = self._parts.fields.index("upload", mine.customer_id)
        with self._parts.db.transaction() as tx:
            rules = self._journeys.rules(tx, mine)
            seconds = DAY // SECOND
            if not quota.take(tx, "upload", key, limit=rules.uploads_per_day, seconds=seconds):
                raise TooManyUploads
        return rules

    def _take(self, bearer: Bearer, kind: _Kind) -> bool:
        """Take a try. False, and the journey is over, where none is left."""
        with self._journeys.locked(bearer) as (tx, now):
            now.demand(kind.act)
            left = now.tries(kind.check)
            if left == 0:
                end(tx, now, Ended.FAILED, kind.check.value)
                return False
            store.change(tx, now.id, **{_TRIES[kind.check]: left - 1})
            return True

    def _give_back(self, bearer: Bearer, kind: _Kind) -> None:
        with self._journeys.locked(bearer) as (tx, now):
            store.change(tx, now.id, **{_TRIES[kind.check]: now.tries(kind.check) + 1})

    def _passed(
        self, tx: Tx, bearer: Bearer, now: Journey, kind: _Kind, sealed: bytes
    ) -> JourneyState:
        # A picture outlives its journey at most until it would have expired.
        until = Instant(now.expires_at)
        store.put_image(tx, now.id, kind.check.value, sealed, erase_at=until)
        passed(tx, now, kind.act)
        return self._journeys.state(tx, self._journeys.read(tx, bearer))

    def _refused(self, tx: Tx, now: Journey, kind: _Kind, reason: str) -> None:
        left = now.tries(kind.check)
        tx.emit(
            CheckRefused(
                subject=now.customer_id,
                opening_id=now.id,
                check=kind.check.value,
                reason=reason,
                tries_left=left,
            )
        )
        if left == 0:
            end(tx, now, Ended.FAILED, kind.check.value)

    def _judge_card(self, mine: Journey, picture: bytes) -> CardVerdict:
        with self._parts.db.snapshot() as tx:
            claim = self._parts.customers.claim_of(tx, mine.customer_id)
        return self._parts.id_cards.check(CardAsked(picture, claim.name, claim.resident_number))

    def _judge_face(self, mine: Journey, picture: bytes) -> FaceVerdict:
        with self._parts.db.snapshot() as tx:
            claim = self._parts.customers.claim_of(tx, mine.customer_id)
            sealed = store.image(tx, mine.id, Check.ID_CARD.value)
        if sealed is None:
            raise LookupError("a face is asked for after the card it is compared with")
        card = self._parts.fields.open_bytes(IMAGE, _place(mine, Check.ID_CARD), sealed)
        return self._parts.faces.compare(FaceAsked(card, picture, claim.resident_number))


def passed(tx: Tx, now: Journey, act: Act) -> None:
    """Write that the check of this act is passed, and where the journey goes on."""
    done, following = now.after_check(act)
    store.change(tx, now.id, step=following, passed=store.names(done))
    tx.emit(CheckPassed(subject=now.customer_id, opening_id=now.id, check=PROVES[act].value))


def _place(mine: Journey, check: Check) -> str:
    return f"{mine.id}/{check.value}"

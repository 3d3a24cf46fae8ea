"""The making of the house's own certificates: announced, signed, stored, in that order.

The announcement is durable before a key is touched. What belongs together is stored together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dojang.certificates import profiles, store_authority, unfinished
from dojang.certificates.certifying import (
    Linted,
    Span,
    Uncertain,
    house_fields,
    linted,
    signed,
)
from dojang.certificates.model import Plan
from dojang.certificates.profiles import Profile, Signer
from dojang.certificates.store_authority import AuthorityRow
from dojang.db import Database, Tx
from dojang.kernel.entropy import Entropy
from dojang.vault import Vault


@dataclass(frozen=True)
class Post:
    """A certificate of the house to be made: what, under which role and number, by whom."""

    profile: Profile
    role: str
    number: int
    key_label: str
    subject: bytes
    spki: bytes
    span: Span
    signer: Signer
    signer_label: str

    def drafted(self, plan: Plan, entropy: Entropy) -> Linted:
        """What is to be signed. Raises `Uncertain`."""
        serial = profiles.new_serial(entropy)
        fields = house_fields(self.subject, self.spki, self.span, serial=serial)
        return linted(self.profile, fields, self.signer, plan)

    def row(self, draft: Linted, der: bytes) -> AuthorityRow:
        return AuthorityRow(
            role=self.role,
            number=self.number,
            key_label=self.key_label,
            serial=profiles.serial_text(draft.fields.serial),
            not_before=draft.fields.not_before,
            not_after=draft.fields.not_after,
            der=der,
        )


class Maker:
    """Makes them with the keys of one vault. Not inside a transaction."""

    def __init__(self, db: Database, vault: Vault, entropy: Entropy, plan: Plan) -> None:
        self._db = db
        self._vault = vault
        self._entropy = entropy
        self._plan = plan

    def certify(self, post: Post) -> AuthorityRow:
        """What counts is returned: another process may have been quicker."""
        (made,) = self._signed([post])
        with self._db.transaction() as tx:
            kept = store_authority.add_or_find(tx, made)
            if kept.serial != made.serial:
                unfinished.abandoned(tx, made.role, made.serial)
        return kept

    def certify_all(self, posts: Sequence[Post]) -> list[AuthorityRow]:
        """All of them or none. Raises `Uncertain` where another process was quicker."""
        made = self._signed(posts)
        try:
            with self._db.transaction() as tx:
                for row in made:
                    _added(tx, row)
        except Uncertain:
            with self._db.transaction() as tx:
                for row in made:
                    unfinished.abandoned(tx, row.role, row.serial)
            raise
        return made

    def _signed(self, posts: Sequence[Post]) -> list[AuthorityRow]:
        drafts = [post.drafted(self._plan, self._entropy) for post in posts]
        with self._db.transaction() as tx:
            for post, draft in zip(posts, drafts, strict=True):
                serial = profiles.serial_text(draft.fields.serial)
                unfinished.prepared(tx, post.role, serial, draft.tbs_hash)
        return [
            post.row(draft, signed(self._vault, post.signer_label, draft))
            for post, draft in zip(posts, drafts, strict=True)
        ]


def _added(tx: Tx, row: AuthorityRow) -> None:
    if store_authority.add_or_find(tx, row).serial != row.serial:
        raise Uncertain("another process made some of it meanwhile")

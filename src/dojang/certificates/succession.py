"""A new root beside the old one: what is made, and what of it a bank takes from a ceremony.

RFC 4210 4.4.1 calls the parts so, and says how long each is valid:

    new with new   the new root, by itself
    new with old   its key, certified by the root before it; ends with the older one
    old with new   the key of each older root, certified by the new one; as long as the older one

and beneath the new root the next generation of the issuing CA, or it would stand over nothing.
"""

from dojang.certificates import certifying
from dojang.certificates.certifying import Span, issuing_key, issuing_name, root_key
from dojang.certificates.making import Post
from dojang.certificates.model import Plan
from dojang.certificates.profiles import CROSS, ISSUING, ROOT, Signer
from dojang.certificates.roots import Root, Roots, cross_role
from dojang.kernel.clock import Instant


def posts(
    plan: Plan,
    roots: Roots,
    *,
    previous: Signer,
    new: Signer,
    root_spki: bytes,
    issuing_spki: bytes,
    generation: int,
    now: Instant,
) -> list[Post]:
    """All that is signed, the new root first. Raises `RootEnded` where the last one signs no more.

    `previous` is the newest of `roots`, `new` the one to be made; `generation` is the issuing CA's.
    """
    old, label = roots.newest, root_key(new.generation)
    old.signs_at(now)
    own = Span.of_days(now, plan.root_days)
    with_old = Span(own.start, min(own.end, old.not_after))
    below = Span.of_days(now, plan.issuing_days, until=own.end)
    crossed = cross_role(new.generation, old.number)
    return [
        Post(ROOT, ROOT.name, new.generation, label, new.name, root_spki, own, new, label),
        Post(CROSS, crossed, 1, label, new.name, root_spki, with_old, previous, old.key_label),
        *(_with_new(one, new, label, own.end) for one in roots.every if now <= one.not_after),
        Post(
            ISSUING,
            ISSUING.name,
            generation,
            issuing_key(generation),
            issuing_name(plan, generation),
            issuing_spki,
            below,
            new,
            label,
        ),
    ]


def _with_new(old: Root, new: Signer, label: str, end: Instant) -> Post:
    span = Span(old.not_before, min(old.not_after, end))
    role = cross_role(old.number, new.generation)
    spki = certifying.spki_in(old.certificate)
    return Post(CROSS, role, 1, old.key_label, old.name, spki, span, new, label)

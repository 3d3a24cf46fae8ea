"""What the policy says of joint certificates."""

from typing import Annotated

from msgspec import Meta, Struct

_Count = Annotated[int, Meta(ge=1, le=1_000)]
_Seconds = Annotated[int, Meta(ge=1, le=31_536_000)]


class Joint(Struct, frozen=True, forbid_unknown_fields=True):
    """The defaults are those of a policy that was adopted before there were joint certificates."""

    years: _Count = 1
    renew_days: _Count = 30
    """Renewal is open from so many days before the last one."""
    request_seconds: _Seconds = 600
    """A request is signed and used within this."""
    registration_seconds: _Seconds = 600
    registration_failures: _Count = 5
    """Wrong codes; then the registration is spent."""
    challenge_seconds: _Seconds = 600
    """What a relying party of the demo asks to be signed."""
    crl_seconds: _Seconds = 86_400

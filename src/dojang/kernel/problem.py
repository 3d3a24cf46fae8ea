"""Refusals: one class each, told to the client as RFC 9457 problem+json by `web` only.

    Problem
    ├── Malformed            400  the request is not what the contract says
    ├── Unauthenticated      401  no valid session, token or proof of possession
    ├── Forbidden            403  known, but not allowed or not proved
    ├── NotFound             404  nothing there that the caller may see
    ├── Conflict             409  not now, or not again
    ├── TooMany              429  a limit of attempts or of messages
    └── Unavailable          503  ours to mend; the same request may be sent again

A domain subclasses one of these per refusal and gives it a stable `code`. Words belong to the
client and to `docs/problems/CODE.md`; `fields` are the figures those words need, never anything
that the caller typed.
"""

from typing import ClassVar


class Problem(Exception):
    """A refusal with a stable code. `fields` become members of the problem object."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, **fields: int | str | bool | list[str] | None) -> None:
        super().__init__(self.code)
        self.fields = {name: value for name, value in fields.items() if value is not None}


class Malformed(Problem):
    code = "malformed"
    status = 400
    title = "The request is not what this path takes."


class Unauthenticated(Problem):
    code = "not_signed_in"
    status = 401
    title = "Sign in first."


class Forbidden(Problem):
    code = "forbidden"
    status = 403
    title = "This is not allowed."


class NotFound(Problem):
    code = "not_found"
    status = 404
    title = "There is nothing here that you may see."


class Conflict(Problem):
    code = "conflict"
    status = 409
    title = "That does not fit what already happened."


class TooMany(Problem):
    code = "too_many"
    status = 429
    title = "Too many attempts. Wait, then try again."


class Unavailable(Problem):
    code = "unavailable"
    status = 503
    title = "Not available for a moment. Send the same request again."


def every_problem(base: type[Problem] = Problem) -> list[type[Problem]]:
    """Every problem class with a code of its own, for docs, words and OpenAPI."""
    found = [base] if "code" in base.__dict__ else []
    for child in base.__subclasses__():
        found += every_problem(child)
    return found

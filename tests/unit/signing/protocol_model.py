"""Phone and server of PROTOCOL 3 as two small machines over a lossy network, for `test_model`.

The names are those of the code: begin, complete, resume, confirm_stale, tip, gen, inflight, rid,
sid, OPEN, DONE, ABANDONED. A share is its history: the DONE sessions whose deltas it has taken
in; z1 fits exactly when the phone's history is the server's. Network, storage and time are the
adversary's: a message sent stays deliverable (delay, reorder), need not be delivered (loss), can
be delivered twice; a phone crashes and is copied at any moment.

States are tuples, so that a set can hold them; every function here is pure.
"""

from typing import NamedTuple

OPEN, DONE, ABANDONED = "OPEN", "DONE", "ABANDONED"


class Rules(NamedTuple):
    """The protocol, one switch a mutant: the defaults are PROTOCOL 3."""

    begin_judges: bool = False
    repeat_answered_409: bool = False
    durable_inflight: bool = True
    result_deleted_when_first_delivered: bool = False
    rid_checked: bool = True
    accepts_one_behind: bool = False
    tip_checked: bool = True
    confirm_needs_older_gen: bool = True
    resume_first: bool = True


class Session(NamedTuple):
    sid: int
    rid: tuple
    gen: int
    state: str
    who: str
    after_copy_done: bool


class Server(NamedTuple):
    tip: int = 0
    history: tuple = ()
    sessions: tuple = ()
    delivered: bool = False
    suspended: bool = False
    copy_done: bool = False


class Phone(NamedTuple):
    """`wait` and `volatile` are lost in a crash, the rest is durable."""

    gen: int = 0
    history: tuple = ()
    inflight: int | None = None
    wait: tuple | None = None
    volatile: int | None = None
    told: bool = False
    begins: int = 0
    asks: int = 0


class Violation(Exception):
    pass


def find(server, sid):
    return next((s for s in server.sessions if s.sid == sid), None)


def closed(server, sid, state):
    sessions = tuple(s._replace(state=state) if s.sid == sid else s for s in server.sessions)
    return server._replace(sessions=sessions)


def begin(rules, server, who, rid, gen):
    """S1. Returns the server after it and the answer."""
    if server.suspended:
        return server, ("refused",)
    again = next((s for s in server.sessions if s.rid == rid), None)
    if again is not None:
        if rules.repeat_answered_409:
            return server, ("generation_mismatch",)
        return server, ("begun", again.sid) if again.state == OPEN else ("session_over",)
    fits = gen == server.tip or (rules.accepts_one_behind and gen == server.tip - 1)
    if rules.tip_checked and not fits:
        if gen > server.tip:
            return server, ("server_behind",)
        judged = server._replace(suspended=True) if rules.begin_judges else server
        return judged, ("generation_mismatch",)
    for session in server.sessions:
        if session.state == OPEN:
            server = closed(server, session.sid, ABANDONED)
    sid = len(server.sessions)
    session = Session(sid, rid, gen, OPEN, who, server.copy_done)
    return server._replace(sessions=(*server.sessions, session)), ("begun", sid)


def complete(rules, server, sid, history):
    """S2: z1 fits when the phone's share has the history of its generation."""
    session = find(server, sid)
    if session.state == ABANDONED:
        return server, ("session_over",)
    if session.state == DONE:
        if rules.repeat_answered_409:
            return server, ("generation_mismatch",)
        return stored(rules, server, sid)
    if server.suspended:
        return server, ("refused",)
    if history != server.history[: session.gen]:
        raise Violation("an honest share was taken for a wrong PIN")
    if any(s.state == DONE and s.gen == session.gen for s in server.sessions):
        raise Violation("I3: two DONE for one generation")
    if session.who == "owner" and session.after_copy_done:
        raise Violation("I8: the owner signed after the copy did, and was not told")
    server = closed(server, sid, DONE)._replace(
        tip=session.gen + 1,
        history=(*server.history[: session.gen], sid),
        delivered=False,
        copy_done=server.copy_done or session.who == "copy",
    )
    return stored(rules, server, sid)


def resume(rules, server, sid):
    """S3."""
    session = find(server, sid)
    if session.state == OPEN:
        return closed(server, sid, ABANDONED), ("not_completed",)
    return (
        (server, ("not_completed",)) if session.state == ABANDONED else stored(rules, server, sid)
    )


def stored(rules, server, sid):
    """The result of a DONE, until the first DONE under the next generation."""
    if server.history[-1:] != (sid,):
        return server, ("generation_mismatch",)
    if rules.result_deleted_when_first_delivered and server.delivered:
        return server, ("generation_mismatch",)
    return server._replace(delivered=True), ("done", sid)


def confirm_stale(rules, server, gen):
    """S4."""
    if gen < server.tip or not rules.confirm_needs_older_gen:
        return server._replace(suspended=True), ("state",)
    return server, ("state",)


def start(rules, phone, who):
    """What an idle phone sends next, and the phone that waits for it."""
    inflight = phone.inflight if rules.durable_inflight else phone.volatile
    rid = (who, phone.begins + phone.asks) if rules.rid_checked else (who, -1)
    if inflight is not None and rules.resume_first:
        waiting = phone._replace(wait=("resume", rid, inflight), asks=phone.asks + 1)
        return waiting, ("resume", who, rid, inflight)
    unique = (who, phone.begins + phone.asks)
    waiting = phone._replace(wait=("begin", rid), begins=phone.begins + 1)
    return waiting, ("begin", who, unique, phone.gen)


def hear(rules, phone, who, answer):  # noqa: PLR0911 - one line an answer
    """An answer arrives: (rid, what, ...). Returns the phone and what it sends on."""
    rid, what = answer[0], answer[1]
    if phone.wait is None or (rules.rid_checked and phone.wait[1] != rid):
        return phone, None
    if not rules.rid_checked and not _fits(phone.wait[0], what):
        return phone, None
    step = phone.wait[0]
    idle = phone._replace(wait=None)
    if what == "generation_mismatch":
        return idle._replace(told=True), ("confirm", who, (who, "confirm"), phone.gen)
    if step == "begin" and what == "begun":
        return _complete(rules, idle, who, answer[2])
    if step in {"complete", "resume"} and what == "done":
        if answer[2] != phone.wait[2] and rules.rid_checked:
            raise Violation("the result of another session was taken")
        history = (*phone.history, answer[2])
        moved = idle._replace(gen=phone.gen + 1, history=history, inflight=None, volatile=None)
        return moved, None
    if step == "resume" and what == "not_completed":
        return idle._replace(inflight=None, volatile=None), None
    return idle, None


def _complete(rules, phone, who, sid):
    """inflight is durable before S2 goes out; without a rid anyone's answer is taken."""
    rid = (who, phone.begins + phone.asks) if rules.rid_checked else (who, -1)
    held = {"inflight": sid} if rules.durable_inflight else {"volatile": sid}
    waiting = phone._replace(wait=("complete", rid, sid), asks=phone.asks + 1, **held)
    return waiting, ("complete", who, rid, sid, phone.history)


def _fits(step, what):
    return what in {
        "begin": {"begun", "generation_mismatch", "session_over", "refused"},
        "complete": {"done", "generation_mismatch", "session_over", "refused"},
        "resume": {"done", "not_completed", "generation_mismatch"},
    }.get(step, set())


def crash(phone):
    """Power off: only what was durable stays."""
    return phone._replace(wait=None, volatile=None)


def serve(rules, server, message):
    """A request reaches the server: the server after it, and the answer on its way back."""
    kind, who, rid = message[0], message[1], message[2]
    if kind == "begin":
        server, answer = begin(rules, server, who, rid, message[3])
        rid = rid if rules.rid_checked else (who, -1)
    elif kind == "complete":
        server, answer = complete(rules, server, message[3], message[4])
    elif kind == "resume":
        server, answer = resume(rules, server, message[3])
    else:
        server, answer = confirm_stale(rules, server, message[3])
    return server, ("answer", who, rid, *answer)

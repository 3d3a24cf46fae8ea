"""One process that posts what it is given and tells what came of it, until somebody ends it."""

from multiprocessing.connection import Connection
from typing import Any

from tests.faults.bank.application import Application, Settings, arm_failpoint, decide, told
from tests.faults.bank.processes import context

Batch = list[dict[str, Any]]


def post(settings: Settings, batches: list[Batch], telling: Connection) -> None:
    """Run in a process of its own: one batch after the other, each told when it is answered."""
    arm_failpoint(settings)
    application = Application(settings)
    application.ready()
    for batch in batches:
        telling.send([told(answer) for answer in decide(application.ledger, batch)])


def posted(settings: Settings, batches: list[Batch]) -> tuple[list[list[list[Any]]], int]:
    """(the answers that were told before the process ended, its exit code)."""
    hearing, telling = context().Pipe(duplex=False)
    process = context().Process(target=post, args=(settings, batches, telling), daemon=True)
    process.start()
    telling.close()
    heard = []
    try:
        while True:
            heard.append(hearing.recv())
    except EOFError:
        process.join()
    finally:
        hearing.close()
    return heard, process.exitcode or 0

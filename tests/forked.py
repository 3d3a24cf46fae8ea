"""A bank in a process of its own, forked from one that has imported what a bank imports.

`Served` starts `dojang demo` as an operator does, and three quarters of that start are imports. A
test that kills a bank at each step starts a dozen. Here each is the same command, nothing of which
has begun before the fork: no thread runs, nothing is open, no key is read.
"""

import multiprocessing
import os
import subprocess
import sys
from multiprocessing.process import BaseProcess
from typing import IO, Final

from dojang import cli
from dojang.journey.served import Served

FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["dojang.cli", "dojang.demo", "dojang.serving", "dojang.web"])


class Running:
    """A forked process, spoken to as to a `subprocess.Popen`."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("dojang demo", timeout or 0)
        return self._process.exitcode


class Forked(Served):
    """To be killed and started again as `Served` is."""

    def _begun(self, words: list[str], log: IO[bytes]) -> Running:
        process = FORKS.Process(target=become, args=(words, log.name, self._environment))
        process.start()
        return Running(process)


def become(words: list[str], log: str, environment: dict[str, str]) -> None:
    """The command, with what it says in the log and with this environment."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["dojang", *words]
    cli.main()

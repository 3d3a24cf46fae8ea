"""Everything the experiment starts, as user postgres where we are root, and ended by its id."""

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

STOP_SECONDS = 15.0


class Processes:
    """What was started, by name. `folder` is the only place these processes work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str, server: bool = True) -> None:
        """A server runs as user postgres where we are root; what it says goes to NAME.log."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": str(self.folder)},
                start_new_session=True,
                **(_somebody() if server else {}),
            )

    def kill(self, name: str) -> None:
        self._running[name].kill()
        self._running.pop(name).wait()

    def wait(self, name: str, seconds: float) -> int | None:
        """The exit code of something that ends by itself; None where it did not in time."""
        try:
            return self._running[name].wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, name: str) -> None:
        """Ask it to end, and end it where it does not."""
        process = self._running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self) -> None:
        """The last started first; then whatever still works in our folder."""
        for name in reversed(list(self._running)):
            self.stop(name)
        deadline = time.monotonic() + STOP_SECONDS
        while left := self._left():
            force = signal.SIGKILL if time.monotonic() > deadline else signal.SIGQUIT
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, force)
            time.sleep(0.2)

    def _left(self) -> list[int]:
        """Processes that work in our temporary folder: only children of ours can."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    cwd = (entry / "cwd").readlink()
                    if cwd == self.folder or self.folder in cwd.parents:
                        found.append(int(entry.name))
        return found


def forget_memory_of(killed: set[int]) -> None:
    """Shared memory that a killed postmaster made and nobody uses outlives it; ours goes.

    Columns of /proc/sysvipc/shm (proc(5)): key shmid perms size cpid lpid nattch …
    """
    segments = Path("/proc/sysvipc/shm")
    for line in segments.read_text().splitlines()[1:] if segments.exists() else []:
        _, number, _, _, maker, _, users, *_ = line.split()
        if int(maker) in killed and users == "0":
            subprocess.run(["ipcrm", "-m", number], check=False)


def own(path: Path) -> None:
    """Give a path to whom the servers run as."""
    if os.geteuid() == 0:
        somebody = pwd.getpwnam("postgres")
        os.chown(path, somebody.pw_uid, somebody.pw_gid)


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _somebody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}

"""Load on an HTTP server by wrk, and what its processes spent on it."""

import json
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.cluster import Missing

_SCHEDULED = 2
"""CPUCLOCK_SCHED: what a process ran, in nanoseconds (clock_getcpuclockid of the C library)."""
WRK_SECONDS_MAX = 600
READY_SECONDS = 20.0
_SCRIPT = """
local asked, at = {{}}, 0
local function byte(hex) return string.char(tonumber(hex, 16)) end
function init(args)
  for line in io.lines("{file}") do asked[#asked + 1] = {act} end
end
function request()
  at = at % #asked + 1
  return asked[at]
end
"""
_GET = 'wrk.format("GET", line)'
_POST = """wrk.format("POST", "{path}", {{["content-type"] = "{kind}"}}, (line:gsub("..", byte)))"""


@dataclass(frozen=True)
class Heard:
    """Answers, by the second and by the second of one core."""

    per_s: float
    per_cpu_s: float


def get(
    folder: Path, port: int, targets: Sequence[str], pids: Sequence[int], *, seconds: float
) -> Heard:
    """Each connection asks for one target after the other."""
    return _run(folder, port, list(targets), _GET, pids, seconds, connections=256)


def post(
    folder: Path,
    port: int,
    path: str,
    kind: str,
    bodies: Sequence[bytes],
    pids: Sequence[int],
    *,
    seconds: float,
    connections: int = 256,
) -> Heard:
    act = _POST.format(path=path, kind=kind)
    asked = [body.hex() for body in bodies]
    return _run(folder, port, asked, act, pids, seconds, connections=connections)


def one_by_one(port: int, asked: Sequence[bytes], pids: Sequence[int], *, seconds: float) -> Heard:
    """A connection a request, four at a time: for servers that keep none.

    (wrk begins with a bare connect and close, which `openssl ocsp` 3.0 does not survive.)
    """
    before, begun = cpu_seconds(pids), time.perf_counter()
    until = begun + seconds

    def call(first: int) -> int:
        count = 0
        while time.perf_counter() < until:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
                line.sendall(asked[(first + count) % len(asked)])
                said = b"".join(iter(lambda: line.recv(8_192), b""))
            if b" 200 " not in said[:16]:
                raise RuntimeError(f"not answered: {said[:60]!r}")
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        count = sum(pool.map(call, range(4)))
    spent = cpu_seconds(pids) - before
    return Heard(count / (time.perf_counter() - begun), count / spent)


def posted(path: str, kind: str, body: bytes) -> bytes:
    """An HTTP/1.0 request, whole."""
    size = len(body)
    head = f"POST {path} HTTP/1.0\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\n\r\n"
    return head.encode() + body


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of these processes so far, all their threads."""
    return sum(time.clock_gettime(~pid << 3 | _SCHEDULED) for pid in pids)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until_it_answers(url: str, body: bytes | None = None) -> None:
    """By whole requests: `openssl ocsp` 3.0 never recovers from a bare connect and close."""
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, data=body, timeout=5).read()  # noqa: S310 - our own
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _run(
    folder: Path,
    port: int,
    asked: list[str],
    act: str,
    pids: Sequence[int],
    seconds: float,
    *,
    connections: int,
) -> Heard:
    wrk = shutil.which("wrk")
    if wrk is None:
        raise Missing("wrk is not installed: apt-get install wrk")
    (folder / "asked").write_text("\n".join(asked) + "\n")
    script = folder / "ask.lua"
    script.write_text(_SCRIPT.format(file=folder / "asked", act=act))
    command = [
        wrk, "-t1", f"-c{connections}", f"-d{WRK_SECONDS_MAX}", "-s", str(script),
        f"http://127.0.0.1:{port}",
    ]  # fmt: skip
    before = cpu_seconds(pids)
    told = _told_after(seconds, command)
    spent = cpu_seconds(pids) - before
    if "Non-2xx" in told:
        raise RuntimeError(f"not all were answered:\n{told}")
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", told)
    assert found is not None, told
    count, took = int(found[1]), float(found[2]) * (1e-3 if found[3] == "ms" else 1.0)
    return Heard(count / took, count / spent)


def _told_after(seconds: float, command: list[str]) -> str:
    """wrk knows whole seconds only; interrupted, it tells what it saw until then."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            told, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            told, _ = process.communicate(timeout=60)
    return told


def told(process: "subprocess.Popen[str]") -> dict[str, object]:
    """The next line that a worker prints, as JSON."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the worker ended without a word")
    found: dict[str, object] = json.loads(line)
    return found

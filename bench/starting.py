"""The start of a demo bank that is there already: `./dev demo` to the first answered request."""

import os
import signal
import statistics
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from dojang.journey.served import free_port

DEV = Path(__file__).parents[1] / "dev"
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.005


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """Starts over the data of a bank that is there.

    Seconds on the clock, and of processor (the process that serves, `./dev` before it).
    """
    found = [_started(folder) for _ in range(rounds)]
    return {
        "server.start_s": statistics.median(seconds for seconds, _ in found),
        "server.start_cpu_s": statistics.median(cpu for _, cpu in found),
    }


def _started(folder: Path) -> tuple[float, float]:
    """Start it, ask until it answers, end it: seconds on the clock, and of processor."""
    port = free_port()
    command = [sys.executable, DEV, "demo", "--quiet", "--port", str(port), "--data", folder]
    begun = time.perf_counter()
    with subprocess.Popen(command) as process:
        try:
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - begun > START_SECONDS_MAX:
                    raise RuntimeError("the demo bank did not start")
                time.sleep(LOOK_SECONDS)
            return time.perf_counter() - begun, _cpu_seconds(process.pid)
        finally:
            process.send_signal(signal.SIGINT)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/v1/bank")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _cpu_seconds(pid: int) -> float:
    """User and system time, with that of children which ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS

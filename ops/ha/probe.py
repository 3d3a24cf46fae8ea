"""How long nobody could write, by a plain client that knows nothing of us: Patroni's own share."""

import contextlib
import itertools
import threading
import time
from typing import Self

import psycopg

EVERY_SECONDS = 0.05


class Probe:
    """One row a moment into a table of its own, on whatever server takes writes."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probe", daemon=True)
        self.written: list[float] = []

    def __enter__(self) -> Self:
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS public.probe (at double precision)")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            with (
                contextlib.suppress(psycopg.Error),
                psycopg.connect(self._address, autocommit=True) as connection,
            ):
                self._write_on(connection)

    def _write_on(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        while not self._ending.wait(EVERY_SECONDS):
            connection.execute("INSERT INTO public.probe VALUES (%s)", [time.monotonic()])
            self.written.append(time.monotonic())


def gap_after(moments: list[float], killed_at: float) -> float | None:
    """Seconds from the kill to the first success after the pause that it caused.

    A success within moments of the kill may have been under way; the pause is the longest gap
    that begins near it. None while nothing has succeeded since.
    """
    near = [at for at in sorted(moments) if at >= killed_at - 1.0]
    gaps = [(b - a, b) for a, b in itertools.pairwise(near) if b > killed_at]
    return max(gaps)[1] - killed_at if gaps else None

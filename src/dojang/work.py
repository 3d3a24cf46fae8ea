"""Work that goes on beside the requests: a thread a task, on a timer and when woken."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

Fault = Callable[[Exception], None]

STOP_SECONDS: Final = 5.0


@dataclass
class Task:
    """What it `does` runs every `seconds`, and soon after `wake()`. Faults go to `on_fault`."""

    name: str
    seconds: float
    on_fault: Fault
    _act: Callable[[], object] | None = None
    _woken: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def does(self, act: Callable[[], object]) -> None:
        """Say what is to be done. Once, before the start."""
        self._act = act

    def wake(self) -> None:
        """Do it now. Safe from any thread, also before the start and after the end."""
        self._woken.set()

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=f"dojang-{self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way, for a few seconds at most."""
        self._stop.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
            self._thread = None

    def _run(self) -> None:
        assert self._act is not None, "a task that does nothing is not started"
        while not self._stop.is_set():
            try:
                self._act()
            except Exception as fault:  # noqa: BLE001 - the outermost frame of a thread
                self.on_fault(fault)
            self._woken.wait(self.seconds)
            self._woken.clear()

"""A PKCS#11 token and this process's one session on it: opened, lost, opened again.

python-pkcs11 initialises a module for a single thread (`C_Initialize` without locks) and lets other
threads run while it calls into it. So there is one call at a time to a module, whoever makes it;
a bank that needs more of its HSM runs more processes.

A process that was forked may not use its parent's session (PKCS#11 5.4), and a token that went away
takes every handle with it. Both are mended the same way: initialise the module anew, log in, look
the keys up again. What fails twice is `Unavailable`: the same request may be sent again.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pkcs11
from pkcs11 import exceptions

from dojang.kernel.problem import Unavailable
from dojang.kernel.secret import Secret
from dojang.vault.model import UnknownKey, VaultLocked

T = TypeVar("T")
_WRONG_PIN: Final = (
    exceptions.PinIncorrect,
    exceptions.PinInvalid,
    exceptions.PinLenRange,
    exceptions.PinLocked,
    exceptions.PinExpired,
)


@dataclass
class Line:
    """A session, and the handles of keys that were looked up on it."""

    session: Any
    keys: dict[str, Any] = field(default_factory=dict)
    publics: dict[str, Any] = field(default_factory=dict)


class Module:
    """A PKCS#11 library of this process. `turn` counts how often it was initialised."""

    _loaded: Final[dict[str, "Module"]] = {}
    _loading: Final = threading.Lock()

    def __init__(self, path: str) -> None:
        self._library = pkcs11.lib(path)
        self.mutex = threading.RLock()
        self.turn = 0
        os.register_at_fork(after_in_child=self._forked)

    @classmethod
    def of(cls, path: str) -> "Module":
        """The one object of this library. Raises `VaultLocked` where it cannot be loaded."""
        with cls._loading:
            if path not in cls._loaded:
                try:
                    cls._loaded[path] = cls(path)
                except exceptions.PKCS11Error as wrong:
                    raise VaultLocked(f"the PKCS#11 module {path} does not load: {wrong}") from None
            return cls._loaded[path]

    def begin_again(self, seen: int) -> None:
        """Initialise it anew, unless somebody did since turn `seen`. Under the mutex."""
        if self.turn == seen:
            self.turn += 1
            if self._library.initialized:
                self._library.finalize()
            self._library.initialize()

    def open(self, label: str, pin: Secret[str]) -> Any:
        """A session, logged in. The login is the process's: the second session has it already."""
        token = self._library.get_token(token_label=label)
        try:
            return token.open(rw=True, user_pin=pin.reveal())
        except exceptions.UserAlreadyLoggedIn:
            return token.open(rw=True)

    def _forked(self) -> None:
        """In the child: the parent's thread may have held the mutex, and its session is not ours.

        The next call finds its session of an earlier turn and begins again.
        """
        self.mutex = threading.RLock()
        self.turn += 1
        self._library.finalize()
        self._library.initialize()


class Token:
    """Runs work on a session that is logged in. Safe to call from many threads."""

    def __init__(self, module: str, label: str, pin: Secret[str]) -> None:
        """Raises `VaultLocked`: no such module or token, or not its PIN."""
        self._module = Module.of(module)
        self._label = label
        self._pin = pin
        self._line: Line | None = None
        self._turn = self._module.turn
        self._refused = False
        with self._module.mutex:
            try:
                self._connected()
            except exceptions.PKCS11Error:
                self._module.begin_again(self._turn)  # made since this process first looked?
                self._first()

    def run(self, work: Callable[[Line], T]) -> T:
        """The result of `work`, which may be called twice. Raises `Unavailable`, `VaultLocked`.

        A token that went away may look like one without keys, so `UnknownKey` is believed only
        after a second look.
        """
        module = self._module
        with module.mutex:
            try:
                return work(self._connected())
            except (exceptions.PKCS11Error, UnknownKey):
                self._line = None
            try:
                module.begin_again(self._turn)
                return work(self._connected())
            except exceptions.PKCS11Error:
                self._line = None
                raise Unavailable from None

    def change_pin(self, new: Secret[str]) -> None:
        """The user's PIN is another from now on. Raises `VaultLocked` where it is not taken."""
        with self._module.mutex:
            try:
                self._connected().session.set_pin(self._pin.reveal(), new.reveal())
            except exceptions.PKCS11Error as wrong:
                name = type(wrong).__name__
                raise VaultLocked(f"the token {self._label} keeps its PIN: {name}") from None
            self._pin = new

    def close(self) -> None:
        """End the session, and with the last one the login: who comes next has to know the PIN."""
        with self._module.mutex:
            if self._line is not None and self._turn == self._module.turn:
                self._line.session.close()
            self._line = None

    def _first(self) -> None:
        try:
            self._connected()
        except exceptions.NoSuchToken:
            raise VaultLocked(f"no token is called {self._label}") from None
        except exceptions.PKCS11Error as wrong:
            name = type(wrong).__name__
            raise VaultLocked(f"the token {self._label} does not open: {name}") from None

    def _connected(self) -> Line:
        """The session of this turn. A PIN that was refused once is not tried again: tokens lock."""
        if self._refused:
            raise VaultLocked(f"the token {self._label} refused the PIN")
        if self._line is None or self._turn != self._module.turn:
            self._turn = self._module.turn
            try:
                self._line = Line(self._module.open(self._label, self._pin))
            except _WRONG_PIN as wrong:
                self._refused = True
                name = type(wrong).__name__
                raise VaultLocked(f"the token {self._label} refused the PIN: {name}") from None
        return self._line

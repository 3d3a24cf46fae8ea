"""Plain HTTP to a bank on this machine, as whoever is no phone asks it."""

import ssl
from functools import partial
from typing import Final

import httpx

NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, and is shown no certificate. For each question httpx else loads every authority
that the machine knows: 40 ms of computing, forty times what the question itself costs.
"""

TIMEOUT_SECONDS: Final = 60.0

get: Final = partial(httpx.get, verify=NOBODY, timeout=TIMEOUT_SECONDS)
post: Final = partial(httpx.post, verify=NOBODY, timeout=TIMEOUT_SECONDS)

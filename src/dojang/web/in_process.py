"""The whole application without a socket: for the demo's own past, and for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from litestar.testing import TestClient

from dojang.house import Bank
from dojang.web import create


@contextmanager
def in_process(bank: Bank) -> Iterator[httpx.Client]:
    """A client whose requests go straight into the application, whatever host they name."""
    with TestClient(create(bank), base_url="http://bank.local") as client:
        yield client

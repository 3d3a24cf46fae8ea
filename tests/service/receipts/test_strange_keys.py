"""A key of a kind that no library knows is refused in words, wherever somebody sends one."""

import json

import pytest
from typer.testing import CliRunner

from dojang import cli
from dojang.crypto import jcs
from dojang.crypto.encoding import b64u, unb64u

P256 = bytes.fromhex("06082a8648ce3d030107")
EC = bytes.fromhex("06072a8648ce3d0201")


@pytest.fixture(params=[P256, EC], ids=["curve", "algorithm"])
def file(world, me, receipts, tmp_path, request):
    """A receipt whose log key names a curve, or an algorithm, that there is not."""
    order = world.posted(me, 1_000).order
    receipts.catch_up()
    bundle = json.loads(receipts.bundle(me.customer.id, order.id))
    key = unb64u(bundle["log"]["key"])
    bundle["log"]["key"] = b64u(key.replace(request.param, request.param[:-1] + b"\x7f"))
    path = tmp_path / "receipt.json"
    path.write_bytes(jcs.encode(bundle))
    return path


def test_its_receipt_breaks_at_the_log(file):
    told = CliRunner().invoke(cli.app, ["receipt", "verify", str(file), "--json"])

    assert told.exit_code == 1
    assert "not a public key" in json.loads(told.stdout)["checks"][-1]["words"]


def test_its_receipt_is_not_taken_apart(file, tmp_path):
    told = CliRunner().invoke(
        cli.app, ["receipt", "unpack", str(file), "--out", str(tmp_path / "parts")]
    )

    assert told.exit_code == 1
    assert "Not a receipt" in told.output

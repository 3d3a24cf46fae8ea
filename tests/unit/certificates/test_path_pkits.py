"""NIST's Public Key Interoperability Test Suite, whole: 224 tests, 249 questions.

The messages are those of the package `cryptography-vectors`; each brings its certificates and
lists. What we say of each, and where that is not what the suite says, is `vectors/pkits.txt`.
"""

import datetime as dt
import email
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import pytest

from dojang.certificates import der
from dojang.certificates.path import Accepted, Valid, validate
from dojang.kernel.clock import instant

SUITE = resources.files("cryptography_vectors") / "x509" / "PKITS_data"
TABLE = Path(__file__).parents[2] / "vectors" / "pkits.txt"
AT = instant(dt.datetime(2015, 1, 1, tzinfo=dt.UTC))
ARC = "2.16.840.1.101.3.2.1.48"
TESTS = {"4.1": 6, "4.2": 8, "4.3": 11, "4.4": 21, "4.5": 8, "4.6": 17, "4.7": 5, "4.8": 20}
TESTS |= {"4.9": 8, "4.10": 14, "4.11": 11, "4.12": 10, "4.13": 38, "4.14": 35, "4.15": 10}
TESTS |= {"4.16": 2}


class Question(NamedTuple):
    number: str
    message: str
    verdict: str
    inputs: str
    outside: str


def table():
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            asked, _, outside = line.partition(" outside: ")
            number, message, verdict, *inputs = asked.split(" ", 3)
            yield Question(number, message, verdict, " ".join(inputs), outside)


QUESTIONS = list(table())


def policies(digits):
    return frozenset(f"{ARC}.{digit}" for digit in digits)


def accepted(inputs):
    given = dict(part.partition(":")[::2] for part in inputs.split())
    return Accepted(
        policies=policies(given.get("accept", "")),
        explicit="explicit" in given,
        mapping="no-mapping" not in given,
        any_policy="no-any" not in given,
    )


def contents(message):
    """The signer's certificate, then the others; and the lists (RFC 5652 5.1)."""
    parts = email.message_from_bytes((SUITE / "smime" / f"Signed{message}.eml").read_bytes())
    (signature,) = (part for part in parts.walk() if "pkcs7" in part.get_content_type())
    content = der.read(signature.get_payload(decode=True)).children()[1].children()[0].children()
    certificates = next(part for part in content if part.tag == 0xA0).children()
    lists = [one.raw for part in content if part.tag == 0xA1 for one in part.children()]
    issuer, serial = content[-1].children()[0].children()[1].children()

    def signed(one):
        fields = one.children()[0].children()
        return (fields[3].raw, fields[1].raw) == (issuer.raw, serial.raw)

    return [one.raw for one in sorted(certificates, key=signed, reverse=True)], lists


def told(verdict):
    if not isinstance(verdict, Valid):
        return str(verdict.flaw)
    held = sorted(policy.rpartition(".")[2] for policy in verdict.policies)
    names = "".join("any" if policy == "any_policy" else policy for policy in held)
    return f"valid:{names}" if names else "valid"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_pkits(question):
    chain, lists = contents(question.message)
    anchor = (SUITE / "certs" / "TrustAnchorRootCertificate.crt").read_bytes()

    verdict = validate(chain, [anchor], AT, accepted(question.inputs), crls=lists)

    assert told(verdict) == question.verdict


def test_every_test_of_the_suite_is_asked():
    numbers = {tuple(question.number.split(".")[:3]) for question in QUESTIONS}

    assert numbers == {
        (*group.split("."), str(number))
        for group, count in TESTS.items()
        for number in range(1, count + 1)
    }
    used = {f"Signed{question.message}.eml" for question in QUESTIONS}
    assert used == {file.name for file in (SUITE / "smime").iterdir()}


def test_only_what_is_named_as_outside_differs_from_the_suite():
    differ = {
        question.number
        for question in QUESTIONS
        if question.message.startswith("Valid") != question.verdict.startswith("valid")
        and question.message.startswith(("Valid", "Invalid"))
        and not question.inputs
    }
    assert differ == {"4.1.4", "4.1.5"}
    outside = {question.number for question in QUESTIONS if question.outside}
    assert outside == {"4.1.4", "4.1.5", "4.1.6", "4.4.15"}

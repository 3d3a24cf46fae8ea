"""What a person said of themselves and the telecom operator confirmed, sealed into the journey."""

import json
from dataclasses import dataclass, field

from dojang.customers import Person
from dojang.gateways.telecom import Claim
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.vault.fields import FieldKeys

PURPOSE = "enrolment.claim"


@dataclass(frozen=True)
class Confirmed:
    """A claim with the CI the operator answered."""

    claim: Claim = field(repr=False)
    ci: str = field(repr=False)

    @property
    def phone(self) -> PhoneNumber:
        return self.claim.phone

    def person(self) -> Person:
        return Person(
            name=self.claim.name,
            resident_number=self.claim.resident_number,
            phone=self.claim.phone,
            carrier=self.claim.carrier,
            ci=self.ci,
        )


def seal(fields: FieldKeys, enrolment_id: str, confirmed: Confirmed) -> bytes:
    claim = confirmed.claim
    words = [claim.carrier, claim.name, claim.resident_number.reveal(), claim.phone, confirmed.ci]
    return fields.seal(PURPOSE, enrolment_id, json.dumps(words, ensure_ascii=False))


def unseal(fields: FieldKeys, enrolment_id: str, sealed: bytes) -> Confirmed:
    carrier, name, number, phone, ci = json.loads(fields.open(PURPOSE, enrolment_id, sealed))
    claim = Claim(
        carrier=carrier, name=name, resident_number=Secret(number), phone=PhoneNumber(phone)
    )
    return Confirmed(claim, ci)

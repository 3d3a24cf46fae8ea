"""The joint (NPKI) certificate: issued on the strength of the mobile one, by a test CA or not."""

from dojang.joint.issuing import JointCertificateIssuer
from dojang.joint.model import Holder, Kind, Op, Plan
from dojang.joint.service import AnotherIssuer, Joint
from dojang.joint.wishes import Wish

__all__ = [
    "AnotherIssuer",
    "Holder",
    "Joint",
    "JointCertificateIssuer",
    "Kind",
    "Op",
    "Plan",
    "Wish",
]

"""The two ceremonies of WebAuthn level 2, registration and authentication, by py_webauthn.

Bytes of a stranger in, what they prove out; no database. User verification is always required.
Import this inside the function that needs it: the library is large.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorAttachment,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from dojang.methods.model import PasskeyRefused, RelyingParty

RESPONSE_BYTES_MAX: Final = 16_384
RAW_ID_BYTES_MAX: Final = 1_023  # WebAuthn 4, "Credential ID"

Options = dict[str, Any]
Response = dict[str, Any]
T = TypeVar("T")

_UNREADABLE: Final = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What the library raises on bytes that a stranger made: its own tree, and what it stands on."""


def creation_options(
    rp: RelyingParty,
    *,
    user_id: bytes,
    shown_name: str,
    challenge: bytes,
    known: Sequence[bytes],
    elsewhere: bool = False,
) -> Options:
    """For `navigator.credentials.create`. `known` are raw ids that are not to be made again;
    `elsewhere`: on another device than the one that asks.
    """
    options = webauthn.generate_registration_options(
        rp_id=rp.id,
        rp_name=rp.name,
        user_id=user_id,
        user_name=shown_name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            authenticator_attachment=AuthenticatorAttachment.CROSS_PLATFORM if elsewhere else None,
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json_dict(options)


def request_options(rp: RelyingParty, *, challenge: bytes, known: Sequence[bytes]) -> Options:
    """For `navigator.credentials.get`."""
    options = webauthn.generate_authentication_options(
        rp_id=rp.id,
        challenge=challenge,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def registered(rp: RelyingParty, challenge: bytes, response: Response) -> VerifiedRegistration:
    """A new passkey, verified. Raises PasskeyRefused."""
    made = _verified(
        lambda: webauthn.verify_registration_response(
            credential=_small(response),
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            require_user_verification=True,
        )
    )
    if len(made.credential_id) > RAW_ID_BYTES_MAX:
        raise PasskeyRefused
    return made


def asserted(
    rp: RelyingParty, challenge: bytes, public_key: bytes, response: Response
) -> VerifiedAuthentication:
    """A login, verified. Raises PasskeyRefused.

    The counter is left to who asks: the library looks at it before it knows who signed.
    """
    return _verified(
        lambda: webauthn.verify_authentication_response(
            credential=_small(response),
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    )


def on_one_other_device(
    verified: VerifiedRegistration | VerifiedAuthentication, response: Response
) -> bool:
    """Whether the passkey lies on another device than the browser's, and on that one alone.

    That it cannot be copied to others (flag BE) is signed by the authenticator; where it lies
    (`authenticatorAttachment`) is the browser's word.
    """
    elsewhere = response.get("authenticatorAttachment") == AuthenticatorAttachment.CROSS_PLATFORM
    return elsewhere and verified.credential_device_type is CredentialDeviceType.SINGLE_DEVICE


def raw_id(response: Response) -> bytes:
    """Which passkey says that it answers. Raises PasskeyRefused."""
    given = response.get("rawId")
    if not isinstance(given, str):
        raise PasskeyRefused
    decoded = _verified(lambda: base64url_to_bytes(given))
    if bytes_to_base64url(decoded) != given:
        raise PasskeyRefused
    return decoded


def _described(known: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in known]


def _verified(verify: Callable[[], T]) -> T:
    try:
        return verify()
    except _UNREADABLE as refused:
        raise PasskeyRefused from refused


def _small(response: Response) -> Response:
    if len(json.dumps(response)) > RESPONSE_BYTES_MAX:
        raise ValueError("longer than any authenticator's answer")
    return response

"""The envelope of a certificate: DSSE with one ed25519 signature, in the one form of bytes that it has."""

from __future__ import annotations

from typing import Any, Final

from funding_spec.errors import FundingError
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from funding_conformance.canonical import canonical, read_canonical

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"


class EnvelopeError(FundingError):
    """An envelope is not one, or its signature is not that of the key."""


def sealed(statement: dict[str, Any], signer: CryptoSigner) -> bytes:
    """A statement in its signed envelope, as the bytes of a file."""
    envelope = Envelope(canonical(statement), PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return canonical(envelope.to_dict())


def opened(content: bytes, key: SSlibKey) -> dict[str, Any]:
    """The statement in an envelope, once its form and its signature are checked.

    :raises NotCanonical: the bytes of envelope or statement are in another form
    :raises EnvelopeError: it is no envelope with one signature, or not signed by this key
    """
    envelope = _envelope(read_canonical(content, "a certificate"), content)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise EnvelopeError(f"What it holds is not said to be {PAYLOAD_TYPE}.")
    if list(envelope.signatures) != [key.keyid]:
        raise EnvelopeError("It is signed with another key than the one given.")
    try:
        envelope.verify([key], 1)
    except VerificationError:
        raise EnvelopeError("The signature is not that of the key given: it was changed after it was signed.") from None
    return read_canonical(envelope.payload, "a statement")


def _envelope(found: dict[str, Any], content: bytes) -> Envelope:
    try:
        envelope = Envelope.from_dict(found)
        same = canonical(envelope.to_dict()) == content
    except Exception:  # whatever the library makes of fields of other kinds
        raise EnvelopeError("It is no envelope with a payload and one signature.") from None
    if not same or len(envelope.signatures) != 1:
        raise EnvelopeError("It is no envelope with a payload and one signature, and nothing else.")
    return envelope

"""The seed of a certificate: nobody knows it before the build is fixed, and afterwards anybody can work it out again.

1. A **witness**, somebody who is not the vendor, thinks of a nonce and publishes :func:`commitment_of` it.
2. The vendor fixes the build and publishes its digest.
3. The witness gives the nonce away. :func:`keeps_word` shows that it is the one that was meant from the start.
4. :func:`seed_of` makes the seed out of the digests of the build, the kit and the case list, the nonce, and the name of
   the witness. Whoever has these five draws the same cases.

So the vendor cannot choose the cases by trying builds, for the nonce is not known; nor can the witness choose them by
trying nonces, for it was committed to before there was a build. Without a witness the vendor thinks of the nonce, and
could have tried many: such a seed is :data:`SELF_DRAWN`, and must be called that.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen
from funding_spec.errors import FundingError

from funding_conformance.canonical import DIGEST
from funding_conformance.fresh.source import key_of

SELF_DRAWN: Final = "self-drawn"
"""What a certificate says of a seed to which no witness gave the nonce."""

_NONCE: Final = re.compile(r"[0-9a-f]{64}")
_SEED_BYTES: Final = 6
"""As many as every reader of JSON holds exactly."""
_COMMITMENT: Final = "funding-kit commitment 1"
_SEED: Final = "funding-kit seed 1"


class SeedError(FundingError):
    """A seed cannot be made of this."""


@frozen
class Reveal:
    """What a seed was made of, as a certificate tells it.

    :param witness: who gave the nonce; empty if nobody but the vendor
    """

    build_digest: str
    kit_digest: str
    case_list_digest: str
    nonce: str
    witness: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "build": self.build_digest,
            "kit": self.kit_digest,
            "case_list": self.case_list_digest,
            "nonce": self.nonce,
            "witness": self.witness,
        }

    @property
    def seed(self) -> int:
        return seed_of(self.build_digest, self.kit_digest, self.case_list_digest, self.nonce, self.witness)

    @property
    def commitment(self) -> str:
        return commitment_of(self.nonce, self.witness)

    @property
    def drawn_by(self) -> str:
        """Who is to thank for the nonce, for people."""
        return self.witness or SELF_DRAWN


def commitment_of(nonce: str, witness: str = "") -> str:
    """What a witness publishes before the build is fixed: it binds to the nonce, and gives nothing of it away.

    :param nonce: 32 random bytes as 64 hexadecimal digits
    :raises SeedError: it is none
    """
    return f"sha256:{key_of([_COMMITMENT, _nonce(nonce), witness]).hex()}"


def keeps_word(commitment: str, nonce: str, witness: str = "") -> bool:
    """Whether a nonce is the one that was committed to.

    :raises SeedError: it is no nonce at all
    """
    return commitment == commitment_of(nonce, witness)


def seed_of(build_digest: str, kit_digest: str, case_list_digest: str, nonce: str, witness: str = "") -> int:
    """The seed for ``--seed``, a number of 48 bits.

    :param build_digest: SHA-256 of what is judged, as ``sha256:`` and 64 hexadecimal digits; the other digests likewise
    :param nonce: 64 hexadecimal digits
    :param witness: who gave the nonce; empty if nobody but the vendor
    :raises SeedError: a digest or the nonce is none
    """
    digests = {"build": build_digest, "kit": kit_digest, "case list": case_list_digest}
    for what, digest in digests.items():
        if not DIGEST.fullmatch(digest):
            raise SeedError(f"{digest!r} is no digest of the {what}: sha256: and 64 hexadecimal digits.", path=what)
    made_of = [_SEED, *digests.values(), _nonce(nonce), witness]
    return int.from_bytes(key_of(made_of)[:_SEED_BYTES], "big")


def _nonce(nonce: str) -> str:
    if not _NONCE.fullmatch(nonce):
        raise SeedError("A nonce is 64 hexadecimal digits: 32 random bytes.", path="nonce")
    return nonce

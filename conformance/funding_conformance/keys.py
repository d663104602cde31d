"""Keys of a vendor, ed25519: made here, kept by the vendor, read only to sign or to check a signature.

A private key is written once, for its owner alone, and never shown. A key is known by its id, a digest of its public
half.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from funding_spec.errors import FundingError
from securesystemslib.signer import CryptoSigner, SSlibKey

from funding_conformance.canonical import read_limited
from funding_conformance.writing import CannotWrite, name_beside

PRIVATE: Final = "private.pem"
PUBLIC: Final = "public.pem"
LARGEST: Final = 16 * 1024
"""Bytes that no key file exceeds."""
_OWNER_ONLY: Final = 0o600
_FOR_ALL: Final = 0o644
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeyFileError(FundingError):
    """A key cannot be made or used; its content is never part of the message."""


def make_keys(folder: Path) -> SSlibKey:
    """Makes a pair of keys in a new folder; both files are there, or neither is.

    :raises KeyFileError: the folder is there already: no key is ever written over
    :raises CannotWrite: with the place and the reason
    """
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    beside = name_beside(folder)
    try:
        if os.path.lexists(folder):
            raise FileExistsError
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir(mode=stat.S_IRWXU)
        try:
            pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            _write_new(beside / PRIVATE, pem, _OWNER_ONLY)
            pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            _write_new(beside / PUBLIC, pem, _FOR_ALL)
            beside.rename(folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except FileExistsError:
        raise KeyFileError(
            "This is there already, and keys are never written over. Name a new folder.", file=str(folder)
        ) from None
    except OSError as error:
        raise CannotWrite(f"It cannot be written: {error.strerror or error}.", file=str(folder)) from None
    return SSlibKey.from_crypto(public)


def _write_new(file: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)


def signer_in(file: Path) -> CryptoSigner:
    """What signs with the private key in a file.

    :raises KeyFileError: it is no ed25519 private key in PEM, is locked, or others may read it
    """
    content = read_limited(file, LARGEST)
    if os.name == "posix" and file.stat().st_mode & _OTHERS:
        raise KeyFileError(
            "Others than its owner may use this file, so that it is no private key any more. "
            "If nobody has read it: chmod 600.",
            file=str(file),
        )
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError(
            "This is not a private key in PEM that can be used without a word.", file=str(file)
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError("This is not an ed25519 key.", file=str(file))
    return CryptoSigner(key)


def public_key_in(file: Path) -> SSlibKey:
    """The public key in a file.

    :raises KeyFileError: it is no ed25519 public key in PEM
    """
    content = read_limited(file, LARGEST)
    try:
        key = load_pem_public_key(content)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError("This is not a public key in PEM.", file=str(file)) from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError("This is not an ed25519 key.", file=str(file))
    return SSlibKey.from_crypto(key)

"""The one form of bytes of what is signed or counted by a digest, and reading files without being flooded.

The form is JSON as UTF-8 with the fields of every object in order, no space between anything, and one newline at the
end. The same content always has the same bytes, and bytes in any other form are refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

from funding_spec.documents import parse_json
from funding_spec.errors import FundingError

from funding_conformance.scenarios import as_json_number

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
"""How a digest is written."""


class CannotRead(FundingError):
    """A file is not there, cannot be read, or is larger than any of its kind."""


class NotCanonical(FundingError):
    """Bytes are not the one form that their content has."""


def canonical(content: Any) -> bytes:
    """The bytes of plain data: half of a character written in two halves is escaped, as nothing else could be."""
    text = json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=as_json_number
    )
    return text.encode("utf-8", "backslashreplace") + b"\n"


def digest_of(content: bytes) -> str:
    """The SHA-256 digest of bytes, as everything here writes digests."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def read_canonical(content: bytes, what: str) -> dict[str, Any]:
    """The object that canonical bytes hold.

    :param what: what they should be, for the message: ``a certificate``
    :raises NotCanonical: they are no JSON object, or one in another form
    """
    try:
        found = parse_json(content)
        same = canonical(found) == content
    except (ValueError, RecursionError, OverflowError) as error:
        reason = str(error)[:200] if isinstance(error, ValueError) else "it is nested too deeply"
        raise NotCanonical(f"This is not {what}: {reason}.") from None
    if not isinstance(found, dict):
        raise NotCanonical(f"This is not {what}: it is no JSON object.")
    if not same:
        raise NotCanonical(
            f"This is not {what} in its one form: UTF-8, fields in order, no space, one newline at the end."
        )
    return found


def digest_of_file(file: Path) -> str:
    """The SHA-256 digest of a plain file, however large.

    :raises CannotRead: it is not there, or no plain file
    """
    with _opened(file) as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


@contextmanager
def _opened(file: Path) -> Iterator[BufferedReader]:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise CannotRead("This is not a plain file.", file=str(file))
        with file.open("rb") as stream:
            yield stream
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotRead(f"It cannot be read: {reason}.", file=str(file)) from None


def read_limited(file: Path, most: int) -> bytes:
    """The content of a plain file.

    :param most: bytes that no file of this kind exceeds
    :raises CannotRead: it is not there, no plain file, or larger
    """
    with _opened(file) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise CannotRead(f"It is larger than {most:,} bytes, which no file of this kind is.", file=str(file))
    return content

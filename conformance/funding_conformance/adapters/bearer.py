"""The bearer token: read from the environment or a file, sent, and shown to nobody."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Final

from attrs import field, frozen
from funding_spec.errors import FundingError

VARIABLE: Final = "FUNDING_KIT_TOKEN"
FEWEST_CHARACTERS: Final = 16
"""What is shorter could be part of an honest answer, and could be guessed."""
HIDDEN: Final = b"[token]"
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class BadToken(FundingError):
    """The token cannot be used; says why without it."""


@frozen
class Token:
    """A bearer token."""

    _text: str = field(repr=False)

    @property
    def header(self) -> str:
        """The value of the header Authorization."""
        return f"Bearer {self._text}"

    def masked(self, content: bytes) -> bytes:
        """The same without the token, also where JSON writes some of its characters with a backslash."""
        return self._pattern.sub(HIDDEN, content)

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        either = (rf"(?:\\?{re.escape(c)}|\\u00{ord(c):02x})" for c in self._text)
        return re.compile("".join(either).encode(), re.IGNORECASE)


def given_token(file: Path | None) -> Token | None:
    """The token in a file, or else in the environment; None if there is none.

    :raises BadToken: the file cannot be read, or what it holds is no token
    """
    if file is None:
        found = os.environ.get(VARIABLE)
        return None if found is None else _token(found, VARIABLE)
    try:
        return _token(file.read_text(encoding="ascii"), str(file))
    except UnicodeDecodeError:
        raise BadToken("A token is made of ASCII letters, digits and -._~+/=.", file=str(file)) from None
    except OSError as error:
        raise BadToken(f"It cannot be read: {error.strerror or error}.", file=str(file)) from None


def _token(text: str, where: str) -> Token:
    found = text.strip()
    if not _TOKEN.fullmatch(found):
        raise BadToken("It must hold one token: ASCII letters, digits and -._~+/, with = at the end.", file=where)
    if len(found) < FEWEST_CHARACTERS:
        raise BadToken(f"A token has at least {FEWEST_CHARACTERS} characters.", file=where)
    return Token(found)

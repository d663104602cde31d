"""Ways to ask an implementation: a long-lived process over standard input and output, or a function in this process.

All offer the same :class:`Session`, and all speak the same messages.
"""

from __future__ import annotations

import importlib
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol, cast

from attrs import frozen
from funding_spec.errors import FundingError

from funding_conformance.adapters.in_process import Function, InProcessSession
from funding_conformance.adapters.stdio import StdioSession
from funding_conformance.protocol import Declaration, Question, Reply
from funding_conformance.service import reference_service

REFERENCE: Final = "reference"


class AdapterError(FundingError):
    """The implementation could not be started or asked at all."""


@frozen
class Limits:
    """How long to wait, in seconds.

    :param answer: for one answer, while the implementation has nothing else to do
    :param hello: for the declaration
    """

    answer: float = 10.0
    hello: float = 30.0


class Session(Protocol):
    """An implementation that can be asked."""

    @property
    def declaration(self) -> Declaration: ...

    @property
    def faults(self) -> list[str]:
        """What it did against the protocol beside its replies."""

    @property
    def remarks(self) -> list[str]:
        """What is worth knowing and decides nothing: the end of its standard error, an exit code."""

    @property
    def restarts(self) -> int: ...

    @property
    def gave_up(self) -> str:
        """Why the session ended before every question was asked, or nothing."""

    def ask(self, questions: Iterable[Question]) -> Iterator[Reply]:
        """Asks questions, as many at a time as the implementation allows; replies come in any order."""

    def close(self) -> None: ...


def open_session(implementation: str, rulebooks: tuple[str, ...], limits: Limits) -> Session:
    """A session with an implementation.

    :param implementation: ``reference``, ``python:module:function``, or a command with its arguments
    :raises AdapterError: it cannot be found, started or understood
    """
    if implementation == REFERENCE:
        return InProcessSession(reference_service(), rulebooks)
    if implementation.startswith("python:"):
        return InProcessSession(_function(implementation), rulebooks, limits.answer, limits.hello)
    if implementation.startswith(("http://", "https://")):
        raise AdapterError(
            "Asking over HTTP is not built yet; use a command or python:module:function.", path=implementation
        )
    return StdioSession(_command(implementation), rulebooks, limits.answer, limits.hello)


def _function(implementation: str) -> Function:
    parts = implementation.split(":")
    if len(parts) != 3 or not all(parts):
        raise AdapterError("A function in Python is named python:module:function.", path=implementation)
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(parts[1]), parts[2])
    except (Exception, SystemExit) as error:
        raise AdapterError(f"It cannot be imported: {type(error).__name__}: {error}", path=implementation) from None
    finally:
        sys.path.pop(0)
    if not callable(found):
        raise AdapterError(f"{parts[2]} is not a function.", path=implementation)
    return cast(Function, found)


def _command(implementation: str) -> list[str]:
    try:
        words = shlex.split(implementation, posix=sys.platform != "win32")
    except ValueError as error:
        raise AdapterError(f"This command cannot be read: {error}.", path=implementation) from None
    if not words or not words[0]:
        raise AdapterError(
            "Name an implementation: reference, a command, or python:module:function.",
            path="--implementation",
        )
    return [word.strip('"') for word in words] if sys.platform == "win32" else words

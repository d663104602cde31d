"""Ways to ask an implementation: a process over standard input and output, a server over HTTP, or a function.

All offer the same :class:`Session`, and all speak the same messages.
"""

from __future__ import annotations

import importlib
import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, cast

from attrs import frozen
from funding_spec.errors import FundingError

from funding_conformance.adapters.bearer import Token
from funding_conformance.adapters.crew import open_crew
from funding_conformance.adapters.http import Address, HttpSession
from funding_conformance.adapters.in_child import InChildSession
from funding_conformance.adapters.in_process import Function, InProcessSession
from funding_conformance.adapters.restarts import Restarts
from funding_conformance.adapters.session import Limits, Session
from funding_conformance.adapters.stdio import StdioSession
from funding_conformance.service import reference_service

__all__ = ["REFERENCE", "Access", "AdapterError", "Limits", "Session", "is_address", "open_session"]

REFERENCE: Final = "reference"


class AdapterError(FundingError):
    """The implementation could not be started or asked at all."""


@frozen
class Access:
    """What only a server needs.

    :param token: the bearer token
    :param ca: certificates to trust instead of the system's
    """

    token: Token | None = None
    ca: Path | None = None


def open_session(
    implementation: str,
    rulebooks: tuple[str, ...],
    limits: Limits,
    *,
    jobs: int = 1,
    access: Access = Access(),
    restarts: int = 0,
) -> Session:
    """A session with an implementation.

    :param implementation: ``reference``, ``python:module:function``, an address, or a command with its arguments
    :param jobs: how many workers to ask at the same time
    :param restarts: how many the run had before
    :raises FundingError: it cannot be found, started or understood
    """
    counted = Restarts(restarts)
    opening = _opening(implementation, rulebooks, limits, access, counted, alone=jobs == 1)
    return opening() if jobs == 1 else open_crew([opening] * jobs)


def is_address(implementation: str) -> bool:
    """Whether an implementation is asked over HTTP."""
    return implementation.lower().startswith(("http://", "https://"))


def _opening(
    implementation: str, rulebooks: tuple[str, ...], limits: Limits, access: Access, restarts: Restarts, *, alone: bool
) -> Callable[[], Session]:
    """Opens one worker."""
    if is_address(implementation):
        address = Address(implementation, access.token, access.ca)
        return partial(HttpSession, address, rulebooks, limits, restarts)
    if implementation != REFERENCE and not implementation.startswith("python:"):
        return partial(StdioSession, _command(implementation), rulebooks, limits, restarts)
    answer, hello = (None, None) if implementation == REFERENCE else (limits.answer, limits.hello)
    if alone:
        return partial(InProcessSession, function_named(implementation), rulebooks, answer, hello)
    return partial(InChildSession, function_named, implementation, rulebooks, answer, hello, restarts)


def function_named(implementation: str) -> Function:
    """The reference, or the function that ``python:module:function`` names.

    :raises AdapterError: it cannot be imported
    """
    if implementation == REFERENCE:
        return reference_service()
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
            "Name an implementation: reference, a command, an address, or python:module:function.",
            path="--implementation",
        )
    return [word.strip('"') for word in words] if sys.platform == "win32" else words

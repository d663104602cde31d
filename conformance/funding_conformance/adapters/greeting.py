"""The answer to hello, read the same way over every transport."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funding_conformance.protocol import Declaration, ProtocolFault, read_declaration


def declaration_in(message: Mapping[str, Any]) -> Declaration:
    """What an implementation declares in its answer to hello.

    :raises ProtocolFault: it is no answer to hello, or declares nothing that can be used
    """
    if message.get("id") != "0":
        raise ProtocolFault(f'Its answer to hello has the id {shortened(message.get("id"))} instead of "0".')
    if "error" in message:
        error = message["error"]
        said = error.get("message") if isinstance(error, Mapping) else None
        raise ProtocolFault(f"It answered hello with an error: {shortened(said or error)}")
    if unknown := [name for name in message if name not in ("id", "ok") and not name.startswith("x_")]:
        raise ProtocolFault(f"Its answer to hello has {shortened(unknown[0])}, where only ok belongs.")
    return read_declaration(message.get("ok"))


def shortened(value: Any, longest: int = 200) -> str:
    """Whatever an implementation wrote, as text that fits a message."""
    text = value if isinstance(value, str) else repr(value)
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= longest else printable[:longest] + "…"

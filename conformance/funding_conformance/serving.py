"""The reference, or a known-bad, as a process that answers the protocol line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from funding_conformance.known_bad import known_bad_named
from funding_conformance.protocol import ProtocolFault, read_line, write_line
from funding_conformance.service import Handler, reference_service


def service_named(known_bad: str | None) -> Handler:
    """The reference's handler, or a known-bad's.

    :raises funding_conformance.known_bad.UnknownKnownBad: there is none of that name
    """
    if known_bad is None:
        return reference_service()
    mistake = known_bad_named(known_bad)
    return reference_service(f"known-bad {mistake.name}", mistake.change)


def serve_lines(requests: IO[bytes], replies: IO[bytes], known_bad: str | None = None) -> None:
    """Answers every line until bye or the end of the input."""
    handle = service_named(known_bad)
    for line in requests:
        if not line.strip():
            continue
        try:
            message: Mapping[str, Any] = read_line(line)
            reply = replied(handle, message)
        except ProtocolFault:
            message = {}
            reply = {"id": None, "error": {"message": "A line of the request is not a JSON object."}}
        replies.write(write_line(reply))
        replies.flush()
        if message.get("m") == "bye":
            return


def replied(handle: Handler, message: Mapping[str, Any]) -> dict[str, Any]:
    """The reply to a message; a mistake of ours is an error in it."""
    try:
        return handle(message)
    except Exception as error:
        return {"id": message.get("id"), "error": {"message": f"{type(error).__name__}: {error}"}}

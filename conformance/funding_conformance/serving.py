"""The reference, or a known-bad, as a process that answers the protocol line by line."""

from __future__ import annotations

from typing import IO

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
            message = read_line(line)
        except ProtocolFault:
            replies.write(write_line({"id": None, "error": {"message": "A line of the request is not a JSON object."}}))
            replies.flush()
            continue
        try:
            reply = handle(message)
        except Exception as error:
            reply = {"id": message.get("id"), "error": {"message": f"{type(error).__name__}: {error}"}}
        replies.write(write_line(reply))
        replies.flush()
        if message.get("m") == "bye":
            return

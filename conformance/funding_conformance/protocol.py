"""The protocol, version 1: what the kit asks, and what it accepts as a reply.

The same messages go over every transport. A reply that breaks the protocol is a fault of the adapter, said as such.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from attrs import Factory, field, frozen
from funding_reference.reading import REJECT_CODES
from funding_reference.records import TYPES
from funding_spec.documents import parse_json, what_is_wrong
from funding_spec.errors import FundingError

from funding_conformance import KIT_VERSION
from funding_conformance.rows import row_problem
from funding_conformance.scenarios import WANTS, as_json_number

PROTOCOL: Final = 1
LARGEST_WINDOW: Final = 4096
LONGEST_NOTE: Final = 500
LONGEST_DECLARATION: Final = 16 * 1024
"""Bytes; every report shows it."""


class ProtocolFault(FundingError):
    """A message that breaks the protocol."""


class Outcome(Enum):
    """How one question ended."""

    OK = "ok"
    REJECT = "reject"
    UNSUPPORTED = "unsupported"
    ERROR = "error"
    FAULT = "fault"
    CRASH = "crash"
    TIMEOUT = "timeout"
    MISSING = "missing"


@frozen
class Question:
    """One question to an implementation.

    :param id: unique within a session
    :param message: everything that is sent, without the id
    """

    id: str
    message: Mapping[str, Any]


@frozen
class Reply:
    """How one question ended.

    :param content: the answer's rows, the reject's code and path, or what is unsupported
    :param note: for an error, a fault or a crash: what happened, in words
    :param milliseconds: from the moment it was sent
    """

    id: str
    outcome: Outcome
    content: Mapping[str, Any] = Factory(dict)
    note: str = ""
    milliseconds: float = 0.0


@frozen
class Declaration:
    """What an implementation says of itself in its hello; it cannot change during a run.

    :param wants: what it answers
    :param omits: answer fields it cannot give, and groups of types joined by + that it gives together
    :param window: how many questions may be in flight
    """

    implementation: Mapping[str, Any]
    rulebooks: tuple[str, ...]
    wants: tuple[str, ...]
    choices: Mapping[str, Any] = field(factory=dict)
    omits: tuple[str, ...] = ()
    window: int = 1
    working: bool = False

    @property
    def name(self) -> str:
        """Name and version, for people."""
        parts = (self.implementation.get("name"), self.implementation.get("version"))
        return " ".join(str(part) for part in parts if part) or "unnamed implementation"

    @property
    def omitted_fields(self) -> frozenset[str]:
        return frozenset(omitted for omitted in self.omits if "+" not in omitted)

    @property
    def omitted_types(self) -> tuple[frozenset[str], ...]:
        """Groups of types that are only given together."""
        return tuple(frozenset(omitted.split("+")) for omitted in self.omits if "+" in omitted)

    def as_json(self) -> dict[str, Any]:
        return {
            "protocol": PROTOCOL,
            "implementation": dict(self.implementation),
            "rulebooks": list(self.rulebooks),
            "wants": list(self.wants),
            "choices": dict(self.choices),
            "omits": list(self.omits),
            "window": self.window,
            "working": self.working,
        }


# Writing


def hello(rulebooks: tuple[str, ...]) -> dict[str, Any]:
    """The first message of a session."""
    return {"m": "hello", "id": "0", "protocol": PROTOCOL, "kit": KIT_VERSION, "rulebooks": list(rulebooks)}


def answer(question: Mapping[str, Any], wants: tuple[str, ...], *, working: bool = False) -> dict[str, Any]:
    """The message that asks for an answer, without its id."""
    return {"m": "answer", "wants": list(wants), "working": working, "scenario": question}


def write_line(message: Mapping[str, Any]) -> bytes:
    """A message as one line of UTF-8 JSON."""
    return (
        json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=as_json_number).encode(
            "utf-8", "backslashreplace"
        )
        + b"\n"
    )


# Reading


def read_line(line: bytes, what: str = "A line on standard output") -> dict[str, Any]:
    """One line of JSON as a message.

    :param what: what the line is called where it is none
    :raises ProtocolFault: it is not a JSON object
    """
    try:
        message = parse_json(line)
    except (ValueError, RecursionError) as error:
        shown = line[:120].decode("utf-8", "replace").strip()
        if why := what_is_wrong(error):
            raise ProtocolFault(f"{what} cannot be read, for {why}: {shown!r}.") from None
        raise ProtocolFault(f"{what} is not JSON: {shown!r}. It carries the protocol only.") from None
    if not isinstance(message, dict):
        raise ProtocolFault(f"{what} is not a JSON object.")
    return message


def read_declaration(content: Any) -> Declaration:
    """What hello was answered with.

    :raises ProtocolFault: a field is missing, unknown or wrong
    """
    if not isinstance(content, Mapping):
        raise ProtocolFault("hello must be answered with an object under ok.")
    if len(write_line(content)) > LONGEST_DECLARATION:
        raise ProtocolFault(f"The declaration is longer than {LONGEST_DECLARATION // 1024} KiB.")
    known = {"protocol", "implementation", "rulebooks", "wants", "choices", "omits", "window", "working"}
    _refuse_unknown(content, known, "the declaration")
    if content.get("protocol") != PROTOCOL:
        raise ProtocolFault(
            f"The implementation speaks protocol {content.get('protocol')}; this kit speaks {PROTOCOL}."
        )
    implementation = content.get("implementation")
    if not isinstance(implementation, Mapping) or not isinstance(implementation.get("name"), str):
        raise ProtocolFault('The declaration must name the implementation: "implementation": {"name": …}.')
    wants = _texts(content, "wants")
    if unknown := [want for want in wants if want not in WANTS]:
        raise ProtocolFault(f"The declaration wants {', '.join(unknown)}; there are {', '.join(WANTS)}.")
    window = content.get("window", 1)
    if isinstance(window, bool) or not isinstance(window, int) or not 1 <= window <= LARGEST_WINDOW:
        raise ProtocolFault(f"window is a whole number from 1 to {LARGEST_WINDOW}.")
    choices, working = content.get("choices", {}), content.get("working", False)
    if not isinstance(choices, Mapping) or not isinstance(working, bool):
        raise ProtocolFault("choices is an object, and working is true or false.")
    omits = _texts(content, "omits", required=False)
    for omitted in omits:
        if omitted not in ("price_episode", "aim") and not all(part in TYPES for part in omitted.split("+")):
            raise ProtocolFault(f"omits names {omitted}, which is neither a field of an answer nor types joined by +.")
    return Declaration(implementation, _texts(content, "rulebooks"), wants, choices, omits, window, working)


def _texts(content: Mapping[str, Any], name: str, *, required: bool = True) -> tuple[str, ...]:
    found = content.get(name, None if required else [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise ProtocolFault(f"{name} must be a list of texts.")
    return tuple(found)


def read_reply(message: Mapping[str, Any], wants: tuple[str, ...]) -> tuple[Outcome, dict[str, Any], str]:
    """The outcome, content and note of a message that answers a question.

    :param wants: what was asked for
    """
    try:
        _refuse_unknown(message, {"id", "ok", "reject", "unsupported", "error"}, "the reply")
        kinds = [kind for kind in ("ok", "reject", "unsupported", "error") if kind in message]
        if len(kinds) != 1:
            raise ProtocolFault("A reply has exactly one of ok, reject, unsupported and error.")
        content = message[kinds[0]]
        if not isinstance(content, dict):
            raise ProtocolFault(f"{kinds[0]} must be an object.")
        if kinds[0] == "ok":
            _check_answer(content, wants)
        elif kinds[0] == "reject":
            _refuse_unknown(content, {"code", "path", "message"}, "the reject")
            if content.get("code") not in REJECT_CODES:
                raise ProtocolFault(f"There is no reject code {content.get('code')}.")
            if not all(isinstance(content.get(name, ""), str) for name in ("path", "message")):
                raise ProtocolFault("The path and the message of a reject are text.")
        note = str(content.get("message", "")) if kinds[0] in ("error", "unsupported") else ""
        return Outcome(kinds[0]), content, note
    except ProtocolFault as fault:
        return Outcome.FAULT, {}, fault.reason[:LONGEST_NOTE]


def _check_answer(content: Mapping[str, Any], wants: tuple[str, ...]) -> None:
    _refuse_unknown(content, {*wants, "working"}, "the answer")
    for want in wants:
        rows = content.get(want)
        if not isinstance(rows, list):
            raise ProtocolFault(f"The answer must hold a list of {want}, for it was asked.")
        for number, row in enumerate(rows):
            if problem := row_problem(row, want):
                place, what = problem
                raise ProtocolFault(f"{want}[{number}]{place}: {what}")


def _refuse_unknown(content: Mapping[str, Any], known: set[str] | frozenset[str], what: str) -> None:
    if unknown := [name for name in content if name not in known and not name.startswith("x_")]:
        raise ProtocolFault(f"There is no field {unknown[0]} in {what}; fields of your own begin with x_.")

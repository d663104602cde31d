"""What a run has come to so far, beside the run file until that is whole, so that a run that was stopped can go on.

The first line is the header of the run file. A line for each case follows, in the order in which they came, and one
wherever the implementation has meanwhile done something against the protocol. Whatever the kit is doing when it is
stopped, every line but the last is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from funding_spec.documents import parse_json

from funding_conformance.adapters import Session
from funding_conformance.judge import Difference, Verdict
from funding_conformance.protocol import write_line
from funding_conformance.run import Case, RunError
from funding_conformance.writing import CannotWrite

_TOLD: Final = {
    "kit": "the version of the kit",
    "protocol": "the protocol",
    "rulebook": "the rulebook",
    "asked": "the implementation",
    "declaration": "what the implementation declares",
    "seed": "the seed",
    "profiles": "--profile",
    "tries": "--tries or --no-properties",
    "timeout": "--timeout",
    "baseline": "--baseline",
    "kit_digest": "the kit",
    "frozen_list": "the frozen case list",
    "cases": "the number of cases",
    "case_list": "the cases",
    "fresh": "--cases",
}


@frozen
class SoFar:
    """What is known of a run that was stopped.

    :param header: as it was; None if nothing is known
    :param cases: those that need not be asked again, by id
    :param length: bytes of the part that are whole
    """

    header: Mapping[str, Any] | None = None
    cases: Mapping[str, Case] = {}
    faults: Sequence[str] = ()
    remarks: Sequence[str] = ()
    restarts: int = 0
    length: int = 0

    def must_fit(self, header: Mapping[str, Any]) -> None:
        """Checks that a run with this header may go on where the other was stopped.

        :raises RunError: it would be another run
        """
        if self.header is None:
            return
        header = parse_json(write_line(dict(header)))
        both = {*self.header, *header}
        other = [_TOLD.get(name, name) for name in sorted(both) if self.header.get(name) != header.get(name)]
        if other:
            raise RunError(
                f"The run that was stopped was another: {', '.join(other)} differed. Run it without --resume.",
                path="--resume",
            )


def read_part(file: Path) -> SoFar:
    """What a run that was stopped has left behind; nothing if it left nothing.

    :raises RunError: the file cannot be read, or was changed
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return SoFar()
    except OSError as error:
        raise RunError(f"It cannot be read: {error.strerror or error}.", file=str(file)) from None
    whole = content[: content.rfind(b"\n") + 1]
    if not whole:
        return SoFar()
    try:
        first, *rest = (parse_json(line) for line in whole.split(b"\n")[:-1])
        told = [_told(line["so_far"]) for line in rest if "so_far" in line]
        cases = [_case(line) for line in rest if "so_far" not in line]
        known = {case.id: case for case in cases}
        return SoFar(dict(first["run"]), known, *(told[-1] if told else _told(Part.NOTHING)), len(whole))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise RunError("It was changed: a line before the last is none of ours.", file=str(file)) from None


class Part:
    """The file that is added to; see :func:`writing_part`."""

    NOTHING: Final[Mapping[str, Any]] = {"faults": [], "remarks": [], "restarts": 0}

    def __init__(self, write: Any, so_far: SoFar, session: Session) -> None:
        self._write = write
        self._so_far, self._session = so_far, session
        self._told: Mapping[str, Any] = self.NOTHING if so_far.header is None else self.told()

    def add(self, case: Case) -> None:
        """Writes a case down at once. One that was not answered is left out, for it can be asked again."""
        told = self.told()
        if told != self._told:
            self._write(write_line({"so_far": told}))
            self._told = told
        if case.verdict is not Verdict.MISSING:
            self._write(write_line(case.as_json()))

    def told(self) -> dict[str, Any]:
        """Faults, remarks and restarts of the whole run until now."""
        return {
            "faults": [*self._so_far.faults, *self._session.faults],
            "remarks": [*self._so_far.remarks, *self._session.remarks],
            "restarts": self._session.restarts,
        }


@contextmanager
def writing_part(file: Path, header: Mapping[str, Any], so_far: SoFar, session: Session) -> Iterator[Part]:
    """Opens the part of a run, new or after its last whole line.

    :raises CannotWrite: with the place and the system's reason
    """

    def write(line: bytes) -> None:
        try:
            stream.write(line)
        except OSError as error:
            raise CannotWrite(f"It cannot be written: {error.strerror or error}.", file=str(file)) from None

    try:
        stream = file.open("r+b" if so_far.length else "wb", buffering=0)
    except OSError as error:
        raise CannotWrite(f"It cannot be written: {error.strerror or error}.", file=str(file)) from None
    with stream:
        stream.truncate(so_far.length)
        stream.seek(so_far.length)
        if not so_far.length:
            write(write_line({"run": header}))
        yield Part(write, so_far, session)


def _told(told: Mapping[str, Any]) -> tuple[list[str], list[str], int]:
    """Faults, remarks and restarts as they were written."""
    return list(told["faults"]), list(told["remarks"]), int(told["restarts"])


def _case(line: Mapping[str, Any]) -> Case:
    """A case as it was written."""
    return Case(
        id=line["case"],
        title=line["title"],
        kind=line["kind"],
        verdict=Verdict(line["verdict"]),
        decides=tuple(line["decides"]),
        clauses=tuple(line["clauses"]),
        wants=tuple(line["wants"]),
        milliseconds=float(line["ms"]),
        answer=line.get("answer"),
        differences=tuple(Difference(**difference) for difference in line["difference"]),
        note=line.get("note", ""),
        digest=line.get("digest", ""),
        question=line.get("question"),
        expected=line.get("expected"),
        working=line.get("working"),
        tried=line.get("tried"),
    )

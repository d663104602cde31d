"""Reading a run file back: the only thing a report needs."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, Final

from attrs import frozen
from funding_spec.documents import parse_json
from funding_spec.errors import FundingError

from funding_conformance import KIT_VERSION
from funding_conformance.canonical import CannotRead, digest_of, read_limited
from funding_conformance.protocol import write_line

LARGEST: Final = 512 * 1024 * 1024
"""Bytes that no run file exceeds: it keeps at most so many answers of each property."""

BEGINS: Final = b'{"run":{'
"""The first bytes of a run file."""

_Kinds = Mapping[str, type | UnionType]
_HEADER: Final[_Kinds] = {"kit": str, "rulebook": str, "declaration": dict}
_CASE: Final[_Kinds] = {
    "case": str,
    "verdict": str,
    "title": str,
    "kind": str,
    "decides": list,
    "clauses": list,
    "wants": list,
    "ms": int | Decimal,
    "difference": list,
}
_FOOTER: Final[_Kinds] = {
    "verdict": str,
    "counts": dict,
    "profiles": list,
    "faults": list,
    "remarks": list,
    "restarts": int,
}
_PROFILE: Final[_Kinds] = {
    "profile": str,
    "verdict": str,
    "reason": str,
    "met": list,
    "unmet": list,
    "untested": list,
}
"""What every reader of a run file takes for granted, and of what kind it is."""

PASSED_OVER: Final = ("pass", "not-applicable")
"""The verdicts on cases that nobody needs to look into."""


class RunFileError(FundingError):
    """A run file is not whole, was changed, or is not as this kit writes it."""


@frozen
class RunFile:
    """A run as it was written: the header, the cases and the footer, as plain data.

    :param digest: of all bytes of the file
    """

    header: dict[str, Any]
    cases: tuple[dict[str, Any], ...]
    footer: dict[str, Any]
    digest: str = ""

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The cases that were asked and did not pass."""
        return [case for case in self.cases if case["verdict"] not in PASSED_OVER]

    @property
    def broken(self) -> str:
        """What is said once of an adapter that answered nothing at all, instead of as many failures."""
        says: str = self.footer.get("diagnosis", {}).get("broken", "")
        return says

    @property
    def name(self) -> str:
        """The implementation's name and version."""
        who = self.header["declaration"]["implementation"]
        return " ".join(str(part) for part in (who.get("name"), who.get("version")) if part)


def read_run_file(file: Path) -> RunFile:
    """A run file that reports can be made of: nothing in it was changed, and every field that they need is there.

    :raises RunFileError: it cannot be read, is cut off, changed, no run file, or one that another kit wrote otherwise
    """
    try:
        run = parse_run_file(read_limited(file, LARGEST), str(file))
    except CannotRead as error:
        raise RunFileError(error.reason, file=error.file) from None
    if place := _not_as_we_write_it(run):
        raise RunFileError(
            f"This run file is not as this kit (version {KIT_VERSION}) writes it: a field is missing or wrong.",
            file=str(file),
            path=place,
        )
    return run


def is_run_file(file: Path) -> bool:
    """Whether a file begins as a run file does, whatever became of the rest."""
    try:
        with file.open("rb") as stream:
            return stream.read(len(BEGINS)) == BEGINS
    except OSError:
        return False


def parse_run_file(content: bytes, name: str) -> RunFile:
    """A run file from its bytes, of which no more is sure than that they are as they were written.

    :param name: of the file, for messages
    :raises RunFileError: it is cut off, changed, or no run file
    """
    lines = content.splitlines(keepends=True)
    try:
        with _set_apart():
            contents = [parse_json(line) for line in lines]
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise RunFileError(f"This is not a run file: {reason}.", file=name) from None
    whole = len(contents) >= 2 and all(isinstance(content, dict) for content in contents)
    if not whole or not isinstance(contents[0].get("run"), dict) or "digest" not in contents[-1]:
        raise RunFileError("This run file has no footer: the run did not end, or the file was cut.", file=name)
    footer = {name: value for name, value in contents[-1].items() if name != "digest"}
    if not _ends_with_its_digest(lines, footer):
        raise RunFileError("This run file was changed after it was written: its digest differs.", file=name)
    return RunFile(contents[0]["run"], tuple(contents[1:-1]), contents[-1], digest_of(content))


def _not_as_we_write_it(run: RunFile) -> str:
    """The first field that is missing or of another kind; nothing if there is none."""
    wrong = _wrong(_HEADER, run.header, "run") or _wrong(_FOOTER, run.footer, "footer")
    if wrong:
        return wrong
    judged = run.footer["profiles"]
    parts = [
        *(_wrong(_PROFILE, profile, f"footer.profiles[{place}]") for place, profile in enumerate(judged)),
        *(_wrong(_CASE, case, f"line {line}") for line, case in enumerate(run.cases, 2)),
        _wrong({"implementation": dict}, run.header["declaration"], "run.declaration"),
    ]
    return next(filter(None, parts), "")


def _wrong(kinds: _Kinds, found: object, place: str) -> str:
    if not isinstance(found, dict):
        return place
    return next((f"{place}.{name}" for name, kind in kinds.items() if not isinstance(found.get(name), kind)), "")


@contextmanager
def _set_apart() -> Iterator[None]:
    """Makes what is read no matter for the collector of cycles: plain data has none, and rows are there by the million.

    Looking through them again and again would take longer than reading them, and than making a report of them.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if enabled:
            gc.enable()


def _ends_with_its_digest(lines: list[bytes], footer: dict[str, Any]) -> bool:
    try:
        digest = digest_of(b"".join([*lines[:-1], write_line(footer)]))
        return lines[-1] == write_line({**footer, "digest": digest})
    except RecursionError:
        return False

"""A baseline: the failures that a vendor knows of, each with a reason and the day on which the excuse ends.

It keeps a build green while a mistake is being put right. It never makes anything conformant: an entry that has run out
or that nothing needs any more fails the run, and a run with a baseline cannot be certified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import frozen
from funding_reference.reading import Place, Unreadable, a_date
from funding_spec.documents import load_file
from funding_spec.errors import FundingError
from funding_spec.wording import in_words

_FIELDS: Final = frozenset({"case", "clause", "reason", "expires"})


class BaselineError(FundingError):
    """A baseline cannot be used; names the entry."""


class Failure(Protocol):
    """What a baseline needs to know of a case that did not pass."""

    @property
    def id(self) -> str: ...

    @property
    def decides(self) -> tuple[str, ...]: ...


@frozen
class Entry:
    """A known failure: one case, or every case that decides a clause.

    :param names: the id of the case or of the clause
    :param expires: the last day on which it is excused
    """

    kind: str
    names: str
    reason: str
    expires: date

    def covers(self, failure: Failure) -> bool:
        """Whether it is about this failure."""
        return failure.id == self.names if self.kind == "case" else self.names in failure.decides

    def as_json(self) -> dict[str, str]:
        return {self.kind: self.names, "reason": self.reason, "expires": self.expires.isoformat()}


@frozen
class Baseline:
    """The known failures, as they stand on a day."""

    entries: tuple[Entry, ...]
    today: date

    def known(self, failures: Sequence[Failure]) -> frozenset[str]:
        """The ids of the failures that an entry still excuses."""
        holding = [entry for entry in self.entries if entry.expires >= self.today]
        return frozenset(failure.id for failure in failures if any(entry.covers(failure) for entry in holding))

    def wrong(self, failures: Sequence[Failure]) -> list[tuple[Entry, str]]:
        """The entries that no longer hold, each with the reason."""
        found = []
        for entry in self.entries:
            if entry.expires < self.today:
                found.append(
                    (entry, f"excused until {in_words(entry.expires)} only. Put it right, or say why not yet.")
                )
            elif not any(entry.covers(failure) for failure in failures):
                found.append((entry, "nothing of it failed in this run. Take the entry out."))
        return found

    def as_json(self) -> list[dict[str, str]]:
        return [entry.as_json() for entry in self.entries]


def load_baseline(file: Path, today: date) -> Baseline:
    """The known failures in a YAML or JSON file: a list of entries.

    :raises BaselineError: an entry lacks its reason or its day, or is about nothing or about two things
    """
    content = load_file(file)
    if not isinstance(content, list) or not content:
        raise BaselineError("A baseline is a list of entries: case or clause, reason, expires.", file=str(file))
    entries = tuple(_entry(found, f"[{number}]", str(file)) for number, found in enumerate(content))
    if twice := _repeated((entry.kind, entry.names) for entry in entries):
        raise BaselineError(f"There are two entries for {twice[1]}.", file=str(file))
    return Baseline(entries, today)


def _entry(content: Any, place: str, file: str) -> Entry:
    if not isinstance(content, Mapping):
        raise BaselineError("An entry is an object: case or clause, reason, expires.", file=file, path=place)
    if unknown := [name for name in content if name not in _FIELDS]:
        raise BaselineError(f"There is no field {unknown[0]} in an entry.", file=file, path=place)
    kinds = [kind for kind in ("case", "clause") if kind in content]
    if len(kinds) != 1:
        raise BaselineError("An entry is about one case or about one clause.", file=file, path=place)
    for name in (kinds[0], "reason", "expires"):
        if not isinstance(content.get(name), str) or not content[name].strip():
            raise BaselineError(f"An entry must say its {name}, as text.", file=file, path=f"{place}.{name}")
    try:
        expires = a_date(content["expires"], Place([]))
    except Unreadable:
        reason = f"{content['expires']} is not a date. Dates are YYYY-MM-DD."
        raise BaselineError(reason, file=file, path=f"{place}.expires") from None
    return Entry(kinds[0], content[kinds[0]], content["reason"].strip(), expires)


def _repeated(names: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    seen: set[tuple[str, str]] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None

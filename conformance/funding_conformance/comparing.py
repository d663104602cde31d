"""Two runs held against each other, case by case, from their run files alone.

A case passes or it does not; what was not applicable does neither. A case that is new, or that asks something else than
before, and does not pass counts as newly failing too: nobody should take a failure for an old one that nobody has seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from funding_conformance.canonical import canonical
from funding_conformance.runfile import PASSED_OVER, RunFile

Case = Mapping[str, Any]

_HEADERS: Final = {
    "rulebook": "rulebook",
    "kit": "version of the kit",
    "kit_digest": "digest of the kit",
    "protocol": "protocol",
    "seed": "seed",
    "profiles": "profiles asked for",
    "fresh": "fresh cases",
    "tries": "questions for each property",
    "timeout": "seconds for an answer",
    "case_list": "digest of the worked examples",
    "asked": "way of asking",
    "declaration": "declaration",
    "baseline": "baseline",
}
"""What of two headers is compared, what matters most first."""


@frozen
class Change:
    """A case that is not in both runs the same; None where it is in one only.

    :param other_case: whether it now asks something else, or must be answered otherwise
    """

    id: str
    old: Case | None
    new: Case | None
    other_case: bool = False

    @property
    def verdicts(self) -> tuple[str, str]:
        """The verdict before and now."""
        before, now = (str(case["verdict"]) if case else "" for case in (self.old, self.new))
        return before, now

    def as_json(self) -> dict[str, Any]:
        before, now = self.verdicts
        return {"case": self.id, "old": before or None, "new": now or None, "changed_case": self.other_case}


@frozen
class Comparison:
    """How two runs differ. A case that is another than before can be in several of the lists.

    :param headers: what of their headers differs: in words, before, now
    """

    old: RunFile
    new: RunFile
    headers: tuple[tuple[str, str, str], ...]
    newly_failing: tuple[Change, ...]
    newly_passing: tuple[Change, ...]
    changed_answer: tuple[Change, ...]
    changed_case: tuple[Change, ...]
    no_longer_asked: tuple[Change, ...]
    new_cases: tuple[Change, ...]
    gone_cases: tuple[Change, ...]

    def lists(self) -> dict[str, tuple[Change, ...]]:
        """Every list by its name, what matters most first."""
        return {name: getattr(self, name) for name in LISTS}

    def as_json(self) -> dict[str, Any]:
        return {
            "old": {"digest": self.old.footer["digest"], "verdict": self.old.footer["verdict"]},
            "new": {"digest": self.new.footer["digest"], "verdict": self.new.footer["verdict"]},
            "headers": [{"what": what, "old": before, "new": now} for what, before, now in self.headers],
            **{name: [change.as_json() for change in changes] for name, changes in self.lists().items()},
        }


LISTS: Final = {
    "newly_failing": "Newly failing",
    "newly_passing": "Newly passing",
    "changed_answer": "Other answer, same side of the verdict",
    "changed_case": "The case itself changed",
    "no_longer_asked": "No longer asked",
    "new_cases": "New cases",
    "gone_cases": "Gone cases",
}
"""The lists of a comparison, in words."""


def compared(old: RunFile, new: RunFile) -> Comparison:
    """How the new run differs from the old one."""
    before, now = ({str(case["case"]): case for case in run.cases} for run in (old, new))
    changes = [_change(id, before.get(id), now.get(id)) for id in (*now, *(id for id in before if id not in now))]
    both = [change for change in changes if change.old and change.new]
    return Comparison(
        old,
        new,
        tuple(_headers(old.header, new.header)),
        newly_failing=tuple(c for c in changes if _fails(c.new) and (c.other_case or not _fails(c.old))),
        newly_passing=tuple(c for c in both if _passes(c.new) and not _passes(c.old)),
        changed_answer=tuple(c for c in both if _answers_otherwise(c)),
        changed_case=tuple(c for c in both if c.other_case),
        no_longer_asked=tuple(c for c in both if _is_asked(c.old) and not _is_asked(c.new)),
        new_cases=tuple(c for c in changes if c.old is None),
        gone_cases=tuple(c for c in changes if c.new is None),
    )


def _change(id: str, old: Case | None, new: Case | None) -> Change:
    return Change(id, old, new, other_case=old is not None and new is not None and _is_another(old, new))


def _is_another(old: Case, new: Case) -> bool:
    """Whether a case is not what it was; where only one of them says what it is, nobody can tell."""
    for what in ("digest", "question"):
        if what in old and what in new:
            return bool(old[what] != new[what])
    return False


def _fails(case: Case | None) -> bool:
    return case is not None and case["verdict"] not in PASSED_OVER


def _passes(case: Case | None) -> bool:
    return case is not None and case["verdict"] == "pass"


def _is_asked(case: Case | None) -> bool:
    return case is not None and case["verdict"] != "not-applicable"


def _answers_otherwise(change: Change) -> bool:
    """Whether a case that passed still passes, or one that failed still fails, but not with the same answer."""
    old, new = change.old, change.new
    same_side = any(holds(old) and holds(new) for holds in (_fails, _passes))
    if old is None or new is None or change.other_case or not same_side:
        return False
    return old["verdict"] != new["verdict"] or _answer(old) != _answer(new)


def _answer(case: Case) -> bytes:
    """What was answered, in whatever order, without what an implementation says for itself."""
    return canonical(_in_order(case.get("answer")))


def _in_order(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _in_order(inner) for name, inner in value.items() if not name.startswith("x_")}
    if isinstance(value, list):
        return sorted((_in_order(item) for item in value), key=canonical)
    return value


def _headers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    name_before, name_now = (_name(header) for header in (old, new))
    if name_before != name_now:
        yield "implementation", name_before, name_now
    for name, words in _HEADERS.items():
        before, now = (_without_name(header) if name == "declaration" else header.get(name) for header in (old, new))
        if before != now:
            yield words, _in_words(before), _in_words(now)


def _name(header: Mapping[str, Any]) -> str:
    who = header["declaration"]["implementation"]
    return " ".join(str(who[part]) for part in ("name", "version") if who.get(part))


def _without_name(header: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header["declaration"].items() if name != "implementation"}


def _in_words(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "none" if value is None else canonical(value).decode().strip()

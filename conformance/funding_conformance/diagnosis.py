"""Why cases did not pass: the known mistakes that give the same answers, or else what failing cases have in common.

An implementation is compared with a known-bad by its answers alone: both were asked the same question, and what the
known-bad would be told to answer is what the implementation did answer. That it makes this mistake is then likely, and
never certain. An adapter that answers nothing at all is told that once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import count
from typing import Any, Final

from attrs import Factory, define, frozen
from funding_reference.money import NO_AMOUNT, plain

from funding_conformance import protocol
from funding_conformance.fresh.cases import expected_of
from funding_conformance.judge import Verdict, differences_of
from funding_conformance.known_bad import KnownBad, known_bads
from funding_conformance.known_bad.used import noting
from funding_conformance.protocol import Declaration
from funding_conformance.rows import amount_of
from funding_conformance.run import FAILING, Case
from funding_conformance.service import Handler, reference_service

Answer = Mapping[str, Any]

MOST_COMPARED: Final = 240
"""Failing cases that are compared with known-bads; of more, these many spread over all of them."""

MOST_SHARED: Final = 4
"""Known mistakes that the rest of the failing cases are compared with: those that explain most of the others."""

MOST_SEARCHED: Final = 4
"""Failing cases for which every known-bad is asked, and not only those that break a clause of the case."""

NOTHING_ANSWERED: Final = frozenset({Verdict.CRASH, Verdict.FAULT, Verdict.TIMEOUT, Verdict.MISSING})
_FEWEST_TO_TELL: Final = 2
_FEWEST_WITHOUT_ROWS: Final = 10
"""Of fewer cases that earn nothing, each may have a cause of its own."""
_REASONS_SHOWN: Final = 3
_KINDS: Final = ("earnings", "payments")
_BEFORE_FIELDS: Final = re.compile(r"(.+?)(?= (?:ukprn|uln|type|aim|month|employer|source|contract_type)\b|$)")


@frozen
class Cause:
    """Cases that seem to fail for one reason.

    :param says: the reason in words
    :param clauses: those that the known mistake breaks, or that the cases decide
    :param over: what was answered too much in all of them, in pounds; ``under`` likewise, without a sign
    :param known_bad: the known mistake whose answers these are
    """

    says: str
    clauses: tuple[str, ...]
    cases: tuple[str, ...]
    over: Decimal = NO_AMOUNT
    under: Decimal = NO_AMOUNT
    known_bad: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "says": self.says,
            **({"known_bad": self.known_bad} if self.known_bad else {}),
            "clauses": list(self.clauses),
            "cases": list(self.cases),
            "over": plain(self.over),
            "under": plain(self.under),
        }


def diagnosis_of(cases: Sequence[Case], declaration: Declaration) -> dict[str, Any] | None:
    """What a run file holds of it; nothing where everything passed.

    ``compared`` says how many failing cases were held against all known mistakes.
    """
    asked = [case for case in cases if case.verdict is not Verdict.NOT_APPLICABLE]
    failing = [case for case in asked if case.verdict in FAILING]
    if not failing:
        return None
    if broken := _broken(asked):
        return {"broken": broken, "compared": 0, "causes": []}
    comparable = [case for case in failing if _is_comparable(case)]
    compared = _spread(comparable)
    held = {case.id for case in compared}
    others = [case for case in comparable if case.id not in held]
    causes = [*_known_mistakes(compared, others, declaration)]
    settled = {id for cause in causes for id in cause.cases} | {case.id for case in others}
    causes += _in_common([case for case in failing if case.id not in settled], "No known mistake", declaration)
    explained = {id for cause in causes for id in cause.cases}
    left = [case for case in others if case.id not in explained]
    causes += _in_common(left, "Not compared with every known mistake", declaration)
    causes.sort(key=lambda cause: -len(cause.cases))
    return {"compared": len(compared), "causes": [cause.as_json() for cause in causes]}


def _broken(asked: Sequence[Case]) -> str:
    """One message for an adapter that answered nothing, or never a row; no message where it answered anything."""
    if without_rows := _without_rows(asked):
        return without_rows
    unanswered = [case for case in asked if case.verdict in NOTHING_ANSWERED]
    rejected = [case for case in asked if case.verdict is Verdict.REJECTED_WRONGLY]
    answered = any("ok" in (case.answer or {}) for case in asked if case.verdict in (Verdict.PASS, Verdict.FAIL))
    properties_held = any(case.kind == "property" and case.verdict is Verdict.PASS for case in asked)
    if answered or properties_held or len(unanswered) + len(rejected) < _FEWEST_TO_TELL:
        return ""
    reasons = Counter(f"{case.verdict.value}: {_first_line(case)}".rstrip(": ") for case in [*unanswered, *rejected])
    shown = "; ".join(f"{reason} ({times:,} times)" for reason, times in reasons.most_common(_REASONS_SHOWN))
    return (
        f"The adapter answered none of {len(asked):,} questions, so this says nothing about how it calculates. "
        f"What came instead: {shown}."
    )


def _without_rows(asked: Sequence[Case]) -> str:
    answers = [case.answer["ok"] for case in asked if case.answer and "ok" in case.answer]
    failed = sum(case.verdict is Verdict.FAIL and case.kind != "property" for case in asked)
    if failed < _FEWEST_WITHOUT_ROWS or any(rows for answer in answers for rows in answer.values()):
        return ""
    return (
        f"None of the {len(answers):,} answers of the adapter has a row, though {failed:,} had to have some, so this "
        "says nothing about how it calculates."
    )


def _first_line(case: Case) -> str:
    if case.verdict is Verdict.REJECTED_WRONGLY and case.differences:
        return re.sub(r" at .*", "", case.differences[0].got)
    return case.note.partition("\n")[0].rstrip(".")


def _is_comparable(case: Case) -> bool:
    return (
        case.verdict is Verdict.FAIL
        and case.kind != "property"
        and case.question is not None
        and "ok" in (case.answer or {})
    )


def _spread(cases: Sequence[Case]) -> list[Case]:
    """Not more cases than are compared, spread over all of them."""
    if len(cases) <= MOST_COMPARED:
        return list(cases)
    return [cases[place * len(cases) // MOST_COMPARED] for place in range(MOST_COMPARED)]


# Known mistakes


@define(slots=False)
class _Asked:
    """A failing case, with what the reference and the known-bads answer to it, each asked once."""

    case: Case
    declaration: Declaration
    _same: dict[str, bool] = Factory(dict)

    @cached_property
    def message(self) -> dict[str, Any]:
        return {"id": "d", **protocol.answer(self.case.question or {}, self.case.wants)}

    @property
    def answer(self) -> Answer:
        found: Answer = (self.case.answer or {})["ok"]
        return found

    @cached_property
    def _noted(self) -> tuple[Answer, frozenset[str]]:
        used: set[str] = set()
        answer = _ok(noting(used), self.message)
        return answer or {}, frozenset(used)

    @property
    def reference(self) -> Answer:
        return self._noted[0]

    @property
    def rules(self) -> frozenset[str]:
        """The rules that the answer rests on."""
        return self._noted[1]

    def is_as(self, known: KnownBad) -> bool:
        """Whether the answer is that of a known-bad, which is another than the reference's."""
        if known.name not in self._same:
            self._same[known.name] = bool(known.rules & self.rules) and self._compared(known)
        return self._same[known.name]

    def _compared(self, known: KnownBad) -> bool:
        theirs = _ok(reference_service(known.name, known.change), self.message)
        if theirs is None or theirs == self.reference:
            return False
        if not _alike(theirs, self.answer, self.declaration):
            return False
        return not _alike(theirs, self.reference, self.declaration)


def _ok(implementation: Handler, message: dict[str, Any]) -> Answer | None:
    try:
        answer: Answer | None = implementation(message).get("ok")
    except Exception:  # a mistake that does not fit the question is no explanation of anything
        return None
    return answer


def _alike(one: Answer, other: Answer, declaration: Declaration) -> bool:
    """Whether two answers say the same, each taken for what must be answered."""
    pairs = (one, other), (other, one)
    return all(next(differences_of(expected_of(a), b, declaration), None) is None for a, b in pairs)


def known_mistake(case: Case, declaration: Declaration) -> KnownBad | None:
    """The known mistake that gives the answer of a case, one that breaks a clause of the case before any other."""
    asked, clauses = _Asked(case, declaration), set(case.decides or case.clauses)
    nearest_first = sorted(known_bads(), key=lambda known: not clauses.intersection(known.breaks))
    return next((known for known in nearest_first if asked.is_as(known)), None)


def _known_mistakes(compared: Sequence[Case], others: Sequence[Case], declaration: Declaration) -> Iterator[Cause]:
    """The known mistakes that explain the cases, each with those of the others that it explains as well."""
    found = sorted(_explaining(compared, declaration), key=lambda one: -len(one[1]))
    for case in others:
        asked = _Asked(case, declaration)
        alike = next((cases for known, cases in found[:MOST_SHARED] if asked.is_as(known)), None)
        if alike is not None:
            alike.append(asked)
    for known, cases in found:
        says = (
            f"On {len(cases):,} of {len(compared) + len(others):,} failing cases the answers are those of the known "
            f"mistake {known.name}: {known.says}"
        )
        over, under = _money((asked.reference, asked.answer) for asked in cases)
        yield Cause(says, known.breaks, tuple(asked.case.id for asked in cases), over, under, known.name)


def _explaining(cases: Sequence[Case], declaration: Declaration) -> Iterator[tuple[KnownBad, list[_Asked]]]:
    """The known mistakes with the cases that they explain, the one that explains most of what is left first."""
    left = [_Asked(case, declaration) for case in cases]
    searched = count(1)
    while left:
        first, *others = left
        near = [known for known in known_bads() if set(known.breaks) & set(first.case.decides or first.case.clauses)]
        alike = [known for known in near if first.is_as(known)]
        if not alike and next(searched) <= MOST_SEARCHED:
            alike = [known for known in known_bads() if known not in near and first.is_as(known)]
        if not alike:
            left = others
            continue
        best = max(alike, key=lambda known: _explained(known, left))
        found = [asked for asked in left if asked.is_as(best)]
        yield best, found
        left = [asked for asked in left if asked not in found]


def _explained(known: KnownBad, left: Iterable[_Asked]) -> int:
    """How many of the cases that are about its clauses a known mistake explains."""
    breaks = set(known.breaks)
    return sum(asked.is_as(known) for asked in left if breaks & set(asked.case.decides))


# What failing cases have in common


def _in_common(cases: Sequence[Case], but: str, declaration: Declaration) -> Iterator[Cause]:
    groups: dict[tuple[Any, ...], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.decides or case.clauses, _what(case)].append(case)
    for (clauses, what), group in groups.items():
        pairs = [
            (asked.reference, asked.answer)
            for case in group
            if _is_comparable(case)
            for asked in [_Asked(case, declaration)]
        ]
        over, under = _money(pairs)
        yield Cause(f"{but}: {what}", clauses, tuple(case.id for case in group), over, under)


def _what(case: Case) -> str:
    """What is wrong with a case, in few words."""
    if case.verdict is not Verdict.FAIL:
        return f"{case.verdict.value}, {_first_line(case)}".rstrip(", ")
    if case.kind == "property":
        return f"not true of its answers: {case.title}"
    measures = (_BEFORE_FIELDS.match(difference.what) for difference in case.differences)
    return f"differs in {', '.join(dict.fromkeys(found[1] for found in measures if found))}"


# Money


def _money(pairs: Iterable[tuple[Answer, Answer]]) -> tuple[Decimal, Decimal]:
    """What was answered too much and too little, in pounds: of payments where they were asked for, else of earnings.

    Months do not count: an amount at another time is neither.
    """
    over = under = NO_AMOUNT
    for right, answered in pairs:
        kind = next((kind for kind in reversed(_KINDS) if kind in right), None)
        if kind:
            should, does = _totals(right[kind]), _totals(answered.get(kind, ()))
            out = [does.get(key, NO_AMOUNT) - should.get(key, NO_AMOUNT) for key in {*should, *does}]
            over += sum((amount for amount in out if amount > 0), NO_AMOUNT)
            under -= sum((amount for amount in out if amount < 0), NO_AMOUNT)
    return over, under


def _totals(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], Decimal]:
    found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row.get("ukprn"), row.get("uln"), row.get("type"), row.get("source")] += amount_of(row)
    return found

"""A run: every case asked, judged and written down, and a verdict for each profile."""

from __future__ import annotations

import fnmatch
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from attrs import Factory, define, evolve, frozen
from funding_spec.errors import FundingError
from funding_spec.register import Register
from funding_spec.rulebook import load_rulebook

from funding_conformance import KIT_VERSION, protocol
from funding_conformance.adapters import Session
from funding_conformance.baseline import Baseline, Entry
from funding_conformance.case_lists import case_digest, frozen_list, lacking, list_digest
from funding_conformance.fresh import FreshCases
from funding_conformance.judge import Difference, Verdict, asked_for, judge
from funding_conformance.kit_digest import kit_digest
from funding_conformance.profiles import PROFILES, Profile
from funding_conformance.protocol import Declaration, Outcome, Question, Reply, write_line
from funding_conformance.runfile import LARGEST
from funding_conformance.scenarios import WANTS, Scenario
from funding_conformance.service import reference_service

FAILING: Final = frozenset(Verdict) - {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.KIT_ERROR}

WORKINGS_KEPT: Final = 300
"""Of how many cases of a kind the working is kept: it is by far the longest part of a case."""


MOST_WRITTEN: Final = LARGEST * 3 // 4
"""Bytes of a run file after which cases are written without what makes them long."""
_DIFFERENCES_KEPT: Final = 20
_NOT_KEPT: Final = frozenset({"answer", "question", "expected", "working", "tried"})


class Result(Enum):
    """The verdict on a profile or a run, and the exit code it ends with."""

    CONFORMANT = "conformant"
    NO_NEW_FAILURES = "not conformant, but no new failures"
    NOT_CONFORMANT = "not conformant"
    INCONCLUSIVE = "inconclusive"
    UNUSABLE = "adapter unusable"
    KIT_FAULT = "fault of the kit"

    @property
    def exit_code(self) -> int:
        return _EXIT_CODES[self]


_EXIT_CODES: Final = {
    Result.CONFORMANT: 0,
    Result.NO_NEW_FAILURES: 0,
    Result.NOT_CONFORMANT: 1,
    Result.INCONCLUSIVE: 3,
    Result.UNUSABLE: 4,
    Result.KIT_FAULT: 5,
}


class RunError(FundingError):
    """The run cannot be made as asked."""


@frozen
class Case:
    """One case and what became of it.

    :param kind: example, fresh or property
    :param digest: of the question and what must be answered; none of a property, nor where learners were masked
    :param question: what was asked, kept where the case did not pass, and of every fresh case
    :param expected: what must be answered, kept of fresh cases
    :param working: the reference's working of the same question, kept of the first cases that did not pass
    :param tried: what a property was tried on and what was answered, kept where it passed
    """

    id: str
    title: str
    kind: str
    verdict: Verdict
    decides: tuple[str, ...]
    clauses: tuple[str, ...]
    wants: tuple[str, ...] = ()
    milliseconds: float = 0.0
    answer: Mapping[str, Any] | None = None
    differences: tuple[Difference, ...] = ()
    note: str = ""
    digest: str = ""
    question: Mapping[str, Any] | None = None
    expected: Mapping[str, Any] | None = None
    working: Sequence[Mapping[str, Any]] | None = None
    tried: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        fields = {
            "case": self.id,
            "verdict": self.verdict.value,
            "title": self.title,
            "kind": self.kind,
            "decides": list(self.decides),
            "clauses": list(self.clauses),
            "wants": list(self.wants),
            "ms": round(self.milliseconds, 3),
            "answer": self.answer,
            "difference": [difference.as_json() for difference in self.differences],
            "note": self.note or None,
            "digest": self.digest or None,
            "question": self.question,
            "expected": self.expected,
            "working": self.working,
            "tried": self.tried,
        }
        return {name: value for name, value in fields.items() if value is not None}


@frozen
class Judgement:
    """The verdict on one profile.

    :param reason: why, in one sentence
    :param met: the required clauses that are met; ``unmet`` and ``untested`` are the others
    """

    profile: str
    result: Result
    reason: str
    met: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "verdict": self.result.value,
            "reason": self.reason,
            "met": list(self.met),
            "unmet": list(self.unmet),
            "untested": list(self.untested),
        }


@define
class Run:
    """Everything a report needs: who was asked, every case, and the verdicts."""

    header: dict[str, Any]
    cases: list[Case] = Factory(list)
    judgements: list[Judgement] = Factory(list)
    faults: list[str] = Factory(list)
    remarks: list[str] = Factory(list)
    restarts: int = 0
    gave_up: str = ""
    baseline: Baseline | None = None
    diagnosis: Mapping[str, Any] | None = None

    @property
    def result(self) -> Result:
        """The worst of the profiles' verdicts; nothing tested is inconclusive."""
        if any(case.verdict is Verdict.KIT_ERROR for case in self.cases):
            return Result.KIT_FAULT
        if self.gave_up:
            return Result.UNUSABLE
        results = {judgement.result for judgement in self.judgements}
        if self.faults or self.new_failures or self.wrong_entries or Result.NOT_CONFORMANT in results:
            return Result.NOT_CONFORMANT
        if not results or Result.INCONCLUSIVE in results:
            return Result.INCONCLUSIVE
        return Result.CONFORMANT if self.baseline is None else Result.NO_NEW_FAILURES

    @property
    def new_failures(self) -> list[Case]:
        """The cases that did not pass and that no baseline knows."""
        known = self.baseline.known(self.failures) if self.baseline else frozenset()
        return [case for case in self.failures if case.id not in known]

    @property
    def failures(self) -> list[Case]:
        """The cases that did not pass."""
        return [case for case in self.cases if case.verdict in FAILING]

    @property
    def wrong_entries(self) -> list[tuple[Entry, str]]:
        """The entries of the baseline that no longer hold, each with the reason."""
        return self.baseline.wrong(self.failures) if self.baseline else []

    def counts(self) -> dict[str, int]:
        """How many cases ended with each verdict."""
        counted = Counter(case.verdict for case in self.cases)
        return {verdict.value: counted[verdict] for verdict in Verdict if counted[verdict]}

    def lines(self) -> Iterator[bytes]:
        """The run file: a header, a line a case, and a footer with the digest of all before it."""
        digest = hashlib.sha256()
        written = 0
        for content in ({"run": self.header}, *(case.as_json() for case in self.cases)):
            line = write_line(content)
            if "case" in content and written + len(line) > MOST_WRITTEN:
                line = write_line(_bare(content))
            written += len(line)
            digest.update(line)
            yield line
        footer = self.footer()
        digest.update(write_line(footer))
        yield write_line({**footer, "digest": f"sha256:{digest.hexdigest()}"})

    def footer(self) -> dict[str, Any]:
        """The last line of the run file, without its digest."""
        return {
            "verdict": self.result.value,
            "counts": self.counts(),
            "profiles": [judgement.as_json() for judgement in self.judgements],
            "faults": self.faults,
            "remarks": self.remarks,
            "restarts": self.restarts,
            **({"gave_up": self.gave_up} if self.gave_up else {}),
            **({"baseline": [f"{entry.names}: {why}" for entry, why in self.wrong_entries]} if self.baseline else {}),
            **({"diagnosis": self.diagnosis} if self.diagnosis else {}),
        }

    def conclude(
        self,
        profiles: Iterable[Profile],
        declaration: Declaration,
        register: Register,
        rulebook: str,
        digests: Mapping[str, str],
    ) -> None:
        """Judges every profile once all cases are there.

        :param digests: of the worked examples that the run had, by id
        """
        frozen_cases = frozen_list(rulebook)
        answered_for = {case.id for case in self.cases if case.verdict is not Verdict.NOT_APPLICABLE}
        known = self.baseline.known(self.failures) if self.baseline else None
        self.judgements = [
            judge_profile(
                profile,
                self.cases,
                declaration,
                register,
                rulebook,
                lacking=lacking(profile.name, frozen_cases, digests, answered_for),
                known=known,
            )
            for profile in profiles
        ]


def _bare(case: Mapping[str, Any]) -> dict[str, Any]:
    """A case for a run file that would become too long to be read: nothing can be judged again from it."""
    kept = {name: value for name, value in case.items() if name not in _NOT_KEPT}
    if len(kept) == len(case):
        return dict(case)
    note = " ".join([case.get("note", ""), "Its answer is not kept: the run file became too long."]).strip()
    return {**kept, "difference": case["difference"][:_DIFFERENCES_KEPT], "note": note}


def chosen(scenarios: Iterable[Scenario], rulebook: str, only: str | None) -> list[Scenario]:
    """The scenarios of a rulebook, and of those the ones whose id fits the pattern.

    :raises RunError: none is left
    """
    of_rulebook = [s for s in scenarios if s.rulebook == rulebook or _asks_for_unknown(s)]
    found = [s for s in of_rulebook if only is None or fnmatch.fnmatchcase(s.id, only)]
    if not found:
        if not of_rulebook:
            raise RunError(f"No scenario is of rulebook {rulebook}.", path="--rulebook")
        raise RunError(f"No scenario fits --only {only or repr(only)}.", path="--only")
    return sorted(found, key=lambda scenario: scenario.id)


def _asks_for_unknown(scenario: Scenario) -> bool:
    reject = scenario.expect.reject if scenario.expect else None
    return reject is not None and reject.code == "UNKNOWN-RULEBOOK"


def judged_profiles(names: Sequence[str], declaration: Declaration, register: Register, rulebook: str) -> list[Profile]:
    """The profiles asked for, or else every one whose wants are all declared and that has clauses to judge."""
    if names:
        return [profile for profile in PROFILES if profile.name in names]
    chain = load_rulebook(rulebook).chain
    return [
        profile
        for profile in PROFILES
        if set(profile.wants) <= set(declaration.wants) and profile.required(register, chain) and not profile.everything
    ]


def wants_of(profiles: Sequence[str]) -> list[str]:
    """What may be asked: what the profiles asked for by name want; everything, where none is named."""
    named = [profile for profile in PROFILES if profile.name in profiles]
    return [want for profile in named for want in profile.wants] if profiles else list(WANTS)


def ask_and_judge(
    session: Session,
    scenarios: Sequence[Scenario],
    wants: Sequence[str],
    *,
    kind: str = "example",
    came: Callable[[Case], None] = lambda case: None,
    known: Mapping[str, Case] = {},
    explain: bool = True,
) -> Iterator[Case]:
    """Asks every scenario and judges every reply; yields the cases in the order of the scenarios.

    :param kind: example or fresh
    :param came: is told each case at once, in the order in which they come
    :param known: what need not be asked again, by the id of the scenario
    :param explain: whether the reference's working is added to what did not pass
    """
    questions: list[Question] = []
    asked: dict[str, tuple[Scenario, tuple[str, ...]]] = {}
    cases: dict[str, Case] = dict(known)

    def add(case: Case) -> None:
        cases[case.id] = case
        came(case)

    for number, scenario in enumerate(scenarios, 1):
        if scenario.id in known:
            continue
        parts = asked_for(scenario, session.declaration, wants)
        if not parts:
            add(not_applicable(scenario, session.declaration, kind))
            continue
        question = Question(question_id(kind, number), protocol.answer(scenario.question(), parts))
        questions.append(question)
        asked[question.id] = scenario, parts
    with closing(session.ask(questions)) as replies:
        for reply in replies:
            scenario, parts = asked.pop(reply.id)
            add(judged(scenario, parts, reply, session.declaration, kind=kind, explain=explain))
    for scenario, parts in asked.values():
        reply = Reply("", Outcome.MISSING, note=session.gave_up or "It was not answered.")
        add(judged(scenario, parts, reply, session.declaration, kind=kind, explain=explain))
    explained = 0
    for scenario in scenarios:
        case = cases[scenario.id]
        explained += case.working is not None
        yield case if explained <= WORKINGS_KEPT else evolve(case, working=None)


def question_id(kind: str, number: int) -> str:
    """The id of the question about an example or a fresh case; no two questions of a run have the same."""
    return f"{'f' if kind == 'fresh' else ''}{number}"


def not_applicable(scenario: Scenario, declaration: Declaration, kind: str = "example") -> Case:
    """The case of a scenario that asks for something the implementation does not claim."""
    undeclared = [want for want in scenario.wants if want not in declaration.wants]
    if scenario.rulebook not in declaration.rulebooks:
        note = f"Rulebook {scenario.rulebook} is not declared."
    elif scenario.expect is None:
        note = "The scenario does not say what must be answered."
    else:
        note = f"It asks for {', '.join(undeclared or scenario.wants)}, which is not declared or not of this profile."
    return Case(
        scenario.id,
        scenario.title,
        kind,
        Verdict.NOT_APPLICABLE,
        scenario.decides,
        scenario.clauses,
        note=note,
        digest=case_digest(scenario),
    )


def judged(
    scenario: Scenario,
    wants: tuple[str, ...],
    reply: Reply,
    declaration: Declaration,
    *,
    kind: str = "example",
    explain: bool = True,
) -> Case:
    """One case from its reply. Of a fresh case the question and what must be answered are always kept."""
    reference: Mapping[str, Any] | None = None
    working: Sequence[Mapping[str, Any]] | None = None
    try:
        if declaration.omits:
            reference, _ = _reference_answer(scenario, wants, working=False)
        verdict, differences, note = judge(scenario, reply, declaration, reference)
        if explain and verdict is not Verdict.PASS:
            _, working = _reference_answer(scenario, wants, working=True)
    except Exception as error:
        verdict, differences, note = (
            Verdict.KIT_ERROR,
            [],
            f"The kit failed to judge it: {type(error).__name__}: {error}",
        )
    passed = verdict is Verdict.PASS
    return Case(
        id=scenario.id,
        title=scenario.title,
        kind=kind,
        verdict=verdict,
        decides=scenario.decides,
        clauses=scenario.clauses,
        wants=wants,
        milliseconds=reply.milliseconds,
        answer=_answered(reply),
        differences=tuple(differences),
        note=note,
        digest=case_digest(scenario),
        question=scenario.question() if kind == "fresh" or not passed else None,
        expected=scenario.expect.rows() if kind == "fresh" and scenario.expect else None,
        working=working,
    )


def _answered(reply: Reply) -> Mapping[str, Any] | None:
    if reply.outcome in (Outcome.OK, Outcome.REJECT, Outcome.UNSUPPORTED):
        return {reply.outcome.value: {k: v for k, v in reply.content.items() if k != "working"}}
    return None


def _reference_answer(
    scenario: Scenario, wants: tuple[str, ...], *, working: bool
) -> tuple[Mapping[str, Any] | None, Sequence[Mapping[str, Any]] | None]:
    """The reference's answer to the same question, and how it came about; nothing where it has none."""
    message = {"id": "r", **protocol.answer(scenario.question(), wants, working=working)}
    reply = reference_service()(protocol.read_line(write_line(message)))
    content = reply.get("ok")
    return content, content.get("working") if content else None


def judge_profile(
    profile: Profile,
    cases: Sequence[Case],
    declaration: Declaration,
    register: Register,
    rulebook: str,
    *,
    lacking: Sequence[str],
    known: Collection[str] | None = None,
) -> Judgement:
    """The verdict on one profile: every case of it passed, and every clause it requires was met by one deciding it.

    :param lacking: the cases frozen for the profile that were not asked
    :param known: the ids of failures that a baseline knows; None where there is no baseline
    """
    missing = [want for want in profile.wants if want not in declaration.wants]
    if missing:
        reason = f"The implementation does not declare {', '.join(missing)}."
        result = Result.NOT_CONFORMANT if profile.everything else Result.INCONCLUSIVE
        return Judgement(profile.name, result, reason)
    members = [case for case in cases if belongs(case, profile)]
    required = [clause.id for clause in profile.required(register, load_rulebook(rulebook).chain)]
    failures = [case for case in members if case.verdict in FAILING]
    failed = {clause for case in failures for clause in case.decides}
    passed = {
        clause
        for case in members
        if case.verdict is Verdict.PASS and case.kind != "property"  # a property alone proves no figure
        for clause in case.decides
    }
    unmet = tuple(clause for clause in required if clause in failed)
    met = tuple(clause for clause in required if clause in passed and clause not in failed)
    untested = tuple(clause for clause in required if clause not in failed and clause not in passed)

    def judged_as(result: Result, reason: str) -> Judgement:
        return Judgement(profile.name, result, reason, met, unmet, untested)

    if any(case.id not in (known or ()) for case in failures):
        return judged_as(Result.NOT_CONFORMANT, f"{len(failures)} of {len(members)} cases did not pass.")
    if required and not untested and not any(case.kind == "property" for case in members):
        return judged_as(Result.INCONCLUSIVE, "The properties were not tried.")
    if not required:
        return judged_as(Result.INCONCLUSIVE, "There is nothing to test.")
    if untested:
        return judged_as(Result.INCONCLUSIVE, f"{len(untested)} of {len(required)} clauses were not tested.")
    if lacking:
        reason = (
            f"The frozen list has cases that were not asked as they stand there: {len(lacking)}, {lacking[0]} first."
        )
        return judged_as(Result.INCONCLUSIVE, reason)
    if known is not None:
        return judged_as(Result.NO_NEW_FAILURES, f"Known failures: {len(failures)} of {len(members)} cases.")
    return judged_as(Result.CONFORMANT, f"All {len(required)} clauses are met by {len(members)} cases.")


def belongs(case: Case, profile: Profile) -> bool:
    """Whether a case counts for a profile: by the clauses it decides, or else by those it touches."""
    return case.verdict is not Verdict.NOT_APPLICABLE and profile.counts(case.wants, case.decides or case.clauses)


def header_of(
    declaration: Declaration,
    implementation: str,
    rulebook: str,
    digests: Mapping[str, str],
    *,
    profiles: Sequence[str],
    fresh: FreshCases,
    seed: int,
    tries: int,
    timeout: float | Decimal,
    baseline: Baseline | None = None,
) -> dict[str, Any]:
    """The first line of a run file.

    :param digests: of the worked examples that are asked, by id
    :param profiles: those asked for by name; none where every profile that fits is judged
    :param fresh: the fresh cases that are asked beside them
    :param tries: how many questions each property is tried on; 0 where none is
    :param timeout: seconds for one answer
    """
    return {
        "kit": KIT_VERSION,
        "kit_digest": kit_digest(),
        "protocol": protocol.PROTOCOL,
        "rulebook": rulebook,
        "profiles": list(profiles),
        "asked": implementation,
        "declaration": declaration.as_json(),
        "seed": seed,
        "tries": tries,
        "timeout": timeout,
        "cases": len(digests),
        "case_list": list_digest(digests),
        "frozen_list": frozen_list(rulebook).digest,
        "fresh": fresh.as_json(),
        **({"baseline": baseline.as_json()} if baseline else {}),
    }

"""Searching for counterexamples through an adapter, shrinking them, and saving them as scenario files."""

from __future__ import annotations

import io
import re
import warnings
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any, Final

import attrs
import hypothesis
from attrs import frozen
from funding_reference.money import plain
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.stateful import run_state_machine_as_test
from hypothesis.strategies import SearchStrategy
from ruamel.yaml import YAML

from funding_conformance import protocol
from funding_conformance.adapters import Session
from funding_conformance.adapters.crew import at_once
from funding_conformance.canonical import digest_of
from funding_conformance.explaining import explained
from funding_conformance.judge import Difference, Verdict, measured
from funding_conformance.properties.invariants import PROPERTIES
from funding_conformance.properties.property import Answer, Facts, Property
from funding_conformance.protocol import Declaration, Outcome, Question
from funding_conformance.rows import ACCOUNT_COLUMNS, amount_of
from funding_conformance.run import Case
from funding_conformance.scenarios import amounts_as_text
from funding_conformance.service import reference_service
from funding_conformance.writing import write_whole

warnings.filterwarnings("ignore", category=hypothesis.errors.HypothesisWarning)  # whoever asks did not write the search

STEPS: Final = 8
"""The most changes on one walk."""

REMEMBERED: Final = 500
"""The most answers that are kept while a property is tried, and the most scenarios that a run file keeps of it."""
MOST_DECIDED: Final = 2
"""A scenario decides one or two clauses."""
BY_PAYMENT_MONTH: Final = ("paid", "due_from_employer", "refunded", "refunded_to_employer", "levy_debited")
"""Measures of payments that show when money moved."""

_IDS: Final = count(1)


class _Found(Exception):
    """A drawn scenario breaks the property."""


class _NoAnswer(Exception):
    """The implementation did not answer a drawn scenario."""

    def __init__(self, outcome: Outcome, note: str) -> None:
        self.outcome = outcome
        super().__init__(note)


def properties_asked(declaration: Declaration, rulebook: str, wants: Sequence[str]) -> list[Property]:
    """The properties that are tried on an implementation: those of which it answers everything."""
    return applying(PROPERTIES, declaration, rulebook, wants)


def applying(
    properties: Sequence[Property], declaration: Declaration, rulebook: str, wants: Sequence[str]
) -> list[Property]:
    """Of several properties, those that an edition has and an implementation answers."""
    return [
        property
        for property in properties
        if set(property.wants) <= set(declaration.wants) & set(wants)
        and rulebook in declaration.rulebooks
        and rulebook not in property.not_in
    ]


def ask_properties(
    session: Session,
    rulebook: str,
    wants: Sequence[str],
    *,
    tries: int,
    seed: int,
    folder: Path,
    properties: Sequence[Property] = PROPERTIES,
    smallest: bool = True,
) -> Generator[Case, None, None]:
    """Tries every property on drawn scenarios and yields a case for each, in the order in which they come.

    :param tries: scenarios for each property
    :param folder: where counterexamples are saved
    :param smallest: whether to go on to the smallest counterexample once there is one
    """
    applied = applying(properties, session.declaration, rulebook, wants)
    left = deque(sorted(applied, key=_is_drawn_whole))  # a walk takes longest, so nobody is to wait for one

    def trying(worker: Session) -> Iterator[Case]:
        while not session.gave_up:
            try:
                property = left.popleft()
            except IndexError:
                return
            yield _tried(worker, rulebook, property, tries, seed, folder, smallest)

    yield from at_once(session.workers, trying)
    yield from (_case(property, Verdict.MISSING, session.gave_up) for property in left)


def _is_drawn_whole(property: Property) -> bool:
    return isinstance(property.drawn, SearchStrategy)


@frozen
class _Broken:
    """A scenario that breaks a property.

    :param property: the property that is broken: the one tried, or one checked beside it
    :param asked: what was asked to find it out, with the answers
    """

    property: Property
    given: Facts
    problem: str
    outcome: Outcome
    asked: tuple[tuple[Facts, Answer], ...]


class _Questions:
    """Asks an implementation what a property wants; what has just been asked is not asked again.

    :ivar rulebook: the edition that is asked about
    :ivar asked: the questions since the list was last cleared, with their answers
    :ivar kept: every answer so far, by the digest of its question; nothing more once ``keeping`` is off
    """

    def __init__(self, session: Session, rulebook: str, property: Property) -> None:
        self._session = session
        self.rulebook = rulebook
        self._scenario = {"id": property.case_id, "rulebook": rulebook}
        self._wants = property.wants
        self._known: dict[bytes, Answer] = {}
        self._latest: tuple[Facts, Answer] | None = None
        self.asked: list[tuple[Facts, Answer]] = []
        self.keeping = True
        self.kept: dict[str, Answer] = {}

    def __call__(self, given: Facts) -> Answer:
        if self._latest and self._latest[0] is given:
            self.asked.append(self._latest)
            return self._latest[1]
        message, key = _question(self._scenario, given, self._wants)
        if key not in self._known:
            if len(self._known) == REMEMBERED:
                self._known.clear()
            self._known[key] = self._answer(message)
        if self.keeping:
            self.kept[digest_of(key)] = self._known[key]
        self._latest = given, self._known[key]
        self.asked.append(self._latest)
        return self._known[key]

    def _answer(self, message: dict[str, Any]) -> Answer:
        reply = next(iter(self._session.ask([Question(f"p{next(_IDS)}", message)])), None)
        if reply is None:
            raise _NoAnswer(Outcome.MISSING, self._session.gave_up or "It was not answered.")
        if reply.outcome is not Outcome.OK:
            raise _NoAnswer(reply.outcome, reply.note or f"It answered {reply.outcome.value}: {dict(reply.content)}")
        return reply.content


def _tried(
    session: Session, rulebook: str, property: Property, tries: int, seed: int, folder: Path, smallest: bool
) -> Case:
    last: list[_Broken] = []
    questions = _Questions(session, rulebook, property)
    drawn: list[Facts] = []

    def attempt(given: Facts) -> None:
        if session.gave_up:
            return
        questions.keeping = len(drawn) < REMEMBERED
        if questions.keeping:
            drawn.append(deepcopy(given))
        for checked in (property, *property.also):
            questions.asked.clear()
            try:
                problem, outcome = checked.check(questions, given), Outcome.OK
            except _NoAnswer as error:
                problem, outcome = str(error), error.outcome
            if problem:
                last[:] = [_Broken(checked, given, problem, outcome, tuple(questions.asked))]
                raise _Found

    try:
        _search(property, attempt, tries, seed, smallest)
    except (_Found, hypothesis.errors.Flaky):  # Flaky: asked again, it answered otherwise or no more
        return _counterexample(property, rulebook, last[0], folder, session.declaration)
    if session.gave_up:
        return _case(property, Verdict.MISSING, session.gave_up)
    return passed(property, {"scenarios": drawn, "answers": questions.kept})


def passed(property: Property, tried: Mapping[str, Any]) -> Case:
    """The case of a property that held, with what it was tried on."""
    return _case(property, Verdict.PASS, "", tried=tried)


def _question(scenario: Mapping[str, str], given: Facts, wants: tuple[str, ...]) -> tuple[dict[str, Any], bytes]:
    """The message that asks about facts, and its bytes, by which it is known again."""
    message = protocol.answer({**scenario, "given": amounts_as_text(given)}, wants)
    return message, protocol.write_line(message)


class _Recorded:
    """Answers as a run file kept them, for the same checks once more.

    :ivar rulebook: the edition that was asked about
    :ivar used: the digests of the questions that were looked up
    """

    def __init__(self, rulebook: str, property: Property, answers: Mapping[str, Answer]) -> None:
        self.rulebook = rulebook
        self._scenario = {"id": f"property/{property.name}", "rulebook": rulebook}
        self._wants = property.wants
        self._answers = answers
        self.used: set[str] = set()

    def __call__(self, given: Facts) -> Answer:
        digest = digest_of(_question(self._scenario, given, self._wants)[1])
        if digest not in self._answers:
            raise _NoAnswer(Outcome.MISSING, "A question that it asks has no answer in the run file.")
        self.used.add(digest)
        outcome, content, note = protocol.read_reply({"id": "", "ok": self._answers[digest]}, self._wants)
        if outcome is not Outcome.OK:
            raise _NoAnswer(outcome, note)
        return content


def broken_again(property: Property, rulebook: str, tried: Mapping[str, Any]) -> str:
    """What is wrong with the kept answers, in words; nothing if the property holds of every one of them."""
    recorded = _Recorded(rulebook, property, tried["answers"])
    for given in tried["scenarios"]:
        for checked in (property, *property.also):
            try:
                if problem := checked.check(recorded, deepcopy(given)):
                    return problem
            except _NoAnswer as error:
                return str(error)
    if unused := recorded.used ^ set(tried["answers"]):
        return f"Answers are kept that nobody asked for: {len(unused)}."
    return ""


def _search(property: Property, attempt: Callable[[Facts], None], tries: int, seed: int, smallest: bool) -> None:
    """Draws scenarios, or walks from one to the next, until an attempt raises; then finds the smallest if asked."""
    settings = hypothesis.settings(
        max_examples=tries,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if smallest else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    drawn = property.drawn
    if isinstance(drawn, SearchStrategy):
        hypothesis.seed(seed)(settings(hypothesis.given(drawn)(attempt)))()
    else:
        run_state_machine_as_test(hypothesis.seed(seed)(drawn(attempt)), settings=settings)


def _where_the_reference_differs(rulebook: str, broken: _Broken) -> Facts:
    """Of several questions that were asked, the first that the reference answers otherwise; else the drawn one."""
    for given, answer in broken.asked if broken.outcome is Outcome.OK else ():
        reference = _reference_answer(rulebook, given, broken.property.wants)
        if any(reference.get(want) != answer.get(want) for want in broken.property.wants):
            return given
    return broken.given


def _case(property: Property, verdict: Verdict, note: str, broken: Property | None = None, **more: Any) -> Case:
    clauses = (broken or property).clauses
    return Case(
        id=property.case_id,
        title=property.says,
        kind="property",
        verdict=verdict,
        decides=clauses,
        clauses=clauses,
        wants=property.wants,
        note=note,
        **more,
    )


_VERDICTS: Final = {
    Outcome.CRASH: Verdict.CRASH,
    Outcome.TIMEOUT: Verdict.TIMEOUT,
    Outcome.MISSING: Verdict.MISSING,
    Outcome.REJECT: Verdict.REJECTED_WRONGLY,
    Outcome.OK: Verdict.FAIL,
}


def _counterexample(tried: Property, rulebook: str, broken: _Broken, folder: Path, declaration: Declaration) -> Case:
    verdict = _VERDICTS.get(broken.outcome, Verdict.FAULT)
    property, problem = broken.property, broken.problem
    given = _where_the_reference_differs(rulebook, broken)
    name = f"counterexample-{tried.name}"
    scenario = {
        "id": f"property/{name}",
        "title": f"Found while searching. {property.says}",
        "rulebook": rulebook,
        "decides": list(property.clauses[:MOST_DECIDED]),
        "clauses": list(property.clauses),
        "source": "derived",
        "wants": list(property.wants),
        "given": given,
        "expect": {"tables": _what_the_reference_says(rulebook, given, property.wants)},
    }
    file = folder / f"{name}.yaml"
    written = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 110
    yaml.representer.ignore_aliases = lambda _: True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(scenario, written)
    content = re.sub(r"'(\d{4}-\d{2}-\d{2})'", r"\1", written.getvalue())
    write_whole(file, [f"# {problem}\n{content}".encode()])
    difference = Difference(property.name, "", property.says, problem)
    question = {"id": scenario["id"], "rulebook": rulebook, "given": amounts_as_text(given)}
    answer = next((answer for asked, answer in broken.asked if asked is given), None)
    found = _case(tried, verdict, "", property, differences=(difference,), question=question)
    if answer is not None and broken.outcome is Outcome.OK:
        found = attrs.evolve(found, answer={"ok": {want: answer[want] for want in property.wants}})
        explanation = explained(found, declaration)
        found = attrs.evolve(found, working=explanation.working)
        problem = f"{problem}. {explanation.says}".rstrip()
    note = f"Not true of this scenario: {problem.rstrip('.')}. Saved to replay with --scenarios: {file}"
    return attrs.evolve(found, note=note)


def _what_the_reference_says(rulebook: str, given: Facts, wants: Sequence[str]) -> list[dict[str, Any]]:
    """Tables of the reference's answer, so that the saved file can be judged like any scenario."""
    answer = _reference_answer(rulebook, given, wants)
    several = len({submission["ukprn"] for submission in given["submissions"]}) > 1
    learners = sorted({learner["ULN"] for s in given["submissions"] for learner in s["learners"]})
    tables = []
    groups: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
    for want, measure in (("earnings", "earned"), ("payments", "funded")):
        if want in wants:
            groups |= {(measure, learner, None, None, None): {} for learner in learners}
        for row in answer.get(want, []):
            kind = row["type"], row.get("source"), row["ukprn"] if several else None
            for group in (kind, (None, None, None)):
                months = groups[measure, row["uln"], *group]
                so_far = amount_of({"amount": months.get(row["month"], "0.00000")})
                months[row["month"]] = f"{so_far + amount_of(row):.5f}"
    for (measure, uln, type, source, ukprn), months in groups.items():
        where = {"ukprn": ukprn, "uln": uln, "type": type, "source": source}
        chosen = {name: value for name, value in where.items() if value is not None}
        tables.append({"measure": measure, "where": chosen, "amounts": months, "complete": True})
    whose: list[dict[str, Any]] = [{"uln": learner} for learner in learners]
    if "payments" in wants:
        tables.extend(_table(measure, where, answer) for measure in BY_PAYMENT_MONTH for where in whose)
    if "levy_accounts" in wants:
        whose = [{"employer": employer["id"]} for employer in given["employers"]]
        tables.extend(_table(column, where, answer) for column in ACCOUNT_COLUMNS for where in whose)
    return tables


def _table(measure: str, where: dict[str, Any], answer: Answer) -> dict[str, Any]:
    amounts = {str(month): plain(amount) for month, amount in sorted(measured(measure, where, answer).items())}
    return {"measure": measure, "where": where, "amounts": amounts, "complete": True}


def _reference_answer(rulebook: str, given: Facts, wants: Sequence[str]) -> Answer:
    question = {"id": "counterexample", "rulebook": rulebook, "given": amounts_as_text(given)}
    reply = reference_service()({"id": "r", **protocol.answer(question, tuple(wants))})
    answer: Answer = reply.get("ok", {})
    return answer

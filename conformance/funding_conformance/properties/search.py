"""Searching for counterexamples through an adapter, shrinking them, and saving them as scenario files."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.stateful import run_state_machine_as_test
from hypothesis.strategies import SearchStrategy
from ruamel.yaml import YAML

from funding_conformance import protocol
from funding_conformance.adapters import Session
from funding_conformance.judge import Difference, Verdict
from funding_conformance.properties.invariants import PROPERTIES
from funding_conformance.properties.property import Answer, Facts, Property
from funding_conformance.protocol import Outcome, Question
from funding_conformance.rows import amount_of
from funding_conformance.run import Case
from funding_conformance.scenarios import amounts_as_text
from funding_conformance.service import reference_service
from funding_conformance.writing import write_whole

STEPS: Final = 12
"""The most changes on one walk."""

MOST_DECIDED: Final = 2
"""A scenario decides one or two clauses."""

_IDS: Final = count(1)


class _Broken(Exception):
    """A drawn scenario breaks the property."""


class _NoAnswer(Exception):
    """The implementation did not answer a drawn scenario."""

    def __init__(self, outcome: Outcome, note: str) -> None:
        self.outcome = outcome
        super().__init__(note)


def ask_properties(
    session: Session,
    rulebook: str,
    wants: Sequence[str],
    *,
    tries: int,
    seed: int,
    folder: Path,
    properties: Sequence[Property] = PROPERTIES,
) -> Iterator[Case]:
    """Tries every property on drawn scenarios and yields a case for each.

    :param tries: scenarios for each property
    :param folder: where counterexamples are saved
    """
    for property in properties:
        if (
            set(property.wants) <= set(session.declaration.wants) & set(wants)
            and rulebook in session.declaration.rulebooks
        ):
            yield _tried(session, rulebook, property, tries, seed, folder)


def _tried(session: Session, rulebook: str, property: Property, tries: int, seed: int, folder: Path) -> Case:
    last: list[tuple[Facts, str, Outcome, list[tuple[Facts, Answer]]]] = []
    asked: list[tuple[Facts, Answer]] = []

    def ask(given: Facts) -> Answer:
        scenario = {"id": f"property/{property.name}", "rulebook": rulebook, "given": amounts_as_text(given)}
        question = Question(f"p{next(_IDS)}", protocol.answer(scenario, property.wants))
        reply = next(iter(session.ask([question])), None)
        if reply is None:
            raise _NoAnswer(Outcome.MISSING, session.gave_up or "It was not answered.")
        if reply.outcome is not Outcome.OK:
            raise _NoAnswer(reply.outcome, reply.note or f"It answered {reply.outcome.value}: {dict(reply.content)}")
        asked.append((given, reply.content))
        return reply.content

    def attempt(given: Facts) -> None:
        if session.gave_up:
            return
        asked.clear()
        try:
            problem, outcome = property.check(ask, given), Outcome.OK
        except _NoAnswer as error:
            problem, outcome = str(error), error.outcome
        if problem:
            last[:] = [(given, problem, outcome, list(asked))]
            raise _Broken

    try:
        _search(property, attempt, tries, seed)
    except (_Broken, hypothesis.errors.Flaky):  # Flaky: asked again, it answered otherwise or no more
        given, problem, outcome, questions = last[0]
        if outcome is Outcome.OK:
            given = _where_the_reference_differs(rulebook, property, questions) or given
        return _counterexample(property, rulebook, given, problem, outcome, folder)
    if session.gave_up:
        return _case(property, Verdict.MISSING, session.gave_up)
    return _case(property, Verdict.PASS, "")


def _search(property: Property, attempt: Callable[[Facts], None], tries: int, seed: int) -> None:
    """Draws scenarios, or walks from one to the next, until an attempt raises; then finds the smallest that does."""
    settings = hypothesis.settings(
        max_examples=tries,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
    )
    drawn = property.drawn
    if isinstance(drawn, SearchStrategy):
        hypothesis.seed(seed)(settings(hypothesis.given(drawn)(attempt)))()
    else:
        run_state_machine_as_test(hypothesis.seed(seed)(drawn(attempt)), settings=settings)


def _where_the_reference_differs(
    rulebook: str, property: Property, asked: Sequence[tuple[Facts, Answer]]
) -> Facts | None:
    """Of several questions that a property asked, the first that the reference answers otherwise."""
    for given, answer in asked:
        reference = _reference_answer(rulebook, given, property.wants)
        if any(reference.get(want) != answer.get(want) for want in property.wants):
            return given
    return None


def _case(property: Property, verdict: Verdict, note: str, **more: Any) -> Case:
    return Case(
        id=f"property/{property.name}",
        title=property.says,
        kind="property",
        verdict=verdict,
        decides=property.clauses,
        clauses=property.clauses,
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


def _counterexample(
    property: Property, rulebook: str, given: Facts, problem: str, outcome: Outcome, folder: Path
) -> Case:
    verdict = _VERDICTS.get(outcome, Verdict.FAULT)
    name = f"counterexample-{property.name}"
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
    note = f"Not true of this scenario: {problem}. Saved to replay with --scenarios: {file}"
    difference = Difference(property.name, "", property.says, problem)
    question = {"id": scenario["id"], "rulebook": rulebook, "given": amounts_as_text(given)}
    return _case(property, verdict, note, differences=(difference,), question=question)


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
    return tables


def _reference_answer(rulebook: str, given: Facts, wants: Sequence[str]) -> Answer:
    question = {"id": "counterexample", "rulebook": rulebook, "given": amounts_as_text(given)}
    reply = reference_service()({"id": "r", **protocol.answer(question, tuple(wants))})
    answer: Answer = reply.get("ok", {})
    return answer

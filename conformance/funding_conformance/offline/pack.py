"""What is in a pack: the questions in every form, templates for the answers, and a guide.

The same kit makes the same pack from the same cases, byte for byte. So an import need not believe a pack: it makes the
contents again and compares their digests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from attrs import frozen
from funding_reference.calendar import Collection
from funding_reference.ilr import Head, written_return

from funding_conformance import KIT_VERSION, protocol
from funding_conformance.formats.sheets import csv_bytes
from funding_conformance.judge import asked_for
from funding_conformance.offline.case_sets import AskedCase, CaseSet, Names, case_sets
from funding_conformance.offline.facts_tables import facts_tables
from funding_conformance.offline.guide import guide_text
from funding_conformance.offline.tables import REJECTS, columns_of
from funding_conformance.protocol import Declaration, write_line
from funding_conformance.run import RunError, question_id
from funding_conformance.scenarios import WANTS, Scenario

QUESTIONS: Final = "questions.jsonl"
MADE_UP: Final = (
    "Made up for testing: no learner, employer or provider in it is real. Import it only into a system for tests, and "
    "never send it to anybody as a return."
)
HELLO_ID: Final = "0"
BYE_ID: Final = "z"
_TIME_OF_DAY: Final = time(12)


@frozen
class Contents:
    """The files of a pack.

    :param names: whose the references and ULNs in the ILR files are
    :param files: by name, with / between folders
    :param templates: the same of the tables that wait for answers
    """

    cases: tuple[AskedCase, ...]
    names: Names
    files: Mapping[str, bytes]
    templates: Mapping[str, bytes]


def asked_cases(
    examples: Sequence[Scenario], fresh: Sequence[Scenario], rulebook: str, wants: Sequence[str]
) -> list[AskedCase]:
    """The cases that ask for any of what is wanted; each keeps the number that it has in a run.

    :raises RunError: there is none
    """
    everything = Declaration({}, (rulebook,), WANTS)
    cases = []
    for kind, scenarios in (("example", examples), ("fresh", fresh)):
        for number, scenario in enumerate(scenarios, 1):
            if parts := asked_for(scenario, everything, wants):
                asked = scenario.question()
                cases.append(
                    AskedCase(question_id(kind, number), asked["id"], asked["rulebook"], parts, asked["given"])
                )
    if not cases:
        raise RunError("No case asks for what this profile answers.", path="--profile")
    return cases


def contents_of(cases: Sequence[AskedCase], rulebook: str) -> Contents:
    """Everything in a pack of these cases."""
    names = Names()
    sets, left_out = case_sets(cases)
    files = {QUESTIONS: b"".join(_questions(cases, rulebook))}
    for one in sets:
        files |= dict(_returns_of(one, names))
    tables = facts_tables(cases, names)
    files |= {table.name: csv_bytes(table.columns, table.rows) for table in tables}
    files["cases.csv"] = csv_bytes(_CASE_COLUMNS, _case_rows(cases, sets, left_out))
    asked = [want for want in WANTS if any(want in case.wants for case in cases)]
    files["GUIDE.txt"] = guide_text(rulebook, len(cases), asked, tables)
    templates = {f"answers/{table}.csv": csv_bytes(columns_of(table), []) for table in (*asked, REJECTS)}
    return Contents(tuple(cases), names, files, templates)


def _questions(cases: Sequence[AskedCase], rulebook: str) -> Iterator[bytes]:
    """A whole session, hello first and bye last, so that a program that speaks the protocol can be fed with it."""
    yield write_line(protocol.hello((rulebook,)))
    for case in cases:
        question = {"id": case.id, "rulebook": case.rulebook, "given": case.given}
        yield write_line({"id": case.number, **protocol.answer(question, case.wants)})
    yield write_line({"m": "bye", "id": BYE_ID})


_CASE_COLUMNS: Final = ("case", "question", "asked", "rulebook", "through", "ilr_set", "not_in_ilr_because")


def _case_rows(
    cases: Sequence[AskedCase], sets: Sequence[CaseSet], left_out: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    set_of = {case.id: one.name for one in sets for case in one.cases}
    for case in cases:
        yield {
            "case": case.id,
            "question": case.number,
            "asked": "|".join(case.wants),
            "rulebook": case.rulebook,
            "through": case.given.get("through"),
            "ilr_set": set_of.get(case.id),
            "not_in_ilr_because": left_out.get(case.id),
        }


def _returns_of(one: CaseSet, names: Names) -> Iterator[tuple[str, bytes]]:
    for collection, ukprn in one.returns:
        head = _head(collection, ukprn)
        learners = [
            names.renamed(case.id, ukprn, learner)
            for case in one.cases
            for submission in case.given["submissions"]
            if (submission["collection"], submission["ukprn"]) == (collection, ukprn)
            for learner in submission["learners"]
        ]
        yield f"ilr/{head.funding_year}/{one.name}/{head.file_name}", written_return(head, learners, MADE_UP)


def _head(collection: str, ukprn: int) -> Head:
    """The head of a return, prepared on the first day after the months that it covers; R13 and R14 later."""
    run = Collection(2000 + int(collection[:2]), int(collection[-2:]))
    prepared = datetime.combine(run.account_month.first_day, _TIME_OF_DAY)
    return Head(ukprn, collection[:4], prepared, 1, ("funding-kit", KIT_VERSION))

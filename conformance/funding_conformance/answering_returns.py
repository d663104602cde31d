"""The earnings of every apprentice of an ILR file, streamed: each learner is one question."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from attrs import Factory, frozen
from funding_reference.answers import Answer
from funding_reference.ilr import IlrReturn, Masker, open_return
from funding_reference.money import Amount, pounds
from funding_reference.reading import Rejected
from funding_reference.records import APPRENTICESHIPS_FROM_MAY_2017
from funding_reference.working import Step
from funding_spec.documents import line_and_column, load_file, path_text
from funding_spec.errors import FundingError

from funding_conformance.answering import (
    DEFAULT_RULEBOOK,
    AnswerError,
    answered_question,
    masked_learner,
    printable_learner,
)
from funding_conformance.formats.fm36 import fm36_blocks
from funding_conformance.formats.indicative import indicative_blocks
from funding_conformance.formats.lines import Line, lines_of
from funding_conformance.reports.working import working_lines
from funding_conformance.service import read_question


def answer_return(
    file: Path, given_file: Path | None, rulebook: str, as_json: bool, working: bool, masker: Masker | None
) -> bool:
    """Prints the earnings of every apprentice of an ILR file, one at a time; whether all could be answered."""
    facts = _Facts(_facts_for(file, given_file))
    source = open_return(file)
    answered, refused, others = 0, 0, 0
    earned = Amount(0)
    for one in _answers(source, facts, rulebook, working, masker):
        if one.error is not None:
            refused += 1
            _say_why_not(one, as_json, masker)
        elif one.found is None:
            others += 1
        else:
            answered += 1
            earned += sum((row.amount for row in one.found.earnings), Amount(0))
            rows = one.found.as_json(("earnings",))["earnings"]
            _print_learner(one.reference, rows, one.steps if working else None, as_json)
    if not as_json:
        click.echo("")
        click.echo(f"{file.name}: provider {source.ukprn}, funding year {source.funding_year}, rulebook {rulebook}")
        click.echo(f"{answered} apprentices answered, {pounds(earned)} in all")
        click.echo(f"{refused} apprentices not answered; {others} other learners")
        click.echo("Dates and prices are taken as returned in time: earlier years' returns are not in the file.")
    _say_what_was_tolerated(source)
    return refused == 0


def report_return(file: Path, given_file: Path | None, rulebook: str, form: str, masker: Masker | None) -> bool:
    """Prints the earnings of an ILR file as FM36 or Apps Indicative Earnings; whether all could be answered.

    It is one document, of the file's own funding year, written learner by learner.

    :param form: fm36 or indicative
    """
    facts = _Facts(_facts_for(file, given_file))
    source = open_return(file)
    year = 2000 + int(source.funding_year[:2])
    refused = 0

    def lines() -> Iterator[Line]:
        nonlocal refused
        for one in _answers(source, facts, rulebook, False, masker):
            if one.error is not None:
                refused += 1
                _say_why_not(one, False, masker, aside=True)
            elif one.found is not None:
                rows = one.found.as_json(("earnings",))["earnings"]
                yield from (line for line in lines_of(one.given, rows) if line.funding_year == year)

    blocks = fm36_blocks(source.ukprn, year, lines()) if form == "fm36" else indicative_blocks(lines())
    for block in blocks:
        click.echo(block, nl=False)
    _say_what_was_tolerated(source)
    return refused == 0


@frozen
class _Answered:
    """A learner of a return and what became of the question: an answer, an error, or neither for other learners.

    :param line: where the learner begins in the file
    :param given: the facts as they may be printed
    """

    reference: str
    line: int
    given: Mapping[str, Any] = Factory(dict)
    found: Answer | None = None
    steps: Sequence[Step] = ()
    error: FundingError | None = None


def _answers(
    source: IlrReturn, facts: _Facts, rulebook: str, working: bool, masker: Masker | None
) -> Iterator[_Answered]:
    """Every learner of a return, asked when the one before it is done with."""
    for learner in source.learners():
        record = _apprenticeship_aims_only(learner.record)
        asked = masked_learner(record, masker) if masker else record
        returned = asked.get("LearnRefNumber")
        reference = returned if isinstance(returned, str) else "?"  # what is no reference is not masked either
        if not record["LearningDelivery"]:
            yield _Answered(reference, learner.line)
            continue
        known = facts.for_learner(record)
        try:
            question = {"rulebook": rulebook, "given": _as_given(known, source, asked)}
            found, steps = answered_question(question, ("earnings",), working, masker)
        except FundingError as error:
            yield _Answered(reference, learner.line, error=error)
            continue
        shown = _as_given(known, source, printable_learner(record, masker) if masker else record)
        yield _Answered(reference, learner.line, shown, found, steps)


def _say_what_was_tolerated(source: IlrReturn) -> None:
    for kind, count in source.tolerated_counts.items():
        first = next(item for item in source.tolerated if item.kind == kind)
        click.echo(f"Tolerated {count} times: line {first.line}, {first.what}", err=True)


def _facts_for(file: Path, given_file: Path | None) -> dict[str, Any]:
    if given_file is None:
        reason = "An ILR file needs --given FILE with the courses and their funding bands, for no ILR file holds them."
        raise AnswerError(reason, file=str(file))
    facts = load_file(given_file)
    has_given = isinstance(facts, dict) and "given" in facts
    facts = facts["given"] if has_given else facts
    if not isinstance(facts, dict) or "submissions" in facts:
        raise AnswerError("--given holds the facts of a scenario, without submissions.", file=str(given_file))
    try:
        read_question({"rulebook": DEFAULT_RULEBOOK, "given": {**facts, "submissions": []}})
    except Rejected as rejected:
        raise _with_lines_below_given(rejected, given_file, 0 if has_given else 1) from None
    return facts


class _Facts:
    """The facts beside a return, so that each learner is asked with those that matter to it."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._postcodes = {postcode["postcode"]: postcode for postcode in facts.get("postcodes", ())}
        self._english_maths = {aim["aim"]: aim for aim in facts.get("english_maths_aims", ())}
        self._courses: dict[tuple[Any, ...], dict[str, Any]] = {}
        for course in facts.get("courses", ()):
            fields = ("framework_code", "programme_type", "pathway_code")
            standard = course.get("standard_code")
            code = (standard,) if standard is not None else tuple(course.get(field) for field in fields)
            self._courses.setdefault(code, course)

    def for_learner(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The courses, qualifications and postcode of one learner."""
        aims = record["LearningDelivery"]
        codes = [code for aim in aims for code in ((aim.get("StdCode"),), _framework_of(aim))]
        return {
            "courses": _found(self._courses, codes),
            "english_maths_aims": _found(self._english_maths, (aim.get("LearnAimRef") for aim in aims)),
            "postcodes": _found(self._postcodes, [record.get("PostcodePrior")]),
        }


def _framework_of(aim: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(aim.get(field) for field in ("FworkCode", "ProgType", "PwayCode"))


def _found(known: Mapping[Any, dict[str, Any]], keys: Iterable[Any]) -> list[dict[str, Any]]:
    found = {str(key): known[key] for key in keys if isinstance(key, Hashable) and key in known}
    return list(found.values())


def _with_lines_below_given(rejected: Rejected, file: Path, skipped: int) -> AnswerError:
    text = file.read_text(encoding="utf-8-sig")
    lines = []
    for problem in rejected.problems:
        where = line_and_column(text, problem.path[skipped:])
        place = f"{file}:{where[0]}:{where[1]}" if where else str(file)
        lines.append(f"{place}  {path_text(problem.path[1:])}\n  {problem.code}: {problem.message}")
    return AnswerError("\n".join(lines))


def _apprenticeship_aims_only(record: Mapping[str, Any]) -> dict[str, Any]:
    """The learner with only the aims that these rules may fund."""
    aims = record.get("LearningDelivery", [])
    funded = [aim for aim in aims if aim.get("FundModel") == APPRENTICESHIPS_FROM_MAY_2017]
    return {**record, "LearningDelivery": funded}


def _as_given(facts: Mapping[str, Any], source: IlrReturn, record: Mapping[str, Any]) -> dict[str, Any]:
    """One learner of a return as a scenario, returned in time in every year that it needs."""
    starts = [str(aim.get("LearnStartDate", "")) for aim in record["LearningDelivery"] if aim.get("AimType") == 1]
    first = min(starts, default="")
    year = int(source.funding_year[:2])
    earliest = _funding_year_of(first) if len(first) == len("YYYY-MM-DD") and first[:4].isdigit() else year
    years = range(min(earliest, year), year + 1) if year - earliest < 20 else range(year, year + 1)
    return {
        **facts,
        "submissions": [
            {"collection": f"{each:02}{each + 1:02}-R01", "ukprn": source.ukprn, "learners": [dict(record)]}
            for each in years
        ],
        "through": f"{source.funding_year}-R12",
    }


def _funding_year_of(day: str) -> int:
    return int(day[2:4]) - (0 if day[5:7] >= "08" else 1)


def _say_why_not(one: _Answered, as_json: bool, masker: Masker | None, *, aside: bool = False) -> None:
    """Says why a learner was not answered; aside, where the answer itself is a document."""
    if one.error is None:
        return
    place = _below_the_learner(one.error.path or "")
    reason = one.error.reason if masker is None else one.error.reason.partition(":")[0]
    if as_json:
        refusal = {"learner": one.reference, "line": one.line, "not_answered": reason, "path": place}
        click.echo(json.dumps(refusal, ensure_ascii=False), err=aside)
    else:
        where = f" [{place}]" if place else ""
        click.echo(f"{one.reference} (line {one.line}): not answered. {reason}{where}", err=aside)


def _below_the_learner(path: str) -> str:
    return path.partition("learners[0].")[2] or path


def _print_learner(learner: str, rows: list[dict[str, Any]], steps: Sequence[Step] | None, as_json: bool) -> None:
    if as_json:
        shown: dict[str, Any] = {"learner": learner, "earnings": rows}
        if steps is not None:
            shown["working"] = [step.as_json() for step in steps]
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    if not rows:
        click.echo(f"{learner}: earns nothing")
    for line in _by_type(learner, rows):
        click.echo(line)
    if steps:
        for line in working_lines(steps, "  "):
            click.echo(line)


def _by_type(learner: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Months of equal amounts as one line."""
    groups: list[list[dict[str, Any]]] = []
    for row in rows:
        last = groups[-1][-1] if groups else None
        if last and (last["aim"], last["type"], last["amount"]) == (row["aim"], row["type"], row["amount"]):
            groups[-1].append(row)
        else:
            groups.append([row])
    for group in groups:
        first, last = group[0], group[-1]
        months = first["month"] if first is last else f"{first['month']} to {last['month']}"
        times = "" if len(group) == 1 else f" each of {len(group)} months"
        kind = first["type"].replace("_", " ")
        yield f"{learner} aim {first['aim']}: {kind}, {months}: {pounds(Amount(first['amount']))}{times}"

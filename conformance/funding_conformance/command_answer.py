"""``funding-kit answer``: the reference's answer to scenarios and to ILR files, with its working if asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from funding_reference.answers import Answer
from funding_reference.collections import ANSWERED, answer
from funding_reference.ilr import IlrReturn, Masker, open_return
from funding_reference.money import Amount, Money, pounds
from funding_reference.reading import Rejected
from funding_reference.records import APPRENTICESHIPS_FROM_MAY_2017, Given
from funding_reference.rules import Rules, rules_of
from funding_reference.scope import BeyondScope
from funding_reference.working import Step, recording
from funding_spec.documents import line_and_column, load_file, path_text
from funding_spec.errors import FundingError
from tabulate import tabulate

from funding_conformance.service import read_question

DEFAULT_RULEBOOK: Final = "2017-08"
NOT_ALL_ANSWERED: Final = 1


class AnswerError(FundingError):
    """A file cannot be answered."""


def answer_command(
    files: Sequence[Path], given_file: Path | None, rulebook: str | None, as_json: bool, working: bool, mask: bool
) -> int:
    """Answers every file and returns the exit code: 1 if an apprentice of an ILR file could not be answered."""
    whole = True
    masker = Masker() if mask else None
    for file in files:
        if file.suffix.lower() == ".xml":
            whole &= _answer_return(file, given_file, rulebook or DEFAULT_RULEBOOK, as_json, working, masker)
        elif given_file is not None:
            raise AnswerError("--given goes with an ILR file; a scenario has its own facts.", path="--given")
        else:
            _answer_scenario(file, rulebook, as_json, working, masker)
    return 0 if whole else NOT_ALL_ANSWERED


# Scenarios


def _answer_scenario(file: Path, rulebook: str | None, as_json: bool, working: bool, masker: Masker | None) -> None:
    document = load_file(file)
    if not isinstance(document, dict):
        raise AnswerError("This file does not hold a scenario.", file=str(file))
    document = {"rulebook": DEFAULT_RULEBOOK, **document, **({"rulebook": rulebook} if rulebook else {})}
    wants = tuple(want for want in document.get("wants", ANSWERED) if want in ANSWERED) or ANSWERED
    try:
        edition, given = read_question(document)
        found, steps = _answered(rules_of(edition), given, wants, working)
    except Rejected as rejected:
        raise _with_lines(rejected, file) from None
    except BeyondScope as beyond:
        raise AnswerError(beyond.reason, file=str(file), path=beyond.path) from None
    written = found.as_json(wants)
    if masker:
        written = _masked(written, masker)
    if as_json:
        shown = {**written, **({"working": [step.as_json() for step in steps]} if working else {})}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    click.echo(f"{document.get('id', file.name)}: {document.get('title', '')}".rstrip(": "))
    _print_tables(written, wants)
    if working:
        click.echo("")
        click.echo("Working")
        for line in working_lines(steps):
            click.echo(line)


def _with_lines(rejected: Rejected, file: Path) -> AnswerError:
    text = file.read_text(encoding="utf-8-sig")
    lines = []
    for problem in rejected.problems:
        where = line_and_column(text, problem.path)
        place = f"{file}:{where[0]}:{where[1]}" if where else str(file)
        lines.append(f"{place}  {path_text(problem.path)}\n  {problem.code}: {problem.message}")
    return AnswerError("\n".join(lines))


def _answered(rules: Rules, given: Given, wants: tuple[str, ...], working: bool) -> tuple[Answer, list[Step]]:
    if not working:
        return answer(rules, given, wants), []
    rules, recorder = recording(rules)
    return answer(rules, given, wants), recorder.steps()


# ILR files


def _answer_return(
    file: Path, given_file: Path | None, rulebook: str, as_json: bool, working: bool, masker: Masker | None
) -> bool:
    """Prints the earnings of every apprentice of an ILR file, one at a time; whether all could be answered."""
    facts = _facts_for(file, given_file)
    source = open_return(file)
    rules = rules_of(rulebook)
    answered, refused, others = 0, 0, 0
    earned = Amount(0)
    for learner in source.learners():
        record = _apprenticeship_aims_only(learner.record)
        if not record["LearningDelivery"]:
            others += 1
            continue
        reference = str(record.get("LearnRefNumber", "?"))
        shown = masker.learner(reference) if masker else reference
        try:
            _, given = read_question({"rulebook": rulebook, "given": _as_given(facts, source, record)})
            found, steps = _answered(rules, given, ("earnings",), working)
        except (Rejected, BeyondScope) as error:
            refused += 1
            _say_why_not(shown, learner.line, error, as_json, masker)
            continue
        answered += 1
        earned += sum((row.amount for row in found.earnings), Amount(0))
        written = found.as_json(("earnings",))
        if masker:
            written = _masked(written, masker)
        _print_learner(shown, written["earnings"], steps if working else None, as_json)
    if not as_json:
        click.echo("")
        click.echo(f"{file.name}: provider {source.ukprn}, funding year {source.funding_year}, rulebook {rulebook}")
        click.echo(
            f"{answered} apprentices answered, {pounds(earned)} in all; {refused} not answered; {others} other learners"
        )
        click.echo(
            "Dates and prices are taken as returned in time: what earlier years' returns said is not in the file."
        )
    for kind, count in source.tolerated_counts.items():
        first = next(item for item in source.tolerated if item.kind == kind)
        click.echo(f"Tolerated {count} times: line {first.line}, {first.what}", err=True)
    return refused == 0


def _facts_for(file: Path, given_file: Path | None) -> dict[str, Any]:
    if given_file is None:
        reason = "An ILR file needs --given FILE with the courses and their funding bands, for no ILR file holds them."
        raise AnswerError(reason, file=str(file))
    facts = load_file(given_file)
    facts = facts.get("given", facts) if isinstance(facts, dict) else facts
    if not isinstance(facts, dict) or "submissions" in facts:
        raise AnswerError("--given holds the facts of a scenario, without submissions.", file=str(given_file))
    try:
        read_question({"rulebook": DEFAULT_RULEBOOK, "given": {**facts, "submissions": []}})
    except Rejected as rejected:
        raise _with_lines_below_given(rejected, given_file) from None
    return facts


def _with_lines_below_given(rejected: Rejected, file: Path) -> AnswerError:
    text = file.read_text(encoding="utf-8-sig")
    lines = []
    for problem in rejected.problems:
        where = line_and_column(text, problem.path) or line_and_column(text, problem.path[1:])
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


def _say_why_not(learner: str, line: int, error: FundingError, as_json: bool, masker: Masker | None) -> None:
    place = _below_the_learner(error.path or "")
    if as_json:
        refusal = {"learner": learner, "line": line, "not_answered": error.reason, "path": place}
        click.echo(json.dumps(refusal, ensure_ascii=False))
    else:
        reason = error.reason if masker is None else error.reason.split(":")[0]
        click.echo(f"{learner} (line {line}): not answered. {reason}" + (f" [{place}]" if place else ""))


def _below_the_learner(path: str) -> str:
    return path.partition("learners[0].")[2] or path


def _print_learner(learner: str, rows: list[dict[str, Any]], steps: list[Step] | None, as_json: bool) -> None:
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


def _masked(written: dict[str, Any], masker: Masker) -> dict[str, Any]:
    def masked(row: dict[str, Any]) -> dict[str, Any]:
        hidden: dict[str, Any] = {"uln": masker.uln(row["uln"])} if "uln" in row else {}
        if "learner" in row:
            hidden["learner"] = masker.learner(row["learner"])
        return {**row, **hidden}

    return {want: [masked(row) for row in rows] for want, rows in written.items()}


# Printing

_COLUMNS: Final[Mapping[str, Mapping[str, int]]] = {
    "earnings": {"uln": 10, "aim": 3, "type": 30, "month": 7, "amount": 14},
    "payments": {"collection": 10, "uln": 10, "type": 13, "month": 7, "source": 14, "employer": 10, "amount": 14},
    "findings": {"uln": 10, "aim": 3, "rule": 18, "path": 40},
}
"""The columns of each table and their width, so that a terminal of 80 columns holds them."""


def _print_tables(written: Mapping[str, Any], wants: Sequence[str]) -> None:
    for want in wants:
        columns = _COLUMNS[want]
        rows = [[str(row.get(column, "")).replace("_", " ") for column in columns] for row in written[want]]
        click.echo("")
        click.echo(want.capitalize() if rows else f"{want.capitalize()}: none")
        if rows:
            widths = list(columns.values())
            align = ["right" if column == "amount" else "left" for column in columns]
            click.echo(
                tabulate(rows, list(columns), "simple", maxcolwidths=widths, colalign=align, disable_numparse=True)
            )


def working_lines(steps: Sequence[Step], indent: str = "") -> Iterator[str]:
    """The steps as a tree; steps that only repeat the one before for another month are counted."""
    repeats = 0
    shown_before: dict[str, Any] | None = None
    for step in steps:
        shown = step.as_json()
        if shown_before is not None and _alike(shown_before, shown):
            repeats += 1
            continue
        if repeats:
            yield f"{indent}… and the same for {repeats} more"
        repeats, shown_before = 0, shown
        yield from _step_lines(step, shown, indent)
    if repeats:
        yield f"{indent}… and the same for {repeats} more"


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two steps differ only in their month."""
    return bool(_without_month(one) == _without_month(other))


def _without_month(step: Mapping[str, Any]) -> Any:
    inputs = {name: value for name, value in step["inputs"].items() if name != "month"}
    return step["rule"], inputs, step["result"], [_without_month(inner) for inner in step.get("steps", [])]


def _step_lines(step: Step, shown: Mapping[str, Any], indent: str) -> Iterator[str]:
    clauses = f"  [{', '.join(shown['clauses'])}]" if shown["clauses"] else ""
    yield f"{indent}{step.name.replace('_', ' ')} = {_result(shown)}{clauses}"
    for name, value in shown["inputs"].items():
        yield f"{indent}    {name.replace('_', ' ')}: {value}"
    if "operation" in shown:
        yield f"{indent}    {shown['operation']}"
    yield from working_lines(step.steps, indent + "  ")


def _result(shown: Mapping[str, Any]) -> str:
    if "rounded" in shown and Money(shown["rounded"]) != Money(shown["result"]):
        return f"{shown['result']} ({shown['rounded']} rounded)"
    return str(shown["result"])

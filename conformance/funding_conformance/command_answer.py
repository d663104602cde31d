"""``funding-kit answer``: the reference's answer to scenarios and to ILR files, with its working if asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import click
from funding_reference.collections import ANSWERED
from funding_reference.ilr import Masker
from funding_reference.reading import Rejected
from funding_spec.documents import line_and_column, load_file, path_text
from tabulate import tabulate

from funding_conformance.answering import (
    DEFAULT_RULEBOOK,
    AnswerError,
    answered_question,
    masked_facts,
    masked_question,
)
from funding_conformance.answering_returns import answer_return, report_return
from funding_conformance.answering_views import VIEWS, View, refuse_to_overwrite, show_view
from funding_conformance.formats.fm36 import fm36_of, written_fm36
from funding_conformance.formats.indicative import indicative_csv
from funding_conformance.reports.differences import printable
from funding_conformance.reports.working import working_lines

NOT_ALL_ANSWERED: Final = 1


_REPORTS: Final = ("fm36", "indicative")
"""The forms that hold earnings alone, with what was returned."""


def answer_command(
    files: Sequence[Path],
    given_file: Path | None,
    rulebook: str | None,
    form: str | None,
    as_json: bool,
    working: bool,
    mask: bool | None,
    year: str | None,
    employer: str | None,
    output: Path | None,
) -> int:
    """Answers every file and returns the exit code: 1 if an apprentice of an ILR file could not be answered.

    :param mask: whether to mask those in the files; None: those of ILR files, who are real
    """
    chosen = _chosen_form(form, as_json, working)
    view = View(chosen, year, employer, output)
    view.check()
    if output is not None and len(files) > 1:
        raise AnswerError("--output goes with one file at a time.", path="--output")
    whole = True
    masker = Masker()
    of_returns, of_scenarios = (None if mask is False else masker), (masker if mask else None)
    for file in files:
        if file.suffix.lower() == ".xml":
            edition = rulebook or DEFAULT_RULEBOOK
            if chosen in VIEWS:
                reason = f"{chosen} is made of payments; an ILR file holds earnings alone. Write it as a scenario."
                raise AnswerError(reason, file=str(file))
            if chosen in _REPORTS:
                whole &= report_return(file, given_file, edition, chosen, of_returns)
            else:
                whole &= answer_return(file, given_file, edition, chosen == "json", working, of_returns)
        elif given_file is not None:
            raise AnswerError("--given goes with an ILR file; a scenario has its own facts.", path="--given")
        else:
            _answer_scenario(file, rulebook, view, working, of_scenarios)
    return 0 if whole else NOT_ALL_ANSWERED


def _chosen_form(form: str | None, as_json: bool, working: bool) -> str:
    """The form that the options ask for, which is a table by default.

    :raises AnswerError: the options contradict each other
    """
    if as_json and form not in (None, "json"):
        raise AnswerError(f"--json is the same as --format json; leave out one of it and {form}.", path="--format")
    if working and form in (*_REPORTS, *VIEWS):
        raise AnswerError(f"{form} has no place for the working; --working goes with table and json.", path="--format")
    return "json" if as_json else form or "table"


def _answer_scenario(file: Path, rulebook: str | None, view: View, working: bool, masker: Masker | None) -> None:
    form = view.form
    refuse_to_overwrite(file, view.output)
    document = load_file(file)
    if not isinstance(document, dict):
        raise AnswerError("This file does not hold a scenario.", file=str(file))
    question = {"rulebook": DEFAULT_RULEBOOK, **document, **({"rulebook": rulebook} if rulebook else {})}
    wants = ("earnings",) if form in _REPORTS else _wants(document, file)
    try:
        if form in VIEWS:
            show_view(question, view, masker)
            return
        asked = masked_question(question, masker) if masker else question
        found, steps = answered_question(asked, wants, working, masker)
    except Rejected as rejected:
        raise _with_lines(rejected, file, masker) from None
    written = found.as_json(wants)
    if form in _REPORTS:
        shown_given = masked_facts(question["given"], masker) if masker else question["given"]
        _print_report(form, shown_given, written["earnings"])
        return
    if form == "json":
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


def _wants(document: Mapping[str, Any], file: Path) -> tuple[str, ...]:
    """What a scenario asks for, or everything if it does not say."""
    wanted = document.get("wants", list(ANSWERED))
    if not isinstance(wanted, list):
        raise AnswerError("wants is a list of what is asked, such as [earnings].", file=str(file), path="wants")
    if unknown := [str(want) for want in wanted if want not in ANSWERED]:
        raise AnswerError(f"wants names what cannot be asked: {', '.join(unknown)}.", file=str(file), path="wants")
    return tuple(wanted) or ANSWERED


def _with_lines(rejected: Rejected, file: Path, masker: Masker | None) -> AnswerError:
    """Every problem with its place; masked, without the sentences, which tell what was written there."""
    text = file.read_text(encoding="utf-8-sig")
    lines = []
    for problem in rejected.problems:
        where = line_and_column(text, problem.path)
        place = f"{file}:{where[0]}:{where[1]}" if where else str(file)
        sentence = f": {problem.message}" if masker is None else ""
        lines.append(f"{place}  {path_text(problem.path)}\n  {problem.code}{sentence}")
    return AnswerError("\n".join(lines))


# Printing


def _print_report(form: str, given: Mapping[str, Any], earnings: Sequence[Mapping[str, Any]]) -> None:
    """Prints what is earned as the documents of every provider and year; several reports under their names."""
    if form == "fm36":
        click.echo(written_fm36(fm36_of(given, earnings)), nl=False)
        return
    reports = indicative_csv(given, earnings)
    for report in reports:
        if len(reports) > 1:
            click.echo(f"==> {report.name} <==")
        click.echo(report.text, nl=False)


_COLUMNS: Final[Mapping[str, Mapping[str, int]]] = {
    "earnings": {"uln": 10, "aim": 3, "type": 30, "month": 7, "amount": 14},
    "payments": {"collection": 10, "uln": 10, "type": 12, "month": 7, "source": 10, "employer": 10, "amount": 12},
    "levy_accounts": {"employer": 20, "month": 7, "what": 20, "amount": 20},
    "priority": {"employer": 20, "collection": 10, "agreements": 44},
    "matches": {"uln": 10, "month": 7, "type": 20, "agreement": 16, "errors": 18},
    "findings": {"uln": 10, "aim": 3, "rule": 18, "path": 40},
}
"""The columns of each table and their width, so that a terminal of 80 columns holds them."""

_HEADERS: Final = {"collection": "run"}
_IN_WORDS: Final = ("type", "source", "what")
_SHARES: Final = {"government_co_investment": "government share", "employer_co_investment": "employer share"}
"""Shorter words for people, so that they take two lines at most."""


def _print_tables(written: Mapping[str, Any], wants: Sequence[str]) -> None:
    for want in wants:
        columns = _COLUMNS[want]
        listed = _account_lines(written[want]) if want == "levy_accounts" else written[want]
        rows = [[_cell(column, row.get(column, "")) for column in columns] for row in listed]
        name = want.capitalize().replace("_", " ")
        click.echo("")
        click.echo(name if rows else f"{name}: none")
        if rows:
            widths = list(columns.values())
            align = ["right" if column == "amount" else "left" for column in columns]
            headers = [_HEADERS.get(column, column) for column in columns]
            click.echo(tabulate(rows, headers, "simple", maxcolwidths=widths, colalign=align, disable_numparse=True))


def _cell(column: str, value: Any) -> str:
    text = printable(", ".join(map(str, value)) if isinstance(value, list) else value)
    return _SHARES.get(text, text).replace("_", " ") if column in _IN_WORDS else text


def _account_lines(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What moved in each month of an account, and what it closed with, each on a line of its own.

    It opens with what it closed with the month before, which is not said again.
    """
    lines = []
    for number, row in enumerate(rows):
        goes_on = number > 0 and rows[number - 1]["employer"] == row["employer"]
        left_out = ("employer", "month", *(("opening",) if goes_on else ()))
        for what, amount in row.items():
            if what == "closing" or (what not in left_out and Decimal(amount)):
                lines.append({"employer": row["employer"], "month": row["month"], "what": what, "amount": amount})
    return lines

"""Payments as providers and employers see them: reports in the official columns, invoices, an employer's statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from attrs import frozen
from funding_reference.ilr import Masker

from funding_conformance.answering import AnswerError, answered_question, masked_facts, masked_question
from funding_conformance.formats.cells import Report
from funding_conformance.formats.co_investment import co_investment_csv
from funding_conformance.formats.data_match import data_match_csv
from funding_conformance.formats.invoices import invoices_csv, invoices_of
from funding_conformance.formats.lines import year_of
from funding_conformance.formats.monthly_payments import monthly_payments_csv
from funding_conformance.formats.paid import year_of_last_run
from funding_conformance.reports.statement import statement_page
from funding_conformance.writing import write_whole

OF_A_YEAR: Final = ("monthly-payments", "co-investment", "data-match")
"""The reports that providers receive for a funding year."""

VIEWS: Final = (*OF_A_YEAR, "invoices", "statement")
"""The forms that are made of payments."""

_WANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "monthly-payments": ("earnings", "payments"),
    "co-investment": ("earnings", "payments"),
    "data-match": ("earnings", "matches"),
    "invoices": ("payments",),
    "statement": ("payments", "levy_accounts", "funds"),
}


@frozen
class View:
    """What was asked to be shown, and where.

    :param form: one of :data:`VIEWS`
    :param year: a funding year such as 1718; None for that of the last run
    :param employer: whose statement it is; None where the scenario has one employer
    :param output: a file to write instead of printing
    """

    form: str
    year: str | None = None
    employer: str | None = None
    output: Path | None = None

    def check(self) -> None:
        """Refuses options that go with another form.

        :raises AnswerError: with the option
        """
        if self.year is not None and self.form not in OF_A_YEAR:
            raise AnswerError(f"--year goes with {', '.join(OF_A_YEAR)}.", path="--year")
        if self.year is not None and year_of(self.year) is None:
            raise AnswerError("A funding year is written like 1718, for August 2017 to July 2018.", path="--year")
        if self.employer is not None and self.form != "statement":
            raise AnswerError("--employer goes with statement.", path="--employer")
        if self.output is not None and self.form not in VIEWS:
            raise AnswerError(f"--output goes with {', '.join(VIEWS)}.", path="--output")


def show_view(question: Mapping[str, Any], view: View, masker: Masker | None) -> None:
    """Answers a scenario and prints or writes what was asked to be shown of it.

    :raises funding_reference.reading.Rejected: the question cannot be read
    :raises AnswerError: the scenario has no such employer, or does not say which
    """
    wants = _WANTS[view.form]
    asked = masked_question(question, masker) if masker else question
    found, _ = answered_question(asked, wants, False, None)
    rows = found.as_json(wants)
    given = _printable(question, asked, masker)
    if view.form == "statement":
        title = question.get("title")
        whose = _employer(given, view.employer)
        page = statement_page(given, rows, whose, question["rulebook"], title if isinstance(title, str) else "")
        _write_or_print(page, view.output)
    elif view.form == "invoices":
        _write_or_print(invoices_csv(invoices_of(given, rows["payments"])), view.output)
    else:
        _show_reports(_reports(given, rows, view), view.output)


def _printable(question: Mapping[str, Any], asked: Mapping[str, Any], masker: Masker | None) -> Mapping[str, Any]:
    """The facts as they may be printed."""
    if masker is None:
        given: Mapping[str, Any] = question["given"]
        return given
    return {**asked["given"], "submissions": masked_facts(question["given"], masker)["submissions"]}


def _employer(given: Mapping[str, Any], id: str | None) -> str:
    known = [str(employer["id"]) for employer in given.get("employers") or ()]
    if id is None and len(known) == 1:
        return known[0]
    listed = ", ".join(known) or "none"
    if id is None:
        raise AnswerError(f"Say whose statement it is. The employers are: {listed}.", path="--employer")
    if id not in known:
        raise AnswerError(f"There is no employer {id}. The employers are: {listed}.", path="--employer")
    return id


def _reports(given: Mapping[str, Any], rows: Mapping[str, Any], view: View) -> list[Report]:
    year = year_of_last_run(given, rows.get("payments", ())) if view.year is None else year_of(view.year)
    if year is None:
        return []
    if view.form == "data-match":
        return data_match_csv(given, rows["matches"], rows["earnings"], year)
    make = monthly_payments_csv if view.form == "monthly-payments" else co_investment_csv
    return make(given, rows["payments"], rows["earnings"], year)


# Where it goes


def _show_reports(reports: Sequence[Report], output: Path | None) -> None:
    """One report as it is; several under their names, or as files of these names in a folder; if none, it says so."""
    if not reports:
        click.echo("No provider returned or was paid anything in that year, so there is no report.", err=True)
    if output is not None and (len(reports) != 1 or output.is_dir()):
        for report in reports:
            _write(output / report.name, report.text)
        return
    for report in reports:
        if len(reports) > 1:
            click.echo(f"==> {report.name} <==")
        _write_or_print(report.text, output)


def _write_or_print(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)


def _write(file: Path, text: str) -> None:
    write_whole(file, [text.encode("utf-8", errors="replace")])
    click.echo(f"Written: {file}")


def refuse_to_overwrite(file: Path, output: Path | None) -> None:
    """A scenario is not written over with its answer.

    :raises AnswerError: the output is the file itself
    """
    if output is not None and output.resolve() == file.resolve():
        raise AnswerError("This is the scenario itself; write to another file.", path="--output")

"""The answers that were handed in, from files of any kind, as replies to the questions of a pack.

What no reply can be made of is refused with its place, and nothing is judged. What breaks the protocol (an id that no
question has, an answer given twice) is a fault, as it would be over standard input and output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from attrs import Factory, define, frozen
from funding_reference.calendar import month_of
from funding_reference.records import TEMPORARY_ULN
from funding_spec.documents import parse_json, what_is_wrong
from funding_spec.errors import FundingError

from funding_conformance.formats.fm36 import earnings_of_fm36, learners_of_fm36, parse_fm36
from funding_conformance.formats.indicative import earnings_of_indicative, learners_of_indicative
from funding_conformance.formats.lines import HeldLearner
from funding_conformance.formats.sheets import headers_of, text_of
from funding_conformance.offline import manifest
from funding_conformance.offline.pack import BYE_ID, HELLO_ID, Contents
from funding_conformance.offline.tables import REJECTS, TABLES, AnswerRow, read_table
from funding_conformance.protocol import LONGEST_NOTE
from funding_conformance.reports.differences import printable

FAULTS_LISTED: Final = 20
_REPORT_NAME: Final = re.compile(r"([0-9]{8})-([0-9]{4})(?:[^0-9].*)?", re.ASCII)
_REPORT_COLUMN: Final = "unique_learner_number"


class AnswersError(FundingError):
    """A file of answers cannot be read: which file, where in it, and what to do."""


Report = tuple[int, int]
"""A provider, and the calendar year in which the funding year began: a report holds the earnings of one such year."""


@frozen
class Part:
    """What one file says of one part of a case.

    :param report: which report it was, if it was one; a table has none
    """

    file: str
    report: Report | None
    rows: list[dict[str, Any]] = Factory(list)


@define
class Answers:
    """Everything that was handed in.

    :ivar replies: messages of a program, by the id of their question
    :ivar parts: rows from tables and reports, by case and part; a part may come from several reports
    :ivar rejects: codes and places from tables, by case
    :ivar hello: how a program declared itself, if one did
    :ivar tables: the parts that tables and reports answer
    :ivar omits: what a report that was handed in cannot give
    """

    replies: dict[str, dict[str, Any]] = Factory(dict)
    parts: dict[tuple[str, str], list[Part]] = Factory(dict)
    rejects: dict[str, dict[str, Any]] = Factory(dict)
    hello: dict[str, Any] | None = None
    tables: set[str] = Factory(set)
    omits: tuple[str, ...] = ()
    faults: list[str] = Factory(list)

    def fault(self, place: str, what: str) -> None:
        """Notes what breaks the protocol; of many only the first are kept."""
        if len(self.faults) < FAULTS_LISTED:
            self.faults.append(f"{place}: {printable(what)}"[:LONGEST_NOTE])
        elif len(self.faults) == FAULTS_LISTED:
            self.faults.append("There are more of these; the first are listed.")

    def rows(self, case: str, want: str) -> list[dict[str, Any]] | None:
        """The rows of one part of a case; None if no file answers it."""
        parts = self.parts.get((case, want))
        return None if parts is None else [row for part in parts for row in part.rows]


def read_answers(files: Sequence[Path], contents: Contents) -> Answers:
    """What these files answer.

    :raises AnswersError: one cannot be read, or is of no known kind
    :raises FundingError: a table or a report in one cannot be understood; with its place
    """
    answers = Answers()
    reader = _Reader(contents, answers)
    for number, file in enumerate(files):
        if file.resolve() in [earlier.resolve() for earlier in files[:number]]:
            raise AnswersError("This file is named twice.", file=str(file))
        reader.read(file)
    reader.find_answered_twice()
    return answers


class _Reader:
    def __init__(self, contents: Contents, answers: Answers) -> None:
        self._names = contents.names
        self._numbers = {case.number for case in contents.cases}
        self._cases = {case.id: case.number for case in contents.cases}
        self._answers = answers

    def read(self, file: Path) -> None:
        kind = file.suffix.lower()
        if kind not in (".jsonl", ".ndjson", ".json", ".csv"):
            reason = "Answers come as .jsonl, .csv or .json (FM36). The name of this file ends in none of them."
            raise AnswersError(reason, file=str(file))
        text = text_of(_content(file), str(file))
        if kind in (".jsonl", ".ndjson"):
            self._replies(text, file)
        elif kind == ".json":
            self._fm36(text, file)
        elif _REPORT_COLUMN in headers_of(text):
            self._indicative(text, file)
        else:
            self._table(text, file)

    # JSON Lines

    def _replies(self, text: str, file: Path) -> None:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                self._reply(line, f"{file}:{number}")

    def _reply(self, line: str, place: str) -> None:
        try:
            message = parse_json(line)
        except (ValueError, RecursionError) as error:
            if why := what_is_wrong(error):
                self._answers.fault(place, f"This line cannot be read, for {why}.")
                return
            message = None
        if not isinstance(message, dict):
            self._answers.fault(place, "This line is not a JSON object; it may have been cut off.")
            return
        id = message.get("id")
        if id == HELLO_ID:
            self._hello(message, place)
        elif id == BYE_ID:
            return
        elif not isinstance(id, str) or id not in self._numbers:
            self._answers.fault(place, f"No question has the id {printable(id)[:80]!r}.")
        elif id in self._answers.replies:
            self._answers.fault(place, f"Question {id} was answered before.")
        else:
            self._answers.replies[id] = message

    def _hello(self, message: dict[str, Any], place: str) -> None:
        if self._answers.hello is not None and self._answers.hello != message:
            self._answers.fault(place, "hello was answered before, otherwise.")
        else:
            self._answers.hello = message

    # Tables

    def _table(self, text: str, file: Path) -> None:
        table = next((table for table in TABLES if re.match(rf"{table}(?![a-z])", file.stem.lower())), None)
        if table is None:
            known = ", ".join(f"{name}.csv" for name in TABLES)
            reason = f"The name of a table says what is in it: {known}. This one does not."
            raise AnswersError(reason, file=str(file))
        if table != REJECTS:
            self._answers.tables.add(table)
        for row in read_table(table, text, str(file)):
            if row.case not in self._cases:
                self._answers.fault(row.place, f"There is no case {printable(row.case)[:80]!r} in this pack.")
            elif table == REJECTS:
                self._reject(row)
            else:
                part = self._part(row.case, table, file)
                part.rows.extend([dict(row.content)] if row.content else [])

    def _reject(self, row: AnswerRow) -> None:
        if row.content and self._answers.rejects.setdefault(row.case, dict(row.content)) != row.content:
            self._answers.fault(row.place, f"{row.case} was rejected before, otherwise.")

    def _part(self, case: str, want: str, file: Path, report: Report | None = None) -> Part:
        parts = self._answers.parts.setdefault((case, want), [])
        part = next((part for part in parts if (part.file, part.report) == (str(file), report)), None)
        if part is None:
            part = Part(str(file), report)
            parts.append(part)
        return part

    # Reports of systems that imported the ILR files

    def _fm36(self, text: str, file: Path) -> None:
        document = parse_fm36(text, str(file))
        held = learners_of_fm36(document, file=str(file))
        self._of_reports(held, earnings_of_fm36(document, file=str(file)), file)

    def _indicative(self, text: str, file: Path) -> None:
        found = _REPORT_NAME.fullmatch(file.stem)
        if found is None:
            reason = (
                "This report names neither provider nor year, so its file must: 10000001-1718-earnings.csv for "
                "provider 10000001 and the year 2017 to 2018."
            )
            raise AnswersError(reason, file=str(file))
        ukprn, year = int(found[1]), found[2]
        held = learners_of_indicative(text, ukprn, year, file=str(file))
        rows, self._answers.omits = earnings_of_indicative(text, ukprn, year, file=str(file))
        self._of_reports(held, rows, file)

    def _of_reports(self, held: Iterable[HeldLearner], rows: Iterable[Mapping[str, Any]], file: Path) -> None:
        """Adds what reports say; a learner who is there without earnings has none, and that is an answer."""
        self._answers.tables.add("earnings")
        unknown = 0
        for learner in held:
            case = self._case_of(learner.row)
            unknown += case is None
            if case is not None:
                self._part(case, "earnings", file, (learner.row["ukprn"], learner.funding_year))
        if unknown:
            self._answers.fault(str(file), f"{unknown} learners in it are not of this pack.")
        for row in rows:
            case = self._case_of(row)
            if case is not None:
                year = month_of(date.fromisoformat(f"{row['month']}-01")).funding_year
                self._part(case, "earnings", file, (row["ukprn"], year)).rows.append(self._own(row))

    def _case_of(self, row: Mapping[str, Any]) -> str | None:
        """The case that a learner of the ILR files belongs to; None if there is none, or reference and ULN disagree."""
        of_uln = self._names.own_ulns.get(row["uln"])
        if "learner" not in row:
            return of_uln[0] if of_uln else None
        learner = self._names.learners.get(row["learner"])
        if learner is None or learner.ukprn != row["ukprn"]:
            return None
        agrees = row["uln"] == TEMPORARY_ULN if of_uln is None else of_uln[0] == learner.case
        return learner.case if agrees else None

    def _own(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row under the learner's own reference and ULN."""
        _, uln = self._names.own_ulns.get(row["uln"], ("", row["uln"]))
        reference = {"learner": self._names.learners[row["learner"]].reference} if "learner" in row else {}
        return {**row, **reference, "uln": uln}

    # All of them together

    def find_answered_twice(self) -> None:
        """Faults for what more than one file answers: nobody could say which is meant."""
        rejected = self._answers.rejects
        for (case, want), parts in self._answers.parts.items():
            reports = [part.report for part in parts if part.report is not None]
            tables = len(parts) - len(reports)
            again = self._cases[case] in self._answers.replies or case in rejected
            if again or tables > 1 or (tables and reports) or len(reports) > len(set(reports)):
                self._answers.fault(parts[-1].file, f"The {want} of {case} were answered more than once.")
        for case in rejected:
            if self._cases[case] in self._answers.replies:
                self._answers.fault("rejects", f"{case} was answered more than once.")


def _content(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise AnswersError("There is no such file.", file=str(file))
        if file.stat().st_size > manifest.LARGEST_FILE:
            most = manifest.LARGEST_FILE // 1024**2
            raise AnswersError(f"This file is larger than {most} MB. Hand the answers in as several.", file=str(file))
        return file.read_bytes()
    except OSError as error:
        raise AnswersError(f"It cannot be read: {error.strerror or error}.", file=str(file)) from None

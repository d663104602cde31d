"""Cells that the providers' reports have in common: what was returned, under the headers of its columns.

A line's cells are found by header, so that each report picks its own columns. Lines of CSV are safe to open in a
spreadsheet: a text that it would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from attrs import frozen
from funding_reference.earnings.on_programme import planned_instalments
from funding_reference.money import Amount, plain

from funding_conformance.formats.lines import Line, Record, day_of, fams_of, first_day_of, year_text
from funding_conformance.reports.differences import printable

FAM: Final = "Learning delivery funding and monitoring type - "
LETTERS: Final = ("A", "B", "C", "D", "E", "F")
MARKING: Final = "OFFICIAL - SENSITIVE"
MONTHS: Final = (
    "August", "September", "October", "November", "December", "January",
    "February", "March", "April", "May", "June", "July",
)  # fmt: skip

_FORMULA: Final = re.compile(r"[\s']*(?:[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]|'\s*\Z)")
"""What a spreadsheet would act on, and what would look as if it had been kept from that."""
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


@frozen
class Report:
    """A report of one provider and funding year.

    :param funding_year: as the ILR writes it: 1718
    :param kind: what it is, as its file is named
    :param text: the CSV
    """

    ukprn: int
    funding_year: str
    kind: str
    text: str

    @property
    def name(self) -> str:
        """A name for its file; most reports say neither provider nor year."""
        return f"{self.ukprn}-{self.funding_year}-{self.kind}.csv"


def report_of(ukprn: int, year: int, kind: str, lines: Iterable[str]) -> Report:
    """A report of lines of CSV."""
    return Report(ukprn, year_text(year), kind, "".join(lines))


def csv_line(cells: Iterable[str]) -> str:
    """A line of CSV in which no text is a formula."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow([safe_cell(printable(cell)) for cell in cells])
    return stream.getvalue()


def safe_cell(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula: an apostrophe stands before what could be one."""
    return f"'{text}" if text.strip() and _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def as_meant(cell: str) -> str:
    """What such a cell says, without the apostrophe that kept it from being a formula."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def of_learner(line: Line) -> dict[str, str]:
    """What was returned of the learner."""
    learner = line.learner
    return {
        "Learner reference number": line.reference,
        "Unique learner number": str(line.uln or ""),
        "Family name": cell_of(learner, "FamilyName"),
        "Given names": cell_of(learner, "GivenNames"),
        "Date of birth": day_cell(learner, "DateOfBirth"),
        "Postcode prior to enrolment": cell_of(learner, "PostcodePrior"),
        "Campus identifier": cell_of(learner, "CampId"),
        **_specified(learner, "learner", "Learner", "Learn", LETTERS[:2]),
    }


def of_aim(line: Line) -> dict[str, str]:
    """What was returned of the aim."""
    aim = line.aim
    start, planned_end = day_of(aim.get("LearnStartDate")), day_of(aim.get("LearnPlanEndDate"))
    planned = str(planned_instalments(start, planned_end)) if start and planned_end else ""
    return {
        "Aim sequence number": cell_of(aim, "AimSeqNumber"),
        "Learning aim reference": cell_of(aim, "LearnAimRef"),
        "Software supplier aim identifier": cell_of(aim, "SWSupAimId"),
        "Programme type": cell_of(aim, "ProgType"),
        "Standard code": cell_of(aim, "StdCode"),
        "Framework code": cell_of(aim, "FworkCode"),
        "Apprenticeship pathway": cell_of(aim, "PwayCode"),
        "Aim type": cell_of(aim, "AimType"),
        "Funding model": cell_of(aim, "FundModel"),
        "Original learning start date": day_cell(aim, "OrigLearnStartDate"),
        "Learning start date": day_cell(aim, "LearnStartDate"),
        "Learning planned end date": day_cell(aim, "LearnPlanEndDate"),
        "Completion status": cell_of(aim, "CompStatus"),
        "Learning actual end date": day_cell(aim, "LearnActEndDate"),
        "Achievement date": day_cell(aim, "AchDate"),
        "Outcome": cell_of(aim, "Outcome"),
        "Funding adjustment for prior learning": cell_of(aim, "PriorLearnFundAdj"),
        "Other funding adjustment": cell_of(aim, "OtherFundAdj"),
        "End point assessment organisation": cell_of(aim, "EPAOrgID"),
        "Planned number of on programme instalments for aim": planned,
        "Planned number of on programme installments for aim": planned,
        "Sub contracted or partnership UKPRN": cell_of(aim, "PartnerUKPRN"),
        "Sub contracted or partnership Ukprn": cell_of(aim, "PartnerUKPRN"),
        "Delivery location postcode": cell_of(aim, "DelLocPostCode"),
        **_specified(aim, "delivery", "Delivery", "Del", LETTERS[:4]),
    }


def _specified(record: Record, what: str, group: str, short: str, letters: tuple[str, ...]) -> dict[str, str]:
    """What the provider chose to note of a learner or an aim, under the letter it gave it."""
    notes = {
        cell_of(note, f"ProvSpec{short}MonOccur"): cell_of(note, f"ProvSpec{short}Mon")
        for note in _records(record.get(f"ProviderSpec{group}Monitoring"))
    }
    return {f"Provider specified {what} monitoring ({letter})": notes.get(letter, "") for letter in letters}


def _records(value: object) -> Iterator[Record]:
    """The records of an element that the rules do not read, and that may therefore hold anything."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list | tuple) else iter(())


def of_monitoring(line: Line) -> dict[str, str]:
    """The funding and monitoring records: learning support, learning delivery monitoring, restart."""
    support = fams_of(line.aim, "LSF")
    begins = [day for fam in support if (day := day_of(fam.get("LearnDelFAMDateFrom")))]
    ends = [day for fam in support if (day := day_of(fam.get("LearnDelFAMDateTo")))]
    monitoring = dict(zip(LETTERS, (cell_of(fam, "LearnDelFAMCode") for fam in fams_of(line.aim, "LDM")), strict=False))
    return {
        f"{FAM}learning support funding (if applicable)": _code_of_first(support),
        f"{FAM}LSF date applies from (earliest)": day_text(min(begins, default=None)),
        f"{FAM}LSF date applies to (latest)": day_text(max(ends, default=None)),
        **{f"{FAM}learning delivery monitoring ({letter})": code for letter, code in monitoring.items()},
        f"{FAM}restart indicator": _code_of_first(fams_of(line.aim, "RES")),
    }


def _code_of_first(fams: list[Record]) -> str:
    return cell_of(fams[0], "LearnDelFAMCode") if fams else ""


def of_employment(line: Line) -> dict[str, str]:
    """The employment status in force when the aim started."""
    start = day_of(line.aim.get("LearnStartDate"))
    dated = [
        (day_of(status.get("DateEmpStatApp")), status) for status in line.learner.get("LearnerEmploymentStatus") or ()
    ]
    in_force = [(day, status) for day, status in dated if day and start and day <= start]
    if not in_force:
        return {}
    day, status = max(in_force, key=lambda entry: entry[0])
    codes = {code.get("ESMType"): cell_of(code, "ESMCode") for code in status.get("EmploymentStatusMonitoring") or ()}
    return {
        "Employer identifier on employment status date": cell_of(status, "EmpId"),
        "Agreement identifier": cell_of(status, "AgreeId"),
        "Employment status": cell_of(status, "EmpStat"),
        "Employment status date": day_text(day),
        "Employment status monitoring - small employer": codes.get("SEM", ""),
    }


def of_episode(line: Line) -> dict[str, str]:
    """From when to when the price episode lasts in the year."""
    return {
        "Price episode start date": day_text(line.start),
        "Price episode actual end date": day_text(line.end),
    }


def of_contract(line: Line) -> dict[str, str]:
    """The contract type of the earnings, and the dates of the record of it that holds when they begin."""
    code = str(line.contract_type or "")
    begins = line.start or first_day_of(line.funding_year)
    records = [fam for fam in fams_of(line.aim, "ACT") if cell_of(fam, "LearnDelFAMCode") == code]
    dated = [(day, fam) for fam in records if (day := day_of(fam.get("LearnDelFAMDateFrom")))]
    held = [entry for entry in dated if entry[0] <= begins] or dated[:1]
    fam = max(held, key=lambda entry: entry[0])[1] if held else {}
    return {
        f"{FAM}apprenticeship contract type": code,
        f"{FAM}ACT date applies from": day_cell(fam, "LearnDelFAMDateFrom"),
        f"{FAM}ACT date applies to": day_cell(fam, "LearnDelFAMDateTo"),
    }


def cell_of(record: Record, name: str) -> str:
    """An element of a record as it was returned."""
    value = record.get(name)
    return "" if value is None else str(value)


def day_cell(record: Record, name: str) -> str:
    """A day of a record as the reports write days."""
    return day_text(day_of(record.get(name)))


def day_text(day: date | None) -> str:
    """A day as the reports write it: 06/08/2017."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}" if day else ""


def pounds_cell(amount: Amount | None) -> str:
    """An amount with its five decimals."""
    return "" if amount is None else plain(amount)

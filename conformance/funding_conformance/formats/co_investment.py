"""Apps Co-Investment Contributions: what employers owe a provider and what it has recorded as paid, as CSV.

One report holds a provider's funding year: a row for each learner, start, course and contract type for which anything
is owed or recorded in that year or before. Columns are known by their headers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP
from typing import Any, Final

from attrs import Factory, define, field
from funding_reference.calendar import LAST_COLLECTION
from funding_reference.due import NO_RECORD_NEEDED, OWN_EMPLOYEES
from funding_reference.money import NO_AMOUNT, Amount, plain

from funding_conformance.formats.cells import (
    FAM,
    MARKING,
    Report,
    csv_line,
    day_text,
    of_aim,
    of_employment,
    of_learner,
    report_of,
)
from funding_conformance.formats.lines import (
    Line,
    Record,
    Returns,
    contract_on,
    contributions_to,
    day_of,
    fams_of,
    first_day_of,
    last_day_of,
    lines_of,
)
from funding_conformance.formats.monthly_payments import RUNS
from funding_conformance.formats.paid import CO_INVESTED, FROM_EMPLOYER, Paid, paid_rows, providers_of

_DUE: Final = "due from employer"
_DUE_IN: Final = f"Co-investment (below band upper limit) {_DUE} for"
_TOTAL_DUE: Final = f"Total co-investment (below band upper limit) {_DUE} in"
_TOTAL_COLLECTED: Final = "Total employer contribution collected (PMR) in"

COLUMNS: Final = (
    "Learner reference number",
    "Unique learner number",
    "Learning start date",
    "Programme type",
    "Standard code",
    "Framework code",
    "Apprenticeship pathway",
    "Software supplier aim identifier",
    f"{FAM}apprenticeship contract type",
    "Employer identifier (ERN) at start of learning",
    "Employer name from apprenticeship service",
    "Employer co-investment percentage",
    "Applicable programme start date",
    f"{_TOTAL_COLLECTED} previous funding years",
    f"{_TOTAL_DUE} previous funding years",
    f"{_TOTAL_COLLECTED} this funding year",
    f"{_TOTAL_DUE} this funding year",
    "Percentage of co-investment collected (for all funding years)",
    "LDM 356 or 361?",
    "Completion earnings in this funding year",
    "Completion payments in this funding year (including employer co-investment)",
    *(f"{_DUE_IN} {run}" for run in RUNS),
    MARKING,
)
"""Every column in its order."""

_EMPLOYERS_OWN: Final = 1
_PROGRAMME_AIM: Final = 1
_COURSE: Final = ("ProgType", "StdCode", "FworkCode", "PwayCode")
_SHARES: Final = ("government_co_investment", FROM_EMPLOYER)
_HUNDRED: Final = 100
_PER_CENT: Final = Amount("0.01")

_Key = tuple[Any, ...]
"""Provider, learner, start, course and contract type: what has a row of its own."""


@define
class _Row:
    """What is known of one row so far, in pounds.

    :param line: the aim, as it was returned for the year
    :param due: what is due from the employer, by funding year and number of the run
    :param collected: what the provider has recorded, by its day
    """

    line: Line
    paid: list[Paid] = Factory(list)
    due: dict[tuple[int, int], Amount] = field(factory=lambda: defaultdict(lambda: NO_AMOUNT))
    collected: list[tuple[date, Amount]] = Factory(list)
    completion_earned: Amount = NO_AMOUNT


def co_investment_csv(
    given: Mapping[str, Any],
    payments: Iterable[Mapping[str, Any]],
    earnings: Iterable[Mapping[str, Any]],
    year: int,
) -> list[Report]:
    """One report for each provider; one to whom nothing is owed or recorded as paid has headers alone.

    :param given: the facts of a scenario as plain data
    :param payments: rows as the protocol writes them
    :param earnings: rows likewise
    :param year: the calendar year in which the funding year began
    :raises FormatError: a row is not as the protocol has it, or the learner or aim of an earning is in no return
    """
    earned = list(earnings)
    rows = _with_payments(paid_rows(given, payments, earned), year)
    _enter_contributions(rows, Returns(given), year)
    _enter_completion(rows, lines_of(given, earned), year)
    kept = {key: row for key, row in rows.items() if any(row.due.values()) or row.collected}
    return [
        report_of(ukprn, year, "apps-co-investment-contributions", _lines(kept, ukprn, year))
        for ukprn in providers_of(given, year, (key[0] for key in kept))
    ]


def _lines(rows: Mapping[_Key, _Row], ukprn: int, year: int) -> Iterator[str]:
    yield csv_line(COLUMNS)
    for key in sorted((key for key in rows if key[0] == ukprn), key=lambda key: tuple(map(str, key))):
        cells = {**of_learner(rows[key].line), **of_aim(rows[key].line), **_cells_of(key, rows[key], year)}
        yield csv_line([cells.get(column, "") for column in COLUMNS])


# What belongs to a row


def _with_payments(paid: Iterable[Paid], year: int) -> dict[_Key, _Row]:
    """The rows that payments make: of what is co-invested, in the year or before."""
    rows: dict[_Key, _Row] = {}
    for one in paid:
        if one.type not in CO_INVESTED or one.collection.funding_year > year:
            continue
        row = rows.setdefault(_key_of(one.line), _Row(one.line))
        row.line = max(row.line, one.line, key=lambda line: line.funding_year)
        row.paid.append(one)
        if one.source == FROM_EMPLOYER:
            row.due[one.collection.funding_year, one.collection.number] += one.amount
    return rows


def _enter_contributions(rows: dict[_Key, _Row], returns: Returns, year: int) -> None:
    """What is recorded as paid by the employer, each record under the contract type that held on its day.

    Of an aim that is not in the year's return what was last returned counts, if it had ended before the year.
    """
    here: dict[_Key, tuple[Line, Record]] = {}
    for ukprn, learner in returns.learners(year):
        for aim in learner.get("LearningDelivery") or ():
            if aim.get("AimType") == _PROGRAMME_AIM:
                line = Line(ukprn, year, learner.get("ULN", 0), learner, aim, (), None, None, {})
                here[_key_of(line)[:-1]] = line, aim
    for key, row in list(rows.items()):
        ended = day_of(row.line.aim.get("LearnActEndDate"))
        if key[:-1] not in here and ended and ended < first_day_of(year):
            here[key[:-1]] = row.line, row.line.aim
    for whose, (line, aim) in here.items():
        for day, amount in contributions_to(aim):
            if day <= last_day_of(year):
                key = (*whose, contract_on(aim, day))
                rows.setdefault(key, _Row(line)).collected.append((day, amount))


def _enter_completion(rows: Mapping[_Key, _Row], lines: Iterable[Line], year: int) -> None:
    for line in lines:
        if line.funding_year == year and line.is_programme and (row := rows.get(_key_of(line))):
            row.completion_earned += sum(line.months_of("completion"), NO_AMOUNT)


def _key_of(line: Line) -> _Key:
    start = day_of(line.aim.get("LearnStartDate"))
    course = (line.aim.get(code) for code in _COURSE)
    return line.ukprn, line.reference or str(line.uln), str(start or ""), *course, line.contract_type


# Cells


def _cells_of(key: _Key, row: _Row, year: int) -> dict[str, str]:
    due_before = sum((amount for (of_year, _), amount in row.due.items() if of_year < year), NO_AMOUNT)
    due_now = sum((amount for (of_year, _), amount in row.due.items() if of_year == year), NO_AMOUNT)
    opening = first_day_of(year)
    collected_before = sum((amount for day, amount in row.collected if day < opening), NO_AMOUNT)
    collected_now = sum((amount for day, amount in row.collected if day >= opening), NO_AMOUNT)
    completion = (one.amount for one in row.paid if one.type == "completion" and one.collection.funding_year == year)
    employment = of_employment(row.line)
    return {
        f"{FAM}apprenticeship contract type": str(key[-1] or ""),
        "Employer identifier (ERN) at start of learning": employment.get(
            "Employer identifier on employment status date", ""
        ),
        "Employer name from apprenticeship service": _employer_of(row.paid),
        "Employer co-investment percentage": _share_of(row.paid),
        "Applicable programme start date": day_text(_first_start(row.line)),
        f"{_TOTAL_COLLECTED} previous funding years": plain(collected_before),
        f"{_TOTAL_DUE} previous funding years": plain(due_before),
        f"{_TOTAL_COLLECTED} this funding year": plain(collected_now),
        f"{_TOTAL_DUE} this funding year": plain(due_now),
        "Percentage of co-investment collected (for all funding years)": _per_cent(
            collected_before + collected_now, due_before + due_now
        ),
        "LDM 356 or 361?": "Yes" if _needs_no_record(row.line.aim) else "No",
        "Completion earnings in this funding year": plain(row.completion_earned),
        "Completion payments in this funding year (including employer co-investment)": plain(
            sum(completion, NO_AMOUNT)
        ),
        **{
            f"{_DUE_IN} {run}": plain(row.due[year, number])
            for number, run in zip(range(1, LAST_COLLECTION + 1), RUNS, strict=True)
        },
    }


def _employer_of(paid: Iterable[Paid]) -> str:
    """The employer of the last payment that was matched with an agreement, by the name that the scenario gives it."""
    matched = [one for one in paid if one.line.contract_type == _EMPLOYERS_OWN and one.employer]
    return str(max(matched, key=lambda one: one.collection).employer) if matched else ""


def _share_of(paid: Iterable[Paid]) -> str:
    """The employer's share by the last payment that was shared; empty where none was."""
    shared = [one for one in paid if one.source in _SHARES and one.amount > 0]
    if not shared:
        return ""
    latest = max(one.collection for one in shared)
    of_run: dict[tuple[str, str], dict[str, Amount]] = defaultdict(lambda: defaultdict(lambda: NO_AMOUNT))
    for one in shared:
        if one.collection == latest:
            of_run[one.month, one.type][one.source] += one.amount
    whole = max(of_run.values(), key=lambda sources: sum(sources.values(), NO_AMOUNT))
    return _per_cent(whole[FROM_EMPLOYER], sum(whole.values(), NO_AMOUNT))


def _per_cent(part: Amount, whole: Amount) -> str:
    """A share in per cent, to two decimals where they are needed; empty of nothing."""
    if whole <= 0:
        return ""
    per_cent = (part * _HUNDRED / whole).quantize(_PER_CENT, ROUND_HALF_UP)
    return f"{per_cent:f}".rstrip("0").rstrip(".")


def _first_start(line: Line) -> date | None:
    """The day on which the apprenticeship first started, as the aim records it."""
    return day_of(line.aim.get("OrigLearnStartDate")) or day_of(line.aim.get("LearnStartDate"))


def _needs_no_record(aim: Record) -> bool:
    return any(fam.get("LearnDelFAMCode") in (OWN_EMPLOYEES, NO_RECORD_NEEDED) for fam in fams_of(aim, "LDM"))

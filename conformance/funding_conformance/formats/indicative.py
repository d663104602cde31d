"""Apps Indicative Earnings: the report that providers receive of their earnings, as CSV.

One report holds a provider's funding year: a row for each learner, aim and price episode, with twelve months of
thirteen columns of earnings. It names neither the provider nor the year, and has some types of earnings only together.
Columns are known by their headers. What only reference data or a calculation could fill stays empty.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from funding_reference.money import NO_AMOUNT, plain

from funding_conformance.formats.cells import (
    FAM,
    LETTERS,
    MARKING,
    MONTHS,
    Report,
    as_meant,
    csv_line,
    of_aim,
    of_contract,
    of_employment,
    of_episode,
    of_learner,
    of_monitoring,
    pounds_cell,
    report_of,
)
from funding_conformance.formats.lines import (
    FormatError,
    HeldLearner,
    Line,
    contributions_to,
    first_day_of,
    last_day_of,
    lines_of,
    month_text,
    year_of,
)
from funding_conformance.formats.sheets import Cell, amount_cell, delimiter_of, whole_cell
from funding_conformance.rows import shortly

_FACTS: Final = (
    "Learner reference number",
    "Unique learner number",
    "Family name",
    "Given names",
    "Date of birth",
    "Postcode prior to enrolment",
    "Campus identifier",
    *(f"Provider specified learner monitoring ({letter})" for letter in LETTERS[:2]),
    "Aim sequence number",
    "Learning aim reference",
    "Learning aim title",
    "Software supplier aim identifier",
    "LARS 16-18 framework uplift",
    "Notional NVQ level",
    "Standard notional end level",
    "Tier 2 sector subject area",
    "Programme type",
    "Standard code",
    "Framework code",
    "Apprenticeship pathway",
    "Aim type",
    "Common component code",
    "Funding model",
    "Original learning start date",
    "Learning start date",
    "Learning planned end date",
    "Completion status",
    "Learning actual end date",
    "Achievement date",
    "Outcome",
    "Funding adjustment for prior learning",
    "Other funding adjustment",
    f"{FAM}learning support funding (if applicable)",
    f"{FAM}LSF date applies from (earliest)",
    f"{FAM}LSF date applies to (latest)",
    *(f"{FAM}learning delivery monitoring ({letter})" for letter in LETTERS),
    f"{FAM}restart indicator",
    *(f"Provider specified delivery monitoring ({letter})" for letter in LETTERS[:4]),
    "End point assessment organisation",
    "Planned number of on programme instalments for aim",
    "Sub contracted or partnership UKPRN",
    "Delivery location postcode",
    "Employer identifier on employment status date",
    "Employment status",
    "Employment status date",
    "Employment status monitoring - small employer",
    "Price episode start date",
    "Price episode actual end date",
    "Funding line type",
    "Total price applicable to this episode",
    "Funding band upper limit",
    "Price amount above funding band limit",
    "Price amount remaining (with upper limit applied) at start of this episode",
    "Completion element (potential or actual earnings)",
    "Total employer contribution collected (PMR) in previous funding years",
    "Total employer contribution collected (PMR) in this funding year",
    f"{FAM}apprenticeship contract type",
    f"{FAM}ACT date applies from",
    f"{FAM}ACT date applies to",
)
"""The columns before the earnings."""

EARNINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "on programme earnings": ("on_programme",),
    "balancing payment earnings": ("balancing",),
    "aim completion earnings": ("completion",),
    "learning support earnings": ("learning_support",),
    "English and maths on programme earnings": ("english_maths_on_programme",),
    "English and maths balancing payment earnings": ("english_maths_balancing",),
    "disadvantage earnings": ("first_disadvantage", "second_disadvantage"),
    "16-18 additional payments for employers": ("first_employer_incentive", "second_employer_incentive"),
    "16-18 additional payments for providers": ("first_provider_incentive", "second_provider_incentive"),
    "additional payments for apprentices": ("care_leaver_bursary",),
    "16-18 framework uplift on programme payment": ("framework_uplift_on_programme",),
    "16-18 framework uplift balancing payment": ("framework_uplift_balancing",),
    "16-18 framework uplift completion payment": ("framework_uplift_completion",),
}
"""The columns of each month, and the types of earnings in them; what is read from one has the first of its types."""

_TOTAL: Final = "Total"

COLUMNS: Final = (*_FACTS, *(f"{month} {column}" for month in (*MONTHS, _TOTAL) for column in EARNINGS), MARKING)
"""Every column in its order."""

OMITS: Final = ("price_episode", *("+".join(types) for types in EARNINGS.values() if len(types) > 1))
"""What a report cannot give, as a declaration says it: the types that it has only together, and the price episode. It
shows episodes cut on 1 August and at each contract, and not under which price they stand."""


# Writing


def indicative_csv(given: Mapping[str, Any], earnings: Iterable[Mapping[str, Any]]) -> list[Report]:
    """One report for each provider and funding year in which anything is earned, in that order.

    :param given: the facts of a scenario as plain data
    :param earnings: rows as the protocol writes them
    :raises FormatError: a row is not as the protocol has it, or its learner or aim is in no return
    """
    years = groupby(lines_of(given, earnings), key=lambda line: (line.ukprn, line.funding_year))
    return [
        report_of(ukprn, year, "apps-indicative-earnings", indicative_blocks(lines)) for (ukprn, year), lines in years
    ]


def indicative_blocks(lines: Iterable[Line]) -> Iterator[str]:
    """The text of one report row by row, headers first.

    :param lines: of one provider and one year
    """
    yield csv_line(COLUMNS)
    for line in lines:
        cells = {**of_learner(line), **of_aim(line), **of_monitoring(line), **of_employment(line)}
        cells |= {**_of_episode(line), **_of_contributions(line), **of_contract(line), **_of_months(line)}
        yield csv_line([cells.get(column, "") for column in COLUMNS])


def _of_episode(line: Line) -> dict[str, str]:
    prices, band = line.prices, line.band
    price = sum((each.pounds for each in prices.values()), NO_AMOUNT) if prices else None
    above = None if price is None or band is None else max(price - band, NO_AMOUNT)
    return {
        **of_episode(line),
        "Total price applicable to this episode": pounds_cell(price),
        "Funding band upper limit": pounds_cell(band),
        "Price amount above funding band limit": pounds_cell(above),
    }


def _of_contributions(line: Line) -> dict[str, str]:
    """What the employer has paid the provider, as recorded: codes 1 and 2 less what was paid back."""
    if not line.is_programme:
        return {}
    first, last = first_day_of(line.funding_year), last_day_of(line.funding_year)
    before, within = NO_AMOUNT, NO_AMOUNT
    for day, amount in contributions_to(line.aim):
        before += amount if day < first else 0
        within += amount if first <= day <= last else 0
    return {
        "Total employer contribution collected (PMR) in previous funding years": pounds_cell(before),
        "Total employer contribution collected (PMR) in this funding year": pounds_cell(within),
    }


def _of_months(line: Line) -> dict[str, str]:
    cells: dict[str, str] = {}
    for column, types in EARNINGS.items():
        months = [sum(each, NO_AMOUNT) for each in zip(*(line.months_of(type) for type in types), strict=True)]
        cells |= {f"{month} {column}": plain(amount) for month, amount in zip(MONTHS, months, strict=True)}
        cells[f"{_TOTAL} {column}"] = plain(sum(months, NO_AMOUNT))
    return cells


# Reading


def earnings_of_indicative(
    text: str, ukprn: int, funding_year: str, *, file: str | None = None
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The earnings rows of a report, and what a declaration must say that they omit; zeros give no row.

    :param text: the CSV
    :param ukprn: the provider, which a report does not name
    :param funding_year: such as 1718, which a report does not name either
    :param file: its name, for messages
    :raises FormatError: it cannot be read; names the line and the column
    """
    year = _year(funding_year, file)
    rows: list[dict[str, Any]] = []
    delimiter = delimiter_of(text, COLUMNS)
    for cells, place in _cells_by_column(text, file):
        about = {"ukprn": ukprn, **_who(cells, place)}
        for column, types in EARNINGS.items():
            for number, month in enumerate(MONTHS):
                amount = _amount(cells, f"{month} {column}", place, delimiter)
                if Decimal(amount):
                    rows.append({**about, "type": types[0], "month": month_text(year, number), "amount": amount})
    return rows, OMITS


def learners_of_indicative(text: str, ukprn: int, funding_year: str, *, file: str | None = None) -> list[HeldLearner]:
    """The learner of every row of a report, also of those without earnings.

    :raises FormatError: it cannot be read; names the line and the column
    """
    year = _year(funding_year, file)
    return [HeldLearner(year, {"ukprn": ukprn, **_who(cells, place)}) for cells, place in _cells_by_column(text, file)]


def _year(funding_year: str, file: str | None) -> int:
    year = year_of(funding_year)
    if year is None:
        raise FormatError(f"{shortly(funding_year)} is not a funding year, such as 1718.", file=file)
    return year


def _cells_by_column(text: str, file: str | None) -> Iterator[tuple[Mapping[str, str], str]]:
    """The cells of each row by the header of their column, and the row's place.

    :raises FormatError: it is not CSV, or a column is unknown, missing or there twice
    """
    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text, COLUMNS), strict=True)
    headers: list[str] | None = None
    name = f"{file}:" if file else "line "
    try:
        for cells in reader:
            place = f"{name}{reader.line_num}"
            if not any(cells):
                continue
            if headers is None:
                headers = [cell.strip() for cell in cells]
                _check_headers(headers, place)
            elif len(cells) != len(headers):
                raise FormatError(f"This row has {len(cells)} cells; there are {len(headers)} headers.", file=place)
            else:
                yield dict(zip(headers, (cell.strip() for cell in cells), strict=True)), place
    except csv.Error as error:
        raise FormatError(f"This is not CSV: {error}.", file=f"{name}{reader.line_num}") from None
    if headers is None:
        raise FormatError("This report is empty.", file=file)


def _check_headers(headers: list[str], place: str) -> None:
    if unknown := [header for header in headers if header not in COLUMNS]:
        raise FormatError(f"There is no column {shortly(unknown[0])} in Apps Indicative Earnings.", file=place)
    times = Counter(headers)
    if twice := [header for header in headers if times[header] > 1]:
        raise FormatError(f"The column {twice[0]} is there twice.", file=place)
    if missing := [column for column in _NEEDED if column not in headers]:
        raise FormatError(f"The column {missing[0]} is missing.", file=place)


_CONTRACT_COLUMN: Final = f"{FAM}apprenticeship contract type"
_NEEDED: Final = (
    "Unique learner number",
    "Aim sequence number",
    _CONTRACT_COLUMN,
    *(f"{month} {column}" for month in MONTHS for column in EARNINGS),
)


def _who(cells: Mapping[str, str], place: str) -> dict[str, Any]:
    """Whose earnings these are, and under which contract."""
    found: dict[str, Any] = {"uln": _number(cells, "Unique learner number", place)}
    if reference := cells.get("Learner reference number"):
        found["learner"] = as_meant(reference)
    found["aim"] = _number(cells, "Aim sequence number", place)
    contract = cells[_CONTRACT_COLUMN]
    if contract not in ("", "1", "2"):
        raise _wrong(f"There is no contract type {shortly(contract)}; there are 1 and 2.", _CONTRACT_COLUMN, place)
    return {**found, "contract_type": int(contract)} if contract else found


def _number(cells: Mapping[str, str], column: str, place: str) -> int:
    return int(_read(whole_cell, cells, column, place))


def _amount(cells: Mapping[str, str], column: str, place: str, delimiter: str) -> str:
    return str(_read(lambda cell: amount_cell(cell, delimiter), cells, column, place)) if cells[column] else "0.0"


def _read(cell: Cell, cells: Mapping[str, str], column: str, place: str) -> Any:
    try:
        return cell(cells[column])
    except ValueError as error:
        raise _wrong(f"{error}.", column, place) from None


def _wrong(reason: str, column: str, place: str) -> FormatError:
    return FormatError(reason, file=place, path=column)

"""Apps Monthly Payment: the report that providers receive of what they are paid, as CSV.

One report holds a provider's funding year: a row for each learner, aim, price episode and contract type, with nine
columns for each of the runs R01 to R14. Columns are known by their headers. What only reference data, or the provider's
contract with the agency, could fill stays empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from funding_reference.calendar import LAST_COLLECTION
from funding_reference.money import NO_AMOUNT, Amount, plain

from funding_conformance.formats.cells import (
    FAM,
    LETTERS,
    MARKING,
    MONTHS,
    Report,
    csv_line,
    of_aim,
    of_contract,
    of_employment,
    of_episode,
    of_learner,
    of_monitoring,
    report_of,
)
from funding_conformance.formats.lines import Line
from funding_conformance.formats.paid import CO_INVESTED, FROM_EMPLOYER, Paid, paid_rows, providers_of

_FACTS: Final = (
    "Learner reference number",
    "Unique learner number",
    "Campus identifier",
    *(f"Provider specified learner monitoring ({letter})" for letter in LETTERS[:2]),
    "Aim sequence number",
    "Learning aim reference",
    "Learning aim title",
    "Original learning start date",
    "Learning start date",
    "Learning planned end date",
    "Completion status",
    "Learning actual end date",
    "Achievement date",
    "Outcome",
    "Programme type",
    "Standard code",
    "Framework code",
    "Apprenticeship pathway",
    "Aim type",
    "Software supplier aim identifier",
    *(f"{FAM}learning delivery monitoring ({letter})" for letter in LETTERS),
    *(f"Provider specified delivery monitoring ({letter})" for letter in LETTERS[:4]),
    "End point assessment organisation",
    "Planned number of on programme installments for aim",
    "Sub contracted or partnership Ukprn",
    "Price episode start date",
    "Price episode actual end date",
    "Contract no",
    "Funding line type",
    f"{FAM}apprenticeship contract type",
    "Employer identifier on employment status date",
    "Agreement identifier",
    "Employment status",
    "Employment status date",
)
"""The columns before the payments."""

_CO_INVESTED_FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "levy payments": ("levy", "transfer"),
    "co-investment payments": ("government_co_investment",),
    "co-investment (below band upper limit) due from employer": (FROM_EMPLOYER,),
}
"""The columns of what is co-invested, and the sources in them."""

_OF_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "employer additional payments": ("first_employer_incentive", "second_employer_incentive"),
    "provider additional payments": ("first_provider_incentive", "second_provider_incentive"),
    "apprentice additional payments": ("care_leaver_bursary",),
    "English and maths payments": ("english_maths_on_programme", "english_maths_balancing"),
    "payments for learning support, disadvantage and framework uplifts": (
        "framework_uplift_on_programme",
        "framework_uplift_completion",
        "framework_uplift_balancing",
        "first_disadvantage",
        "second_disadvantage",
        "learning_support",
    ),
}
"""The columns of everything else, and the types in them."""

_PAYMENTS: Final = (*_CO_INVESTED_FROM, *_OF_TYPES)
_ALL: Final = "total payments"
RUNS: Final = (
    *(f"{month} (R{number:02})" for number, month in enumerate(MONTHS, start=1)),
    *(f"R{number}" for number in range(len(MONTHS) + 1, LAST_COLLECTION + 1)),
)
"""How the reports name the runs of a year, R01 first."""

COLUMNS: Final = (
    *_FACTS,
    *(f"{run} {column}" for run in RUNS for column in (*_PAYMENTS, _ALL)),
    *(f"Total {column}" for column in _PAYMENTS),
    "Total payments",
    MARKING,
)
"""Every column in its order."""


def monthly_payments_csv(
    given: Mapping[str, Any],
    payments: Iterable[Mapping[str, Any]],
    earnings: Iterable[Mapping[str, Any]],
    year: int,
) -> list[Report]:
    """One report for each provider; one who was paid nothing in the year has headers alone.

    :param given: the facts of a scenario as plain data
    :param payments: rows as the protocol writes them
    :param earnings: rows likewise, for the price episodes
    :param year: the calendar year in which the funding year began
    :raises FormatError: a row is not as the protocol has it
    """
    paid = [one for one in paid_rows(given, payments, earnings) if one.collection.funding_year == year]
    return [
        report_of(ukprn, year, "apps-monthly-payment", _lines([one for one in paid if one.line.ukprn == ukprn]))
        for ukprn in providers_of(given, year, (one.line.ukprn for one in paid))
    ]


def _lines(paid: Sequence[Paid]) -> Iterator[str]:
    yield csv_line(COLUMNS)
    rows: dict[tuple[Any, ...], list[Paid]] = {}
    for one in paid:
        rows.setdefault(_row_of(one.line), []).append(one)
    for _, of_row in sorted(rows.items()):
        line = of_row[-1].line
        cells = {**of_learner(line), **of_aim(line), **of_monitoring(line), **of_employment(line)}
        cells |= {**of_episode(line), **of_contract(line), **_of_runs(of_row)}
        yield csv_line([cells.get(column, "") for column in COLUMNS])


def _row_of(line: Line) -> tuple[Any, ...]:
    """What has a row of its own, and where it stands."""
    start = line.start.isoformat() if line.start else ""
    return line.reference, int(line.uln or 0), int(line.aim.get("AimSeqNumber", 0)), start, line.contract_type or 0


def _of_runs(paid: Iterable[Paid]) -> dict[str, str]:
    sums: dict[tuple[int, str], Amount] = defaultdict(lambda: NO_AMOUNT)
    for one in paid:
        sums[one.collection.number, column_of(one.type, one.source)] += one.amount
    numbers = range(1, LAST_COLLECTION + 1)
    cells = {
        f"{run} {column}": plain(sums[number, column])
        for number, run in zip(numbers, RUNS, strict=True)
        for column in _PAYMENTS
    }
    cells |= {
        f"{run} {_ALL}": plain(sum((sums[number, column] for column in _PAYMENTS), NO_AMOUNT))
        for number, run in zip(numbers, RUNS, strict=True)
    }
    totals = {column: sum((sums[number, column] for number in numbers), NO_AMOUNT) for column in _PAYMENTS}
    cells |= {f"Total {column}": plain(total) for column, total in totals.items()}
    return {**cells, "Total payments": plain(sum(totals.values(), NO_AMOUNT))}


def column_of(type: str, source: str) -> str:
    """The column in which a payment stands: of what is co-invested by its source, of everything else by its type."""
    if type in CO_INVESTED:
        by_source = (column for column, sources in _CO_INVESTED_FROM.items() if source in sources)
        return next(by_source, "co-investment payments")
    return next(column for column, types in _OF_TYPES.items() if type in types)

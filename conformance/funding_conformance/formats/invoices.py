"""What each employer owes each provider for each apprentice, month by month, as CSV.

An employer's share is exact to five decimals; an invoice is in pennies. Each amount of an apprentice and month is
rounded for itself, half a penny away from zero, so that a refund undoes exactly what was invoiced; totals add up what
is invoiced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP
from itertools import groupby
from typing import Any, Final

from attrs import frozen
from funding_reference.calendar import Collection, Month
from funding_reference.money import NO_AMOUNT, Amount, plain

from funding_conformance.formats.cells import csv_line
from funding_conformance.formats.lines import FormatError, Returns, a_collection, a_month, day_of
from funding_conformance.formats.paid import FROM_EMPLOYER
from funding_conformance.rows import amount_of, row_problem

COLUMNS: Final = (
    "Employer",
    "UKPRN",
    "Learner reference number",
    "Unique learner number",
    "Payment month",
    "Collections",
    "First delivery month",
    "Last delivery month",
    "Owed exactly",
    "Owed to the penny",
)
"""Every column in its order."""

TOTAL: Final = "Total"
UNKNOWN_EMPLOYER: Final = "not known"
PENNY: Final = Amount("0.01")
_NO_EMPLOYER: Final = 999999999


@frozen
class Invoice:
    """What an employer owes a provider for an apprentice in a month; below zero, what it gets back.

    :param employer: its name in the scenario; of one that the scenario does not name, the EmpId returned
    :param month: in which the provider is paid the rest
    :param collections: the runs that it comes from
    :param delivered: the months of learning that it is for
    :param exactly: pounds with five decimals
    """

    employer: str
    ukprn: int
    learner: str
    uln: int | None
    month: Month
    collections: tuple[Collection, ...]
    delivered: tuple[Month, ...]
    exactly: Amount

    @property
    def to_the_penny(self) -> Amount:
        """What is invoiced."""
        return to_the_penny(self.exactly)


def to_the_penny(amount: Amount) -> Amount:
    """An amount in pennies, half a penny away from zero."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


def invoices_of(given: Mapping[str, Any], payments: Iterable[Mapping[str, Any]]) -> list[Invoice]:
    """Every invoice by employer, provider, apprentice and month; months that come to nothing are left out.

    :param given: the facts of a scenario as plain data
    :param payments: rows as the protocol writes them; of these the employers' shares
    :raises FormatError: a row is not as the protocol has it
    """
    returns = Returns(given)
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for number, row in enumerate(payments):
        if problem := row_problem(row, "payments"):
            raise FormatError(problem[1], path=f"payments[{number}]{problem[0]}")
        if row["source"] != FROM_EMPLOYER or not amount_of(row):
            continue
        month = a_collection(row["collection"]).provider_month
        who = (_employer_of(returns, row), row["ukprn"], row.get("learner", ""), row.get("uln") or 0, month)
        groups.setdefault(who, []).append(row)
    invoices = (_invoice(who, groups[who]) for who in sorted(groups))
    return [one for one in invoices if one.exactly]


def _invoice(who: tuple[Any, ...], rows: Sequence[Mapping[str, Any]]) -> Invoice:
    employer, ukprn, learner, uln, month = who
    return Invoice(
        employer=employer,
        ukprn=ukprn,
        learner=learner,
        uln=uln or None,
        month=month,
        collections=tuple(sorted({a_collection(row["collection"]) for row in rows})),
        delivered=tuple(sorted({a_month(row["month"]) for row in rows if "month" in row})),
        exactly=sum(map(amount_of, rows), NO_AMOUNT),
    )


def _employer_of(returns: Returns, row: Mapping[str, Any]) -> str:
    """Whose share a row is: the employer that it names, or the one that was returned for its month."""
    if employer := row.get("employer"):
        return str(employer)
    learner = returns.learner_of(row, a_collection(row["collection"]).funding_year) or {}
    census = a_month(row["month"]).census if "month" in row else None
    held = [
        (day, status.get("EmpId"))
        for status in learner.get("LearnerEmploymentStatus") or ()
        if (day := day_of(status.get("DateEmpStatApp"))) and census and day <= census
    ]
    employer = max(held, key=lambda one: one[0])[1] if held else None
    return UNKNOWN_EMPLOYER if employer in (None, _NO_EMPLOYER) else f"EmpId {employer}"


def owed(invoices: Iterable[Invoice]) -> tuple[Amount, Amount]:
    """What invoices come to: exactly, and as they are invoiced."""
    listed = list(invoices)
    return sum((one.exactly for one in listed), NO_AMOUNT), sum((one.to_the_penny for one in listed), NO_AMOUNT)


def invoices_csv(invoices: Sequence[Invoice]) -> str:
    """Invoices as CSV, with a total after each provider of an employer, after each employer, and at the end."""
    return "".join(_lines(invoices))


def _lines(invoices: Sequence[Invoice]) -> Iterator[str]:
    yield csv_line(COLUMNS)
    for employer, of_employer in groupby(invoices, key=lambda one: one.employer):
        everything = list(of_employer)
        for ukprn, of_provider in groupby(everything, key=lambda one: one.ukprn):
            listed = list(of_provider)
            for one in listed:
                yield csv_line(_cells(one))
            yield _total(listed, employer, str(ukprn))
        yield _total(everything, employer)
    yield _total(invoices)


def _cells(one: Invoice) -> list[str]:
    return [
        one.employer,
        str(one.ukprn),
        one.learner,
        str(one.uln or ""),
        str(one.month),
        " ".join(map(str, one.collections)),
        str(one.delivered[0]) if one.delivered else "",
        str(one.delivered[-1]) if one.delivered else "",
        plain(one.exactly),
        f"{one.to_the_penny:.2f}",
    ]


def _total(invoices: Sequence[Invoice], employer: str = "", ukprn: str = "") -> str:
    exactly, to_pennies = owed(invoices)
    return csv_line([employer, ukprn, "", "", TOTAL, "", "", "", plain(exactly), f"{to_pennies:.2f}"])

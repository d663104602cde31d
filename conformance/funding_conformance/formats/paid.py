"""Payments as the providers' reports need them: each row beside the learner, the aim and the price episode it is for.

What was paid before the first return given belongs to the same years, and is counted in. Claims of the provider on the
Earnings Adjustment Statement are for no aim, and stand in none of these reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

import attrs
from attrs import frozen
from funding_reference.calendar import Collection
from funding_reference.money import Amount, Money, plain, rounded

from funding_conformance.formats.lines import (
    FormatError,
    Line,
    Record,
    Returns,
    a_collection,
    a_month,
    contract_on,
    cuts_of,
    day_of,
)
from funding_conformance.rows import amount_of, row_problem

CLAIM: Final = "provider_claim"
CO_INVESTED: Final = ("on_programme", "completion", "balancing")
FROM_EMPLOYER: Final = "employer_co_investment"
_BESIDE: Final = ("english_maths_on_programme", "english_maths_balancing")
_PROGRAMME_AIM: Final = 1


@frozen
class Paid:
    """A payment, or below zero a refund.

    :param line: learner, aim, price episode and contract that it is for, in the funding year of its run
    :param employer: whose funds or share it is, where the row says so
    """

    line: Line
    collection: Collection
    month: str
    type: str
    source: str
    employer: str | None
    amount: Amount


def paid_rows(
    given: Mapping[str, Any], payments: Iterable[Mapping[str, Any]], earnings: Iterable[Mapping[str, Any]]
) -> list[Paid]:
    """Every payment with the line it belongs to, those made before the first return too; claims are left out.

    :param payments: rows as the protocol writes them
    :param earnings: rows likewise, which say in which price episode a month was earned
    :raises FormatError: a row is not as the protocol has it
    """
    returns = Returns(given)
    episodes = _Episodes(earnings)
    return [
        Paid(
            line=_line(returns, episodes, row),
            collection=a_collection(row["collection"]),
            month=row["month"],
            type=row["type"],
            source=row["source"],
            employer=row.get("employer"),
            amount=amount_of(row),
        )
        for row in (*_made_before(given), *_checked(payments))
        if row["type"] != CLAIM and amount_of(row)
    ]


def _checked(payments: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(payments):
        if problem := row_problem(row, "payments"):
            raise FormatError(problem[1], path=f"payments[{number}]{problem[0]}")
        if row["type"] != CLAIM and "month" not in row:
            raise FormatError("A payment for learning has its month.", path=f"payments[{number}]")
        yield row


def _made_before(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What was paid before the first return, with amounts as rows write them."""
    for row in given.get("payments_made") or ():
        yield {**row, "amount": plain(rounded(Money(str(row["amount"]))))}


class _Episodes:
    """In which price episode a month was earned, by the rows of earnings."""

    def __init__(self, earnings: Iterable[Mapping[str, Any]]) -> None:
        self._by_type: dict[tuple[Any, ...], str] = {}
        self._by_month: dict[tuple[Any, ...], str] = {}
        for row in earnings:
            if "price_episode" in row:
                self._by_type[(*_whose(row), row["type"])] = row["price_episode"]
                self._by_month[_whose(row)] = row["price_episode"]

    def of(self, row: Mapping[str, Any], aim: Record) -> date | None:
        """The price episode of a payment: that of the earning it pays, or the one in force at the month's census."""
        whose = (*_whose(row)[:2], aim.get("AimSeqNumber"), *_whose(row)[3:])
        found = self._by_type.get((*whose, row["type"])) or self._by_month.get(whose)
        if found is not None:
            return date.fromisoformat(found)
        census = a_month(row["month"]).census
        begun = [day for day in (day_of(aim.get("LearnStartDate")), *cuts_of(aim)) if day and day <= census]
        return max(begun, default=None)


def _whose(row: Mapping[str, Any]) -> tuple[Any, ...]:
    who = row.get("learner", row.get("uln"))
    return row["ukprn"], who, row.get("aim"), row.get("contract_type"), row["month"]


def _line(returns: Returns, episodes: _Episodes, row: Mapping[str, Any]) -> Line:
    """The line of a payment; of a learner or an aim that no return has, with no more than the row says."""
    year = a_collection(row["collection"]).funding_year
    learner = returns.learner_of(row, year)
    found = returns.aim_of(row, year) if row.get("aim") is not None else None
    if found is None and learner is not None and row.get("aim") is None:
        found = _only_programme(learner, row)
    if found is not None:
        learner, aim = found
    else:
        aim = {} if row.get("aim") is None else {"AimSeqNumber": row["aim"]}
    known: Record = learner or {name: value for name, value in _named(row).items() if value is not None}
    uln = row.get("uln") or known.get("ULN") or 0
    contract = row.get("contract_type") or contract_on(aim, a_month(row["month"]).census)
    line = Line(row["ukprn"], year, uln, known, aim, (), None, contract, {})
    if aim.get("AimType") == _PROGRAMME_AIM:
        row = {**row, "learner": row.get("learner", known.get("LearnRefNumber"))}
        return attrs.evolve(line, price_episode=episodes.of(row, aim), bands=returns.bands_of(aim))
    return line


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"LearnRefNumber": row.get("learner"), "ULN": row.get("uln")}


def _only_programme(learner: Record, row: Mapping[str, Any]) -> tuple[Record, Record] | None:
    """The aim that a payment of an earlier system is for, where it names none: the programme, if there is but one."""
    aims = [aim for aim in learner.get("LearningDelivery") or () if aim.get("AimType") == _PROGRAMME_AIM]
    return (learner, aims[0]) if len(aims) == 1 and row["type"] not in _BESIDE else None


def year_of_last_run(given: Mapping[str, Any], payments: Iterable[Mapping[str, Any]]) -> int | None:
    """The calendar year in which the funding year of the last run began; None where nothing is returned or paid."""
    runs = [given["through"]] if given.get("through") else [
        *(submission["collection"] for submission in given.get("submissions") or ()),
        *(row["collection"] for row in payments),
    ]  # fmt: skip
    return max(map(a_collection, runs)).funding_year if runs else None


def providers_of(given: Mapping[str, Any], year: int, others: Iterable[int]) -> list[int]:
    """Every provider that made a return for a funding year or before it, and others; each of them has a report."""
    returned = (one["ukprn"] for one in given.get("submissions") or () if _returned_by(given, one, year))
    return sorted({*returned, *others})


def _returned_by(given: Mapping[str, Any], submission: Mapping[str, Any], year: int) -> bool:
    run = a_collection(submission["collection"])
    return run.funding_year <= year and (not given.get("through") or run <= a_collection(given["through"]))

"""A scenario for the tests of what providers and employers see: an account that runs dry, two providers, two years."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from funding_conformance.answering import answered_question
from funding_reference.money import NO_AMOUNT

from tests.conformance.earned import COURSES, ULN, contract, learner, price, programme

EVERYTHING = ("earnings", "payments", "matches", "levy_accounts", "funds")
OTHER_ULN = 1000000019
OTHER_UKPRN = 10000002
SHARES = "employer_co_investment"


def employed(since: str = "2017-07-31", employer: int = 100000001) -> list[dict[str, Any]]:
    return [{"EmpStat": 10, "DateEmpStatApp": since, "EmpId": employer}]


def apprentice(start: date, pounds: int, **more: Any) -> dict[str, Any]:
    """A learner on a programme of a year, the price all for training, under contract type 1."""
    paid = more.pop("paid", [])
    aim = programme(
        start,
        LearnPlanEndDate=str(start.replace(year=start.year + 1)),
        LearningDeliveryFAM=[contract(more.pop("contract", 1), start)],
        AppFinRecord=[price(1, start, pounds), *paid],
        **more.pop("aim", {}),
    )
    return learner(aim, LearnerEmploymentStatus=employed(), **more)


def agreement(id: str, ukprn: int, uln: int, start: str, pounds: int, employer: str = "bakery") -> dict[str, Any]:
    about = {"id": id, "employer": employer, "ukprn": ukprn, "uln": uln}
    return {**about, "course": "std-50", "start": start, "price": pounds}


def two_providers(**more: Any) -> dict[str, Any]:
    """The facts: £15,000 with one provider from August 2017, £10,000 with another from October 2017."""
    funds = {
        "opening": [{"entered": "2017-05", "amount": "2500.00"}],
        "declarations": [{"month": "2018-01", "levy": "9000.00"}, {"month": "2018-02", "levy": "30000.00"}],
        "adjustments": [{"month": "2018-04", "amount": "-500.00"}],
    }
    first = apprentice(date(2017, 8, 6), 15000, paid=[price(1, date(2018, 1, 5), 40, "PMR")])
    second = apprentice(date(2017, 10, 2), 10000, LearnRefNumber="B7", ULN=OTHER_ULN)
    return {
        "courses": COURSES[:1],
        "employers": [{"id": "bakery", "identifier": 100000001, "levy_payer": True, "levy_funds": funds}],
        "agreements": [
            agreement("1", 10000001, ULN, "2017-08-01", 15000),
            agreement("2", OTHER_UKPRN, OTHER_ULN, "2017-10-01", 10000),
        ],
        "submissions": [
            {"collection": "1718-R01", "ukprn": 10000001, "learners": [first]},
            {"collection": "1718-R04", "ukprn": OTHER_UKPRN, "learners": [second]},
        ],
        "through": "1920-R08",
        **more,
    }


def answered(given: dict[str, Any], rulebook: str = "2017-08") -> dict[str, Any]:
    """The rows of the reference's answer, by kind."""
    found, _ = answered_question({"rulebook": rulebook, "given": given}, EVERYTHING, False, None)
    return found.as_json(EVERYTHING)


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def added(rows: Iterable[dict[str, Any]], column: str = "amount") -> Decimal:
    return sum((Decimal(row[column]) for row in rows), NO_AMOUNT)


def paid_in(rows: Sequence[dict[str, Any]], year: str, **where: Any) -> Decimal:
    """What the payments of a funding year come to."""
    return added(
        row
        for row in rows
        if row["collection"].startswith(year) and all(row.get(name) == value for name, value in where.items())
    )

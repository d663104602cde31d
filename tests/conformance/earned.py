"""Returns and what they earn, for the tests of FM36 and Apps Indicative Earnings: made by hand and by Hypothesis."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from funding_reference.calendar import Month, month_of
from funding_reference.money import hundred_thousandths, plain
from funding_reference.records import TYPES
from hypothesis import strategies as st

BESIDE = ("english_maths_on_programme", "english_maths_balancing")
PROGRAMME_TYPES = tuple(type for type in TYPES if type not in BESIDE)
UKPRN = 10000001
STARTED = date(2017, 8, 6)
ULN = 1000000001
COURSES = [
    {"id": "std-50", "standard_code": 50, "funding_bands": [{"from": "2017-05-01", "maximum": 15000}]},
    {
        "id": "fwk-403",
        "framework_code": 403,
        "programme_type": 2,
        "pathway_code": 1,
        "funding_bands": [
            {"from": date(2017, 5, 1), "maximum": "9000"},
            {"from": date(2018, 8, 1), "maximum": "10000.00000"},
        ],
    },
]
AGREEMENT = {
    "id": "1",
    "employer": "employer-1",
    "ukprn": 10000001,
    "uln": 1000000001,
    "course": "std-50",
    "start": "2017-08-01",
    "price": 15000,
}
"""The agreement of the learner below with employer-1, for the first of the courses."""


def price(code: int, day: date, amount: int, kind: str = "TNP") -> dict[str, Any]:
    return {"AFinType": kind, "AFinCode": code, "AFinDate": str(day), "AFinAmount": amount}


def contract(code: int, day: date, until: date | None = None) -> dict[str, Any]:
    more = {"LearnDelFAMDateTo": str(until)} if until else {}
    return {"LearnDelFAMType": "ACT", "LearnDelFAMCode": str(code), "LearnDelFAMDateFrom": str(day), **more}


def programme(start: date = STARTED, /, **more: Any) -> dict[str, Any]:
    """A programme aim of a standard: £12,000 and £3,000, under contract type 1."""
    return {
        "LearnAimRef": "ZPROG001",
        "AimType": 1,
        "AimSeqNumber": 1,
        "LearnStartDate": str(start),
        "LearnPlanEndDate": str(start + timedelta(days=500)),
        "FundModel": 36,
        "ProgType": 25,
        "StdCode": 50,
        "CompStatus": 1,
        "LearningDeliveryFAM": [contract(1, start)],
        "AppFinRecord": [price(1, start, 12000), price(2, start, 3000)],
        **more,
    }


def english(start: date = STARTED, /, **more: Any) -> dict[str, Any]:
    """An English aim beside it."""
    beside: dict[str, Any] = {"LearnAimRef": "50086832", "AimType": 3, "AimSeqNumber": 2, "AppFinRecord": []}
    return programme(start, **{**beside, **more})


def learner(*aims: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"LearnRefNumber": "A1", "ULN": ULN, "DateOfBirth": "1992-08-01", "LearningDelivery": list(aims), **more}


def returned(*learners: dict[str, Any], ukprn: int = UKPRN, collection: str = "1718-R01") -> dict[str, Any]:
    """The facts with one return."""
    submission = {"collection": collection, "ukprn": ukprn, "learners": list(learners)}
    return {"courses": COURSES, "submissions": [submission]}


def row(type: str = "on_programme", month: str = "2017-08", amount: str = "1000.00000", **more: Any) -> dict[str, Any]:
    """An earnings row of the learner's programme aim or, for English, of the aim beside it."""
    beside = type in BESIDE or more.get("aim") == 2
    aim = {"aim": 2} if beside else {"aim": 1, "price_episode": "2017-08-06"}
    who = {"ukprn": UKPRN, "uln": ULN, "learner": "A1", **aim, "contract_type": 1}
    return {**who, "type": type, "month": month, "amount": amount, **more}


def in_order(rows: list[dict[str, Any]]) -> list[list[tuple[str, Any]]]:
    """Rows in an order of their own, so that two lists can be compared."""
    return sorted(sorted(each.items()) for each in rows)


_amounts = (
    st.integers(-(10**10), 10**12).filter(bool).map(hundred_thousandths) | st.sampled_from([hundred_thousandths(1)])
).map(plain)


@st.composite
def returns_and_earnings(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Up to three learners with changes of price and contract, and rows that could be theirs."""
    submissions: dict[int, dict[str, Any]] = {}
    rows: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 3))):
        ukprn = draw(st.sampled_from([UKPRN, UKPRN + 1]))
        submission = submissions.setdefault(ukprn, {"collection": "1718-R01", "ukprn": ukprn, "learners": []})
        who = {"ukprn": ukprn, "uln": ULN + number, "learner": f"A{number}"}
        start = draw(st.dates(date(2017, 5, 1), date(2018, 12, 31)))
        prices = [start, *draw(st.lists(st.dates(start, date(2019, 7, 31)), max_size=2, unique=True))]
        changed = draw(st.none() | st.dates(start + timedelta(days=1), date(2019, 7, 31)))
        contracts = [contract(1, start), *([contract(2, changed)] if changed else [])]
        more: dict[str, Any] = {
            "LearningDeliveryFAM": contracts,
            "AppFinRecord": [price(1, day, 9000) for day in prices],
        }
        if draw(st.booleans()):
            more |= {"ProgType": 2, "StdCode": None, "FworkCode": 403, "PwayCode": 1}
        aims = [programme(start, **more), english(start, LearningDeliveryFAM=contracts)]
        submission["learners"].append(learner(*aims, LearnRefNumber=who["learner"], ULN=who["uln"]))
        rows.extend(draw(_rows_of(who, sorted(set(prices)), changed)))
    return {"courses": COURSES, "submissions": list(submissions.values())}, rows


@st.composite
def _rows_of(draw: st.DrawFn, who: dict[str, Any], prices: list[date], changed: date | None) -> list[dict[str, Any]]:
    """Rows of every price episode, at least one in the month in which it begins, and of the aim beside it.

    :param prices: the days since which each applies, the start first
    :param changed: the day since which contract type 2 holds
    """
    last = month_of(date(2021, 7, 31))
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}

    def add(type: str, month: Month, day: date, **more: Any) -> None:
        contract_type = 2 if changed and day >= changed else 1
        found = {**who, **more, "contract_type": contract_type, "type": type, "month": str(month)}
        rows[tuple(found.values())] = {**found, "amount": draw(_amounts)}

    one_price = len(prices) == 1
    episodes = prices if one_price else sorted({*prices, *([changed] if changed else [])})
    months = [month_of(day) for day in episodes]
    for day, month, until in zip(episodes, months, [*months[1:], last], strict=True):
        add(draw(st.sampled_from(PROGRAMME_TYPES)), month, day, aim=1, price_episode=str(day))
        for type in draw(st.lists(st.sampled_from(PROGRAMME_TYPES), max_size=4)):
            found = Month(draw(st.integers(month.number, until.number)))
            begun = day if one_price else max(day, date(found.funding_year, 8, 1))
            add(type, found, found.census if one_price else day, aim=1, price_episode=str(begun))
    for type in draw(st.lists(st.sampled_from([*BESIDE, "learning_support"]), max_size=4)):
        found = Month(draw(st.integers(months[0].number, last.number)))
        add(type, found, found.census, aim=2)
    return list(rows.values())

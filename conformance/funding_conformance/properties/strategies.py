"""Drawing plain scenarios: one programme aim with one price for each apprentice, small and round where possible."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from funding_reference.calendar import ONE_DAY, Month, collection_of, month_of
from hypothesis import strategies as st

FIRST_START: Final = date(2017, 5, 1)
LAST_START: Final = date(2018, 3, 31)
LONGEST_PLAN: Final = 550
LONGEST_OVERRUN: Final = 60
BANDS: Final = (1500, 2000, 3000, 5000, 9000, 15000, 27000)
UKPRN: Final = 10000001
FIRST_ULN: Final = 1000000001
EMPLOYER: Final = "employer-1"
EMPLOYER_NUMBER: Final = 100000001
LARGEST_PAYMENT: Final = 30000
COMPLETED, WITHDRAWN, CONTINUING = 2, 3, 1


def iso(day: date) -> str:
    return day.isoformat()


@st.composite
def facts(
    draw: st.DrawFn, *, most_learners: int = 2, ends: bool | None = None, completed: bool | None = None
) -> dict[str, Any]:
    """The facts of a plain scenario.

    :param ends: whether every apprentice has ended; None draws it
    :param completed: whether those who ended have completed; None draws it
    """
    band = draw(st.sampled_from(BANDS))
    levy_payer = draw(st.booleans())
    funds: Any = "none"
    if levy_payer:
        funds = draw(st.sampled_from(["unlimited", "none"]) | balances())
    learners = [
        draw(learner(number, levy_payer, ends=ends, completed=completed))
        for number in range(draw(st.integers(1, most_learners)))
    ]
    return {
        "courses": [{"id": "std-50", "standard_code": 50, "funding_bands": [{"from": "2017-05-01", "maximum": band}]}],
        "employers": [
            {"id": "employer-2", "identifier": EMPLOYER_NUMBER + 1, "levy_payer": True, "levy_funds": "unlimited"},
            {"id": EMPLOYER, "identifier": EMPLOYER_NUMBER, "levy_payer": levy_payer, "levy_funds": funds},
        ],
        "agreements": [agreement_of(number, found) for number, found in enumerate(learners) if levy_payer],
        "submissions": returns_of(learners),
    }


def balances() -> st.SearchStrategy[dict[str, Any]]:
    """Given balances: small sums, so that they run out."""
    months = st.sampled_from(["2017-06", "2017-09", "2018-01", "2018-06"])
    return st.dictionaries(months, st.integers(0, 20).map(lambda hundreds: hundreds * 100), min_size=1).map(
        lambda found: {"available": dict(sorted(found.items()))}
    )


@st.composite
def learner(
    draw: st.DrawFn, number: int, levy_payer: bool, *, ends: bool | None, completed: bool | None
) -> dict[str, Any]:
    """One apprentice as returned at the end of everything."""
    start = draw(st.dates(FIRST_START, LAST_START))
    planned_end = start + timedelta(days=draw(st.integers(0, LONGEST_PLAN)))
    training = 100 * draw(st.integers(1, 200))
    assessment = 100 * draw(st.integers(0, 40))
    young = draw(st.booleans())
    small = draw(st.booleans())
    has_ended = draw(st.booleans()) if ends is None else ends
    has_completed = draw(st.booleans()) if completed is None else completed
    aim: dict[str, Any] = {
        "LearnAimRef": "ZPROG001",
        "AimType": 1,
        "AimSeqNumber": 1,
        "LearnStartDate": iso(start),
        "LearnPlanEndDate": iso(planned_end),
        "FundModel": 36,
        "ProgType": 25,
        "StdCode": 50,
        "CompStatus": CONTINUING,
        "LearningDeliveryFAM": [
            {
                "LearnDelFAMType": "ACT",
                "LearnDelFAMCode": "1" if levy_payer else "2",
                "LearnDelFAMDateFrom": iso(start),
            }
        ],
        "AppFinRecord": [tnp(1, start, training), tnp(2, start, assessment)],
    }
    if has_ended:
        longest = (planned_end - start).days + LONGEST_OVERRUN
        last_day = start + timedelta(days=draw(st.integers(0, longest)))
        aim["LearnActEndDate"] = iso(last_day)
        aim["CompStatus"] = COMPLETED if has_completed else WITHDRAWN
        if has_completed:
            aim["AchDate"] = iso(last_day)
            paid = {
                "AFinType": "PMR",
                "AFinCode": 1,
                "AFinDate": iso(last_day),
                "AFinAmount": LARGEST_PAYMENT,
            }
            aim["AppFinRecord"].append(paid)
    mark = {"EmploymentStatusMonitoring": [{"ESMType": "SEM", "ESMCode": 1}]} if small else {}
    return {
        "LearnRefNumber": f"L{number + 1}",
        "ULN": FIRST_ULN + number,
        "DateOfBirth": "2000-06-15" if young else "1990-06-15",
        "LearnerEmploymentStatus": [
            {"EmpStat": 10, "DateEmpStatApp": iso(start - ONE_DAY), "EmpId": EMPLOYER_NUMBER, **mark}
        ],
        "LearningDelivery": [aim],
    }


def tnp(code: int, day: date, pounds: int) -> dict[str, Any]:
    """A price record."""
    return {"AFinType": "TNP", "AFinCode": code, "AFinDate": iso(day), "AFinAmount": pounds}


def aim_of(learner: dict[str, Any]) -> dict[str, Any]:
    """The programme aim of a drawn learner."""
    aim: dict[str, Any] = learner["LearningDelivery"][0]
    return aim


def price_of(learner: dict[str, Any]) -> int:
    """The total price of a drawn learner, in pounds."""
    return sum(record["AFinAmount"] for record in aim_of(learner)["AppFinRecord"] if record["AFinType"] == "TNP")


def agreement_of(number: int, learner: dict[str, Any]) -> dict[str, Any]:
    """An agreement that matches a drawn learner."""
    aim = aim_of(learner)
    return {
        "id": str(number + 1),
        "employer": EMPLOYER,
        "ukprn": UKPRN,
        "uln": learner["ULN"],
        "course": "std-50",
        "start": aim["LearnStartDate"],
        "planned_end": aim["LearnPlanEndDate"],
        "price": price_of(learner),
    }


def as_known(learner: dict[str, Any], day: date) -> dict[str, Any] | None:
    """The same apprentice before anything is known of what comes after a day; None if the day is before the start."""
    aims = [
        _aim_as_known(aim, day)
        for aim in learner["LearningDelivery"]
        if date.fromisoformat(aim["LearnStartDate"]) <= day
    ]
    if not aims:
        return None
    employments = _dated_up_to(day, "DateEmpStatApp", learner["LearnerEmploymentStatus"])
    return {**learner, "LearnerEmploymentStatus": employments, "LearningDelivery": aims}


def _aim_as_known(aim: dict[str, Any], day: date) -> dict[str, Any]:
    known = dict(aim)
    if date.fromisoformat(aim.get("LearnActEndDate", iso(date.min))) > day:
        known = {name: value for name, value in aim.items() if name not in ("LearnActEndDate", "AchDate")}
        known["CompStatus"] = CONTINUING
    known["LearningDeliveryFAM"] = [
        {name: value for name, value in fam.items() if name != "LearnDelFAMDateTo" or date.fromisoformat(value) <= day}
        for fam in _dated_up_to(day, "LearnDelFAMDateFrom", aim["LearningDeliveryFAM"])
    ]
    if "AppFinRecord" in aim:
        known["AppFinRecord"] = _dated_up_to(day, "AFinDate", aim["AppFinRecord"])
    return known


def _dated_up_to(day: date, name: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if date.fromisoformat(record.get(name, iso(date.min))) <= day]


def days_of_change(learner: dict[str, Any]) -> set[date]:
    """Every day of learning on which something new about an apprentice is to be returned, starts and ends included."""
    aims = learner["LearningDelivery"]
    first = min(aim["LearnStartDate"] for aim in aims)
    days = {day for aim in aims for day in (aim["LearnStartDate"], aim.get("LearnActEndDate")) if day}
    days |= {record["AFinDate"] for aim in aims for record in aim.get("AppFinRecord", ())}
    days |= {fam["LearnDelFAMDateFrom"] for aim in aims for fam in aim["LearningDeliveryFAM"] if _is_dated(fam)}
    days |= {status["DateEmpStatApp"] for status in learner["LearnerEmploymentStatus"]}
    return {date.fromisoformat(day) for day in days if day >= first}


def _is_dated(fam: dict[str, Any]) -> bool:
    return "LearnDelFAMDateFrom" in fam


def returns_of(
    learners: list[dict[str, Any]], ukprn: int = UKPRN, *, also_in: Iterable[Month] = ()
) -> list[dict[str, Any]]:
    """Returns in time: whatever happens is reported in the collection of its own month.

    :param also_in: further months in which there is a return
    """
    months = {month_of(day) for learner in learners for day in days_of_change(learner)} | set(also_in)
    submissions = []
    for month in sorted(months):
        known = [found for learner in learners if (found := as_known(learner, month.census)) is not None]
        if known:
            submissions.append({"collection": str(collection_of(month)), "ukprn": ukprn, "learners": known})
    return submissions

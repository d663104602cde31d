"""Drawing plain scenarios: one programme aim with one price for each apprentice, small and round where possible."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from funding_reference.calendar import ONE_DAY
from hypothesis import strategies as st

from funding_conformance.returning import CONTINUING, UKPRN, iso, returns_of, tnp

FIRST_START: Final = date(2017, 5, 1)
LAST_START: Final = date(2018, 3, 31)
LONGEST_PLAN: Final = 550
LONGEST_OVERRUN: Final = 60
BANDS: Final = (1500, 2000, 3000, 5000, 9000, 15000, 27000)
FIRST_ULN: Final = 1000000001
EMPLOYER: Final = "employer-1"
EMPLOYER_NUMBER: Final = 100000001
LARGEST_PAYMENT: Final = 30000
COMPLETED, WITHDRAWN = 2, 3


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

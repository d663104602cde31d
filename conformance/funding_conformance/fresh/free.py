"""Drawing a scenario freely: up to three apprentices of one provider, and what can happen to them on the way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from funding_reference.calendar import ONE_DAY, collection_of, month_of, months_later

from funding_conformance.fresh.amounts import BANDS
from funding_conformance.fresh.facts import Facts, Record
from funding_conformance.fresh.source import RandomSource
from funding_conformance.returning import CONTINUING, UKPRN, iso, returns_of, tnp

WANTS: Final = ("earnings", "payments", "levy_accounts", "priority", "matches")
"""What can be asked of a scenario drawn freely."""

_FIRST_START: Final = date(2017, 5, 1)
_DAYS_TO_START: Final = 400
_COMPLETED, _WITHDRAWN, _ON_A_BREAK = 2, 3, 6
_EMPLOYER: Final = "employer-1"
_EMPLOYER_NUMBER: Final = 100000001
_FIRST_ULN: Final = 1000000001
_STANDARD: Final = {"ProgType": 25, "StdCode": 50}
_FRAMEWORK: Final = {"ProgType": 2, "FworkCode": 403, "PwayCode": 1}
_ENGLISH: Final = "50086832"
_AGES: Final = (16, 18, 19, 23, 24, 25, 40)
_PLANS: Final = (12, 12, 13, 15, 18, 24)


def drawn_freely(source: RandomSource) -> Facts:
    """The facts of a scenario that rests on no example."""
    levy_payer = source.happens(3, 4)
    course = _STANDARD if source.happens(2, 3) else _FRAMEWORK
    lives = [_life(number, levy_payer, course, source) for number in range(source.between(1, 3))]
    learners = [learner for learner, _ in lives]
    return {
        "courses": [_course(course, source)],
        "english_maths_aims": [{"aim": _ENGLISH, "rate": source.one_of((471, 339, 724))}],
        "employers": [_employer(levy_payer, source)],
        "agreements": [agreement for _, agreement in lives if levy_payer],
        "submissions": returns_of(learners),
    }


def _course(course: Record, source: RandomSource) -> Record:
    bands = [{"from": "2017-05-01", "maximum": source.one_of(BANDS)}]
    if source.happens(1, 4):
        bands.append({"from": "2018-03-01", "maximum": source.one_of(BANDS)})
    if course is _STANDARD:
        return {"id": "std-50", "standard_code": 50, "funding_bands": bands}
    codes = {"framework_code": 403, "programme_type": 2, "pathway_code": 1}
    return {"id": "fwk-403", **codes, "funding_bands": bands}


def _employer(levy_payer: bool, source: RandomSource) -> Record:
    funds: Any = source.one_of(("unlimited", "none"))
    match source.below(3) if levy_payer else 3:
        case 0:
            funds = {"available": {f"2017-{month:02}": 100 * source.below(40) for month in (6, 9, 12)}}
        case 1:
            declared = [_declaration(2017 * 12 + 4 + month, source) for month in range(0, 20, source.between(1, 3))]
            changes = [{"month": "2018-01", "amount": f"{source.between(-300, 300)}.00"}]
            funds = {"declarations": declared, **({"adjustments": changes} if source.happens(1, 2) else {})}
    return {"id": _EMPLOYER, "identifier": _EMPLOYER_NUMBER, "levy_payer": levy_payer, "levy_funds": funds}


def _declaration(month: int, source: RandomSource) -> Record:
    fraction = f"0.{source.between(50, 99)}000"
    levy = f"{10 * source.between(1, 150)}.00"
    return {"month": f"{month // 12}-{month % 12 + 1:02}", "levy": levy, "english_fraction": fraction}


def _life(number: int, levy_payer: bool, course: Record, source: RandomSource) -> tuple[Record, Record]:
    """An apprentice as returned when everything has happened, and the agreement."""
    start = _FIRST_START + timedelta(days=source.below(_DAYS_TO_START))
    planned_end = months_later(start, source.one_of(_PLANS)) + timedelta(days=source.between(-9, 9))
    contract = "1" if levy_payer else "2"
    prices = [tnp(1, start, 100 * source.between(10, 200)), tnp(2, start, 100 * source.between(0, 40))]
    terms = [_terms(start, prices)]
    if source.happens(1, 2):
        changed = start + timedelta(days=source.between(20, 300))
        prices += [tnp(1, changed, 100 * source.between(10, 200)), tnp(2, changed, 100 * source.between(0, 40))]
        terms[-1]["to"] = iso(changed - ONE_DAY)
        terms.append(_terms(changed, prices[2:]))
    fam = {"LearnDelFAMType": "ACT", "LearnDelFAMCode": contract, "LearnDelFAMDateFrom": iso(start)}
    aim: Record = {
        "LearnAimRef": "ZPROG001",
        "AimType": 1,
        "AimSeqNumber": 1,
        "LearnStartDate": iso(start),
        "LearnPlanEndDate": iso(planned_end),
        "FundModel": 36,
        **course,
        "CompStatus": CONTINUING,
        "LearningDeliveryFAM": [fam],
        "AppFinRecord": prices,
    }
    aims = _ended(aim, start, planned_end, source)
    if source.happens(1, 3):
        aims = [*aims, *(_english(one, number) for number, one in enumerate(aims, len(aims) + 1))]
    young = date(start.year - source.one_of(_AGES), source.between(1, 12), source.between(1, 28))
    mark = {"EmploymentStatusMonitoring": [{"ESMType": "SEM", "ESMCode": 1}]} if source.happens(1, 4) else {}
    status = {"EmpStat": 10, "DateEmpStatApp": iso(start - ONE_DAY), "EmpId": _EMPLOYER_NUMBER, **mark}
    learner = {
        "LearnRefNumber": f"L{number + 1}",
        "ULN": _FIRST_ULN + number,
        "DateOfBirth": iso(young),
        "LearnerEmploymentStatus": [status],
        "LearningDelivery": aims,
    }
    return learner, _agreement(number, learner, terms, course, source)


def _terms(since: date, prices: list[Record]) -> Record:
    return {"from": iso(since), "price": sum(record["AFinAmount"] for record in prices), "status": "active"}


def _ended(aim: Record, start: date, planned_end: date, source: RandomSource) -> list[Record]:
    """The aim as it goes on: still open, completed, withdrawn, or with a break and a return."""
    lasted = (planned_end - start).days
    if source.happens(1, 6):
        return [aim]
    last = start + timedelta(days=source.between(10, lasted + 60))
    paid = {"AFinType": "PMR", "AFinCode": 1, "AFinDate": iso(last), "AFinAmount": 100 * source.below(60)}
    if source.happens(1, 4) and source.happens(9, 10):
        back = last + timedelta(days=source.between(20, 150))
        known = [record for record in aim["AppFinRecord"] if record["AFinDate"] <= iso(last)]
        again = [{**record, "AFinDate": iso(back)} for record in known[-2:]]
        fams = [{**fam, "LearnDelFAMDateFrom": iso(back)} for fam in aim["LearningDeliveryFAM"]]
        planned = planned_end + (back - last)
        broken = {**aim, "AppFinRecord": known, "LearnActEndDate": iso(last), "CompStatus": _ON_A_BREAK}
        return [
            broken,
            {
                **aim,
                "AimSeqNumber": 2,
                "OrigLearnStartDate": iso(start),
                "LearnStartDate": iso(back),
                "LearnPlanEndDate": iso(planned),
                "LearningDeliveryFAM": fams,
                "AppFinRecord": again,
            },
        ]
    if source.happens(2, 3):
        done = {"LearnActEndDate": iso(last), "AchDate": iso(last), "CompStatus": _COMPLETED}
        return [{**aim, **done, "AppFinRecord": [*aim["AppFinRecord"], paid]}]
    return [{**aim, "LearnActEndDate": iso(last), "CompStatus": _WITHDRAWN}]


def _english(aim: Record, number: int) -> Record:
    """English beside a programme aim, for as long as that lasts."""
    beside = {name: value for name, value in aim.items() if name not in ("AppFinRecord", "AchDate")}
    return {**beside, "LearnAimRef": _ENGLISH, "AimType": 3, "AimSeqNumber": number}


def _agreement(number: int, learner: Record, terms: list[Record], course: Record, source: RandomSource) -> Record:
    aims = learner["LearningDelivery"]
    agreement: Record = {
        "id": str(number + 1),
        "employer": _EMPLOYER,
        "ukprn": UKPRN,
        "uln": learner["ULN"],
        "course": "std-50" if course is _STANDARD else "fwk-403",
        "start": aims[0]["LearnStartDate"],
        "planned_end": aims[0]["LearnPlanEndDate"],
    }
    if source.happens(1, 4):
        agreement["priority"] = source.between(1, 3)
    if source.happens(1, 5):
        stopped = date.fromisoformat(agreement["start"]) + timedelta(days=source.between(30, 400))
        agreement |= {"stopped_on": iso(stopped), "stop_known_from": _returned_in(stopped)}
        terms = [one for one in terms if one["from"] <= iso(stopped)]
        terms = [{name: value for name, value in one.items() if name != "to" or one is not terms[-1]} for one in terms]
    return {**agreement, "versions": terms}


def _returned_in(day: date) -> str:
    """The return of the month of a day."""
    return str(collection_of(month_of(day)))

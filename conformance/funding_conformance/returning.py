"""What providers return as time goes on: of what happens to an apprentice, in each return what is known by then."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from funding_reference.calendar import Month, collection_of, month_of

UKPRN: Final = 10000001
CONTINUING: Final = 1


def iso(day: date) -> str:
    return day.isoformat()


def tnp(code: int, day: date, pounds: int) -> dict[str, Any]:
    """A price record."""
    return {"AFinType": "TNP", "AFinCode": code, "AFinDate": iso(day), "AFinAmount": pounds}


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

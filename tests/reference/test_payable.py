"""Under which agreement, and whose employer, a payment is that needs no match."""

from __future__ import annotations

from datetime import date
from typing import Any

from funding_reference import payable
from funding_reference.calendar import Collection
from funding_reference.matching import Service
from funding_reference.records import read_given
from funding_reference.rules import rules_of
from funding_reference.statements import Statements

from tests.conformance.earned import COURSES, learner, programme, returned

RULES = rules_of("2017-08")
EMPLOYERS = [
    {"id": f"employer-{number}", "identifier": 100000000 + number, "levy_payer": True, "levy_funds": "none"}
    for number in (1, 2, 3)
]
AGREEMENT = {"id": "1", "employer": "employer-3", "ukprn": 10000001, "uln": 1000000001, "course": "std-50"}


def status(day: str, employed: bool, number: int = 1) -> dict[str, Any]:
    return {
        "EmpStat": 10 if employed else 11,
        "DateEmpStatApp": day,
        **({"EmpId": 100000000 + number} if employed else {}),
    }


def rows_of(statuses: list[dict[str, Any]], *agreements: dict[str, Any], **aim: Any) -> dict[str, payable.Tested]:
    one = learner(programme(**aim), ULN=1000000001, LearnerEmploymentStatus=statuses)
    given = read_given(
        {**returned(one), "courses": COURSES[:1], "employers": EMPLOYERS, "agreements": list(agreements)}
    )
    run = Collection(2017, 14)
    [statement] = Statements(RULES, given).of_year(run, 2017)
    known = Service(RULES, given).known(1000000001, run)
    rows = payable.tested_of(RULES, statement, 2017, known)
    return {str(row.row.month): row for row in rows if row.row.type == "on_programme"}


def test_without_an_agreement_it_is_the_employer_who_was_last_worked_for() -> None:
    found = rows_of(
        [
            status("2017-07-01", employed=True),
            status("2017-10-10", employed=False),
            status("2017-11-01", employed=True, number=2),
            status("2018-02-28", employed=False),
        ],
        LearnPlanEndDate="2018-08-08",
    )
    assert [(found[month].employer, found[month].match is None) for month in ("2017-10", "2018-02", "2018-03")] == [
        ("employer-1", True),
        ("employer-2", True),
        ("employer-2", True),
    ]
    assert (found["2017-12"].employer, found["2017-12"].fails) == (None, True)


def test_the_agreement_of_the_last_day_in_work_counts_although_it_has_been_stopped() -> None:
    start = programme()["LearnStartDate"]
    price = sum(one["AFinAmount"] for one in programme()["AppFinRecord"])
    agreement = {
        **AGREEMENT,
        "start": start,
        "versions": [
            {"from": start, "to": "2017-10-08", "price": price, "status": "paused"},
            {"from": "2017-10-09", "price": price},
        ],
        "stopped_on": "2017-10-09",
    }
    found = rows_of([status("2017-07-01", employed=True), status("2017-10-10", employed=False)], agreement)
    assert found["2017-10"].employer == "employer-3"
    assert found["2017-10"].agreed is not None


def test_who_loses_the_job_on_the_first_day_has_the_agreement_of_that_day() -> None:
    start = date.fromisoformat(programme()["LearnStartDate"])
    price = sum(one["AFinAmount"] for one in programme()["AppFinRecord"])
    agreement = {**AGREEMENT, "start": str(start), "price": price, "stopped_on": str(start)}
    found = rows_of([status("2017-07-01", employed=True), status(str(start), employed=False)], agreement)
    assert [one.employer for one in found.values()][:1] == ["employer-3"]


def test_what_matches_without_a_job_is_paid_under_what_it_matches() -> None:
    start = programme()["LearnStartDate"]
    price = sum(one["AFinAmount"] for one in programme()["AppFinRecord"])
    after = {**AGREEMENT, "id": "2", "employer": "employer-2", "start": start, "price": price}
    before = {**after, "id": "1", "employer": "employer-3", "stopped_on": "2017-10-09"}
    found = rows_of([status("2017-07-01", employed=True), status("2017-10-10", employed=False)], before, after)
    assert (found["2017-10"].match, found["2017-10"].employer) == (None, "employer-2")


def test_of_two_agreements_of_the_last_day_in_work_the_later_counts() -> None:
    price = sum(one["AFinAmount"] for one in programme()["AppFinRecord"])
    both = [
        {**AGREEMENT, "id": id, "employer": employer, "start": start, "price": price, "stopped_on": "2017-10-09"}
        for id, employer, start in (("1", "employer-2", "2017-08-05"), ("2", "employer-3", "2017-08-06"))
    ]
    found = rows_of([status("2017-07-01", employed=True), status("2017-10-10", employed=False)], *both)
    assert found["2017-10"].employer == "employer-3"

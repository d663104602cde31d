"""What payments leave behind that no row of an answer shows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from funding_reference.answers import Answer
from funding_reference.collections import answer
from funding_reference.records import read_given
from funding_reference.rules import rules_of

from tests.conformance.earned import AGREEMENT, COURSES, contract, learner, price, programme, returned

AUGUST = date(2017, 8, 1)
EMPLOYERS = [
    {"id": "employer-1", "identifier": 5, "levy_payer": True, "levy_funds": {"opening": []}},
    {"id": "employer-2", "identifier": 7, "levy_payer": True, "levy_funds": "none"},
]


def asked(given: dict[str, Any], *wants: str, edition: str = "2017-08") -> Answer:
    return answer(rules_of(edition), read_given(given), wants)


def facts(**more: Any) -> dict[str, Any]:
    one = learner(programme(AUGUST, LearnPlanEndDate="2018-07-31"))
    return {
        **returned(one),
        "courses": COURSES[:1],
        "employers": EMPLOYERS,
        "agreements": [AGREEMENT],
        "through": "1718-R02",
        **more,
    }


def test_the_movements_of_funds_say_what_was_paid_for_whom_up_to_the_last_month() -> None:
    declared = {"declarations": [{"month": month, "levy": "1000"} for month in ("2017-08", "2017-10", "2017-11")]}
    employers = [{**EMPLOYERS[0], "levy_funds": declared}, EMPLOYERS[1]]
    found = asked(facts(employers=employers), "funds").funds
    assert [(row.employer, row.movement.what, str(row.movement.month), row.movement.purpose) for row in found] == [
        ("employer-1", "entered", "2017-08", ""),
        ("employer-1", "spent", "2017-09", "on programme 2017-08 of A1"),
        ("employer-1", "spent", "2017-10", "on programme 2017-09 of A1"),
        ("employer-1", "entered", "2017-10", ""),
    ]


def test_nothing_is_no_payment() -> None:
    sent = {**AGREEMENT, "sender": "employer-2"}
    of_2018 = [{**EMPLOYERS[0], "levy_funds": "none"}, {**EMPLOYERS[1], "transfer_allowance": {"2018-09": 100}}]
    one = learner(programme(date(2018, 8, 1), LearnPlanEndDate="2019-07-31"))
    given = {
        **returned(one, collection="1819-R01"),
        "courses": COURSES[:1],
        "employers": of_2018,
        "agreements": [{**sent, "start": "2018-08-01"}],
        "through": "1819-R02",
    }
    found = asked(given, "payments", edition="2018-08").payments
    assert [(row.source, row.amount) for row in found] == [
        ("government_co_investment", Decimal(900)),
        ("employer_co_investment", Decimal(100)),
    ] * 2


def test_after_the_last_day_the_employer_of_that_day_is_shown() -> None:
    one = learner(
        programme(
            AUGUST,
            LearnPlanEndDate="2018-07-31",
            CompStatus=2,
            LearnActEndDate="2018-08-15",
            LearningDeliveryFAM=[contract(2, AUGUST)],
            AppFinRecord=[price(1, AUGUST, 15000), price(1, AUGUST, 1200, "PMR")],
        ),
        LearnerEmploymentStatus=[
            {"EmpStat": 10, "DateEmpStatApp": day, "EmpId": number}
            for day, number in [("2017-07-01", 5), ("2018-08-20", 7)]
        ],
    )
    found = asked({**facts(through="1819-R01"), "submissions": returned(one)["submissions"]}, "payments").payments
    assert {row.employer for row in found if row.type == "completion"} == {"employer-1"}


def test_what_another_employer_sends_is_shown_with_the_employer_of_the_agreement() -> None:
    employers = [EMPLOYERS[0], {**EMPLOYERS[1], "levy_funds": "unlimited", "transfer_allowance": {"2018-09": 5000}}]
    one = {
        **learner(programme(date(2018, 8, 1), LearnPlanEndDate="2019-07-31")),
        "LearnerEmploymentStatus": [{"EmpStat": 10, "DateEmpStatApp": "2018-07-31", "EmpId": 7}],
    }
    given = {
        **returned(one, collection="1819-R01"),
        "courses": COURSES[:1],
        "employers": employers,
        "agreements": [{**AGREEMENT, "sender": "employer-2", "start": "2018-08-01"}],
        "through": "1819-R01",
    }
    found = asked(given, "payments", edition="2018-08").payments
    assert [(row.source, row.sender, row.employer) for row in found] == [("transfer", "employer-2", "employer-1")]


def test_levy_that_was_paid_before_for_an_employer_who_is_not_named_goes_back_into_no_account() -> None:
    made = {
        "collection": "1718-R01",
        "ukprn": 10000001,
        "uln": 1000000009,
        "aim": 1,
        "contract_type": 1,
        "type": "on_programme",
        "month": "2017-08",
        "source": "levy",
        "amount": "500",
    }
    answered = asked(facts(payments_made=[made]), "payments", "levy_accounts")
    refunds = [row for row in answered.payments if row.amount < 0]
    assert [(row.source, row.employer, row.amount) for row in refunds] == [("levy", None, Decimal(-500))]
    assert all(row.refunded_in == 0 for row in answered.levy_accounts)

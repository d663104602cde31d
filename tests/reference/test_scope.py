"""What this version does not compute is refused by name, and never answered wrongly."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from funding_reference.collections import answer
from funding_reference.records import read_given
from funding_reference.rules import rules_of
from funding_reference.scope import BeyondScope

from tests.reference.test_reading import facts

FIRST = "submissions", 0, "learners", 0
AIM = *FIRST, "LearningDelivery", 0


def plain() -> dict[str, Any]:
    document = facts()
    document["submissions"][0]["learners"][0]["LearnerEmploymentStatus"] = [
        {"EmpStat": 10, "DateEmpStatApp": "2017-07-31", "EmpId": 100000001}
    ]
    at(document, AIM)["LearningDeliveryFAM"] = [
        {"LearnDelFAMType": "ACT", "LearnDelFAMCode": "1", "LearnDelFAMDateFrom": "2017-08-01"}
    ]
    return document


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def asked(document: dict[str, Any], *wants: str) -> None:
    answer(rules_of("2017-08"), read_given(document), wants or ("earnings", "payments"))


def test_a_plain_programme_is_answered() -> None:
    asked(plain())


@pytest.mark.parametrize(
    ("path", "name", "value", "clause"),
    [
        (("agreements", 0), "stopped_on", "2018-01-01", "GUIDE-75"),
        (("agreements", 0), "sender", "e", "READ-62"),
        (("agreements", 0), "known_from", "1718-R03", "READ-75"),
        (("agreements", 0), "price", "2.00000", "GUIDE-97"),
        (("agreements", 0), "ukprn", 9, "GUIDE-97"),
        (("agreements", 0), "start", "2017-08-02", "GUIDE-97"),
        (("employers", 0), "levy_payer", False, "GUIDE-97"),
        (("employers", 0), "levy_funds", {"declarations": [{"month": "2017-08", "levy": "1.00000"}]}, "GUIDE-67"),
        (AIM, "OrigLearnStartDate", "2017-05-01", "GUIDE-171"),
        ((*FIRST, "LearnerEmploymentStatus", 0), "EmpStat", 11, "GUIDE-147"),
        (
            (),
            "earnings_history",
            [{"ukprn": 1, "type": "completion", "month": "2017-07", "amount": "1.00000"}],
            "READ-50",
        ),
    ],
)
def test_each_thing_beyond_is_refused_with_its_clause(
    path: tuple[str | int, ...], name: str, value: object, clause: str
) -> None:
    document = plain()
    at(document, path)[name] = value
    with pytest.raises(BeyondScope) as refused:
        asked(document)
    assert refused.value.clause == clause


@pytest.mark.parametrize(
    ("record", "clause"),
    [
        ({"AFinType": "TNP", "AFinCode": 3, "AFinDate": "2017-08-01", "AFinAmount": 1}, "GUIDE-131"),
        ({"AFinType": "TNP", "AFinCode": 1, "AFinDate": "2017-08-02", "AFinAmount": 1}, "GUIDE-129"),
    ],
)
def test_another_price_is_refused(record: dict[str, Any], clause: str) -> None:
    document = plain()
    at(document, AIM)["AppFinRecord"].append(record)
    with pytest.raises(BeyondScope) as refused:
        asked(document)
    assert refused.value.clause == clause


def test_a_move_to_another_employer_is_refused() -> None:
    document = plain()
    at(document, FIRST)["LearnerEmploymentStatus"].append(
        {"EmpStat": 10, "DateEmpStatApp": "2017-12-01", "EmpId": 100000002}
    )
    with pytest.raises(BeyondScope, match="A payment after a move to another employer"):
        asked(document)


def test_a_second_programme_is_refused() -> None:
    document = plain()
    aims = at(document, FIRST)["LearningDelivery"]
    aims.append(deepcopy(aims[0]) | {"AimSeqNumber": 2})
    with pytest.raises(BeyondScope, match="The payment of more than one programme aim"):
        asked(document)


def test_without_an_agreement_nothing_is_paid() -> None:
    document = plain()
    document["agreements"] = []
    found = answer(rules_of("2017-08"), read_given(document), ("earnings", "payments"))
    assert found.earnings
    assert not found.payments


def test_a_change_after_the_last_collection_asked_for_does_not_matter() -> None:
    document = plain() | {"through": "1718-R02"}
    later = deepcopy(document["submissions"][0]) | {"collection": "1718-R03"}
    at({"submissions": [later]}, AIM)["OrigLearnStartDate"] = "2017-05-01"
    document["submissions"].append(later)
    asked(document)


def test_agreements_do_not_matter_to_earnings() -> None:
    document = plain()
    document["agreements"][0]["stopped_on"] = "2018-01-01"
    asked(document, "earnings")


def test_what_payments_refuse_earnings_answer() -> None:
    document = plain()
    aims = at(document, FIRST)["LearningDelivery"]
    aims.append(deepcopy(aims[0]) | {"AimSeqNumber": 2, "LearnStartDate": "2018-06-01"})
    asked(document, "earnings")

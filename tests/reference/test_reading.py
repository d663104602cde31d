"""Reading facts: every mistake is found, and the first in the order of the document decides."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from funding_reference.reading import Rejected
from funding_reference.records import read_given
from funding_spec.documents import path_text


def facts() -> dict[str, Any]:
    """The facts of a plain apprentice."""
    return {
        "courses": [
            {"id": "s", "standard_code": 50, "funding_bands": [{"from": "2017-05-01", "maximum": "15000.00000"}]}
        ],
        "employers": [{"id": "e", "identifier": 100000001, "levy_payer": True, "levy_funds": "unlimited"}],
        "agreements": [
            {"id": "1", "employer": "e", "ukprn": 1, "uln": 2, "course": "s", "start": "2017-08-01", "price": "1.00000"}
        ],
        "submissions": [
            {
                "collection": "1718-R01",
                "ukprn": 1,
                "learners": [
                    {
                        "LearnRefNumber": "A",
                        "ULN": 2,
                        "DateOfBirth": "1992-07-03",
                        "LearningDelivery": [
                            {
                                "LearnAimRef": "ZPROG001",
                                "AimType": 1,
                                "AimSeqNumber": 1,
                                "LearnStartDate": "2017-08-01",
                                "LearnPlanEndDate": "2018-07-31",
                                "FundModel": 36,
                                "ProgType": 25,
                                "StdCode": 50,
                                "CompStatus": 1,
                                "AppFinRecord": [
                                    {"AFinType": "TNP", "AFinCode": 1, "AFinDate": "2017-08-01", "AFinAmount": 1}
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    }


def found(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Rejected) as rejected:
        read_given(document)
    return [(problem.code, path_text(problem.path)) for problem in rejected.value.problems]


def test_good_facts_are_read() -> None:
    assert read_given(facts()).course_of(read_given(facts()).submissions[0].learners[0].LearningDelivery[0]).id == "s"


def test_every_mistake_is_found_in_the_order_of_the_document() -> None:
    document = facts()
    document["employers"][0]["levy_payer"] = "yes"
    document["agreements"][0]["employer"] = "nobody"
    aim = document["submissions"][0]["learners"][0]["LearningDelivery"][0]
    aim["LearnPlanEndDate"] = "2017-07-31"
    aim["CompStatus"] = 9
    assert found(document) == [
        ("BAD-SHAPE", "given.employers[0].levy_payer"),
        ("UNKNOWN-EMPLOYER", "given.agreements[0].employer"),
        ("END-BEFORE-START", "given.submissions[0].learners[0].LearningDelivery[0].LearnPlanEndDate"),
        ("UNKNOWN-CODE", "given.submissions[0].learners[0].LearningDelivery[0].CompStatus"),
    ]


def test_a_missing_field_stands_where_its_object_begins() -> None:
    document = facts()
    del document["submissions"][0]["learners"][0]["ULN"]
    document["submissions"][0]["learners"][0]["DateOfBirth"] = "1992-02-30"
    assert [code for code, _ in found(document)] == ["BAD-SHAPE", "BAD-DATE"]


def test_one_broken_record_does_not_hide_a_repeat() -> None:
    document = facts()
    learners = document["submissions"][0]["learners"]
    learners.append(deepcopy(learners[0]) | {"DateOfBirth": 5})
    assert found(document)[0] == ("DUPLICATE", "given.submissions[0].learners[1].LearnRefNumber")


def test_a_broken_price_is_not_also_a_missing_one() -> None:
    document = facts()
    document["submissions"][0]["learners"][0]["LearningDelivery"][0]["AppFinRecord"][0]["AFinAmount"] = "a lot"
    assert [code for code, _ in found(document)] == ["BAD-AMOUNT"]


@pytest.mark.parametrize("value", ["20170801", "2017-W31-2", "2017-8-1", "2017-08-01T00:00", "", "０２０１７-08-01"])
def test_only_plain_dates_are_dates(value: str) -> None:
    document = facts()
    document["submissions"][0]["learners"][0]["DateOfBirth"] = value
    assert found(document)[0][0] in ("BAD-DATE", "BAD-SHAPE")


@pytest.mark.parametrize("value", ["1e3", "1.000001", " 1", "+1", "١", "1,000", "Infinity", "NaN", "--1"])
def test_only_plain_decimals_are_amounts(value: str) -> None:
    document = facts()
    document["agreements"][0]["price"] = value
    assert found(document) == [("BAD-AMOUNT", "given.agreements[0].price")]


@pytest.mark.parametrize("document", [None, [], "given", 5, {}, {"submissions": None}])
def test_anything_else_is_refused_and_not_a_crash(document: object) -> None:
    with pytest.raises(Rejected):
        read_given(document)

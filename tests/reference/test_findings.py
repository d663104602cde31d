"""What the calculation finds names the field it stands at, counted within the learner as returned."""

from datetime import date
from typing import Any

import pytest
from funding_conformance import protocol
from funding_conformance.service import reference_service

from tests.conformance.earned import COURSES, learner, programme, returned

UNLISTED = [{"from": "2017-05-01", "maximum": 15001}]
STANDARD = {"id": "std-51", "standard_code": 51, "funding_bands": UNLISTED}
FRAMEWORK = {
    "id": "fwk-403",
    "framework_code": 403,
    "programme_type": 2,
    "pathway_code": 1,
    "funding_bands": UNLISTED,
}
BESIDE = {"LearnAimRef": "60000001", "AimType": 3, "AppFinRecord": []}


@pytest.mark.parametrize(
    ("start", "more", "rule", "field"),
    [
        (date(2017, 4, 30), {}, "BEFORE-MAY-2017", "LearnStartDate"),
        (date(2017, 8, 6), {"StdCode": 51}, "BAND-NOT-LISTED", "StdCode"),
        (
            date(2017, 8, 6),
            {"ProgType": 2, "StdCode": None, "FworkCode": 403, "PwayCode": 1},
            "BAND-NOT-LISTED",
            "FworkCode",
        ),
        (date(2017, 8, 6), {"LearnActEndDate": "2018-03-10", "CompStatus": 2}, "MINIMUM-DURATION", "LearnActEndDate"),
    ],
)
def test_a_finding_stands_at_the_field_that_it_is_about(
    start: date, more: dict[str, Any], rule: str, field: str
) -> None:
    aim = {name: value for name, value in programme(start, AimSeqNumber=7, **more).items() if value is not None}
    beside = programme(start, AimSeqNumber=6, **BESIDE)
    facts = {**returned(learner(beside, aim)), "courses": [COURSES[0], STANDARD, FRAMEWORK]}
    question = {"id": "q", "rulebook": "2017-08", "given": facts}
    answered = reference_service()({"id": "1", **protocol.answer(question, ("findings",))})["ok"]
    assert answered["findings"] == [
        {
            "ukprn": 10000001,
            "uln": 1000000001,
            "learner": "A1",
            "aim": 7,
            "rule": rule,
            "path": f"LearningDelivery[1].{field}",
        }
    ]

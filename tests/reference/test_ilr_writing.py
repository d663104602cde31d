"""Writing ILR returns: what our own reader and the agency's schemas make of them, and what is refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from funding_reference.ilr import Head, NotForAReturn, check_learner, open_return, written_return
from lxml import etree

PREPARED = datetime(2017, 9, 1, 12)
LEARNER: dict[str, Any] = {
    "LearningDelivery": [
        {
            "AppFinRecord": [{"AFinAmount": 12000, "AFinType": "TNP", "AFinCode": 1, "AFinDate": "2017-08-06"}],
            "StdCode": 50,
            "LearnAimRef": "ZPROG001",
            "AimType": 1,
            "AimSeqNumber": 1,
            "LearnStartDate": "2017-08-06",
            "LearnPlanEndDate": "2018-08-08",
            "FundModel": 36,
            "ProgType": 25,
            "CompStatus": 1,
            "LearnActEndDate": None,
        }
    ],
    "ULN": 1000000001,
    "LearnRefNumber": "A1",
    "DateOfBirth": "1992-08-01",
}


def head(year: str = "1718") -> Head:
    return Head(10000001, year, PREPARED, 1, ("kit", "1"))


def read_back(folder: Path, content: bytes) -> list[dict[str, Any]]:
    file = folder / head().file_name
    file.write_bytes(content)
    source = open_return(file)
    records = [learner.record for learner in source.learners()]
    assert source.ukprn == 10000001
    return records


@pytest.mark.parametrize("year", ["1617", "1718", "1819", "2526", "2627"])
def test_a_return_is_read_back_as_it_was_written(year: str, tmp_path: Path) -> None:
    (record,) = read_back(tmp_path, written_return(head(year), [LEARNER], "Made up"))
    (aim,) = record["LearningDelivery"]
    expected = {name: value for name, value in LEARNER["LearningDelivery"][0].items() if value is not None}
    assert {name: aim[name] for name in expected} == expected
    assert (record["ULN"], record["DateOfBirth"]) == (1000000001, "1992-08-01")


def test_the_file_is_named_as_the_agency_asks() -> None:
    assert head().file_name == "ILR-10000001-1718-20170901-120000-01.XML"


def test_the_names_of_2016_are_used_in_that_year_alone() -> None:
    assert b"<TBFinAmount>" in written_return(head("1617"), [LEARNER])
    assert b"TBFin" not in written_return(head("1718"), [LEARNER])


def test_text_cannot_become_an_element(tmp_path: Path) -> None:
    name = "<ULN>&amp;]]>"
    (record,) = read_back(tmp_path, written_return(head(), [{**LEARNER, "FamilyName": name}]))
    assert record["FamilyName"] == name


@pytest.mark.parametrize(
    ("year", "schema"),
    [
        ("1718", "ILR-2017-18-v2.xsd"),
        ("1819", "ILR-2018-19-v3.xsd"),
        ("2526", "ILR-2025-26-schemafile25.xsd"),
    ],
)
def test_a_return_follows_the_schema_of_its_year(year: str, schema: str, shared: Path) -> None:
    checker = etree.XMLSchema(etree.parse(str(shared / "official-samples" / schema)))
    checker.assertValid(etree.fromstring(written_return(head(year), [LEARNER], "Made up")))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ULN": 1}, "ULN is a whole number from 1000000000"),
        ({"ULN": "1000000001"}, "ULN is a whole number"),
        ({"LearnRefNumber": "A" * 13}, "LearnRefNumber has 1 to 12 characters"),
        ({"FamilyName": "\x00"}, "a character that XML cannot"),
        ({"FamilyName": ["A"]}, "FamilyName is a single value"),
        ({"NoSuchElement": 1}, "Learner has no element NoSuchElement"),
        ({"LearningDelivery": ["aim"]}, "LearningDelivery is not a group"),
    ],
)
def test_what_no_return_can_hold_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(NotForAReturn, match=words):
        check_learner({**LEARNER, **change}, "1718")


def test_a_year_without_returns_is_refused() -> None:
    with pytest.raises(NotForAReturn, match="for the year 1516"):
        written_return(head("1516"), [LEARNER])

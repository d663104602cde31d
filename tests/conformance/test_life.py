"""Pictures of apprenticeships: whatever they are made of, they are whole, tell kinds apart and act on nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from funding_conformance.reports.life import MOST_MONTHS, lives
from funding_conformance.reports.svg import Label, Scale, in_steps
from lxml import etree

from tests.conformance.markup import elements, texts

HOSTILE = '</title></svg><script>alert("1")</script>&\x00\x1b\u202e\ud800'
SVG = "{http://www.w3.org/2000/svg}"
AUGUST_2017 = 2017 * 12 + 7


def aim(**more: Any) -> dict[str, Any]:
    return {
        "LearnAimRef": "ZPROG001",
        "AimType": 1,
        "LearnStartDate": "2017-08-06",
        "LearnPlanEndDate": date(2018, 8, 8),
        "ProgType": 25,
        "StdCode": 50,
        "CompStatus": 1,
        "LearningDeliveryFAM": [
            {"LearnDelFAMType": "ACT", "LearnDelFAMCode": "2", "LearnDelFAMDateFrom": "2017-08-06"},
        ],
        "AppFinRecord": [
            {"AFinType": "TNP", "AFinCode": 1, "AFinDate": "2017-08-06", "AFinAmount": 12000},
            {"AFinType": "TNP", "AFinCode": 2, "AFinDate": "2017-08-06", "AFinAmount": 3000},
        ],
        **more,
    }


def given(*aims: dict[str, Any], uln: int = 1000000001, ukprn: Any = 10000001) -> dict[str, Any]:
    employed = [{"EmpStat": 10, "DateEmpStatApp": "2017-07-31", "EmpId": 100000001}]
    learner = {"ULN": uln, "LearnerEmploymentStatus": employed, "LearningDelivery": list(aims)}
    return {
        "employers": [{"id": "employer-1", "identifier": 100000001}],
        "submissions": [{"collection": "1718-R12", "ukprn": ukprn, "learners": [learner]}],
    }


def row(month: str, amount: str, type: str = "on_programme", uln: int = 1000000001) -> dict[str, Any]:
    return {"ukprn": 10000001, "uln": uln, "type": type, "month": month, "amount": amount}


def drawn(facts: Any, rows: Any, **more: Any) -> etree._Element:
    [life] = lives(facts, rows, **more)
    return etree.fromstring(life.svg)


def words(picture: etree._Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def columns(picture: etree._Element) -> list[etree._Element]:
    return elements(picture, "//*[local-name()='g'][*[local-name()='title']]/*[local-name()='rect']")


def test_a_life_shows_programme_prices_employer_contract_and_earnings() -> None:
    rows = [row("2017-08", "1142.85714"), row("2017-09", "1142.85714"), row("2017-09", "3000.00000", "completion")]
    picture = drawn(given(aim(CompStatus=2, LearnActEndDate="2018-05-31")), rows)
    expected = [
        "Provider",
        "10000001",
        "TNP1 £12,000, TNP2 £3,000",
        "Standard 50",
        "6 Aug 2017",
        "completed 31 May 2018",
    ]
    expected += ["planned to 8 Aug 2018", "employer-1", "type 2", "Funding year 2017/18", "£4,142.86"]
    expected += ["On programme £2,285.71", "Completion £3,000.00", "Earned in all £5,285.71"]
    assert set(expected) <= set(words(picture))
    assert "completion £3,000.00, together £4,142.86" in picture.findtext(f"{SVG}desc", "")


def test_a_break_is_a_gap_up_to_the_day_on_which_learning_goes_on() -> None:
    before = aim(CompStatus=6, LearnActEndDate="2017-11-30")
    after = aim(LearnStartDate="2018-03-01", LearnPlanEndDate="2018-11-30")
    picture = drawn(given(before, after), [])
    assert {"break in learning", "break from 30 Nov 2017", "1 Mar 2018"} <= set(words(picture))


def test_what_others_wrote_is_shown_and_does_not_act() -> None:
    facts = given(aim(StdCode=HOSTILE), ukprn=HOSTILE)
    facts["employers"] = [{"id": HOSTILE, "identifier": 100000001}]
    [life] = lives(facts, [row("2017-08", "1.00000", HOSTILE)], name=HOSTILE)
    picture = etree.fromstring(life.svg)
    assert not list(picture.iter(f"{SVG}script", f"{SVG}image", f"{SVG}use", f"{SVG}a"))
    assert "http" not in life.svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not set(life.svg) & set("\x00\x1b\u202e\ud800")


@pytest.mark.parametrize(
    "facts",
    [None, [], {"submissions": 3}, {"submissions": [{"collection": "1718-R01", "learners": [{"ULN": 1}]}]}, given()],
)
def test_nothing_to_draw_is_no_picture(facts: Any) -> None:
    assert list(lives(facts, [])) == []
    assert list(lives(facts, ["no row", {"uln": 1, "month": "2017-13", "amount": "1.00000"}])) == []


def test_what_cannot_be_read_is_left_out() -> None:
    odd = aim(
        LearnActEndDate="2018-02-30",
        AppFinRecord=[{"AFinType": "TNP", "AFinCode": 1, "AFinDate": "0001-01-01", "AFinAmount": -3}, 7],
        LearningDeliveryFAM=[
            {"LearnDelFAMType": "ACT", "LearnDelFAMCode": code, "LearnDelFAMDateFrom": "0001-01-01"} for code in "12"
        ],
    )
    assert "planned to 8 Aug 2018" in words(drawn(given(odd), None))


def test_pictures_of_one_page_share_no_id() -> None:
    two = given(aim())
    two["submissions"] += given(aim(), uln=1000000002, ukprn=10000002)["submissions"]
    rows = [row("2017-08", "1.00000", "balancing"), row("2017-08", "1.00000", "balancing", uln=1000000003)]
    pictures = [life.svg for name in ("a/b", "a-b", "a_2f_b") for life in lives(two, rows, name=name)]
    ids = [id for svg in pictures for id in texts(etree.fromstring(svg), "//@id")]
    assert len(pictures) == 9
    assert len(ids) == len(set(ids))


def test_every_kind_has_a_fill_of_its_own_without_colour() -> None:
    types = ["on_programme", "completion", "balancing", "first_employer_incentive", "framework_uplift_on_programme"]
    types += ["first_disadvantage", "english_maths_on_programme", "learning_support", "unheard_of"]
    picture = drawn(given(aim()), [row("2017-08", "100.00000", type) for type in types])
    patterns = {pattern.get("id"): etree.tostring(pattern) for pattern in picture.iter(f"{SVG}pattern")}
    fills = [column.get("fill", "").removeprefix("url(#").removesuffix(")") for column in columns(picture)]
    assert len(fills) == 9
    assert fills.count("") == 3, "plain: one mid, one dark, one empty"
    assert {fill for fill in fills if fill} <= set(patterns)
    assert len({patterns[fill] for fill in fills if fill}) == 6


def test_negative_amounts_stand_below_the_line() -> None:
    rows = [row("2017-08", "1000.00000"), row("2017-09", "-500.00000"), row("2017-09", "250.00000", "learning_support")]
    picture = drawn(given(aim()), rows)
    [axis] = [float(path.split()[1].split("H")[0]) for path in texts(picture, "//*[@class='axis']/@d")]
    sides = [(float(column.get("y", "")), float(column.get("height", ""))) for column in columns(picture)]
    tops_and_ends = [(top, top + height) for top, height in sides]
    assert [(top < axis, end > axis + 1) for top, end in tops_and_ends] == [(True, False), (False, True), (True, False)]
    assert {"-£500.00", "Earned in all £750.00"} <= set(words(picture))


def test_no_rows_say_so_and_rows_not_asked_for_leave_out_the_columns() -> None:
    assert "Nothing is earned." in words(drawn(given(aim()), []))
    assert "Earned in all £0.00" in words(drawn(given(aim()), []))
    assert not any("£0" in text for text in words(drawn(given(aim()), None)))


def test_a_single_month() -> None:
    picture = drawn(given(aim(LearnPlanEndDate="2017-08-20")), [row("2017-08", "12000.00000")])
    assert "August 2017" in words(picture)
    assert len(columns(picture)) == 1


def test_what_lies_too_far_away_is_added_up_in_words() -> None:
    rows = [row("1950-01", "1.00000"), row("2017-08", "1.00000"), row("9999-12", "2.00000")]
    picture = drawn(given(aim(LearnPlanEndDate="9999-12-31")), rows)
    assert "£3.00 in months not shown" in words(picture)
    assert len(elements(picture, "//*[@class='month']")) <= MOST_MONTHS


def test_months_that_differ_are_marked() -> None:
    picture = drawn(given(aim()), [row("2017-08", "1.00000")], differing=["2017-09", "2017-10", "1718-R02", ""])
    assert len(elements(picture, "//*[@class='differs']")) == 3, "two months and the legend"


def test_a_picture_is_the_same_each_time_and_can_leave_its_looks_to_the_page() -> None:
    rows = [row("2017-08", "1.00000")]
    assert list(lives(given(aim()), rows)) == list(lives(given(aim()), rows))
    assert drawn(given(aim()), rows).find(f"{SVG}style") is not None
    assert drawn(given(aim()), rows, styled=False).find(f"{SVG}style") is None


def test_no_pole_of_a_flag_crosses_the_words_of_another() -> None:
    scale = Scale("life", AUGUST_2017, 12, 0.0, 1200.0)
    labels = [Label("TNP1 £12,000", x) for x in (0, 20, 90, 400)]
    assert in_steps(labels, scale) == [0, 1, 2, 0]
    mirrored = [Label("TNP1 £12,000", 1200 - one.at, "end") for one in reversed(labels)]
    assert in_steps([*labels, *mirrored], scale) == [0, 1, 2, 0, 0, 2, 1, 0]

"""What an aim says of itself, and what it inherits from the aims before it."""

from datetime import date
from itertools import permutations
from typing import Any

import attrs
import pytest
from funding_reference.apprenticeship import (
    Programme,
    Returned,
    apprentice_of,
    completed_early,
    continued,
    days_lent,
    is_completed,
)
from funding_reference.records import read_given
from funding_reference.rules import rules_of

from tests.conformance.earned import COURSES, contract, english, learner, price, programme, returned

PATHWAYS = [
    {
        "id": f"fwk-40{pathway}",
        "framework_code": 403,
        "programme_type": 2,
        "pathway_code": pathway,
        "funding_bands": [{"from": "2017-05-01", "maximum": 9000}],
    }
    for pathway in (1, 2)
]
OTHER_COURSE = {"id": "std-51", "standard_code": 51, "funding_bands": [{"from": "2017-05-01", "maximum": 15000}]}


def programmes(*aims: dict[str, Any], **more: Any) -> tuple[Programme, ...]:
    """The programmes of one learner with these aims."""
    facts = {**returned(learner(*aims, **more)), "courses": [COURSES[0], OTHER_COURSE, *PATHWAYS]}
    given = read_given(facts)
    found = apprentice_of(rules_of("2017-08"), given, [Returned(10000001, given.submissions[0].learners[0])])
    assert found is not None
    return found.programmes


def aim(start: date, end: date | None = None, status: int = 3, **more: Any) -> dict[str, Any]:
    ended = {"LearnActEndDate": str(end), "CompStatus": status} if end else {}
    return programme(start, **ended, **more)


def record(type: str, code: str, day: date | None = None, until: date | None = None) -> dict[str, Any]:
    dates = {"LearnDelFAMDateFrom": day, "LearnDelFAMDateTo": until}
    kept = {name: str(value) for name, value in dates.items() if value}
    return {"LearnDelFAMType": type, "LearnDelFAMCode": code, **kept}


def with_records(*records: dict[str, Any]) -> Programme:
    [found] = programmes(aim(date(2017, 8, 6), LearningDeliveryFAM=list(records)))
    return found


def test_a_contract_record_without_a_date_holds_from_the_start() -> None:
    found = with_records(record("ACT", "2"))
    assert found.contract_starts == found.contract_changes == (date(2017, 8, 6),)
    assert [found.contract_on(date(2017, 8, day)) for day in (5, 6, 7)] == [None, 2, 2]


def test_contracts_change_where_a_record_begins_and_after_one_has_ended() -> None:
    first = record("ACT", "1", date(2017, 8, 6), date(2017, 10, 31))
    second = record("ACT", "2", date(2018, 1, 1))
    others = [record(type, "1", date(2017, 9, 1), date(2017, 9, 9)) for type in ("AAA", "LSF")]
    found = with_records(first, *others, second)
    assert found.contract_starts == (date(2017, 8, 6), date(2018, 1, 1))
    assert found.contract_changes == (date(2017, 8, 6), date(2018, 1, 1), date(2017, 11, 1))
    days = [date(2017, 10, 31), date(2017, 11, 1), date(2017, 12, 31), date(2018, 1, 1)]
    assert [found.contract_on(day) for day in days] == [1, None, None, 2]


def test_of_two_contracts_in_force_the_later_rules_and_of_two_of_one_day_the_last() -> None:
    later, earlier = record("ACT", "1", date(2017, 9, 1)), record("ACT", "2", date(2017, 8, 6))
    assert with_records(later, earlier).contract_on(date(2017, 9, 1)) == 1
    assert with_records(later, record("ACT", "2")).contract_on(date(2017, 9, 1)) == 1
    assert with_records(later, record("ACT", "2", date(2017, 9, 1))).contract_on(date(2017, 9, 1)) == 2


def test_no_other_record_is_a_contract_an_entitlement_or_a_mark() -> None:
    found = with_records(record("AAA", "1"), record("LSF", "2"), record("SOF", "356"), record("EEF", "4"))
    assert found.contract_on(date(2017, 9, 1)) is None
    assert found.entitlements == ("4",)
    assert not found.has("LDM", "356")
    assert found.has("SOF", "105", "356")


def test_a_record_is_known_by_its_type_and_not_by_its_code_alone() -> None:
    found = with_records(record("ACT", "2"))
    assert found.has("ACT", "2")
    assert not found.has("EEF", "2")
    assert not found.has("AAA", "2")


def test_prices_and_payments_of_the_employer_are_told_apart() -> None:
    kinds = {"PMR": 100, "TNP": 9000}
    records = [price(1, date(2017, 8, 6), pounds, kind=kind) for kind, pounds in kinds.items()]
    [found] = programmes(aim(date(2017, 8, 6), AppFinRecord=records))
    assert [one.AFinAmount for one in found.prices] == [9000]
    assert [one.AFinAmount for one in found.payments_by_employer] == [100]


@pytest.mark.parametrize(
    ("status", "ended", "completed", "early"),
    [
        (1, date(2018, 8, 1), False, False),
        (2, None, False, False),
        (2, date(2018, 8, 1), True, True),
        (2, date(2018, 8, 6), True, False),
        (2, date(2018, 8, 7), True, False),
        (3, date(2018, 8, 1), False, False),
    ],
)
def test_only_an_aim_that_says_so_and_has_ended_is_completed(
    status: int, ended: date | None, completed: bool, early: bool
) -> None:
    [found] = programmes(aim(date(2017, 8, 6), LearnPlanEndDate="2018-08-06"))
    changed = attrs.evolve(found.aim, CompStatus=status, LearnActEndDate=ended)
    assert (is_completed(changed), completed_early(changed)) == (completed, early)


def test_the_aim_that_follows_is_the_next_of_the_same_course() -> None:
    first, other, second, third = programmes(
        aim(date(2017, 8, 6)),
        aim(date(2017, 9, 6), AimSeqNumber=2, StdCode=51),
        aim(date(2017, 10, 6), AimSeqNumber=3),
        aim(date(2017, 11, 6), AimSeqNumber=4),
    )
    assert [one.followed_from for one in (first, other, second, third)] == [
        date(2017, 10, 6),
        None,
        date(2017, 11, 6),
        None,
    ]


def test_entitlements_are_kept_from_aim_to_aim() -> None:
    entitled = [contract(1, date(2018, 1, 8)), record("EEF", "2")]
    found = programmes(
        aim(date(2017, 8, 6), date(2017, 12, 1)),
        aim(date(2018, 1, 8), date(2018, 3, 1), AimSeqNumber=2, LearningDeliveryFAM=entitled),
        aim(date(2018, 4, 8), AimSeqNumber=3),
    )
    assert [one.entitlements for one in found] == [(), ("2",), ("2",)]


@pytest.mark.parametrize(
    ("ended", "status", "first_start", "after"),
    [
        (date(2018, 1, 7), 2, date(2018, 1, 8), date(2018, 1, 7)),
        (date(2018, 1, 8), 2, date(2017, 8, 6), None),
        (date(2018, 1, 9), 2, date(2017, 8, 6), None),
        (date(2018, 1, 7), 3, date(2017, 8, 6), None),
    ],
)
def test_what_follows_a_completed_apprenticeship_is_a_new_start(
    ended: date, status: int, first_start: date, after: date | None
) -> None:
    _, second = programmes(aim(date(2017, 8, 6), ended, status), aim(date(2018, 1, 8), AimSeqNumber=2))
    assert (second.first_start, second.course_start, second.after) == (first_start, first_start, after)


def test_an_aim_that_says_when_it_first_began_goes_on_with_a_completed_one() -> None:
    again = aim(date(2018, 1, 8), AimSeqNumber=2, OrigLearnStartDate="2017-08-06")
    _, second = programmes(aim(date(2017, 8, 6), date(2018, 1, 7), 2), again)
    assert (second.first_start, second.after, second.days_before) == (date(2017, 8, 6), None, 155)


def test_of_several_completed_ones_the_last_is_what_it_comes_after() -> None:
    found = programmes(
        aim(date(2017, 8, 6), date(2017, 10, 7), 2),
        aim(date(2017, 10, 8), date(2018, 1, 7), 2, AimSeqNumber=2),
        aim(date(2018, 1, 8), date(2018, 3, 7), AimSeqNumber=3),
        aim(date(2018, 4, 8), AimSeqNumber=4),
    )
    assert [one.after for one in found] == [None, date(2017, 10, 7), date(2018, 1, 7), date(2018, 1, 7)]
    assert continued(found[:3], found[3]) == [found[2]]


def test_a_day_in_two_aims_is_lent_once_and_a_later_day_not_at_all() -> None:
    found = programmes(
        aim(date(2017, 8, 1), date(2017, 8, 20)),
        aim(date(2017, 8, 11), date(2017, 8, 31), AimSeqNumber=2),
        aim(date(2017, 8, 15), date(2017, 8, 25), AimSeqNumber=3),
        aim(date(2017, 9, 4), AimSeqNumber=4),
    )
    assert days_lent(found, date(2017, 9, 4)) == 31
    assert days_lent(found, date(2017, 9, 10)) == 31 + 6
    assert days_lent(found[:1], date(2017, 8, 11)) == 10
    assert days_lent(found[3:], date(2017, 9, 1)) == 0
    assert days_lent(found[3:], date(2017, 9, 4)) == 0
    assert days_lent([], date(2017, 9, 4)) == 0


def on_pathway(pathway: int, start: date, end: date | None = None, **more: Any) -> dict[str, Any]:
    found = aim(start, end, ProgType=2, FworkCode=403, PwayCode=pathway, AimSeqNumber=start.month, **more)
    return {name: value for name, value in found.items() if name != "StdCode"}


@pytest.mark.parametrize("pathways", [(1, 2), (2, 1)])
@pytest.mark.parametrize("more", [{}, {"OrigLearnStartDate": "2017-08-06"}])
def test_another_pathway_has_a_start_of_its_own_in_the_same_apprenticeship(
    pathways: tuple[int, int], more: dict[str, Any]
) -> None:
    one, other = pathways
    _, second, third = programmes(
        on_pathway(one, date(2017, 8, 6), date(2017, 12, 1)),
        on_pathway(other, date(2018, 1, 8), date(2018, 3, 1), **more),
        on_pathway(other, date(2018, 4, 8), **more),
    )
    assert second.first_start == third.first_start == date(2017, 8, 6)
    assert second.course_start == third.course_start == date(2018, 1, 8)


def test_of_two_aims_on_one_pathway_the_earlier_start_that_either_names_counts() -> None:
    again = on_pathway(1, date(2018, 1, 8), OrigLearnStartDate="2017-06-06")
    _, second = programmes(on_pathway(1, date(2017, 8, 6), date(2017, 12, 1)), again)
    assert second.first_start == second.course_start == date(2017, 6, 6)


def test_an_aim_that_first_began_elsewhere_began_its_course_then_too() -> None:
    [found] = programmes(on_pathway(1, date(2018, 1, 8), OrigLearnStartDate="2017-08-06"))
    assert found.first_start == found.course_start == date(2017, 8, 6)


@pytest.mark.parametrize("statuses", [(10, 11), (11, 10), (98, 10)])
def test_of_two_statuses_from_one_day_paid_employment_counts(statuses: tuple[int, int]) -> None:
    recorded = [{"EmpStat": status, "DateEmpStatApp": "2017-07-01"} for status in statuses]
    [found] = programmes(aim(date(2017, 8, 6)), LearnerEmploymentStatus=recorded)
    status = found.employment_on(date(2017, 8, 6))
    assert status is not None
    assert status.EmpStat == 10


@pytest.mark.parametrize("rates", [*permutations([471, 600, None]), (None, 600, None)])
def test_of_several_rates_of_one_qualification_the_highest_counts(rates: tuple[int | None, ...]) -> None:
    listed = [{"aim": "50086832", **({"rate": rate} if rate else {})} for rate in rates]
    facts = {**returned(learner(programme(), english())), "courses": COURSES[:1], "english_maths_aims": listed}
    given = read_given(facts)
    found = apprentice_of(rules_of("2017-08"), given, [Returned(10000001, given.submissions[0].learners[0])])
    assert found is not None
    assert [one.rate for one in found.qualifications] == [600]


@pytest.mark.parametrize("changed", [{"FundModel": 35}, {"FundModel": 99}])
def test_a_qualification_of_another_funding_model_is_none(changed: dict[str, int]) -> None:
    listed = [{"aim": "50086832"}, {"aim": "ZPROG001"}]
    facts = {**returned(learner(programme(), english(**changed))), "courses": COURSES[:1], "english_maths_aims": listed}
    given = read_given(facts)
    found = apprentice_of(rules_of("2017-08"), given, [Returned(10000001, given.submissions[0].learners[0])])
    assert found is not None
    assert found.qualifications == ()

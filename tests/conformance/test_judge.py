"""Comparing answers: tolerances, completeness, omitted fields, lists and rejects."""

from __future__ import annotations

from typing import Any

import pytest
from funding_conformance.judge import Verdict, asked_for, differences_of, judge, measured
from funding_conformance.protocol import Declaration, Outcome, Reply
from funding_conformance.scenarios import Expect, Scenario, read_scenario

ALL = Declaration({"name": "test"}, ("2017-08",), ("earnings", "payments", "findings"))


def scenario(expect: dict[str, Any], **more: Any) -> Scenario:
    return read_scenario(
        {
            "id": "x",
            "title": "x",
            "rulebook": "2017-08",
            "clauses": ["GUIDE-35"],
            "source": "derived",
            "wants": ["earnings", "payments"],
            "given": {"submissions": []},
            "expect": expect,
            **more,
        }
    )


def expected(**table: Any) -> Expect:
    expect = scenario({"tables": [{"measure": "earned", "amounts": {}, **table}]}).expect
    assert expect is not None
    return expect


def earned(amount: str, month: str = "2017-08", **more: Any) -> dict[str, Any]:
    return {"ukprn": 1, "uln": 2, "type": "on_programme", "month": month, "amount": amount, **more}


@pytest.mark.parametrize(
    ("amount", "to", "differs"),
    [
        ("1000.00001", {}, False),
        ("1000.00002", {}, True),
        ("999.99999", {}, False),
        ("1000.00500", {"to": "penny"}, False),
        ("1000.00501", {"to": "penny"}, True),
    ],
)
def test_tolerances_are_inclusive(amount: str, to: dict[str, str], differs: bool) -> None:
    expect = expected(amounts={"2017-08": 1000}, **to)
    assert bool(list(differences_of(expect, {"earnings": [earned(amount)]}, ALL))) is differs


def test_rows_are_added_up_before_they_are_compared() -> None:
    rows = [earned("400.00000"), earned("600.00000")]
    assert not list(differences_of(expected(amounts={"2017-08": 1000}), {"earnings": rows}, ALL))


def test_months_not_listed_count_only_in_a_complete_table() -> None:
    rows = {"earnings": [earned("1.00000", "2018-01")]}
    assert not list(differences_of(expected(), rows, ALL))
    [difference] = differences_of(expected(complete=True), rows, ALL)
    assert (difference.when, difference.expected, difference.pounds) == ("2018-01", "0.00000", "1.00000")


def test_a_selection_may_name_several_values() -> None:
    rows = {"earnings": [earned("1.00000", type="completion"), earned("2.00000"), earned("4.00000", type="balancing")]}
    sums = measured("earned", {"type": ["completion", "on_programme"]}, rows)
    assert [str(amount) for amount in sums.values()] == ["3.00000"]


def test_who_cannot_give_a_field_is_compared_without_it() -> None:
    declaration = Declaration({"name": "t"}, ("2017-08",), ("earnings",), omits=("aim",))
    expect = expected(where={"aim": 1}, amounts={"2017-08": 1000})
    reference = {"earnings": [earned("1000.00000", aim=1), earned("5.00000", aim=2)]}
    assert not list(differences_of(expect, {"earnings": [earned("1005.00000")]}, declaration, reference))
    assert list(differences_of(expect, {"earnings": [earned("1000.00000")]}, declaration, reference))


def test_types_only_given_together_are_compared_together() -> None:
    both = ("first_employer_incentive", "second_employer_incentive")
    declaration = Declaration({"name": "t"}, ("2017-08",), ("earnings",), omits=("+".join(both),))
    expect = expected(where={"type": both[0]}, amounts={"2017-08": 500})
    reference = {"earnings": [earned("500.00000", type=both[0]), earned("500.00000", type=both[1])]}
    answered = {"earnings": [earned("1000.00000", type=both[0])]}
    assert not list(differences_of(expect, answered, declaration, reference))


def test_a_part_that_was_not_asked_is_not_judged() -> None:
    declaration = Declaration({"name": "t"}, ("2017-08",), ("earnings",))
    both = scenario({"tables": [{"measure": "paid", "amounts": {}}, {"measure": "earned", "amounts": {}}]})
    paid = scenario({"tables": [{"measure": "paid", "amounts": {}}]})
    assert asked_for(both, declaration, ("earnings", "payments")) == ("earnings",)
    assert asked_for(paid, declaration, ("earnings", "payments")) == ()


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply("1", Outcome.REJECT, {"code": "NO-PRICE", "path": "given.a"}), Verdict.PASS),
        (Reply("1", Outcome.REJECT, {"code": "NO-PRICE", "path": "given"}), Verdict.PASS),  # a is missing in given
        (Reply("1", Outcome.REJECT, {"code": "NO-PRICE", "path": ""}), Verdict.FAIL),
        (Reply("1", Outcome.REJECT, {"code": "NO-PRICE", "path": "given.b"}), Verdict.FAIL),
        (Reply("1", Outcome.REJECT, {"code": "NO-PRICE"}), Verdict.FAIL),
        (Reply("1", Outcome.REJECT, {"code": "BAD-DATE", "path": "given.a"}), Verdict.FAIL),
        (Reply("1", Outcome.OK, {"earnings": [], "payments": []}), Verdict.FAIL),
        (Reply("1", Outcome.ERROR, {}, "no"), Verdict.FAULT),
        (Reply("1", Outcome.CRASH, {}, "gone"), Verdict.CRASH),
    ],
)
def test_a_negative_case_wants_its_code_and_place(reply: Reply, verdict: Verdict) -> None:
    negative = scenario({"reject": {"code": "NO-PRICE", "path": "given.a"}})
    assert judge(negative, reply, ALL, None)[0] is verdict


def test_a_reject_nobody_expected_is_rejected_wrongly() -> None:
    good = scenario({"tables": [{"measure": "earned", "amounts": {"2017-08": 0}}]})
    assert judge(good, Reply("1", Outcome.REJECT, {"code": "NO-PRICE"}), ALL, None)[0] is Verdict.REJECTED_WRONGLY


def test_lists_compare_the_fields_they_give_and_may_be_complete() -> None:
    wanted = scenario({"findings": {"rows": [{"rule": "MINIMUM-DURATION"}], "complete": True}}).expect
    assert wanted is not None
    row = {"rule": "MINIMUM-DURATION", "uln": 1}
    assert not list(differences_of(wanted, {"findings": [row]}, ALL))
    assert len(list(differences_of(wanted, {"findings": [row, row]}, ALL))) == 1
    assert len(list(differences_of(wanted, {"findings": []}, ALL))) == 1


@pytest.mark.parametrize(
    ("measure", "row", "month"),
    [
        ("paid", {"collection": "1718-R13", "source": "levy", "amount": "1.00000"}, "2018-10"),
        ("levy_debited", {"collection": "1718-R13", "source": "levy", "amount": "1.00000"}, "2018-09"),
        (
            "refunded_to_employer",
            {"collection": "1718-R14", "source": "employer_co_investment", "amount": "-1.00000"},
            "2018-11",
        ),
        ("levy_credited", {"collection": "1718-R01", "source": "levy", "amount": "-1.00000"}, "2017-09"),
    ],
)
def test_each_measure_has_its_own_month(measure: str, row: dict[str, Any], month: str) -> None:
    assert [str(found) for found in measured(measure, {}, {"payments": [row]})] == [month]

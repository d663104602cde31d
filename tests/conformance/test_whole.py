"""Whole answers: sums decide, however rows are split, and what is expected is read with the place of every mistake."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.protocol import Declaration
from funding_conformance.scenarios import ScenarioError, read_scenario
from funding_conformance.whole import unequal
from funding_spec.documents import load_file

ROW = {
    "ukprn": 10000001,
    "uln": 1000000001,
    "aim": 1,
    "type": "on_programme",
    "month": "2017-08",
    "amount": "900.00000",
}
PAID = {**ROW, "collection": "1718-R01", "source": "government", "employer": "employer-1"}
TOLERANCE = Decimal("0.00001")


def out(kind: str, expected: list[dict[str, Any]], got: list[dict[str, Any]], *omits: str) -> list[Decimal]:
    declared = Declaration({}, (), (), omits=omits)
    return [does - should for _, should, does in unequal(kind, expected, got, declared, TOLERANCE)]


def test_rows_may_be_split_and_nothing_may_be_added() -> None:
    halves = [{**ROW, "amount": "450.00000"}] * 2
    assert out("earnings", [ROW], halves) == []
    assert out("earnings", [ROW], [*halves, {**ROW, "uln": 1000000002, "amount": "0.00000"}]) == []
    assert out("earnings", [ROW], [*halves, {**ROW, "uln": 1000000002, "amount": "1.00000"}]) == [1]
    assert out("earnings", [ROW], []) == [-900]


def test_what_is_omitted_is_added_up_over() -> None:
    aims = [{**ROW, "amount": "500.00000"}, {**ROW, "aim": 2, "amount": "400.00000"}]
    without = [{name: value for name, value in ROW.items() if name != "aim"}]
    assert out("earnings", aims, without, "aim") == []
    assert out("earnings", aims, without) != []
    types = [{**ROW, "type": "first_employer_incentive"}, {**ROW, "type": "second_employer_incentive"}]
    together = "first_employer_incentive+second_employer_incentive"
    assert out("earnings", types, [types[0], types[0]], together) == []


def test_a_row_of_the_government_may_leave_out_the_employer() -> None:
    without = {name: value for name, value in PAID.items() if name != "employer"}
    assert out("payments", [PAID], [without]) == []
    assert out("payments", [{**PAID, "source": "levy"}], [{**without, "source": "levy"}]) != []


def test_of_an_account_only_the_months_expected_are_compared() -> None:
    month = {"employer": "employer-1", "month": "2017-08", "opening": "5.00000", "closing": "5.00000"}
    assert out("levy_accounts", [month], [month, {**month, "month": "2017-09"}]) == []
    assert out("levy_accounts", [month], [{**month, "closing": "6.00000"}]) == [1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"matches": []}, "A whole answer of matches cannot be expected"),
        ({"earnings": [{"ukprn": 1}]}, "it has no uln"),
        ([], "answer is an object"),
    ],
)
def test_a_whole_answer_is_read_with_the_place_of_a_mistake(answer: Any, words: str, examples: Path) -> None:
    document = load_file(examples / "guide" / "annex-1" / "employer-a-instalments.yaml")
    assert read_scenario({**document, "expect": {"answer": {"earnings": [ROW]}}}).expect is not None
    with pytest.raises(ScenarioError, match=words) as error:
        read_scenario({**document, "expect": {"answer": answer}})
    assert "expect.answer" in str(error.value)

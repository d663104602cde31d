"""The run through the collections: how far it goes, and what is left as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from funding_reference.collections import ANSWERED, answer
from funding_reference.records import read_given
from funding_reference.rules import Rules, bound, rules_of

from tests.conformance.earned import AGREEMENT, COURSES, learner, programme, returned

RULES = rules_of("2017-08")
ACCOUNT = {
    "employers": [
        {
            "id": "employer-1",
            "identifier": 100000001,
            "levy_payer": True,
            "levy_funds": {"declarations": [{"month": "2017-07", "levy": "1000.00", "english_fraction": "1.00000"}]},
        }
    ],
    "submissions": [],
}


@pytest.fixture(params=[True, False], ids=["collector at work", "collector at rest"])
def collector(request: pytest.FixtureRequest) -> Iterator[bool]:
    was_at_work = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if was_at_work else gc.disable)()


def test_the_collector_rests_during_an_answer_and_is_then_as_it_was(collector: bool) -> None:
    seen = []

    def funds_of_declaration(rules: Rules, declaration: Any) -> Any:
        seen.append(gc.isenabled())
        return RULES.funds_of_declaration(rules, declaration)

    answer(
        bound(RULES, {"funds_of_declaration": funds_of_declaration}),
        read_given({**ACCOUNT, "through": "1718-R01"}),
        ("levy_accounts",),
    )
    assert seen == [False]
    assert gc.isenabled() is collector


def test_with_nothing_returned_and_no_last_collection_nothing_says_when_an_account_ends() -> None:
    answered = answer(RULES, read_given(ACCOUNT), (*ANSWERED, "funds"))
    assert (answered.levy_accounts, answered.funds, answered.payments) == ((), (), ())


def test_an_account_is_the_same_whatever_else_is_asked() -> None:
    apprentice = learner(programme(date(2017, 8, 1), LearnPlanEndDate="2018-07-31"))
    given = read_given(
        {**ACCOUNT, **returned(apprentice), "courses": COURSES[:1], "agreements": [AGREEMENT], "through": "1718-R03"}
    )
    alone = [answer(RULES, given, (want,)) for want in ("levy_accounts", "funds")]
    together = answer(RULES, given, ("payments", "levy_accounts", "funds"))
    assert [len(together.payments), len(together.levy_accounts), len(together.funds)] == [6, 5, 3]
    assert (together.levy_accounts, together.funds) == (alone[0].levy_accounts, alone[1].funds)
    assert (alone[0].payments, alone[0].funds, alone[1].levy_accounts) == ((), (), ())


def test_what_is_earned_is_known_without_moving_any_money() -> None:
    def never(*_: object) -> int:
        raise AssertionError("nothing is moved")

    apprentice = learner(programme(date(2017, 8, 1), LearnPlanEndDate="2018-07-31"))
    given = read_given({**returned(apprentice), "courses": COURSES[:1]})
    assert len(answer(bound(RULES, {"turn_of": never}), given, ("earnings",)).earnings) == 12

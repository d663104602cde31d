"""What earlier earnings count for: whose, of which course, and up to which month."""

from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import pytest
from funding_reference.apprenticeship import Returned, apprentice_of
from funding_reference.calendar import Month, month_of
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.records import read_given
from funding_reference.rules import rules_of

from tests.conformance.earned import COURSES, learner, programme, returned

GIVEN = read_given({**returned(learner(programme(date(2018, 1, 8)))), "courses": COURSES[:1]})
APPRENTICE = apprentice_of(rules_of("2017-08"), GIVEN, [Returned(10000001, GIVEN.submissions[0].learners[0])])
assert APPRENTICE is not None
[PROGRAMME] = APPRENTICE.programmes
COURSE = PROGRAMME.course
JANUARY = month_of(PROGRAMME.start)
EARNED = Fraction(500)


def entry(month: Month = JANUARY - 3, type: str = "on_programme", **more: Any) -> Entry:
    """Earned by the same provider for the same course in an earlier aim, which began on 1 August 2017."""
    whole = Entry(10000001, COURSE.id, COURSE.apprenticeship, type, month, EARNED, date(2017, 8, 1), date(2017, 8, 1))
    return attrs.evolve(whole, **more)


def pounds(own: int, of_all: int) -> tuple[Fraction, Fraction]:
    """What this provider has earned of the price, and what all providers have."""
    return Fraction(own), Fraction(of_all)


@pytest.mark.parametrize(
    ("month", "earned"), [(-1, -500), (0, 0), (1, 500), (2, 1000), (3, 1500), (4, 1500), (9, 1500)]
)
def test_of_three_months_in_a_row_only_those_up_to_a_month_count(month: int, earned: int) -> None:
    three = entry(JANUARY, months=3)
    assert three.up_to(JANUARY + (month - 1)) == earned
    assert three.ends == JANUARY + 2


@pytest.mark.parametrize("months", [1, 2])
def test_months_that_earn_the_same_are_entered_together(months: int) -> None:
    ledger = Ledger((entry(),))
    assert ledger.enter(PROGRAMME, "completion", JANUARY, EARNED).months == 1
    entered = ledger.enter(PROGRAMME, "balancing", JANUARY, EARNED, months)
    assert ledger.entries[-1] == entered
    assert len(ledger.entries) == 3
    assert (entered.type, entered.month, entered.pounds, entered.months) == ("balancing", JANUARY, EARNED, months)
    assert (entered.ukprn, entered.course, entered.apprenticeship) == (10000001, "std-50", COURSE.apprenticeship)
    assert (entered.aim, entered.began, entered.learner) == (PROGRAMME.start, PROGRAMME.first_start, "A1")


@pytest.mark.parametrize("type", ["on_programme", "completion", "balancing"])
def test_every_type_that_the_price_pays_counts(type: str) -> None:
    assert Ledger((entry(type=type),)).earned_of_price(PROGRAMME, JANUARY) == pounds(500, 500)
    assert Ledger((entry(type=type),)).of_uplift(PROGRAMME, JANUARY) == 0


@pytest.mark.parametrize(
    "type", ["framework_uplift_on_programme", "framework_uplift_completion", "framework_uplift_balancing"]
)
def test_every_type_of_the_uplift_counts(type: str) -> None:
    assert Ledger((entry(type=type),)).of_uplift(PROGRAMME, JANUARY) == 500
    assert Ledger((entry(type=type),)).earned_of_price(PROGRAMME, JANUARY) == pounds(0, 0)


def test_another_provider_counts_for_the_band_alone() -> None:
    for ukprn in (10000000, 10000002):
        ledger = Ledger((entry(ukprn=ukprn), entry(JANUARY + 1, ukprn=ukprn)))
        assert ledger.earned_of_price(PROGRAMME, JANUARY) == pounds(0, 500)
        assert ledger.since_the_aim_began(PROGRAMME, JANUARY + 9) == []


def test_what_all_providers_have_earned_is_what_this_one_has_and_the_others() -> None:
    ledger = Ledger((entry(), entry(ukprn=10000000), entry(JANUARY, ukprn=10000002)))
    assert ledger.earned_of_price(PROGRAMME, JANUARY) == pounds(500, 1500)


def test_another_pathway_counts_for_the_uplift_alone() -> None:
    ledger = Ledger((entry(course="other"), entry(type="framework_uplift_completion", course="other")))
    assert ledger.earned_of_price(PROGRAMME, JANUARY) == pounds(0, 0)
    assert ledger.of_uplift(PROGRAMME, JANUARY) == 500


def test_another_apprenticeship_counts_for_nothing() -> None:
    other: dict[str, Any] = {"course": "other", "apprenticeship": (51, None, None)}
    ledger = Ledger((entry(**other), entry(type="framework_uplift_completion", **other)))
    assert ledger.earned_of_price(PROGRAMME, JANUARY) == pounds(0, 0)
    assert ledger.of_uplift(PROGRAMME, JANUARY) == 0


def test_an_entry_that_does_not_name_its_course_counts_for_any() -> None:
    unknown: dict[str, Any] = {"course": None, "apprenticeship": None}
    ledger = Ledger((entry(**unknown), entry(type="framework_uplift_completion", **unknown)))
    assert ledger.earned_of_price(PROGRAMME, JANUARY) == pounds(500, 500)
    assert ledger.of_uplift(PROGRAMME, JANUARY) == 500


@pytest.mark.parametrize(("month", "counts"), [(-1, True), (0, True), (1, False)])
def test_nothing_later_than_the_month_counts(month: int, counts: bool) -> None:
    ledger = Ledger((entry(JANUARY + month),))
    assert ledger.earned_of_price(PROGRAMME, JANUARY) == (pounds(500, 500) if counts else pounds(0, 0))
    assert ledger.has_earned(PROGRAMME, "on_programme", JANUARY) is counts
    assert ledger.has_earned(PROGRAMME, "completion", JANUARY) is False


@pytest.mark.parametrize(
    ("month", "aim", "counts"),
    [
        (-1, date(2017, 8, 1), False),
        (0, date(2017, 8, 1), False),
        (0, date(2018, 1, 9), False),
        (1, date(2017, 8, 1), True),
        (1, None, True),
        (0, PROGRAMME.start, True),
        (1, PROGRAMME.start, True),
    ],
)
def test_of_a_residual_price_what_another_aim_earned_before_this_one_is_not_deducted(
    month: int, aim: date | None, counts: bool
) -> None:
    found = Ledger((entry(JANUARY + month, aim=aim),)).since_the_aim_began(PROGRAMME, JANUARY + 1)
    assert found == ([(JANUARY + month, EARNED)] if counts else [])


def test_months_in_a_row_are_followed_up_to_the_month() -> None:
    ledger = Ledger((entry(JANUARY - 1, months=5),))
    assert ledger.since_the_aim_began(PROGRAMME, JANUARY + 2) == [(JANUARY + 1, EARNED), (JANUARY + 2, EARNED)]


@pytest.mark.parametrize(
    ("completed", "began", "month", "counts"),
    [
        (date(2017, 12, 1), date(2017, 11, 30), -1, False),
        (date(2017, 12, 1), date(2017, 12, 1), -1, False),
        (date(2017, 12, 1), date(2017, 12, 2), -1, True),
        (date(2017, 12, 1), None, -2, False),
        (date(2017, 12, 1), None, -1, False),
        (date(2017, 11, 30), None, -1, True),
        (None, date(2017, 8, 1), -1, True),
    ],
)
def test_an_apprenticeship_that_was_completed_before_counts_for_nothing(
    completed: date | None, began: date | None, month: int, counts: bool
) -> None:
    new = attrs.evolve(PROGRAMME, after=completed)
    earned = Ledger((entry(JANUARY + month, began=began),)).earned_of_price(new, JANUARY)
    assert earned == (pounds(500, 500) if counts else pounds(0, 0))

"""Mistakes, each one breaking a property: rules bound to others, returns misread, or answers spoilt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
from funding_conformance.service import Handler, reference_service
from funding_reference.apprenticeship import Apprentice
from funding_reference.calendar import days_later, month_of
from funding_reference.earnings import earned_by
from funding_reference.money import NOTHING, exactly, hundred_thousandths, total
from funding_reference.payable import Key, Owed, payable_of, tested_of
from funding_reference.prices import DatedPrice, price_in_force
from funding_reference.reading import Place, a_collection
from funding_reference.rules import bound


def with_rules(**functions: Callable[..., Any]) -> Handler:
    """The reference with some rules bound to wrong functions."""
    return reference_service("mistaken", lambda rules: bound(rules, functions))


def with_returns(read: Callable[[list[Any]], list[Any]], reference: Handler | None = None) -> Handler:
    """The reference, or what is left of it, with other returns read than those given."""
    reference = reference or reference_service()

    def handle(message: Mapping[str, Any]) -> dict[str, Any]:
        if message.get("m") != "answer":
            return reference(message)
        given = message["scenario"]["given"]
        scenario = {**message["scenario"], "given": {**given, "submissions": read(given["submissions"])}}
        return reference({**message, "scenario": scenario})

    return handle


def with_answers(spoil: Callable[[dict[str, Any]], None]) -> Handler:
    """The reference with something wrong in what it shows."""
    reference = reference_service()

    def handle(message: Mapping[str, Any]) -> dict[str, Any]:
        reply = reference(message)
        if message.get("m") == "answer" and "ok" in reply:
            spoil(reply["ok"])
        return reply

    return handle


def the_band_again_for_each_plan(band: Any, earned_by_all: Any) -> Any:
    return band


def nothing_deducted(price: Any, earned_here: Any) -> Any:
    return price


def residual_like_a_total(prices: Any, day: date, earned: Any) -> Any:
    return sum(price.pounds for price in prices if price.code > 2) - total(pounds for _, pounds in earned)


def half_in_the_first_month(rules: Any, apprentice: Apprentice, opening: Any, settled: Any) -> Any:
    first = month_of(apprentice.programmes[0].start)
    rows = earned_by(rules, apprentice, opening, settled)
    return tuple(attrs.evolve(row, amount=row.amount / 2) if row.month == first else row for row in rows)


def nothing_under_contract_type_2(rules: Any, apprentice: Apprentice, opening: Any, settled: Any) -> Any:
    return tuple(row for row in earned_by(rules, apprentice, opening, settled) if row.contract_type == 1)


def each_aim_on_its_own(rules: Any, apprentice: Apprentice, opening: Any, settled: Any) -> Any:
    alone = [attrs.evolve(programme, days_before=0) for programme in apprentice.programmes]
    return tuple(row for one in alone for row in earned_by(rules, Apprentice((one,)), opening, ()))


def support_for_each_aim(rules: Any, apprentice: Apprentice, opening: Any, settled: Any) -> Any:
    kinds = Apprentice(apprentice.programmes), Apprentice((), apprentice.qualifications)
    return tuple(row for kind in kinds for row in earned_by(rules, kind, opening, settled))


def a_new_year_from_nothing(rules: Any, apprentice: Apprentice, opening: Any, settled: Any) -> Any:
    return earned_by(rules, apprentice, opening, ())


def the_last_price_all_along(rules: Any, prices: Any, day: date) -> Any:
    return price_in_force(rules, prices, date.max)


def days_of_the_calendar(programme: Any, number: int) -> date | None:
    day = days_later(programme.first_start, number - 1)
    return day if day >= programme.start else None


def whole_rate(rules: Any, qualification: Any) -> Any:
    return qualification.rate


def as_they_are_listed(rules: Any, programme: Any) -> Any:
    found = [record for record in programme.prices if record.AFinDate >= programme.start]
    return tuple(
        DatedPrice(record.AFinDate, record.AFinDate, record.AFinCode, NOTHING + record.AFinAmount) for record in found
    )


def the_last_one_listed(prices: Any, code: int) -> Any:
    return next((price for price in reversed(prices) if price.code == code), None)


def prices_until_2019(rules: Any, programme: Any, record: Any) -> date | None:
    day = max(record.AFinDate, programme.start)
    return day if day.year < 2020 or day == programme.start else None


def only_the_last_return(submissions: list[Any]) -> list[Any]:
    first = {one["ukprn"]: one["collection"] for one in reversed(submissions)}
    last = {one["ukprn"]: one for one in submissions}
    return [{**one, "collection": first[ukprn]} for ukprn, one in last.items()]


def only_the_first_return_of_a_year(submissions: list[Any]) -> list[Any]:
    return list({(one["ukprn"], one["collection"][:4]): one for one in reversed(submissions)}.values())


def never_the_same_again(submissions: list[Any]) -> list[Any]:
    """No return repeats another: each marks its aims with the year of its collection."""
    return [
        {**one, "learners": [_marked(each, one["collection"][:4]) for each in one["learners"]]} for one in submissions
    ]


def _marked(learner: dict[str, Any], code: str) -> dict[str, Any]:
    mark = {"LearnDelFAMType": "SOF", "LearnDelFAMCode": code}
    aims = [{**aim, "LearningDeliveryFAM": [*aim["LearningDeliveryFAM"], mark]} for aim in learner["LearningDelivery"]]
    return {**learner, "LearningDelivery": aims}


def adjustments_not_shown(answer: dict[str, Any]) -> None:
    for row in answer.get("levy_accounts", []):
        row["adjustment"] = "0.00000"


def paid_as_if_matched(rules: Any, statement: Any, year: int, known: Any) -> Any:
    right = payable_of(rules, statement, year, known)
    tested = tested_of(rules, statement, year, known)
    failing = [(one, one.programme) for one in tested if one.fails and one.programme is not None]
    for one, programme in failing:
        row, course = one.row, programme.course.id
        key = Key(row.month, row.type, course, row.aim_reference, row.contract_type, NOTHING, None)
        right.owed[key] = Owed(programme, row.aim, row.amount, None)
    return right


def payments_in_whole_pence(answer: dict[str, Any]) -> None:
    for row in answer.get("payments", []):
        row["amount"] = f"{Decimal(row['amount']):.2f}"


def share_in_whole_pence(rules: Any, left: Decimal, share: Any) -> Decimal:
    return hundred_thousandths(int(exactly(left) * share * 100) * 1000)


def without_those_who_had_left(submissions: list[Any]) -> list[Any]:
    """Leaves out of a return whoever had left by the return before it."""
    left: dict[int, set[str]] = defaultdict(set)
    found = []
    for one in sorted(submissions, key=lambda one: a_collection(one["collection"], Place([]))):
        gone = left[one["ukprn"]]
        found.append({**one, "learners": [each for each in one["learners"] if each["LearnRefNumber"] not in gone]})
        gone |= {
            each["LearnRefNumber"]
            for each in one["learners"]
            if all("LearnActEndDate" in aim for aim in each["LearningDelivery"])
        }
    return found


MISTAKES: Mapping[str, Handler] = {
    "band-over-everything": with_rules(room_in_band=the_band_again_for_each_plan),
    "completed-earns-the-last-price": with_rules(residual_left=residual_like_a_total),
    "equal-instalments": with_rules(earned_by=half_in_the_first_month),
    "nothing-after-the-twelve-weeks": with_rules(funded_until=lambda rules, programme: None),
    "half-needs-an-employer": with_rules(has_employer=lambda programme, day: True),
    "uplift-within-a-fifth": with_rules(uplift_left=nothing_deducted),
    "additional-once": with_rules(earned_by=each_aim_on_its_own),
    "english-within-its-rate": with_rules(english_maths_total=whole_rate),
    "support-once-a-month": with_rules(earned_by=support_for_each_aim),
    "past-stays": with_rules(price_in_force=the_last_price_all_along),
    "in-time-or-at-once": with_rules(earned_by=a_new_year_from_nothing),
    "august-cut": with_returns(never_the_same_again, with_rules(earned_by=a_new_year_from_nothing)),
    "ended-aims-may-be-missing": with_returns(only_the_last_return),
    "open-year-submissions": with_returns(only_the_first_return_of_a_year),
    "closed-year-final": with_returns(only_the_last_return),
    "unchanged-price-twice": with_rules(total_left=nothing_deducted),
    "contract-moves-no-amount": with_rules(earned_by=nothing_under_contract_type_2),
    "break-moves-additional": with_rules(day_in_learning=days_of_the_calendar),
    "calendar-shift-of-changes": with_rules(price_applies_from=prices_until_2019),
    "order-irrelevant-in-changes": with_rules(dated_prices=as_they_are_listed, latest_price=the_last_one_listed),
    "step-by-step": with_rules(funded_until=lambda rules, programme: None),
    "account-adds-up": with_answers(adjustments_not_shown),
    "account-moves-with-payments": with_answers(payments_in_whole_pence),
    "oldest-funds-first": with_rules(order_of_spending=lambda funds: funds[::-1]),
    "nothing-recovered-without-a-match": with_rules(is_protected=lambda month, protected: False),
    "nothing-paid-without-a-match": with_rules(payable_of=paid_as_if_matched),
    "shares-of-what-is-left": with_rules(employer_contribution=share_in_whole_pence),
    "returned-again-moves-nothing": with_returns(without_those_who_had_left),
    "account-step-by-step": with_rules(month_of_expiry=lambda rules, entered: entered + 12),
}
"""For properties of changes and of payments an implementation that breaks it."""

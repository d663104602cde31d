"""Mistakes with completion and balancing (GUIDE-33, 41 to 44)."""

from __future__ import annotations

from datetime import date

import attrs
from funding_reference.apprenticeship import Programme
from funding_reference.calendar import Month, month_of
from funding_reference.earnings.completion import balancing_by_month
from funding_reference.earnings.ledger import Ledger
from funding_reference.earnings.plan import Learning, Plan, Ruling, learning_of, plan_programme
from funding_reference.money import NOTHING, Money
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing

ACHIEVED = 1


def completion_of_the_uncapped_price(
    rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger
) -> Plan:
    """Takes the completion element from the uncapped price. Breaks: GUIDE-33, GUIDE-41, READ-15, READ-27."""
    plan = plan_programme(rules, learning, ruling, band, ledger)
    share: Money = rules.value("completion_share", learning.programme.first_start)
    return with_completion(rules, plan, share * ruling.price.pounds)


def completion_of_the_band(rules: Rules, learning: Learning, ruling: Ruling, band: Money, ledger: Ledger) -> Plan:
    """Takes the completion element from the band even where the price is lower. Breaks: GUIDE-33, GUIDE-41, READ-15."""
    plan = plan_programme(rules, learning, ruling, band, ledger)
    share: Money = rules.value("completion_share", learning.programme.first_start)
    return with_completion(rules, plan, share * band)


def with_completion(rules: Rules, plan: Plan, completion: Money) -> Plan:
    """The plan with another completion element, and instalments of what that leaves."""
    instalment = rules.monthly_instalment(plan.fundable, completion, plan.planned) if plan.planned else NOTHING
    return attrs.evolve(plan, completion=completion, instalment=instalment)


def no_completion_element(rules: Rules, price: Money, fundable: Money, first_start: date) -> Money:
    """Holds nothing back for completion. Breaks: GUIDE-33, GUIDE-41, READ-15, GUIDE-198, RULES-165."""
    return NOTHING


def completion_at_the_planned_end(plan: Plan) -> list[tuple[Month, Money]]:
    """Pays completion in the month of the planned end instead of the actual one. Breaks: GUIDE-43."""
    programme = plan.programme
    return [(month_of(programme.planned_end), plan.completion)] if programme.is_completed else []


def completion_for_leavers(plan: Plan) -> list[tuple[Month, Money]]:
    """Pays completion to everyone who ends, whatever the completion status. Breaks: GUIDE-41, GUIDE-43."""
    last_day = plan.programme.last_day
    return [] if last_day is None else [(month_of(last_day), plan.completion)]


def completion_of_open_aims(plan: Plan) -> list[tuple[Month, Money]]:
    """Pays completion in the month of the planned end without waiting for it. Breaks: GUIDE-41, GUIDE-43."""
    return [(month_of(plan.programme.planned_end), plan.completion)]


def no_balance(instalment: Money, planned: int, earned: int) -> Money:
    """Forgets the balance of those who finish early. Breaks: GUIDE-44, READ-22."""
    return NOTHING


def balance_of_one(instalment: Money, planned: int, earned: int) -> Money:
    """Balances one instalment however many are outstanding. Breaks: GUIDE-44, READ-22."""
    return min(instalment, instalment * (planned - earned))


def balance_for_leavers(rules: Rules, plan: Plan) -> list[tuple[Month, Money]]:
    """Pays the balance to leavers as well. Breaks: GUIDE-36, GUIDE-44, READ-22, RULES-197."""
    last_day = plan.programme.last_day
    if last_day is None:
        return []
    return [(month_of(last_day), rules.balance(plan.instalment, plan.planned, plan.earned))]


def balance_on_time_too(rules: Rules, plan: Plan) -> list[tuple[Month, Money]]:
    """Pays what was not earned to everyone who completes, on time and late as well. Breaks: GUIDE-44, READ-22."""
    if plan.completed_in is None:
        return []
    return [(plan.completed_in, rules.balance(plan.instalment, plan.planned, plan.earned))]


def never_too_short(rules: Rules, programme: Programme, last_day: date) -> bool:
    """Never finds a programme shorter than the minimum duration. Breaks: READ-22, RULES-34."""
    return True


def no_balance_below_a_year(rules: Rules, plan: Plan) -> list[tuple[Month, Money]]:
    """Pays no balance below the minimum duration instead of reporting it. Breaks: READ-22."""
    last_day = plan.programme.last_day
    if last_day is None or not rules.meets_minimum_duration(rules, plan.programme, last_day):
        return []
    return balancing_by_month(rules, plan)


def completion_needs_an_achievement(rules: Rules, programme: Programme) -> Learning:
    """Waits for an outcome that says achieved before it pays completion. Breaks: GUIDE-41, GUIDE-43."""
    right = learning_of(rules, programme)
    if programme.aim.Outcome in (None, ACHIEVED):
        return right
    return attrs.evolve(right, completed_in=None, balanced_in=None)


KNOWN_BAD = {
    "completion-from-uncapped-price": replacing(plan_programme=completion_of_the_uncapped_price),
    "completion-from-band": replacing(plan_programme=completion_of_the_band),
    "no-completion-element": replacing(completion_element=no_completion_element),
    "completion-at-planned-end": replacing(completion_by_month=completion_at_the_planned_end),
    "completion-for-leavers": replacing(completion_by_month=completion_for_leavers),
    "completion-without-completing": replacing(completion_by_month=completion_of_open_aims),
    "no-balancing": replacing(balance=no_balance),
    "balancing-one-instalment": replacing(balance=balance_of_one),
    "balancing-on-time": replacing(balancing_by_month=balance_on_time_too),
    "balancing-for-leavers": replacing(balancing_by_month=balance_for_leavers),
    "minimum-duration-ignored": replacing(meets_minimum_duration=never_too_short),
    "no-balancing-below-a-year": replacing(balancing_by_month=no_balance_below_a_year),
    "completion-needs-achievement": replacing(learning_of=completion_needs_an_achievement),
}

"""The rules of an edition as one frozen object of functions.

Rules that may differ between editions, or that a working should show, reach each other through this object. A variant
of a rule is another function under the same name; a known mistake is one name bound to a wrong function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

import attrs
from attrs import frozen
from funding_spec.rulebook import Rulebook, RulebookError, load_rulebook

from funding_reference import (
    apprenticeship,
    contribution,
    due,
    earnings,
    levy_account,
    matching,
    money,
    payable,
    paying,
    prices,
    priority,
    provider_claims,
    qualifying,
    redundancy,
    statements,
)
from funding_reference.answers import Payment
from funding_reference.apprenticeship import Apprentice, Programme, Qualification
from funding_reference.calendar import Collection, Month
from funding_reference.due import Fund
from funding_reference.earnings import (
    Earning,
    additional,
    completion,
    english_maths,
    learning_support,
    ledger,
    on_programme,
    plan,
    progress,
    uplift,
)
from funding_reference.earnings.ledger import Entry, Ledger
from funding_reference.earnings.plan import AimPlan, EarnedByMonth, Learning, Plan, Ruling
from funding_reference.levy_account import Funds
from funding_reference.matching import Agreed, Match, Test
from funding_reference.money import Amount, Money
from funding_reference.payable import Payable, Tested
from funding_reference.prices import DatedPrice, Price
from funding_reference.records import (
    Adjustment,
    Agreement,
    AppFinRecord,
    Course,
    Declaration,
    Employer,
    FundingBand,
    LearningDelivery,
    ProviderClaim,
)
from funding_reference.statements import Statement


@frozen
class Rules:
    """Every rule by its name, and the rulebook with the values they read."""

    rulebook: Rulebook
    value: Callable[[str, date], Any]
    """A value by its name and the day that decides: :meth:`funding_spec.rulebook.Rulebook.value`."""
    # one apprenticeship over time
    speaking_return: Callable[[Sequence[Collection], int], Collection | None] = statements.speaking_return
    continued: Callable[[Sequence[Programme], Programme], Sequence[Programme]] = apprenticeship.continued
    days_lent: Callable[[Sequence[Programme], date], int] = apprenticeship.days_lent
    deprivation_inherited: Callable[[Sequence[Programme], Programme], str] = apprenticeship.deprivation_inherited
    # earnings
    earned_by: Callable[[Rules, Apprentice, Month, tuple[Entry, ...]], tuple[Earning, ...]] = earnings.earned_by
    is_funded_here: Callable[[Rules, date], bool] = prices.is_funded_here
    band_maximum: Callable[[Sequence[FundingBand], date], Money | None] = prices.band_maximum
    is_listed_band: Callable[[Rules, Money, date], bool] = prices.is_listed_band
    aim_is_funding_start: Callable[[Rules, LearningDelivery], bool] = qualifying.aim_is_funding_start
    planned_length: Callable[[date, date], int] = qualifying.planned_length
    days_in_learning: Callable[[date, date], int] = qualifying.days_in_learning
    qualifying_period: Callable[[Rules, int, date], int] = qualifying.qualifying_period
    learning_of: Callable[[Rules, Programme], Learning] = plan.learning_of
    funded_until: Callable[[Rules, Programme], date | None] = redundancy.funded_until
    funded_to_the_end_from: Callable[[Rules, Programme, date], date] = redundancy.six_months_before_the_end
    planned_instalments: Callable[[date, date], int] = on_programme.planned_instalments
    instalments_earned: Callable[[date, date | None, int], int] = on_programme.instalments_earned
    completion_month: Callable[[Rules, Programme], Month | None] = completion.completion_month
    # price episodes
    dated_prices: Callable[[Rules, Programme], tuple[DatedPrice, ...]] = prices.dated_prices
    price_applies_from: Callable[[Rules, Programme, AppFinRecord], date | None] = prices.price_applies_from
    price_after_redundancy: Callable[[Programme, date], date | None] = redundancy.price_from_re_employment
    price_in_force: Callable[[Rules, Sequence[DatedPrice], date], Price | None] = prices.price_in_force
    episode_starts: Callable[[Programme, Sequence[DatedPrice], Month], list[date]] = progress.episode_starts
    latest_price: Callable[[Sequence[DatedPrice], int], DatedPrice | None] = prices.latest_price
    plan_programme: Callable[[Rules, Learning, Ruling, Money, Ledger], Plan] = plan.plan_programme
    total_left: Callable[[Money, Money], Money] = prices.total_left
    residual_left: Callable[[Sequence[DatedPrice], date, Sequence[tuple[Month, Money]]], Money] = prices.residual_left
    room_in_band: Callable[[Money, Money], Money] = prices.room_in_band
    fundable_price: Callable[[Money, Money], Money] = prices.fundable_price
    completion_element: Callable[[Rules, Money, Money, date], Money] = completion.completion_element
    completion_after_a_rise: Callable[[Rules, Plan, Money, Money], Money] = completion.completion_after_a_rise
    monthly_instalment: Callable[[Money, Money, int], Money] = on_programme.monthly_instalment
    shortfall: Callable[[Money], Money] = on_programme.shortfall
    rise_after_planned_end: Callable[[Money], tuple[Money, Money]] = on_programme.earned_in_the_month_of_the_change
    # month by month
    programme_by_month: Callable[[Rules, Plan], EarnedByMonth] = earnings.programme_by_month
    on_programme_by_month: Callable[[Plan], list[tuple[Month, Money]]] = on_programme.on_programme_by_month
    completion_by_month: Callable[[Plan], list[tuple[Month, Money]]] = completion.completion_by_month
    balancing_by_month: Callable[[Rules, Plan], list[tuple[Month, Money]]] = completion.balancing_by_month
    balance: Callable[[Money, int, int], Money] = completion.balance
    meets_minimum_duration: Callable[[Rules, Programme, date], bool] = completion.meets_minimum_duration
    rounded: Callable[[Money], Amount] = money.rounded
    # additional payments
    additional_payment_days: Callable[[Rules, Programme], tuple[date | None, ...]] = additional.additional_payment_days
    day_in_learning: Callable[[Programme, int], date | None] = additional.day_in_learning
    still_learning_on: Callable[[date | None, date], bool] = additional.still_learning_on
    is_outstanding: Callable[[Ledger, Programme, str, Month], bool] = ledger.is_outstanding
    additional_on: Callable[[Rules, Programme, str, date], list[tuple[str, Money]]] = additional.additional_on
    has_employer: Callable[[Programme, date], bool] = additional.has_employer
    young_apprentice_payment: Callable[[Rules, Programme], Money] = additional.young_apprentice_payment
    disadvantage_payment: Callable[[Rules, Programme], Money] = additional.disadvantage_payment
    care_leaver_bursary_day: Callable[[Rules, Programme], date | None] = additional.no_bursary
    care_leaver_bursary: Callable[[Rules, Programme], Money] = additional.care_leaver_bursary
    plan_uplift: Callable[[Rules, Learning, Money, Ledger, Month], AimPlan | None] = uplift.plan_uplift
    uplift_total: Callable[[Rules, Programme, Money], Money] = uplift.uplift_total
    uplift_left: Callable[[Money, Money], Money] = uplift.uplift_left
    uplift_by_month: Callable[[Rules, AimPlan], EarnedByMonth] = uplift.uplift_by_month
    # English and maths, learning support
    plan_english_maths: Callable[[Rules, Qualification], AimPlan] = english_maths.plan_english_maths
    english_maths_total: Callable[[Rules, Qualification], Money] = english_maths.english_maths_total
    english_maths_by_month: Callable[[Rules, AimPlan], EarnedByMonth] = english_maths.english_maths_by_month
    months_of_support: Callable[[LearningDelivery, date | None], list[Month]] = learning_support.months_of_support
    learning_support: Callable[[Rules, Month], Money] = learning_support.learning_support
    # contribution
    is_co_invested: Callable[[str], bool] = contribution.is_co_invested
    age_on: Callable[[date, date], int] = contribution.age_on
    is_young: Callable[[Rules, Programme], bool] = contribution.is_young
    is_small_employer: Callable[[Programme, date], bool] = contribution.is_small_employer
    is_waived: Callable[[Rules, Programme, date], bool] = contribution.is_waived
    joined_employer_on: Callable[[Programme, date], date] = contribution.joined_employer_on
    is_young_on_the_move: Callable[[Rules, Programme, date], bool] = contribution.is_young_on_the_move
    is_without_employment: Callable[[Programme, date], bool] = contribution.is_without_employment
    employer_share: Callable[[Rules, Programme, date], Money] = contribution.employer_share
    # the data match
    stop_counts: Callable[[Agreement], bool] = matching.stop_counts
    test_of: Callable[[Rules, Programme, str, Month], Test] = matching.test_of
    needs_no_match: Callable[[Rules, Programme, date], bool] = matching.needs_no_match
    match_on: Callable[[Rules, Sequence[Agreed], Programme, Test], Match] = matching.match_on
    errors_of: Callable[[Rules, Agreed, Programme, date], tuple[str, ...]] = matching.errors_of
    price_date_matches: Callable[[Programme, Price, date], bool] = matching.price_date_in_the_month
    price_matches: Callable[[Price, Money], bool] = matching.price_matches
    course_errors: Callable[[Programme, Course], list[tuple[str, bool]]] = matching.course_errors
    is_stopped: Callable[[Agreed, date], bool] = matching.is_stopped
    are_several_live: Callable[[Rules, Sequence[Agreed], date], bool] = matching.are_several_live
    blocked_months: Callable[[Sequence[Tested]], frozenset[Month]] = payable.only_what_fails
    payable_of: Callable[[Rules, Statement, int, Sequence[Agreed]], Payable] = payable.payable_of
    # due
    is_payable: Callable[[Month, Collection], bool] = due.is_payable
    amount_due: Callable[[Amount, Amount], Amount] = due.amount_due
    is_protected: Callable[[Month, frozenset[Month]], bool] = due.is_protected
    refund_by_source: Callable[[Amount, Mapping[Fund, Amount]], dict[Fund, Amount]] = due.refund_by_source
    employer_contribution_owed: Callable[[Sequence[Amount]], Decimal] = due.employer_contribution_owed
    employer_contribution_recorded: Callable[[Sequence[AppFinRecord], Collection], int] = (
        due.employer_contribution_recorded
    )
    is_exempt_from_hold_back: Callable[[Programme], bool] = due.is_exempt_from_hold_back
    was_without_employment: Callable[[Programme], bool] = due.was_without_employment
    is_held_back: Callable[[Decimal, int], bool] = due.is_held_back
    # funds
    funds_of_declaration: Callable[[Rules, Declaration], tuple[Amount, Amount]] = levy_account.funds_of_declaration
    adjustment_with_top_up: Callable[[Rules, Adjustment], Amount] = levy_account.adjustment_with_top_up
    month_of_expiry: Callable[[Rules, Month], Month] = levy_account.month_of_expiry
    month_of_entry: Callable[[Month], Month] = levy_account.month_of_entry
    order_of_spending: Callable[[Sequence[Funds]], Sequence[Funds]] = levy_account.oldest_first
    order_of_restoring: Callable[[Sequence[Funds]], Iterable[Funds]] = levy_account.latest_spent_first
    order_of_adjustment: Callable[[Sequence[Funds]], Sequence[Funds]] = levy_account.against_earliest
    turn_of: Callable[[str], int] = priority.turn_of
    provider_order: Callable[[Employer, Collection], tuple[int, ...]] = priority.provider_order
    is_listed: Callable[[Agreement, Collection], bool] = priority.is_listed
    payment_order: Callable[[Sequence[Agreement], Sequence[int]], list[Agreement]] = priority.payment_order
    may_use_account: Callable[[int | None, bool], bool] = paying.may_use_account
    from_account: Callable[[Amount, Amount], Amount] = paying.from_account
    employer_contribution: Callable[[Rules, Amount, Money], Amount] = paying.employer_contribution
    government_contribution: Callable[[Rules, Amount, Money], Amount] = paying.government_contribution
    out_of_funds: Callable[[Rules, str, int | None, Money, Amount, Amount | None], list[tuple[str, Amount]]] = (
        paying.out_of_funds
    )
    is_paid_by_transfer: Callable[[Rules, Agreement], bool] = paying.no_transfers
    transfer_allowance: Callable[[Rules, Employer, Month], Amount] = paying.transfer_allowance
    transferred: Callable[[Amount, Amount, Amount | None], Amount] = paying.transferred
    # claims beside the returns
    paid_claims: Callable[[Sequence[ProviderClaim]], tuple[Payment, ...]] = provider_claims.paid_claims
    is_excess_support: Callable[[ProviderClaim], bool] = provider_claims.is_excess_support
    goes_above_the_maximum: Callable[[Rules, Money, ProviderClaim], bool] = provider_claims.goes_above_the_maximum


VARIANTS: Final[Mapping[tuple[str, str], Mapping[str, Callable[..., Any]]]] = {
    ("start_and_end_in_one_month", "nothing_without_a_census"): {"instalments_earned": on_programme.instalments_earned},
    ("start_and_end_in_one_month", "one_instalment"): {"instalments_earned": on_programme.one_in_the_start_month},
    ("rise_after_planned_end", "earned_in_the_month_of_the_change"): {
        "rise_after_planned_end": on_programme.earned_in_the_month_of_the_change
    },
    ("rise_after_planned_end", "earned_on_completion"): {"rise_after_planned_end": on_programme.earned_on_completion},
    ("prices_after_redundancy", "from_re_employment"): {"price_after_redundancy": redundancy.price_from_re_employment},
    ("prices_after_redundancy", "from_their_date"): {"price_after_redundancy": redundancy.price_from_its_date},
    ("month_of_completion", "actual_end"): {"completion_month": completion.completion_month},
    ("month_of_completion", "achievement"): {"completion_month": completion.month_of_achievement},
    ("funded_to_the_end", "six_months"): {"funded_to_the_end_from": redundancy.six_months_before_the_end},
    ("funded_to_the_end", "six_months_or_a_quarter"): {"funded_to_the_end_from": redundancy.six_months_or_a_quarter},
    ("care_leaver_bursary", "none"): {"care_leaver_bursary_day": additional.no_bursary},
    ("care_leaver_bursary", "on_a_day_in_learning"): {"care_leaver_bursary_day": additional.day_of_the_bursary},
    ("exempt_from_hold_back", "own_employees"): {"is_exempt_from_hold_back": due.is_exempt_from_hold_back},
    ("exempt_from_hold_back", "own_employees_and_no_record_needed"): {
        "is_exempt_from_hold_back": due.is_exempt_by_either_mark
    },
    ("waiver_on_a_move", "age_on_the_day_of_the_move"): {"is_young_on_the_move": contribution.is_young_on_the_move},
    ("waiver_on_a_move", "age_at_the_first_start"): {"is_young_on_the_move": contribution.is_young_at_the_first_start},
    ("match_without_employment", "not_needed"): {"needs_no_match": matching.needs_no_match},
    ("match_without_employment", "needed"): {"needs_no_match": matching.always_needs_a_match},
    ("effect_of_a_failed_match", "each_payment_by_its_own_day"): {"blocked_months": payable.only_what_fails},
    ("effect_of_a_failed_match", "everything_of_the_month"): {"blocked_months": payable.everything_of_the_month},
    ("price_date", "in_the_month_of_the_version"): {"price_date_matches": matching.price_date_in_the_month},
    ("price_date", "on_or_after_the_start_of_the_version"): {"price_date_matches": matching.price_date_on_or_after},
    ("negative_adjustment", "against_earliest"): {"order_of_adjustment": levy_account.against_earliest},
    ("negative_adjustment", "against_latest"): {"order_of_adjustment": levy_account.against_latest},
    ("transfers", "none"): {"is_paid_by_transfer": paying.no_transfers},
    ("transfers", "before_own_payments"): {"is_paid_by_transfer": paying.has_sender},
}
"""For each rule of a rulebook and the variant it names: the functions that make it."""


@cache
def rule_names() -> tuple[str, ...]:
    """The name of every rule, in the order in which the guide comes to them."""
    return tuple(field.name for field in attrs.fields(Rules) if field.name not in ("rulebook", "value"))


def bound(rules: Rules, functions: Mapping[str, Callable[..., Any]]) -> Rules:
    """The rules with some names bound to other functions."""
    changes: dict[str, Any] = dict(functions)
    return attrs.evolve(rules, **changes)


@cache
def rules_of(edition: str) -> Rules:
    """The rules of an edition.

    :raises funding_spec.rulebook.UnknownRulebook: there is no such edition
    """
    rulebook = load_rulebook(edition)
    chosen: dict[str, Any] = {}
    for variant in rulebook.variants.values():
        pair = (variant.rule, variant.is_)
        if pair not in VARIANTS:
            raise RulebookError(f"There is no variant {variant.is_} of {variant.rule}.", path=f"rules.{variant.rule}")
        chosen.update(VARIANTS[pair])
    return Rules(rulebook, rulebook.value, **chosen)

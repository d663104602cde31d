"""Mistakes with additional payments, the uplift, English and maths and learning support (GUIDE-106 to 124)."""

from __future__ import annotations

from datetime import date

import attrs
from funding_reference.apprenticeship import Programme, Qualification, census_dates
from funding_reference.calendar import Month, month_of, months_between
from funding_reference.contribution import ENTITLED_19_TO_24, is_young
from funding_reference.earnings.additional import additional_on, day_in_learning
from funding_reference.earnings.english_maths import english_maths_by_month, english_maths_total, plan_english_maths
from funding_reference.earnings.learning_support import months_of_support
from funding_reference.earnings.ledger import Ledger
from funding_reference.earnings.plan import AimPlan, EarnedByMonth, Learning
from funding_reference.earnings.uplift import plan_uplift, uplift_by_month, uplift_total
from funding_reference.money import NOTHING, Money
from funding_reference.records import LearningDelivery
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing


def days_after_the_start(programme: Programme, number: int) -> date | None:
    """Counts 90 and 365 days from the day after the start. Breaks: GUIDE-107, GUIDE-113, READ-05."""
    return day_in_learning(programme, number + 1)


def must_go_on_after_the_day(last_day: date | None, day: date) -> bool:
    """Asks that learning goes on after the day. Breaks: GUIDE-107, READ-05."""
    return last_day is None or last_day > day


def paid_whenever_started(last_day: date | None, day: date) -> bool:
    """Pays on the day whether or not the apprentice is still there. Breaks: GUIDE-107, GUIDE-113, READ-05,
    RULES-202.
    """
    return True


def whole_amount_each(rules: Rules, programme: Programme) -> Money:
    """Pays the whole 1,000 on each of the two days. Breaks: GUIDE-106, GUIDE-107."""
    return 2 * rules.value("additional_payment", programme.first_start) if rules.is_young(rules, programme) else NOTHING


def for_everyone(rules: Rules, programme: Programme) -> Money:
    """Pays for apprentices of every age. Breaks: GUIDE-106, READ-08."""
    amount: Money = rules.value("additional_payment", programme.first_start)
    return amount


def provider_only(rules: Rules, programme: Programme, which: str, day: date) -> list[tuple[str, Money]]:
    """Forgets the employer's half. Breaks: GUIDE-106, READ-06."""
    earned = additional_on(rules, programme, which, day)
    return [(type, amount) for type, amount in earned if not type.endswith("employer_incentive")]


def employer_or_not(programme: Programme, day: date) -> bool:
    """Earns the employer's half although the apprentice has no employer on the day. Breaks: READ-06, GUIDE-150,
    GUIDE-176, GUIDE-179.
    """
    return True


def disadvantage_on_standards(rules: Rules, programme: Programme) -> Money:
    """Pays disadvantage on standards as well. Breaks: GUIDE-111, READ-34, RULES-70.3."""
    whole: Money = rules.value("disadvantage_payment", programme.first_start)[programme.deprivation]
    return whole / 2


def disadvantage_of_600(rules: Rules, programme: Programme) -> Money:
    """Pays the highest rate for every deprived area. Breaks: GUIDE-112, READ-34."""
    if not programme.course.is_framework or programme.deprivation == "none":
        return NOTHING
    return Money(300)


def disadvantage_whole(rules: Rules, programme: Programme) -> Money:
    """Pays the whole disadvantage payment on each of the two days. Breaks: GUIDE-113, READ-34."""
    if not programme.course.is_framework:
        return NOTHING
    whole: Money = rules.value("disadvantage_payment", programme.first_start)[programme.deprivation]
    return whole


def first_payment_only(rules: Rules, programme: Programme, which: str, day: date) -> list[tuple[str, Money]]:
    """Settles additional payments with the first of the two days. Breaks: GUIDE-107, GUIDE-114."""
    return additional_on(rules, programme, which, day) if which == "first" else []


def disadvantage_of_the_young(rules: Rules, programme: Programme) -> Money:
    """Pays disadvantage for younger apprentices only. Breaks: GUIDE-111, GUIDE-112, READ-34."""
    if not programme.course.is_framework or not rules.is_young(rules, programme):
        return NOTHING
    whole: Money = rules.value("disadvantage_payment", programme.first_start)[programme.deprivation]
    return whole / 2


def uplift_of_the_price(rules: Rules, programme: Programme, band: Money) -> Money:
    """Takes 20% of the price instead of the band. Breaks: GUIDE-108, READ-33."""
    price = rules.price_in_force(rules, rules.dated_prices(rules, programme), programme.start)
    return uplift_total(rules, programme, price.pounds if price else NOTHING)


def uplift_within_the_band(rules: Rules, programme: Programme, band: Money) -> Money:
    """Cuts the uplift to what the price leaves of the band. Breaks: GUIDE-23, READ-33."""
    price = rules.price_in_force(rules, rules.dated_prices(rules, programme), programme.start)
    room = band - min(band, price.pounds) if price else band
    return min(uplift_total(rules, programme, band), room)


def uplift_for_adults(rules: Rules, learning: Learning, band: Money, ledger: Ledger, month: Month) -> AimPlan | None:
    """Pays the uplift for apprentices of every age. Breaks: GUIDE-34, GUIDE-108, READ-33."""
    return plan_uplift(replacing(is_young=everyone_is_young)(rules), learning, band, ledger, month)


def everyone_is_young(rules: Rules, programme: Programme) -> bool:
    """What goes with it."""
    return True


def uplift_without_completion(
    rules: Rules, learning: Learning, band: Money, ledger: Ledger, month: Month
) -> AimPlan | None:
    """Spreads the whole uplift and keeps nothing for completion. Breaks: GUIDE-34, GUIDE-109, READ-33."""
    right = plan_uplift(rules, learning, band, ledger, month)
    if right is None or not right.planned:
        return right
    whole = right.instalment + right.completion / right.planned
    return attrs.evolve(right, completion=NOTHING, instalment=whole)


def uplift_without_balance(rules: Rules, plan: AimPlan) -> EarnedByMonth:
    """Forgets the balance of the uplift. Breaks: GUIDE-110, READ-33."""
    return [earned for earned in uplift_by_month(rules, plan) if not earned[0].endswith("balancing")]


def prior_learning_ignored(rules: Rules, qualification: Qualification) -> Money:
    """Pays the full rate in spite of prior learning. Breaks: GUIDE-119, READ-30."""
    aim = attrs.evolve(qualification.aim, PriorLearnFundAdj=None)
    return english_maths_total(rules, attrs.evolve(qualification, aim=aim))


def one_rate_for_all(rules: Rules, qualification: Qualification) -> Money:
    """Pays 500 for every qualification. Breaks: GUIDE-118, READ-30."""
    return Money(500)


def ninety_per_cent_of_english_maths(rules: Rules, qualification: Qualification) -> Money:
    """Funds English and maths by 90%, as the government's share of other training. Breaks: GUIDE-116, GUIDE-118,
    READ-30.
    """
    return english_maths_total(rules, qualification) * Money(9, 10)


def english_maths_without_balance(rules: Rules, plan: AimPlan) -> EarnedByMonth:
    """Lets the outstanding instalments of English and maths lapse. Breaks: READ-31."""
    return [earned for earned in english_maths_by_month(rules, plan) if not earned[0].endswith("balancing")]


def english_maths_with_completion(rules: Rules, qualification: Qualification) -> AimPlan:
    """Holds 20% of English and maths back as well. Breaks: GUIDE-38, GUIDE-118, READ-30."""
    right = plan_english_maths(rules, qualification)
    kept = right.total / 5
    return attrs.evolve(right, completion=kept, instalment=(right.total - kept) / right.planned)


def english_maths_with_the_programme(rules: Rules, qualification: Qualification) -> AimPlan:
    """Ends English and maths when the programme ends. Breaks: GUIDE-120, READ-30."""
    right = plan_english_maths(rules, qualification)
    aim = qualification.aim
    ends = [programme.last_day or programme.planned_end for programme in qualification.programmes]
    last_day = min([aim.LearnActEndDate or date.max, *ends])
    return attrs.evolve(right, earned=max(0, rules.instalments_earned(aim.LearnStartDate, last_day, right.planned)))


def support_by_the_aim(aim: LearningDelivery, last_day: date | None) -> list[Month]:
    """Pays learning support for every month of an aim with any record of it. Breaks: GUIDE-121, READ-32."""
    if not any(fam.LearnDelFAMType == "LSF" for fam in aim.LearningDeliveryFAM):
        return []
    first = month_of(aim.LearnStartDate)
    until = min(aim.LearnPlanEndDate, last_day or date.max)
    return months_between(first, first + (census_dates(aim.LearnStartDate, until) - 1))


def support_of_the_programme_only(aim: LearningDelivery, last_day: date | None) -> list[Month]:
    """Pays learning support of the programme aim only, none of English and maths. Breaks: GUIDE-124, READ-32."""
    return months_of_support(aim, last_day) if aim.is_programme else []


def support_once(aim: LearningDelivery, last_day: date | None) -> list[Month]:
    """Pays learning support once instead of every month. Breaks: GUIDE-121, RULES-56, READ-32."""
    return months_of_support(aim, last_day)[:1]


def support_begins_next_month(aim: LearningDelivery, last_day: date | None) -> list[Month]:
    """Pays learning support only for months that a record covers from their first day. Breaks: READ-32."""
    first = month_of(aim.LearnStartDate)
    until = min(aim.LearnPlanEndDate, last_day or date.max)
    months = months_between(first, first + (census_dates(aim.LearnStartDate, until) - 1))
    records = [
        (fam.LearnDelFAMDateFrom or aim.LearnStartDate, fam.LearnDelFAMDateTo or date.max)
        for fam in aim.LearningDeliveryFAM
        if fam.LearnDelFAMType == "LSF"
    ]
    return [
        month for month in months if any(starts <= month.first_day and month.census <= ends for starts, ends in records)
    ]


def any_entitlement(rules: Rules, programme: Programme) -> bool:
    """Takes any entitlement code (EEF) for the two that count. Breaks: GUIDE-106, READ-08."""
    known = (ENTITLED_19_TO_24[0],) if programme.entitlements else ()
    return is_young(rules, attrs.evolve(programme, entitlements=known))


def english_maths_until_achieved(rules: Rules, qualification: Qualification) -> AimPlan:
    """Pays what is left of English and maths in the month of the achievement date. Breaks: READ-31,
    READ-EDITION-2019-08.
    """
    right = plan_english_maths(rules, qualification)
    achieved = qualification.aim.AchDate
    if achieved is None or right.completed_in is None:
        return right
    month = month_of(achieved)
    return attrs.evolve(right, completed_in=month, balanced_in=month if right.balanced_in else None)


KNOWN_BAD = {
    "days-after-the-start": replacing(day_in_learning=days_after_the_start),
    "due-day-excluded": replacing(still_learning_on=must_go_on_after_the_day),
    "additional-after-leaving": replacing(still_learning_on=paid_whenever_started),
    "additional-whole-each-time": replacing(young_apprentice_payment=whole_amount_each),
    "additional-at-any-age": replacing(young_apprentice_payment=for_everyone),
    "half-without-employer": replacing(has_employer=employer_or_not),
    "no-employer-half": replacing(additional_on=provider_only),
    "disadvantage-on-standards": replacing(disadvantage_payment=disadvantage_on_standards),
    "disadvantage-one-rate": replacing(disadvantage_payment=disadvantage_of_600),
    "disadvantage-whole-each-time": replacing(disadvantage_payment=disadvantage_whole),
    "first-payment-only": replacing(additional_on=first_payment_only),
    "disadvantage-of-the-young": replacing(disadvantage_payment=disadvantage_of_the_young),
    "uplift-of-the-price": replacing(uplift_total=uplift_of_the_price),
    "uplift-within-the-band": replacing(uplift_total=uplift_within_the_band),
    "uplift-for-adults": replacing(plan_uplift=uplift_for_adults),
    "uplift-without-completion": replacing(plan_uplift=uplift_without_completion),
    "uplift-without-balancing": replacing(uplift_by_month=uplift_without_balance),
    "prior-learning-ignored": replacing(english_maths_total=prior_learning_ignored),
    "english-maths-one-rate": replacing(english_maths_total=one_rate_for_all),
    "english-maths-shared": replacing(english_maths_total=ninety_per_cent_of_english_maths),
    "english-maths-without-balancing": replacing(english_maths_by_month=english_maths_without_balance),
    "english-maths-with-completion": replacing(plan_english_maths=english_maths_with_completion),
    "english-maths-ends-with-programme": replacing(plan_english_maths=english_maths_with_the_programme),
    "support-of-the-programme-only": replacing(months_of_support=support_of_the_programme_only),
    "support-once": replacing(months_of_support=support_once),
    "support-by-the-aim": replacing(months_of_support=support_by_the_aim),
    "support-from-the-first-of-the-month": replacing(months_of_support=support_begins_next_month),
    "any-entitlement": replacing(is_young=any_entitlement),
    "english-maths-until-achieved": replacing(plan_english_maths=english_maths_until_achieved),
}

"""Mistakes about editions: a rule of another edition kept, or applied to everyone (READ-EDITION-2018-08 and others)."""

from __future__ import annotations

from datetime import date, timedelta

from funding_reference.apprenticeship import Programme
from funding_reference.calendar import ONE_DAY, Month, days_inclusive, month_of
from funding_reference.contribution import is_waived
from funding_reference.earnings.additional import CARE_LEAVER, care_leaver_bursary, no_bursary
from funding_reference.earnings.completion import completion_month
from funding_reference.earnings.on_programme import earned_in_the_month_of_the_change, instalments_earned
from funding_reference.money import NOTHING, Money
from funding_reference.redundancy import price_from_re_employment, six_months_before_the_end
from funding_reference.rules import Rules
from funding_spec.rulebook import load_rulebook

from funding_conformance.known_bad import replacing

OF_THE_GUIDE = load_rulebook("2017-08")
OF_2018 = load_rulebook("2018-08")

# 2016-10-draft


def days_of_the_guide(rules: Rules, programme: Programme) -> tuple[date | None, ...]:
    """Counts the start as day 1 under the draft too. Breaks: RULES-74.1, RULES-74.2."""
    return tuple(rules.day_in_learning(programme, days) for days in (90, 365))


def qualifying_period_of_the_guide(rules: Rules, planned_days: int, start: date) -> int:
    """Asks fewer days of short aims under the draft rules too. Breaks: RULES-179."""
    table: tuple[tuple[int, int], ...] = OF_THE_GUIDE.value("qualifying_period", max(start, date(2017, 5, 1)))
    return next(days for at_least, days in table if planned_days >= at_least)


# 2017-08-engine


def one_month_as_in_the_guide(start: date, last_day: date | None, planned: int) -> int:
    """Pays nothing for a start and end in one month under the official rules too. Breaks: READ-03."""
    return instalments_earned(start, last_day, planned)


def late_rise_as_in_the_guide(rest: Money) -> tuple[Money, Money]:
    """Earns a late rise in the month of the change under the official rules too. Breaks: READ-20."""
    return earned_in_the_month_of_the_change(rest)


def prices_as_in_the_guide(programme: Programme, day: date) -> date | None:
    """Lets a price wait for the next job under the official rules too. Breaks: READ-41."""
    return price_from_re_employment(programme, day)


# 2018-08


def fifteen_bands(rules: Rules, band: Money, first_start: date) -> bool:
    """Knows only the fifteen bands of 2017. Breaks: READ-EDITION-2018-08."""
    return band in OF_THE_GUIDE.value("funding_band_maximums", max(first_start, date(2017, 5, 1)))


def thirty_bands_for_all(rules: Rules, band: Money, first_start: date) -> bool:
    """Knows the thirty bands for starts before August 2018 as well. Breaks: READ-26, READ-EDITION-2018-08."""
    return band in OF_2018.value("funding_band_maximums", date(2018, 8, 1))


def bursary_of_no_one(rules: Rules, programme: Programme) -> date | None:
    """Pays no bursary to care leavers. Breaks: READ-EDITION-2018-08."""
    return no_bursary(rules, programme)


def bursary_on_day_90(rules: Rules, programme: Programme) -> date | None:
    """Pays the bursary on day 90 with the additional payments. Breaks: READ-EDITION-2018-08."""
    has_one = "care_leaver_bursary_day" in rules.rulebook.entries
    return rules.day_in_learning(programme, 90) if has_one else None


def bursary_for_both_entitlements(rules: Rules, programme: Programme) -> Money:
    """Pays the bursary with an Education, Health and Care plan (EEF 2) too. Breaks: READ-EDITION-2018-08."""
    is_eligible = rules.is_young(rules, programme) and programme.has_entitlement("2", CARE_LEAVER)
    amount: Money = rules.value("care_leaver_bursary", programme.first_start)
    return amount if is_eligible else NOTHING


def bursary_at_any_age(rules: Rules, programme: Programme) -> Money:
    """Pays the bursary at 25 and above too. Breaks: READ-EDITION-2018-08."""
    amount: Money = rules.value("care_leaver_bursary", programme.first_start)
    return amount if programme.has_entitlement(CARE_LEAVER) else NOTHING


def bursary_by_each_start(rules: Rules, programme: Programme) -> Money:
    """Pays the bursary to those who come back after 1 August 2018 but began before. Breaks: READ-EDITION-2018-08."""
    right = care_leaver_bursary(rules, programme)
    late = programme.has_entitlement(CARE_LEAVER) and rules.is_young(rules, programme)
    amount: Money = rules.value("care_leaver_bursary", programme.start)
    return max(right, amount) if late else right


# 2019-04


def ten_per_cent_for_all(rules: Rules, programme: Programme, day: date) -> Money:
    """Goes on asking 10% of starts from April 2019. Breaks: READ-EDITION-2019-04."""
    return NOTHING if is_waived(rules, programme, day) else Money(1, 10)


# 2019-08


def completion_at_the_end_of_learning(rules: Rules, programme: Programme) -> Month | None:
    """Pays completion when learning ends, without waiting for the assessment. Breaks: READ-EDITION-2019-08."""
    return completion_month(rules, programme)


def achievement_of_everyone(rules: Rules, programme: Programme) -> Month | None:
    """Goes by an achievement date wherever there is one. Breaks: READ-EDITION-2019-08, GUIDE-43."""
    achieved = programme.aim.AchDate
    return month_of(achieved) if achieved and programme.is_completed else completion_month(rules, programme)


def achievement_by_the_start(rules: Rules, programme: Programme) -> Month | None:
    """Waits for the assessment of starts, not of ends, from August 2019 on. Breaks: READ-EDITION-2019-08."""
    achieved = programme.aim.AchDate
    waits = "completion_on_achievement" in rules.rulebook.entries and programme.start >= date(2019, 8, 1)
    if not waits or programme.course.is_framework:
        return completion_month(rules, programme)
    return month_of(achieved) if achieved and programme.is_completed else None


# 2020-10


def six_months_only(rules: Rules, programme: Programme, redundant: date) -> date:
    """Knows only the six months. Breaks: READ-EDITION-2020-10."""
    return six_months_before_the_end(rules, programme, redundant)


def quarter_at_any_time(rules: Rules, programme: Programme, redundant: date) -> date:
    """Applies the quarter to redundancies before 15 October 2020 too. Breaks: READ-41, READ-EDITION-2020-10."""
    days_left = days_inclusive(programme.start, programme.planned_end) // 4
    quarter = programme.planned_end + ONE_DAY - timedelta(days=days_left)
    return min(six_months_before_the_end(rules, programme, redundant), quarter)


def quarter_instead_of_six_months(rules: Rules, programme: Programme, redundant: date) -> date:
    """Asks a quarter also where six months come first. Breaks: READ-EDITION-2020-10."""
    if "share_of_planned_days_left" not in rules.rulebook.entries or redundant < date(2020, 10, 15):
        return six_months_before_the_end(rules, programme, redundant)
    days_left = days_inclusive(programme.start, programme.planned_end) // 4
    return programme.planned_end + ONE_DAY - timedelta(days=days_left)


def quarter_rounded_up(rules: Rules, programme: Programme, redundant: date) -> date:
    """Rounds a quarter of the planned days up. Breaks: READ-EDITION-2020-10."""
    boundary = six_months_before_the_end(rules, programme, redundant)
    if "share_of_planned_days_left" not in rules.rulebook.entries or redundant < date(2020, 10, 15):
        return boundary
    days_left = -(-days_inclusive(programme.start, programme.planned_end) // 4)
    return min(boundary, programme.planned_end + ONE_DAY - timedelta(days=days_left))


KNOWN_BAD = {
    "draft-days-as-in-the-guide": replacing(additional_payment_days=days_of_the_guide),
    "draft-qualifying-as-in-the-guide": replacing(qualifying_period=qualifying_period_of_the_guide),
    "engine-one-month-as-in-the-guide": replacing(instalments_earned=one_month_as_in_the_guide),
    "engine-late-rise-as-in-the-guide": replacing(rise_after_planned_end=late_rise_as_in_the_guide),
    "engine-prices-as-in-the-guide": replacing(price_after_redundancy=prices_as_in_the_guide),
    "fifteen-bands": replacing(is_listed_band=fifteen_bands),
    "thirty-bands-for-all": replacing(is_listed_band=thirty_bands_for_all),
    "no-bursary": replacing(care_leaver_bursary_day=bursary_of_no_one),
    "bursary-on-day-90": replacing(care_leaver_bursary_day=bursary_on_day_90),
    "bursary-for-both-entitlements": replacing(care_leaver_bursary=bursary_for_both_entitlements),
    "bursary-at-any-age": replacing(care_leaver_bursary=bursary_at_any_age),
    "bursary-by-each-start": replacing(care_leaver_bursary=bursary_by_each_start),
    "ten-per-cent-for-all": replacing(employer_share=ten_per_cent_for_all),
    "completion-at-the-end-of-learning": replacing(completion_month=completion_at_the_end_of_learning),
    "achievement-of-everyone": replacing(completion_month=achievement_of_everyone),
    "achievement-by-the-start": replacing(completion_month=achievement_by_the_start),
    "six-months-only": replacing(funded_to_the_end_from=six_months_only),
    "quarter-at-any-time": replacing(funded_to_the_end_from=quarter_at_any_time),
    "quarter-instead-of-six-months": replacing(funded_to_the_end_from=quarter_instead_of_six_months),
    "quarter-rounded-up": replacing(funded_to_the_end_from=quarter_rounded_up),
}

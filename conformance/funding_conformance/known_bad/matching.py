"""Mistakes with the data match, with stops and pauses, and what a failed match protects (GUIDE-73, 75, 96 to 105)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import attrs
from funding_reference.apprenticeship import Programme
from funding_reference.calendar import LAST_COLLECTION, MONTHS_A_YEAR, Collection, Month, month_of
from funding_reference.due import employer_contribution_recorded
from funding_reference.matching import (
    ADDITIONAL_TYPES,
    COMPLETION_TYPES,
    NOT_A_LEVY_PAYER,
    PAUSED,
    PRICE_DIFFERS,
    PROGRAMME_TYPE_DIFFERS,
    SEVERAL_LIVE,
    STARTS_LATER,
    Agreed,
    Match,
    Test,
    are_several_live,
    course_errors,
    errors_of,
    match_on,
    price_date,
    price_date_in_the_month,
    price_date_on_or_after,
    price_matches,
    test_of,
)
from funding_reference.money import NOTHING, Amount, Money
from funding_reference.payable import EMPLOYERS_OWN, Key, Owed, Payable, Tested, payable_of, tested_of
from funding_reference.paying import out_of_funds
from funding_reference.prices import TRAINING, Price
from funding_reference.records import Agreement, Ample, AppFinRecord, Course
from funding_reference.rules import Rules
from funding_reference.statements import Statement

from funding_conformance.known_bad import replacing

# What is compared


def any_record_will_do(rules: Rules, known: Sequence[Agreed], programme: Programme, test: Test) -> Match:
    """Pays whatever the return says once a record of the apprentice is on an account. Breaks: GUIDE-73, GUIDE-96,
    GUIDE-97, GUIDE-98, GUIDE-102, GUIDE-103, RULES-173, READ-53.
    """
    return Match(known[0]) if known else match_on(rules, known, programme, test)


def by_uln_alone(rules: Rules, known: Sequence[Agreed], programme: Programme, test: Test) -> Match:
    """Looks for the apprentice, and takes the record of any provider. Breaks: GUIDE-97, GUIDE-102, READ-53."""
    as_if_here = [
        attrs.evolve(agreed, agreement=attrs.evolve(agreed.agreement, ukprn=programme.ukprn)) for agreed in known
    ]
    return match_on(rules, as_if_here, programme, test)


def employer_compared_too(rules: Rules, known: Sequence[Agreed], programme: Programme, test: Test) -> Match:
    """Asks that the return's EmpId is that of the employer on the record. Breaks: GUIDE-97, READ-74."""
    status = programme.employment_on(test.day)
    number = status.EmpId if status else None
    return match_on(rules, [one for one in known if one.employer.identifier == number], programme, test)


def compared_at_the_start(rules: Rules, programme: Programme, type: str, month: Month) -> Test:
    """Compares once, as at the start, and never again. Breaks: GUIDE-98, GUIDE-102, GUIDE-104, READ-53, READ-55."""
    return Test(programme.start, at_census=False)


def no_course_compared(programme: Programme, course: Course) -> list[tuple[str, bool]]:
    """Does not compare the course. Breaks: GUIDE-97, READ-53."""
    return []


def level_not_compared(programme: Programme, course: Course) -> list[tuple[str, bool]]:
    """Does not compare the level of a framework. Breaks: GUIDE-97."""
    return [(code, differs) for code, differs in course_errors(programme, course) if code != PROGRAMME_TYPE_DIFFERS]


def pathway_not_compared(programme: Programme, course: Course) -> list[tuple[str, bool]]:
    """Takes any pathway of a framework for the same. Breaks: GUIDE-97."""
    return course_errors(programme, attrs.evolve(course, pathway_code=programme.course.pathway_code))


def price_not_compared(price: Price, agreed: Money) -> bool:
    """Does not compare the price. Breaks: GUIDE-97, GUIDE-103, GUIDE-104, RULES-173."""
    return True


def price_within_a_pound(price: Price, agreed: Money) -> bool:
    """Lets a difference of a pound pass. Breaks: GUIDE-97, GUIDE-103."""
    return abs(price.pounds - agreed) <= 1


def price_up_to_the_agreed(price: Price, agreed: Money) -> bool:
    """Lets a return with less than the agreed price pass. Breaks: GUIDE-97, GUIDE-103."""
    return price.pounds <= agreed


def training_price_alone(price: Price, agreed: Money) -> bool:
    """Compares the price of the training, without the assessment. Breaks: GUIDE-97."""
    return sum((part.pounds for part in price.records if part.code == TRAINING), NOTHING) == agreed


def planned_end_compared(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Compares the planned end as well. Breaks: GUIDE-97, READ-53."""
    errors = errors_of(rules, agreed, programme, day)
    differs = agreed.agreement.planned_end != programme.planned_end
    return (*errors, PRICE_DIFFERS) if differs and not errors else errors


def residual_price_not_compared(price: Price, agreed: Money) -> bool:
    """Lets any residual price pass. Breaks: GUIDE-97."""
    return price.is_residual or price_matches(price, agreed)


def money_is_enough(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Takes an employer with money in its account for one that pays the levy. Breaks: GUIDE-96, READ-53."""
    errors = errors_of(rules, agreed, programme, day)
    empty = agreed.employer.levy_funds is Ample.NONE
    return errors if empty else tuple(code for code in errors if code != NOT_A_LEVY_PAYER)


def excused_by_a_sender(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Excuses an employer for whom another would pay under the rules of 2017 as well. Breaks: READ-62."""
    errors = errors_of(rules, agreed, programme, day)
    return tuple(code for code in errors if code != NOT_A_LEVY_PAYER or agreed.agreement.sender is None)


def course_of_the_first_version(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Reads the course of a record once, and never again. Breaks: GUIDE-98, READ-71."""
    terms = tuple(attrs.evolve(one, course=agreed.terms[0].course) for one in agreed.terms)
    return errors_of(rules, attrs.evolve(agreed, terms=terms), programme, day)


def undone_by_new_terms(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Lets new terms on a stopped record undo the stop. Breaks: GUIDE-75, READ-55."""
    stopped_on = agreed.stopped_on
    goes_on = stopped_on is not None and any(terms.from_ > stopped_on for terms in agreed.terms)
    return errors_of(rules, attrs.evolve(agreed, stopped_on=None) if goes_on else agreed, programme, day)


def levy_not_asked(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Debits an employer that pays no levy. Breaks: GUIDE-96, READ-53."""
    return tuple(code for code in errors_of(rules, agreed, programme, day) if code != NOT_A_LEVY_PAYER)


# The date of the price


def price_date_not_compared(programme: Programme, price: Price, since: date) -> bool:
    """Lets a record pass that begins after the price. Breaks: GUIDE-97, GUIDE-98, READ-54."""
    return True


def price_dated_by_the_start(programme: Programme, price: Price, since: date) -> bool:
    """Goes by the start of the aim instead of the date of the price. Breaks: GUIDE-98, GUIDE-102, READ-54."""
    return since <= programme.start


def price_dated_in_any_later_month(programme: Programme, price: Price, since: date) -> bool:
    """Lets a new price pass that is dated months after the record began. Breaks: GUIDE-98, GUIDE-102, READ-54."""
    return price_date_on_or_after(programme, price, since)


def price_dated_in_any_month_of_the_record(programme: Programme, price: Price, since: date) -> bool:
    """Lets a new price pass that is dated before the record in the same month. Breaks: GUIDE-98, READ-54."""
    return price_date_in_the_month(programme, price, since.replace(day=1))


def first_price_in_the_month_too(programme: Programme, price: Price, since: date) -> bool:
    """Asks that the record began in the month of the first price as well. Breaks: GUIDE-97, GUIDE-98, READ-54."""
    dated = price_date(programme, price)
    return since <= dated and month_of(dated) == month_of(since)


def each_version_is_new(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Takes a release, or terms approved once more, for a new record. Breaks: GUIDE-75, READ-55, READ-71."""
    terms = tuple(attrs.evolve(one, since=one.from_) for one in agreed.terms)
    return errors_of(rules, attrs.evolve(agreed, terms=terms), programme, day)


def over_with_its_version(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Goes on with the last version after its end. Breaks: READ-71."""
    endless = tuple(attrs.evolve(terms, to=None) for terms in agreed.terms[-1:])
    return errors_of(rules, attrs.evolve(agreed, terms=(*agreed.terms[:-1], *endless)), programme, day)


# Stop and pause


def stopped_on_its_date(agreed: Agreed, day: date) -> bool:
    """Takes the stop date for the first day without payment. Breaks: GUIDE-75, READ-53, READ-55."""
    return agreed.stopped_on is not None and agreed.stopped_on <= day


def never_stopped(agreed: Agreed, day: date) -> bool:
    """Pays on after a stop. Breaks: GUIDE-75, GUIDE-187, READ-55."""
    return False


def stopped_for_the_month(agreed: Agreed, day: date) -> bool:
    """Leaves out the whole month of a stop. Breaks: GUIDE-75, READ-53, READ-55."""
    return agreed.stopped_on is not None and agreed.stopped_on <= month_of(day).census


def stopped_in_hindsight(agreed: Agreed, day: date) -> bool:
    """Knows of a stop before the service does. Breaks: GUIDE-101, GUIDE-187, READ-55."""
    stopped_on = agreed.agreement.stopped_on
    return stopped_on is not None and stopped_on < day


def stops_never_void(agreement: Agreement) -> bool:
    """Honours a stop in a year that has closed. Breaks: GUIDE-187, READ-55."""
    return True


def stops_void_after_r12(agreement: Agreement) -> bool:
    """Lets the year close for stops with its R12. Breaks: GUIDE-187, READ-55."""
    known_from, stopped_on = agreement.stop_known_from, agreement.stopped_on
    if known_from is None or stopped_on is None:
        return True
    return known_from <= Collection(month_of(stopped_on).funding_year, MONTHS_A_YEAR)


def pauses_not_read(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Pays on through a pause. Breaks: GUIDE-75, READ-53, READ-55."""
    return tuple(code for code in errors_of(rules, agreed, programme, day) if code != PAUSED)


def paused_months_paid_in_the_end(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Pays the paused months after the release, as the service did from 2019 on. Breaks: READ-55."""
    errors = errors_of(rules, agreed, programme, day)
    is_paused = any(terms.is_paused for terms in agreed.terms[-1:])
    return errors if is_paused else tuple(code for code in errors if code != PAUSED)


def paused_for_good(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Takes a pause for a stop, and pays nothing after the release. Breaks: GUIDE-75, READ-55."""
    errors = errors_of(rules, agreed, programme, day)
    was_paused = any(terms.is_paused for terms in agreed.terms if terms.from_ <= day)
    return (*errors, PAUSED) if was_paused and PAUSED not in (*errors, STARTS_LATER) else errors


# The day of the test


def everything_on_the_census(rules: Rules, programme: Programme, type: str, month: Month) -> Test:
    """Compares completion and additional payments on the census too. Breaks: READ-53, READ-55, READ-72."""
    return Test(month.census, at_census=True)


def completion_on_the_planned_end(rules: Rules, programme: Programme, type: str, month: Month) -> Test:
    """Compares completion and balancing on the planned end. Breaks: READ-53, READ-55."""
    right = test_of(rules, programme, type, month)
    return Test(programme.planned_end, at_census=False) if type in COMPLETION_TYPES else right


def additional_on_the_census(rules: Rules, programme: Programme, type: str, month: Month) -> Test:
    """Compares additional payments on the census instead of the day they fall due. Breaks: GUIDE-105, READ-53."""
    right = test_of(rules, programme, type, month)
    return Test(month.census, at_census=True) if type in ADDITIONAL_TYPES else right


def on_each_census_after_the_end(rules: Rules, programme: Programme, type: str, month: Month) -> Test:
    """Compares English on every census, also after the programme has ended. Breaks: READ-53."""
    right = test_of(rules, programme, type, month)
    return right if type in (*COMPLETION_TYPES, *ADDITIONAL_TYPES) else Test(month.census, at_census=True)


# More than one record


def several_on_the_due_day(rules: Rules, programme: Programme, type: str, month: Month) -> Test:
    """Fails additional payments that fall due on a census with two records. Breaks: READ-53."""
    right = test_of(rules, programme, type, month)
    return Test(right.day, at_census=right.day == month.census) if type in ADDITIONAL_TYPES else right


def several_not_noticed(rules: Rules, known: Sequence[Agreed], day: date) -> bool:
    """Does not notice a second live record. Breaks: GUIDE-97, READ-53, READ-72."""
    return False


def several_of_one_provider(rules: Rules, known: Sequence[Agreed], day: date) -> bool:
    """Notices a second live record only if it is with the same provider. Breaks: READ-53, READ-72."""
    providers = {agreed.agreement.ukprn for agreed in known}
    return any(
        are_several_live(rules, [agreed for agreed in known if agreed.agreement.ukprn == ukprn], day)
        for ukprn in providers
    )


def several_from_any_day(rules: Rules, known: Sequence[Agreed], day: date) -> bool:
    """Takes every record known for a live one, whenever it begins and ends. Breaks: READ-53, READ-55."""
    return len(known) > 1


def last_day_clashes(rules: Rules, known: Sequence[Agreed], day: date) -> bool:
    """Lets the last day of one record clash with the first of another. Breaks: READ-55."""
    live = [one for one in known if any(terms.from_ <= day for terms in one.terms) and not rules.is_stopped(one, day)]
    return len(live) > 1


def paused_is_not_live(rules: Rules, known: Sequence[Agreed], day: date) -> bool:
    """Leaves a paused record out of the count. Breaks: READ-53, READ-72."""
    terms = ((agreed, agreed.terms_on(day)) for agreed in known)
    return are_several_live(rules, [agreed for agreed, now in terms if not (now and now.is_paused)], day)


def earliest_record(rules: Rules, known: Sequence[Agreed], programme: Programme, test: Test) -> Match:
    """Pays by the earlier of two records that match. Breaks: READ-72."""
    right = match_on(rules, known, programme, test)
    if right.agreed is None:
        return right
    alone = (match_on(rules, [agreed], programme, test).agreed for agreed in known)
    matching = [agreed for agreed in alone if agreed is not None]
    return Match(min(matching, key=lambda agreed: agreed.agreement.start))


# Codes


def only_the_first_code(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Ends with the first test that fails. Breaks: READ-53."""
    return errors_of(rules, agreed, programme, day)[:1]


def several_alone(rules: Rules, known: Sequence[Agreed], programme: Programme, test: Test) -> Match:
    """Says nothing else where more than one record is live. Breaks: READ-53."""
    right = match_on(rules, known, programme, test)
    return Match(None, (SEVERAL_LIVE,)) if SEVERAL_LIVE in right.errors else right


def more_beside_the_date(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """Goes on testing after the date of the price has failed. Breaks: READ-53, READ-54."""
    errors = errors_of(rules, agreed, programme, day)
    if STARTS_LATER not in errors:
        return errors
    courses = [rules.course_errors(programme, terms.course) for terms in agreed.terms[:1]]
    return (*errors, *(code for course in courses for code, differs in course if differs))


def the_last_record(rules: Rules, known: Sequence[Agreed], programme: Programme, test: Test) -> Match:
    """Reports the record that starts last, however much is wrong with it. Breaks: READ-71."""
    right = match_on(rules, known, programme, test)
    here = [agreed for agreed in known if agreed.agreement.ukprn == programme.ukprn]
    if right.agreed is not None or not here:
        return right
    last = max(here, key=lambda agreed: (agreed.agreement.start, agreed.agreement.id))
    return Match(None, tuple(sorted(rules.errors_of(rules, last, programme, test.day))) or right.errors)


def blocks_the_month(tested: Sequence[Tested]) -> frozenset[Month]:
    """Blocks everything of a month in which anything fails. Breaks: READ-53, READ-73."""
    return frozenset(one.row.month for one in tested if one.fails)


def blocks_nothing(tested: Sequence[Tested]) -> frozenset[Month]:
    """Lets each payment stand by itself, also where the official match blocked the month. Breaks: READ-53."""
    return frozenset()


# What is paid


def paid_without_a_match(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """Pays what never comes from an account without a match. Breaks: GUIDE-105, READ-53."""
    return _unmatched(rules, statement, year, known, lambda type: not rules.is_co_invested(type))


def english_in_full_on_completion(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """Pays what is left of English and maths without a match. Breaks: GUIDE-105, READ-53."""
    return _unmatched(rules, statement, year, known, lambda type: type == "english_maths_balancing")


def _unmatched(
    rules: Rules, statement: Statement, year: int, known: Sequence[Agreed], is_paid: Callable[[str], bool]
) -> Payable:
    """What can be paid, and the types beside it that are paid although their match fails."""
    right = payable_of(rules, statement, year, known)
    owed = dict(right.owed)
    for one in tested_of(rules, statement, year, known):
        row = one.row
        if one.fails and one.programme and is_paid(row.type):
            course = one.programme.course.id
            key = Key(row.month, row.type, course, row.aim_reference, row.contract_type, NOTHING, None)
            owed[key] = Owed(one.programme, row.aim, row.amount, None)
    return attrs.evolve(right, owed=owed)


def employer_only_of_what_is_shared(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """Moves nothing that the government pays alone when the employer changes. Breaks: READ-50, READ-74."""
    right = payable_of(rules, statement, year, known)
    owed = {
        key if rules.is_co_invested(key.type) else attrs.evolve(key, employer=None): one
        for key, one in right.owed.items()
    }
    return attrs.evolve(right, owed=owed)


def aims_taken_together(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """Moves nothing when English or maths turns out to be another aim. Breaks: READ-50."""
    right = payable_of(rules, statement, year, known)
    owed: dict[Key, Owed] = {}
    for key, one in right.owed.items():
        same = attrs.evolve(key, aim_reference="")
        owed[same] = attrs.evolve(one, amount=one.amount + owed[same].amount) if same in owed else one
    return attrs.evolve(right, owed=owed)


def every_contract_matched(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """Asks for a match under the agency's contract too. Breaks: GUIDE-96, READ-50, READ-74."""
    earnings = tuple(
        attrs.evolve(row, contract_type=EMPLOYERS_OWN if row.contract_type else None) for row in statement.earnings
    )
    return payable_of(rules, attrs.evolve(statement, earnings=earnings), year, known)


def shown_employer_in_the_key(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """Takes back and pays again when the EmpId under the agency's contract changes. Breaks: READ-74."""
    right = payable_of(rules, statement, year, known)
    owed = {}
    for key, one in right.owed.items():
        status = one.programme.employment_on(key.month.census) if one.programme else None
        agency = key.contract_type != EMPLOYERS_OWN and status is not None
        owed[attrs.evolve(key, course=f"{key.course} {status.EmpId}") if agency and status else key] = one
    return attrs.evolve(right, owed=owed)


def assessment_apart(
    rules: Rules, type: str, contract_type: int | None, share: Money, amount: Amount, balance: Amount | None
) -> list[tuple[str, Amount]]:
    """Leaves the completion payment of an apprenticeship out of the account. Breaks: GUIDE-73."""
    return out_of_funds(rules, type, 2 if type == "completion" else contract_type, share, amount, balance)


# What is taken back


def taken_back_when_it_fails(month: Month, protected: frozenset[Month]) -> bool:
    """Takes back what was paid when the match fails later. Breaks: GUIDE-104, READ-52, READ-73."""
    return False


def vanished_months_protected(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """Asks for a match of a month that earns nothing any more before it is taken back. Breaks: READ-73."""
    right = payable_of(rules, statement, year, known)
    first = Collection(year, 1).first_month
    months = [first + passed for passed in range(MONTHS_A_YEAR)] if statement.programmes else []
    failed = (
        month
        for month in months
        if rules.match_on(rules, known, statement.programmes[-1], Test(month.census, at_census=True)).agreed is None
    )
    return attrs.evolve(right, protected=right.protected | frozenset(failed))


def matched_months_protected(rules: Rules, statement: Statement, year: int, known: Sequence[Agreed]) -> Payable:
    """Takes nothing back that was paid under the employer's contract, matched or not. Breaks: READ-52."""
    right = payable_of(rules, statement, year, known)
    own = frozenset(key.month for key in right.owed if key.contract_type == EMPLOYERS_OWN)
    return attrs.evolve(right, protected=right.protected | own)


# Year end and evidence


def r14_ignored(month: Month, run: Collection) -> bool:
    """Closes the year with its R13. Breaks: GUIDE-187, READ-61."""
    return run.number < LAST_COLLECTION and run.first_month <= month <= run.delivery_month


def r13_counts_to_july(payments: Sequence[AppFinRecord], run: Collection) -> int:
    """Counts payment records up to July in R13 and R14 as well. Breaks: READ-76."""
    last = Collection(run.funding_year, min(run.number, MONTHS_A_YEAR))
    return employer_contribution_recorded(payments, last)


def unemployed_held_back(programme: Programme) -> bool:
    """Asks for evidence although there was no employer for a time. Breaks: READ-57, READ-76."""
    return False


KNOWN_BAD = {
    "any-record-will-do": replacing(match_on=any_record_will_do),
    "matched-by-uln-alone": replacing(match_on=by_uln_alone),
    "employer-compared": replacing(match_on=employer_compared_too),
    "compared-at-the-start": replacing(test_of=compared_at_the_start),
    "course-not-compared": replacing(course_errors=no_course_compared),
    "level-not-compared": replacing(course_errors=level_not_compared),
    "pathway-not-compared": replacing(course_errors=pathway_not_compared),
    "price-not-compared": replacing(price_matches=price_not_compared),
    "price-within-a-pound": replacing(price_matches=price_within_a_pound),
    "price-up-to-the-agreed": replacing(price_matches=price_up_to_the_agreed),
    "training-price-compared": replacing(price_matches=training_price_alone),
    "planned-end-compared": replacing(errors_of=planned_end_compared),
    "levy-not-asked": replacing(errors_of=levy_not_asked),
    "residual-not-compared": replacing(price_matches=residual_price_not_compared),
    "money-makes-a-levy-payer": replacing(errors_of=money_is_enough),
    "sender-excuses-in-2017": replacing(errors_of=excused_by_a_sender),
    "course-of-the-first-version": replacing(errors_of=course_of_the_first_version),
    "stop-undone-by-new-terms": replacing(errors_of=undone_by_new_terms),
    "price-date-not-compared": replacing(price_date_matches=price_date_not_compared),
    "price-dated-by-the-start": replacing(price_date_matches=price_dated_by_the_start),
    "price-dated-in-any-later-month": replacing(price_date_matches=price_dated_in_any_later_month),
    "price-dated-before-the-record": replacing(price_date_matches=price_dated_in_any_month_of_the_record),
    "first-price-in-the-month-too": replacing(price_date_matches=first_price_in_the_month_too),
    "each-version-is-new": replacing(errors_of=each_version_is_new),
    "versions-never-end": replacing(errors_of=over_with_its_version),
    "stopped-on-its-date": replacing(is_stopped=stopped_on_its_date),
    "never-stopped": replacing(is_stopped=never_stopped),
    "stopped-for-the-month": replacing(is_stopped=stopped_for_the_month),
    "stopped-in-hindsight": replacing(is_stopped=stopped_in_hindsight),
    "stops-never-void": replacing(stop_counts=stops_never_void),
    "stops-void-after-r12": replacing(stop_counts=stops_void_after_r12),
    "pauses-not-read": replacing(errors_of=pauses_not_read),
    "paused-months-paid": replacing(errors_of=paused_months_paid_in_the_end),
    "paused-for-good": replacing(errors_of=paused_for_good),
    "everything-matched-on-the-census": replacing(test_of=everything_on_the_census),
    "completion-matched-on-the-planned-end": replacing(test_of=completion_on_the_planned_end),
    "additional-matched-on-the-census": replacing(test_of=additional_on_the_census),
    "second-record-on-the-due-day": replacing(test_of=several_on_the_due_day),
    "english-matched-after-the-end": replacing(test_of=on_each_census_after_the_end),
    "second-record-not-noticed": replacing(are_several_live=several_not_noticed),
    "second-record-of-one-provider": replacing(are_several_live=several_of_one_provider),
    "second-record-from-any-day": replacing(are_several_live=several_from_any_day),
    "last-day-clashes": replacing(are_several_live=last_day_clashes),
    "paused-is-not-live": replacing(are_several_live=paused_is_not_live),
    "earliest-record": replacing(match_on=earliest_record),
    "only-the-first-code": replacing(errors_of=only_the_first_code),
    "second-record-said-alone": replacing(match_on=several_alone),
    "more-beside-the-date": replacing(errors_of=more_beside_the_date),
    "last-record-reported": replacing(match_on=the_last_record),
    "blocks-the-month": replacing(blocked_months=blocks_the_month),
    "blocks-nothing": replacing(blocked_months=blocks_nothing),
    "paid-without-a-match": replacing(payable_of=paid_without_a_match),
    "english-balancing-without-a-match": replacing(payable_of=english_in_full_on_completion),
    "employer-of-shared-alone-in-the-key": replacing(payable_of=employer_only_of_what_is_shared),
    "aim-not-in-the-key": replacing(payable_of=aims_taken_together),
    "every-contract-matched": replacing(payable_of=every_contract_matched),
    "shown-employer-in-the-key": replacing(payable_of=shown_employer_in_the_key),
    "assessment-apart-from-the-account": replacing(out_of_funds=assessment_apart),
    "taken-back-when-it-fails": replacing(is_protected=taken_back_when_it_fails),
    "vanished-months-protected": replacing(payable_of=vanished_months_protected),
    "matched-months-protected": replacing(payable_of=matched_months_protected),
    "r14-ignored": replacing(is_payable=r14_ignored),
    "r13-counts-to-july": replacing(employer_contribution_recorded=r13_counts_to_july),
    "unemployed-held-back": replacing(was_without_employment=unemployed_held_back),
}

"""The data match: whether what a provider returned is what the employer approved (GUIDE-96 to 105).

An agreement takes part in a run as it is known then: with the versions and the stop that the service has heard of. A
payment is tested on its own day, and fails with the codes of what differs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, zip_longest
from typing import TYPE_CHECKING, Final

from attrs import frozen

from funding_reference.calendar import LAST_COLLECTION, Collection, Month, month_of
from funding_reference.earnings.additional import CARE_LEAVER_BURSARY
from funding_reference.money import Money
from funding_reference.prices import Price
from funding_reference.records import STANDARD, Agreement, Course, Employer, Given, Version

if TYPE_CHECKING:
    from funding_reference.apprenticeship import Programme
    from funding_reference.rules import Rules

NO_AGREEMENT_WITH_PROVIDER: Final = "DLOCK_01"
NO_AGREEMENT: Final = "DLOCK_02"
STANDARD_DIFFERS: Final = "DLOCK_03"
FRAMEWORK_DIFFERS: Final = "DLOCK_04"
PROGRAMME_TYPE_DIFFERS: Final = "DLOCK_05"
PATHWAY_DIFFERS: Final = "DLOCK_06"
PRICE_DIFFERS: Final = "DLOCK_07"
SEVERAL_LIVE: Final = "DLOCK_08"
STARTS_LATER: Final = "DLOCK_09"
STOPPED: Final = "DLOCK_10"
NOT_A_LEVY_PAYER: Final = "DLOCK_11"
PAUSED: Final = "DLOCK_12"

COMPLETION_TYPES: Final = ("completion", "balancing")
ADDITIONAL_TYPES: Final = (
    "first_employer_incentive", "first_provider_incentive", "second_employer_incentive", "second_provider_incentive",
    "first_disadvantage", "second_disadvantage", CARE_LEAVER_BURSARY,
)  # fmt: skip


@frozen
class Terms:
    """What employer and provider agreed, from a day on.

    :param since: the first day of these terms: a pause, a release or repeated terms before them do not begin new ones
    :param to: the last day; None while no other terms are known to follow
    """

    from_: date
    to: date | None
    price: Money
    course: Course
    is_paused: bool
    since: date


@frozen
class Agreed:
    """An agreement as the service knows it when a run is made.

    :param terms: those that are known, in the order of their days
    :param stopped_on: the last day on which it stands, once a stop is known
    """

    agreement: Agreement
    employer: Employer
    terms: tuple[Terms, ...]
    stopped_on: date | None

    def __str__(self) -> str:
        return f"agreement {self.agreement.id}"

    @property
    def starts(self) -> date:
        """The day from which it can stand."""
        return self.terms[0].from_ if self.terms else self.agreement.start

    def terms_on(self, day: date) -> Terms | None:
        """The terms that hold on a day; None before the first, after the last or between two."""
        begun = [terms for terms in self.terms if terms.from_ <= day]
        return begun[-1] if begun and (begun[-1].to is None or day <= begun[-1].to) else None

    def is_over(self, day: date) -> bool:
        """Whether the last of its terms has ended before a day."""
        ends = self.terms[-1].to if self.terms else None
        return ends is not None and ends < day


@frozen
class Match:
    """The outcome of a match: the agreement that a payment is made under, or why there is none.

    :param errors: DLOCK codes, ascending
    """

    agreed: Agreed | None
    errors: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.agreed} matches" if self.agreed else ", ".join(self.errors)


@frozen
class Test:
    """The day on which a payment is tested, and whether that is the census, on which no two agreements may be live."""

    day: date
    at_census: bool


class Service:
    """What the apprenticeship service knows of every apprentice, run by run."""

    def __init__(self, rules: Rules, given: Given) -> None:
        self._rules = rules
        self._courses = {course.id: course for course in given.courses}
        self._employers = {employer.id: employer for employer in given.employers}
        self._agreements: dict[int, list[Agreement]] = {}
        for agreement in given.agreements:
            self._agreements.setdefault(agreement.uln, []).append(agreement)
        self._news = {uln: sorted(_news_of(agreements)) for uln, agreements in self._agreements.items()}
        self._known: dict[tuple[int, int], tuple[Agreed, ...]] = {}

    def everything(self, run: Collection) -> list[Agreed]:
        """Every agreement that a run knows of."""
        return [agreed for uln in self._agreements for agreed in self.known(uln, run)]

    def known(self, uln: int, run: Collection) -> tuple[Agreed, ...]:
        """The agreements for an apprentice that a run knows of; the very same object while nothing new is known."""
        if uln not in self._agreements:
            return ()
        key = uln, bisect_right(self._news[uln], run)
        if key not in self._known:
            agreements = (agreement for agreement in self._agreements[uln] if _is_known(agreement.known_from, run))
            self._known[key] = tuple(self._as_known(agreement, run) for agreement in agreements)
        return self._known[key]

    def _as_known(self, agreement: Agreement, run: Collection) -> Agreed:
        stop_known = agreement.stopped_on is not None and _is_known(agreement.stop_known_from, run)
        counts = stop_known and self._rules.stop_counts(agreement)
        return Agreed(
            agreement,
            self._employers[agreement.employer],
            tuple(self._terms(agreement, run)),
            agreement.stopped_on if counts else None,
        )

    def _terms(self, agreement: Agreement, run: Collection) -> Iterator[Terms]:
        """The terms known at a run; the end of one counts once the next is known.

        Clauses: READ-71.
        """
        given = sorted(agreement.versions, key=lambda version: version.from_) or [_only_version(agreement)]
        known = [version for version in given if _is_known(version.known_from, run)]
        before: Terms | None = None
        for version, following in zip_longest(given, given[1:]):
            if version not in known:
                continue
            waits = following is not None and following not in known
            course = self._courses[version.course or agreement.course]
            begins = max(version.from_, agreement.start)
            goes_on = before is not None and (before.price, before.course) == (version.price, course)
            before = Terms(
                from_=begins,
                to=None if waits else version.to,
                price=version.price,
                course=course,
                is_paused=version.status == "paused",
                since=before.since if before is not None and goes_on else begins,
            )
            yield before


def _only_version(agreement: Agreement) -> Version:
    assert agreement.price is not None, "An agreement has a price, or versions with prices."
    return Version(from_=agreement.start, price=agreement.price)


def _news_of(agreements: Sequence[Agreement]) -> Iterator[Collection]:
    """The collections from which something new is known."""
    for agreement in agreements:
        news = (agreement.known_from, agreement.stop_known_from, *(one.known_from for one in agreement.versions))
        yield from (collection for collection in news if collection is not None)


def _is_known(known_from: Collection | None, run: Collection) -> bool:
    return known_from is None or known_from <= run


def stop_counts(agreement: Agreement) -> bool:
    """Whether a stop was recorded in time: by the R14 of the funding year of its date.

    Clauses: GUIDE-187, READ-55.
    """
    known_from, stopped_on = agreement.stop_known_from, agreement.stopped_on
    if known_from is None or stopped_on is None:
        return True
    return known_from <= Collection(month_of(stopped_on).funding_year, LAST_COLLECTION)


def match_on(rules: Rules, known: Sequence[Agreed], programme: Programme, test: Test) -> Match:
    """The match of a programme with the agreements known for its ULN, tested on a day.

    Where several match, the one that starts later; where none does, the codes of the one with the fewest.

    Clauses: GUIDE-73, GUIDE-96, GUIDE-97, GUIDE-101, GUIDE-102, GUIDE-103, RULES-173, READ-53, READ-71, READ-72.
    """
    if not known:
        return Match(None, (NO_AGREEMENT,))
    here = [agreed for agreed in known if agreed.agreement.ukprn == programme.ukprn]
    if not here:
        return Match(None, (NO_AGREEMENT_WITH_PROVIDER,))
    several = test.at_census and rules.are_several_live(rules, known, test.day)
    tried = []
    by_id = sorted(here, key=lambda agreed: agreed.agreement.id)
    for agreed in sorted(by_id, key=lambda agreed: agreed.agreement.start, reverse=True):
        errors = rules.errors_of(rules, agreed, programme, test.day)
        if several and STARTS_LATER not in errors:
            errors = (*errors, SEVERAL_LIVE)
        tried.append((agreed, errors))
    agreed, errors = min(tried, key=lambda one: len(one[1]))
    return Match(None, tuple(sorted(errors))) if errors else Match(agreed)


def errors_of(rules: Rules, agreed: Agreed, programme: Programme, day: date) -> tuple[str, ...]:
    """In what one agreement differs from the return on a day; a price that is dated too early is all that is said.

    Clauses: GUIDE-97, GUIDE-98, READ-53, READ-54, READ-71.
    """
    over = agreed.is_over(day)
    terms = agreed.terms[-1] if over else agreed.terms_on(day)
    price = rules.price_in_force(rules, rules.dated_prices(rules, programme), day)
    if terms is None or (price is not None and not rules.price_date_matches(programme, price, terms.since)):
        return (STARTS_LATER,)
    tests = [
        *rules.course_errors(programme, terms.course),
        (PRICE_DIFFERS, price is None or not rules.price_matches(price, terms.price)),
        (STOPPED, over or rules.is_stopped(agreed, day)),
        (PAUSED, terms.is_paused),
        (NOT_A_LEVY_PAYER, not agreed.employer.levy_payer and not rules.is_paid_by_transfer(rules, agreed.agreement)),
    ]
    return tuple(code for code, fails in tests if fails)


def price_date_in_the_month(programme: Programme, price: Price, since: date) -> bool:
    """Whether the price is dated on or after the first day of the terms, and a later price in the same month.

    Clauses: GUIDE-97, GUIDE-98, READ-54.
    """
    changed = max(part.applies_from for part in price.records) > programme.start
    recorded = price_date(programme, price)
    return since <= recorded and (not changed or month_of(recorded) == month_of(since))


def price_date_on_or_after(programme: Programme, price: Price, since: date) -> bool:
    """The official match asked no more than that the price is not dated before the terms.

    Clauses: READ-54.
    """
    return since <= price_date(programme, price)


def price_date(programme: Programme, price: Price) -> date:
    """The day that the return gives for a price: of its two records the later; for the first price the start.

    Clauses: GUIDE-97, READ-54.
    """
    return max(programme.start, *(part.recorded for part in price.records))


def price_matches(price: Price, agreed: Money) -> bool:
    """Whether the price in force is exactly the one agreed.

    Clauses: GUIDE-97, READ-53.
    """
    return price.pounds == agreed


def course_errors(programme: Programme, course: Course) -> list[tuple[str, bool]]:
    """What can differ of the course: the standard, the framework, its programme type and its pathway.

    Clauses: GUIDE-97.
    """
    returned = programme.course
    return [
        (STANDARD_DIFFERS, returned.standard_code != course.standard_code),
        (FRAMEWORK_DIFFERS, returned.framework_code != course.framework_code),
        (PROGRAMME_TYPE_DIFFERS, (returned.programme_type or STANDARD) != (course.programme_type or STANDARD)),
        (PATHWAY_DIFFERS, returned.pathway_code != course.pathway_code),
    ]


def is_stopped(agreed: Agreed, day: date) -> bool:
    """Whether an agreement has been stopped before a day; on the stop date itself it still stands.

    Clauses: GUIDE-75, READ-55.
    """
    return agreed.stopped_on is not None and agreed.stopped_on < day


def are_several_live(rules: Rules, known: Sequence[Agreed], day: date) -> bool:
    """Whether more than one agreement is live for an apprentice on a day, whoever the provider is.

    A paused one is live. The last day of one may be the first day of another.

    Clauses: GUIDE-97, READ-53, READ-55, READ-72.
    """
    live = [one for one in known if one.starts <= day and not one.is_over(day) and not rules.is_stopped(one, day)]
    return any(
        not (one.stopped_on == day == other.starts or other.stopped_on == day == one.starts)
        for one, other in combinations(live, 2)
    )


def test_of(rules: Rules, programme: Programme, type: str, month: Month) -> Test:
    """The day on which a payment for a month is tested, and whether as an instalment.

    Instalments on the census, completion and balancing on the actual end, additional payments on the day they fall
    due. English and maths, learning support and uplift follow the programme on the census, after it on its last day and
    before it on its first.

    Clauses: READ-53.
    """
    ended = programme.last_day
    if type in COMPLETION_TYPES and ended is not None:
        return Test(ended, at_census=False)
    if type in ADDITIONAL_TYPES:
        return Test(_due_day(rules, programme, type) or month.census, at_census=False)
    day = month.census
    if type != "on_programme":
        day = max(programme.start, min(day, ended or day))
    return Test(day, at_census=day == month.census)


def _due_day(rules: Rules, programme: Programme, type: str) -> date | None:
    if type == CARE_LEAVER_BURSARY:
        return rules.care_leaver_bursary_day(rules, programme)
    first, second = rules.additional_payment_days(rules, programme)
    return first if type.startswith("first_") else second


def needs_no_match(rules: Rules, programme: Programme, day: date) -> bool:
    """While an apprentice has no employer there is nobody to approve a payment, so that none needs a match.

    Clauses: READ-41.
    """
    return rules.is_without_employment(programme, day)


def always_needs_a_match(rules: Rules, programme: Programme, day: date) -> bool:
    """The official match was asked for all the same.

    Clauses: READ-41.
    """
    return False

"""One apprenticeship over time: programme aims joined across breaks, restarts, providers and employers.

An apprentice's programme aims are put in order of their starts, whichever provider returned them, and joined by
course. What an aim inherits from those before it (the first start, the days in learning, the entitlement, the postcode)
is worked out here once, so that every rule can look at one aim at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

import attrs
from attrs import frozen

from funding_reference.calendar import days_later, month_of
from funding_reference.money import NOTHING, Money
from funding_reference.records import (
    APPRENTICESHIPS_FROM_MAY_2017,
    AppFinRecord,
    Course,
    Given,
    Learner,
    LearnerEmploymentStatus,
    LearningDelivery,
)

if TYPE_CHECKING:
    from funding_reference.rules import Rules

COMPLETED: Final = 2
CONTRACT: Final = "ACT"
ENTITLEMENT: Final = "EEF"
PRICE: Final = "TNP"
PAYMENT_BY_EMPLOYER: Final = "PMR"


@frozen
class Returned:
    """An apprentice as one provider returned it."""

    ukprn: int
    learner: Learner


def reference(one: Returned) -> tuple[int, str]:
    """A learner as the provider knows it: UKPRN and LearnRefNumber."""
    return one.ukprn, one.learner.LearnRefNumber


@frozen
class Programme:
    """A programme aim with its learner, its provider and its course, and what it inherits from the aims before it.

    :param ukprn: the provider's number
    :param first_start: the day on which the apprenticeship first started, with whichever provider and pathway
    :param course_start: the day on which it first started on this course and pathway
    :param after: the last day of an earlier apprenticeship on this course that was completed, so that this one is new
    :param days_before: days in learning of the same apprenticeship before this aim
    :param entitlements: the EEF codes recorded on this aim or an earlier one of the apprenticeship
    :param employment: the statuses of the record, after earlier ones that only another provider has
    :param followed_from: the day on which the next aim of the same apprenticeship began, or None
    :param deprivation: of the postcode before enrolment, at the first start: 1-10, 11-20, 21-27 or none
    """

    ukprn: int
    learner: Learner
    aim: LearningDelivery
    course: Course
    first_start: date
    course_start: date
    after: date | None = None
    days_before: int = 0
    entitlements: tuple[str, ...] = ()
    deprivation: str = "none"
    employment: tuple[LearnerEmploymentStatus, ...] = ()
    followed_from: date | None = None

    def __str__(self) -> str:
        return f"aim {self.aim.AimSeqNumber} of {self.learner.LearnRefNumber}"

    @property
    def start(self) -> date:
        return self.aim.LearnStartDate

    @property
    def planned_end(self) -> date:
        return self.aim.LearnPlanEndDate

    @property
    def last_day(self) -> date | None:
        """The last day of learning, once it is recorded."""
        return self.aim.LearnActEndDate

    @property
    def is_completed(self) -> bool:
        """Whether the programme aim is recorded as completed, with its last day."""
        return is_completed(self.aim)

    @property
    def prices(self) -> tuple[AppFinRecord, ...]:
        return tuple(record for record in self.aim.AppFinRecord if record.AFinType == PRICE)

    @property
    def payments_by_employer(self) -> tuple[AppFinRecord, ...]:
        return tuple(record for record in self.aim.AppFinRecord if record.AFinType == PAYMENT_BY_EMPLOYER)

    @property
    def contract_starts(self) -> tuple[date, ...]:
        """The days from which its contract records hold."""
        return tuple(
            fam.LearnDelFAMDateFrom or self.start
            for fam in self.aim.LearningDeliveryFAM
            if fam.LearnDelFAMType == CONTRACT
        )

    @property
    def contract_changes(self) -> tuple[date, ...]:
        """The days on which a contract record begins or has ended."""
        records = [fam for fam in self.aim.LearningDeliveryFAM if fam.LearnDelFAMType == CONTRACT]
        ends = (days_later(fam.LearnDelFAMDateTo, 1) for fam in records if fam.LearnDelFAMDateTo)
        return (*self.contract_starts, *ends)

    def contract_on(self, day: date) -> int | None:
        """The contract type on a day. 1: the employer's, paid through the service; 2: the agency's; None for neither.

        Clauses: GUIDE-133, READ-07.
        """
        return contract_of(self.aim, day)

    def has_entitlement(self, *codes: str) -> bool:
        """Whether one of these EEF codes is recorded on the aim, or on an earlier one of the apprenticeship."""
        return any(code in codes for code in self.entitlements)

    def has(self, kind: str, *codes: str) -> bool:
        """Whether the aim carries a funding and monitoring record of that type with one of the codes."""
        return any(fam.LearnDelFAMType == kind and fam.LearnDelFAMCode in codes for fam in self.aim.LearningDeliveryFAM)

    def employment_on(self, day: date) -> LearnerEmploymentStatus | None:
        """The employment status in force on a day: the latest that applies from then or before."""
        in_force = [status for status in self.learner.LearnerEmploymentStatus if status.DateEmpStatApp <= day]
        return max(in_force, key=in_order, default=None)


def in_order(status: LearnerEmploymentStatus) -> tuple[date, int]:
    """What puts employment statuses in order; of two from one day paid employment counts."""
    return status.DateEmpStatApp, -status.EmpStat


@frozen
class Qualification:
    """An English or maths aim, its rate, and the programmes of the same learner, whose contract it is paid under.

    A return may leave out a programme that has ended and go on with the English or maths beside it.

    :param rate: pounds; None for the rulebook's
    """

    ukprn: int
    learner: Learner
    aim: LearningDelivery
    rate: Money | None
    programmes: tuple[Programme, ...]

    def __str__(self) -> str:
        return f"aim {self.aim.AimSeqNumber} of {self.learner.LearnRefNumber}"

    def contract_on(self, day: date) -> int | None:
        """The contract type of the programme on a day: after it ended, on its last day; before it began, on its first.

        Without a programme in the return, its own.

        Clauses: READ-30, READ-74.
        """
        programme = self._programme_on(day)
        if programme is None:
            return contract_of(self.aim, min(day, self.aim.LearnActEndDate or day))
        return programme.contract_on(max(programme.start, min(day, programme.last_day or day)))

    @property
    def first_start(self) -> date:
        """When the programme first started that it began beside; without one, its own start."""
        programme = self._programme_on(self.aim.LearnStartDate)
        return programme.first_start if programme else self.aim.OrigLearnStartDate or self.aim.LearnStartDate

    def _programme_on(self, day: date) -> Programme | None:
        begun = [programme for programme in self.programmes if programme.start <= day] or self.programmes[:1]
        return begun[-1] if begun else None


@frozen
class Apprentice:
    """Everything that all providers together returned of one apprentice: programmes in the order of their starts."""

    programmes: tuple[Programme, ...]
    qualifications: tuple[Qualification, ...] = ()

    def __str__(self) -> str:
        return ", ".join(map(str, self.programmes))


def contract_of(aim: LearningDelivery, day: date) -> int | None:
    """The contract type that an aim's own records give for a day: of the record that began last."""
    in_force = [
        (fam.LearnDelFAMDateFrom or aim.LearnStartDate, int(fam.LearnDelFAMCode))
        for fam in aim.LearningDeliveryFAM
        if fam.LearnDelFAMType == CONTRACT
        and (fam.LearnDelFAMDateFrom or aim.LearnStartDate) <= day <= (fam.LearnDelFAMDateTo or date.max)
    ]
    return max(in_force)[1] if in_force else None


def is_completed(aim: LearningDelivery) -> bool:
    """Whether an aim is recorded as completed (CompStatus 2), with its last day.

    Clauses: GUIDE-43.
    """
    return aim.CompStatus == COMPLETED and aim.LearnActEndDate is not None


def completed_early(aim: LearningDelivery) -> bool:
    """Whether a completed aim ended before its planned end; on the planned end it is on time.

    Clauses: GUIDE-44, GUIDE-110, READ-22, READ-31.
    """
    return is_completed(aim) and aim.LearnActEndDate is not None and aim.LearnActEndDate < aim.LearnPlanEndDate


def census_dates(first: date, last: date) -> int:
    """How many month ends lie from the first day to the last, both included."""
    month = month_of(last)
    return month.number - month_of(first).number + (last == month.census)


def apprentice_of(rules: Rules, given: Given, returned: Sequence[Returned]) -> Apprentice | None:
    """One apprentice as all providers returned it; None if no apprenticeship of these rules is returned.

    Clauses: GUIDE-144, READ-43.
    """
    aims = [(one, aim) for one in returned for aim in one.learner.LearningDelivery if aim.is_programme]
    aims.sort(key=lambda pair: (pair[1].LearnStartDate, *reference(pair[0]), pair[1].AimSeqNumber))
    programmes: list[Programme] = []
    for one, aim in aims:
        alone = programme_alone(given, one, aim)
        programmes.append(_joined(rules, programmes, alone) if programmes else alone)
    followed = [_followed(programme, programmes[place:]) for place, programme in enumerate(programmes, 1)]
    qualifications = tuple(_qualifications(given, returned, followed))
    return Apprentice(tuple(followed), qualifications) if followed or qualifications else None


def _followed(programme: Programme, later: Sequence[Programme]) -> Programme:
    """The programme with the day on which the apprenticeship goes on in another aim."""
    course = programme.course.apprenticeship
    days = [other.start for other in later if other.course.apprenticeship == course]
    return attrs.evolve(programme, followed_from=min(days)) if days else programme


def programme_alone(given: Given, one: Returned, aim: LearningDelivery) -> Programme:
    """A programme aim by itself, as if no other had come before it."""
    original = min(aim.OrigLearnStartDate or aim.LearnStartDate, aim.LearnStartDate)
    here = tuple(fam.LearnDelFAMCode for fam in aim.LearningDeliveryFAM if fam.LearnDelFAMType == ENTITLEMENT)
    return Programme(
        ukprn=one.ukprn,
        learner=one.learner,
        aim=aim,
        course=given.course_of(aim),
        first_start=original,
        course_start=original,
        entitlements=here,
        deprivation=_deprivation(given, one.learner),
        employment=one.learner.LearnerEmploymentStatus,
    )


def _joined(rules: Rules, before: Sequence[Programme], alone: Programme) -> Programme:
    """A programme with what it inherits from those before it."""
    earlier = _of_one_apprenticeship(before, alone)
    same = rules.continued(before, alone)
    after = next((one.last_day for one in reversed(earlier) if _is_over(one, alone)), None)
    on_course = [programme for programme in same if programme.course.id == alone.course.id]
    began_here = alone.course_start if len(on_course) == len(same) else alone.start
    return attrs.evolve(
        alone,
        first_start=min([alone.first_start, *(programme.first_start for programme in same)]),
        course_start=min([began_here, *(programme.course_start for programme in on_course)]),
        after=after if len(same) < len(earlier) else None,
        days_before=rules.days_lent(same, alone.start),
        entitlements=(*(same[-1].entitlements if same else ()), *alone.entitlements),
        deprivation=rules.deprivation_inherited(same, alone),
        employment=_employment_with(same, alone),
    )


def _employment_with(earlier: Sequence[Programme], alone: Programme) -> tuple[LearnerEmploymentStatus, ...]:
    """The employment statuses of a record, after the earlier ones that only another provider's record has."""
    first = min((status.DateEmpStatApp for status in alone.employment), default=date.max)
    before = earlier[-1].employment if earlier else ()
    return (*(status for status in before if status.DateEmpStatApp < first), *alone.employment)


def continued(before: Sequence[Programme], programme: Programme) -> Sequence[Programme]:
    """The earlier programmes that one goes on from: of the same standard or framework, since one was completed.

    Another standard or framework is a new start, another pathway is not; so is what follows a completed one.

    Clauses: GUIDE-137, GUIDE-138, GUIDE-161, GUIDE-162, GUIDE-163, READ-43.
    """
    earlier = _of_one_apprenticeship(before, programme)
    completed = [number for number, one in enumerate(earlier, 1) if _is_over(one, programme)]
    return earlier[max(completed, default=0) :]


def _of_one_apprenticeship(before: Sequence[Programme], programme: Programme) -> list[Programme]:
    return [one for one in before if one.course.apprenticeship == programme.course.apprenticeship]


def _is_over(earlier: Programme, programme: Programme) -> bool:
    """Whether an apprenticeship was completed before a programme began, so that the programme is a new start.

    Not if its aim says of itself that it goes on with what began before.

    Clauses: GUIDE-163.
    """
    began = programme.aim.OrigLearnStartDate or programme.start
    return earlier.is_completed and earlier.last_day is not None and earlier.last_day < began


def days_lent(earlier: Sequence[Programme], until: date) -> int:
    """How many days before a day were days in learning of the same apprenticeship; a day in two aims counts once.

    An aim that failed its qualifying period lends its days too; days in a break are not days in learning.

    Clauses: GUIDE-136, GUIDE-167, GUIDE-170, GUIDE-172, RULES-199, READ-05.
    """
    days, counted = 0, date.min
    for programme in earlier:
        first = max(programme.start, counted)
        after = min(until, days_later(programme.last_day, 1) if programme.last_day else until)
        if after > first:
            days += (after - first).days
            counted = after
    return days


def deprivation_inherited(earlier: Sequence[Programme], programme: Programme) -> str:
    """How deprived the area is that the apprentice came from at the first start, whatever a later provider records.

    Clauses: GUIDE-111, READ-34.
    """
    return (earlier[0] if earlier else programme).deprivation


def _deprivation(given: Given, learner: Learner) -> str:
    areas = (postcode.deprivation for postcode in given.postcodes if postcode.postcode == learner.PostcodePrior)
    return next(areas, "none")


def _qualifications(
    given: Given, returned: Sequence[Returned], programmes: Sequence[Programme]
) -> Iterator[Qualification]:
    """The aims that are listed as English and maths; any other is part of the price and earns nothing of its own.

    Clauses: RULES-115.
    """
    known = sorted(given.english_maths_aims, key=lambda one: (one.rate is not None, one.rate or NOTHING))
    rates = {qualification.aim: qualification.rate for qualification in known}
    for one in returned:
        own = tuple(programme for programme in programmes if programme.learner is one.learner)
        for aim in one.learner.LearningDelivery:
            funded = aim.LearnAimRef in rates and aim.FundModel == APPRENTICESHIPS_FROM_MAY_2017
            if funded and not aim.is_programme:
                yield Qualification(one.ukprn, one.learner, aim, rates[aim.LearnAimRef], own)

"""One apprenticeship over time: programme aims joined across breaks, restarts, providers and employers.

An apprentice's programme aims are put in order of their starts, whichever provider returned them, and joined by
course. What an aim inherits from those before it (the first start, the days in learning, the entitlement, the postcode)
is worked out here once, so that every rule can look at one aim at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import attrs
from attrs import frozen

from funding_reference.calendar import ONE_DAY, month_of
from funding_reference.money import Money
from funding_reference.records import (
    APPRENTICESHIPS_FROM_MAY_2017,
    AppFinRecord,
    Course,
    Given,
    Learner,
    LearnerEmploymentStatus,
    LearningDelivery,
)

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


@frozen
class Programme:
    """A programme aim with its learner, its provider and its course, and what it inherits from the aims before it.

    :param ukprn: the provider's number
    :param first_start: the day on which the apprenticeship first started, with whichever provider and pathway
    :param course_start: the day on which it first started on this course and pathway
    :param after: the last day of an earlier apprenticeship on this course that was completed, so that this one is new
    :param days_before: days in learning of the same apprenticeship before this aim
    :param entitlements: the EEF codes recorded on this aim or an earlier one of the apprenticeship
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

    def contract_on(self, day: date) -> int | None:
        """The contract type on a day. 1: the employer's, paid through the service; 2: the agency's; None for neither.

        Clauses: GUIDE-133, READ-07.
        """
        latest, code = date.min, None
        for fam in self.aim.LearningDeliveryFAM:
            if fam.LearnDelFAMType == CONTRACT:
                starts = fam.LearnDelFAMDateFrom or self.start
                if latest <= starts <= day and day <= (fam.LearnDelFAMDateTo or date.max):
                    latest, code = starts, int(fam.LearnDelFAMCode)
        return code

    def has_entitlement(self, *codes: str) -> bool:
        """Whether one of these EEF codes is recorded on the aim, or on an earlier one of the apprenticeship."""
        return any(code in codes for code in self.entitlements)

    def has(self, kind: str, *codes: str) -> bool:
        """Whether the aim carries a funding and monitoring record of that type with one of the codes."""
        return any(fam.LearnDelFAMType == kind and fam.LearnDelFAMCode in codes for fam in self.aim.LearningDeliveryFAM)

    def employment_on(self, day: date) -> LearnerEmploymentStatus | None:
        """The employment status in force on a day: the latest that applies from then or before."""
        in_force = [status for status in self.learner.LearnerEmploymentStatus if status.DateEmpStatApp <= day]
        return max(in_force, key=lambda status: status.DateEmpStatApp, default=None)


@frozen
class Qualification:
    """An English or maths aim, its rate, and the programmes of the same learner, whose contract it is paid under.

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

        Clauses: READ-30, READ-74.
        """
        programme = self._programme_on(day)
        return programme.contract_on(max(programme.start, min(day, programme.last_day or day)))

    @property
    def programme(self) -> Programme:
        """The programme it began beside."""
        return self._programme_on(self.aim.LearnStartDate)

    def _programme_on(self, day: date) -> Programme:
        return next(
            (programme for programme in reversed(self.programmes) if programme.start <= day), self.programmes[0]
        )


@frozen
class Apprentice:
    """Everything that all providers together returned of one apprentice: programmes in the order of their starts."""

    programmes: tuple[Programme, ...]
    qualifications: tuple[Qualification, ...] = ()

    def __str__(self) -> str:
        return ", ".join(map(str, self.programmes))


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


def apprentice_of(given: Given, returned: Sequence[Returned]) -> Apprentice | None:
    """One apprentice as all providers returned it; None if no apprenticeship of these rules is returned.

    Clauses: GUIDE-136, GUIDE-137, GUIDE-144, GUIDE-161, READ-43.
    """
    aims = [(one, aim) for one in returned for aim in one.learner.LearningDelivery if aim.is_programme]
    if not aims:
        return None
    aims.sort(key=lambda pair: (pair[1].LearnStartDate, pair[0].ukprn, pair[1].AimSeqNumber))
    programmes: list[Programme] = []
    for one, aim in aims:
        programmes.append(_joined(given, programmes, one, aim))
    followed = [_followed(programme, programmes[place:]) for place, programme in enumerate(programmes, 1)]
    return Apprentice(tuple(followed), tuple(_qualifications(given, returned, followed)))


def _followed(programme: Programme, later: Sequence[Programme]) -> Programme:
    """The programme with the day on which the apprenticeship goes on in another aim."""
    course = programme.course.apprenticeship
    days = [other.start for other in later if other.course.apprenticeship == course]
    return attrs.evolve(programme, followed_from=min(days)) if days else programme


def _joined(given: Given, before: Sequence[Programme], one: Returned, aim: LearningDelivery) -> Programme:
    """A programme aim with what it inherits from the aims before it."""
    course = given.course_of(aim)
    earlier = [programme for programme in before if programme.course.apprenticeship == course.apprenticeship]
    completed = [number for number, programme in enumerate(earlier, 1) if _is_over(programme, aim)]
    same = earlier[max(completed, default=0) :]
    on_course = [programme for programme in same if programme.course.id == course.id]
    original = aim.OrigLearnStartDate or aim.LearnStartDate
    here = tuple(fam.LearnDelFAMCode for fam in aim.LearningDeliveryFAM if fam.LearnDelFAMType == ENTITLEMENT)
    return Programme(
        ukprn=one.ukprn,
        learner=one.learner,
        aim=aim,
        course=course,
        first_start=min([original, *(programme.first_start for programme in same)]),
        course_start=min([original, *(programme.course_start for programme in on_course)]),
        after=earlier[completed[-1] - 1].last_day if completed else None,
        days_before=_days_in_learning(same, aim.LearnStartDate),
        entitlements=(*(same[-1].entitlements if same else ()), *here),
        deprivation=same[0].deprivation if same else _deprivation(given, one.learner),
    )


def _is_over(programme: Programme, aim: LearningDelivery) -> bool:
    """Whether an apprenticeship was completed before an aim began, so that the aim is a new start.

    Not if the aim says of itself that it goes on with what began before.

    Clauses: GUIDE-163.
    """
    began = aim.OrigLearnStartDate or aim.LearnStartDate
    return programme.is_completed and programme.last_day is not None and programme.last_day < began


def _days_in_learning(programmes: Sequence[Programme], until: date) -> int:
    """How many days before a day were days in learning; a day in two aims counts once."""
    days, counted = 0, date.min
    for programme in programmes:
        first = max(programme.start, counted)
        after = min(until, programme.last_day + ONE_DAY if programme.last_day else until)
        if after > first:
            days += (after - first).days
            counted = after
    return days


def _deprivation(given: Given, learner: Learner) -> str:
    areas = (postcode.deprivation for postcode in given.postcodes if postcode.postcode == learner.PostcodePrior)
    return next(areas, "none")


def _qualifications(
    given: Given, returned: Sequence[Returned], programmes: Sequence[Programme]
) -> Iterator[Qualification]:
    """The aims that are listed as English and maths; any other is part of the price and earns nothing of its own.

    Clauses: RULES-115.
    """
    rates = {qualification.aim: qualification.rate for qualification in given.english_maths_aims}
    for one in returned:
        own = tuple(programme for programme in programmes if programme.learner is one.learner)
        for aim in one.learner.LearningDelivery:
            funded = aim.LearnAimRef in rates and aim.FundModel == APPRENTICESHIPS_FROM_MAY_2017
            if funded and not aim.is_programme and own:
                yield Qualification(one.ukprn, one.learner, aim, rates[aim.LearnAimRef], own)

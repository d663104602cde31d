"""One apprenticeship as the rules see it: its programme aim, its course, and the facts that were fixed at its start.

In this version an apprenticeship is one programme aim with one price, and English and maths beside it;
:mod:`funding_reference.scope` says of everything else that it is not computed yet.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import frozen

from funding_reference.calendar import month_of
from funding_reference.money import Money
from funding_reference.records import (
    APPRENTICESHIPS_FROM_MAY_2017,
    AppFinRecord,
    Course,
    EnglishMathsAim,
    Given,
    Learner,
    LearnerEmploymentStatus,
    LearningDelivery,
)

COMPLETED: Final = 2


@frozen
class Programme:
    """A programme aim with its learner, its provider and its course, and the English and maths beside it.

    :param ukprn: the provider's number
    :param english_maths: the learner's English and maths aims that these rules fund
    :param qualifications: what the reference data says of English and maths
    :param deprivation: of the postcode before enrolment: 1-10, 11-20, 21-27 or none
    """

    ukprn: int
    learner: Learner
    aim: LearningDelivery
    course: Course
    english_maths: tuple[LearningDelivery, ...] = ()
    qualifications: tuple[EnglishMathsAim, ...] = ()
    deprivation: str = "none"

    def __str__(self) -> str:
        return f"aim {self.aim.AimSeqNumber} of {self.learner.LearnRefNumber}"

    @property
    def start(self) -> date:
        return self.aim.LearnStartDate

    @property
    def first_start(self) -> date:
        """The day on which the apprenticeship first started."""
        return self.aim.OrigLearnStartDate or self.aim.LearnStartDate

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
        return tuple(record for record in self.aim.AppFinRecord if record.AFinType == "TNP")

    @property
    def payments_by_employer(self) -> tuple[AppFinRecord, ...]:
        return tuple(record for record in self.aim.AppFinRecord if record.AFinType == "PMR")

    @property
    def contract_type(self) -> int | None:
        """1: the employer's contract, paid through the service; 2: the agency's; None if none is recorded."""
        return next(
            (int(fam.LearnDelFAMCode) for fam in self.aim.LearningDeliveryFAM if fam.LearnDelFAMType == "ACT"),
            None,
        )

    def english_maths_rate(self, aim: LearningDelivery) -> Money | None:
        """The rate of an English or maths aim, in pounds; None for the rulebook's."""
        return next((known.rate for known in self.qualifications if known.aim == aim.LearnAimRef), None)

    def has(self, kind: str, *codes: str) -> bool:
        """Whether the aim carries a funding and monitoring record of that type with one of the codes."""
        return any(fam.LearnDelFAMType == kind and fam.LearnDelFAMCode in codes for fam in self.aim.LearningDeliveryFAM)

    def employment_on(self, day: date) -> LearnerEmploymentStatus | None:
        """The employment status in force on a day: the latest that applies from then or before."""
        in_force = [status for status in self.learner.LearnerEmploymentStatus if status.DateEmpStatApp <= day]
        return max(in_force, key=lambda status: status.DateEmpStatApp, default=None)


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


def programme_of(given: Given, ukprn: int, learner: Learner) -> Programme | None:
    """The programme of a learner as one provider returned it; None if no apprenticeship of these rules is returned."""
    aim = next((aim for aim in learner.LearningDelivery if aim.is_programme), None)
    if aim is None:
        return None
    references = {qualification.aim for qualification in given.english_maths_aims}
    english_maths = tuple(
        other
        for other in learner.LearningDelivery
        if other is not aim and other.LearnAimRef in references and other.FundModel == APPRENTICESHIPS_FROM_MAY_2017
    )
    areas = (postcode.deprivation for postcode in given.postcodes if postcode.postcode == learner.PostcodePrior)
    return Programme(
        ukprn,
        learner,
        aim,
        given.course_of(aim),
        english_maths,
        given.english_maths_aims,
        next(areas, "none"),
    )

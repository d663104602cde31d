"""One apprenticeship as the rules see it: its programme aim, its course, and the facts that were fixed at its start.

In this version an apprenticeship is one programme aim with one price; :mod:`funding_reference.scope` says of
everything else that it is not computed yet.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import frozen

from funding_reference.calendar import ONE_DAY, Month, month_of
from funding_reference.records import AppFinRecord, Course, Learner, LearnerEmploymentStatus, LearningDelivery

COMPLETED: Final = 2


@frozen
class Programme:
    """A programme aim with its learner, its provider and its course.

    :param ukprn: the provider's number
    """

    ukprn: int
    learner: Learner
    aim: LearningDelivery
    course: Course

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
        """Whether the aim is recorded as completed with its last day.

        Clauses: GUIDE-43.
        """
        return self.aim.CompStatus == COMPLETED and self.aim.LearnActEndDate is not None

    @property
    def prices(self) -> tuple[AppFinRecord, ...]:
        return tuple(record for record in self.aim.AppFinRecord if record.AFinType == "TNP")

    @property
    def payments_by_employer(self) -> tuple[AppFinRecord, ...]:
        return tuple(record for record in self.aim.AppFinRecord if record.AFinType == "PMR")

    @property
    def contract_type(self) -> int | None:
        """1: the employer's contract, paid through the service; 2: the agency's; None if none is recorded."""
        return next((int(fam.LearnDelFAMCode) for fam in self.aim.LearningDeliveryFAM if fam.LearnDelFAMType == "ACT"), None)

    def has(self, kind: str, *codes: str) -> bool:
        """Whether the aim carries a funding and monitoring record of that type with one of the codes."""
        return any(
            fam.LearnDelFAMType == kind and fam.LearnDelFAMCode in codes for fam in self.aim.LearningDeliveryFAM
        )

    def employment_on(self, day: date) -> LearnerEmploymentStatus | None:
        """The employment status in force on a day: the latest that applies from then or before."""
        in_force = [status for status in self.learner.LearnerEmploymentStatus if status.DateEmpStatApp <= day]
        return max(in_force, key=lambda status: status.DateEmpStatApp, default=None)


def census_dates(first: date, last: date) -> int:
    """How many month ends lie from the first day to the last, both included."""
    return (month_of(last + ONE_DAY).number) - month_of(first).number


def last_month_of_interest(programme: Programme) -> Month:
    """The last month in which the programme can earn anything: that of its planned or actual end."""
    return month_of(max(programme.planned_end, programme.last_day or programme.planned_end))

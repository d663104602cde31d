"""What the calculation itself finds against the funding rules; an answer is given all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from funding_reference.answers import Finding
from funding_reference.earnings import Earning, Statement
from funding_reference.rules import Rules


def findings_of(
    rules: Rules, statement: Statement, rows: Sequence[Earning], *, of_programme: bool
) -> Iterator[Finding]:
    """BEFORE-MAY-2017, BAND-NOT-LISTED and MINIMUM-DURATION, each with its place in the learner's record.

    :param rows: what is earned by this statement; a balancing payment among them asks for the minimum duration
    :param of_programme: whether to look at the programme itself too

    Clauses: READ-22, READ-26, READ-28.
    """
    programme, plan = statement.programme, statement.plan
    if of_programme and plan is None:
        yield _finding(statement, "BEFORE-MAY-2017", "LearnStartDate")
    band = plan.band if of_programme and plan else None
    if band is not None and not rules.is_listed_band(rules, band, programme.first_start):
        yield _finding(statement, "BAND-NOT-LISTED", "FworkCode" if programme.course.is_framework else "StdCode")
    last_day = programme.last_day if any(row.type == "balancing" for row in rows) else None
    if last_day and not rules.meets_minimum_duration(rules, programme, last_day):
        yield _finding(statement, "MINIMUM-DURATION", "LearnActEndDate")


def _finding(statement: Statement, rule: str, field: str) -> Finding:
    programme = statement.programme
    position = programme.learner.LearningDelivery.index(programme.aim)
    return Finding(
        ukprn=programme.ukprn,
        uln=programme.learner.ULN,
        learner=programme.learner.LearnRefNumber,
        aim=programme.aim.AimSeqNumber,
        rule=rule,
        path=f"LearningDelivery[{position}].{field}",
    )

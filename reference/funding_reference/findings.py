"""What the calculation itself finds against the funding rules; an answer is given all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from funding_reference.answers import Finding
from funding_reference.earnings import Statement
from funding_reference.rules import Rules


def findings_of(rules: Rules, statements: Iterable[Statement]) -> Iterator[Finding]:
    """BEFORE-MAY-2017, BAND-NOT-LISTED and MINIMUM-DURATION, each with its place in the learner's record.

    Clauses: READ-22, READ-26, READ-28.
    """
    for statement in statements:
        programme = statement.programme
        if statement.plan is None:
            yield _finding(statement, "BEFORE-MAY-2017", "LearnStartDate")
            continue
        if not rules.is_listed_band(rules, statement.plan.band, programme.first_start):
            yield _finding(statement, "BAND-NOT-LISTED", "FworkCode" if programme.course.is_framework else "StdCode")
        balanced = any(row.type == "balancing" for row in statement.earnings)
        last_day = programme.last_day
        if balanced and last_day and not rules.meets_minimum_duration(rules, programme, last_day):
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

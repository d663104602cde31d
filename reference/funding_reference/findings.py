"""What the calculation itself finds against the funding rules; an answer is given all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from funding_reference.answers import Finding
from funding_reference.apprenticeship import Programme
from funding_reference.earnings import Earning
from funding_reference.rules import Rules
from funding_reference.statements import Statement


def findings_of(
    rules: Rules, statement: Statement, rows: Sequence[Earning], *, of_programme: bool
) -> Iterator[Finding]:
    """BEFORE-MAY-2017, BAND-NOT-LISTED and MINIMUM-DURATION, each with its place in the learner's record.

    :param rows: what is earned by this statement; a balancing payment among them asks for the minimum duration
    :param of_programme: whether to look at the programmes themselves too

    Clauses: READ-22, READ-26, READ-28.
    """
    entries = [row.entry for row in rows if row.type == "balancing"]
    balanced = {(entry.course, entry.aim) for entry in entries if entry is not None}
    for programme in statement.programmes:
        if programme.aim not in statement.learner.LearningDelivery:
            continue  # an aim that ended in an earlier year, whose own return has its place
        if of_programme:
            yield from _of_programme(rules, statement, programme)
        last_day = programme.last_day if (programme.course.id, programme.start) in balanced else None
        if last_day and not rules.meets_minimum_duration(rules, programme, last_day):
            yield _finding(statement, programme, "MINIMUM-DURATION", "LearnActEndDate")


def _of_programme(rules: Rules, statement: Statement, programme: Programme) -> Iterator[Finding]:
    if not rules.is_funded_here(rules, programme.first_start):
        yield _finding(statement, programme, "BEFORE-MAY-2017", "LearnStartDate")
        return
    band = rules.band_maximum(programme.course.funding_bands, programme.course_start)
    if band is not None and not rules.is_listed_band(rules, band, programme.course_start):
        yield _finding(
            statement, programme, "BAND-NOT-LISTED", "FworkCode" if programme.course.is_framework else "StdCode"
        )


def _finding(statement: Statement, programme: Programme, rule: str, field: str) -> Finding:
    position = statement.learner.LearningDelivery.index(programme.aim)
    return Finding(
        ukprn=programme.ukprn,
        uln=programme.learner.ULN,
        learner=programme.learner.LearnRefNumber,
        aim=programme.aim.AimSeqNumber,
        rule=rule,
        path=f"LearningDelivery[{position}].{field}",
    )

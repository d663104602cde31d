"""What a run says of an implementation that is awkward, whichever way it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from funding_conformance.adapters import Session
from funding_conformance.run import Case, Run, ask_and_judge
from funding_conformance.scenarios import Expect, Scenario, Table
from funding_reference.calendar import Month
from funding_reference.money import Amount

GENEROUS = 30.0
"""Seconds that no adapter here needs, however slow the machine."""

SHORT = 1.0
"""Seconds after which an adapter hangs; far more than one that does not hang needs for an answer."""

JANUARY = Month(2018 * 12)


@frozen
class Asked:
    """What a run says of an adapter."""

    cases: dict[str, Case]
    run: Run

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdicts that are not pass."""
        return {id: case.verdict.value for id, case in self.cases.items() if case.verdict.value != "pass"}

    @property
    def notes(self) -> str:
        return "\n".join(case.note for case in self.cases.values())


def case_id(number: int) -> str:
    return f"awkward/{number:02}"


def scenario(number: int, padding: str = "") -> Scenario:
    return Scenario(
        id=case_id(number),
        title="A month's instalment",
        rulebook="2017-08",
        clauses=("GUIDE-35",),
        source="derived",
        wants=("earnings",),
        given={"padding": padding},
        decides=("GUIDE-35",),
        expect=Expect(tables=(Table(measure="earned", amounts={JANUARY: Amount("500")}, complete=True),)),
    )


def judged(session: Session, scenarios: Sequence[Scenario]) -> Asked:
    cases = list(ask_and_judge(session, scenarios, ["earnings"], explain=False))
    session.close()
    run = Run({}, cases, [], session.faults, session.remarks, session.restarts, session.gave_up)
    assert [case.id for case in cases] == [each.id for each in scenarios]
    return Asked({case.id: case for case in cases}, run)

"""What every example adapter promises, asked through the kit's own session and judged by its own judge."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

from funding_conformance import protocol
from funding_conformance.adapters.stdio import StdioSession
from funding_conformance.judge import Verdict
from funding_conformance.protocol import Outcome, Question
from funding_conformance.run import Case
from funding_conformance.scenarios import Scenario

COVERED = {
    "guide/annex-1": 2,
    "guide/instalments": 28,
    "guide/qualifying-period": 25,
    "guide/completion": 20,
    "guide/band": 15,
}
"""The folders that the adapters claim to get right, and how many cases of each at least must have run and passed."""

NOT_COVERED = "guide/band/framework"
"""A case about earnings in those folders that is refused: a framework is no plain programme."""

CHANGES = {
    "guide/band/a-new-employer-after-a-rise-of-the-band",
    "guide/band/a-new-price-after-a-fall-of-the-band",
    "guide/band/a-new-price-after-a-rise-of-the-band",
    "guide/band/a-new-provider-after-a-rise-of-the-band",
    "guide/band/second-provider-meets-the-cap",
}
"""The others that are refused: something changes during the programme."""

MOST_LINES = 79
SECONDS_TO_LEAVE = 30.0


class CalculatorChecks:
    """The tests of what one adapter answers; the module that a subclass stands in names the FOLDER that it is in."""

    refused = Verdict.FAULT
    """What becomes of a case that it has no rule for."""

    def test_every_plain_programme_passes(self, cases: list[Case]) -> None:
        asked = [case for case in cases if folder_of(case) in COVERED and case.verdict is not Verdict.NOT_APPLICABLE]
        not_passed = {case.id: case.verdict for case in asked if case.verdict is not Verdict.PASS}
        assert not_passed == dict.fromkeys([NOT_COVERED, *CHANGES], self.refused)
        passed = Counter(folder_of(case) for case in asked if case.verdict is Verdict.PASS)
        assert all(passed[folder] >= least for folder, least in COVERED.items()), passed

    def test_it_is_wrong_only_where_a_question_makes_no_sense(self, cases: list[Case]) -> None:
        """It checks no questions. Whatever else it has no rule for it refuses: a wrong figure is worse than none."""
        wrong = [case.id for case in cases if case.verdict in (Verdict.FAIL, Verdict.REJECTED_WRONGLY)]
        assert [id for id in wrong if not id.startswith("rejects/")] == []

    def test_each_of_its_programs_is_short(self, folder: Path) -> None:
        lengths = {
            file.name: len(file.read_text(encoding="utf-8").splitlines())
            for file in folder.iterdir()
            if file.is_file() and file.name != "README.md"
        }
        assert lengths
        assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


class AdapterChecks(CalculatorChecks):
    """The tests of an adapter that is a program, which speaks the protocol; its module has the ``command`` as well."""

    def test_what_it_has_no_rule_for_is_named(self, cases: list[Case]) -> None:
        [framework] = [case for case in cases if case.id == NOT_COVERED]
        assert "ProgType" in framework.note

    def test_every_question_gets_a_reply(self, session: StdioSession, scenarios: list[Scenario]) -> None:
        """Questions about payments and nonsense too: no crash, no timeout, nothing against the protocol."""
        questions = [
            Question(f"reply-{number}", protocol.answer(scenario.question(), ("earnings",)))
            for number, scenario in enumerate(scenarios)
        ]
        outcomes = Counter(reply.outcome for reply in session.ask(questions))
        assert outcomes[Outcome.OK] + outcomes[Outcome.ERROR] == len(scenarios), outcomes
        assert (session.faults, session.restarts, session.gave_up) == ([], 0, "")

    def test_a_line_separator_inside_a_text_ends_no_line(
        self, session: StdioSession, scenarios: list[Scenario]
    ) -> None:
        asked = next(scenario for scenario in scenarios if scenario.id == "guide/annex-1/earned-in-all")
        question = {**asked.question(), "id": "before\u2028after"}
        [reply] = session.ask([Question("separator", protocol.answer(question, ("earnings",)))])
        assert reply.outcome is Outcome.OK, reply.note

    def test_it_leaves_with_code_0_on_goodbye(self, command: list[str]) -> None:
        """Of its own accord: its standard input stays open."""
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert process.stdin is not None
        process.stdin.write(protocol.write_line({"m": "bye", "id": "z"}))
        process.stdin.flush()
        try:
            assert process.wait(SECONDS_TO_LEAVE) == 0
        finally:
            process.kill()
            process.stdin.close()


def folder_of(case: Case) -> str:
    """The folder that a case stands in."""
    return case.id.rpartition("/")[0]

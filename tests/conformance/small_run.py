"""A small run with everything that a report must cope with: texts that would act, every kind of end, a property."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from funding_conformance.canonical import digest_of
from funding_conformance.protocol import write_line
from funding_conformance.runfile import RunFile
from funding_spec.register import Clause, Register

HOSTILE = '</pre><script>alert("1")</script>\x00\x1b[31m\u202e\ud800]]>'


def clause(id: str) -> Clause:
    return Clause(
        id=id,
        source="GUIDE",
        place="Monthly instalments, paragraph 35",
        says="The instalments are equal.",
        kind="rule",
        level="MUST",
        editions=("2017-08", "..."),
        read_from="sha256:" + "0" * 64,
        read_as=(),
        not_computed=None,
        file="clauses/guide.yaml",
        line=1,
    )


def difference(when: str, expected: str = "500.00000", got: str = "541.66667") -> dict[str, str]:
    more = str(Decimal(got) - Decimal(expected))
    return {"what": "earned type on_programme", "when": when, "expected": expected, "got": got, "pounds": more}


def case(id: str, verdict: str, **more: Any) -> dict[str, Any]:
    clauses = {"decides": ["GUIDE-35"], "clauses": ["GUIDE-35", "GUIDE-36"], "wants": ["earnings"]}
    facts = {"case": id, "verdict": verdict, "title": f"About {id}", "kind": "example", "ms": 12.5, "difference": []}
    return {**facts, **clauses, **more}


def month_of_working(month: str) -> dict[str, Any]:
    return {
        "rule": "on_programme_in_month",
        "says": "The instalment of a month.",
        "clauses": ["GUIDE-36"],
        "inputs": {"plan": "plan of aim 1", "month": month},
        "operation": "plan.instalment if 0 <= place < plan.earned else NOTHING",
        "result": "1625/3",
        "rounded": "541.66667",
    }


PASSED = case("guide/instalments/passing", "pass")
FAILED = case(
    "guide/instalments/failing",
    "fail",
    title=f"Equal instalments {HOSTILE}",
    difference=[
        difference("2017-12"),
        difference("2018-01"),
        difference("2018-02"),
        difference("2018-04"),
        difference("2018-05", "500.00000", "0.00000"),
        {"what": "matches", "when": "2018-05", "expected": HOSTILE, "got": "no such row"},
    ],
    note=HOSTILE,
    question={"id": "guide/instalments/failing", "given": {"x": HOSTILE}},
    answer={"ok": {"earnings": [{"ukprn": 10000001, "amount": "541.66667", "x_note": HOSTILE}]}},
    working=[month_of_working("2017-12"), month_of_working("2018-01"), month_of_working("2018-02")],
)
CRASHED = case("guide/instalments/crashing", "crash", kind="property", note="It ended.\r\nexit code 139 " + "x" * 200)
NOT_ASKED = case("access/roles/not-asked", "not-applicable", note=f"It asks for findings. {HOSTILE}")


def run_file(*cases: dict[str, Any], verdict: str = "not conformant") -> RunFile:
    verdicts = [each["verdict"] for each in cases]
    state = "unmet" if "fail" in verdicts else "met"
    clauses: dict[str, list[str]] = {"met": [], "unmet": [], "untested": ["GUIDE-36"]}
    clauses[state].append("GUIDE-35")
    profile = {"profile": "earnings", "verdict": verdict, "reason": "1 of 3 cases did not pass.", **clauses}
    return RunFile(
        header={
            "kit": "0.1.0",
            "protocol": 1,
            "rulebook": "2017-08",
            "asked": "dotnet run '$(reboot)'",
            "declaration": {
                "implementation": {"name": f"Acme {HOSTILE}", "version": "8.2.1", "vendor": HOSTILE},
                "wants": ["earnings"],
                "omits": [],
                "choices": {},
            },
            "seed": 0,
            "cases": len(cases),
            "case_list": "sha256:1234",
        },
        cases=cases,
        footer={
            "verdict": verdict,
            "counts": {each: verdicts.count(each) for each in dict.fromkeys(verdicts)},
            "profiles": [profile],
            "faults": [f"It wrote to standard output: {HOSTILE}"],
            "remarks": [HOSTILE],
            "restarts": 1,
            "digest": "sha256:5678",
        },
    )


RUN = run_file(PASSED, FAILED, CRASHED, NOT_ASKED)
REGISTER = Register([clause("GUIDE-35"), clause("GUIDE-36")])


def saved(run: RunFile, file: Path) -> Path:
    """The run as a file that can be read again."""
    footer = {name: value for name, value in run.footer.items() if name != "digest"}
    lines = [write_line(content) for content in ({"run": run.header}, *run.cases, footer)]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join([*lines[:-1], write_line({**footer, "digest": digest_of(b"".join(lines))})]))
    return file

"""The run for build servers, as JUnit XML: a suite a kind, a test a case."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from funding_conformance.reports.differences import grouped, in_all, in_words, printable
from funding_conformance.runfile import RunFile

FAILURES: Final = frozenset({"fail", "rejected-wrongly", "missing"})
_NEITHER: Final = frozenset({"pass", "not-applicable"})


def junit_report(run: RunFile) -> bytes:
    """The report as UTF-8; a wrong answer is a failure, anything that kept it from being an answer an error."""
    report = JUnitXml("funding-kit")
    suites: dict[str, TestSuite] = {}
    for case in run.cases:
        if case["kind"] not in suites:
            suites[case["kind"]] = _suite(case["kind"], run)
        suites[case["kind"]].add_testcase(_test(case))
    for suite in suites.values():
        report.add_testsuite(suite)
    report.update_statistics()  # type: ignore[no-untyped-call]
    written = io.BytesIO()
    report.write(written)
    return written.getvalue()


def _suite(kind: str, run: RunFile) -> TestSuite:
    suite = TestSuite(printable(kind))
    facts = {
        "implementation": run.name,
        "rulebook": run.header["rulebook"],
        "verdict": run.footer["verdict"],
        "digest": run.footer["digest"],
    }
    for name, value in facts.items():
        suite.add_property(name, printable(value))
    return suite


def _test(case: Mapping[str, Any]) -> TestCase:
    id, verdict = printable(case["case"]), case["verdict"]
    test = TestCase(id, id.rpartition("/")[0].replace("/", ".") or id, float(case["ms"]) / 1000)
    if verdict == "not-applicable":
        test.result = [Skipped(printable(case.get("note") or ""))]
    elif verdict not in _NEITHER:
        kind = Failure if verdict in FAILURES else Error
        result = kind(printable(f"{verdict}: {case['title']}"), verdict)
        result.text = printable("\n".join(_explained(case)))
        test.result = [result]
    return test


def _explained(case: Mapping[str, Any]) -> list[str]:
    groups = grouped(case["difference"])
    lines = [case.get("note") or "", *in_words(groups), in_all(groups)]
    decides = ", ".join(case["decides"])
    return [line for line in (*lines, f"Decides {decides}" if decides else "") if line]

"""The run for build servers, as JUnit XML: a suite a kind, a test a case, and one for the verdict on each profile.

A build server sees tests and nothing else, so that a run which is not conformant must have one that did not pass.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from funding_conformance.reports.differences import explained, printable
from funding_conformance.run import Result
from funding_conformance.runfile import PASSED_OVER, RunFile

FAILURES: Final = frozenset({"fail", "rejected-wrongly", "missing"})
GREEN: Final = frozenset({Result.CONFORMANT.value, Result.NO_NEW_FAILURES.value})


def junit_report(run: RunFile) -> bytes:
    """The report as UTF-8; a wrong answer is a failure, anything that kept it from being an answer an error."""
    report = JUnitXml("funding-kit")
    for kind in dict.fromkeys(case["kind"] for case in run.cases):
        suite = _suite(kind, run)
        suite.add_testcases([_test(case) for case in run.cases if case["kind"] == kind])
        report.add_testsuite(suite)
    verdicts = _suite("verdict", run)
    verdicts.add_testcases([_verdict(judged) for judged in run.footer["profiles"]])
    verdicts.add_testcase(_verdict_on_the_run(run))
    report.add_testsuite(verdicts)
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


def _verdict(judged: Mapping[str, Any]) -> TestCase:
    """A profile: an error where too little was tested to say anything."""
    return _concluded(judged["profile"], judged["verdict"], [judged["reason"]])


def _verdict_on_the_run(run: RunFile) -> TestCase:
    """The run as a whole, with whatever else speaks against it."""
    footer = run.footer
    more = [*footer["faults"], *footer.get("baseline", []), *([footer["gave_up"]] if "gave_up" in footer else [])]
    return _concluded("run", footer["verdict"], more)


def _concluded(name: str, verdict: str, why: Sequence[str]) -> TestCase:
    test = TestCase(printable(name), "verdict")
    if verdict not in GREEN:
        kind = Failure if verdict == Result.NOT_CONFORMANT.value else Error
        result = kind(printable(verdict), verdict)
        result.text = printable("\n".join(why))
        test.result = [result]
    return test


def _test(case: Mapping[str, Any]) -> TestCase:
    id, verdict = printable(case["case"]), case["verdict"]
    test = TestCase(id, id.rpartition("/")[0].replace("/", ".") or id, float(case["ms"]) / 1000)
    if verdict == "not-applicable":
        test.result = [Skipped(printable(case.get("note") or ""))]
    elif verdict not in PASSED_OVER:
        kind = Failure if verdict in FAILURES else Error
        result = kind(printable(f"{verdict}: {case['title']}"), verdict)
        result.text = printable("\n".join(explained(case)))
        test.result = [result]
    return test

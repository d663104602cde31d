"""The report in the terminal: the verdict of each profile, the failures first, in 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tabulate import tabulate

from funding_conformance.reports.differences import grouped, in_all, in_words, money_of, printable
from funding_conformance.runfile import RunFile

WIDTH: Final = 80
FAILURES_SHOWN: Final = 10
DIFFERENCES_SHOWN: Final = 6
CAUSES_SHOWN: Final = 8
CLAUSES_SHOWN: Final = 20
KINDS: Final = {"example": "worked examples", "fresh": "fresh cases", "property": "properties"}


def terminal_report(run: RunFile) -> Iterator[str]:
    """The report, line by line."""
    found = run.footer.get("diagnosis", {})
    broken = run.broken
    failures = [] if broken else run.failures
    if broken:
        yield from wrapped(broken)
        yield ""
    for case in failures[:FAILURES_SHOWN]:
        yield from _failure(case)
        yield ""
    if len(failures) > FAILURES_SHOWN:
        yield f"… and {len(failures) - FAILURES_SHOWN} more that did not pass; the HTML report has them all."
        yield ""
    yield from _causes(found.get("causes", []))
    yield from wrapped(f"{run.name}, rulebook {run.header['rulebook']}")
    yield ""
    yield from _fresh(run)
    yield from table([*_counted(run)], ["verdict", *(KINDS[kind] for kind in _kinds(run)), "in all"])
    yield ""
    yield from table(
        [
            [p["profile"], p["verdict"], f"{len(p['met'])} of {_required(p)}", p["reason"]]
            for p in run.footer["profiles"]
        ],
        ["profile", "verdict", "clauses met", "why"],
        widths=[16, 14, 11, 26],
    )
    for profile in run.footer["profiles"]:
        if profile["unmet"] and not broken:
            yield from _clauses(f"Not met for {profile['profile']}", profile["unmet"])
        if profile["untested"]:
            yield from _clauses(f"Not tested for {profile['profile']}", profile["untested"])
    for what in (*run.footer["faults"], *run.footer["remarks"]):
        yield from wrapped(f"The adapter: {what}")
    for what in run.footer.get("baseline", []):
        yield from wrapped(f"The baseline: {what}")
    if "gave_up" in run.footer:
        yield from wrapped(f"The run ended early: {run.footer['gave_up']}")
    yield ""
    yield f"Verdict: {run.footer['verdict']}"


def _clauses(what: str, clauses: Sequence[str]) -> Iterator[str]:
    more = len(clauses) - CLAUSES_SHOWN
    rest = f" and {more} more, which the HTML report has" if more > 0 else ""
    yield ""
    yield from wrapped(f"{what}: {', '.join(clauses[:CLAUSES_SHOWN])}{rest}")


def table(rows: Sequence[Sequence[object]], headers: Sequence[str], widths: list[int] | None = None) -> list[str]:
    """A table in lines, its texts without anything that a terminal would act on.

    :param widths: characters of each column, in which texts and headers are wrapped
    """
    wrapped_rows = [_within([printable(cell) for cell in row], widths) for row in (headers, *rows)]
    return tabulate(wrapped_rows[1:], wrapped_rows[0], tablefmt="simple", disable_numparse=True).splitlines()


def _within(cells: list[str], widths: Sequence[int] | None) -> list[str]:
    """Cells with a new line wherever one would be wider than its column."""
    if widths is None:
        return cells
    return [
        "\n".join(part for line in cell.splitlines() for part in textwrap.wrap(line, width) or [""])
        for cell, width in zip(cells, widths, strict=True)
    ]


def _required(profile: dict[str, Any]) -> int:
    return len(profile["met"]) + len(profile["unmet"]) + len(profile["untested"])


def _counted(run: RunFile) -> Iterator[list[str]]:
    """A line a verdict and a column a kind: there are few kinds, so that it always fits."""
    counts = Counter((case["verdict"], case["kind"]) for case in run.cases)
    kinds = _kinds(run)
    for verdict in run.footer["counts"]:
        row = [counts[verdict, kind] for kind in kinds]
        yield [verdict, *map(str, row), str(sum(row))]


def _kinds(run: RunFile) -> list[str]:
    found = {case["kind"] for case in run.cases}
    return [kind for kind in KINDS if kind in found]


def _failure(case: dict[str, Any]) -> Iterator[str]:
    clauses = " ".join(case["decides"] or case["clauses"][:3])
    yield from wrapped(f"{case['case']}  {clauses}".rstrip())
    yield from wrapped(f"{case['title']}: {case['verdict']}", "  ")
    if case.get("note"):
        yield from wrapped(case["note"], "    ")
    groups = grouped(case["difference"])
    for line in in_words(groups[:DIFFERENCES_SHOWN]):
        yield from wrapped(line, "    ")
    if len(groups) > DIFFERENCES_SHOWN:
        yield f"    … and {len(groups) - DIFFERENCES_SHOWN} more differences"
    if total := in_all(groups):
        yield from wrapped(total, "    ")


def _causes(causes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Why cases did not pass, what explains most of them first."""
    if not causes:
        return
    yield "Why they did not pass, as far as answers tell:"
    for cause in causes[:CAUSES_SHOWN]:
        cases = cause["cases"]
        says = cause["says"].rstrip(".")
        which = "1 case" if len(cases) == 1 else f"{len(cases):,} cases"
        yield from wrapped(f"{says}; {', '.join(cause['clauses'])} ({which}, {cases[0]} first)", "  ")
        if money := money_of(cause):
            yield from wrapped(money, "    ")
    if len(causes) > CAUSES_SHOWN:
        yield f"  … and {len(causes) - CAUSES_SHOWN} more; the HTML report has them all."
    yield ""


def _fresh(run: RunFile) -> Iterator[str]:
    """What must be known of the fresh cases to trust the verdict."""
    fresh = run.header.get("fresh", {"drawn": 0, "asked": 0})
    if not fresh["drawn"]:
        yield from wrapped(
            "No fresh cases were asked: an implementation that knows the published answers by heart is not found out."
        )
        yield ""
    elif fresh["drawn"] < fresh["asked"]:
        yield from wrapped(f"{fresh['drawn']} fresh cases were drawn of {fresh['asked']} asked for.")
        yield ""


def wrapped(text: str, indent: str = "") -> list[str]:
    """A text in lines, without anything that a terminal would act on."""
    lines: list[str] = []
    for line in printable(text).splitlines():
        lines += textwrap.wrap(
            line, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
        ) or [""]
    return lines

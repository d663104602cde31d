"""The report in the terminal: the verdict of each profile, the failures first, in 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from tabulate import tabulate

from funding_conformance.runfile import RunFile
from funding_reference.money import pounds

WIDTH: Final = 80
FAILURES_SHOWN: Final = 10
DIFFERENCES_SHOWN: Final = 6


def terminal_report(run: RunFile) -> Iterator[str]:
    """The report, line by line."""
    failures = [case for case in run.cases if case["verdict"] not in ("pass", "not-applicable")]
    for case in failures[:FAILURES_SHOWN]:
        yield from _failure(case)
        yield ""
    if len(failures) > FAILURES_SHOWN:
        yield f"… and {len(failures) - FAILURES_SHOWN} more that did not pass; the HTML report has them all."
        yield ""
    yield f"{run.name}, rulebook {run.header['rulebook']}"
    yield ""
    yield from _table(_counted(run), ["cases", *_verdicts(run), "in all"])
    yield ""
    yield from _table(
        [
            [p["profile"], p["verdict"], f"{len(p['met'])} of {len(p['met']) + len(p['unmet']) + len(p['untested'])}", p["reason"]]
            for p in run.footer["profiles"]
        ],
        ["profile", "verdict", "clauses met", "why"],
        widths=[16, 14, 11, 26],
    )
    for profile in run.footer["profiles"]:
        if profile["unmet"]:
            yield ""
            yield from _wrapped(f"Not met for {profile['profile']}: {', '.join(profile['unmet'])}")
        if profile["untested"]:
            yield ""
            yield from _wrapped(f"Not tested for {profile['profile']}: {', '.join(profile['untested'])}")
    for what in (*run.footer["faults"], *run.footer["remarks"]):
        yield from _wrapped(f"The adapter: {what}")
    if "gave_up" in run.footer:
        yield from _wrapped(f"The run ended early: {run.footer['gave_up']}")
    yield ""
    yield f"Verdict: {run.footer['verdict']}"


def _table(rows: list[list[Any]], headers: list[str], widths: list[int] | None = None) -> list[str]:
    return tabulate(rows, headers, tablefmt="simple", maxcolwidths=widths, disable_numparse=True).splitlines()


def _verdicts(run: RunFile) -> list[str]:
    return list(run.footer["counts"])


def _counted(run: RunFile) -> list[list[Any]]:
    kinds = Counter((case["kind"], case["verdict"]) for case in run.cases)
    names = {"example": "worked examples", "fresh": "fresh cases", "property": "properties"}
    rows = []
    for kind, name in names.items():
        counts = [kinds[kind, verdict] for verdict in _verdicts(run)]
        if any(counts):
            rows.append([name, *map(str, counts), str(sum(counts))])
    return rows


def _failure(case: dict[str, Any]) -> Iterator[str]:
    clauses = " ".join(case["decides"] or case["clauses"][:3])
    yield f"{case['case']}  {clauses}".rstrip()
    yield from _wrapped(f"{case['title']}: {case['verdict']}", "  ")
    if case.get("note"):
        yield from _wrapped(case["note"], "    ")
    differences = case["difference"]
    for group in _grouped(differences)[:DIFFERENCES_SHOWN]:
        yield from _wrapped(group, "    ")
    left = len(_grouped(differences)) - DIFFERENCES_SHOWN
    if left > 0:
        yield f"    … and {left} more differences"
    if total := sum((Decimal(d["pounds"]) for d in differences if "pounds" in d), Decimal(0)):
        yield f"    {'over' if total > 0 else 'under'} by {pounds(abs(total))} in all"


def _grouped(differences: list[dict[str, Any]]) -> list[str]:
    """Differences that are the same month after month, as one line."""
    groups: list[tuple[dict[str, Any], str]] = []
    for difference in differences:
        key = {name: value for name, value in difference.items() if name != "when"}
        if groups and {name: value for name, value in groups[-1][0].items() if name != "when"} == key:
            groups[-1] = groups[-1][0], difference["when"]
        else:
            groups.append((difference, difference["when"]))
    lines = []
    for first, last in groups:
        when = first["when"] if first["when"] == last else f"{first['when']} to {last}"
        lines.append(f"{first['what']} {when}: expected {_shown(first, 'expected')}, got {_shown(first, 'got')}".replace("  ", " "))
    return lines


def _shown(difference: dict[str, Any], field: str) -> str:
    return pounds(Decimal(difference[field])) if "pounds" in difference else str(difference[field])


def _wrapped(text: str, indent: str = "") -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(
            line, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False, break_long_words=False
        ) or [""]
    return lines

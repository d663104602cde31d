"""The run for the summary of a build, as Markdown: short, and what others wrote stays text.

:func:`as_text` is for everything that goes into Markdown of the kit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from funding_conformance.reports.differences import grouped, in_all, in_words, money_of, printable, shortened
from funding_conformance.runfile import RunFile

FAILURES_SHOWN: Final = 20
CAUSES_SHOWN: Final = 8
DIFFERENCES_SHOWN: Final = 2
LONGEST_CELL: Final = 400
"""How many characters one cell has at most."""

_ACTING: Final = re.compile(
    r"[&<>|`*\[\]\\~$]|(?<![a-z0-9])_|_(?![a-z0-9])|(?<=http)s?:|(?<=www)\.|(?<=ftp):", re.IGNORECASE
)
_CALLING: Final = re.compile(r"([@#])(?=\w)")
_NOT_JOINED: Final = "\u2060"
"""Between @ and a name nobody is called, nor is an issue between # and its number; nothing is seen of it."""


def markdown_report(run: RunFile) -> bytes:
    """The report as UTF-8."""
    return ("\n".join(_lines(run)) + "\n").encode("utf-8", "backslashreplace")


def _lines(run: RunFile) -> Iterator[str]:
    verdict = run.footer["verdict"]
    yield f"## {as_text(verdict[:1].upper() + verdict[1:])}: {as_text(run.name)}"
    yield ""
    asked = sum(case["verdict"] != "not-applicable" for case in run.cases)
    failures = run.failures
    yield f"Rulebook {as_text(run.header['rulebook'])}. Of {asked:,} cases asked, {len(failures):,} did not pass."
    yield ""
    yield from markdown_table(
        ["Profile", "Verdict", "Clauses met", "Why"],
        (
            [p["profile"], p["verdict"], f"{len(p['met'])} of {_required(p)}", p["reason"]]
            for p in run.footer["profiles"]
        ),
        nothing="No profile was judged.",
    )
    if run.broken:
        yield as_text(run.broken)
        yield ""
    else:
        yield from _causes(run)
        yield from _failures(failures)
    yield from _beside(run)
    yield "_What one run of the kit found; not an approval, in any form, by any government department._"


def _required(profile: dict[str, Any]) -> int:
    return len(profile["met"]) + len(profile["unmet"]) + len(profile["untested"])


def _causes(run: RunFile) -> Iterator[str]:
    causes = run.footer.get("diagnosis", {}).get("causes", [])
    if not causes:
        return
    yield "### Why, as far as answers tell"
    yield ""
    rows = ([c["says"], ", ".join(c["clauses"]), f"{len(c['cases']):,}", money_of(c)] for c in causes[:CAUSES_SHOWN])
    yield from markdown_table(["Cause", "Clauses", "Cases", "Money"], rows)
    yield from _left_out(len(causes) - CAUSES_SHOWN, "cause", "causes")


def _failures(failures: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not failures:
        return
    yield "### What did not pass"
    yield ""
    rows = (
        [case["case"], case["verdict"], ", ".join(case["decides"] or case["clauses"][:3]), _what_differs(case)]
        for case in failures[:FAILURES_SHOWN]
    )
    yield from markdown_table(["Case", "Verdict", "Clauses", "What differs"], rows)
    yield from _left_out(len(failures) - FAILURES_SHOWN, "case", "cases")


def _what_differs(case: Mapping[str, Any]) -> str:
    """What happened, the first differences, and what they come to."""
    groups = grouped(case["difference"])
    more = f"{len(groups) - DIFFERENCES_SHOWN:,} more" if len(groups) > DIFFERENCES_SHOWN else ""
    found = [case.get("note", ""), *in_words(groups[:DIFFERENCES_SHOWN]), more, in_all(groups)]
    return "; ".join(filter(None, found))


def _left_out(count: int, one: str, many: str) -> Iterator[str]:
    if count > 0:
        yield f"… and {count:,} more {one if count == 1 else many}: the HTML report and the run file have them."
        yield ""


def _beside(run: RunFile) -> Iterator[str]:
    """What else decides the verdict, or must be known to trust it."""
    footer = run.footer
    found = [*(f"The adapter: {fault}" for fault in footer["faults"])]
    found += [f"The baseline: {wrong}" for wrong in footer.get("baseline", [])]
    if "gave_up" in footer:
        found.append(f"The run ended early: {footer['gave_up']}")
    if not run.header.get("fresh", {"drawn": 0})["drawn"]:
        found.append("No fresh cases were asked: an implementation that knows the published answers is not found out.")
    for says in found[:FAILURES_SHOWN]:
        yield as_text(shortened(says, LONGEST_CELL))
        yield ""
    yield from _left_out(len(found) - FAILURES_SHOWN, "remark", "remarks")


def markdown_table(headers: Sequence[str], rows: Iterable[Sequence[object]], nothing: str = "") -> Iterator[str]:
    """A table whose cells are texts that may come from anyone, and a blank line.

    :param nothing: what is said where there are no rows
    """
    cells = [[as_text(shortened(str(cell), LONGEST_CELL)) for cell in row] for row in rows]
    if not cells:
        yield from [nothing, ""] if nothing else []
        return
    yield f"| {' | '.join(headers)} |"
    yield f"|{' --- |' * len(headers)}"
    for row in cells:
        yield f"| {' | '.join(row)} |"
    yield ""


def as_text(text: object) -> str:
    """A text that others wrote, on one line and without anything that Markdown, HTML or a forge acts on."""
    line = " ".join(printable(text).split())
    neutral = _ACTING.sub(lambda found: "".join(f"&#{ord(character)};" for character in found[0]), line)
    # References hold # and digits, but the kit writes them after &, where nobody is called.
    return _CALLING.sub(lambda found: found[0] if _is_reference(neutral, found) else found[1] + _NOT_JOINED, neutral)


def _is_reference(text: str, found: re.Match[str]) -> bool:
    return found[1] == "#" and text[: found.start()].endswith("&")

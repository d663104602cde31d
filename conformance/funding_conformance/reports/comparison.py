"""How two runs differ, for a terminal in 80 columns and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from funding_conformance.comparing import LISTS, Change, Comparison
from funding_conformance.reports.differences import grouped, in_all, shortened
from funding_conformance.reports.markdown import as_text, markdown_table
from funding_conformance.reports.terminal import wrapped

SHOWN: Final = 20
"""How many cases of one list are named; JSON has them all."""

_LONGEST_HEADER: Final = 100
_NO_POUNDS: Final = "nothing over or under"


def comparison_report(comparison: Comparison) -> Iterator[str]:
    """The comparison, line by line."""
    for what, before, now in comparison.headers:
        yield from wrapped(f"Not the same {what}: {_short(before)}; now {_short(now)}")
    if comparison.headers:
        yield ""
    for name, changes in comparison.lists().items():
        if changes:
            yield f"{LISTS[name]}: {len(changes):,}"
            for change in changes[:SHOWN]:
                yield from wrapped(f"{change.id}  {_clauses(change)}".rstrip(), "  ")
                yield from wrapped(what_changed(change), "    ")
            if len(changes) > SHOWN:
                yield f"  … and {len(changes) - SHOWN:,} more; --json has them all."
            yield ""
    yield from wrapped(_verdicts(comparison))
    yield from wrapped(in_a_sentence(comparison))


def comparison_markdown(comparison: Comparison) -> bytes:
    """The comparison as UTF-8."""
    lines = [f"## {as_text(in_a_sentence(comparison))}", "", as_text(_verdicts(comparison)), ""]
    headers = ([what, _short(before), _short(now)] for what, before, now in comparison.headers)
    lines += markdown_table(["Not the same", "Before", "Now"], headers)
    for name, changes in comparison.lists().items():
        if changes:
            lines += [f"### {LISTS[name]}: {len(changes):,}", ""]
            rows = ([change.id, _clauses(change), what_changed(change)] for change in changes[:SHOWN])
            lines += markdown_table(["Case", "Clauses", "What changed"], rows)
            if len(changes) > SHOWN:
                lines += [f"… and {len(changes) - SHOWN:,} more.", ""]
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def in_a_sentence(comparison: Comparison) -> str:
    """What matters most."""
    failing, passing = len(comparison.newly_failing), len(comparison.newly_passing)
    return f"{_how_many(failing)} newly failing, {_how_many(passing).lower()} newly passing."


def _verdicts(comparison: Comparison) -> str:
    before, now = (str(run.footer["verdict"]) for run in (comparison.old, comparison.new))
    return f"The verdict was {before} and is {'still ' if before == now else ''}{now}."


def _how_many(count: int) -> str:
    return "Nothing" if not count else "1 case" if count == 1 else f"{count:,} cases"


def what_changed(change: Change) -> str:
    """From which verdict to which, and what was over or under before and is now."""
    before, now = change.verdicts
    if not before or not now:
        return now or before
    says = before if before == now else f"{before}, now {now}"
    amounts = [in_all(grouped(case["difference"])) for case in (change.old, change.new) if case]
    if amounts[0] != amounts[1]:
        says += f"; {amounts[0] or _NO_POUNDS}, now {amounts[1] or _NO_POUNDS}"
    return f"{says}; the case itself changed" if change.other_case else says


def _clauses(change: Change) -> str:
    case = change.new or change.old or {}
    clauses: Sequence[str] = case.get("decides") or case.get("clauses", ())[:3]
    return ", ".join(clauses)


def _short(text: str) -> str:
    return shortened(text, _LONGEST_HEADER)

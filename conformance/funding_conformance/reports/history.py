"""Runs one after another: a row a run, and what was newly failing in each, for a terminal in 80 columns.

Only runs of one implementation under one rulebook are held against each other. Of a run that is past no more is kept
than its verdicts, so that a history may be long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import evolve, frozen

from funding_conformance.comparing import compared
from funding_conformance.reports.terminal import table, wrapped
from funding_conformance.runfile import PASSED_OVER, RunFile

SHOWN: Final = 5
"""How many newly failing cases of a run are named."""

_WIDTHS: Final = [22, 29, 7, 8, 6]


@frozen
class Row:
    """What the history says of one run.

    :param newly_failing: against the run before; None of the first one
    """

    name: str
    version: str
    profiles: tuple[str, ...]
    passed: int
    failing: int
    newly_failing: tuple[str, ...] | None


def history_report(runs: Iterable[tuple[str, RunFile]]) -> Iterator[str]:
    """The history, line by line.

    :param runs: each with a name, in their order
    """
    for (who, rulebook), rows in _series(runs).items():
        yield from wrapped(f"{who}, rulebook {rulebook}")
        yield ""
        cells = [
            [_named(row), "\n".join(row.profiles), f"{row.passed:,}", f"{row.failing:,}", _new(row)] for row in rows
        ]
        yield from table(cells, ["run", "profiles", "passed", "did not", "new"], widths=_WIDTHS)
        yield ""
        for row in rows:
            if row.newly_failing:
                named = ", ".join(row.newly_failing[:SHOWN])
                more = f" and {len(row.newly_failing) - SHOWN:,} more" if len(row.newly_failing) > SHOWN else ""
                yield from wrapped(f"Newly failing in {row.name}: {named}{more}")
                yield ""


def _series(runs: Iterable[tuple[str, RunFile]]) -> dict[tuple[str, str], list[Row]]:
    """The rows of each implementation and rulebook."""
    series: dict[tuple[str, str], list[Row]] = defaultdict(list)
    before: dict[tuple[str, str], RunFile] = {}
    for name, run in runs:
        who = run.header["declaration"]["implementation"]
        key = str(who.get("name", "")), str(run.header["rulebook"])
        newly = tuple(change.id for change in compared(before[key], run).newly_failing) if key in before else None
        series[key].append(_row(name, str(who.get("version", "")), run, newly))
        before[key] = evolve(run, cases=tuple(_in_brief(case) for case in run.cases))
    return series


def _row(name: str, version: str, run: RunFile, newly: tuple[str, ...] | None) -> Row:
    counts = run.footer["counts"]
    profiles = tuple(f"{profile['profile']}: {profile['verdict']}" for profile in run.footer["profiles"])
    failing = sum(count for verdict, count in counts.items() if verdict not in PASSED_OVER)
    return Row(name, version, profiles or (run.footer["verdict"],), counts.get("pass", 0), failing, newly)


def _in_brief(case: dict[str, object]) -> dict[str, object]:
    return {name: case[name] for name in ("case", "verdict", "digest") if name in case}


def _named(row: Row) -> str:
    return f"{row.name}\n({row.version})" if row.version else row.name


def _new(row: Row) -> str:
    return "" if row.newly_failing is None else f"{len(row.newly_failing):,}"

"""Several implementations beside each other: for a terminal their verdicts, and as a page every clause of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen
from funding_spec.register import Register, load_register

from funding_conformance.reports.differences import shortened
from funding_conformance.reports.html import CLAUSE_STATES, RESULTS, Mark, marked_as
from funding_conformance.reports.page import rendered
from funding_conformance.reports.terminal import WIDTH, table, wrapped
from funding_conformance.runfile import RunFile

_LONGEST_NAME: Final = 60
_CLAUSE: Final = 18
_STATE: Final = 12


@frozen
class Column:
    """One run in the matrix.

    :param states: of every clause that a profile of it requires: met, unmet or untested
    :param failing: how many cases that decide a clause did not pass, by clause
    :param profiles: the verdict on each, and how many clauses are met of how many
    """

    name: str
    file: str
    run: RunFile
    states: dict[str, str]
    failing: Counter[str]
    profiles: dict[str, tuple[str, int, int]]


def columns_of(runs: Sequence[tuple[str, RunFile]]) -> list[Column]:
    """The runs as columns; where two have one name, each is named by its file too.

    :param runs: each with the name of its file
    """
    names = Counter(run.name for _, run in runs)
    return [_column(run.name if names[run.name] == 1 else f"{run.name} ({file})", file, run) for file, run in runs]


def _column(name: str, file: str, run: RunFile) -> Column:
    states: dict[str, str] = {}
    for state in ("untested", "met", "unmet"):  # the worst that any profile says stands
        for profile in run.footer["profiles"]:
            states.update(dict.fromkeys(profile[state], state))
    failing = Counter(clause for case in run.failures for clause in case["decides"])
    profiles = {
        profile["profile"]: (
            profile["verdict"],
            len(profile["met"]),
            sum(len(profile[state]) for state in CLAUSE_STATES),
        )
        for profile in run.footer["profiles"]
    }
    return Column(shortened(name, _LONGEST_NAME), file, run, states, failing, profiles)


def _in_order(columns: Sequence[Column], register: Register) -> list[str]:
    """Every clause that any of them must meet, in the order of the register."""
    required = {clause for column in columns for clause in column.states}
    known = [clause.id for clause in register if clause.id in required]
    return [*known, *sorted(required.difference(known))]


def _profiles(columns: Sequence[Column]) -> list[str]:
    return list(dict.fromkeys(profile for column in columns for profile in column.profiles))


def _rulebooks(columns: Sequence[Column]) -> list[str]:
    return list(dict.fromkeys(str(column.run.header["rulebook"]) for column in columns))


# For a terminal


def matrix_report(runs: Sequence[tuple[str, RunFile]]) -> Iterator[str]:
    """The verdicts of all profiles, and the clauses that not all of them meet, line by line."""
    columns = columns_of(runs)
    if len(_rulebooks(columns)) > 1:
        yield from wrapped(f"They were asked under different rulebooks: {', '.join(_rulebooks(columns))}.")
        yield ""
    rows = []
    for column in columns:
        verdicts = [
            f"{profile}: {verdict}, {met} of {required} clauses"
            for profile, (verdict, met, required) in column.profiles.items()
        ]
        rows.append([column.name, column.run.footer["verdict"], "\n".join(verdicts)])
    yield from table(rows, ["implementation", "verdict", "profiles"], widths=[20, 14, 42])
    yield ""
    yield from _open_clauses(columns)


def _open_clauses(columns: Sequence[Column]) -> Iterator[str]:
    """The clauses that not all meet, as many implementations beside each other as fit."""
    clauses = [
        id
        for id in _in_order(columns, load_register())
        if any(column.states.get(id, "met") != "met" for column in columns)
    ]
    if not clauses:
        yield "Every clause that is required of them is met."
        return
    fit = (WIDTH - _CLAUSE) // (_STATE + 2)
    for first in range(0, len(columns), fit):
        shown = columns[first : first + fit]
        rows = [[id, *(_state(column, id) for column in shown)] for id in clauses]
        headers = ["not met by all", *(column.name for column in shown)]
        yield from table(rows, headers, widths=[_CLAUSE, *[_STATE] * len(shown)])
        yield ""


def _state(column: Column, clause: str) -> str:
    state = column.states.get(clause)
    return CLAUSE_STATES[state].words.lower() if state else "not required"


# As a page


@frozen
class Cell:
    """A clause of one implementation; no mark where it is not required of it."""

    mark: Mark | None
    failing: int


def matrix_page(runs: Sequence[tuple[str, RunFile]]) -> str:
    """The page as text: every clause that any of them must meet, and what each makes of it."""
    columns, register = columns_of(runs), load_register()
    return rendered(
        "matrix.html.j2",
        columns=columns,
        rulebooks=_rulebooks(columns),
        profiles=_profiles(columns),
        verdicts=[marked_as(RESULTS, column.run.footer["verdict"]) for column in columns],
        judged=[[_judged(column, profile) for column in columns] for profile in _profiles(columns)],
        clauses=[
            (id, register.get(id) if id in register else None, [_cell(column, id) for column in columns])
            for id in _in_order(columns, register)
        ],
    )


def _judged(column: Column, profile: str) -> tuple[Mark, int, int] | None:
    if profile not in column.profiles:
        return None
    verdict, met, required = column.profiles[profile]
    return marked_as(RESULTS, verdict), met, required


def _cell(column: Column, clause: str) -> Cell:
    state = column.states.get(clause)
    return Cell(CLAUSE_STATES[state] if state else None, column.failing[clause])

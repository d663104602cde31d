"""``funding-kit clauses``: lists, filters, shows and checks the register."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import click
from funding_spec.register import Clause, Register, check, check_digests, load_register
from funding_spec.rulebook import editions
from funding_spec.sources import read_sources
from tabulate import tabulate

from funding_conformance.scenarios import Scenario, examples_folder, load_folder

WIDTH = 80
INCOMPLETE = 1


def clauses_command(
    ids: Sequence[str], source: str | None, kind: str | None, not_computed: bool, sources: Path | None, trace: bool
) -> int:
    """Prints what is asked for and returns the exit code: 1 if the register has a gap, 0 otherwise."""
    register = load_register()
    problems = check(register, known_editions(register))
    if sources is not None:
        problems += check_digests(register, read_sources(sources))
    if trace:
        problems += _trace(register)
    elif ids:
        for id in ids:
            for line in _shown(register.get(id)):
                click.echo(line)
    else:
        _list(register, source, kind, not_computed)
    problems += _unknown_citations(register, load_folder(examples_folder())) if trace else []
    for problem in problems:
        click.echo(problem, err=True)
    return INCOMPLETE if problems else 0


def known_editions(register: Register) -> list[str]:
    """Every edition that the readings describe, whether or not its rulebook is written yet."""
    named = [clause.id.removeprefix("READ-EDITION-") for clause in register if clause.id.startswith("READ-EDITION-")]
    return sorted({*named, *editions()})


def _list(register: Register, source: str | None, kind: str | None, not_computed: bool) -> None:
    if source is not None and not register.by_source(source):
        known = ", ".join(sorted({clause.source for clause in register}))
        raise click.BadParameter(f"there is no source {source}; there are {known}", param_hint="--source")
    found = [
        clause
        for clause in register
        if (source is None or clause.source == source)
        and (kind is None or clause.kind == kind)
        and (not not_computed or (clause.kind == "rule" and clause.not_computed is not None))
    ]
    rows = [
        [clause.id, clause.level or clause.kind, clause.not_computed if not_computed else clause.says]
        for clause in found
    ]
    click.echo(tabulate(rows, ["clause", "level", "reason" if not_computed else "says"], maxcolwidths=[20, 11, 44]))
    click.echo(f"{len(found)} of {len(register)} clauses.")


def _shown(clause: Clause) -> list[str]:
    lines = [f"{clause.id}  {clause.place}"]
    lines += textwrap.wrap(clause.says, WIDTH, initial_indent="  ", subsequent_indent="  ")
    level = f", {clause.level}" if clause.level else ""
    lines.append(f"  {clause.kind}{level}; editions {', '.join(clause.editions)}")
    if clause.read_as:
        lines.append(f"  read as {', '.join(clause.read_as)}")
    if clause.not_computed:
        lines += textwrap.wrap(
            f"not computed: {clause.not_computed}", WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    lines.append(f"  {clause.read_from}")
    return lines


def _unknown_citations(register: Register, scenarios: Sequence[Scenario]) -> list[str]:
    return [
        f"{scenario.file}  {clause}\n  There is no such clause in the register."
        for scenario in scenarios
        for clause in scenario.clauses
        if clause not in register
    ]


def _trace(register: Register) -> list[str]:
    from funding_conformance.trace import gaps, trace

    traced = trace(load_folder(examples_folder()))
    rows = [
        [
            clause.id,
            len(traced.code.get(clause.id, ())),
            len(traced.examples.get(clause.id, ())),
            len(traced.properties.get(clause.id, ())),
            len(traced.known_bads.get(clause.id, ())),
        ]
        for clause in register
        if clause.id in traced.code or clause.id in traced.examples
    ]
    click.echo(tabulate(rows, ["clause", "functions", "examples", "properties", "known-bads"]))
    return list(dict.fromkeys(problem for edition in editions() for problem in gaps(traced, register, edition)))

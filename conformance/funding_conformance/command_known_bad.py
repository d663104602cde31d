"""``funding-kit known-bad``: the matrix of known mistakes and the cases that catch them."""

from __future__ import annotations

from collections.abc import Sequence

import click
from funding_spec.register import load_register
from tabulate import tabulate

from funding_conformance.known_bad import known_bads
from funding_conformance.known_bad.matrix import Kills, all_kills
from funding_conformance.known_bad.strength import of_clauses, of_profiles


def known_bad_command(names: bool) -> int:
    """Prints the matrix and returns the exit code: 1 if a known-bad is not caught by a case of its own clause."""
    if names:
        for known in known_bads():
            click.echo(known.name)
        return 0
    kills = all_kills()
    rows = [[k.known_bad.name, ", ".join(k.clauses) or "none", len(k.by_own), len(k.by_others)] for k in kills]
    headers = ["known-bad", "clauses that catch it", "cases deciding them", "other cases"]
    click.echo(
        tabulate(rows, headers, tablefmt="simple", maxcolwidths=[34, 22, 8, 6], maxheadercolwidths=[34, 22, 8, 6])
    )
    _print_strength(kills)
    survivors = [k for k in kills if not k.by_own]
    for k in survivors:
        click.echo(
            f"Not caught by a case of its own clause ({', '.join(k.known_bad.breaks)}): {k.known_bad.name}",
            err=True,
        )
    click.echo(
        f"{len(kills) - len(survivors)} of {len(kills)} known-bads are caught by a case that decides their own clause."
    )
    return 1 if survivors else 0


def _print_strength(kills: Sequence[Kills]) -> None:
    """How many of the known-bads that break it the cases of each profile and of each clause catch."""
    register = load_register()
    for what, found in (("profile", of_profiles(kills, register)), ("clause", of_clauses(kills, register))):
        rows = [[one.of, len(one.broken_by), len(one.caught), ", ".join(one.escaping)] for one in found]
        click.echo()
        click.echo(
            tabulate(rows, [what, "broken by", "caught", "not caught"], tablefmt="simple", maxcolwidths=[20, 9, 6, 34])
        )
    click.echo()

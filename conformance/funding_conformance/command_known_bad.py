"""``funding-kit known-bad``: the matrix of known mistakes and the cases that catch them."""

from __future__ import annotations

import click
from tabulate import tabulate

from funding_conformance.known_bad import known_bads
from funding_conformance.known_bad.matrix import all_kills


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

"""``funding-kit case-lists``: shows the frozen case lists, checks them, and freezes them again."""

from __future__ import annotations

import click
from funding_spec.rulebook import editions
from tabulate import tabulate

from funding_conformance.case_lists import (
    CaseList,
    CaseListError,
    freeze,
    frozen_list,
    list_digest,
    lists_folder,
    stale,
    write_list,
)
from funding_conformance.run import chosen
from funding_conformance.scenarios import Scenario, examples_folder, load_folder, without_repeats

SHOWN = 20
STALE = 1


def case_lists_command(freeze_again: bool) -> int:
    """Shows the lists and returns the exit code: 1 if one is not what the kit now asks."""
    scenarios = without_repeats(load_folder(examples_folder()))
    if freeze_again:
        lists = [freeze(chosen(scenarios, rulebook, None), rulebook) for rulebook in editions()]
        for found in lists:
            write_list(found, lists_folder())
        _show(lists)
        return 0
    wrong = [sentence for rulebook in editions() for sentence in _wrong(rulebook, scenarios)]
    for sentence in wrong[:SHOWN]:
        click.echo(sentence, err=True)
    if wrong:
        more = f" ({len(wrong) - SHOWN} more)" if len(wrong) > SHOWN else ""
        click.echo(f"The frozen case lists are stale{more}. Freeze again: funding-kit case-lists --freeze", err=True)
        return STALE
    _show([frozen_list(rulebook) for rulebook in editions()])
    return 0


def _wrong(rulebook: str, scenarios: list[Scenario]) -> list[str]:
    try:
        now = freeze(chosen(scenarios, rulebook, None), rulebook)
        return [f"{rulebook}: {said}" for said in stale(frozen_list(rulebook), now)]
    except CaseListError as error:
        return [f"{rulebook}: {error.reason}"]


def _show(lists: list[CaseList]) -> None:
    rows = [
        (found.rulebook, profile, len(ids), list_digest(found.of(profile)))
        for found in lists
        for profile, ids in found.profiles.items()
    ]
    click.echo(tabulate(rows, ["rulebook", "profile", "cases", "digest"], tablefmt="simple", disable_numparse=True))

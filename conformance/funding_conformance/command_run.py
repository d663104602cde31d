"""``funding-kit run``: asks, judges, writes the run file and the reports, and prints the verdict."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from attrs import frozen
from funding_spec.register import load_register
from funding_spec.rulebook import load_rulebook

from funding_conformance.adapters import AdapterError, Limits, Session, open_session
from funding_conformance.adapters.stdio import CannotStart
from funding_conformance.baseline import Baseline, load_baseline
from funding_conformance.case_lists import case_digests
from funding_conformance.profiles import PROFILES, profile_named
from funding_conformance.properties import ask_properties
from funding_conformance.protocol import ProtocolFault
from funding_conformance.reports.html import html_report
from funding_conformance.reports.junit import junit_report
from funding_conformance.reports.terminal import terminal_report
from funding_conformance.run import (
    Run,
    RunError,
    ask_and_judge,
    chosen,
    header_of,
    judged_profiles,
    wants_of,
)
from funding_conformance.runfile import read_run_file
from funding_conformance.scenarios import Scenario, examples_folder, load_folder, without_repeats
from funding_conformance.writing import must_be_writable, write_whole

ADAPTER_UNUSABLE = 4


@frozen
class Plan:
    """What a run asks of whom.

    :param profiles: those to judge; none: every profile that fits
    :param tries: how many questions each property is tried on; 0: none
    """

    implementation: str
    profiles: tuple[str, ...]
    rulebook: str
    scenarios: tuple[Scenario, ...]
    seed: int
    tries: int
    baseline: Baseline | None = None


def run_command(
    implementation: str,
    profiles: Sequence[str],
    rulebook: str,
    folders: Sequence[Path],
    only: str | None,
    seed: int,
    tries: int,
    no_properties: bool,
    timeout: float,
    report: Path,
    junit: Path | None,
    baseline: Path | None,
) -> int:
    """Runs everything and returns the exit code."""
    for name in profiles:
        if profile_named(name) is None:
            known = ", ".join(profile.name for profile in PROFILES)
            raise RunError(f"There is no profile {name}. Known: {known}.", path="--profile")
    load_rulebook(rulebook)
    excused = load_baseline(baseline, datetime.now(UTC).date()) if baseline else None
    loaded = [scenario for folder in (examples_folder(), *folders) for scenario in load_folder(folder)]
    scenarios = chosen(without_repeats(loaded), rulebook, only)
    try:
        session = open_session(implementation, (rulebook,), Limits(answer=timeout))
    except (AdapterError, CannotStart, ProtocolFault) as error:
        click.echo(f"The implementation cannot be asked.\n{error}", err=True)
        return ADAPTER_UNUSABLE
    tried = 0 if no_properties or only else tries
    plan = Plan(implementation, tuple(profiles), rulebook, tuple(scenarios), seed, tried, excused)
    run = asked_and_judged(session, plan, report)
    run_file = report / "run.jsonl"
    write_whole(run_file, run.lines())
    written = read_run_file(run_file)
    register = load_register()
    write_whole(report / "index.html", [html_report(written, register).encode()])
    if junit:
        write_whole(junit, [junit_report(written)])
    for line in terminal_report(written):
        click.echo(line)
    click.echo(f"Report: {(report / 'index.html').resolve()}")
    return run.result.exit_code


def asked_and_judged(session: Session, plan: Plan, report: Path) -> Run:
    """Asks everything of a plan, judges it, and closes the session.

    :param report: the folder for what is found against a property
    """
    register = load_register()
    judged = judged_profiles(plan.profiles, session.declaration, register, plan.rulebook)
    wants = wants_of(plan.profiles)
    digests = case_digests(plan.scenarios)
    run = Run(
        header_of(
            session.declaration,
            plan.implementation,
            plan.rulebook,
            digests,
            profiles=plan.profiles,
            seed=plan.seed,
            tries=plan.tries,
            baseline=plan.baseline,
        ),
        baseline=plan.baseline,
    )
    try:
        must_be_writable(report)
        with _progress(len(plan.scenarios)) as progress:
            run.cases.extend(ask_and_judge(session, plan.scenarios, wants, progress=progress))
        if plan.tries and not session.gave_up:
            click.echo("Looking for counterexamples to the properties …", err=True)
            folder = report / "counterexamples"
            run.cases.extend(
                ask_properties(session, plan.rulebook, wants, tries=plan.tries, seed=plan.seed, folder=folder)
            )
    finally:
        session.close()
    run.faults, run.remarks = session.faults, session.remarks
    run.restarts, run.gave_up = session.restarts, session.gave_up
    run.conclude(judged, session.declaration, register, plan.rulebook, digests)
    return run


@contextmanager
def _progress(cases: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, a plain line elsewhere; gives what to call after each case."""
    if not sys.stderr.isatty():
        click.echo(f"Asking {cases} worked examples …", err=True)
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Asking", total=cases)
        yield lambda: bar.advance(task)

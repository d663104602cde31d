"""``funding-kit run``: asks, judges, writes the run file and the reports, and prints the verdict."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from funding_spec.register import load_register
from funding_spec.rulebook import load_rulebook

from funding_conformance.adapters import AdapterError, Limits, Session, open_session
from funding_conformance.adapters.stdio import CannotStart
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
    judge_profile,
    judged_profiles,
)
from funding_conformance.runfile import read_run_file
from funding_conformance.scenarios import WANTS, Scenario, examples_folder, load_folder, without_repeats
from funding_conformance.writing import must_be_writable, write_whole

ADAPTER_UNUSABLE = 4


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
) -> int:
    """Runs everything and returns the exit code."""
    check_profiles(profiles)
    scenarios = scenarios_to_ask(folders, rulebook, only)
    try:
        session = open_session(implementation, (rulebook,), Limits(answer=timeout))
    except (AdapterError, CannotStart, ProtocolFault) as error:
        click.echo(f"The implementation cannot be asked.\n{error}", err=True)
        return ADAPTER_UNUSABLE
    run = run_of_session(
        session,
        implementation,
        profiles,
        rulebook,
        scenarios,
        seed,
        0 if no_properties or only else tries,
        report,
    )
    return reported(run, report, junit)


def check_profiles(names: Sequence[str]) -> None:
    """Refuses a profile that does not exist.

    :raises RunError: with those that do
    """
    for name in names:
        if profile_named(name) is None:
            known = ", ".join(profile.name for profile in PROFILES)
            raise RunError(f"There is no profile {name}. Known: {known}.", path="--profile")


def scenarios_to_ask(folders: Sequence[Path], rulebook: str, only: str | None) -> list[Scenario]:
    """The worked examples of the kit and of these folders that belong to a rulebook and fit a pattern, in order.

    :raises RunError: none is left, or the rulebook is not known
    """
    load_rulebook(rulebook)
    loaded = [scenario for folder in (examples_folder(), *folders) for scenario in load_folder(folder)]
    return chosen(without_repeats(loaded), rulebook, only)


def reported(run: Run, report: Path, junit: Path | None) -> int:
    """Writes the run file and the reports, prints the verdict, and returns the exit code."""
    run_file = report / "run.jsonl"
    write_whole(run_file, run.lines())
    written = read_run_file(run_file)
    write_whole(report / "index.html", [html_report(written, load_register()).encode()])
    if junit:
        write_whole(junit, [junit_report(written)])
    for line in terminal_report(written):
        click.echo(line)
    click.echo(f"Report: {(report / 'index.html').resolve()}")
    return run.result.exit_code


def run_of_session(
    session: Session,
    implementation: str,
    names: Sequence[str],
    rulebook: str,
    scenarios: Sequence[Scenario],
    seed: int,
    tries: int,
    report: Path,
    *,
    smallest: bool = True,
) -> Run:
    """Asks a session everything, closes it, and judges what it answered.

    :param implementation: what was asked, in the words of who asked for it
    :param names: the profiles to judge; none means every one whose parts are declared
    :param tries: questions for each property; 0 leaves properties out
    :param smallest: whether to look for the smallest counterexamples, which asks further questions
    """
    register = load_register()
    judged = judged_profiles(names, session.declaration, register, rulebook)
    wants = wants_of(names)
    run = Run(header_of(session, implementation, rulebook, scenarios, seed))
    try:
        must_be_writable(report)
        with _progress(len(scenarios)) as progress:
            run.cases.extend(ask_and_judge(session, scenarios, wants, progress=progress))
        if tries and not session.gave_up:
            click.echo("Looking for counterexamples to the properties …", err=True)
            folder = report / "counterexamples"
            run.cases.extend(
                ask_properties(session, rulebook, wants, tries=tries, seed=seed, folder=folder, smallest=smallest)
            )
    finally:
        session.close()
    run.judgements = [judge_profile(profile, run.cases, session.declaration, register, rulebook) for profile in judged]
    run.faults, run.remarks = session.faults, session.remarks
    run.restarts, run.gave_up = session.restarts, session.gave_up
    return run


def wants_of(profiles: Sequence[str]) -> list[str]:
    """What is asked: what these profiles answer, in their order, or everything if none is named."""
    named = [profile for profile in PROFILES if profile.name in profiles]
    return [want for profile in named for want in profile.wants] if profiles else list(WANTS)


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

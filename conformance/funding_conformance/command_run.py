"""``funding-kit run``: asks, judges, writes the run file and the reports, and prints the verdict."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from attrs import frozen
from funding_spec.register import Register, load_register
from funding_spec.rulebook import load_rulebook

from funding_conformance.adapters import AdapterError, Limits, Session, open_session
from funding_conformance.adapters.stdio import CannotStart
from funding_conformance.diagnosis import diagnosis_of
from funding_conformance.fresh import PREFIX, Drawer, FreshCases, Place, drawn_or_kept, place_of
from funding_conformance.profiles import PROFILES, Profile, profile_named
from funding_conformance.properties import ask_properties
from funding_conformance.protocol import Declaration, ProtocolFault
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
    cases: int,
    seed: int,
    tries: int,
    no_properties: bool,
    timeout: float,
    report: Path,
    junit: Path | None,
) -> int:
    """Runs everything and returns the exit code."""
    for name in profiles:
        if profile_named(name) is None:
            known = ", ".join(profile.name for profile in PROFILES)
            raise RunError(f"There is no profile {name}. Known: {known}.", path="--profile")
    load_rulebook(rulebook)
    examples = load_folder(examples_folder())
    loaded = [*examples, *(scenario for folder in folders for scenario in load_folder(folder))]
    one = place_of(only) if only and only.startswith(PREFIX) else None
    scenarios = [] if one else chosen(without_repeats(loaded), rulebook, only)
    try:
        session = open_session(implementation, (rulebook,), Limits(answer=timeout))
    except (AdapterError, CannotStart, ProtocolFault) as error:
        click.echo(f"The implementation cannot be asked.\n{error}", err=True)
        return ADAPTER_UNUSABLE
    run = _run(
        session,
        implementation,
        profiles,
        rulebook,
        scenarios,
        _Fresh(examples, 0 if only else cases, one),
        seed,
        0 if no_properties or only else tries,
        report,
    )
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


def _run(
    session: Session,
    implementation: str,
    names: Sequence[str],
    rulebook: str,
    scenarios: Sequence[Scenario],
    fresh: _Fresh,
    seed: int,
    tries: int,
    report: Path,
) -> Run:
    register = load_register()
    judged = judged_profiles(names, session.declaration, register, rulebook)
    wants = [want for profile in judged for want in profile.wants] if names else list(WANTS)
    drawn = fresh.drawn(judged, session.declaration, register, rulebook, seed)
    found = {"asked": fresh.count, "drawn": len(drawn.scenarios), "untold": list(drawn.untold)}
    run = Run(header_of(session, implementation, rulebook, scenarios, seed, found))
    try:
        must_be_writable(report)
        with _progress(len(scenarios), "worked examples") as progress:
            run.cases.extend(ask_and_judge(session, scenarios, wants, progress=progress))
        with _progress(len(drawn.scenarios), "fresh cases") as progress:
            run.cases.extend(ask_and_judge(session, drawn.scenarios, wants, kind="fresh", progress=progress))
        if tries and not session.gave_up:
            click.echo("Looking for counterexamples to the properties …", err=True)
            folder = report / "counterexamples"
            run.cases.extend(ask_properties(session, rulebook, wants, tries=tries, seed=seed, folder=folder))
    finally:
        session.close()
    run.judgements = [judge_profile(profile, run.cases, session.declaration, register, rulebook) for profile in judged]
    run.faults, run.remarks = session.faults, session.remarks
    run.restarts, run.gave_up = session.restarts, session.gave_up
    run.diagnosis = diagnosis_of(run.cases, session.declaration)
    return run


@frozen
class _Fresh:
    """Which fresh cases a run has.

    :param examples: the worked examples of the kit, from which they are drawn
    :param one: the only one to ask
    """

    examples: Sequence[Scenario]
    count: int
    one: Place | None = None

    def drawn(
        self, profiles: Sequence[Profile], declaration: Declaration, register: Register, rulebook: str, seed: int
    ) -> FreshCases:
        """The cases, of what the profiles want and the implementation answers."""
        wanted = {want for profile in profiles for want in profile.wants}.intersection(declaration.wants)
        drawer = Drawer(rulebook, [want for want in WANTS if want in wanted], self.examples)
        if self.one:
            scenario = drawer.drawn(self.one)
            return FreshCases((scenario,) if scenario else (), () if scenario else (self.one.known_bad.name,))
        if not self.count or rulebook not in declaration.rulebooks:
            return FreshCases()
        chain = load_rulebook(rulebook).chain
        clauses = {clause.id for profile in profiles for clause in profile.required(register, chain)}
        with _progress(self.count, "fresh cases", "Drawing") as progress:
            return drawn_or_kept(drawer, seed, self.count, clauses, progress=progress)


@contextmanager
def _progress(cases: int, of: str, doing: str = "Asking") -> Iterator[Callable[[], None]]:
    """A bar on a terminal, a plain line elsewhere; gives what to call after each case."""
    if not cases:
        yield lambda: None
        return
    if not sys.stderr.isatty():
        click.echo(f"{doing} {cases} {of} …", err=True)
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{doing} {of}", total=cases)
        yield lambda: bar.advance(task)

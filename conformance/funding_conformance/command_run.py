"""``funding-kit run``: asks, judges, writes the run file and the reports, and prints the verdict."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from attrs import frozen
from funding_spec.register import load_register
from funding_spec.rulebook import load_rulebook

from funding_conformance.adapters import Access, AdapterError, Limits, Session, is_address, open_session
from funding_conformance.adapters.bearer import given_token
from funding_conformance.adapters.conversation import CannotStart
from funding_conformance.adapters.http import Address
from funding_conformance.baseline import Baseline, load_baseline
from funding_conformance.case_lists import case_digests
from funding_conformance.command_report import check_places, write_files
from funding_conformance.diagnosis import diagnosis_of
from funding_conformance.fresh import PREFIX, FreshCases, drawn_at, drawn_for, drawn_or_kept, place_of
from funding_conformance.part import SoFar, read_part, writing_part
from funding_conformance.profiles import PROFILES, profile_named
from funding_conformance.properties import PROPERTIES, ask_properties
from funding_conformance.protocol import ProtocolFault
from funding_conformance.reports.terminal import terminal_report
from funding_conformance.run import (
    Case,
    Run,
    RunError,
    ask_and_judge,
    chosen,
    header_of,
    judged_profiles,
    wants_of,
)
from funding_conformance.runfile import RunFile, read_run_file
from funding_conformance.scenarios import Scenario, examples_folder, load_folder, without_repeats
from funding_conformance.writing import must_be_writable, write_whole

ADAPTER_UNUSABLE = 4
RUN_FILE: Final = "run.jsonl"
PAGE: Final = "index.html"
"""What a folder of a report holds."""
NOTHING_YET: Final = SoFar()


@frozen
class Plan:
    """What a run asks of whom.

    :param profiles: those to judge; none: every profile that fits
    :param tries: how many questions each property is tried on; 0: none
    :param timeout: seconds for one answer
    """

    implementation: str
    profiles: tuple[str, ...]
    rulebook: str
    scenarios: tuple[Scenario, ...]
    fresh: FreshCases
    seed: int
    tries: int
    timeout: float
    baseline: Baseline | None = None

    def header(self, session: Session) -> dict[str, Any]:
        """The first line of the run file."""
        return header_of(
            session.declaration,
            self.implementation,
            self.rulebook,
            case_digests(self.scenarios),
            profiles=self.profiles,
            fresh=self.fresh,
            seed=self.seed,
            tries=self.tries,
            timeout=self.timeout,
            baseline=self.baseline,
        )


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
    files: Mapping[str, Path],
    baseline: Path | None,
    jobs: int,
    resume: bool,
    token_file: Path | None,
    ca: Path | None,
) -> int:
    """Runs everything and returns the exit code."""
    check_profiles(profiles)
    check_places(files, report / RUN_FILE, report / PAGE, *([baseline] if baseline else []))
    scenarios, fresh = cases_to_ask(folders, profiles, rulebook, only, seed, cases)
    excused = load_baseline(baseline, datetime.now(UTC).date()) if baseline else None
    access = _access(implementation, token_file, ca)
    part_file = report / f"{RUN_FILE}.part"
    so_far = read_part(part_file) if resume else SoFar()
    try:
        session = open_session(
            implementation, (rulebook,), Limits(timeout), jobs=jobs, access=access, restarts=so_far.restarts
        )
    except (AdapterError, CannotStart, ProtocolFault) as error:
        click.echo(f"The implementation cannot be asked.\n{error}", err=True)
        return ADAPTER_UNUSABLE
    tried = 0 if no_properties or only else tries
    plan = Plan(implementation, tuple(profiles), rulebook, tuple(scenarios), fresh, seed, tried, timeout, excused)
    try:
        header = plan.header(session)
        so_far.must_fit(header)
        must_be_writable(report)
        with writing_part(part_file, header, so_far, session) as part:
            run = asked_and_judged(session, plan, report, so_far, part.add)
    finally:
        session.close()
    written = write_reports(run, report, files)
    part_file.unlink(missing_ok=True)
    return say(run, written, report)


def check_profiles(names: Sequence[str]) -> None:
    """Refuses a profile that does not exist.

    :raises RunError: with those that do
    """
    for name in names:
        if profile_named(name) is None:
            known = ", ".join(profile.name for profile in PROFILES)
            raise RunError(f"There is no profile {name}. Known: {known}.", path="--profile")


def cases_to_ask(
    folders: Sequence[Path], profiles: Sequence[str], rulebook: str, only: str | None, seed: int, count: int
) -> tuple[list[Scenario], FreshCases]:
    """The worked examples of a rulebook, of the kit and of these folders, in order, and its fresh cases.

    :param only: a pattern for the ids of worked examples, with which there are no fresh cases; or the id of the one
        fresh case to ask
    :param count: how many fresh cases there shall be; they are drawn now, or kept from before
    :raises RunError: there is nothing to ask, or the rulebook is not known
    """
    load_rulebook(rulebook)
    examples = load_folder(examples_folder())
    if only and only.startswith(PREFIX):
        one = drawn_at(place_of(only), profiles, rulebook, examples)
        if not one.scenarios:
            raise RunError(f"Nothing can be drawn at {only}.", path="--only")
        return [], one
    loaded = [*examples, *(scenario for folder in folders for scenario in load_folder(folder))]
    scenarios = chosen(without_repeats(loaded), rulebook, only)
    with _progress(0 if only else count, "fresh cases", "Drawing") as progress:
        fresh = drawn_for(
            profiles, rulebook, examples, seed, 0 if only else count, drawing=drawn_or_kept, progress=progress
        )
    return scenarios, fresh


def write_reports(run: Run, report: Path, files: Mapping[str, Path]) -> RunFile:
    """Writes the run file, and the page and other reports from what it then holds."""
    run_file = report / RUN_FILE
    write_whole(run_file, run.lines())
    written = read_run_file(run_file)
    write_files(written, {"html": report / PAGE})
    write_files(written, files)
    return written


def say(run: Run, written: RunFile, report: Path) -> int:
    """Prints the verdict and where the report is, and returns the exit code."""
    for line in terminal_report(written):
        click.echo(line)
    click.echo(f"Report: {(report / PAGE).resolve()}")
    return run.result.exit_code


def asked_and_judged(
    session: Session,
    plan: Plan,
    report: Path,
    so_far: SoFar = NOTHING_YET,
    note: Callable[[Case], None] = lambda case: None,
    *,
    smallest: bool = True,
) -> Run:
    """Asks everything of a plan that is not known yet, says goodbye, and judges it all.

    :param report: the folder for what is found against a property
    :param note: is told each case at once
    :param smallest: whether to look for the smallest counterexamples, which asks further questions
    """
    wants = wants_of(plan.profiles)
    run = Run(plan.header(session), baseline=plan.baseline)
    for kind, scenarios, of in (
        ("example", plan.scenarios, "worked examples"),
        ("fresh", plan.fresh.scenarios, "fresh cases"),
    ):
        known = {id: case for id, case in so_far.cases.items() if case.kind == kind}
        with _progress(len(scenarios) - len(known), of) as progress:

            def came(case: Case, progress: Callable[[], None] = progress) -> None:
                note(case)
                progress()

            run.cases.extend(ask_and_judge(session, scenarios, wants, kind=kind, came=came, known=known))
    if plan.tries and not session.gave_up:
        click.echo("Looking for counterexamples to the properties …", err=True)
        found = {id: case for id, case in so_far.cases.items() if case.kind == "property"}
        left = [property for property in PROPERTIES if property.case_id not in found]
        folder = report / "counterexamples"
        trying = ask_properties(
            session,
            plan.rulebook,
            wants,
            tries=plan.tries,
            seed=plan.seed,
            folder=folder,
            properties=left,
            smallest=smallest,
        )
        with closing(trying) as tried:
            for case in tried:
                note(case)
                found[case.id] = case
        run.cases.extend(found[property.case_id] for property in PROPERTIES if property.case_id in found)
    session.close()  # what it does wrong when it leaves counts as well
    run.faults, run.remarks = [*so_far.faults, *session.faults], [*so_far.remarks, *session.remarks]
    run.restarts, run.gave_up = session.restarts, session.gave_up
    register = load_register()
    judged = judged_profiles(plan.profiles, session.declaration, register, plan.rulebook)
    run.conclude(judged, session.declaration, register, plan.rulebook, case_digests(plan.scenarios))
    run.diagnosis = diagnosis_of(run.cases, session.declaration)
    return run


def _access(implementation: str, token_file: Path | None, ca: Path | None) -> Access:
    """What is needed to ask a server.

    :raises RunError: it was given for something that is no server
    """
    if not is_address(implementation):
        for option, given in (("--token-file", token_file), ("--ca", ca)):
            if given is not None:
                raise RunError("This is for an implementation that is asked over HTTP.", path=option)
        return Access()
    access = Access(given_token(token_file), ca)
    if Address(implementation, access.token, access.ca).is_in_clear:
        click.echo("The token goes over the network unencrypted; use https:// where others could listen.", err=True)
    return access


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

"""``funding-kit run``: asks, judges, writes the run file and the reports, and prints the verdict."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click
from funding_spec.register import load_register
from funding_spec.rulebook import load_rulebook

from funding_conformance.adapters import Access, AdapterError, Limits, Session, is_address, open_session
from funding_conformance.adapters.bearer import given_token
from funding_conformance.adapters.conversation import CannotStart
from funding_conformance.adapters.http import Address
from funding_conformance.part import Part, SoFar, read_part, writing_part
from funding_conformance.profiles import PROFILES, profile_named
from funding_conformance.properties import PROPERTIES, ask_properties
from funding_conformance.protocol import ProtocolFault
from funding_conformance.reports.html import html_report
from funding_conformance.reports.junit import junit_report
from funding_conformance.reports.terminal import terminal_report
from funding_conformance.run import (
    Case,
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
    jobs: int,
    resume: bool,
    token_file: Path | None,
    ca: Path | None,
) -> int:
    """Runs everything and returns the exit code."""
    for name in profiles:
        if profile_named(name) is None:
            known = ", ".join(profile.name for profile in PROFILES)
            raise RunError(f"There is no profile {name}. Known: {known}.", path="--profile")
    load_rulebook(rulebook)
    loaded = [scenario for folder in (examples_folder(), *folders) for scenario in load_folder(folder)]
    scenarios = chosen(without_repeats(loaded), rulebook, only)
    access = _access(implementation, token_file, ca)
    run_file, part_file = report / "run.jsonl", report / "run.jsonl.part"
    so_far = read_part(part_file) if resume else SoFar()
    try:
        session = open_session(
            implementation, (rulebook,), Limits(timeout), jobs=jobs, access=access, restarts=so_far.restarts
        )
    except (AdapterError, CannotStart, ProtocolFault) as error:
        click.echo(f"The implementation cannot be asked.\n{error}", err=True)
        return ADAPTER_UNUSABLE
    options = {"profiles": list(profiles), "tries": 0 if no_properties or only else tries, "timeout": timeout}
    try:
        header = header_of(session, implementation, rulebook, scenarios, seed, options)
        so_far.must_fit(header)
        must_be_writable(report)
        with writing_part(part_file, header, so_far, session) as part:
            run = _run(session, header, scenarios, so_far, part, report)
    finally:
        session.close()
    _finish(run, session, so_far)
    write_whole(run_file, run.lines())
    written = read_run_file(run_file)
    write_whole(report / "index.html", [html_report(written, load_register()).encode()])
    if junit:
        write_whole(junit, [junit_report(written)])
    part_file.unlink(missing_ok=True)
    for line in terminal_report(written):
        click.echo(line)
    click.echo(f"Report: {(report / 'index.html').resolve()}")
    return run.result.exit_code


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


def _run(
    session: Session,
    header: dict[str, Any],
    scenarios: Sequence[Scenario],
    so_far: SoFar,
    part: Part,
    report: Path,
) -> Run:
    """Asks everything that is not known yet."""
    names, tries, rulebook = header["options"]["profiles"], header["options"]["tries"], header["rulebook"]
    run = Run(header)
    judged = judged_profiles(names, session.declaration, load_register(), rulebook)
    wants = [want for profile in judged for want in profile.wants] if names else list(WANTS)
    examples = {id: case for id, case in so_far.cases.items() if case.kind == "example"}
    with _progress(len(scenarios) - len(examples)) as progress:

        def came(case: Case) -> None:
            part.add(case)
            progress()

        run.cases.extend(ask_and_judge(session, scenarios, wants, came=came, known=examples))
    if tries and not session.gave_up:
        click.echo("Looking for counterexamples to the properties …", err=True)
        found = {id: case for id, case in so_far.cases.items() if case.kind == "property"}
        left = [property for property in PROPERTIES if property.case_id not in found]
        folder = report / "counterexamples"
        trying = ask_properties(
            session, rulebook, wants, tries=tries, seed=header["seed"], folder=folder, properties=left
        )
        with closing(trying) as tried:
            for case in tried:
                part.add(case)
                found[case.id] = case
        run.cases.extend(found[property.case_id] for property in PROPERTIES if property.case_id in found)
    return run


def _finish(run: Run, session: Session, so_far: SoFar) -> None:
    """Adds the verdicts and what the implementation did beside its replies."""
    names, rulebook, register = run.header["options"]["profiles"], run.header["rulebook"], load_register()
    judged = judged_profiles(names, session.declaration, register, rulebook)
    run.judgements = [judge_profile(profile, run.cases, session.declaration, register, rulebook) for profile in judged]
    run.faults, run.remarks = [*so_far.faults, *session.faults], [*so_far.remarks, *session.remarks]
    run.restarts, run.gave_up = session.restarts, session.gave_up


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

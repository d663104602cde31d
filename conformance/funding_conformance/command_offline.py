"""``funding-kit export`` and ``funding-kit import``: questions as a folder of files, and answers from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from funding_reference.ilr import Masker
from funding_spec.errors import FundingError
from lxml import etree

from funding_conformance.adapters import Limits
from funding_conformance.case_lists import case_digests, list_digest
from funding_conformance.command_report import check_places
from funding_conformance.command_run import (
    PAGE,
    RUN_FILE,
    Plan,
    asked_and_judged,
    cases_to_ask,
    check_profiles,
    say,
    write_reports,
)
from funding_conformance.fresh import FreshCases
from funding_conformance.offline.answers import read_answers
from funding_conformance.offline.drawn import drawn_cases, drawn_in
from funding_conformance.offline.manifest import (
    MANIFEST,
    Manifest,
    PackError,
    check_files,
    read_manifest,
    stamped,
)
from funding_conformance.offline.masking import masked_case, names_in, renamed, renamed_case
from funding_conformance.offline.pack import QUESTIONS, Contents, asked_cases, contents_of
from funding_conformance.offline.session import RecordedSession, declared
from funding_conformance.offline.writing_packs import check_place, write_pack
from funding_conformance.run import Run, wants_of
from funding_conformance.scenarios import Scenario
from funding_conformance.writing import must_be_writable


class SchemaError(FundingError):
    """A schema cannot be read, or a file does not follow it."""


# export


def export_command(
    folder: Path,
    profiles: Sequence[str],
    rulebook: str,
    folders: Sequence[Path],
    only: str | None,
    cases: int,
    seed: int,
    tries: int,
    no_properties: bool,
    schemas: Sequence[Path],
    replace: bool,
) -> int:
    """Writes a pack and returns the exit code."""
    check_profiles(profiles)
    check_place(folder, replace)
    wants = wants_of(profiles)
    tries, cases = 0 if no_properties or only else tries, 0 if only else cases
    scenarios, fresh = cases_to_ask(folders, profiles, rulebook, only, seed, cases)
    drawn = drawn_cases(rulebook, wants, tries, seed)
    asked = asked_cases(scenarios, fresh.scenarios, rulebook, wants)
    contents = contents_of([*asked, *drawn], rulebook)
    for schema in schemas:
        click.echo(f"{_check_schema(schema, contents.files)} ILR files follow {schema.name}.")
    manifest = Manifest(
        rulebook,
        tuple(profiles),
        only,
        cases,
        tries,
        seed,
        list_digest(case_digests(scenarios)),
        stamped(contents.files),
        stamped(contents.templates),
    )
    write_pack(folder, {**contents.files, **contents.templates, MANIFEST: manifest.written()})
    examples = len(asked) - len(fresh.scenarios)
    click.echo(f"{examples} worked examples of rulebook {rulebook}, {len(fresh.scenarios)} fresh cases, and")
    click.echo(f"{len(drawn)} questions drawn for the properties: {folder}")
    click.echo("GUIDE.txt in it says how to answer them.")
    return 0


def _check_schema(file: Path, files: Mapping[str, bytes]) -> int:
    """How many ILR files are of the schema's year; each follows it.

    :raises SchemaError: one does not, none is of that year, or the schema cannot be read
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        document = etree.parse(str(file), parser)
        schema = etree.XMLSchema(document)
    except OSError:
        raise SchemaError("This schema cannot be read.", file=str(file)) from None
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise SchemaError(f"This is not an XML schema: {error}.", file=str(file)) from None
    namespace = f'xmlns="{document.getroot().get("targetNamespace")}"'.encode()
    of_year = {name: content for name, content in files.items() if name.startswith("ilr/") and namespace in content}
    if not of_year:
        raise SchemaError("No ILR file of this pack is of the year of this schema.", file=str(file))
    for name, content in of_year.items():
        if not schema.validate(etree.fromstring(content, parser)):
            errors: Any = schema.error_log
            raise SchemaError(f"It does not follow {file.name}: {errors[0].message}", file=f"{name}:{errors[0].line}")
    return len(of_year)


# import


def import_command(
    pack: Path,
    answer_files: Sequence[Path],
    folders: Sequence[Path],
    name: str,
    mask: bool,
    report: Path,
    files: Mapping[str, Path],
) -> int:
    """Judges the answers to a pack and returns the exit code."""
    manifest = read_manifest(pack)
    of_pack = [pack / name for name in (MANIFEST, *manifest.files, *manifest.templates)]
    check_places(files, report / RUN_FILE, report / PAGE, *answer_files, *of_pack)
    check_profiles(manifest.profiles)
    scenarios, fresh = cases_to_ask(
        folders, manifest.profiles, manifest.rulebook, manifest.only, manifest.seed, manifest.cases
    )
    contents = _contents_again(pack, manifest, scenarios, fresh)
    answers = read_answers(answer_files, contents)
    claimed = tuple(wants_of(manifest.profiles)) if manifest.profiles else ()
    declaration = declared(answers, contents, manifest.rulebook, claimed, name)
    session = RecordedSession(answers, contents, declaration)
    asked = f"files: {', '.join(file.name for file in answer_files)}"
    plan = Plan(
        asked,
        manifest.profiles,
        manifest.rulebook,
        tuple(scenarios),
        fresh,
        manifest.seed,
        manifest.tries,
        Limits().answer,  # nobody waited, and nothing can be late: what a run allows by itself
    )
    must_be_writable(report)
    run = asked_and_judged(session, plan, report, smallest=False)
    if mask:
        _mask(run, contents, [scenario for scenario in scenarios if _is_below(scenario, folders)])
    return say(run, write_reports(run, report, files), report)


def _contents_again(pack: Path, manifest: Manifest, scenarios: Sequence[Scenario], fresh: FreshCases) -> Contents:
    """The contents of a pack, made again, once it is sure that the pack is the same.

    :raises PackError: it was changed, or its cases are not those that this kit has
    """
    check_files(pack, manifest)
    if list_digest(case_digests(scenarios)) != manifest.case_list:
        raise PackError(
            "This pack asks other cases than this kit would. Name with --scenarios the folders that export was given, "
            "or export it again.",
            file=str(pack),
        )
    asked = asked_cases(scenarios, fresh.scenarios, manifest.rulebook, wants_of(manifest.profiles))
    try:
        drawn = drawn_in((pack / QUESTIONS).read_bytes()) if QUESTIONS in manifest.files else []
    except (ValueError, RecursionError):
        drawn = []
    contents = contents_of([*asked, *drawn], manifest.rulebook)
    if stamped(contents.files) != manifest.files:
        raise PackError("This pack is not as this kit writes it. Export it again.", file=str(pack))
    return contents


def _mask(run: Run, contents: Contents, yours: Sequence[Scenario]) -> None:
    """Puts the learners of your own folders under other numbers, wherever they are named: they may be real."""
    own, masker = {scenario.id for scenario in yours}, Masker()
    names = dict(pair for scenario in yours for pair in names_in(scenario.given, masker))
    made_up = {name for case in contents.cases if case.id not in own for name, _ in names_in(case.given, Masker())}
    elsewhere = {name: other for name, other in names.items() if name not in made_up}
    run.cases = [
        masked_case(case, names, masker) if case.id in own else renamed_case(case, elsewhere) for case in run.cases
    ]
    run.faults = renamed(run.faults, elsewhere)
    if run.diagnosis and "broken" in run.diagnosis:  # it repeats a note
        run.diagnosis = {**run.diagnosis, "broken": renamed(run.diagnosis["broken"], elsewhere)}


def _is_below(scenario: Scenario, folders: Sequence[Path]) -> bool:
    file = Path(scenario.file).resolve()
    return any(folder.resolve() in (file, *file.parents) for folder in folders)

"""``funding-kit report``, ``diff``, ``history`` and ``matrix``: what run files say, without asking anybody again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from funding_conformance.comparing import Comparison, compared
from funding_conformance.reports.comparison import comparison_markdown, comparison_report
from funding_conformance.reports.forms import FORMS
from funding_conformance.reports.history import history_report
from funding_conformance.reports.matrix import matrix_page, matrix_report
from funding_conformance.reports.terminal import terminal_report
from funding_conformance.run import RunError
from funding_conformance.runfile import RunFile, RunFileError, is_run_file, read_run_file
from funding_conformance.writing import write_whole

NEWLY_FAILING = 1


def report_command(run_file: Path, files: Mapping[str, Path]) -> int:
    """Makes reports of a run file and returns the exit code."""
    check_places(files, run_file)
    run = read_run_file(run_file)
    write_files(run, files)
    if not files:
        for line in terminal_report(run):
            click.echo(line)
    return 0


def check_places(files: Mapping[str, Path], *taken: Path) -> None:
    """Refuses to write two things to one place, or a report over what it is made from, any other run, or a folder.

    :raises RunError: with the option
    """
    places = {place.resolve() for place in taken}
    for form, file in files.items():
        if file.is_dir():
            raise RunError(f"This is a folder; name a file: {file}", path=f"--{form}")
        if file.resolve() in places or (file.is_file() and is_run_file(file)):
            raise RunError(f"Something else is already in, or meant for, this place: {file}", path=f"--{form}")
        places.add(file.resolve())


def write_files(run: RunFile, files: Mapping[str, Path]) -> None:
    """Writes each report, whole or not at all."""
    for form, file in files.items():
        write_whole(file, [FORMS[form](run)])


def diff_command(old: Path, new: Path, as_json: bool, markdown: Path | None) -> int:
    """Prints how two runs differ and returns the exit code: 1 if anything is newly failing."""
    check_places({"markdown": markdown} if markdown else {}, old, new)
    comparison: Comparison = compared(read_run_file(old), read_run_file(new))
    if markdown:
        write_whole(markdown, [comparison_markdown(comparison)])
    if as_json:
        click.echo(json.dumps(comparison.as_json(), ensure_ascii=True, indent=2))
    else:
        for line in comparison_report(comparison):
            click.echo(line)
    return NEWLY_FAILING if comparison.newly_failing else 0


def history_command(folder: Path) -> int:
    """Prints the runs below a folder and returns the exit code."""
    for line in history_report(_runs_below(folder)):
        click.echo(line)
    return 0


def _runs_below(folder: Path) -> Iterator[tuple[str, RunFile]]:
    """The run files below a folder by the order of their names, in which numbers count as numbers.

    :raises RunFileError: it is no folder, or there is none in it
    """
    if not folder.is_dir():
        raise RunFileError("This is not a folder.", file=str(folder))
    files = sorted((file for file in folder.rglob("*.jsonl") if is_run_file(file)), key=_in_order)
    found = 0
    for file in files:
        try:
            run = read_run_file(file)
        except RunFileError as error:
            click.echo(str(error), err=True)
            continue
        found += 1
        yield file.relative_to(folder).as_posix(), run
    if not found:
        raise RunFileError("There is no run file below this folder that can be read.", file=str(folder))


def _in_order(file: Path) -> list[list[str | int]]:
    """Its folders and its name, each as texts and numbers in turn: build-9 comes before build-10."""
    return [
        [int(piece) if place % 2 else piece for place, piece in enumerate(re.split("([0-9]+)", part))]
        for part in file.parts
    ]


def matrix_command(run_files: Sequence[Path], html: Path | None) -> int:
    """Prints how several implementations stand beside each other and returns the exit code."""
    check_places({"html": html} if html else {}, *run_files)
    runs = [(str(file), read_run_file(file)) for file in run_files]
    if html:
        write_whole(html, [matrix_page(runs).encode()])
    for line in matrix_report(runs):
        click.echo(line)
    return 0

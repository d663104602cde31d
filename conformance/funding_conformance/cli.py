"""funding-kit: thin; no rule and no judgement in it. What a command needs is imported when it runs."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from funding_spec.errors import FundingError

from funding_conformance import KIT_VERSION

USAGE_ERROR = 2
ADAPTER_UNUSABLE = 4
KIT_FAULT = 5


def reporting_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turns every error into one clear message and the right exit code; no traceback reaches a user."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except FundingError as error:
            click.echo(str(error), err=True)
            sys.exit(USAGE_ERROR)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            sys.exit(130)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:
            click.echo(f"This is a fault of the kit, please report it: {type(error).__name__}: {error}", err=True)
            sys.exit(KIT_FAULT)

    return run


def _a_number(_context: click.Context, _option: click.Parameter, value: float) -> float:
    if math.isnan(value):
        raise click.BadParameter("it must be a number of seconds.")
    return value


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(KIT_VERSION, prog_name="funding-kit")
def main() -> None:
    """The rules of apprenticeship funding in England: ask the reference, and ask any implementation whether it follows
    them. Nothing here is approved by any government department.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


@main.command()
@click.option(
    "--implementation",
    default="reference",
    show_default=True,
    help='reference, "COMMAND ARG…", or python:module:function.',
)
@click.option("--profile", "profiles", multiple=True, help="Judge this profile only; may be repeated.")
@click.option("--rulebook", default="2017-08", show_default=True, help="The edition whose cases are asked.")
@click.option(
    "--scenarios",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Add every scenario file below a folder.",
)
@click.option("--only", help="Only cases whose id fits this pattern, such as 'guide/annex-1/*'.")
@click.option(
    "--cases",
    default=500,
    show_default=True,
    type=click.IntRange(0),
    help="How many fresh cases are drawn for this run.",
)
@click.option("--seed", default=0, show_default=True, help="What fresh cases are drawn from, and the properties too.")
@click.option(
    "--tries",
    default=40,
    show_default=True,
    type=click.IntRange(1),
    help="How many cases each property is tried on.",
)
@click.option("--no-properties", is_flag=True, help="Ask the worked examples only; then nothing can be conformant.")
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.01, 3600),
    callback=_a_number,
    help="Seconds for one answer.",
)
@click.option(
    "--report",
    "report",
    default="report",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The folder for run.jsonl and index.html.",
)
@click.option("--junit", type=click.Path(path_type=Path), help="Also write JUnit XML to this file.")
@reporting_errors
def run(**options: Any) -> None:
    """Ask an implementation everything, and judge it.

    Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 inconclusive, 4 adapter unusable, 5 fault of the kit.
    """
    from funding_conformance.command_run import run_command

    sys.exit(run_command(**options))


@main.command()
@click.option("--known-bad", "known_bad", help="Answer with this known mistake instead of correctly.")
@reporting_errors
def serve(known_bad: str | None) -> None:
    """Answer as the reference (or as a known-bad) over standard input and output."""
    from funding_conformance.serving import serve_lines

    serve_lines(sys.stdin.buffer, sys.stdout.buffer, known_bad)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--given",
    "given_file",
    type=click.Path(path_type=Path),
    help="For an ILR file: courses, employers and so on, as in a scenario.",
)
@click.option("--rulebook", help="The edition to answer under; by default the scenario's own, or 2017-08.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "fm36", "indicative"]),
    help="How to print it: table (by default), json, or earnings as FM36 (JSON) or Apps Indicative Earnings (CSV).",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--working", is_flag=True, help="Show how each figure came about, step by step.")
@click.option("--mask", is_flag=True, help="Replace ULN, learner references and birth dates in what is printed.")
@reporting_errors
def answer(**options: Any) -> None:
    """The reference's answer to scenarios or ILR XML files."""
    from funding_conformance.command_answer import answer_command

    sys.exit(answer_command(**options))


@main.command()
@click.argument("ids", nargs=-1)
@click.option("--source", help="Only clauses of this source: GUIDE, RULES, READINGS.")
@click.option("--kind", type=click.Choice(["rule", "evidence", "information"]), help="Only clauses of this kind.")
@click.option("--not-computed", is_flag=True, help="Only rules that this version does not compute, with the reason.")
@click.option(
    "--sources",
    type=click.Path(path_type=Path),
    help="Check the digests against the source texts in this folder.",
)
@click.option(
    "--trace",
    is_flag=True,
    help="Check that every rule has code, example, property or reason, and known-bad.",
)
@reporting_errors
def clauses(**options: Any) -> None:
    """List, filter, show and check the clauses; fails on a gap, a duplicate or an unknown citation."""
    from funding_conformance.command_clauses import clauses_command

    sys.exit(clauses_command(**options))


@main.command("known-bad")
@click.option("--names", is_flag=True, help="Only the names, one a line.")
@reporting_errors
def known_bad(names: bool) -> None:
    """Which cases catch which known mistake; fails if one is not caught by its own clause."""
    from funding_conformance.command_known_bad import known_bad_command

    sys.exit(known_bad_command(names))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@reporting_errors
def bench(as_json: bool) -> None:
    """Measure the kit and the reference, as ratios in one run."""
    from funding_conformance.bench import bench_command

    sys.exit(bench_command(as_json))

"""funding-kit: thin; no rule and no judgement in it. What a command needs is imported when it runs."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click
from funding_spec.errors import FundingError

from funding_conformance import KIT_VERSION, LONGEST_VALIDITY, USUAL_CASES, USUAL_TRIES

USAGE_ERROR = 2
ADAPTER_UNUSABLE = 4
KIT_FAULT = 5
STOPPED = 130
READER_LEFT = 141
"""As a shell counts whoever ends by Ctrl-C, or writes what nobody reads any more: no verdict, and no success."""


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
            sys.exit(READER_LEFT)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            sys.exit(STOPPED)
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


WHAT_IS_ASKED: Final = (
    click.option("--profile", "profiles", multiple=True, help="Ask for and judge this profile only; may be repeated."),
    click.option("--rulebook", default="2017-08", show_default=True, help="The edition whose cases are asked."),
    click.option(
        "--scenarios",
        "folders",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Add every scenario file below a folder.",
    ),
    click.option("--only", help="Only cases whose id fits this pattern, such as 'guide/annex-1/*'; or one fresh case."),
    click.option(
        "--cases",
        default=USUAL_CASES,
        show_default=True,
        type=click.IntRange(0),
        help="How many fresh cases are drawn for this run.",
    ),
    click.option("--seed", default=0, show_default=True, help="What fresh cases and properties are drawn from."),
    click.option(
        "--tries",
        default=USUAL_TRIES,
        show_default=True,
        type=click.IntRange(1),
        help="How many cases each property is tried on.",
    ),
    click.option("--no-properties", is_flag=True, help="Ask the worked examples only; then nothing can be conformant."),
)


def what_is_asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of ``run`` that ``export`` must have too, for both to ask the same."""
    for option in reversed(WHAT_IS_ASKED):
        command = option(command)
    return command


REPORTS: Final = {
    "html": "a page for a browser",
    "junit": "JUnit XML, for build servers",
    "sarif": "SARIF 2.1.0, for code scanning",
    "markdown": "a summary in Markdown",
    "csv": "a table of all cases (CSV)",
    "badge": "a badge (SVG)",
}
"""The reports that a run file can be made into, as reports.forms makes them."""


def what_is_reported(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each report; the command is given those that are asked for as ``files``, by name."""

    @wraps(command)
    def collecting(**options: Any) -> Any:
        given = {form: options.pop(form) for form in REPORTS}
        return command(files={form: file for form, file in given.items() if file is not None}, **options)

    for form, what in reversed(REPORTS.items()):
        option = click.option(
            f"--{form}", metavar="FILE", type=click.Path(path_type=Path), help=f"Write {what}, to this file."
        )
        collecting = option(collecting)
    return collecting


nonce_option = click.option("--nonce", required=True, help="The nonce of the seed, as funding-kit nonce prints it.")
witness_option = click.option("--witness", default="", help="Who gave the nonce, if it was not you.")

token_file = click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="Over HTTP: the bearer token is in this file; else in FUNDING_KIT_TOKEN.",
)


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
    help='reference, "COMMAND ARG…", http(s)://…, or python:module:function.',
)
@what_is_asked
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
@what_is_reported
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="Known failures, each with a reason and a last day; such a run is never conformant.",
)
@click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="How many workers of the implementation are asked at the same time.",
)
@click.option("--resume", is_flag=True, help="Go on with the run that was stopped in this report folder.")
@token_file
@click.option("--ca", type=click.Path(path_type=Path), help="For https://: trust the certificates in this file only.")
@reporting_errors
def run(**options: Any) -> None:
    """Ask an implementation everything, and judge it.

    Exit codes: 0 conformant (with --baseline: no failure but known ones), 1 not conformant, 2 usage, 3 inconclusive,
    4 adapter unusable, 5 fault of the kit.
    """
    from funding_conformance.command_run import run_command

    sys.exit(run_command(**options))


@main.command()
@click.option("--known-bad", "known_bad", help="Answer with this known mistake instead of correctly.")
@click.option("--http", "port", type=click.IntRange(0, 65535), help="Answer over HTTP at this port; 0 chooses one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: the address to listen at.")
@token_file
@reporting_errors
def serve(known_bad: str | None, port: int | None, host: str, token_file: Path | None) -> None:
    """Answer as the reference (or as a known-bad) over standard input and output, or over HTTP."""
    if port is None:
        from funding_conformance.serving import serve_lines

        serve_lines(sys.stdin.buffer, sys.stdout.buffer, known_bad)
    else:
        from funding_conformance.adapters.bearer import given_token
        from funding_conformance.serving_http import serve_http

        serve_http(host, port, given_token(token_file), known_bad)


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
    type=click.Choice(
        [
            "table",
            "json",
            "fm36",
            "indicative",
            "monthly-payments",
            "co-investment",
            "data-match",
            "invoices",
            "statement",
        ]
    ),
    metavar="FORM",
    help="How to print it; table by default.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--working", is_flag=True, help="Show how each figure came about, step by step.")
@click.option(
    "--mask/--no-mask",
    default=None,
    help="Replace ULN, learner references and birth dates in what is printed. An ILR file is masked unless you say "
    "--no-mask, a scenario only if you say --mask.",
)
@click.option(
    "--year",
    metavar="YYZZ",
    help="For the monthly-payments, co-investment and data-match reports: the funding year, such as 1718; by default "
    "that of the last run.",
)
@click.option("--employer", metavar="ID", help="For a statement: the employer; not needed where there is one only.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="For reports of payments, invoices and statements: write to this file. Several reports go into a folder of "
    "this name.",
)
@reporting_errors
def answer(**options: Any) -> None:
    """The reference's answer to scenarios or ILR XML files.

    \b
    FORM is one of
      table, json       everything that is asked
      fm36, indicative  earnings: FM36 (JSON), Apps Indicative Earnings (CSV)
      monthly-payments  Apps Monthly Payment (CSV)
      co-investment     Apps Co-Investment Contributions (CSV)
      data-match        Apprenticeship Data Match Report (CSV)
      invoices          what employers owe, month by month (CSV)
      statement         an employer's account and what it owes (HTML)

    An ILR file alone gives earnings; the forms after indicative need a
    scenario, with every return, agreement and employer.
    """
    from funding_conformance.command_answer import answer_command

    sys.exit(answer_command(**options))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@what_is_asked
@click.option(
    "--xsd",
    "schemas",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Check the ILR files of a year against its schema; may be repeated.",
)
@click.option("--replace", is_flag=True, help="Replace an older pack in the folder.")
@reporting_errors
def export(**options: Any) -> None:
    """Write the questions as a folder of files, for whoever has no program to ask."""
    from funding_conformance.command_offline import export_command

    sys.exit(export_command(**options))


@main.command("import")
@click.argument("pack", type=click.Path(path_type=Path))
@click.argument("answer_files", metavar="FILES...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--scenarios",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The folders of scenarios that export was given.",
)
@click.option(
    "--name",
    default="Answers from files",
    show_default=True,
    help="What to call the implementation, if no program has said hello.",
)
@click.option(
    "--mask/--no-mask",
    default=True,
    show_default=True,
    help="Replace ULN, learner references and birth dates of scenarios of your own in the reports.",
)
@click.option(
    "--report",
    default="report",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The folder for run.jsonl and index.html.",
)
@what_is_reported
@reporting_errors
def import_(**options: Any) -> None:
    """Judge answers to an exported pack: JSON Lines, tables (CSV), FM36 (JSON), Apps Indicative Earnings (CSV).

    Exit codes: as for run.
    """
    from funding_conformance.command_offline import import_command

    sys.exit(import_command(**options))


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


@main.command()
@click.argument("run_file", metavar="RUN.jsonl", type=click.Path(path_type=Path))
@what_is_reported
@reporting_errors
def report(**options: Any) -> None:
    """Make reports from a run file alone; without an option, show it here.

    Exit codes: 0 made, 2 usage.
    """
    from funding_conformance.command_report import report_command

    sys.exit(report_command(**options))


@main.command()
@click.argument("old", metavar="OLD.jsonl", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW.jsonl", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--markdown", metavar="FILE", type=click.Path(path_type=Path), help="Write Markdown, to this file.")
@reporting_errors
def diff(**options: Any) -> None:
    """How two runs differ: newly failing and passing, other answers, other cases.

    Exit codes: 0 nothing is newly failing, 1 something is, 2 usage.
    """
    from funding_conformance.command_report import diff_command

    sys.exit(diff_command(**options))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@reporting_errors
def history(folder: Path) -> None:
    """Every run file below a folder, a row a run, in the order of their names (build-9 before build-10): a run file
    holds no time, so that the same run always writes the same file.
    """
    from funding_conformance.command_report import history_command

    sys.exit(history_command(folder))


@main.command()
@click.argument("run_files", metavar="RUN.jsonl…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path), help="Write a page of all clauses, to this file."
)
@reporting_errors
def matrix(**options: Any) -> None:
    """Several implementations beside each other: the verdict on each profile, and the clauses that not all meet."""
    from funding_conformance.command_report import matrix_command

    sys.exit(matrix_command(**options))


@main.command("make-keys")
@click.argument("folder", type=click.Path(path_type=Path))
@reporting_errors
def make_keys(folder: Path) -> None:
    """Make a pair of ed25519 keys in a new folder. The private key stays with you."""
    from funding_conformance.command_certify import make_keys_command

    sys.exit(make_keys_command(folder))


@main.command()
@click.option("--witness", default="", help="Who you are, if you are the witness of a vendor.")
@reporting_errors
def nonce(witness: str) -> None:
    """Think of 32 random bytes, and of what commits to them."""
    from funding_conformance.command_certify import nonce_command

    sys.exit(nonce_command(witness))


@main.command()
@click.option("--build", required=True, help="What is tested, as you deliver it: a file, or sha256:DIGEST.")
@click.option("--profile", required=True, help="The profile to be certified for.")
@click.option("--rulebook", default="2017-08", show_default=True, help="The edition whose cases are asked.")
@nonce_option
@witness_option
@click.option("--commitment", help="What the witness published before; refused if this nonce is another.")
@reporting_errors
def seed(**options: Any) -> None:
    """The seed that a run must be drawn from to be certified."""
    from funding_conformance.command_certify import seed_command

    sys.exit(seed_command(**options))


@main.command()
@click.argument("run_file", metavar="RUN.jsonl", type=click.Path(path_type=Path))
@click.option("--key", required=True, type=click.Path(path_type=Path), help="Your private key, from make-keys.")
@click.option("--product", required=True, help="The name of what was tested.")
@click.option("--version", required=True, help="Its version.")
@click.option("--build", required=True, help="What was tested, as you deliver it: a file, or sha256:DIGEST.")
@click.option("--adapter", required=True, help="What connects it to the kit: a file, or sha256:DIGEST.")
@click.option("--profile", required=True, help="The profile that it conforms to.")
@nonce_option
@witness_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option(
    "--valid-days",
    default=365,
    show_default=True,
    type=click.IntRange(1, LONGEST_VALIDITY),
    help="Days for which it holds, today being the first.",
)
@reporting_errors
def certify(**options: Any) -> None:
    """Make a certificate from a complete, conformant run, and sign it.

    Exit codes: 0 written, 1 refused, 2 usage.
    """
    from funding_conformance.command_certify import certify_command

    sys.exit(certify_command(**options))


@main.command()
@click.argument("certificate", metavar="CERTIFICATE", type=click.Path(path_type=Path))
@click.option(
    "--run", "run_file", required=True, type=click.Path(path_type=Path), help="The run file that came with it."
)
@click.option("--public-key", required=True, type=click.Path(path_type=Path), help="The vendor's public key.")
@click.option("--errata", type=click.Path(path_type=Path), help="What has been withdrawn since.")
@click.option("--implementation", help="Ask this implementation everything again, as in run.")
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.01, 3600),
    callback=_a_number,
    help="Seconds for one answer, where an implementation is asked.",
)
@reporting_errors
def verify(**options: Any) -> None:
    """Check a certificate and judge every answer of its run again.

    Exit codes: 0 valid, 1 not valid, 2 usage, 4 the implementation could not be asked.
    """
    from funding_conformance.command_verify import verify_command

    sys.exit(verify_command(**options))


@main.command("case-lists")
@click.option("--freeze", "freeze_again", is_flag=True, help="Write the lists again from the worked examples.")
@reporting_errors
def case_lists(freeze_again: bool) -> None:
    """Show the frozen case lists; fails if one is not what the kit now asks."""
    from funding_conformance.command_case_lists import case_lists_command

    sys.exit(case_lists_command(freeze_again))


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

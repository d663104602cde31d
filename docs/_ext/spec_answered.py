"""Sphinx extension: ``funding-kit answer`` run on a scenario of the documentation while the pages are built.

A page shows what the command prints, so that nothing in it can be out of date; a command that fails stops the build.
"""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from click.testing import CliRunner
from docutils import nodes
from docutils.parsers.rst import directives
from funding_conformance.answering import answered_question
from funding_conformance.cli import main
from funding_conformance.reports.account_chart import WIDE, account_chart
from funding_conformance.reports.statement import months_of_account
from funding_spec.documents import load_file
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata, OptionSpec

_ACCOUNT: tuple[str, ...] = ("payments", "levy_accounts")


class AnsweredDirective(SphinxDirective):
    """``.. answered:: two-providers.yaml --format invoices``: the command and what it prints.

    With ``:report: 10000001`` of several reports that provider's alone; with ``:filled:`` of a report's first row the
    cells that hold anything, each beside its header, for rows that are too wide to read.
    """

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = {"report": directives.unchanged_required, "filled": directives.flag}

    def run(self) -> list[nodes.Node]:
        file, *options = shlex.split(self.arguments[0])
        path = Path(self.env.srcdir) / file
        self.env.note_dependency(str(path))
        self.env.note_reread()
        result = CliRunner().invoke(main, ["answer", str(path), *options])
        if result.exit_code:
            raise self.error(f"funding-kit answer {self.arguments[0]} ended with {result.exit_code}: {result.output}")
        printed = result.stdout
        if "report" in self.options:
            printed = _report(printed, self.options["report"])
        lines = _filled(printed) if "filled" in self.options else printed.splitlines()
        text = "\n".join([f"$ funding-kit answer {self.arguments[0]}", *lines])
        return [nodes.literal_block(text, text, language="none")]


def _report(printed: str, ukprn: str) -> str:
    """One of several reports, which stand under their names."""
    reports = printed.split("==> ")[1:]
    return next(report.partition("\n")[2] for report in reports if report.startswith(ukprn))


def _filled(printed: str) -> Iterable[str]:
    """The cells of the first row that hold anything, nothing being none or zero."""
    row = next(csv.DictReader(io.StringIO(printed)))
    return [f"{header}: {cell}" for header, cell in row.items() if cell not in ("", "0.00000")]


class AccountDirective(SphinxDirective):
    """``.. account:: two-providers.yaml bakery``: the picture of an employer's account, as its statement has it."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        file, employer = self.arguments
        path = Path(self.env.srcdir) / file
        self.env.note_dependency(str(path))
        self.env.note_reread()
        found, _ = answered_question(load_file(path), _ACCOUNT, False, None)
        listed = months_of_account(found.as_json(_ACCOUNT), employer)
        picture = account_chart(listed, width=WIDE, id=f"account-{self.env.new_serialno('account')}", styled=True)
        scrolling = f'<div class="life-picture" tabindex="0" role="group" aria-label="Picture">{picture}</div>'
        return [nodes.raw("", scrolling, format="html")]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Registers the directives with Sphinx."""
    app.add_directive("answered", AnsweredDirective)
    app.add_directive("account", AccountDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Every report that is a file, by the name of the option that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from funding_spec.register import load_register

from funding_conformance.case_lists import CaseListError, frozen_list
from funding_conformance.reports.badge import badge
from funding_conformance.reports.html import html_report
from funding_conformance.reports.junit import junit_report
from funding_conformance.reports.markdown import markdown_report
from funding_conformance.reports.sarif import sarif_report
from funding_conformance.reports.sheet import sheet_report
from funding_conformance.runfile import RunFile


def _html(run: RunFile) -> bytes:
    return html_report(run, load_register()).encode()


def _sarif(run: RunFile) -> bytes:
    try:
        in_repository = frozen_list(run.header["rulebook"]).cases
    except CaseListError:  # a rulebook that this kit does not have
        in_repository = {}
    return sarif_report(run, load_register(), in_repository)


FORMS: Final[Mapping[str, Callable[[RunFile], bytes]]] = {
    "html": _html,
    "junit": junit_report,
    "sarif": _sarif,
    "markdown": markdown_report,
    "csv": sheet_report,
    "badge": badge,
}
"""Each makes the bytes of a file from a run file alone."""

"""The cases of a run as a table (CSV) for a spreadsheet: a row a case, whatever became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from funding_reference.money import plain

from funding_conformance.formats.sheets import LIST_MARK, csv_bytes
from funding_conformance.reports.differences import grouped, in_words, over_and_under, printable, shortened
from funding_conformance.runfile import RunFile

COLUMNS: Final = (
    "case", "kind", "verdict", "title", "decides", "clauses", "asked_for", "milliseconds", "over", "under",
    "differences", "note",
)  # fmt: skip

LONGEST_CELL: Final = 30_000
"""How many characters one cell has at most: spreadsheets take a few more."""


def sheet_report(run: RunFile) -> bytes:
    """The report as UTF-8, as spreadsheets open it well."""
    return csv_bytes(COLUMNS, map(_row, run.cases))


def _row(case: Mapping[str, Any]) -> dict[str, str]:
    groups = grouped(case["difference"])
    over, under = over_and_under(groups)
    return {
        "case": _cell(case["case"]),
        "kind": _cell(case["kind"]),
        "verdict": _cell(case["verdict"]),
        "title": _cell(case["title"]),
        "decides": _cell(LIST_MARK.join(case["decides"])),
        "clauses": _cell(LIST_MARK.join(case["clauses"])),
        "asked_for": _cell(LIST_MARK.join(case["wants"])),
        "milliseconds": _cell(case["ms"]),
        "over": plain(over) if over else "",
        "under": plain(under) if under else "",
        "differences": _cell("\n".join(in_words(groups))) if groups else "",
        "note": _cell(case.get("note", "")),
    }


def _cell(value: object) -> str:
    return shortened(printable(value), LONGEST_CELL)

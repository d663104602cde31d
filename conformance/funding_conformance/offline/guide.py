"""The guide of a pack: plain words for whoever has to answer it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from funding_conformance import KIT_VERSION
from funding_conformance.formats.sheets import LIST_MARK
from funding_conformance.offline.facts_tables import FactsTable
from funding_conformance.offline.tables import REJECTS, columns_of

_WIDTH: Final = 90

_EXAMPLES: Final = {
    "earnings": {
        "ukprn": "10000001", "uln": "1000000001", "type": "on_programme", "month": "2017-08", "amount": "500.00000",
        "aim": "1", "price_episode": "06/08/2017", "contract_type": "1",
    },
    "payments": {
        "collection": "1718-R01", "ukprn": "10000001", "type": "on_programme", "source": "levy",
        "amount": "500.00000", "uln": "1000000001", "aim": "1", "contract_type": "1", "employer": "employer-1",
        "month": "2017-08",
    },
    "levy_accounts": {
        "employer": "employer-1", "month": "2017-09", "opening": "700.00", "spent": "500.00", "levy": "800.00",
        "top_up": "80.00", "closing": "1,080.00",
    },
    "priority": {"employer": "employer-1", "collection": "1718-R01", "agreements": f"1{LIST_MARK}3{LIST_MARK}2"},
    "matches": {
        "ukprn": "10000001", "uln": "1000000001", "month": "2017-08", "price_episode": "06/08/2017",
        "errors": f"DLOCK_03{LIST_MARK}DLOCK_07",
    },
    "findings": {"rule": "MINIMUM-DURATION", "ukprn": "10000001", "uln": "1000000001", "aim": "1"},
    REJECTS: {"code": "NEGATIVE-PRICE", "path": "given.courses[0].funding_bands[0].maximum"},
}  # fmt: skip
"""One row of each table of answers."""

_MEANS: Final = {
    "earnings": "What is earned: provider 10000001 earns £500 for August 2017, on programme, for aim 1, at the price "
    "that has applied since 6 August 2017, under contract type 1.",
    "payments": "What is paid after collection 1718-R01: £500 out of the account of employer-1 for August 2017. "
    "A refund is below zero.",
    "levy_accounts": "An employer's account in one calendar month, in pounds. An empty cell is nothing.",
    "priority": f"In which order agreements are paid, the first first, with {LIST_MARK} between them.",
    "matches": "What the data match finds for a month of a price episode: the agreement that matched, or the codes, "
    f"with {LIST_MARK} between them.",
    "findings": "A finding about an aim.",
    REJECTS: "The question makes no sense: which code, and at which place of the question.",
}


def guide_text(rulebook: str, cases: int, asked: Sequence[str], tables: Sequence[FactsTable]) -> bytes:
    """The guide, for a text editor on any system.

    :param asked: the parts of answers that are asked
    """
    lines = [*_about(rulebook, cases), *_in_the_pack(tables), *_answering(asked), *_spreadsheets(), *_handing_in()]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def _about(rulebook: str, cases: int) -> Iterator[str]:
    yield "Questions about apprenticeship funding"
    yield "======================================"
    yield ""
    yield from _wrapped(
        f"This pack holds {cases} cases of rulebook {rulebook}, written by funding-kit {KIT_VERSION}. Each case gives "
        "facts and asks what follows from them. Answer them with your system, or by hand, and hand the answers in. "
        "Cases whose names begin with fresh/ were drawn for this pack. Rules that always hold are tried on those with "
        "drawn/."
    )
    yield ""
    yield from _wrapped(
        "Every learner, employer and provider is made up. Import the ILR files only into a system for tests, and never "
        "send them to anybody as a return. No government department has approved this pack or its verdicts."
    )
    yield ""


def _in_the_pack(tables: Sequence[FactsTable]) -> Iterator[str]:
    yield "What is in it"
    yield "-------------"
    yield ""
    yield from _item("cases.csv", "Every case: what is asked of it, the last collection, and its set of ILR files.")
    yield from _item("questions.jsonl", "The questions for a program: one JSON object a line, hello first.")
    yield from _item(
        "ilr/",
        "ILR files by year and set. Empty the system, import the files of one set in the order of their names, take "
        "its report, and go on with the next set. Learners have other references and ULNs there than in the "
        "questions; returns/learners.csv has both. Courses and their bands must be those of courses.csv.",
    )
    for table in tables:
        yield from _item(table.name, table.says)
    yield from _item("answers/", "Empty tables for your answers. Only these may be changed.")
    yield from _item("manifest.json", "The digests by which the import knows that nothing else was changed.")
    yield ""


def _answering(asked: Sequence[str]) -> Iterator[str]:
    yield "How to answer"
    yield "-------------"
    yield ""
    yield from _wrapped(
        "Choose any of these ways, or mix them. A case must be answered in one way only, and every case must be "
        "answered: one without an answer counts as missing."
    )
    yield ""
    yield from _item("JSON Lines", "The replies of a program: my-program < questions.jsonl > answers.jsonl")
    yield from _item("FM36 (JSON)", "The earnings that a system writes for the ILR files, one or more documents.")
    yield from _item(
        "Apps Indicative Earnings (CSV)",
        "The same as the report. Name each file after provider and year: 10000001-1718-earnings-report.csv",
    )
    yield from _item("Tables (CSV)", "The tables in answers/. Their names begin as there: earnings.csv, earnings-2.csv")
    yield ""
    yield from _wrapped(
        "In a table every row names its case, as cases.csv has it, and the learner's own ULN, not that of the ILR "
        "files. Amounts of zero may be left out. If a case has no rows at all, write one row with only its case: that "
        "says that it was answered. The order of rows and of columns does not matter. Columns of your own begin with "
        "x_."
    )
    yield ""
    for table in (*asked, REJECTS):
        yield f"{table}.csv"
        for column in columns_of(table):
            value = {"case": "guide/annex-1/earned-in-all", **_EXAMPLES[table]}.get(column, "")
            yield f"    {column:<20}{value}".rstrip()
        yield from _wrapped(_MEANS[table], "  ")
        yield ""


def _spreadsheets() -> Iterator[str]:
    yield "In a spreadsheet"
    yield "----------------"
    yield ""
    yield from _wrapped(
        "Save as CSV UTF-8. Commas, semicolons and tabs between cells are all understood, as are 06/08/2017 (day "
        "first), Aug-17 for a month, £1,234.50 and (1,234.50) for an amount below zero. An amount shown as "
        "1.23457E+3 has lost digits and is refused, as are percentages, commas for decimals and formulas. A cell that "
        "begins with an apostrophe is text that a spreadsheet would otherwise calculate; the apostrophe is not part "
        "of it."
    )
    yield ""


def _handing_in() -> Iterator[str]:
    yield "How to hand it in"
    yield "-----------------"
    yield ""
    yield "    funding-kit import PACK answers.jsonl"
    yield "    funding-kit import PACK PACK/answers/earnings.csv PACK/answers/rejects.csv"
    yield ""
    yield from _wrapped(
        "PACK is this folder. The report says which cases pass and what differs in the others. What is understood and "
        "what is refused stands in the documentation under: Taking part without a program."
    )


def _item(name: str, says: str) -> Iterator[str]:
    yield name
    yield from _wrapped(says, "    ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)

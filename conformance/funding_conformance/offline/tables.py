"""Answers as tables: which columns each has, and how their rows become those of an answer.

Every table has a column ``case`` beside the fields of its rows. A row that gives nothing but its case says that the
case was answered and has no rows. ``rejects`` is for questions that make no sense.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen
from funding_reference.reading import REJECT_CODES

from funding_conformance.formats.sheets import (
    CELLS_LISTED,
    Cell,
    Row,
    SheetError,
    amount_cell,
    date_cell,
    list_cell,
    month_cell,
    rows_of,
    text_cell,
    whole_cell,
    word_cell,
)
from funding_conformance.rows import ACCOUNT_COLUMNS, fields_of, row_problem
from funding_conformance.scenarios import WANTS

CASE: Final = "case"
REJECTS: Final = "rejects"
TABLES: Final = (*WANTS, REJECTS)

_CELLS: Final[Mapping[str, Cell]] = {
    **dict.fromkeys(("ukprn", "uln", "aim", "contract_type"), whole_cell),
    **dict.fromkeys(("amount", *ACCOUNT_COLUMNS), amount_cell),
    **dict.fromkeys(("type", "source"), word_cell),
    **dict.fromkeys(("errors", "agreements"), list_cell),
    "month": month_cell,
    "price_episode": date_cell,
}
"""How the cells of a column are read; text where nothing else is said."""

_MAY_BE_EMPTY: Final = ("errors", "agreements")


@frozen
class AnswerRow:
    """A row of a table of answers.

    :param place: file and line
    :param content: the row as an answer has it; None if it only says that the case was answered
    """

    case: str
    place: str
    content: Mapping[str, Any] | None


def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a table, ``case`` first."""
    return (CASE, "code", "path") if table == REJECTS else (CASE, *fields_of(table))


def read_table(table: str, text: str, file: str) -> Iterator[AnswerRow]:
    """The rows of a table.

    :raises SheetError: with the place of every cell that cannot be understood, up to twenty
    """
    problems: list[SheetError] = []
    for row in rows_of(text, columns_of(table), file):
        try:
            yield _answer_row(table, row)
        except SheetError as problem:
            problems.append(problem)
            if len(problems) == CELLS_LISTED:
                break
    if problems:
        raise SheetError("\n".join(map(str, problems)))


def _answer_row(table: str, row: Row) -> AnswerRow:
    cells = {name: cell for name, cell in row.cells.items() if not name.startswith("x_")}
    case = cells.pop(CASE, None)
    if case is None:
        raise row.wrong(CASE, "Every row names its case.")
    if not cells:
        return AnswerRow(case, row.place, None)
    content = {name: _read(row, name, cell) for name, cell in cells.items()}
    if table == REJECTS:
        if content.get("code") not in REJECT_CODES:
            raise row.wrong("code", f"There is no such code. There are {', '.join(REJECT_CODES)}.")
        return AnswerRow(case, row.place, content)
    content |= {name: [] for name in _MAY_BE_EMPTY if name in fields_of(table) and name not in content}
    if problem := row_problem(content, table):
        raise row.wrong(problem[0].removeprefix("."), problem[1])
    return AnswerRow(case, row.place, content)


def _read(row: Row, column: str, cell: str) -> Any:
    read = _CELLS.get(column, text_cell)
    try:
        return amount_cell(cell, row.delimiter) if read is amount_cell else read(cell)
    except ValueError as error:
        raise row.wrong(column, f"{error}.") from None

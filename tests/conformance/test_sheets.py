"""Tables as spreadsheets leave them: what is understood, and what is refused with its row and column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from funding_conformance.formats.sheets import (
    SheetError,
    amount_cell,
    csv_bytes,
    date_cell,
    list_cell,
    month_cell,
    rows_of,
    text_cell,
    text_of,
    whole_cell,
    word_cell,
)
from funding_conformance.offline.tables import AnswerRow, read_table
from hypothesis import given as for_all
from hypothesis import strategies as st

EARNINGS = "case,ukprn,uln,type,month,amount\n"
A_ROW = "a/case,10000001,1000000001,on_programme,2017-08,500.00000\n"


def read(text: str, table: str = "earnings") -> list[AnswerRow]:
    return list(read_table(table, text, f"{table}.csv"))


def refusal(text: str, table: str = "earnings") -> str:
    with pytest.raises(SheetError) as refused:
        read(text, table)
    return str(refused.value)


@pytest.mark.parametrize(
    ("cell", "text", "meaning"),
    [
        (amount_cell, "£1,234.50", "1234.50000"),
        (amount_cell, " £ 1,234.50 ", "1234.50000"),
        (amount_cell, "1234", "1234.00000"),
        (amount_cell, "1\u00a0234.5", "1234.50000"),
        (amount_cell, "-£1,234.50", "-1234.50000"),
        (amount_cell, "£-3", "-3.00000"),
        (amount_cell, "(1,234.50)", "-1234.50000"),
        (amount_cell, "−7.25", "-7.25000"),
        (amount_cell, "666.666666666667", "666.66667"),
        (whole_cell, "10,000,001", 10000001),
        (whole_cell, "10000001.00", 10000001),
        (date_cell, "06/08/2017", "2017-08-06"),
        (date_cell, "6/8/2017", "2017-08-06"),
        (date_cell, "2017-08-06", "2017-08-06"),
        (date_cell, "06/08/2017 00:00", "2017-08-06"),
        (month_cell, "2017-08", "2017-08"),
        (month_cell, "Aug-17", "2017-08"),
        (month_cell, "August 2017", "2017-08"),
        (month_cell, "Sept-17", "2017-09"),
        (month_cell, "01/08/2017", "2017-08"),
        (word_cell, "On programme", "on_programme"),
        (list_cell, "DLOCK_03 | DLOCK_07", ["DLOCK_03", "DLOCK_07"]),
    ],
)
def test_what_spreadsheets_do_to_a_cell_is_understood(cell: Callable[[str], Any], text: str, meaning: Any) -> None:
    assert cell(text) == meaning


@pytest.mark.parametrize(
    ("cell", "text", "words"),
    [
        (amount_cell, "1.23457E+3", "has lost digits"),
        (whole_cell, "1E+09", "has lost digits"),
        (amount_cell, "12%", "is a percentage"),
        (amount_cell, "1234,50", "is not an amount of pounds"),
        (amount_cell, "1.234,50", "is not an amount of pounds"),
        (amount_cell, "12,34", "is not an amount of pounds"),
        (amount_cell, "$5", "is not an amount of pounds"),
        (amount_cell, "--5", "is not an amount of pounds"),
        (amount_cell, "#REF!", "is not an amount of pounds"),
        (amount_cell, "١٢", "is not an amount of pounds"),
        (amount_cell, "9" * 400, "is too large"),
        (whole_cell, "1.5", "is not a whole number"),
        (date_cell, "31/02/2018", "is not a date"),
        (date_cell, "08/13/2017", "is not a date"),
        (date_cell, "06/08/17", "is not a date"),
        (date_cell, "42953", "is not a date"),
        (month_cell, "02/08/2017", "is not a month"),
        (month_cell, "Mai-17", "is not a month"),
        (month_cell, "2017-13", "is not a month"),
        (month_cell, "Marvel-17", "is not a month"),
        (word_cell, "=A1", "is a formula"),
        (text_cell, "#N/A", "what a spreadsheet shows instead of a value"),
        (list_cell, "#VALUE!", "what a spreadsheet shows instead of a value"),
    ],
)
def test_what_has_lost_digits_or_could_mean_two_things_is_refused(
    cell: Callable[[str], Any], text: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        cell(text)


@for_all(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(max_size=8)), max_size=5))
def test_every_text_comes_back_as_it_was_written(rows: list[dict[str, str]]) -> None:
    written = csv_bytes("abc", rows)
    found = [dict(row.cells) for row in rows_of(text_of(written, "t.csv"), "abc", "t.csv")]
    stripped = [{name: text.strip() for name, text in row.items() if text.strip()} for row in rows]
    expected = [row for row in stripped if row]
    assert [_normal(row) for row in found] == [_normal(row) for row in expected]


def _normal(row: dict[str, str]) -> dict[str, str]:
    """Blanks at the ends go when a table is read, also those behind a mark that makes a cell safe."""
    return {name: text.strip() for name, text in row.items()}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_is_a_formula(start: str) -> None:
    written = csv_bytes(["a"], [{"a": f"{start}cmd|' /C calc'!A0"}]).decode("utf-8-sig")
    assert written.splitlines()[1].lstrip('"').startswith("'")


def test_a_negative_amount_stays_a_number() -> None:
    assert csv_bytes(["a"], [{"a": "-500.00000"}]).splitlines()[1] == b"-500.00000"


@pytest.mark.parametrize(
    "text",
    [
        EARNINGS + A_ROW,
        "\ufeff" + EARNINGS + A_ROW,
        "sep=;\n" + (EARNINGS + A_ROW).replace(",", ";"),
        (EARNINGS + A_ROW).replace(",", "\t"),
        (EARNINGS + A_ROW).replace("\n", "\r\n") + ",,,,,\r\n,,,,,\r\n",
        "Case , UKPRN,ULN, Type,MONTH,amount,,\n" + A_ROW,
        "amount,month,type,uln,ukprn,case,x_note\n£500.00,Aug-17,On programme,1000000001,10000001,a/case,mine\n",
        ";;;\n" + (EARNINGS + A_ROW).replace(",", ";"),
        "," + EARNINGS.replace("type,", "type,,") + "," + A_ROW.replace("on_programme,", "on_programme,,"),
    ],
)
def test_a_table_is_read_however_it_was_saved(text: str) -> None:
    rows = read(text_of(text.encode(), "earnings.csv"))
    assert [(row.case, row.content) for row in rows] == [
        (
            "a/case",
            {
                "ukprn": 10000001,
                "uln": 1000000001,
                "type": "on_programme",
                "month": "2017-08",
                "amount": "500.00000",
            },
        )
    ]


def test_a_row_with_only_its_case_says_that_it_was_answered() -> None:
    assert [row.content for row in read(EARNINGS + "a/case,,,,,\n")] == [None]


def test_an_empty_list_of_codes_is_a_match() -> None:
    rows = read("case,ukprn,uln,month,agreement,errors\na,10000001,1000000001,2017-08,1,\n", "matches")
    assert rows[0].content is not None
    assert rows[0].content["errors"] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (EARNINGS + A_ROW.replace("500.00000", "1.23457E+3"), "earnings.csv:2  amount\n  '1.23457E+3' has lost digits"),
        (EARNINGS + A_ROW.replace("on_programme", "on-prog"), "earnings.csv:2  type\n  there is no type 'on_prog'"),
        (EARNINGS + A_ROW.replace("a/case", ""), "earnings.csv:2  case\n  Every row names its case."),
        (EARNINGS + A_ROW.replace("500.00000", ""), "it has no amount"),
        (EARNINGS + A_ROW.replace("500.00000", "1,500.00"), "stands beyond the last header"),
        ("case,,amount\na,mine,1\n", "'mine' stands in a column without a header"),
        ("case,money\n", "There is no column 'money'"),
        ("case,case\n", "The column case is there twice"),
        ("\n\n", "This table is empty"),
        ('case,amount\n"a,1\n', "This is not CSV"),
        ("case,amount\n" + "x" * 200_000, "This is not CSV: field larger than field limit"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_place(text: str, words: str) -> None:
    assert words in refusal(text)


@pytest.mark.parametrize("amount", ["666,667", "-666,667", "(1,234)", "£1,234"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_comma_that_may_stand_before_decimals_is_refused(amount: str, delimiter: str) -> None:
    row = (EARNINGS + A_ROW).replace(",", delimiter)
    assert "thousands or decimals" in refusal(row.replace("500.00000", amount))
    assert read(row.replace("500.00000", "1,234.50"))
    assert read(EARNINGS + A_ROW.replace("500.00000", f'"{amount}"'))


def test_several_cells_are_refused_at_once_but_never_more_than_a_screen() -> None:
    bad = A_ROW.replace("500.00000", "12%")
    assert refusal(EARNINGS + A_ROW + bad + bad).count("is a percentage") == 2
    assert refusal(EARNINGS + bad * 100).count("is a percentage") == 20


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252"])
def test_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(SheetError, match="Save it as UTF-8"):
        text_of((EARNINGS + "£").encode(encoding), "earnings.csv")

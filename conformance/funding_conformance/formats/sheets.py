"""Tables as CSV that people open in a spreadsheet, and what spreadsheets do to them on the way back.

Written tables open well: UTF-8 with its mark, and no cell that a spreadsheet would take for a formula. Tables that are
read may have semicolons or tabs, dates as 06/08/2017, months as Aug-17, and pounds as £1,234.50. What has lost digits
or could mean two things is refused, with its row and column.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import frozen
from funding_spec.errors import FundingError

from funding_conformance.formats.cells import as_meant, safe_cell
from funding_conformance.formats.lines import amount_text
from funding_conformance.rows import shortly

DELIMITERS: Final = (",", ";", "\t")
CELLS_LISTED: Final = 20
LIST_MARK: Final = "|"
"""Between the items of a list in one cell."""

_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class SheetError(FundingError):
    """A table cannot be read: which file, which row and column, and what to do."""


# Writing


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A table that a spreadsheet opens as it is meant: a cell that a row does not have is empty."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return written.getvalue().encode("utf-8-sig", "backslashreplace")


def _cell(value: Any) -> str:
    return "" if value is None else safe_cell(str(value))


# Reading


@frozen
class Row:
    """A row that is not empty.

    :param place: file and line, for messages
    :param cells: by the header of their column; empty ones are left out
    :param delimiter: what stands between its cells
    """

    place: str
    cells: Mapping[str, str]
    delimiter: str = ","

    def wrong(self, column: str, reason: str) -> SheetError:
        return SheetError(reason, file=self.place, path=column)


def text_of(data: bytes, file: str) -> str:
    """The text of a file.

    :raises SheetError: it is not UTF-8
    """
    if data.startswith(_BYTE_ORDER_MARKS) or b"\0" in data[:1000]:
        reason = "This file is not UTF-8 text but UTF-16. Save it as UTF-8; Excel calls that CSV UTF-8."
        raise SheetError(reason, file=file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = "This file is not UTF-8 text. Save it as UTF-8; Excel calls that CSV UTF-8."
        raise SheetError(reason, file=f"{file}:{line}") from None


def rows_of(text: str, known: Sequence[str], file: str) -> Iterator[Row]:
    """The rows of a table, its columns known by their headers and never by where they stand.

    :param known: the columns there may be; others begin with ``x_``
    :raises SheetError: it is not CSV, or a column is unknown or there twice
    """
    lines = io.StringIO(text, newline="")
    skipped = 0
    if re.match(r"sep=.\r?\n", text, re.IGNORECASE):
        lines.readline()
        skipped = 1
    delimiter = delimiter_of(text, known, _name)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    headers: list[str] | None = None
    try:
        for cells in reader:
            place = f"{file}:{reader.line_num + skipped}"
            found = [cell.strip() for cell in cells]
            if not any(found):
                continue
            if headers is None:
                headers = _headers(found, known, place)
            else:
                yield _row(headers, found, place, delimiter)
    except csv.Error as error:
        raise SheetError(f"This is not CSV: {error}.", file=f"{file}:{reader.line_num + skipped}") from None
    if headers is None:
        raise SheetError("This table is empty; not even its headers are there.", file=file)


def headers_of(text: str) -> list[str]:
    """The words between delimiters in the first row, for telling tables apart."""
    return [_name(word.strip('"')) for word in re.split(r"[,;\t]", _first_line(text))]


def delimiter_of(text: str, known: Sequence[str], name: Callable[[str], str] = str.strip) -> str:
    """The delimiter under which most headers are known; the comma if none is.

    :param name: what a header is compared by
    """
    line = _first_line(text)
    return max(DELIMITERS, key=lambda mark: sum(name(word.strip().strip('"')) in known for word in line.split(mark)))


def _first_line(text: str) -> str:
    """The line of the headers, which rows of empty cells or a spreadsheet's own ``sep=;`` may stand before."""
    lines = (line for line in io.StringIO(text) if line.strip(",;\t \r\n") and not line.lower().startswith("sep="))
    return next(lines, "")


def _name(header: str) -> str:
    return re.sub(r"[ _]+", "_", header.strip().lower())


def _headers(cells: list[str], known: Sequence[str], place: str) -> list[str]:
    headers = [_name(as_meant(cell)) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    times = Counter(headers)
    for header in headers:
        if header and header not in known and not header.startswith("x_"):
            reason = f"There is no column {shortly(header)} in this table. There are {', '.join(known)}."
            raise SheetError(reason, file=place)
        if header and times[header] > 1:
            raise SheetError(f"The column {header[:80]} is there twice.", file=place)
    return headers


def _row(headers: list[str], cells: list[str], place: str, delimiter: str) -> Row:
    if beyond := [cell for cell in cells[len(headers) :] if cell]:
        reason = f"{shortly(beyond[0])} stands beyond the last header. Amounts with commas need quotation marks."
        raise SheetError(reason, file=place)
    found = [(header, as_meant(cell)) for header, cell in zip(headers, cells, strict=False) if cell]
    if nameless := [cell for header, cell in found if not header]:
        raise SheetError(f"{shortly(nameless[0])} stands in a column without a header.", file=place)
    return Row(place, dict(found), delimiter)


# Cells

Cell = Callable[[str], Any]
"""Reads the text of a cell.

:raises ValueError: it cannot be understood; says why
"""

_BLANKS: Final = re.compile(r"[\s\u00a0\u2007\u202f]+")
_SCIENTIFIC: Final = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?[Ee][+-]?[0-9]+")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?=\.|\Z)|[0-9]+(?=\.|\Z)")
_COULD_BE_DECIMALS: Final = re.compile(r"[-£(]*[0-9]{1,3},[0-9]{3}\)?")
_NO_VALUE: Final = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|#+)", re.IGNORECASE)
_MONTH_NAMES: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def text_cell(text: str) -> str:
    """Text as it stands."""
    if text.startswith("="):
        raise ValueError(f"{shortly(text)} is a formula; paste its value")
    if _NO_VALUE.fullmatch(text):
        raise ValueError(f"{shortly(text)} is what a spreadsheet shows instead of a value")
    return text


def word_cell(text: str) -> str:
    """One of the words of an answer; blanks and capitals do not matter: On programme is on_programme."""
    return re.sub(r"[ _-]+", "_", text_cell(text).lower())


def amount_cell(text: str, delimiter: str = ",") -> str:
    """Pounds as the wire has them: £1,234.50 and (1,234.50), which is below zero, are understood.

    More than five decimals are rounded to five.

    :param delimiter: between the cells; where it is no comma, 666,667 may be pounds and decimals
    """
    bare = _BLANKS.sub("", text).replace("−", "-")
    if delimiter != "," and _COULD_BE_DECIMALS.fullmatch(bare):
        raise ValueError(
            f"{shortly(text)} could have thousands or decimals behind its comma; write a point for decimals"
        )
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    sign = "-" if bare.startswith(("-", "£-")) else ""
    digits = bare.replace("-", "", 1).removeprefix("£") if sign else bare.removeprefix("£")
    _refuse_lossy(text, bare)
    grouped = _GROUPED.match(digits)
    decimals = digits[grouped.end() :] if grouped else ""
    if grouped is None or not re.fullmatch(r"(?:\.[0-9]*)?", decimals, re.ASCII) or not digits.isascii():
        raise ValueError(f"{shortly(text)} is not an amount of pounds, such as 1142.85714 or £1,142.85")
    found = amount_text(Decimal(f"{sign}{grouped[0].replace(',', '')}{decimals.rstrip('.')}"))
    if found is None:
        raise ValueError(f"{shortly(text)} is too large for an amount")
    return found


def whole_cell(text: str) -> int:
    """A whole number, with or without thousands separators."""
    bare = _BLANKS.sub("", text)
    _refuse_lossy(text, bare)
    grouped = _GROUPED.match(bare)
    if grouped is None or not re.fullmatch(r"(?:\.0*)?", bare[grouped.end() :]) or len(grouped[0]) > 18:
        raise ValueError(f"{shortly(text)} is not a whole number")
    return int(grouped[0].replace(",", ""))


def _refuse_lossy(text: str, bare: str) -> None:
    if _SCIENTIFIC.fullmatch(bare):
        raise ValueError(f"{shortly(text)} has lost digits. Format the column as a number and save it again")
    if "%" in bare:
        raise ValueError(f"{shortly(text)} is a percentage; pounds or a whole number belong here")


def date_cell(text: str) -> str:
    """A day as YYYY-MM-DD; day/month/year is understood, with the year in full."""
    day = re.sub(r"[T ]+0?0:00(?::00)?\Z", "", text)
    try:
        if found := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", day, re.ASCII):
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day, re.ASCII):
            return date.fromisoformat(day).isoformat()
    except ValueError:
        pass
    raise ValueError(f"{shortly(text)} is not a date, such as 2017-08-06 or 06/08/2017")


def month_cell(text: str) -> str:
    """A month as YYYY-MM; Aug-17, August 2017 and the first day of the month, which spreadsheets make of it, too."""
    if re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])", text, re.ASCII):
        return text
    if found := re.fullmatch(r"([A-Za-z]{3,9})\.?[- ]((?:20)?[0-9]{2})", text, re.ASCII):
        begins = found[1].lower()
        numbers = [number for number, name in enumerate(_MONTH_NAMES, 1) if name.startswith(begins)]
        if numbers:
            return f"20{found[2][-2:]}-{numbers[0]:02}"
    try:
        day = date_cell(text)
    except ValueError:
        day = ""
    if not day.endswith("-01"):
        raise ValueError(f"{shortly(text)} is not a month, such as 2017-08 or Aug-17")
    return day[: len("2017-08")]


def list_cell(text: str) -> list[str]:
    """Texts with | between them, in their order."""
    return [part for item in text_cell(text).split(LIST_MARK) if (part := item.strip())]

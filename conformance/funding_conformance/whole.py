"""Comparing whole answers: the amounts of rows added up by what the rows are about, whatever way they are split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import frozen
from funding_reference.money import NO_AMOUNT

from funding_conformance.protocol import Declaration
from funding_conformance.rows import ACCOUNT_COLUMNS, amount_of

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""The rows of an answer by their kind."""

_ABOUT: Final[Mapping[str, tuple[str, ...]]] = {
    "earnings": ("ukprn", "uln", "aim", "price_episode", "contract_type", "type"),
    "payments": ("ukprn", "uln", "aim", "contract_type", "type", "source", "employer", "sender", "claim"),
    "levy_accounts": ("employer",),
}
"""What the rows of a kind are about, beside the month and the return."""

_NO_EMPLOYER: Final = frozenset({"government"})
"""Sources whose rows may leave out the employer."""


@frozen
class Sum:
    """What one sum is of.

    :param what: the kind of rows and what they are about, in words
    :param when: the month, or the return of a payment
    """

    what: str
    when: str


def sums(kind: str, rows: Sequence[Row], declaration: Declaration) -> dict[Sum, Decimal]:
    """The amounts of rows, in pounds, added up by everything that an answer must tell apart.

    :param declaration: says which fields an implementation cannot give, and which types it only gives together
    """
    found: dict[Sum, Decimal] = {}
    for row in rows:
        for column in ACCOUNT_COLUMNS if kind == "levy_accounts" else ("amount",):
            key = _sum_of(kind, row, column, declaration)
            found[key] = found.get(key, NO_AMOUNT) + amount_of(row, column)
    return found


def _sum_of(kind: str, row: Row, column: str, declaration: Declaration) -> Sum:
    named = [
        f"{name} {_value(name, row, declaration)}"
        for name in _ABOUT[kind]
        if name in row and name not in declaration.omitted_fields and not _may_be_missing(name, row)
    ]
    month = str(row.get("month", ""))
    if kind == "levy_accounts":
        return Sum(" ".join([column.replace("_", " "), *named]), month)
    if kind == "earnings":
        return Sum(" ".join(["earned", *named]), month)
    return Sum(" ".join(["funded", *named, *([f"month {month}"] if month else [])]), str(row["collection"]))


def _value(name: str, row: Row, declaration: Declaration) -> str:
    value = str(row[name])
    if name == "type":
        together = next((group for group in declaration.omitted_types if value in group), None)
        return "+".join(sorted(together)) if together else value
    return value


def _may_be_missing(name: str, row: Row) -> bool:
    return name == "employer" and row.get("source") in _NO_EMPLOYER


def unequal(
    kind: str, expected: Sequence[Row], got: Sequence[Row], declaration: Declaration, tolerance: Decimal
) -> Iterator[tuple[Sum, Decimal, Decimal]]:
    """Every sum that is not the same in both, with what it must be and what it is, in pounds.

    Of accounts only the months that are expected: an answer may go on where nothing is asked any more.
    """
    wanted, found = sums(kind, expected, declaration), sums(kind, got, declaration)
    keys = wanted if kind == "levy_accounts" else {*wanted, *found}
    for key in sorted(keys, key=lambda one: (one.what, one.when)):
        should, does = wanted.get(key, NO_AMOUNT), found.get(key, NO_AMOUNT)
        if abs(should - does) > tolerance:
            yield key, should, does

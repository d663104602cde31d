"""The rows of an answer: which fields each kind has, and what may stand in them.

The schema ``answer.schema.json`` says the same to people and to validators; this is the same check, made for speed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

from funding_reference.reading import Place, Reader, Unreadable, a_collection, a_date, a_month
from funding_reference.records import SOURCES, TYPES

MATCH_ERRORS: Final = tuple(f"DLOCK_{number:02}" for number in range(1, 13))
ACCOUNT_COLUMNS: Final = (
    "opening", "refunded_in", "spent", "transferred_out", "levy", "top_up", "adjustment", "expired", "closing",
)  # fmt: skip

LONGEST_SHOWN: Final = 80

Check = Callable[[Any], str]
"""Says what is wrong with a value; nothing if all is well."""


def shortly(value: Any) -> str:
    """A value as a message shows it: never longer than a line."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def is_amount(value: Any) -> bool:
    """Whether a value is an amount of the wire: text with a point and at most five decimals."""
    if not isinstance(value, str):
        return False
    whole, point, decimals = value.removeprefix("-").partition(".")
    return (
        bool(point)
        and value.isascii()
        and whole.isdigit()
        and decimals.isdigit()
        and len(decimals) <= 5
        and len(whole) <= 15
    )


def amount_of(row: Mapping[str, Any], column: str = "amount") -> Decimal:
    """The amount of a row that has been checked, in pounds."""
    return Decimal(row.get(column, "0.0"))


def _amount(value: Any) -> str:
    return "" if is_amount(value) else f'{shortly(value)} is not an amount; amounts are text such as "1000.00000".'


def _whole(value: Any) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) else f"{shortly(value)} is not a whole number."


def _contract(value: Any) -> str:
    return _whole(value) or (
        "" if value in (1, 2) else f"there is no contract type {shortly(value)}; there are 1 and 2."
    )


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else f"{shortly(value)} is not text."


def _texts(value: Any) -> str:
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return "" if texts else "it must be a list of texts."


def _errors(value: Any) -> str:
    return _texts(value) or next(
        (f"there is no code {shortly(code)}." for code in value if code not in MATCH_ERRORS), ""
    )


def _one_of(choices: tuple[str, ...], what: str) -> Check:
    return lambda value: "" if isinstance(value, str) and value in choices else f"there is no {what} {shortly(value)}."


def _read_as(reader: Reader[Any], what: str) -> Check:
    @cache
    def readable(value: str) -> bool:
        try:
            reader(value, Place([]))
        except Unreadable:
            return False
        return True

    return lambda value: "" if isinstance(value, str) and readable(value) else f"{shortly(value)} is not {what}."


_MONTH: Final = _read_as(a_month, "a month, YYYY-MM")
_COLLECTION: Final = _read_as(a_collection, "a collection, such as 1718-R01")
_DATE: Final = _read_as(a_date, "a date, YYYY-MM-DD")
_TYPE: Final = _one_of(TYPES, "type")
_PAYMENT_TYPE: Final = _one_of((*TYPES, "provider_claim"), "type")
_WHO: Final[Mapping[str, Check]] = {"learner": _text}

_FIELDS: Final[Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]]] = {
    "earnings": (
        {"ukprn": _whole, "uln": _whole, "type": _TYPE, "month": _MONTH, "amount": _amount},
        {"aim": _whole, "price_episode": _DATE, "contract_type": _contract, **_WHO},
    ),
    "payments": (
        {
            "collection": _COLLECTION,
            "ukprn": _whole,
            "type": _PAYMENT_TYPE,
            "source": _one_of(SOURCES, "source"),
            "amount": _amount,
        },
        {
            "uln": _whole,
            "aim": _whole,
            "contract_type": _contract,
            "employer": _text,
            "sender": _text,
            "month": _MONTH,
            "claim": _text,
            "price_episode": _DATE,
            **_WHO,
        },
    ),
    "levy_accounts": ({"employer": _text, "month": _MONTH}, {**dict.fromkeys(ACCOUNT_COLUMNS, _amount), **_WHO}),
    "priority": ({"employer": _text, "collection": _COLLECTION, "agreements": _texts}, _WHO),
    "matches": (
        {"ukprn": _whole, "uln": _whole, "month": _MONTH, "errors": _errors},
        {"price_episode": _DATE, "agreement": _text, "type": _TYPE, "aim": _whole, **_WHO},
    ),
    "findings": ({"rule": _text}, {"ukprn": _whole, "uln": _whole, "aim": _whole, "path": _text, **_WHO}),
}
"""For each kind of row the fields it must have and those it may have."""


def fields_of(want: str) -> tuple[str, ...]:
    """The fields of a kind of row, those that it must have first."""
    required, optional = _FIELDS[want]
    return (*required, *optional)


def row_problem(row: Any, want: str) -> tuple[str, str] | None:
    """What is wrong with a row: the field, and what about it; None if all is well."""
    required, optional = _FIELDS[want]
    if not isinstance(row, dict):
        return "", "it must be an object."
    for name in required:
        if name not in row:
            return "", f"it has no {name}."
    for name, value in row.items():
        check = required.get(name) or optional.get(name)
        if check is None:
            if not name.startswith("x_"):
                return f".{name}", "there is no such field; fields of your own begin with x_."
        elif problem := check(value):
            return f".{name}", problem
    return None

"""Reading plain data into records, and the reject codes of what cannot be read.

A record class says of each field how it is read, with :func:`given`. Reading goes on after a mistake, so that every
mistake of a document is found; the first in the order of the document decides the reject code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar, cast

import attrs
from attrs import NOTHING as REQUIRED
from attrs import frozen
from funding_spec.documents import Step, path_text
from funding_spec.errors import FundingError

from funding_reference.calendar import LAST_COLLECTION, MONTHS_A_YEAR, Month
from funding_reference.calendar import Collection as Return
from funding_reference.money import Money

T = TypeVar("T")

REJECT_CODES: Final = (
    "BAD-SHAPE", "BAD-DATE", "BAD-MONTH", "BAD-COLLECTION", "BAD-AMOUNT", "NEGATIVE-PRICE", "END-BEFORE-START",
    "NO-PRICE", "UNKNOWN-CODE", "UNKNOWN-COURSE", "UNKNOWN-EMPLOYER", "UNKNOWN-RULEBOOK", "DUPLICATE",
    "OVERLAPPING-VERSIONS",
)  # fmt: skip
"""Every code with which a question can be rejected."""

MOST_POUNDS: Final = 10**12
MOST_PER_CENT: Final = 999
"""The largest percentage that the ILR can hold."""


@frozen
class Problem:
    """One mistake in a document: its reject code, the path of the place, and what to do about it."""

    code: str
    path: tuple[Step, ...]
    message: str


class Rejected(FundingError):
    """A question that cannot be answered, with every problem found, in the order of the document.

    :param problems: at least one; the first decides the code and the path
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        self.code = first.code
        super().__init__(f"{first.code}: {first.message}", path=path_text(first.path))


class Unreadable(Exception):
    """Ends the reading of one value, whose problem has been noted."""


class Place:
    """Where in a document reading stands, and the list of problems that all places of the document share."""

    __slots__ = ("_parent", "_step", "problems")

    def __init__(self, problems: list[Problem], parent: Place | None = None, step: Step = "") -> None:
        self.problems = problems
        self._parent = parent
        self._step = step

    def at(self, step: Step) -> Place:
        """The place one step further in."""
        return Place(self.problems, self, step)

    @property
    def path(self) -> tuple[Step, ...]:
        if self._parent is None:
            return ()
        return (*self._parent.path, self._step)

    def note(self, code: str, message: str) -> None:
        """Notes a problem here and lets reading go on."""
        self.problems.append(Problem(code, self.path, message))

    def refuse(self, code: str, message: str) -> Unreadable:
        """Notes a problem here; to be raised, since there is no value."""
        self.note(code, message)
        return Unreadable()


Reader = Callable[[Any, Place], T]


def given(read: Reader[Any], *, default: Any = REQUIRED, name: str | None = None) -> Any:
    """A field of a record and how it is read; required unless it has a default.

    :param name: the field's name in the document, where it is not the record's own
    """
    return attrs.field(default=default, metadata={"read": read, "name": name})


@cache
def _fields(record: Hashable) -> dict[str, tuple[str, Reader[Any]]]:
    readable = (field for field in attrs.fields(cast(type, record)) if "read" in field.metadata)
    return {field.metadata["name"] or field.name: (field.name, field.metadata["read"]) for field in readable}


@cache
def _required(record: Hashable) -> tuple[str, ...]:
    fields = attrs.fields_dict(cast(type, record))
    return tuple(name for name, (attribute, _) in _fields(record).items() if fields[attribute].default is REQUIRED)


def a_record(record: type[T]) -> Reader[T]:
    """Reads an object into a record of the class.

    A class may say more of itself: ``open_to_more`` ignores fields that it does not know, as ILR records do;
    ``unique`` names, for a list, the fields that no two of its items may share; and ``check(found, place)`` looks at
    the fields that could be read, defaults included, whether or not all could.
    """
    ignore_unknown = getattr(record, "open_to_more", False)
    unique: tuple[tuple[str, tuple[str, ...]], ...] = getattr(record, "unique", ())
    check = getattr(record, "check", None)

    def read(value: Any, place: Place) -> T:
        if not isinstance(value, Mapping):
            raise place.refuse("BAD-SHAPE", f"This must be an object with fields, not {_kind(value)}.")
        fields = _fields(cast(Hashable, record))
        found: dict[str, Any] = {}
        broken = False
        for key, content in value.items():
            if key not in fields:
                if not ignore_unknown:
                    place.at(key).note("BAD-SHAPE", f"There is no field {key} here. Known: {', '.join(fields)}.")
                continue
            attribute, reader = fields[key]
            try:
                found[attribute] = reader(content, place.at(key))
            except Unreadable:
                broken = True
        for name in _required(cast(Hashable, record)):
            if name not in value:
                place.at(name).note("BAD-SHAPE", f"The field {name} is missing.")
                broken = True
        for name, keys in unique:
            _note_repeats(value.get(name), keys, place.at(name))
        if check is not None:
            check(_with_defaults(record, found, value), place)
        if broken:
            raise Unreadable
        return record(**found)

    return read


def _with_defaults(record: type, found: dict[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """What was read, and the defaults of what was not given; what could not be read is left out."""
    fields = attrs.fields_dict(record)
    absent = {
        attribute: fields[attribute].default for name, (attribute, _) in _fields(record).items() if name not in value
    }
    return {**{name: default for name, default in absent.items() if default is not REQUIRED}, **found}


def _note_repeats(items: Any, keys: tuple[str, ...], place: Place) -> None:
    seen: set[tuple[Any, ...]] = set()
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, Mapping) or not all(isinstance(item.get(key), str | int) for key in keys):
            continue
        found = tuple(item[key] for key in keys)
        if found in seen:
            place.at(number).at(keys[-1]).note("DUPLICATE", f"The {keys[-1]} {found[-1]} is used twice.")
        seen.add(found)


def a_list_of(item: Reader[T]) -> Reader[tuple[T, ...]]:
    """Reads a list, every item the same way, to its end even after a mistake."""

    def read(value: Any, place: Place) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise place.refuse("BAD-SHAPE", f"This must be a list, not {_kind(value)}.")
        found: list[T] = []
        for number, content in enumerate(value):
            with suppress(Unreadable):
                found.append(item(content, place.at(number)))
        if len(found) < len(value):
            raise Unreadable
        return tuple(found)

    return read


def by_month(item: Reader[T]) -> Reader[tuple[tuple[Month, T], ...]]:
    """Reads an object whose keys are months, in ascending order of month."""

    def read(value: Any, place: Place) -> tuple[tuple[Month, T], ...]:
        if not isinstance(value, Mapping):
            raise place.refuse("BAD-SHAPE", f"This must be an object of months, not {_kind(value)}.")
        found = []
        for key, content in value.items():
            with suppress(Unreadable):
                found.append((a_month(key, place.at(key)), item(content, place.at(key))))
        if len(found) < len(value):
            raise Unreadable
        return tuple(sorted(found, key=lambda pair: pair[0]))

    return read


def text(value: Any, place: Place) -> str:
    """Reads text that is not empty."""
    if not isinstance(value, str) or not value:
        raise place.refuse("BAD-SHAPE", f"This must be text, not {_kind(value)}.")
    return value


def flag(value: Any, place: Place) -> bool:
    """Reads true or false."""
    if not isinstance(value, bool):
        raise place.refuse("BAD-SHAPE", f"This must be true or false, not {_kind(value)}.")
    return value


def whole(value: Any, place: Place) -> int:
    """Reads a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise place.refuse("BAD-SHAPE", f"This must be a whole number, not {_kind(value)}.")
    return value


def one_of(choices: Collection[T], what: str, read: Reader[T], *, code: str = "UNKNOWN-CODE") -> Reader[T]:
    """Reads a value that must be one of a few."""

    def read_choice(value: Any, place: Place) -> T:
        found = read(value, place)
        if found not in choices:
            known = ", ".join(str(choice) for choice in choices)
            raise place.refuse(code, f"There is no {what} {found}. Known: {known}.")
        return found

    return read_choice


def a_date(value: Any, place: Place) -> date:
    """Reads a date written YYYY-MM-DD."""
    if not isinstance(value, str):
        raise place.refuse("BAD-SHAPE", f"This must be a date as text, YYYY-MM-DD, not {_kind(value)}.")
    if len(value) == len("YYYY-MM-DD") and value[4] == value[7] == "-":
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise place.refuse("BAD-DATE", f"{value} is not a date. Dates are YYYY-MM-DD.")


def a_month(value: Any, place: Place) -> Month:
    """Reads a month written YYYY-MM."""
    if not isinstance(value, str):
        raise place.refuse("BAD-SHAPE", f"This must be a month as text, YYYY-MM, not {_kind(value)}.")
    year, dash, month = value[:4], value[4:5], value[5:]
    if (
        dash == "-"
        and len(month) == 2
        and _digits(year)
        and _digits(month)
        and 1 <= int(month) <= MONTHS_A_YEAR
        and int(year)
    ):
        return Month(int(year) * MONTHS_A_YEAR + int(month) - 1)
    raise place.refuse("BAD-MONTH", f"{value} is not a month. Months are YYYY-MM.")


def a_collection(value: Any, place: Place) -> Return:
    """Reads a collection written YYZZ-Rnn."""
    if not isinstance(value, str):
        raise place.refuse("BAD-SHAPE", f"This must be a collection as text, such as 1718-R01, not {_kind(value)}.")
    begins, ends, mark, number = value[:2], value[2:4], value[4:6], value[6:]
    if mark == "-R" and len(number) == 2 and _digits(begins) and _digits(ends) and _digits(number):
        follows = (int(begins) + 1) % 100 == int(ends)
        if follows and 1 <= int(number) <= LAST_COLLECTION:
            return Return(2000 + int(begins), int(number))
    raise place.refuse(
        "BAD-COLLECTION", f"{value} is not a collection. They run from 1718-R01 to 1718-R14 in each year."
    )


def money(value: Any, place: Place) -> Money:
    """Reads pounds: a whole number, or text with at most five decimals."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise place.refuse("BAD-SHAPE", f"This must be an amount, not {_kind(value)}.")
    if isinstance(value, int):
        return _within_reason(Money(value), place)
    if isinstance(value, Decimal):
        raise place.refuse(
            "BAD-AMOUNT", f"Write {value} in quotes: an amount with a point is text, so that it stays exact."
        )
    if not is_amount(value):
        raise place.refuse("BAD-AMOUNT", f"{value} is not an amount. Amounts are pounds with at most five decimals.")
    return _within_reason(Money(value), place)


def _within_reason(pounds: Money, place: Place) -> Money:
    """Refuses amounts that no account could hold, so that every sum of the others stays exact."""
    if abs(pounds) >= MOST_POUNDS:
        raise place.refuse("BAD-AMOUNT", "This is a trillion pounds or more, which no amount of these rules can be.")
    return pounds


def money_not_negative(value: Any, place: Place) -> Money:
    """Reads pounds that cannot be below zero, such as a price, a band or a levy."""
    found = money(value, place)
    if found < 0:
        raise place.refuse("NEGATIVE-PRICE", f"{value} is below zero.")
    return found


def whole_pounds(value: Any, place: Place) -> int:
    """Reads an amount of an ILR financial record, which is whole pounds."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise place.refuse("BAD-SHAPE", f"This must be whole pounds, not {_kind(value)}.")
    if not isinstance(value, int):
        raise place.refuse("BAD-AMOUNT", f"{value} is not a number of whole pounds.")
    _within_reason(Money(value), place)
    return value


def per_cent(value: Any, place: Place) -> int:
    """Reads a funding adjustment of English or maths, in per cent: of 0 or more."""
    found = whole(value, place)
    if not 0 <= found <= MOST_PER_CENT:
        raise place.refuse("BAD-AMOUNT", f"{value} is not a percentage from 0 to {MOST_PER_CENT}.")
    return found


def share(value: Any, place: Place) -> Money:
    """Reads a proportion between 0 and 1."""
    found = money(value, place)
    if not 0 <= found <= 1:
        raise place.refuse("BAD-AMOUNT", f"{value} is not a proportion between 0 and 1.")
    return found


def is_amount(value: str) -> bool:
    """Whether a text is an amount: plain digits with at most five decimals."""
    whole_part, point, decimals = value.removeprefix("-").partition(".")
    return _digits(whole_part) and (not point or (_digits(decimals) and len(decimals) <= 5))


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case Mapping():
            return "an object"
        case list():
            return "a list"
        case str():
            return f"the text {value!r}" if value else "empty text"
        case _:
            return f"the number {value}"


def in_document_order(problems: Sequence[Problem], document: Any) -> list[Problem]:
    """The problems sorted by where they stand in the document; a missing field stands where its object begins."""
    return sorted(problems, key=lambda problem: _position(problem.path, document))


def _position(path: tuple[Step, ...], document: Any) -> tuple[int, ...]:
    position: list[int] = []
    for step in path:
        if isinstance(document, Mapping) and step in document:
            position.append(list(document).index(step))
            document = document[step]
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            position.append(step)
            document = document[step]
        else:
            position.append(-1)
            break
    return tuple(position)

"""A rulebook: one edition's values, each from a date on, and which variant of a rule it follows.

An edition is a file in ``rulebooks/``; one that extends another holds only what it changes. A value is asked for by
name and date, and a date for which the edition says nothing is an error, never a default.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from funding_spec.documents import load_file
from funding_spec.errors import FundingError
from funding_spec.wording import in_words

UNITS: Final = frozenset(
    {
        "yes or no", "pounds", "list of pounds", "pounds by deprivation", "share", "days", "list of days",
        "days by planned days", "months", "weeks", "years", "employees", "day of the month",
    }
)  # fmt: skip
_HEAD: Final = ("edition", "extends", "title", "rules")


class RulebookError(FundingError):
    """A rulebook file is wrong; names the file and the entry."""


class UnknownRulebook(FundingError):
    """No edition of that name is known."""


class NoValue(FundingError):
    """The edition says nothing about this value on this date."""


@frozen
class DatedValue:
    """One value of an entry and the first day on which it holds."""

    since: date
    value: Any


@frozen
class Entry:
    """A named value of an edition, with the clause it comes from and every date from which it changes.

    :param unit: pounds, share, days, months …
    :param decided_on: the date that decides, in words: mostly the first start of the apprenticeship
    """

    name: str
    clause: str
    unit: str
    decided_on: str
    values: tuple[DatedValue, ...]
    _starts: tuple[date, ...] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(dated.since for dated in self.values))

    def on(self, day: date) -> Any | None:
        """The value in force on a day, or None if the entry begins later."""
        place = bisect_right(self._starts, day)
        return self.values[place - 1].value if place else None


@frozen
class Variant:
    """Which of several readings of a rule an edition follows."""

    rule: str
    clause: str
    is_: str


@frozen
class Rulebook:
    """An edition with everything it inherits.

    :param chain: the edition and those it extends, newest first
    """

    edition: str
    title: str
    chain: tuple[str, ...]
    entries: Mapping[str, Entry]
    variants: Mapping[str, Variant]

    def value(self, name: str, on: date) -> Any:
        """The value of that name in force on that day.

        :raises NoValue: the edition has no such value, or none on that day; names both
        """
        entry = self.entries.get(name)
        found = None if entry is None else entry.on(on)
        if found is None:
            reason = f"Rulebook {self.edition} has no value of {name} on {in_words(on)}."
            if entry is not None:
                reason += f" Its first is from {in_words(entry.values[0].since)} ({entry.clause})."
            raise NoValue(reason, path=name)
        return found

    def variant(self, rule: str) -> Variant:
        """The variant of a rule that this edition follows."""
        try:
            return self.variants[rule]
        except KeyError:
            raise NoValue(f"Rulebook {self.edition} does not say which variant of {rule} holds.", path=rule) from None

    def cited(self) -> Iterator[str]:
        """Every clause that a value or a variant comes from."""
        yield from (entry.clause for entry in self.entries.values())
        yield from (variant.clause for variant in self.variants.values())


def rulebook_folder() -> Traversable:
    """Where the editions that come with the package stand."""
    return files("funding_spec") / "rulebooks"


@cache
def editions() -> tuple[str, ...]:
    """The names of all editions that come with the package, in order."""
    names = (file.name for file in rulebook_folder().iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@cache
def load_rulebook(edition: str) -> Rulebook:
    """The edition of that name.

    :raises UnknownRulebook: there is none; lists those there are
    """
    if edition not in editions():
        raise UnknownRulebook(f"There is no rulebook {edition}. Known: {', '.join(editions())}.", path="rulebook")
    return read_rulebook(rulebook_folder() / f"{edition}.yaml")


def read_rulebook(file: Path | Traversable) -> Rulebook:
    """A rulebook from its file, with what it inherits from the editions that come with the package.

    :raises RulebookError: an entry is wrong; names file and entry
    """
    name = str(file)
    data = load_file(file)
    if not isinstance(data, dict) or not isinstance(data.get("edition"), str):
        raise RulebookError("A rulebook begins with the name of its edition: edition: 2017-08.", file=name)
    parent = load_rulebook(data["extends"]) if "extends" in data else None
    entries = dict(parent.entries) if parent else {}
    variants = dict(parent.variants) if parent else {}
    for key, content in data.items():
        if key not in _HEAD:
            entries[key] = _entry(key, content, name)
    for rule, content in (data.get("rules") or {}).items():
        variants[rule] = _variant(rule, content, name)
    return Rulebook(
        edition=data["edition"],
        title=str(data.get("title", data["edition"])),
        chain=(data["edition"], *(parent.chain if parent else ())),
        entries=entries,
        variants=variants,
    )


def _entry(name: str, content: Any, file: str) -> Entry:
    wanted = {"clause", "unit", "on", "values"}
    if not isinstance(content, dict) or set(content) != wanted:
        raise RulebookError("A value has exactly these fields: clause, unit, on, values.", file=file, path=name)
    if content["unit"] not in UNITS:
        raise RulebookError(
            f"The unit {content['unit']} is not one of {', '.join(sorted(UNITS))}.", file=file, path=name
        )
    if not isinstance(content["values"], list) or not content["values"]:
        raise RulebookError("values is a list of {from: date, value: …} with at least one item.", file=file, path=name)
    values = tuple(_dated(item, content["unit"], file, name) for item in content["values"])
    if any(later.since <= earlier.since for earlier, later in pairwise(values)):
        raise RulebookError("The dates of the values must ascend.", file=file, path=name)
    return Entry(name, str(content["clause"]), content["unit"], str(content["on"]), values)


def _dated(item: Any, unit: str, file: str, name: str) -> DatedValue:
    if not isinstance(item, dict) or set(item) != {"from", "value"}:
        raise RulebookError("Each value is {from: date, value: …}.", file=file, path=name)
    try:
        return DatedValue(date.fromisoformat(item["from"]), _in_unit(item["value"], unit))
    except (TypeError, ValueError, ArithmeticError, KeyError, AttributeError):
        raise RulebookError(
            f"{item['value']!r} from {item['from']} is not a dated value in {unit}.", file=file, path=name
        ) from None


def _in_unit(value: Any, unit: str) -> Any:
    match unit:
        case "yes or no":
            if not isinstance(value, bool):
                raise TypeError("yes or no is true or false")
            return value
        case "pounds" | "share":
            return _exact(value)
        case "list of pounds":
            return tuple(_exact(item) for item in value)
        case "pounds by deprivation":
            return {str(key): _exact(item) for key, item in value.items()}
        case "list of days":
            return tuple(_whole(item) for item in value)
        case "days by planned days":
            return tuple((_whole(row["planned_at_least"]), _whole(row["days"])) for row in value)
        case _:
            return _whole(value)


def _exact(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError("amounts are whole numbers or quoted decimals")
    return Fraction(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("counts are whole numbers")
    return value


def _variant(rule: str, content: Any, file: str) -> Variant:
    if not isinstance(content, dict) or set(content) != {"clause", "is"}:
        raise RulebookError("A rule is {clause: …, is: …}.", file=file, path=f"rules.{rule}")
    return Variant(rule, str(content["clause"]), str(content["is"]))

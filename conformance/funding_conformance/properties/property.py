"""What a property is, how it asks, and how an answer is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

from attrs import frozen
from funding_reference.calendar import days_inclusive
from funding_reference.money import pounds
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from funding_conformance.rows import amount_of

Facts = dict[str, Any]
Answer = Mapping[str, Any]
Row = Mapping[str, Any]


class Ask(Protocol):
    """Asks the implementation; raises if it does not answer.

    :ivar rulebook: the edition whose rules decide
    """

    rulebook: str

    def __call__(self, given: Facts) -> Answer:
        """The answer to a question."""


Walk = Callable[[Callable[[Facts], None]], type[RuleBasedStateMachine]]
"""Makes a machine that goes through one life after the other and hands over what is known after every step."""

ROUNDING: Final = Decimal("0.00001")
NOTHING: Final = Decimal(0)
PROGRAMME_TYPES: Final = ("on_programme", "completion", "balancing")
DRAFT: Final = ("2016-10-draft",)
"""The edition in which every aim asks for 42 days of learning, and additional payments fall due a day later."""
_QUALIFYING: Final = ((168, 42), (14, 14), (1, 1))


@frozen
class Property:
    """A sentence that must be true of any implementation.

    :param drawn: the scenarios that it is tried on: drawn whole, or met on a walk from change to change
    :param check: what is wrong with an implementation's answers to the drawn facts, in words; nothing if all is well
    :param also: further properties that are checked on the same scenarios
    :param not_in: editions whose own rules make an exception to it
    """

    name: str
    says: str
    clauses: tuple[str, ...]
    wants: tuple[str, ...]
    drawn: st.SearchStrategy[Facts] | Walk
    check: Callable[[Ask, Facts], str]
    also: tuple[Property, ...] = ()
    not_in: tuple[str, ...] = ()

    @property
    def case_id(self) -> str:
        """The id of its case in a run."""
        return f"property/{self.name}"


def total(rows: Iterable[Row]) -> Decimal:
    return sum((amount_of(row) for row in rows), NOTHING)


def earned_for(answer: Answer, uln: int, *types: str) -> list[Row]:
    """An apprentice's earnings of some types."""
    return [row for row in answer["earnings"] if row.get("uln") == uln and row["type"] in types]


def summed(rows: Iterable[Row], *names: str) -> dict[tuple[str, ...], Decimal]:
    """The amounts of rows added up by the fields that are named, of those that a row has."""
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[tuple(str(row[name]) for name in names if name in row)] += amount_of(row)
    return sums


def first_difference(
    one: Mapping[tuple[str, ...], Decimal], other: Mapping[tuple[str, ...], Decimal]
) -> tuple[str, str, str] | None:
    """The first sum that is not the same in both, in words, with the amounts; None if there is none."""
    for key in sorted({*one, *other}):
        was, now = one.get(key, NOTHING), other.get(key, NOTHING)
        if abs(was - now) > ROUNDING:
            return " ".join(key).replace("_", " "), pounds(was), pounds(now)
    return None


def qualifying_days(first: date, planned: date) -> int:
    """The days of learning that an aim asks for that is left before it is completed."""
    return next(days for at_least, days in _QUALIFYING if days_inclusive(first, planned) >= at_least)

"""Scenario files: worked examples with what must be answered, loaded with the place of every mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from funding_reference import reading
from funding_reference.calendar import Collection, Month, months_between
from funding_reference.money import Amount, Money, plain, rounded
from funding_reference.reading import (
    Place,
    Problem,
    Rejected,
    Unreadable,
    a_collection,
    a_list_of,
    a_month,
    a_record,
    in_document_order,
)
from funding_reference.records import read_given
from funding_spec.documents import line_and_column, load_file, path_text
from funding_spec.errors import FundingError

from funding_conformance.rows import ACCOUNT_COLUMNS, row_problem

WANTS: Final = ("earnings", "payments", "levy_accounts", "priority", "matches", "findings")
SUFFIXES: Final = (".yaml", ".yml", ".json")

MEASURES: Final = (
    "earned", "paid", "due_from_employer", "levy_debited", "transferred", "refunded", "levy_credited",
    "refunded_to_employer", "funded", *ACCOUNT_COLUMNS,
)  # fmt: skip
ROWS_OF_MEASURE: Final[Mapping[str, str]] = {
    measure: "earnings" if measure == "earned" else "levy_accounts" if measure in ACCOUNT_COLUMNS else "payments"
    for measure in MEASURES
}
"""Which rows of an answer a measure adds up."""


class ScenarioError(FundingError):
    """A scenario file cannot be used; the reason lists every mistake with its line."""


# What must be answered


def _where(value: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise place.refuse("BAD-SHAPE", "where is an object of fields of the rows.")
    return dict(value)


def _amounts(value: Any, place: Place) -> Mapping[Month, Amount]:
    if not isinstance(value, Mapping):
        raise place.refuse("BAD-SHAPE", "amounts is an object of months: {2017-08..2018-07: 1000}.")
    amounts: dict[Month, Amount] = {}
    for key, content in value.items():
        here = place.at(key)
        exact = reading.money(content, here)
        first, dots, last = str(key).partition("..")
        begins = a_month(first, here)
        for month in months_between(begins, a_month(last, here) if dots else begins):
            if month in amounts:
                raise here.refuse("BAD-SHAPE", f"The month {month} is listed twice.")
            amounts[month] = rounded(exact)
    return amounts


@frozen
class Table:
    """Rows to select, and what they must add up to month by month, in pounds."""

    measure: str = reading.given(reading.one_of(MEASURES, "measure", reading.text, code="BAD-SHAPE"))
    amounts: Mapping[Month, Amount] = reading.given(_amounts)
    where: Mapping[str, Any] = reading.given(_where, default={})
    to: str = reading.given(reading.one_of(("penny",), "precision", reading.text, code="BAD-SHAPE"), default="")
    complete: bool = reading.given(reading.flag, default=False)


@frozen
class Rows:
    """Rows that must be answered, each with the fields it gives; with ``complete``, no others."""

    rows: tuple[Mapping[str, Any], ...] = reading.given(a_list_of(_where))
    complete: bool = reading.given(reading.flag, default=False)


def _rows(value: Any, place: Place) -> Rows:
    return Rows(a_list_of(_where)(value, place)) if isinstance(value, list) else a_record(Rows)(value, place)


@frozen
class Reject:
    """The code with which the question must be rejected, and the place."""

    code: str = reading.given(reading.one_of(reading.REJECT_CODES, "reject code", reading.text, code="BAD-SHAPE"))
    path: str | None = reading.given(reading.text, default=None)


SUMMED: Final = ("earnings", "payments", "levy_accounts")
"""The kinds of rows of which a whole answer can be expected; they are compared by sums."""


def _answer(value: Any, place: Place) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    if not isinstance(value, Mapping):
        raise place.refuse("BAD-SHAPE", f"answer is an object with any of {', '.join(SUMMED)}.")
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for kind, rows in value.items():
        here = place.at(kind)
        if kind not in SUMMED:
            raise here.refuse(
                "BAD-SHAPE", f"A whole answer of {kind} cannot be expected; of {', '.join(SUMMED)} it can."
            )
        found[kind] = a_list_of(_where)(rows, here)
        for number, row in enumerate(found[kind]):
            if problem := row_problem(row, kind):
                raise here.at(number).refuse("BAD-SHAPE", f"{problem[0].lstrip('.')}: {problem[1]}".lstrip(": "))
    return found


@frozen
class Expect:
    """What must be answered.

    :param answer: whole answers by the kind of their rows: every sum of amounts must be as in these rows
    """

    tables: tuple[Table, ...] = reading.given(a_list_of(a_record(Table)), default=())
    answer: Mapping[str, tuple[Mapping[str, Any], ...]] = reading.given(_answer, default={})
    matches: Rows | None = reading.given(_rows, default=None)
    priority: Rows | None = reading.given(_rows, default=None)
    findings: Rows | None = reading.given(_rows, default=None)
    reject: Reject | None = reading.given(a_record(Reject), default=None)

    def rows(self) -> dict[str, Any]:
        """The rows that are expected, as plain data by kind; tables are no rows."""
        lists = {name: [dict(row) for row in rows.rows] for name, rows in self.lists()}
        return {**{kind: [dict(row) for row in rows] for kind, rows in self.answer.items()}, **lists}

    def lists(self) -> Iterator[tuple[str, Rows]]:
        """The expected lists that are there, by name."""
        for name in ("matches", "priority", "findings"):
            rows: Rows | None = getattr(self, name)
            if rows is not None:
                yield name, rows


# The scenario


def _mapping(value: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise place.refuse("BAD-SHAPE", "given is an object with the facts of the scenario.")
    return value


@frozen
class Scenario:
    """One complete question, and what must be answered to it.

    :param decides: the clauses it is there for; only these count when a clause is met
    :param clauses: all clauses that the answer rests on
    :param given: the facts as plain data, as they stand in the file
    :param file: where it was read from, for messages
    :param asked_as: the id that an implementation is told, where the own one would say too much
    """

    id: str = reading.given(reading.text)
    title: str = reading.given(reading.text)
    rulebook: str = reading.given(reading.text)
    clauses: tuple[str, ...] = reading.given(a_list_of(reading.text))
    source: str = reading.given(reading.text)
    wants: tuple[str, ...] = reading.given(a_list_of(reading.one_of(WANTS, "want", reading.text, code="BAD-SHAPE")))
    given: Mapping[str, Any] = reading.given(_mapping)
    decides: tuple[str, ...] = reading.given(a_list_of(reading.text), default=())
    expect: Expect | None = reading.given(a_record(Expect), default=None)
    file: str = field(default="", eq=False)
    asked_as: str = field(default="")

    def question(self) -> dict[str, Any]:
        """The scenario as it goes over the wire: without what is expected, amounts as text with five decimals."""
        return {"id": self.asked_as or self.id, "rulebook": self.rulebook, "given": amounts_as_text(self.given)}

    @property
    def through(self) -> Collection | None:
        """The last collection asked for, if the scenario names it."""
        return a_collection(self.given["through"], Place([])) if "through" in self.given else None


def load_scenario(file: Path) -> Scenario:
    """A scenario from its YAML or JSON file.

    A scenario that expects a reject is checked in its envelope only: what is wrong in ``given`` is its point.

    :raises ScenarioError: with every mistake, its line and its path
    """
    return read_scenario(load_file(file), file)


def read_scenario(document: Any, file: Path | None = None) -> Scenario:
    """The same from plain data; ``file`` is used to find the lines of mistakes."""
    problems: list[Problem] = []
    found: Scenario | None = None
    with suppress(Unreadable):
        found = a_record(Scenario)(document, Place(problems))
    if found is not None and not (found.expect and found.expect.reject):
        try:
            read_given(document["given"])
        except Rejected as error:
            problems.extend(error.problems)
    if found is not None and not problems:
        problems.extend(_envelope(found))
    if problems or found is None:
        raise ScenarioError("\n".join(_lines(in_document_order(problems, document), file)))
    return Scenario(**{name: getattr(found, name) for name in _NAMES}, file=str(file or ""))


_NAMES: Final = ("id", "title", "rulebook", "clauses", "source", "wants", "given", "decides", "expect")


def _envelope(scenario: Scenario) -> Iterator[Problem]:
    if not scenario.clauses:
        yield Problem("BAD-SHAPE", ("clauses",), "A scenario names at least one clause that its answer rests on.")
    if len(scenario.decides) > 2:
        yield Problem("BAD-SHAPE", ("decides",), "A scenario decides one or two clauses; it may touch others.")
    for number, clause in enumerate(scenario.decides):
        if clause not in scenario.clauses:
            yield Problem("BAD-SHAPE", ("decides", number), f"{clause} must stand among the clauses as well.")


def _lines(problems: list[Problem], file: Path | None) -> Iterator[str]:
    text = file.read_text(encoding="utf-8-sig") if file else ""
    for problem in problems:
        where = line_and_column(text, problem.path) if file else None
        place = f"{file}:{where[0]}:{where[1]}  " if where else f"{file}  " if file else ""
        yield f"{place}{path_text(problem.path)}\n  {problem.message}"


def scenario_files(folder: Path) -> list[Path]:
    """Every scenario file below a folder, in order.

    :raises ScenarioError: there is no such folder, or nothing in it
    """
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise ScenarioError("There is no such folder of scenarios.", file=str(folder))
    found = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.name != "index.json")
    if not found:
        raise ScenarioError("There is no scenario (.yaml or .json) in this folder.", file=str(folder))
    return found


def load_folder(folder: Path) -> list[Scenario]:
    """Every scenario below a folder.

    :raises ScenarioError: with every mistake in every file
    """
    scenarios: list[Scenario] = []
    mistakes: list[str] = []
    for file in scenario_files(folder):
        try:
            scenarios.append(load_scenario(file))
        except FundingError as error:
            mistakes.append(str(error))
    if mistakes:
        raise ScenarioError("\n".join(mistakes))
    return scenarios


def examples_folder() -> Path:
    """The worked examples that come with the kit."""
    packaged = Path(str(files("funding_conformance") / "examples"))
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "examples" / "scenarios"


def without_repeats(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The scenarios, one for each id.

    :raises ScenarioError: two different scenarios have one id
    """
    found: dict[str, Scenario] = {}
    for scenario in scenarios:
        earlier = found.setdefault(scenario.id, scenario)
        if earlier != scenario:
            reason = f"The id {scenario.id} belongs to another scenario too: {earlier.file}."
            raise ScenarioError(reason, file=scenario.file, path="id")
    return list(found.values())


# Amounts on the wire

_AMOUNT_PLACES: Final = (
    ("courses", "*", "funding_bands", "*", "maximum"),
    ("english_maths_aims", "*", "rate"),
    ("employers", "*", "levy_funds", "available", "*"),
    ("employers", "*", "levy_funds", "declarations", "*", "levy"),
    ("employers", "*", "levy_funds", "adjustments", "*", "amount"),
    ("employers", "*", "levy_funds", "opening", "*", "amount"),
    ("employers", "*", "transfer_allowance", "*"),
    ("agreements", "*", "price"),
    ("agreements", "*", "versions", "*", "price"),
    ("payments_made", "*", "amount"),
    ("earnings_history", "*", "amount"),
    ("provider_claims", "*", "amount"),
)  # fmt: skip


def amounts_as_text(given: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with every amount as text with five decimals; ILR records keep their own numbers."""
    result = dict(given)
    for first, *rest in _AMOUNT_PLACES:
        if first in result:
            result[first] = _as_text(result[first], rest)
    return result


def _as_text(value: Any, rest: list[str]) -> Any:
    if not rest:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return plain(rounded(Money(value))) if whole or (isinstance(value, str) and reading.is_amount(value)) else value
    step, *further = rest
    if step == "*" and isinstance(value, list):
        return [_as_text(item, further) for item in value]
    if isinstance(value, Mapping):
        names = list(value) if step == "*" else [step] if step in value else []
        return {**value, **{name: _as_text(value[name], further) for name in names}}
    return value


def as_json_number(value: Any) -> Any:
    """For the wire's JSON writer: a decimal that a file wrote without quotes stays a number."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} cannot be written as JSON")

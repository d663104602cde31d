"""Worked examples: asked of the reference while the pages are built, their facts in short, and their figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from funding_conformance import protocol
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.judge import Verdict, measured
from funding_conformance.run import Case, ask_and_judge
from funding_conformance.scenarios import WANTS, Rows, Scenario, Table, load_folder
from funding_conformance.service import reference_service
from funding_reference.calendar import Month
from funding_reference.money import NO_AMOUNT, pounds
from funding_spec.rulebook import editions
from funding_spec.wording import in_words

PASSING: Final = (Verdict.PASS, Verdict.NOT_APPLICABLE)
MOST_COMPLAINTS: Final = 10

_MEASURES: Final = {
    "earned": "Earned",
    "paid": "Paid to the provider",
    "due_from_employer": "Due from the employer",
    "levy_debited": "Taken from the account",
    "levy_credited": "Back into the account",
    "refunded": "Taken back from the provider",
    "refunded_to_employer": "Back to the employer",
    "funded": "Funded, net",
}
_CODE_AND_PATH: Final[dict[str, Any]] = {"code": None, "path": None}
_FIELDS: Final = {"uln": "ULN", "ukprn": "provider", "contract_type": "contract type", "aim": "aim"}


@frozen
class Example:
    """A worked example with what the reference answered while this page was built."""

    scenario: Scenario
    case: Case

    @property
    def answered(self) -> Mapping[str, Any]:
        """The rows of the reference's answer, by kind."""
        found: Mapping[str, Any] = (self.case.answer or {}).get("ok", {})
        return found

    @property
    def is_asked(self) -> bool:
        """Whether the reference answers what the example asks for."""
        return self.case.verdict is not Verdict.NOT_APPLICABLE


@frozen
class Figure:
    """One line of figures: what, when, what must be answered and what the reference answers."""

    what: str
    when: str
    expected: str
    answered: str


class WrongExample(Exception):
    """The reference does not answer an example as it must be answered."""


@cache
def ask_all(folder: Path) -> tuple[Example, ...]:
    """Every example below a folder, asked and judged.

    :raises WrongExample: one of them is not answered as it says
    """
    scenarios = load_folder(folder)
    session = InProcessSession(reference_service(), editions(), None)
    cases = ask_and_judge(session, scenarios, WANTS, explain=False)
    examples = tuple(map(Example, scenarios, cases))
    wrong = [example.case for example in examples if example.case.verdict not in PASSING]
    if wrong:
        lines = [line for case in wrong[:MOST_COMPLAINTS] for line in _complaint(case)]
        lines += [f"… and {len(wrong) - MOST_COMPLAINTS} examples more."] if len(wrong) > MOST_COMPLAINTS else []
        raise WrongExample("\n".join(lines))
    return examples


def _complaint(case: Case) -> Iterator[str]:
    yield f"{case.id}: {case.verdict.value}. {case.note}".rstrip()
    for difference in case.differences:
        yield (
            f"  {difference.what} {difference.when}: "
            f"must be {difference.expected}, the reference answers {difference.got}"
        )


def working_of(example: Example) -> Sequence[Mapping[str, Any]]:
    """How the reference comes to its answer, step by step."""
    steps: Sequence[Mapping[str, Any]] = _answer(example, example.case.wants, working=True).get("working", [])
    return steps


def earnings_of(example: Example) -> Sequence[Mapping[str, Any]] | None:
    """What the reference says is earned, whatever the example asks for; None where it does not answer."""
    return _answer(example, ("earnings",)).get("earnings")


def _answer(example: Example, wants: tuple[str, ...], *, working: bool = False) -> Mapping[str, Any]:
    question = protocol.answer(example.scenario.question(), wants, working=working)
    reply = reference_service()(protocol.read_line(protocol.write_line({"id": "1", **question})))
    answered: Mapping[str, Any] = reply.get("ok", {})
    return answered


# Figures


def figures(example: Example) -> Iterator[Figure]:
    """What must be answered beside what is answered, months that are alike in one line."""
    expect = example.scenario.expect
    if expect is None:
        return
    for table in expect.tables:
        yield from _figures_of_table(table, example.answered)
    for name, rows in expect.lists():
        yield _figure_of_rows(name, rows, example.answered.get(name, []))
    if expect.reject:
        got = (example.case.answer or {}).get("reject", {})
        yield Figure("Rejected", "", _reject(expect.reject.code, expect.reject.path), _reject(**_CODE_AND_PATH | got))


def _reject(code: str | None, path: str | None, **_more: str) -> str:
    return " at ".join(part for part in (code, path) if part) or "not rejected"


def _figures_of_table(table: Table, answer: Mapping[str, Any]) -> Iterator[Figure]:
    got = measured(table.measure, table.where, answer)
    what = _MEASURES.get(table.measure, table.measure.replace("_", " ")) + _where(table.where)
    if table.complete:
        what += "; no other month"
    months = sorted(table.amounts)
    while months:
        first, figure = months[0], (table.amounts[months[0]], got.get(months[0], NO_AMOUNT))
        alike = 1
        while (
            alike < len(months)
            and months[alike] == first + alike
            and (table.amounts[months[alike]], got.get(months[alike], NO_AMOUNT)) == figure
        ):
            alike += 1
        yield Figure(what, span(first, months[alike - 1]), pounds(figure[0]), _pounds(figure[1]))
        months = months[alike:]


def _pounds(amount: Decimal) -> str:
    return pounds(amount) if amount == round(amount, 5) else f"£{amount}"


def _where(where: Mapping[str, Any]) -> str:
    parts = []
    for name, value in where.items():
        words = " or ".join(str(one).replace("_", " ") for one in (value if isinstance(value, list) else [value]))
        named = name in ("type", "source")
        parts.append(words if named else f"{_FIELDS.get(name, name.replace('_', ' '))} {words}")
    return f" ({', '.join(parts)})" if parts else ""


def _figure_of_rows(name: str, expected: Rows, got: Sequence[Mapping[str, Any]]) -> Figure:
    fields = {field for row in expected.rows for field in row}
    shown = [{field: row[field] for field in row if field in fields} for row in got]
    only = ", nothing else" if expected.complete else ""
    return Figure(f"{name.capitalize()}{only}", "", _rows(expected.rows), _rows(shown))


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(", ".join(f"{key} {value}" for key, value in row.items()) for row in rows) or "none"


def span(first: Month, last: Month) -> str:
    """A month, or the first and the last of several, in words."""
    begins, ends = (in_words(month.first_day).partition(" ")[2] for month in (first, last))
    return begins if first == last else f"{begins} to {ends}"


def day(text: Any) -> str:
    """A date in words; what is no date as it stands."""
    try:
        return in_words(date.fromisoformat(str(text)))
    except ValueError:
        return str(text)

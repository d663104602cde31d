"""Comparing an answer with what must be answered: a verdict for each case, and where it differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from enum import Enum
from typing import Any, Final

from attrs import frozen
from funding_reference.calendar import Collection, Month
from funding_reference.money import EXACT, NO_AMOUNT, plain
from funding_reference.reading import Place, a_collection, a_month

from funding_conformance.protocol import Declaration, Outcome, Reply
from funding_conformance.rows import amount_of
from funding_conformance.scenarios import ROWS_OF_MEASURE, Expect, Rows, Scenario, Table
from funding_conformance.whole import unequal


class Verdict(Enum):
    """What became of one case."""

    PASS = "pass"
    FAIL = "fail"
    REJECTED_WRONGLY = "rejected-wrongly"
    CRASH = "crash"
    TIMEOUT = "timeout"
    FAULT = "fault"
    MISSING = "missing"
    NOT_APPLICABLE = "not-applicable"
    KIT_ERROR = "kit-error"


TO_FIVE_DECIMALS: Final = Decimal("0.00001")
TO_THE_PENNY: Final = Decimal("0.005")
_GOVERNMENT_SOURCES: Final = frozenset({"levy", "government_co_investment", "government", "transfer"})
_PROVIDER_MEASURES: Final = frozenset({"paid", "due_from_employer", "refunded", "refunded_to_employer"})


@frozen
class Difference:
    """One place where an answer differs from what must be answered.

    :param what: the rows that were added up, in words
    :param expected: what must be answered: an amount, or a row
    :param got: what was answered
    :param pounds: how much more was answered than expected; below zero: less
    """

    what: str
    when: str
    expected: str
    got: str
    pounds: str | None = None

    def as_json(self) -> dict[str, Any]:
        fields = {"what": self.what, "when": self.when, "expected": self.expected, "got": self.got}
        return {**fields, **({"pounds": self.pounds} if self.pounds is not None else {})}


def judge(
    scenario: Scenario, reply: Reply, declaration: Declaration, reference: Mapping[str, Any] | None
) -> tuple[Verdict, list[Difference], str]:
    """The verdict on one reply, the differences, and a note in words.

    :param reference: the reference's answer; only needed where the implementation omits a field that a table selects
    """
    expect = scenario.expect or Expect()
    match reply.outcome:
        case Outcome.CRASH | Outcome.TIMEOUT | Outcome.FAULT | Outcome.MISSING:
            return Verdict(reply.outcome.value), [], reply.note
        case Outcome.ERROR:
            return Verdict.FAULT, [], f"It answered with an error: {reply.note or 'no message'}"
        case Outcome.UNSUPPORTED:
            return (
                Verdict.FAULT,
                [],
                f"It answered unsupported to what it declared: {reply.note or dict(reply.content)}",
            )
        case Outcome.REJECT:
            return _judge_reject(scenario, expect, reply)
    if expect.reject is not None:
        wanted = f"{expect.reject.code} at {expect.reject.path}" if expect.reject.path else expect.reject.code
        return Verdict.FAIL, [Difference("the question", "", f"rejected: {wanted}", "answered")], ""
    differences = list(differences_of(expect, reply.content, declaration, reference))
    return (Verdict.FAIL if differences else Verdict.PASS), differences, ""


def _judge_reject(scenario: Scenario, expect: Expect, reply: Reply) -> tuple[Verdict, list[Difference], str]:
    code, path = reply.content.get("code"), reply.content.get("path")
    got = f"rejected: {code} at {path}" if path else f"rejected: {code}"
    if expect.reject is None:
        return Verdict.REJECTED_WRONGLY, [Difference("the question", "", "answered", got)], ""
    if code == expect.reject.code and _is_the_place(path, expect.reject.path, scenario):
        return Verdict.PASS, [], ""
    wanted = f"{expect.reject.code} at {expect.reject.path}" if expect.reject.path else expect.reject.code
    return Verdict.FAIL, [Difference("the question", "", f"rejected: {wanted}", got)], ""


def _is_the_place(path: object, expected: str | None, scenario: Scenario) -> bool:
    """Whether a path names the expected place; for a missing field, which has no place, also the object around it."""
    if expected is None or path == expected:
        return True
    around, _, field = expected.rpartition(".")
    return path == around and field not in _object_at(around, scenario)


def _object_at(path: str, scenario: Scenario) -> Any:
    found: Any = {"given": scenario.given, "rulebook": scenario.rulebook, "id": scenario.id}
    for step in re.findall(r"[^.\[\]]+", path):
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return ()
    return found if isinstance(found, Mapping) else ()


def asked_for(scenario: Scenario, declaration: Declaration, allowed: Sequence[str]) -> tuple[str, ...]:
    """What of the scenario's wants is asked: what the implementation declares and the profile wants.

    Nothing, if none of what the scenario expects could then be judged: the case is not applicable.
    """
    wants = tuple(want for want in scenario.wants if want in declaration.wants and want in allowed)
    expect = scenario.expect
    if scenario.rulebook not in declaration.rulebooks or not wants or expect is None:
        return wants if _rejects_rulebook(scenario) else ()
    judged = bool(expect.reject) or any(ROWS_OF_MEASURE[table.measure] in wants for table in expect.tables)
    named = [*expect.answer, *(name for name, _ in expect.lists())]
    return wants if judged or any(name in wants for name in named) else ()


def _rejects_rulebook(scenario: Scenario) -> bool:
    reject = scenario.expect.reject if scenario.expect else None
    return reject is not None and reject.code == "UNKNOWN-RULEBOOK"


def differences_of(
    expect: Expect,
    answer: Mapping[str, Any],
    declaration: Declaration,
    reference: Mapping[str, Any] | None = None,
) -> Iterator[Difference]:
    """Every difference between an answer and what must be answered; parts that were not asked are left out."""
    with localcontext(EXACT):
        for table in expect.tables:
            if ROWS_OF_MEASURE[table.measure] in answer:
                yield from _table_differences(table, answer, declaration, reference)
        for kind, wanted in expect.answer.items():
            if kind in answer:
                for sum, should, does in unequal(kind, wanted, answer[kind], declaration, TO_FIVE_DECIMALS):
                    out = _exactly_written(does - should)
                    yield Difference(sum.what, sum.when, plain(should), _exactly_written(does), out)
        for name, rows in expect.lists():
            if name in answer:
                yield from _row_differences(name, _without(rows, declaration.omitted_fields), answer[name])


# Tables


def _table_differences(
    table: Table, answer: Mapping[str, Any], declaration: Declaration, reference: Mapping[str, Any] | None
) -> Iterator[Difference]:
    where, widened = _widened(table.where, declaration)
    got = measured(table.measure, where, answer)
    if widened:
        expected = measured(table.measure, where, reference or {})
        months = sorted({*expected, *got}) if table.complete else sorted(table.amounts)
    else:
        expected = dict(table.amounts)
        months = sorted({*expected, *got}) if table.complete else sorted(expected)
    tolerance = TO_THE_PENNY if table.to == "penny" else TO_FIVE_DECIMALS
    for month in months:
        wanted, found = expected.get(month, NO_AMOUNT), got.get(month, NO_AMOUNT)
        if abs(found - wanted) > tolerance:
            what = " ".join(
                [table.measure.replace("_", " "), *(f"{key} {_shown(value)}" for key, value in where.items())]
            )
            yield Difference(what, str(month), plain(wanted), _exactly_written(found), _exactly_written(found - wanted))


def _exactly_written(amount: Decimal) -> str:
    return plain(amount) if amount == amount.quantize(TO_FIVE_DECIMALS, context=_ROUNDING) else str(amount)


_ROUNDING: Final = EXACT.copy()
_ROUNDING.clear_traps()


def _shown(value: Any) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def _widened(where: Mapping[str, Any], declaration: Declaration) -> tuple[dict[str, Any], bool]:
    """The selection without fields that the implementation cannot give, and with whole groups of its types."""
    kept = {name: value for name, value in where.items() if name not in declaration.omitted_fields}
    if "type" in kept:
        asked = kept["type"] if isinstance(kept["type"], list) else [kept["type"]]
        groups = [group for group in declaration.omitted_types if group & set(asked)]
        if missing := sorted(set().union(*groups) - set(asked)):
            kept["type"] = [*asked, *missing]
    return kept, kept != dict(where)


def measured(measure: str, where: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[Month, Decimal]:
    """The rows of a measure that a selection names, added up by the measure's month, in pounds."""
    sums: dict[Month, Decimal] = {}
    for row in answer.get(ROWS_OF_MEASURE[measure], []):
        if not _selected(row, where):
            continue
        amount = _of_measure(measure, row)
        if amount is None:
            continue
        month = _month_of(measure, row)
        if month is not None:
            sums[month] = sums.get(month, NO_AMOUNT) + amount
    return sums


def _selected(row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    return all(
        row.get(name) in value if isinstance(value, list) else row.get(name) == value for name, value in where.items()
    )


def _of_measure(measure: str, row: Mapping[str, Any]) -> Decimal | None:
    """What a row adds to a measure; None if it is none of its rows."""
    if ROWS_OF_MEASURE[measure] == "levy_accounts":
        return amount_of(row, measure)
    amount = amount_of(row)
    source = row.get("source")
    match measure:
        case "earned" | "funded":
            return amount
        case "paid":
            return amount if amount > 0 and source in _GOVERNMENT_SOURCES else None
        case "due_from_employer":
            return amount if amount > 0 and source == "employer_co_investment" else None
        case "levy_debited":
            return amount if amount > 0 and source == "levy" else None
        case "transferred":
            return amount if amount > 0 and source == "transfer" else None
        case "refunded":
            return amount if amount < 0 and source in _GOVERNMENT_SOURCES else None
        case "levy_credited":
            return -amount if amount < 0 and source == "levy" else None
        case _:
            return -amount if amount < 0 and source == "employer_co_investment" else None


def _month_of(measure: str, row: Mapping[str, Any]) -> Month | None:
    if measure in ("earned", "funded") or ROWS_OF_MEASURE[measure] == "levy_accounts":
        return a_month(row["month"], Place([])) if "month" in row else None
    run: Collection = a_collection(row["collection"], Place([]))
    return run.provider_month if measure in _PROVIDER_MEASURES else run.account_month


# Lists


def _without(rows: Rows, omitted: frozenset[str]) -> Rows:
    """Rows without fields that the implementation cannot give."""
    if not any(name in row for row in rows.rows for name in omitted):
        return rows
    kept = [{name: value for name, value in row.items() if name not in omitted} for row in rows.rows]
    return Rows(tuple(kept), rows.complete)


def _row_differences(name: str, expected: Rows, got: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    left = list(got)
    for wanted in expected.rows:
        found = next((row for row in left if _selected_exactly(row, wanted)), None)
        if found is None:
            yield Difference(
                name,
                str(wanted.get("month") or wanted.get("collection") or ""),
                _written(wanted),
                "no such row",
            )
        else:
            left.remove(found)
    if expected.complete:
        for row in left:
            yield Difference(name, str(row.get("month") or row.get("collection") or ""), "nothing else", _written(row))


def _selected_exactly(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(_same(name, row.get(name), value) for name, value in wanted.items())


def _same(name: str, answered: Any, wanted: Any) -> bool:
    """Whether a field is as expected; codes of a match may stand in any order."""
    if name == "errors" and isinstance(answered, list) and isinstance(wanted, list):
        return sorted(answered) == sorted(wanted)
    return bool(answered == wanted)


def _written(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items())

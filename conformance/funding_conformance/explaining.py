"""What an answer that is not right does first otherwise than the reference, in pounds and in words.

Where the answer is that of a known mistake, both workings are there, and the first step that comes out otherwise
although the same went into it is the mistake. Otherwise the first amount that differs is named, with the step of the
reference that it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from attrs import frozen
from funding_reference.money import pounds

from funding_conformance import protocol
from funding_conformance.diagnosis import known_mistake
from funding_conformance.fresh.cases import expected_of
from funding_conformance.judge import Difference, differences_of
from funding_conformance.protocol import Declaration, read_line, write_line
from funding_conformance.run import Case
from funding_conformance.service import Handler, reference_service

Shown = Mapping[str, Any]
"""A step of a working, as JSON."""


@frozen
class Explanation:
    """What is otherwise.

    :param says: in words; empty where the reference answers the same
    :param working: the reference's
    """

    says: str
    working: Sequence[Shown] = ()


def explained(case: Case, declaration: Declaration) -> Explanation:
    """What a case does otherwise than the reference first.

    :param case: with its question and an answer
    """
    message = {"id": "e", **protocol.answer(case.question or {}, case.wants, working=True)}
    right = _answered(reference_service(), message)
    answer = (case.answer or {}).get("ok", {})
    wanted = expected_of({want: right[want] for want in case.wants if want in right})
    differences = sorted(differences_of(wanted, answer, declaration), key=lambda difference: difference.when)
    if not differences:
        return Explanation("", right.get("working", ()))
    steps = right["working"]
    if known := known_mistake(case, declaration):
        wrong = _answered(reference_service(known.name, known.change), message)
        if step := first_that_differs(steps, wrong.get("working", ())):
            return Explanation(f"{_of_steps(*step)} These are the answers of the mistake {known.name}.", steps)
    return Explanation(_of_amounts(differences[0], steps), steps)


def _answered(implementation: Handler, message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = implementation(read_line(write_line(message))).get("ok", {})
    return found


def first_that_differs(right: Sequence[Shown], wrong: Sequence[Shown]) -> tuple[Shown, Shown] | None:
    """The first step that comes out otherwise although the same went into it, as innermost as there is one."""
    for one, other in zip(right, wrong, strict=False):
        if one["rule"] != other["rule"]:
            return None
        if one["inputs"] != other["inputs"]:
            continue  # what came before has led to it
        if inner := first_that_differs(one.get("steps", ()), other.get("steps", ())):
            return inner
        if one["result"] != other["result"]:
            return one, other
    return None


def _of_steps(one: Shown, other: Shown) -> str:
    return (
        f"The first step that differs is {_named(one)}: it comes to {one['result']}, "
        f"and to {other['result']} in these answers{_apart(one['result'], other['result'])}. {one['says']}"
    )


def _named(step: Shown) -> str:
    clauses = f" ({', '.join(step['clauses'])})" if step["clauses"] else ""
    return f"{step['rule'].replace('_', ' ')}{clauses}"


def _of_amounts(first: Difference, steps: Sequence[Shown]) -> str:
    what = f"{first.what} {first.when}".strip()
    apart = _apart(first.expected, first.got)
    says = f"The first that differs is {what}: {first.expected} is right, and {first.got} was answered{apart}."
    step = _last_that_comes_to(first.expected, steps)
    return f"{says} The reference comes to it in {_named(step)}: {step['says']}" if step else says


def _last_that_comes_to(amount: str, steps: Sequence[Shown]) -> Shown | None:
    """The innermost step that has this amount for a result, the last of several in a row."""
    for step in reversed(steps):
        if inner := _last_that_comes_to(amount, step.get("steps", ())):
            return inner
        pounds = _pounds(step.get("rounded", step["result"]))
        if pounds is not None and pounds == _pounds(amount):
            return step
    return None


def _apart(right: str, wrong: str) -> str:
    """How many pounds lie between two results, if both are amounts."""
    should, does = _pounds(right), _pounds(wrong)
    if should is None or does is None or should == does:
        return ""
    return f", {pounds(abs(does - should))} too {'much' if does > should else 'little'}"


def _pounds(text: str) -> Decimal | None:
    """An amount as a working writes it: a decimal or a fraction."""
    try:
        exact = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    try:
        return Decimal(exact.numerator) / Decimal(exact.denominator)
    except InvalidOperation:
        return None

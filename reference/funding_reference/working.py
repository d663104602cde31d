"""How each figure came about: the same rules once more, every call recorded.

The rules know nothing of it. :func:`recording` gives an edition's rules with each function wrapped; every call becomes
a :class:`Step` with its clauses, its inputs, the sum as the rule writes it, and its result, exact and rounded.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Final

import attrs
from attrs import Factory, define

from funding_reference.calendar import Collection, Month
from funding_reference.money import plain, rounded
from funding_reference.rules import Rules, bound, rule_names

Function = Callable[..., Any]

_CLAUSE: Final = re.compile(r"\b[A-Z]+(?:-[A-Z0-9.]+)+(?:-\d+)?\b")


@define
class Step:
    """One rule applied once.

    :param steps: the rules that it asked in turn, in order
    """

    name: str
    function: Function
    arguments: tuple[Any, ...]
    result: Any = None
    steps: list[Step] = Factory(list)

    @property
    def clauses(self) -> tuple[str, ...]:
        return clauses_of(self.function)

    def inputs(self) -> dict[str, str]:
        """The rule's inputs by name, as text."""
        named = zip(_parameters(self.function), self.arguments, strict=False)
        return {name: described(value) for name, value in named if not isinstance(value, Rules)}

    def as_json(self) -> dict[str, Any]:
        """The step and all below it, for programs."""
        exact = self.result if isinstance(self.result, Fraction) else None
        return {
            "rule": self.name,
            "says": summary_of(self.function),
            "clauses": list(self.clauses),
            "inputs": self.inputs(),
            **({"operation": operation} if (operation := operation_of(self.function)) else {}),
            "result": described(self.result),
            **({"rounded": plain(rounded(exact))} if exact is not None else {}),
            **({"steps": [step.as_json() for step in self.steps]} if self.steps else {}),
        }


def recording(rules: Rules) -> tuple[Rules, list[Step]]:
    """The same rules, recording; and the list that fills with the steps at the top."""
    top: list[Step] = []
    open_steps: list[list[Step]] = [top]

    def recorded(name: str, function: Function) -> Function:
        def call(*arguments: Any) -> Any:
            step = Step(name, function, arguments)
            open_steps[-1].append(step)
            open_steps.append(step.steps)
            try:
                step.result = function(*arguments)
            finally:
                open_steps.pop()
            return step.result

        return call

    wrapped = {name: recorded(name, getattr(rules, name)) for name in rule_names()}
    return bound(rules, wrapped), top


@cache
def clauses_of(function: Function) -> tuple[str, ...]:
    """The clauses that a function names in the last line of its docstring (``Clauses: GUIDE-35, READ-01.``)."""
    paragraphs = (inspect.getdoc(function) or "").rstrip().split("\n\n")
    last = " ".join(paragraphs[-1].split())
    return tuple(_CLAUSE.findall(last)) if last.startswith("Clauses:") else ()


@cache
def summary_of(function: Function) -> str:
    """The first sentence of a function's docstring."""
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")


@cache
def operation_of(function: Function) -> str:
    """The sum that a rule of one expression returns, as it is written; nothing for longer rules."""
    try:
        [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return ""
    if not isinstance(definition, ast.FunctionDef):
        return ""
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    last = body[-1] if body else None
    return ast.unparse(last.value) if isinstance(last, ast.Return) and last.value is not None else ""


@cache
def _parameters(function: Function) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def described(value: Any) -> str:
    """A value as a working shows it: exact pounds as a decimal where they are one, else as a fraction."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case Fraction():
            return _exact(value)
        case Decimal() | int() | str() | date() | Month() | Collection():
            return str(value)
        case Mapping():
            return ", ".join(f"{key} {described(item)}" for key, item in value.items()) or "nothing"
        case Sequence():
            return "; ".join(described(item) for item in value) or "nothing"
        case _ if "__str__" in vars(type(value)):
            return str(value)
        case _ if attrs.has(type(value)):
            fields = attrs.asdict(value, recurse=False)
            return " ".join(f"{name.rstrip('_')} {described(item)}" for name, item in fields.items() if _shown(item))
        case _:
            return str(value)


def _shown(value: Any) -> bool:
    return value is not None and value != ()


def _exact(value: Fraction) -> str:
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator == 1:
        return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return f"{value.numerator}/{value.denominator}"

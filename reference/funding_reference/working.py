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
from funding_spec.rulebook import Rulebook

from funding_reference.calendar import Collection
from funding_reference.money import plain, rounded
from funding_reference.rules import Rules, bound, rule_names

Function = Callable[..., Any]

MOST_SHOWN: Final = 6
"""Of a longer list a working shows the first and the last."""

_CLAUSE: Final = re.compile(r"\b[A-Z]+(?:-[A-Z0-9.]+)+(?:-\d+)?\b")


@define
class Step:
    """One rule applied once.

    :param arguments: its inputs, without the rules themselves
    :param steps: the rules that it asked in turn, in order
    """

    name: str
    function: Function
    arguments: tuple[Any, ...]
    result: Any = None
    steps: list[Step] = Factory(list)

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that the rule implements, or that a value of the rulebook comes from."""
        book = getattr(self.function, "__self__", None)
        if isinstance(book, Rulebook):
            return (book.entries[self.arguments[0]].clause,)
        return clauses_of(self.function)

    def named_arguments(self) -> list[tuple[str, Any]]:
        """The rule's inputs with their names."""
        return list(zip(_parameters(self.function), self.arguments, strict=True))

    def inputs(self) -> dict[str, str]:
        """The rule's inputs by name, as text."""
        return {name: described(value) for name, value in self.named_arguments()}

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


class Recorder:
    """What recording rules were asked, as it happened; the steps are made of it when someone looks."""

    def __init__(self) -> None:
        self._calls: list[tuple[int, str, Function, tuple[Any, ...], Any]] = []
        self._depth = 0

    def recorded(self, name: str, function: Function) -> Function:
        """The same function, recording its calls."""
        calls = self._calls

        def call(*arguments: Any) -> Any:
            place = len(calls)
            calls.append(_UNFINISHED)
            self._depth += 1
            try:
                result = function(*arguments)
            finally:
                self._depth -= 1
            inputs = arguments[1:] if type(arguments[0]) is Rules else arguments
            calls[place] = (self._depth, name, function, inputs, result)
            return result

        return call

    def steps(self) -> list[Step]:
        """The calls as a tree: the steps at the top, each with those that it asked in turn."""
        top: list[Step] = []
        levels = [top]
        for depth, name, function, arguments, result in self._calls:
            step = Step(name, function, arguments, result)
            del levels[depth + 1 :]
            levels[depth].append(step)
            levels.append(step.steps)
        return top


def _unfinished() -> None:
    """Stands for a call that has not returned."""


_UNFINISHED: Final = (0, "unfinished", _unfinished, (), None)


def recording(rules: Rules) -> tuple[Rules, Recorder]:
    """The same rules, recording, and the recorder that will know every step."""
    recorder = Recorder()
    wrapped = {name: recorder.recorded(name, getattr(rules, name)) for name in ("value", *rule_names())}
    return bound(rules, wrapped), recorder


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
    """What a rule returns, as it is written in its last line; nothing where that only gathers results."""
    try:
        [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return ""
    if not isinstance(definition, ast.FunctionDef):
        return ""
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    last = body[-1] if body else None
    if not isinstance(last, ast.Return) or last.value is None or _says_nothing(last.value):
        return ""
    return ast.unparse(last.value)


def _says_nothing(expression: ast.expr) -> bool:
    """Whether an expression says nothing by itself: a name, a constant, or a record made of what stands above."""
    if isinstance(expression, (ast.Name, ast.Constant)):
        return True
    return (
        isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name) and expression.func.id[0].isupper()
    )


@cache
def _parameters(function: Function) -> tuple[str, ...]:
    return tuple(name for name in inspect.signature(function).parameters if name != "rules")


def described(value: Any) -> str:
    """A value as a working shows it: exact pounds as a decimal where they are one, else as a fraction."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case Fraction():
            return _exact(value)
        case Decimal() | int() | str() | date() | Collection():
            return str(value)
        case Mapping():
            return ", ".join(f"{_named(key)} {described(item)}" for key, item in value.items()) or "nothing"
        case Sequence() if len(value) > MOST_SHOWN:
            return f"{described(value[0])}; … {described(value[-1])} ({len(value)} in all)"
        case Sequence():
            return "; ".join(described(item) for item in value) or "nothing"
        case _ if "__str__" in vars(type(value)):
            return str(value)
        case _ if attrs.has(type(value)):
            fields = attrs.asdict(value, recurse=False)
            return " ".join(f"{name.rstrip('_')} {described(item)}" for name, item in fields.items() if _shown(item))
        case _:
            return str(value)


def _named(key: Any) -> str:
    """What an amount is kept under, such as the source and the employer whose money it is."""
    return " ".join(str(part) for part in key if part is not None) if isinstance(key, tuple) else str(key)


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

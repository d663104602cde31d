"""The working of an example, cut down to the steps that a clause is about."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

Recorded = Mapping[str, Any]

_VALUE: Final = "value"
_LONGEST: Final = 60
_MOST: Final = 8
_TIMES: Final = ("month", "run", "day", "balance")
_WHOLES: Final = ("programme", "plan", "statement", "uplift", "due")
_UNREADABLE: Final = (ast.Attribute, ast.IfExp, ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.Starred)


@frozen
class Step:
    """One rule applied once, or several times alike; or one value of the rulebook that a rule asked for.

    :param kind: rule or parameter
    :param inputs: those short enough to show
    :param sum: the sum with its figures in place, where the rule is one sum
    :param about: whether the clause is about it; if not, it only leads to such a step
    :param times: how often it was applied with this result
    """

    kind: str
    name: str
    about: bool
    inputs: Mapping[str, str]
    sum: str
    result: str
    last: Mapping[str, str]
    times: int
    steps: tuple[Step, ...]


def steps_about(clause: str, recorded: Sequence[Recorded], *, values: bool = False) -> tuple[Step, ...]:
    """The steps that name a clause, with those that lead to them; alike steps once, and not too many.

    :param values: whether the values of the rulebook among the steps are shown: those that such a step asked for
    """
    found = (_value(one) if one["rule"] == _VALUE else _step(clause, one) for one in recorded)
    return _merged(step for step in found if step is not None and (values or step.kind == "rule"))


def _value(recorded: Recorded) -> Step:
    inputs = dict(recorded["inputs"])
    name = inputs.pop("name")
    return Step("parameter", name, True, inputs, "", _result(recorded), inputs, 1, ())


def sums(steps: Sequence[Step]) -> int:
    """How many of the steps that are about the clause show their sum."""
    return sum((step.about and bool(step.sum)) + sums(step.steps) for step in steps)


def _step(clause: str, recorded: Recorded) -> Step | None:
    about = clause in recorded["clauses"]
    below = steps_about(clause, recorded.get("steps", []), values=about)
    if not about and not below:
        return None
    inputs = {name: text for name, text in recorded["inputs"].items() if len(text) <= _LONGEST and name not in _WHOLES}
    return Step(
        kind="rule",
        name=recorded["rule"],
        about=about,
        inputs=inputs,
        sum=_with_figures(recorded.get("operation", ""), inputs),
        result=_result(recorded),
        last=inputs,
        times=1,
        steps=below,
    )


def _result(recorded: Recorded) -> str:
    result: str = recorded["result"]
    if "/" in result and "rounded" in recorded:
        result = f"{result}, about {recorded['rounded']}"
    return result if len(result) <= _LONGEST else ""


def _merged(steps: Iterable[Step]) -> tuple[Step, ...]:
    found: dict[tuple[Any, ...], Step] = {}
    for step in steps:
        key = _shown_of(step)
        earlier = found.get(key)
        found[key] = evolve(earlier, times=earlier.times + 1, last=step.inputs) if earlier else step
    return tuple(found.values())[:_MOST]


def _shown_of(step: Step) -> tuple[Any, ...]:
    """What makes a step another than one that is shown already: months and runs alone do not."""
    if not step.about:
        return step.name, *map(_shown_of, step.steps)
    kept = tuple((name, text) for name, text in step.inputs.items() if name not in _TIMES)
    return step.name, step.result, kept


def _with_figures(operation: str, inputs: Mapping[str, str]) -> str:
    """The sum with each name replaced by its figure; nothing where that would not be readable."""
    try:
        tree = ast.parse(operation, mode="eval")
    except (SyntaxError, ValueError):
        return ""
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called]
    plain = isinstance(tree.body, (ast.BinOp, ast.Call, ast.Compare))
    if not plain or any(isinstance(node, _UNREADABLE) for node in ast.walk(tree)):
        return ""
    if not names or any(name.id not in inputs for name in names):
        return ""
    for name in names:
        figure = inputs[name.id]
        name.id = f"({figure})" if "/" in figure else figure
    return ast.unparse(tree)

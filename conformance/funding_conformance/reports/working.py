"""A working as text: the steps as a tree, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from funding_reference.money import Money
from funding_reference.working import Step


def working_lines(steps: Sequence[Step], indent: str = "") -> Iterator[str]:
    """The steps as a tree; steps that only repeat the one before for another month are counted."""
    repeats = 0
    shown_before: dict[str, Any] | None = None
    for step in steps:
        shown = step.as_json()
        if shown_before is not None and _alike(shown_before, shown):
            repeats += 1
            continue
        if repeats:
            yield f"{indent}… and the same for {repeats} more"
        repeats, shown_before = 0, shown
        yield from _step_lines(step, shown, indent)
    if repeats:
        yield f"{indent}… and the same for {repeats} more"


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two steps differ only in their month."""
    return bool(_without_month(one) == _without_month(other))


def _without_month(step: Mapping[str, Any]) -> Any:
    inputs = {name: value for name, value in step["inputs"].items() if name != "month"}
    return step["rule"], inputs, step["result"], [_without_month(inner) for inner in step.get("steps", [])]


def _step_lines(step: Step, shown: Mapping[str, Any], indent: str) -> Iterator[str]:
    clauses = f"  [{', '.join(shown['clauses'])}]" if shown["clauses"] else ""
    yield f"{indent}{step.name.replace('_', ' ')} = {_result(shown)}{clauses}"
    for name, value in shown["inputs"].items():
        yield f"{indent}    {name.replace('_', ' ')}: {value}"
    if "operation" in shown:
        yield f"{indent}    {shown['operation']}"
    yield from working_lines(step.steps, indent + "  ")


def _result(shown: Mapping[str, Any]) -> str:
    if "rounded" in shown and Money(shown["rounded"]) != Money(shown["result"]):
        return f"{shown['result']} ({shown['rounded']} rounded)"
    return str(shown["result"])

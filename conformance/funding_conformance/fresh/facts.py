"""Going through the facts of a scenario: everything that a change of them needs, and nothing about chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Facts = dict[str, Any]
Record = dict[str, Any]
Change = Callable[[str, Any], Any]
"""Gives what stands in a field of a record: its name, and what stood there."""


def changed(value: Any, change: Change, name: str = "") -> Any:
    """Plain data with every value (and every key that is a month) as the change has it; the order stays."""
    if isinstance(value, dict):
        return {change("", key): changed(inner, change, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [changed(item, change, name) for item in value]
    return change(name, value)


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in plain data with the name of its field, keys included under no name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield "", key
            yield from texts(inner, key)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, name)
    elif isinstance(value, str):
        yield name, value


def learners(facts: Facts) -> Iterator[Record]:
    """Every record of a learner, return by return."""
    for submission in facts.get("submissions", []):
        yield from submission["learners"]


def aims(facts: Facts) -> Iterator[Record]:
    """Every record of an aim, return by return."""
    for learner in learners(facts):
        yield from learner.get("LearningDelivery", [])


def ulns(facts: Facts) -> list[int]:
    """The apprentices by ULN, in order."""
    return sorted({learner["ULN"] for learner in learners(facts)})

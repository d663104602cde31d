"""Which rules the reference asks for an answer: a mistake in any other changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from funding_reference.rules import Rules, bound, rule_names

from funding_conformance.service import Handler, reference_service


def noting(used: set[str]) -> Handler:
    """The reference, which adds the name of every rule that it asks to a set."""

    def noted(rules: Rules) -> Rules:
        return bound(rules, {name: _noted(used, name, getattr(rules, name)) for name in rule_names()})

    return reference_service("reference", noted)


def _noted(used: set[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        used.add(name)
        return function(*arguments)

    return call

"""Known-bad implementations: mistakes that someone would really make, each in the smallest change to the reference.

A known-bad binds one rule (or two that belong together) to a wrong function. The last sentence of that function's
docstring says which clauses it breaks; the suite must catch it with a case that decides one of them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from attrs import frozen
from funding_reference.rules import Rules, bound
from funding_spec.errors import FundingError

MODULES: Final = (
    "prices",
    "qualifying",
    "instalments",
    "completion",
    "contribution",
    "funds",
    "matching",
    "timing",
    "additional",
    "price_episodes",
    "circumstances",
    "redundancies",
    "editions",
    "claims",
    "levy_accounts",
)


class UnknownKnownBad(FundingError):
    """There is no known-bad of that name."""


@frozen
class KnownBad:
    """One wrong implementation.

    :param says: the mistake in one sentence
    :param breaks: the clauses it breaks
    :param change: turns the right rules into the wrong ones
    """

    name: str
    says: str
    breaks: tuple[str, ...]
    change: Replacing

    @property
    def rules(self) -> frozenset[str]:
        """The names of the rules that are bound to wrong functions."""
        return frozenset(self.change.functions)


@frozen
class Replacing:
    """Rules with some of them bound to other functions; the first function's docstring says what is wrong."""

    functions: Mapping[str, Callable[..., Any]]

    def __call__(self, rules: Rules) -> Rules:
        return bound(rules, self.functions)


def replacing(**functions: Callable[..., Any]) -> Replacing:
    """The rules with these names bound to these functions."""
    return Replacing(functions)


@cache
def known_bads() -> tuple[KnownBad, ...]:
    """All known-bads, in the order of the guide."""
    found: list[KnownBad] = []
    for name in MODULES:
        module = import_module(f"{__name__}.{name}")
        found += [_known_bad(name, change) for name, change in module.KNOWN_BAD.items()]
    return tuple(found)


def _known_bad(name: str, change: Replacing) -> KnownBad:
    first = next(iter(change.functions.values()))
    says, _, breaks = " ".join((inspect.getdoc(first) or "").split()).partition(" Breaks: ")
    return KnownBad(name, says, tuple(re.findall(r"[A-Z]+(?:-\w+)+(?:\.\d+)*", breaks)), change)


def known_bad_named(name: str) -> KnownBad:
    """The known-bad of that name.

    :raises UnknownKnownBad: there is none; says where the names are
    """
    for known in known_bads():
        if known.name == name:
            return known
    raise UnknownKnownBad(
        f"There is no known-bad {name}. funding-kit known-bad --names lists them.", path="--known-bad"
    )

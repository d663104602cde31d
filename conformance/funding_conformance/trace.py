"""Traceability: for every clause the code, the examples, the properties and the known-bads, from what really ran."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import funding_reference
from attrs import frozen
from funding_reference.working import clauses_of
from funding_spec.register import Register
from funding_spec.rulebook import editions, load_rulebook

from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.judge import Verdict
from funding_conformance.known_bad import known_bads
from funding_conformance.known_bad.matrix import kills_of
from funding_conformance.profiles import holds_in, is_required
from funding_conformance.properties.invariants import PROPERTIES
from funding_conformance.run import ask_and_judge
from funding_conformance.scenarios import WANTS, Scenario
from funding_conformance.service import reference_service


@frozen
class Trace:
    """Where each clause is computed, exampled and guarded.

    :param code: the functions that name it
    :param examples: the worked examples that decide it and that the reference passed
    :param known_bads: the known-bads that break it and that a case deciding it caught
    """

    code: Mapping[str, tuple[str, ...]]
    examples: Mapping[str, tuple[str, ...]]
    properties: Mapping[str, tuple[str, ...]]
    known_bads: Mapping[str, tuple[str, ...]]


def trace(scenarios: Sequence[Scenario]) -> Trace:
    """Asks the reference and every known-bad, and collects what each clause has."""
    examples: dict[str, list[str]] = defaultdict(list)
    session = InProcessSession(reference_service(), editions(), None)
    for case in ask_and_judge(session, scenarios, WANTS, explain=False):
        if case.verdict is Verdict.PASS:
            for clause in case.decides:
                examples[clause].append(case.id)
    caught: dict[str, list[str]] = defaultdict(list)
    for known in known_bads():
        deciding = [scenario for scenario in scenarios if set(known.breaks) & set(scenario.decides)]
        for clause in kills_of(known, deciding).clauses:
            caught[clause].append(known.name)
    properties: dict[str, list[str]] = defaultdict(list)
    for property in PROPERTIES:
        for clause in property.clauses:
            properties[clause].append(property.name)
    return Trace(_fixed(functions_by_clause()), _fixed(examples), _fixed(properties), _fixed(caught))


def _fixed(found: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {clause: tuple(names) for clause, names in found.items()}


def functions_by_clause() -> dict[str, list[str]]:
    """Every function and method of the reference that names a clause, by clause."""
    found: dict[str, list[str]] = defaultdict(list)
    for info in pkgutil.walk_packages(funding_reference.__path__, "funding_reference."):
        module = importlib.import_module(info.name)
        for name, function in _functions(module):
            for clause in clauses_of(function):
                found[clause].append(name)
    return found


def _functions(module: object) -> Iterator[tuple[str, object]]:
    for name, member in vars(module).items():
        if getattr(member, "__module__", None) != getattr(module, "__name__", None):
            continue
        if inspect.isfunction(member):
            yield name, member
        elif inspect.isclass(member):
            yield name, member
            for inner, method in vars(member).items():
                found = method.fget if isinstance(method, property) else method
                if inspect.isfunction(found):
                    yield f"{name}.{inner}", found


def gaps(traced: Trace, register: Register, rulebook: str) -> list[str]:
    """Every rule that lacks something, and every citation of a clause that does not exist."""
    messages = [
        f"{name} in the reference cites {clause}, which is not in the register."
        for clause, names in traced.code.items()
        for name in names
        if clause not in register
    ]
    messages += [
        f"The known-bad {known.name} breaks {clause}, which is not in the register."
        for known in known_bads()
        for clause in known.breaks
        if clause not in register
    ]
    messages += [
        f"Rulebook {rulebook} cites {clause}, which is not in the register."
        for clause in load_rulebook(rulebook).cited()
        if clause not in register
    ]
    chain = load_rulebook(rulebook).chain
    for clause in register:
        if not holds_in(clause, chain) or clause.kind != "rule":
            continue
        if clause.not_computed is not None:
            continue
        if is_required(clause):
            for what, has in (
                ("no function of the reference names it", traced.code),
                ("no worked example that passes decides it", traced.examples),
                ("no known-bad that breaks it is caught by a case deciding it", traced.known_bads),
            ):
                if clause.id not in has:
                    messages.append(f"{clause.at}  {what}, and no reason is given (not_computed).")
    return messages

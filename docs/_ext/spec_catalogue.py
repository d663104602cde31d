"""Everything the pages speak of, gathered once: clauses, functions, values, known-bads and properties."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import funding_reference
from attrs import frozen
from funding_conformance.known_bad import KnownBad, known_bads
from funding_conformance.profiles import holds_in
from funding_conformance.properties.invariants import PROPERTIES
from funding_conformance.properties.property import Property
from funding_reference.money import Money, pounds
from funding_reference.rules import rule_names, rules_of
from funding_reference.working import clauses_of, summary_of
from funding_spec.register import Clause, Register, load_register
from funding_spec.rulebook import DatedValue, Entry, Rulebook, Variant, editions, load_rulebook
from funding_spec.wording import in_words

PACKAGE: Final = funding_reference.__name__


@frozen
class Function:
    """One function of the reference that names the clauses it follows.

    :param name: the name of the rule, or module and name of a function that is no rule of its own
    :param source: its code as it stands in the file
    :param reads: the values of the rulebook that it asks for
    """

    name: str
    is_rule: bool
    module: str
    says: str
    clauses: tuple[str, ...]
    source: str
    reads: frozenset[str]


@frozen
class Edition:
    """A rulebook and what it holds itself; what it takes over from the edition it extends is shown there.

    :param extends: the name of that edition, or None
    """

    rulebook: Rulebook
    extends: str | None
    entries: tuple[Entry, ...]
    variants: tuple[Variant, ...]

    @property
    def name(self) -> str:
        return self.rulebook.edition

    def holds(self, clause: Clause) -> bool:
        """Whether a clause holds in this edition."""
        return holds_in(clause, self.rulebook.chain)


@frozen
class Catalogue:
    """What the pages speak of, for one edition and beside it what the others change.

    :param editions: all of them: the one that is shown first, then those that extend it, then the rest
    :param homes: the page that shows a clause in full, for those that have one
    """

    register: Register
    editions: tuple[Edition, ...]
    functions: tuple[Function, ...]
    known_bads: tuple[KnownBad, ...]
    properties: tuple[Property, ...]
    homes: Mapping[str, str]

    def functions_of(self, clause: str) -> list[Function]:
        return [function for function in self.functions if clause in function.clauses]

    def known_bads_of(self, clause: str) -> list[KnownBad]:
        return [known for known in self.known_bads if clause in known.breaks]

    def properties_of(self, clause: str) -> list[Property]:
        return [one for one in self.properties if clause in one.clauses]

    def values_of(self, clause: Clause) -> list[tuple[Edition, Entry]]:
        """The values that a clause rests on, edition by edition.

        Its own, those of its readings, and those that its functions ask for in an edition in which it holds.
        """
        own = {clause.id, *(set(clause.read_as) - set(_named_editions(clause)))}
        read = {name for function in self.functions_of(clause.id) for name in function.reads}
        return [
            (edition, entry)
            for edition in self.editions
            for entry in edition.entries
            if entry.clause in own or (entry.name in read and edition.holds(clause))
        ]

    def variants_of(self, clause: Clause) -> list[tuple[Edition, Variant]]:
        """Each choice between readings that an edition makes here."""
        own = {clause.id, *(set(clause.read_as) - set(_named_editions(clause)))}
        rules = {variant.rule for edition in self.editions for variant in edition.variants if variant.clause in own}
        return [
            (edition, variant)
            for edition in self.editions
            for variant in edition.variants
            if variant.clause in own or (variant.rule in rules and edition.holds(clause))
        ]

    def home_of(self, function: Function) -> str | None:
        """The clause under which a function is shown in full: the first that has a page and shows code."""
        shown = (self.register.get(id) for id in function.clauses if id in self.homes)
        return next((clause.id for clause in shown if shows_code(clause)), None)

    def neighbours(self, clause: Clause) -> tuple[Clause | None, Clause | None]:
        """The clauses before and after, in the source."""
        source = self.register.by_source(clause.source)
        place = source.index(clause)
        before = source[place - 1] if place else None
        return before, source[place + 1] if place + 1 < len(source) else None


def _named_editions(clause: Clause) -> list[str]:
    """The readings of a clause that only name its edition: everything of that edition rests on them."""
    return [id for id in clause.read_as if id.startswith("READ-EDITION-")]


def shows_code(clause: Clause) -> bool:
    """Whether functions that name a clause follow it: a rule that is computed in part says what is missing."""
    return clause.kind == "rule" or clause.not_computed is None


def catalogue_of(edition: str, homes: Mapping[str, str]) -> Catalogue:
    """Everything the pages of one edition speak of."""
    return Catalogue(
        load_register(),
        tuple(editions_from(edition)),
        functions_of(edition),
        known_bads(),
        PROPERTIES,
        homes,
    )


# Editions


def editions_from(first: str) -> Iterator[Edition]:
    """Every edition: the first, those that extend it in the order in which they do, and the rest."""
    books = [load_rulebook(name) for name in editions()]
    books.sort(key=lambda book: (book.edition != first, first not in book.chain, len(book.chain), book.edition))
    for book in books:
        extends = next(iter(book.chain[1:]), None)
        before = load_rulebook(extends) if extends else None
        yield Edition(
            book,
            extends,
            tuple(one for name, one in book.entries.items() if not before or before.entries.get(name) != one),
            tuple(one for rule, one in book.variants.items() if not before or before.variants.get(rule) != one),
        )


# Functions


@cache
def functions_of(edition: str) -> tuple[Function, ...]:
    """Every function, method and record of the reference whose docstring ends with its clauses."""
    rules = rules_of(edition)
    found = [_function(name, getattr(rules, name), is_rule=True) for name in rule_names()]
    known = {inspect.unwrap(getattr(rules, name)) for name in rule_names()}
    for module in _modules():
        for name, member in _members(module):
            if inspect.unwrap(member) not in known and clauses_of(member):
                known.add(inspect.unwrap(member))
                found.append(_function(name, member, is_rule=False))
    return tuple(found)


def _function(name: str, function: Callable[..., Any], *, is_rule: bool) -> Function:
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    return Function(
        name=name,
        is_rule=is_rule,
        module=function.__module__,
        says=summary_of(function),
        clauses=tuple(dict.fromkeys(clauses_of(function))),
        source=source.rstrip(),
        reads=frozenset(_values_read(source)),
    )


def _modules() -> Iterator[Any]:
    for info in pkgutil.walk_packages(funding_reference.__path__, f"{PACKAGE}."):
        yield importlib.import_module(info.name)


def _members(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    short = module.__name__.removeprefix(f"{PACKAGE}.")
    for name, member in vars(module).items():
        if getattr(member, "__module__", None) != module.__name__ or not callable(member):
            continue
        yield f"{short}.{name}", member
        if inspect.isclass(member):
            for inner, value in vars(member).items():
                method = value.fget if isinstance(value, property) else value
                if inspect.isfunction(method):
                    yield f"{short}.{name}.{inner}", method


def _values_read(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "value":
            match node.args:
                case [ast.Constant(value=str(name)), *_]:
                    yield name


# Values in words


def value_in_words(value: Any, unit: str) -> str:
    """A value of the rulebook as a reader of the guide would write it, without its unit."""
    match unit:
        case "yes or no":
            return "yes" if value else "no"
        case "pounds":
            return whole_pounds(value)
        case "share":
            return f"{float(value * 100):g}%"
        case "list of pounds":
            return ", ".join(whole_pounds(amount) for amount in value)
        case "pounds by deprivation":
            return ", ".join(f"{area}: {whole_pounds(amount)}" for area, amount in value.items())
        case "list of days":
            return ", ".join(str(days) for days in value)
        case "days by planned days":
            return "; ".join(f"{days} if planned for {at_least} or more" for at_least, days in value)
        case _:
            return str(value)


def whole_pounds(amount: Money) -> str:
    """Pounds, and pennies only where there are some."""
    return pounds(amount).removesuffix(".00")


def since_in_words(dated: DatedValue) -> str:
    """From when a value holds."""
    return "the beginning" if dated.since.year == 1 else in_words(dated.since)


def repository_file(module: str) -> str:
    """Where the code of a module stands in the project."""
    found = importlib.import_module(module)
    path = Path(str(found.__file__))
    below = Path(*path.parts[path.parts.index(PACKAGE) :])
    return f"reference/{below.as_posix()}"

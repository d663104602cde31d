"""The generated indexes: all clauses, functions, values, examples, known-bads, properties, and what is refused."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Final

from docutils import nodes
from funding_conformance.known_bad import KnownBad, Replacing
from funding_conformance.known_bad.matrix import Kills, all_kills
from funding_conformance.known_bad.strength import of_clauses, of_profiles
from funding_spec.register import Clause
from spec_catalogue import shows_code
from spec_clause import Shown
from spec_nodes import Cell, anchored, bullets, code, folded, link, links, paragraph, prose, table
from sphinx.errors import ExtensionError

_SOURCES: Final = {
    "GUIDE": "The technical funding guide",
    "RULES": "The funding and performance-management rules",
    "RECORDING": "The recording guidance",
    "SERVICE": "The service",
    "ACCESS": "Access to the service",
    "READINGS": "Readings",
}


def clause_index(shown: Shown) -> Iterator[nodes.Node]:
    """Every clause with what computes it, or why nothing does."""
    for source, clauses in groupby(shown.catalogue.register, lambda clause: clause.source):
        section = nodes.section("", nodes.title("", _SOURCES.get(source, source)), ids=[f"clauses-{source}"])
        rows = [_clause_row(shown, clause) for clause in clauses]
        section += table(["Clause", "Kind", "Status"], rows, [16, 14, 70], ["clauses"])
        yield section


def _clause_row(shown: Shown, clause: Clause) -> Sequence[Cell]:
    name: nodes.Node = link("clause", clause.id)
    if clause.id not in shown.catalogue.homes:
        name = anchored(nodes.inline("", clause.id), "clause", clause.id)
    kind = " ".join(part for part in (clause.kind, clause.level) if part)
    return [[name], kind, _status(shown, clause)]


def _status(shown: Shown, clause: Clause) -> Sequence[nodes.Node]:
    catalogue = shown.catalogue
    says: list[nodes.Node] = prose(clause.not_computed or "", catalogue.register)
    names = [function.name for function in catalogue.functions_of(clause.id)] if shows_code(clause) else []
    if names:
        says += [nodes.Text(" Followed by " if says else "Computed by "), *links("rule", names)]
    counted = [
        f"{number} {word if number == 1 else words}"
        for number, word, words in (
            (len(shown.examples_of(clause.id)), "example", "examples"),
            (len(catalogue.known_bads_of(clause.id)), "known mistake", "known mistakes"),
        )
        if number
    ]
    if not says and not counted:
        return [nodes.Text("No function follows it yet.")]
    if counted:
        says.append(nodes.Text(f"{'; ' if names else ' ' if says else ''}{', '.join(counted)}"))
    return says


def parameters(shown: Shown) -> Iterator[nodes.Node]:
    """Every edition: its values and its choices between rules; of one that extends another only what changes."""
    seen: set[str] = set()
    for edition in shown.catalogue.editions:
        title = f"{edition.name}: {edition.rulebook.title}"
        section = nodes.section("", nodes.title("", title), ids=[f"edition-{edition.name}"])
        if edition.extends:
            extends = nodes.literal("", edition.extends)
            section += paragraph("Extends ", extends, "; everything that is not listed is as it is there.")
        if edition.entries:
            section += shown.values_of(edition, seen)
        if edition.variants:
            rows: list[Sequence[Cell]] = [
                [[nodes.literal("", one.rule)], [nodes.literal("", one.is_)], [link("clause", one.clause)]]
                for one in edition.variants
            ]
            section += nodes.rubric("", "Choices between rules")
            section += table(["Rule", "Variant", "Clause"], rows, [35, 45, 20])
        yield section


def functions(shown: Shown) -> Iterator[nodes.Node]:
    """Every function that names a clause; those that no page shows stand here in full."""
    rows: list[Sequence[Cell]] = []
    homeless: list[nodes.Node] = []
    for function in shown.catalogue.functions:
        rows.append([[link("rule", function.name)], function.says, links("clause", _known(shown, function.clauses))])
        if shown.catalogue.home_of(function) is None:
            homeless += shown.function(function, at_home=True)
    yield table(["Function", "What it says", "Clauses"], rows, [28, 47, 25])
    yield from homeless


def _known(shown: Shown, clauses: Sequence[str]) -> list[str]:
    return [id for id in clauses if id in shown.catalogue.register]


def examples(shown: Shown) -> Iterator[nodes.Node]:
    """Every worked example by its folder; those that decide nothing, or nothing with a page, stand here in full."""
    for folder, group in groupby(shown.examples, lambda example: example.scenario.id.rpartition("/")[0]):
        section = nodes.section("", nodes.title("", folder), ids=[f"examples-{folder.replace('/', '-')}"])
        here = list(group)
        at_home = [example for example in here if shown.home_of(example)]
        if at_home:
            section += bullets(
                [
                    paragraph(
                        link("example", one.scenario.id, one.scenario.title),
                        " (",
                        *links("clause", _known(shown, one.scenario.decides)),
                        ")",
                    )
                ]
                for one in at_home
            )
        for example in here:
            if example not in at_home:
                section += shown.example(example)
        yield section


def known_bads(shown: Shown) -> Iterator[nodes.Node]:
    """Every known-bad: its name, the mistake, the rules it replaces and the clauses it breaks, and its code."""
    caught = {kills.known_bad.name: kills for kills in _kills()}
    rows: list[Sequence[Cell]] = [
        [
            [anchored(nodes.inline("", "", nodes.literal("", known.name)), "known-bad", known.name)],
            prose(known.says, shown.catalogue.register),
            links("clause", _known(shown, known.breaks)),
            _caught_by(caught[known.name]),
        ]
        for known in shown.catalogue.known_bads
    ]
    yield table(["Name", "What it does wrong", "Breaks", "Caught by"], rows, [22, 36, 18, 24])
    yield nodes.rubric("", "How they are made")
    yield paragraph("Each binds one rule, or two that belong together, to a wrong function. The right one is linked.")
    for known in shown.catalogue.known_bads:
        yield folded([nodes.literal("", known.name)], list(_replaced(known)))


@cache
def _kills() -> list[Kills]:
    """What the cases of its own clauses do to each known-bad, found out once for all pages.

    :raises ExtensionError: one of them is not caught by any
    """
    found = all_kills(own_cases_only=True)
    if escaped := [kills.known_bad.name for kills in found if not kills.by_own]:
        raise ExtensionError(f"Not caught by a case of a clause that it breaks: {', '.join(escaped)}")
    return found


def _caught_by(kills: Kills) -> list[nodes.Node]:
    """The first example that catches a known-bad, and how many more of its own clauses do."""
    first, more = kills.by_own[0], len(kills.by_own) - 1
    return [link("example", first), nodes.Text(f" and {more:,} more" if more else "")]


def strength(shown: Shown) -> Iterator[nodes.Node]:
    """For every profile and clause that must be met: the known-bads that break it, and how many its cases catch."""
    register = shown.catalogue.register
    for what, found in (("Profile", of_profiles(_kills(), register)), ("Clause", of_clauses(_kills(), register))):
        rows: list[Sequence[Cell]] = [
            [
                [link("clause", one.of)] if what == "Clause" else one.of,
                f"{len(one.broken_by):,}",
                f"{len(one.caught):,}",
                links("known-bad", one.escaping),
            ]
            for one in found
        ]
        headers = [what, "Known mistakes that break it", "Caught by its cases", "Not caught by them"]
        yield table(headers, rows, [25, 20, 20, 35])


def _replaced(known: KnownBad) -> Iterator[nodes.Node]:
    changed = known.change.functions if isinstance(known.change, Replacing) else {}
    for name, function in changed.items():
        yield paragraph("In place of ", link("rule", name), ":")
        yield code(inspect.getsource(function).rstrip())


def properties(shown: Shown) -> Iterator[nodes.Node]:
    """Every property: its name, its sentence, and the clauses it follows from."""
    rows: list[Sequence[Cell]] = [
        [
            [anchored(nodes.inline("", "", nodes.literal("", one.name)), "property", one.name)],
            one.says,
            ", ".join(one.wants),
            links("clause", _known(shown, one.clauses)),
        ]
        for one in shown.catalogue.properties
    ]
    yield table(["Name", "What must be true of every answer", "Asks for", "Follows from"], rows, [20, 44, 16, 20])

"""Sphinx extension: the rules as text, as data, as Python and as worked examples side by side, checked while building.

A build fails if the reference does not answer one of the worked examples as it must. Pages are made of docutils nodes;
every clause, rule, value, example, known-bad and property has an anchor and a role that links to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, cast

import spec_indexes
import spec_mutants
from docutils import nodes
from funding_conformance.reports.life import lives
from funding_conformance.scenarios import examples_folder
from funding_spec.errors import FundingError
from funding_spec.register import Clause, Register, load_register
from spec_catalogue import catalogue_of
from spec_clause import Shown
from spec_examples import WrongExample, ask_all, earnings_of
from spec_nodes import anchored, link, paragraph, target_id
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

KINDS: Final = ("clause", "rule", "example", "known-bad", "property", "parameter")
"""What can be linked to, by the name of its role."""

INDEXES: Final[dict[str, Callable[[Shown], Iterator[nodes.Node]]]] = {
    "clause-index": spec_indexes.clause_index,
    "parameters": spec_indexes.parameters,
    "functions": spec_indexes.functions,
    "examples": spec_indexes.examples,
    "known-bads": spec_indexes.known_bads,
    "properties": spec_indexes.properties,
    "strength": spec_indexes.strength,
    "mutants": spec_mutants.mutants,
}
"""The directives without arguments, and what each shows."""

_CLAUSES: Final = re.compile(r"^\.\. clauses:: *(.+?) *$", re.MULTILINE)

_shown: dict[str, Shown] = {}
"""What the pages of a project show, by its folder: too much of it is code to be kept with the pages between builds."""


class BadSelection(Exception):
    """A clauses directive names no clause, or one that another page shows."""


def selected(register: Register, text: str) -> list[Clause]:
    """The clauses that ``GUIDE 74, 76, 78-95`` or ``READ EDITION-*`` names, in the order of their source.

    :raises BadSelection: a part of it names none
    """
    prefix, *parts = text.replace(",", " ").split()
    wanted: set[str] = set()
    for part in parts:
        found = {clause.id for clause in register if _fits(clause.id, f"{prefix}-", part)}
        if not found:
            raise BadSelection(f"No clause is named by {part} in “{text}”.")
        wanted |= found
    return [clause for clause in register if clause.id in wanted]


def _fits(id: str, prefix: str, part: str) -> bool:
    if not id.startswith(prefix):
        return False
    rest = id.removeprefix(prefix)
    first, dash, last = part.partition("-")
    if first.isdigit() and (last.isdigit() or not dash):
        number = rest.partition(".")[0]
        return number.isdigit() and int(first) <= int(number) <= int(last or first)
    return fnmatchcase(rest, part)


def prepare(app: Sphinx, env: BuildEnvironment, _names: list[str]) -> None:
    """Finds the page of every clause and asks every example, before the first page is read."""
    folder = Path(app.config.spec_examples or examples_folder())
    try:
        homes = _homes(load_register(), env)
        catalogue = catalogue_of(app.config.spec_edition, homes)
        _shown[str(env.srcdir)] = Shown(catalogue, ask_all((Path(env.srcdir) / folder).resolve()))
    except (BadSelection, FundingError, WrongExample) as error:
        raise ExtensionError(f"The pages and the reference do not agree.\n{error}") from error
    # Every page with such anchors is read again, and an anchor may have moved to another page.
    anchors = _standard_domain(env).objects
    for key in [key for key in anchors if key[0] in KINDS]:
        del anchors[key]


def _standard_domain(env: BuildEnvironment) -> StandardDomain:
    return cast(StandardDomain, env.get_domain("std"))


def _homes(register: Register, env: BuildEnvironment) -> dict[str, str]:
    homes: dict[str, str] = {}
    for name in sorted(env.found_docs):
        for argument in _CLAUSES.findall(Path(env.doc2path(name)).read_text(encoding="utf-8")):
            for clause in selected(register, argument):
                if homes.setdefault(clause.id, name) != name:
                    raise BadSelection(f"{clause.id} is on two pages: {homes[clause.id]} and {name}.")
    return homes


class ShowingDirective(SphinxDirective):
    """A directive whose content is made anew in every build, and whose anchors the roles know."""

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        made = list(self.content_nodes(_shown[str(self.env.srcdir)]))
        self._note_anchors(made)
        return made

    def content_nodes(self, shown: Shown) -> Iterable[nodes.Node]:
        return INDEXES[self.name](shown)

    def _note_anchors(self, made: list[nodes.Node]) -> None:
        standard = _standard_domain(self.env)
        for element in (found for node in made for found in node.findall(nodes.Element)):
            for kind, name in element.attributes.pop("anchors", ()):
                standard.note_object(kind, name, target_id(kind, name), location=(self.env.docname, self.lineno))


class ClausesDirective(ShowingDirective):
    """``.. clauses:: GUIDE 27-31``: these clauses in full, one section each."""

    required_arguments = 1
    final_argument_whitespace = True

    def content_nodes(self, shown: Shown) -> Iterable[nodes.Node]:
        seen: set[str] = set()
        for clause in selected(shown.catalogue.register, self.arguments[0]):
            yield anchored(shown.clause(clause, seen), "clause", clause.id)


class LifeDirective(ShowingDirective):
    """``.. life:: guide/completion/three-months-early``: an example's apprenticeships, with what the reference answers.

    Every example may be named that the reference answers, whatever it asks for.
    """

    required_arguments = 1

    def content_nodes(self, shown: Shown) -> Iterable[nodes.Node]:
        id = self.arguments[0]
        example = next((one for one in shown.examples if one.scenario.id == id), None)
        earnings = earnings_of(example) if example else None
        if example is None or earnings is None:
            raise self.error(f"The reference answers no example {id}." if example else f"There is no example {id}.")
        name = f"life-{self.env.docname}-{self.env.new_serialno('life')}"
        pictures = "".join(life.svg for life in lives(example.scenario.given, earnings, name=name))
        scrolling = f'<div class="life-picture" tabindex="0" role="group" aria-label="Picture">{pictures}</div>'
        caption = paragraph(link("example", id, example.scenario.title), ".", classes=["life-caption"])
        yield nodes.container("", nodes.raw("", scrolling, format="html"), caption)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Registers directives, roles and settings with Sphinx."""
    app.setup_extension("sphinx_design")
    app.add_config_value("spec_edition", "2017-08", "env", (str,), "The edition whose values are shown.")
    app.add_config_value("spec_examples", "", "env", (str,), "A folder of examples instead of the kit's own.")
    for kind in KINDS:
        app.add_crossref_type(kind, kind, ref_nodeclass=nodes.inline if kind == "clause" else nodes.literal)
    app.add_directive("clauses", ClausesDirective)
    app.add_directive("life", LifeDirective)
    for name in INDEXES:
        app.add_directive(name, ShowingDirective)
    app.connect("env-before-read-docs", prepare)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

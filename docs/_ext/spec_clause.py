"""One clause as a section of a page: its words, and everything in the project that names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import frozen
from docutils import nodes
from funding_spec.register import Clause
from funding_spec.rulebook import DatedValue, Entry
from spec_catalogue import Catalogue, Edition, Function, repository_file, shows_code, since_in_words, value_in_words
from spec_examples import Example, figures, working_of
from spec_facts import facts
from spec_nodes import (
    Cell,
    anchored,
    bullets,
    code,
    folded,
    heading,
    link,
    links,
    paragraph,
    prose,
    table,
)
from spec_working import Step, steps_about, sums

_KINDS: Final = {"rule": "Rule", "evidence": "Evidence", "information": "Information"}
_TRIED: Final = 6


@frozen
class Shown:
    """Everything that a page is made from.

    :param examples: all worked examples, with what the reference answers
    """

    catalogue: Catalogue
    examples: tuple[Example, ...]

    def examples_of(self, clause: str) -> list[Example]:
        """The examples that decide a clause, those that are shown in full there first."""
        deciding = [example for example in self.examples if clause in example.scenario.decides]
        return sorted(deciding, key=lambda example: self.home_of(example) != clause)

    def home_of(self, example: Example) -> str | None:
        """The clause under which an example is shown in full: the first that it decides and that has a page."""
        return next((id for id in example.scenario.decides if id in self.catalogue.homes), None)

    # The clause

    def clause(self, clause: Clause, seen: set[str]) -> nodes.section:
        """The section of one clause.

        :param seen: the functions whose code the page has shown already; grows
        """
        section = nodes.section("", nodes.title("", _title(clause)), classes=["clause"])
        section += paragraph(clause.place, classes=["place"])
        section += paragraph(*self._prose(clause.says), classes=["says"])
        section += self._standing(clause)
        section += [*self._not_computed(clause), *self._values(clause), *self._functions(clause, seen)]
        section += [*self._examples(clause), *self._mistakes(clause), self._neighbours(clause)]
        return section

    def _prose(self, text: str) -> list[nodes.Node]:
        return prose(text, self.catalogue.register)

    def _standing(self, clause: Clause) -> nodes.Node:
        level = f" ({clause.level})" if clause.level else ""
        standing = paragraph(nodes.strong("", f"{_KINDS[clause.kind]}{level}"), classes=["standing"])
        standing += nodes.Text(f"; {_editions(clause)}")
        if clause.read_as:
            standing += [nodes.Text("; read as in "), *links("clause", clause.read_as)]
        readers = [other.id for other in self.catalogue.register if clause.id in other.read_as]
        if readers:
            standing += [nodes.Text("; the reading for "), *links("clause", readers)]
        standing += nodes.Text(".")
        return standing

    def _not_computed(self, clause: Clause) -> Iterator[nodes.Node]:
        if clause.not_computed is not None:
            lead = [] if shows_code(clause) else [nodes.strong("", "No rule of its own. ")]
            yield paragraph(*lead, *self._prose(clause.not_computed), classes=["not-computed"])
        elif not self.catalogue.functions_of(clause.id):
            decided = self.examples_of(clause.id)
            says = (
                "No function names it; the examples below decide it all the same."
                if decided
                else "No function of this version follows it yet, and no example decides it."
            )
            yield paragraph(nodes.strong("", "Not computed by itself. "), says, classes=["not-computed"])

    # Values

    def _values(self, clause: Clause) -> Iterator[nodes.Node]:
        entries, variants = self.catalogue.values_of(clause), self.catalogue.variants_of(clause)
        if entries:
            yield heading("Values in force")
            yield self.values(entries)
        if variants:
            yield heading("Choice of the edition")
            yield bullets(
                [
                    paragraph(
                        *(nodes.literal("", variant.rule), ": ", nodes.literal("", variant.is_)),
                        *(" in ", nodes.literal("", edition.name), " (", link("clause", variant.clause), ")"),
                    )
                ]
                for edition, variant in variants
            )

    def values(self, entries: Iterable[tuple[Edition, Entry]]) -> nodes.Node:
        """A table of values: what, how much, since when, which date decides, in which edition, and by which clause."""
        rows: list[Sequence[Cell]] = [
            [[link("parameter", entry.name)], *_value(entry, dated), edition.name, [link("clause", entry.clause)]]
            for edition, entry in entries
            for dated in entry.values
        ]
        return table(["Name", "Value", "Unit", "Holds", "Edition", "Clause"], rows, [26, 21, 11, 17, 12, 13])

    def values_of(self, edition: Edition, seen: set[str]) -> nodes.Node:
        """The same for one edition, each name with its anchor where it comes first.

        :param seen: the names that have their anchor; grows
        """
        rows: list[Sequence[Cell]] = []
        for entry in edition.entries:
            name: nodes.Node = link("parameter", entry.name)
            if entry.name not in seen:
                seen.add(entry.name)
                name = anchored(nodes.inline("", "", nodes.literal("", entry.name)), "parameter", entry.name)
            for number, dated in enumerate(entry.values):
                shown = nodes.literal("", entry.name) if number else name
                rows.append([[shown], *_value(entry, dated), [link("clause", entry.clause)]])
        return table(["Name", "Value", "Unit", "Holds", "Clause"], rows, [30, 25, 12, 20, 13])

    # Functions

    def _functions(self, clause: Clause, seen: set[str]) -> Iterator[nodes.Node]:
        functions = self.catalogue.functions_of(clause.id)
        if functions and not shows_code(clause):
            names = links("rule", (function.name for function in functions))
            yield paragraph("Functions that name it all the same: ", *names, ".")
            return
        if functions:
            yield heading("In Python")
        for function in sorted(functions, key=lambda function: function.name in seen):
            if function.name in seen:
                yield self._seen_above(function)
            else:
                yield from self.function(function, at_home=self.catalogue.home_of(function) == clause.id)
        seen.update(function.name for function in functions)

    def function(self, function: Function, *, at_home: bool) -> Iterator[nodes.Node]:
        """A function in full; at home it has its anchor, elsewhere a link to it."""
        name = nodes.literal("", function.name) if at_home else link("rule", function.name)
        kind = "Rule " if function.is_rule else "Function "
        said = paragraph(kind, name, " in ", nodes.literal("", repository_file(function.module)))
        yield anchored(said, "rule", function.name) if at_home else said
        yield code(function.source)

    def _seen_above(self, function: Function) -> nodes.Node:
        title = [nodes.literal("", function.name), nodes.Text(f": {function.says}")]
        return folded(title, [paragraph("Also ", link("rule", function.name), "."), code(function.source)])

    # Examples

    def _examples(self, clause: Clause) -> Iterator[nodes.Node]:
        examples = self.examples_of(clause.id)
        if not examples:
            return
        yield heading("Worked examples")
        asked = [example for example in examples if example.is_asked]
        yield paragraph(_how_many(len(examples), len(asked)), classes=["note"])
        at_home = [example for example in examples if self.home_of(example) == clause.id]
        for number, example in enumerate(at_home):
            yield self.example(example, opened=not number)
        elsewhere = [example for example in examples if example not in at_home]
        if elsewhere:
            yield paragraph("Shown elsewhere, and deciding this too:" if at_home else "Shown elsewhere:")
            yield bullets([paragraph(link("example", one.scenario.id), f": {one.scenario.title}")] for one in elsewhere)
        yield from self._working(clause.id, at_home or elsewhere)

    def example(self, example: Example, *, opened: bool = False) -> nodes.Node:
        """An example in full, with its anchor inside, so that a link to it opens it."""
        scenario = example.scenario
        said = paragraph(nodes.literal("", scenario.id))
        if scenario.decides:
            said += [nodes.Text(", decides "), *links("clause", scenario.decides)]
        source = scenario.source if scenario.source.startswith("derived") else f"figures from {scenario.source}"
        said += [nodes.Text("; "), *self._prose(source)]
        body: list[nodes.Node] = [anchored(said, "example", scenario.id)]
        if not example.is_asked:
            body.append(paragraph("This version does not answer what it asks for: ", example.case.note))
        reject = scenario.expect.reject if scenario.expect else None
        if reject is None:
            body.append(bullets(([paragraph(text)] for text in facts(scenario.given)), ["facts"]))
        rows = [[f.what, f.when, f.expected, f.answered] for f in figures(example)]
        if rows:
            headers = ["What", "When", "Must be", "The reference answers"]
            body.append(table(headers, rows, [34, 28, 18, 20], ["figures"]))
        return folded([nodes.Text(scenario.title)], body, opened=opened)

    def _working(self, clause: str, examples: Sequence[Example]) -> Iterator[nodes.Node]:
        """The working of that example, of the first few, in which the clause shows in most sums."""
        asked = [example for example in examples if example.is_asked][:_TRIED]
        workings = [(steps_about(clause, working_of(example)), example) for example in asked]
        steps, example = max(workings, key=lambda working: sums(working[0]), default=((), None))
        if steps and example:
            yield heading("Working")
            yield paragraph(
                "How the reference comes to the figures of ",
                link("example", example.scenario.id, f"“{example.scenario.title}”"),
                ": the steps that follow this clause, and those that lead to them.",
                classes=["note"],
            )
            yield self._steps(steps)

    def _steps(self, steps: Sequence[Step]) -> nodes.Node:
        return bullets(([paragraph(*_step(step)), *self._below(step)] for step in steps), ["working"])

    def _below(self, step: Step) -> list[nodes.Node]:
        return [self._steps(step.steps)] if step.steps else []

    # Mistakes and properties

    def _mistakes(self, clause: Clause) -> Iterator[nodes.Node]:
        known_bads, properties = self.catalogue.known_bads_of(clause.id), self.catalogue.properties_of(clause.id)
        if known_bads:
            yield heading("Known mistakes that break it")
            yield bullets(
                [paragraph(link("known-bad", known.name), ": ", *self._prose(known.says))] for known in known_bads
            )
        if properties:
            yield heading("Properties that follow from it")
            yield bullets([paragraph(link("property", one.name), f": {one.says}")] for one in properties)

    def _neighbours(self, clause: Clause) -> nodes.Node:
        before, after = self.catalogue.neighbours(clause)
        made = paragraph(classes=["neighbours"])
        if before:
            made += [nodes.inline("", "", nodes.Text("← "), link("clause", before.id), classes=["before"])]
        if after:
            made += [nodes.inline("", "", link("clause", after.id), nodes.Text(" →"), classes=["after"])]
        return made


def _value(entry: Entry, dated: DatedValue) -> tuple[str, str, str]:
    held = f"from {since_in_words(dated)}, by {entry.decided_on}"
    return value_in_words(dated.value, entry.unit), entry.unit, held


def _title(clause: Clause) -> str:
    """The id, and for readings their subject: the other clauses have no titles of their own."""
    _, _, subject = clause.place.partition(": ")
    return f"{clause.id}: {subject}" if subject and clause.source == "READINGS" else clause.id


def _editions(clause: Clause) -> str:
    named = [edition for edition in clause.editions if edition != "..."]
    later = " and later" if "..." in clause.editions else ""
    return f"edition {', '.join(named)}{later}"


def _how_many(examples: int, asked: int) -> str:
    says = "One example decides it." if examples == 1 else f"{examples} examples decide it."
    if asked == examples:
        return f"{says} The reference was asked while this page was built, and answered as it must."
    return f"{says} The reference answers {asked} of them in this version, as it must."


def _step(step: Step) -> Iterator[nodes.Node | str]:
    yield link(step.kind, step.name)
    if not step.about:
        return
    if step.times > 1:
        yield f", {step.times} times alike{_range(step)}"
    if step.sum:
        yield ": "
        yield nodes.literal("", f"{step.sum} = {step.result}" if step.result else step.sum)
        return
    if step.kind == "parameter":
        yield f" on {step.inputs.get('on')}: "
        yield nodes.literal("", step.result)
        return
    same = [f"{name} {text}" for name, text in step.inputs.items() if step.last.get(name) == text]
    if same:
        yield f"{',' if step.times > 1 else ''} with {', '.join(same)}"
    if step.result:
        yield ": "
        yield nodes.literal("", step.result)


def _range(step: Step) -> str:
    changed = [name for name, text in step.inputs.items() if step.last.get(name, text) != text]
    return f", {changed[0]} {step.inputs[changed[0]]} to {step.last[changed[0]]}" if changed else ""

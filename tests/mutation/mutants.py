"""The mutants of a module: each is the whole source with one small mistake in it."""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import parso
from attrs import frozen

from tests.mutation.operators import nodes_of, operators


@frozen
class Mutant:
    """One mistake in one place.

    :param module: the module's name below funding_reference
    :param function: the function, or the class, or nothing for the module itself
    :param before: the lines that are changed, without their indentation
    :param after: the same lines with the mistake
    """

    module: str
    function: str
    line: int
    operator: str
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names a mutant as long as its lines stay as they are."""
        return self.module, self.function, self.before, self.after


@frozen
class Function:
    """Where a function stands, and whether it cites clauses."""

    name: str
    first: int
    last: int
    is_rule: bool


def unchanged_of(module: str, file: Path) -> Mutant:
    """The module without a mistake: nothing may notice it."""
    return Mutant(module, "", 1, "none", "", "", file.read_text(encoding="utf-8"))


def mutants_of(module: str, file: Path) -> Iterator[Mutant]:
    """Every mutant of a module that Python can compile and that is not the same program."""
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    functions = list(functions_of(tree))
    untouched = _not_run(tree)
    original = ast.dump(tree)
    seen: set[str] = set()
    chosen = operators()
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    for node in nodes_of(parso.parse(source)):
        if node.parent is not None and node.parent.type == "parameters":
            continue  # how a function may be called, such as the bare star, is no rule
        for name, operator in chosen.items():
            for index, ((row, column), _) in enumerate(operator.mutation_positions(node)):
                if any(first <= (row, column) < last for first, last in untouched):
                    continue
                begins, ends = (offsets[line - 1] + place for line, place in (node.start_pos, node.end_pos))
                mutated = f"{source[:begins]}{_mutated(operator, node, index)}{source[ends:]}"
                if mutated in seen or not _differs(mutated, original):
                    continue
                seen.add(mutated)
                before, after = _changed_lines(source, mutated)
                within = [one for one in functions if one.first <= row <= one.last]
                yield Mutant(module, within[-1].name if within else "", row, name, before, after, mutated)


def functions_of_file(file: Path) -> list[Function]:
    """Every function and class of a module."""
    return list(functions_of(ast.parse(file.read_text(encoding="utf-8"))))


def functions_of(tree: ast.Module) -> Iterator[Function]:
    """Every function and class of a module, outer ones first."""
    yield from _functions(tree, "")


def _functions(tree: ast.AST, prefix: str) -> Iterator[Function]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = f"{prefix}{node.name}"
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            cites = isinstance(node, ast.FunctionDef) and "\nClauses:" in (ast.get_docstring(node) or "")
            yield Function(name, first, node.end_lineno or first, cites)
            yield from _functions(node, f"{name}.")


def _not_run(tree: ast.Module) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The places that say something about types only, which nothing reads when the program runs."""
    places: list[ast.expr | ast.stmt | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            places.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            places.append(node.returns)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            places.append(node)
    return [
        ((n.lineno, n.col_offset), (n.end_lineno or n.lineno, n.end_col_offset or n.col_offset))
        for n in places
        if n is not None
    ]


def _mutated(operator: Any, node: Any, index: int) -> str:
    """The code of a node with the mistake; the node itself stays as it is."""
    own = copy.deepcopy(node, {id(node.parent): node.parent})
    mutated = operator.mutate(own, index)
    return "" if mutated is None else mutated.get_code(include_prefix=False)


def _differs(mutated: str, original: str) -> bool:
    try:
        return ast.dump(ast.parse(mutated)) != original
    except (SyntaxError, ValueError):
        return False


def _changed_lines(source: str, mutated: str) -> tuple[str, str]:
    before, after = source.splitlines(), mutated.splitlines()
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    first, last = changed[0], changed[-1]
    return _joined(before[first[1] : last[2]]), _joined(after[first[3] : last[4]])


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)

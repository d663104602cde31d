"""Mutation operators beside Cosmic Ray's own, so that every rule has mutants: many a rule is one minimum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import parso
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Name, ReturnStmt, String
from parso.tree import BaseNode, NodeOrLeaf

Position = tuple[tuple[int, int], tuple[int, int]]


class OwnOperator(Operator):
    """An operator that says for each node how many mutants it makes of it."""

    def count(self, node: Any) -> int:
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        for _ in range(self.count(node)):
            yield node.start_pos, node.end_pos

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class SwapMinMax(OwnOperator):
    """``min(a, b)`` becomes ``max(a, b)`` and the other way round."""

    OTHER: Final = {"min": "max", "max": "min"}

    def count(self, node: Any) -> int:
        called = isinstance(node, Name) and node.value in self.OTHER and node.get_next_leaf() == "("
        return int(called and node.get_previous_leaf() != ".")

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        node.value = self.OTHER[node.value]
        return node


class ReplaceIn(OwnOperator):
    """``in`` becomes ``not in`` and the other way round."""

    def count(self, node: Any) -> int:
        return int(node.type == "comparison" and node.children[1].get_code().split() in (["in"], ["not", "in"]))

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        word = "in" if node.children[1].get_code().split() == ["not", "in"] else "not in"
        node.children[1] = parso.parse(f" {word}")
        return node


class ChangeText(OwnOperator):
    """A text becomes another text; docstrings are left alone."""

    def count(self, node: Any) -> int:
        if node.type == "fstring_string":
            return 1
        return int(isinstance(node, String) and node.parent.type not in ("simple_stmt", "strings"))

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        end = 0 if node.type == "fstring_string" else len(node.value) - 1
        node.value = f"{node.value[:end]}XX{node.value[end:]}"
        return node


class ReturnNothing(OwnOperator):
    """``return x`` becomes ``return None``, and ``return None`` becomes ``return ...``."""

    def count(self, node: Any) -> int:
        return int(isinstance(node, ReturnStmt))

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        return parso.parse("return ..." if _code(node.children[1]) == "None" else "return None")


class SwapPair(OwnOperator):
    """``return a, b`` becomes ``return b, a``."""

    def count(self, node: Any) -> int:
        pair = isinstance(node, ReturnStmt) and node.children[1].type == "testlist"
        return int(pair and len(node.children[1].children) == 3)

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        first, _, second = (_code(child) for child in node.children[1].children)
        return parso.parse(f"return {second}, {first}")


class DropOperand(OwnOperator):
    """Of ``a and b`` or ``a or b`` one operand is left out: each part of a condition must matter."""

    def count(self, node: Any) -> int:
        return (len(node.children) + 1) // 2 if node.type in ("and_test", "or_test") else 0

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        word = _code(node.children[1])
        kept = [_code(child) for place, child in enumerate(node.children[::2]) if place != index]
        return parso.parse(f"({f' {word} '.join(kept)})")


class DropFilter(OwnOperator):
    """A comprehension loses its condition."""

    def count(self, node: Any) -> int:
        return int(node.type == "comp_if")

    def mutate(self, node: Any, index: int) -> NodeOrLeaf | None:
        rest = node.children[2:]
        return parso.parse("".join(child.get_code() for child in rest)) if rest else None


class DropKeywordArgument(OwnOperator):
    """A call loses a named argument."""

    def count(self, node: Any) -> int:
        return int(node.type == "argument" and node.children[1] == "=")

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        return parso.parse("**{}")


class DropStatement(OwnOperator):
    """A statement within a function is left out."""

    STATEMENTS: Final = ("expr_stmt", "atom_expr", "yield_expr")

    def count(self, node: Any) -> int:
        plain = node.type in self.STATEMENTS and node.parent.type == "simple_stmt"
        return int(plain and parso.python.tree.search_ancestor(node, "funcdef") is not None)

    def mutate(self, node: Any, index: int) -> NodeOrLeaf:
        return parso.parse("pass")


IDENTITY: Final = ("Is", "IsNot")
BITS: Final = ("RShift", "LShift", "BitOr", "BitAnd", "BitXor")

OWN: Final = (
    SwapMinMax,
    ReplaceIn,
    ChangeText,
    ReturnNothing,
    SwapPair,
    DropOperand,
    DropFilter,
    DropKeywordArgument,
    DropStatement,
)


def operators() -> dict[str, Operator]:
    """Every operator by its name: Cosmic Ray's that suit, and our own."""
    provider = OperatorProvider()
    theirs = {name: provider[name] for name in provider if not name.startswith("Variable") and _suits(name)}
    return {name: operator() for name, operator in (*theirs.items(), *((own.__name__, own) for own in OWN))}


def _suits(name: str) -> bool:
    """Leaves out what says nothing about a rule.

    Whether two equal values are one object (``==`` into ``is``) is Python's business; and where a sum is wanted,
    a wrong one is enough: bits and shifts (``+`` into ``<<``) are not a mistake that anyone makes.
    """
    kind, _, change = name.partition("_")
    before, _, after = change.partition("_")
    if kind == "ReplaceComparisonOperator":
        return after not in IDENTITY or before in IDENTITY
    return kind != "ReplaceBinaryOperator" or after not in BITS or before in BITS


def nodes_of(node: NodeOrLeaf) -> Iterator[NodeOrLeaf]:
    """A node and everything below it."""
    yield node
    if isinstance(node, BaseNode):
        for child in node.children:
            yield from nodes_of(child)


def _code(node: NodeOrLeaf) -> str:
    code: str = node.get_code(include_prefix=False)
    return code

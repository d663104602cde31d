"""What the last mutation run found: how many mutants the suite notices by itself, and which it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from docutils import nodes
from funding_spec.documents import load_file
from spec_clause import Shown
from spec_nodes import Cell, folded, paragraph, table

RUN: Final = Path(__file__).resolve().parents[2] / "tests" / "mutation"
BY_THE_SUITE: Final = ("examples", "fresh", "properties", "broke")


def mutants(_shown: Shown) -> Iterator[nodes.Node]:
    """The score of each module, and every mutant that only a test of the reference notices, or that is equivalent."""
    result = json.loads((RUN / "result.json").read_text(encoding="utf-8"))
    modules = result["modules"]
    made = sum(module["mutants"] for module in modules)
    equivalent = sum(module["equivalent"] for module in modules)
    noticed = sum(module[column] for module in modules for column in BY_THE_SUITE)
    by_tests, left = (sum(module[column] for module in modules) for column in ("tests", "left"))
    yield paragraph(
        f"{made:,} mutants, of which {equivalent:,} are the same program to whoever asks it. Of the other "
        f"{made - equivalent:,} the suite alone notices {noticed:,}, which is {noticed / (made - equivalent):.1%}; "
        f"tests of the reference notice {by_tests:,} more, and {left:,} are left."
    )
    headers = ["Mutants", "Examples", "Fresh cases", "Properties", "Broke", "Only tests", "Equivalent", "Left"]
    rows = [_scores(module) for module in modules]
    yield table(["Module", *headers], rows, [30, *(10 for _ in headers)], ["scores"])
    yield nodes.rubric("", "Not noticed by the suite alone")
    for name, unseen in groupby(result["unseen"], key=itemgetter("module")):
        yield _of_module(name, "What notices it", [_unseen(mutant) for mutant in unseen])
    yield nodes.rubric("", "Equivalent")
    for name, found in groupby(load_file(RUN / "equivalent.yaml"), key=itemgetter("module")):
        rows = [_equivalent(entry, after) for entry in found for after in entry["after"]]
        yield _of_module(name, "Why it is the same", rows)


def _scores(module: dict[str, Any]) -> list[Cell]:
    columns = ("mutants", "examples", "fresh", "properties", "broke", "tests", "equivalent", "left")
    return [[nodes.literal("", module["module"])], *(f"{module[column]:,}" for column in columns)]


def _unseen(mutant: dict[str, str]) -> list[Cell]:
    test = mutant["test"].rpartition("::")[2]
    noticed_by: Cell = [nodes.literal("", test)] if test else "Nothing"
    return [*_change(mutant["function"], mutant["before"], mutant["after"]), noticed_by]


def _equivalent(entry: dict[str, Any], after: str) -> list[Cell]:
    return [*_change(entry["function"], entry["before"], after), entry["reason"]]


def _change(function: str, before: str, after: str) -> list[Cell]:
    return [[nodes.literal("", text)] if text else "" for text in (function, before, after)]


def _of_module(name: str, last: str, rows: list[list[Cell]]) -> nodes.Node:
    shown = table(["Function", "Instead of", "The mutant has", last], rows, [18, 36, 36, 30], ["mutant"])
    return folded([nodes.literal("", name), nodes.Text(f": {len(rows)}")], [shown])

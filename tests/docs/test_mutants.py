"""What is written down about mutants is about the code as it is."""

from __future__ import annotations

import json
from pathlib import Path

import funding_reference
import pytest
from funding_spec.documents import load_file

LISTS = Path(__file__).resolve().parents[1] / "mutation"
REFERENCE = Path(funding_reference.__file__).resolve().parent
LISTED = [
    *json.loads((LISTS / "result.json").read_text(encoding="utf-8"))["unseen"],
    *load_file(LISTS / "equivalent.yaml"),
]


@pytest.mark.parametrize("module", sorted({one["module"] for one in LISTED}))
def test_every_line_that_a_mutant_changes_is_there(module: str) -> None:
    source = _in_one_line((REFERENCE / module).read_text(encoding="utf-8"))
    gone = [one["before"] for one in LISTED if one["module"] == module and _in_one_line(one["before"]) not in source]
    assert gone == []


def _in_one_line(text: str) -> str:
    return " ".join(text.split())

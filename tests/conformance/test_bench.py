"""The bench measures everything that it says; how fast anything is, no test asks."""

from __future__ import annotations

import json
import math

import pytest
from click.testing import CliRunner
from funding_conformance import bench
from funding_conformance.cli import main


def test_every_measure_has_a_figure_beside_its_aim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "LONG_ENOUGH", 0.0)
    monkeypatch.setattr(bench, "PAIRS", 1)
    result = CliRunner().invoke(main, ["bench", "--json"])
    assert result.exit_code == 0, result.output
    measures = json.loads(result.stdout)
    assert len({measure["name"] for measure in measures}) == len(measures) >= 9
    assert all(math.isfinite(measure["figure"]) for measure in measures)
    assert {measure["aim"] for measure in measures} > {"2", "5 ms", "1.3", "0.1 ms", "0.6", "100 ms", "11", "1"}

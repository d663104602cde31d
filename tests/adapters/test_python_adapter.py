"""The example adapter in Python."""

from __future__ import annotations

import sys

from tests.adapters.checks import AdapterChecks

PROGRAM = sys.executable
ADAPTER = "python/adapter.py"


class TestPythonAdapter(AdapterChecks):
    """Asked with the Python that runs the tests."""

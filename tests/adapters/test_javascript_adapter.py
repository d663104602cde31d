"""The example adapter in JavaScript, which needs Node.js 18 or newer."""

from __future__ import annotations

import pytest

from tests.adapters.checks import AdapterChecks

pytestmark = pytest.mark.node

PROGRAM = "node"
ADAPTER = "javascript/adapter.mjs"


class TestJavaScriptAdapter(AdapterChecks):
    """Asked with the ``node`` on the path."""

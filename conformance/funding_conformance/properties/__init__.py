"""Properties: sentences that must be true of any implementation, checked on its own answers.

Each is tried on many drawn scenarios, asked through the same adapter as everything else. What breaks one is shrunk to
the smallest scenario that still does, saved as a file that ``--scenarios`` replays, and explained.
"""

from funding_conformance.properties.invariants import PROPERTIES
from funding_conformance.properties.search import ask_properties, broken_again, passed, properties_asked

__all__ = ["PROPERTIES", "ask_properties", "broken_again", "passed", "properties_asked"]

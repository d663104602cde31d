"""Fresh cases: complete scenarios drawn from a seed, each for one known-bad that answers otherwise than the reference.

Whoever has the same kit and the same seed draws the same cases, on any machine. Nobody who does not have the seed
knows them, so answers cannot be learnt by heart.
"""

from funding_conformance.fresh.cases import PREFIX, Drawer, FreshCaseError, FreshCases, Place, draw, place_of
from funding_conformance.fresh.kept import drawn_or_kept
from funding_conformance.fresh.of_profiles import drawn_at, drawn_for

__all__ = [
    "PREFIX",
    "Drawer",
    "FreshCaseError",
    "FreshCases",
    "Place",
    "draw",
    "drawn_at",
    "drawn_for",
    "drawn_or_kept",
    "place_of",
]

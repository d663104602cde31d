"""Other numbers for the same people, providers, employers and courses; whatever was in order before still is."""

from __future__ import annotations

from typing import Any, Final

from funding_conformance.fresh.facts import Facts, changed
from funding_conformance.fresh.source import RandomSource

_PROVIDERS: Final = frozenset({"ukprn", "provider_priority", "order"})
_EMPLOYERS: Final = frozenset({"EmpId", "identifier"})
_LEARNERS: Final = frozenset({"LearnRefNumber", "learner"})
_STANDARDS: Final = frozenset({"StdCode", "standard_code"})
_FRAMEWORKS: Final = frozenset({"FworkCode", "framework_code"})


def other_identities(facts: Facts, source: RandomSource) -> Facts:
    """Every number moved on by a drawn distance of its kind, every reference under a drawn letter."""
    moved = {"ULN": source.below(10**8), "uln": 0}
    moved["uln"] = moved["ULN"]
    for names, most in ((_PROVIDERS, 10**5), (_EMPLOYERS, 10**6), (_STANDARDS, 200), (_FRAMEWORKS, 100)):
        moved |= dict.fromkeys(names, source.below(most))
    letter = source.one_of("ABCDEFGHJKLMNPQRSTUVWXYZ")

    def change(name: str, value: Any) -> Any:
        if name in _LEARNERS and isinstance(value, str):
            return f"{letter}{value}"[:12]
        if name in moved and isinstance(value, int) and not isinstance(value, bool):
            return value + moved[name]
        return value

    return dict(changed(facts, change))

"""Learners without what identifies them, for everything that people print, publish or send on.

Only what the funding rules read is shown as it is; everything else of a record, known or not, is masked.
Calculations use the unmasked records: a masked date of birth has no age.
"""

from __future__ import annotations

from typing import Any, Final

from funding_reference.ilr.elements import ORDER

_TEMPORARY_ULN: Final = 9999999999
"""Stands for learners without a number of their own; it identifies nobody and the rules know it."""

_MASKED: Final = "masked"

_GROUPS_SHOWN: Final = frozenset(ORDER) - {"Learner"}

_SHOWN: Final = frozenset(name for group in _GROUPS_SHOWN for name in ORDER[group]) - {
    "DelLocPostCode",
    "LSDPostcode",
    "SWSupAimId",
    "OutGrade",
    "LearningDeliveryWorkPlacement",
    "ProviderSpecDeliveryMonitoring",
    "LearningDeliveryHE",
}


class Masker:
    """Numbers learners in the order in which they appear.

    One masker gives one person the same number throughout; nothing that it returns leads back to the person,
    and another masker numbers anew. Keep one for a run and throw it away.
    """

    def __init__(self) -> None:
        self._ulns: dict[str, int] = {}
        self._references: dict[str, str] = {}

    def uln(self, uln: int | str) -> int:
        """A number to print for a ULN: 9000000001, 9000000002 and so on. The temporary ULN stays."""
        text = str(uln).strip()
        if text == str(_TEMPORARY_ULN):
            return _TEMPORARY_ULN
        return self._ulns.setdefault(text, 9_000_000_001 + len(self._ulns))

    def learner(self, reference: str) -> str:
        """A reference to print for a LearnRefNumber: L00000001, L00000002 and so on."""
        return self._references.setdefault(str(reference), f"L{len(self._references) + 1:08}")

    def record(self, record: dict[str, Any]) -> dict[str, Any]:
        """A copy of a learner's record in which only what the funding rules read is as it was."""
        masked: dict[str, Any] = {}
        for name, value in record.items():
            if name == "ULN":
                masked[name] = self.uln(value)
            elif name in ("LearnRefNumber", "PrevLearnRefNumber"):
                masked[name] = self.learner(value)
            elif name in _GROUPS_SHOWN:
                masked[name] = self._group(value)
            else:
                masked[name] = _MASKED
        return masked

    def _group(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._group(item) for item in value]
        if not isinstance(value, dict):
            return _MASKED
        return {
            name: self._group(inner) if name in _GROUPS_SHOWN else self._shown(name, inner)
            for name, inner in value.items()
        }

    def _shown(self, name: str, value: Any) -> Any:
        """A single value as it is, if the rules read the element; a group in its place is masked."""
        return value if name in _SHOWN and not isinstance(value, dict | list) else _MASKED

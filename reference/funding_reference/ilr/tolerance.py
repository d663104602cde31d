"""What was tolerated while a return was read: all of it counted, the first few of each kind kept."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Final

from attrs import Factory, define, frozen

_KEPT_OF_EACH_KIND: Final = 5


class Kind(StrEnum):
    """How a return may differ from its schema and still be understood."""

    NAMESPACE = "unexpected namespace"
    YEAR = "years differ"
    RENAMED = "renamed element"
    ORDER = "element out of order"
    REPEATED = "repeated element"
    UNKNOWN = "unknown element"
    EMPTY = "empty element"
    BLANKS = "surrounding blanks"
    TIME = "time or zone after a date"
    TEXT = "text between elements"


@frozen
class Tolerated:
    """One difference from the schema, and what was made of it. It never holds a learner's values.

    :param line: the line of the file, counted from 1
    :param path: where among the learners, counted from 0: ``learners[2].LearningDelivery[0].StdCode``
    """

    line: int
    path: str
    what: str
    kind: Kind


@define
class Tolerances:
    """Gathers what is tolerated, in the same small space however much it is."""

    counts: Counter[Kind] = Factory(Counter)
    first: list[Tolerated] = Factory(list)

    def add(self, kind: Kind, line: int, path: str, what: str) -> None:
        self.counts[kind] += 1
        if self.counts[kind] <= _KEPT_OF_EACH_KIND:
            self.first.append(Tolerated(line, path, what, kind))

    def start_from(self, items: tuple[Tolerated, ...]) -> None:
        """Forget everything but these: a new reading of the same return begins."""
        self.first = list(items)
        self.counts = Counter(item.kind for item in items)

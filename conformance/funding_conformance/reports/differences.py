"""What differs in a case, as every report shows it: equal months together, pounds added up, nothing that could act."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import frozen
from funding_reference.money import NO_AMOUNT, pounds

_PERIOD: Final = re.compile(r"(\d{4})-(\d\d)|(\d\d)(\d\d)-R(\d\d)", re.ASCII)
_COLLECTIONS_A_YEAR: Final = 14
_PENNY: Final = Decimal("0.01")
_SURROGATES: Final = "\ud800-\udfff"
_UNPRINTABLE: Final = re.compile(
    rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff{_SURROGATES}]"
)
REPLACEMENT: Final = "\ufffd"


def printable(text: object) -> str:
    """A text that others wrote, without characters that a terminal, a page or XML would act on or refuse."""
    return _UNPRINTABLE.sub(REPLACEMENT, str(text).replace("\r\n", "\n"))


def shortened(text: str, longest: int) -> str:
    """A text, or as much of it as there may be."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@frozen
class DifferenceGroup:
    """The same difference, one month after another.

    :param first: the first month or collection, as the run file writes it; nothing where a difference has none
    :param months: how many there are, from the first to the last
    :param pounds: how much more was answered than expected, in one of the months; None where it is no amount
    """

    what: str
    first: str
    last: str
    months: int
    expected: str
    got: str
    pounds: Decimal | None

    @property
    def when(self) -> str:
        """The month, or the first and the last."""
        return self.first if self.months == 1 else f"{self.first} to {self.last}"

    @property
    def total(self) -> Decimal | None:
        """How much more was answered in all the months together."""
        return None if self.pounds is None else self.pounds * self.months


def grouped(differences: Iterable[Mapping[str, Any]]) -> list[DifferenceGroup]:
    """Differences of a case, those together that are equal month after month."""
    runs: list[list[Mapping[str, Any]]] = []
    for difference in differences:
        if runs and _goes_on(runs[-1][-1], difference):
            runs[-1].append(difference)
        else:
            runs.append([difference])
    return [_group(run) for run in runs]


def _goes_on(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    same = all(before.get(name) == after.get(name) for name in ("what", "expected", "got", "pounds"))
    return same and follows(str(before["when"]), str(after["when"]))


def _group(run: list[Mapping[str, Any]]) -> DifferenceGroup:
    first, last = run[0], run[-1]
    amount = "pounds" in first
    return DifferenceGroup(
        what=str(first["what"]),
        first=str(first["when"]),
        last=str(last["when"]),
        months=len(run),
        expected=pounds(Decimal(first["expected"])) if amount else str(first["expected"]),
        got=pounds(Decimal(first["got"])) if amount else str(first["got"]),
        pounds=Decimal(first["pounds"]) if amount else None,
    )


def is_period(text: str) -> bool:
    """Whether a text is a month (2018-01) or a collection (1718-R06)."""
    return _PERIOD.fullmatch(text) is not None


def follows(before: str, after: str) -> bool:
    """Whether a month or collection comes directly after another."""
    earlier, later = _PERIOD.fullmatch(before), _PERIOD.fullmatch(after)
    if earlier is None or later is None or (earlier[1] is None) != (later[1] is None):
        return False
    return _place(later) == _place(earlier) + 1


def _place(period: re.Match[str]) -> int:
    year, month, start, _, number = period.groups()
    return int(year) * 12 + int(month) if year else int(start) * _COLLECTIONS_A_YEAR + int(number)


def over_and_under(groups: Iterable[DifferenceGroup]) -> tuple[Decimal, Decimal]:
    """What was answered too much, added up, and what was answered too little; both without a sign."""
    totals = [group.total for group in groups if group.total is not None]
    return sum((t for t in totals if t > 0), NO_AMOUNT), -sum((t for t in totals if t < 0), NO_AMOUNT)


def in_all(groups: Iterable[DifferenceGroup]) -> str:
    """The same as a phrase: ``over by £4,000.00 in all``; nothing where no pounds differ."""
    over, under = over_and_under(groups)
    parts = [f"{word} by {pounds(amount)}" for word, amount in (("over", over), ("under", under)) if amount]
    return f"{' and '.join(parts)} in all" if parts else ""


def money_of(cause: Mapping[str, Any]) -> str:
    """What a cause comes to over its cases, to the penny: ``overpaid by £4,000.00``; nothing where it is not one."""
    amounts = (("overpaid", Decimal(cause["over"])), ("underpaid", Decimal(cause["under"])))
    to_the_penny = ((word, amount.quantize(_PENNY)) for word, amount in amounts)
    return " and ".join(f"{word} by {pounds(amount)}" for word, amount in to_the_penny if amount)


def in_words(groups: Iterable[DifferenceGroup]) -> Iterator[str]:
    """Each group as one line of text."""
    for group in groups:
        what = " ".join(part for part in (group.what, group.when) if part)
        each = " a month" if group.months > 1 else ""
        yield f"{what}: expected {group.expected}{each}, got {group.got}{each}"


def explained(case: Mapping[str, Any]) -> list[str]:
    """What is wrong with a case, in lines of text: what happened, what differs, pounds in all, the clauses."""
    groups = grouped(case["difference"])
    decides = ", ".join(case["decides"])
    lines = [case.get("note") or "", *in_words(groups), in_all(groups), f"Decides {decides}" if decides else ""]
    return [line for line in lines if line]

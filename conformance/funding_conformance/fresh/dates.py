"""The same course of events at another time: months moved on or let in between, and days moved within what holds."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from funding_reference.calendar import MONTHS_A_YEAR, Month, collection_of, month_of

from funding_conformance.fresh.facts import Facts, changed, texts
from funding_conformance.fresh.source import RandomSource

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MONTH: Final = re.compile(r"\d{4}-\d\d", re.ASCII)
_COLLECTION: Final = re.compile(r"(\d\d)\d\d-R(\d\d)", re.ASCII)
_ENTITY_DATES: Final = frozenset({"DateOfBirth"})
_LAST_FIXED: Final = 12
"""The last return of a funding year that stands for a month of its own."""
_MOST_MONTHS: Final = 14
_MOST_LET_IN: Final = 5
_MOST_DAYS: Final = 20

MonthMap = Callable[[Month], Month]


def other_months(facts: Facts, source: RandomSource) -> Facts:
    """Everything moved on by whole months and, after a drawn month, by some more; closed years move by whole years."""
    if _has_year_end(facts):
        years = source.below(2) * MONTHS_A_YEAR
        return _moved(facts, lambda month: month + years)
    by, more = source.below(_MOST_MONTHS + 1), source.below(_MOST_LET_IN + 1)
    months = sorted({month_of(date.fromisoformat(day)) for day in _days(facts)})
    pivot = source.one_of(months)
    return _moved(facts, lambda month: month + by + (more if month > pivot else 0))


def _has_year_end(facts: Facts) -> bool:
    found = (_COLLECTION.fullmatch(text) for _, text in texts(facts))
    return any(int(match[2]) > _LAST_FIXED for match in found if match)


def _moved(facts: Facts, to: MonthMap) -> Facts:
    def change(name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if _DAY.fullmatch(value):
            return _same_day(value, to)
        if _MONTH.fullmatch(value):
            return str(to(_month(value)))
        if match := _COLLECTION.fullmatch(value):
            return _same_return(int(match[1]), int(match[2]), to)
        return value

    return dict(changed(facts, change))


def _month(text: str) -> Month:
    return Month(int(text[:4]) * MONTHS_A_YEAR + int(text[5:7]) - 1)


def _same_day(text: str, to: MonthMap) -> str:
    day = date.fromisoformat(text)
    month = to(month_of(day))
    last = monthrange(month.first_day.year, month.first_day.month)[1]
    whole = day.day == monthrange(day.year, day.month)[1]
    return month.first_day.replace(day=last if whole else min(day.day, last)).isoformat()


def _same_return(year: int, number: int, to: MonthMap) -> str:
    if number > _LAST_FIXED:
        years = (to(Month(2000 * MONTHS_A_YEAR)) - Month(2000 * MONTHS_A_YEAR)) // MONTHS_A_YEAR
        return f"{year + years:02}{year + years + 1:02}-R{number:02}"
    return str(collection_of(to(Month((2000 + year) * MONTHS_A_YEAR + 6 + number))))


def _days(facts: Facts) -> list[str]:
    """Every day on which something happens, in order."""
    happens = {name: value for name, value in facts.items() if name != "courses"}
    found = {text for name, text in texts(happens) if name not in _ENTITY_DATES and _DAY.fullmatch(text)}
    return sorted(found)


def other_days(facts: Facts, source: RandomSource) -> Facts:
    """Days moved a little, in the same order; days that follow each other still do, and most stay in their month."""
    groups = _neighbours([date.fromisoformat(day) for day in _days(facts)])
    moved: dict[str, str] = {}
    before = date.min
    for place, group in enumerate(groups):
        after = groups[place + 1][0] if place + 1 < len(groups) else date.max
        by = _drawn_move(group, before, after, source) if source.happens(2, 3) else 0
        moved |= {day.isoformat(): (day + timedelta(days=by)).isoformat() for day in group}
        before = group[-1] + timedelta(days=by)

    def change(name: str, value: Any) -> Any:
        return moved.get(value, value) if isinstance(value, str) and name not in _ENTITY_DATES else value

    return {**changed(facts, change), **({"courses": facts["courses"]} if "courses" in facts else {})}


def _neighbours(days: list[date]) -> list[list[date]]:
    """Days, those together that follow each other directly."""
    groups: list[list[date]] = []
    for day in days:
        if groups and (day - groups[-1][-1]).days == 1:
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups


def _drawn_move(group: list[date], before: date, after: date, source: RandomSource) -> int:
    """By how many days a group moves: it stays clear of its neighbours, and as a rule each day in its month."""
    earliest, latest = -_MOST_DAYS, _MOST_DAYS
    if before > date.min:
        earliest = max(earliest, (before - group[0]).days + 2)
    if after < date.max:
        latest = min(latest, (after - group[-1]).days - 2)
    if source.happens(3, 4):
        earliest = max(earliest, *(1 - day.day for day in group))
        latest = min(latest, *(monthrange(day.year, day.month)[1] - day.day for day in group))
    return source.between(earliest, latest) if earliest <= 0 <= latest else 0

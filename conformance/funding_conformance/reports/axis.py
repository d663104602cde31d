"""The calendar of a picture: funding years, months, and lines at each of them."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from funding_conformance.reports.life_facts import MONTHS
from funding_conformance.reports.svg import LINE, Block, Scale, box, path, text, width_of

_YEAR: Final = 12
_AUGUST: Final = 7


def _funding_years(scale: Scale) -> list[tuple[int, list[int]]]:
    """The year in which each funding year of the picture began, and its months."""
    numbers = range(scale.first, scale.first + scale.months)
    return [(year, list(group)) for year, group in groupby(numbers, key=lambda month: (month - _AUGUST) // _YEAR)]


def years(scale: Scale) -> Block:
    """The names of the funding years, each where it begins."""
    drawn = []
    for year, of_year in _funding_years(scale):
        left, right = scale.month(of_year[0]), scale.month(of_year[-1] + 1)
        short = f"{year}/{(year + 1) % 100:02}"
        fitting = (says for says in (f"Funding year {short}", short, short[2:]) if width_of(says) + 8 < right - left)
        if says := next(fitting, ""):
            drawn.append(text(says, left + 5, 12, class_="heavy"))
    return Block(LINE + 1, tuple(drawn))


def months(scale: Scale) -> Block:
    """The names of the months, as far as there is room for them."""
    drawn = []
    for month in range(scale.first, scale.first + scale.months):
        if says := _month_label(month, scale.month_width):
            drawn.append(text(says, scale.month(month) + scale.month_width / 2, 12, align="middle", class_="quiet"))
    return Block(LINE + 6, tuple(drawn))


def _month_label(month: int, width: float) -> str:
    """As much of a month's name as fits; where not even a letter does, every third month over three."""
    name, year = MONTHS[month % _YEAR], month // _YEAR
    for says in (f"{name} {year}", f"{name[:3]} {year}", name[:3]):
        if width_of(says) + 8 < width:
            return says
    if width > 10:
        return name[0]
    return name[:3] if month % 3 == 1 and width * 3 > width_of(name[:3]) else ""


def grid(scale: Scale, height: float, legend_height: float, top: float = 26) -> str:
    """Every other funding year shaded, a line at each month, another at each 1 August."""
    bottom = height - legend_height
    drawn = []
    for year, of_year in _funding_years(scale):
        left, right = scale.month(of_year[0]), scale.month(of_year[-1] + 1)
        if year % 2:
            drawn.append(box(left, top, right - left, bottom - top, class_="year"))
        lines = "".join(f"M{scale.month(month):.1f} {top + LINE:g}V{bottom:g}" for month in of_year[1:])
        drawn.append(path(lines, class_="month") if lines else "")
        if of_year[0] % _YEAR == _AUGUST:
            drawn.append(path(f"M{left:.1f} {top:g}V{bottom:g}", class_="august"))
    return "".join(drawn)

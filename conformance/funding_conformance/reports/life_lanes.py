"""The upper half of a picture: programmes by provider, aims in English and maths, employment, contract, support."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final, TypeVar

from attrs import evolve

from funding_conformance.reports.life_facts import (
    BREAK,
    COMPLETED,
    CONTINUING,
    NOT_EMPLOYED,
    WITHDRAWN,
    Aim,
    Apprentice,
    Price,
    Spell,
    capital,
    day_in_words,
    month_number,
    whole_pounds,
)
from funding_conformance.reports.svg import (
    LINE,
    Block,
    Label,
    Scale,
    box,
    in_lines,
    in_steps,
    label,
    path,
    stacked,
    text,
    width_of,
)

_Item = TypeVar("_Item")
_ClassOf = Callable[[int, Spell], str]

_NAME_TO_PLOT: Final = 8
_PROGRAMME: Final = 20.0
_SKILLS: Final = 10.0
_PLANNED: Final = 4
_BAND: Final = 17
_BETWEEN_LANES: Final = 9
_POLE_TO_TEXT: Final = 10
_MARK_ROOM: Final = 20
_LETTER_DROP: Final = 4.2

_MARKS: Final = {
    COMPLETED: "m-4.5 0 3.2 3.6L4.2-4",
    WITHDRAWN: "m-3.8-3.8 7.6 7.6m0-7.6-7.6 7.6",
    BREAK: "M-2.2-4.2v8.4M2.2-4.2v8.4",
    CONTINUING: "m-2.2-4.4 4.4 4.4-4.4 4.4",
}
"""What stands at the end of a bar, drawn around 0."""


def lanes(apprentice: Apprentice, scale: Scale) -> Iterator[Block]:
    """Every lane that has something in it, the programmes first."""
    programmes = [aim for aim in apprentice.aims if aim.is_programme]
    providers = list(dict.fromkeys(aim.ukprn for aim in apprentice.aims))
    for ukprn in providers:
        if theirs := [aim for aim in programmes if aim.ukprn == ukprn]:
            yield _named(_programmes(theirs, programmes, scale), scale, "Provider", ukprn)
    if skills := [aim for aim in apprentice.aims if not aim.is_programme]:
        yield _named(_skills(skills, scale, name_provider=len(providers) > 1), scale, "English", "and maths")
    if employment := _within(apprentice.employment, scale):
        yield _named(_band(employment, scale, _employment_class), scale, "Employer")
    if contracts := [spell for aim in programmes for spell in _while_learning(aim.contracts, aim)]:
        yield _named(_bands(contracts, scale, _contract_class), scale, "Contract")
    if support := [spell for aim in apprentice.aims for spell in _while_learning(aim.support, aim)]:
        yield _named(_bands(support, scale, lambda number, spell: "dotted"), scale, "Support")


def _named(block: Block, scale: Scale, *names: str) -> Block:
    """A lane with its name at the left."""
    x = scale.left - _NAME_TO_PLOT
    lines = (text(name, x, 13 + LINE * n, align="end", class_="lane") for n, name in enumerate(names))
    return Block(max(block.height, LINE * len(names)) + _BETWEEN_LANES, (*lines, *block.drawn))


def _in_rows(items: Sequence[_Item], days: Callable[[_Item], tuple[date, date]]) -> list[list[_Item]]:
    """The items in as few rows as keep them apart, each in the first row that is free."""
    rows: list[list[_Item]] = []
    for item in sorted(items, key=days):
        free = (row for row in rows if days(row[-1])[1] < days(item)[0])
        row = next(free, None)
        if row is None:
            rows.append([item])
        else:
            row.append(item)
    return rows


# Programmes


def _programmes(theirs: Sequence[Aim], programmes: Sequence[Aim], scale: Scale) -> Block:
    rows = _in_rows(theirs, lambda aim: (aim.start, aim.last))
    return stacked(_programme_row(row, programmes, scale) for row in rows)


def _programme_row(aims: Sequence[Aim], programmes: Sequence[Aim], scale: Scale) -> Block:
    gaps = [part for aim in aims for part in _gap(aim, programmes, scale)]
    bars = [part for aim in aims for part in _bar(aim, scale, _PROGRAMME)]
    names = [aim.says for aim in aims]
    named_below = [
        aim
        for aim, before in zip(aims, ["", *names[:-1]], strict=True)
        if aim.says != before and not _holds_its_name(aim, scale)
    ]
    return stacked([_flags(aims, scale), Block(_PROGRAMME, (*gaps, *bars)), _below(aims, scale, named_below)])


def _holds_its_name(aim: Aim, scale: Scale) -> bool:
    return scale.ends(aim.last) - scale.begins(aim.start) > width_of(aim.says) + _MARK_ROOM + 12


def _bar(aim: Aim, scale: Scale, height: float) -> Iterator[str]:
    left, right = scale.begins(aim.start), scale.ends(aim.last)
    yield box(left, 0, right - left, height, class_="learning", says=aim_in_words(aim))
    if aim.is_programme and _holds_its_name(aim, scale):
        yield text(capital(aim.says), left + 8, height / 2 + _LETTER_DROP, class_="on")
    if right - left > _MARK_ROOM and aim.status in _MARKS:
        small = "" if aim.is_programme else " scale(.7)"
        place = f"translate({right - 10:.1f} {height / 2:.1f}){small}"
        yield path(_MARKS[aim.status], class_="sign", transform=place)


def _gap(aim: Aim, programmes: Sequence[Aim], scale: Scale) -> Iterator[str]:
    """A break, up to the day on which learning goes on, with whichever provider."""
    if aim.status != BREAK or aim.actual_end is None:
        return
    again = min((other.start for other in programmes if other.start > aim.actual_end), default=aim.planned_end)
    left, right, middle = scale.ends(aim.actual_end), scale.begins(again), _PROGRAMME / 2
    fitting = (says for says in ("break in learning", "break") if width_of(says) + 16 < right - left)
    says = next(fitting, "")
    centre, half = (left + right) / 2, width_of(says) / 2 + 3
    if says:
        yield path(
            f"M{left:.1f} {middle:g}H{centre - half:.1f}M{centre + half:.1f} {middle:g}H{right:.1f}", class_="gap"
        )
        yield text(says, centre, middle + _LETTER_DROP, align="middle")
    elif right > left:
        yield path(f"M{left:.1f} {middle:g}H{right:.1f}", class_="gap")


def _flags(aims: Sequence[Aim], scale: Scale) -> Block:
    """Price records as flags above the bars, those of one day on one pole."""
    prices = sorted({price for aim in aims for price in aim.prices}, key=lambda price: (price.on, price.code))
    days = [tuple(group) for _, group in groupby(prices, key=lambda price: price.on)]
    labels = [_price_label(day, scale) for day in days]
    lines = in_steps(labels, scale)
    height = LINE * (max(lines, default=-1) + 1) + (3 if lines else 0)
    flags = (_flag(one, 2 + LINE * line, height, scale) for one, line in zip(labels, lines, strict=True))
    return Block(height, tuple(flags))


def _price_label(prices: Sequence[Price], scale: Scale) -> Label:
    """To the right of its pole, or to the left where the picture ends."""
    says, at = ", ".join(f"{price.code} {whole_pounds(price.amount)}" for price in prices), scale.begins(prices[0].on)
    fits = at + _POLE_TO_TEXT + width_of(says) <= scale.right
    return Label(says, at, "start" if fits else "end", _POLE_TO_TEXT)


def _flag(one: Label, top: float, bottom: float, scale: Scale) -> str:
    pole = path(f"M{one.at:.1f} {top:g}V{bottom:g}", class_="pole")
    outline = "h7.5l-2.6 4 2.6 4h-7.5z" if one.align == "start" else "h-7.5l2.6 4-2.6 4h7.5z"
    flag = path(f"M{one.at:.1f} {top:g}{outline}", class_="flag")
    return pole + flag + label(one, scale, top + 9)


# Below a bar: as far as it was planned to go, and its days in words


def _below(aims: Sequence[Aim], scale: Scale, named: Sequence[Aim]) -> Block:
    rows = _in_rows(aims, lambda aim: (aim.start, aim.planned_end))
    planned = [Block(_PLANNED + 2, tuple(_planned(aim, scale) for aim in row)) for row in rows]
    return stacked(
        [Block(2, ()), *planned, _lines([label for aim in aims for label in _days(aim, scale, aim in named)], scale)]
    )


def _planned(aim: Aim, scale: Scale) -> str:
    left, right = scale.begins(aim.start), scale.ends(aim.planned_end)
    bar = box(left, 0, right - left, _PLANNED, class_="planned", says=f"planned to {day_in_words(aim.planned_end)}")
    return bar + path(f"M{right:.1f}-2v{_PLANNED + 4}", class_="stop")


def _lines(labels: Sequence[Label], scale: Scale) -> Block:
    lines = in_lines(labels, scale)
    drawn = (label(one, scale, 11 + LINE * line, class_="quiet") for one, line in zip(labels, lines, strict=True))
    return Block(LINE * (max(lines, default=-1) + 1), tuple(drawn))


def _days(aim: Aim, scale: Scale, named: bool) -> Iterator[Label]:
    """The first day, what became of it, and the planned end, each below its place."""
    start = day_in_words(aim.start)
    yield Label(f"{capital(aim.says)}, {start}" if named else start, scale.begins(aim.start))
    if aim.actual_end is not None:
        yield Label(_became(aim), scale.ends(aim.actual_end), "end")
    if aim.actual_end != aim.planned_end:
        status = f"{aim.status}, " if aim.actual_end is None and aim.status not in ("", CONTINUING) else ""
        yield Label(f"{status}planned to {day_in_words(aim.planned_end)}", scale.ends(aim.planned_end), "end")


def aim_in_words(aim: Aim) -> str:
    """What it is, from when to when it was planned, and what became of it."""
    planned = f"planned to {day_in_words(aim.planned_end)}"
    return f"{capital(aim.says)} from {day_in_words(aim.start)}, {planned}, {_became(aim)}"


def _became(aim: Aim) -> str:
    if aim.actual_end is None:
        return aim.status or CONTINUING
    said = "ended" if aim.status in ("", CONTINUING) else "break from" if aim.status == BREAK else aim.status
    planned = ", as planned" if aim.actual_end == aim.planned_end else ""
    return f"{said} {day_in_words(aim.actual_end)}{planned}"


def _skills(aims: Sequence[Aim], scale: Scale, *, name_provider: bool) -> Block:
    if name_provider:
        aims = [evolve(aim, says=f"{aim.says}, provider {aim.ukprn}") for aim in aims]
    rows = _in_rows(aims, lambda aim: (aim.start, max(aim.last, aim.planned_end)))
    return stacked((_skills_row(row, scale) for row in rows), top=4)


def _skills_row(aims: Sequence[Aim], scale: Scale) -> Block:
    bars = tuple(part for aim in aims for part in _bar(aim, scale, _SKILLS))
    return stacked([Block(_SKILLS, bars), _below(aims, scale, aims), Block(4, ())])


# Bands


def _while_learning(spells: Sequence[Spell], aim: Aim) -> Iterator[Spell]:
    for spell in spells:
        first, last = max(spell.first, aim.start), min(spell.last or aim.last, aim.last)
        if first <= last:
            yield evolve(spell, first=first, last=last)


def _within(spells: Sequence[Spell], scale: Scale) -> list[Spell]:
    return [
        spell
        for spell in spells
        if month_number(spell.first) < scale.first + scale.months
        and (spell.last is None or month_number(spell.last) >= scale.first)
    ]


def _bands(spells: Sequence[Spell], scale: Scale, class_of: _ClassOf) -> Block:
    rows = _in_rows(_within(spells, scale), lambda spell: (spell.first, spell.last or date.max))
    return stacked(_band(row, scale, class_of) for row in rows)


def _band(spells: Sequence[Spell], scale: Scale, class_of: _ClassOf) -> Block:
    """Spells one after another; what is too short for its words has them below."""
    drawn, below = [], []
    for number, spell in enumerate(spells):
        left, right = scale.begins(spell.first), scale.ends(spell.last) if spell.last else scale.right
        class_ = class_of(number, spell)
        fill = f"url(#{scale.id}-{class_})" if class_ in ("hatched", "dotted") else ""
        drawn.append(box(left, 0, right - left, _BAND, class_=f"band {class_}", fill=fill, says=spell.says))
        if right - left > width_of(spell.says) + 8:
            drawn.append(text(spell.says, left + 6, _BAND / 2 + _LETTER_DROP))
        else:
            below.append(Label(spell.says, (left + right) / 2, "middle"))
    return stacked([Block(_BAND, tuple(drawn)), _lines(below, scale)])


def _employment_class(number: int, spell: Spell) -> str:
    return "nobody" if spell.says == NOT_EMPLOYED else f"shade-{number % 2}"


def _contract_class(number: int, spell: Spell) -> str:
    return "shade-0" if spell.says.endswith("1") else "hatched"

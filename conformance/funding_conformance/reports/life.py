"""An apprenticeship's life as a picture: what was returned of it above, what it earns month by month below.

The pictures are SVG made of plain data, for the report and for the documentation. They load nothing and hold no script,
keep their kinds apart by pattern as well as by colour, and follow the colours of the page, light or dark.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from attrs import frozen
from funding_reference.money import NO_AMOUNT

from funding_conformance.reports.axis import grid, months, years
from funding_conformance.reports.life_chart import (
    Entry,
    Kinds,
    by_kind,
    chart,
    entries,
    kinds_in_words,
    legend,
    patterns,
    sums_of,
)
from funding_conformance.reports.life_facts import (
    Apprentice,
    Earned,
    apprentices,
    earnings_of,
    month_in_words,
    month_number,
    month_of,
    pence,
)
from funding_conformance.reports.life_lanes import aim_in_words, lanes
from funding_conformance.reports.svg import Block, Scale, element, escaped, path, stacked, text

MOST_MONTHS: Final = 144
"""How many months a picture shows; what lies outside is added up in words."""

_WIDTH: Final = 900.0
_GUTTER: Final = 92.0
_MARGIN: Final = 14.0
_NARROWEST_MONTH: Final = 8.0
_MOST_STRETCHES: Final = 24

_LIGHT: Final = """
  --learning: #2b5a8a; --on: #fff;
  --k0: #74a3d4; --k1: #16314f; --k2: #a8480a; --k3: #17693f; --k4: #6c3ba0; --k5: #a01d37; --k6: #076a74;
"""
_DARK: Final = """
  --learning: #93bdec; --on: #0e1b2a;
  --k0: #4d7fb5; --k1: #dbe9f8; --k2: #f2a05e; --k3: #74d3a0; --k4: #c3a0f0; --k5: #ff9aa8; --k6: #6fd0da;
"""

LIFE_STYLE: Final = f"""
svg.life {{ display: block; width: 100%; height: auto; {_LIGHT} }}
@media screen and (prefers-color-scheme: dark) {{ svg.life {{ {_DARK} }} }}
@media screen {{ [data-theme="light"] svg.life {{ {_LIGHT} }} [data-theme="dark"] svg.life {{ {_DARK} }} }}
svg.life text {{
  font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; fill: currentColor;
}}
svg.life text.heading {{ font-size: 14px; font-weight: 600; }}
svg.life text.heavy, svg.life text.lane {{ font-weight: 600; }}
svg.life text.quiet {{ fill-opacity: .8; }}
svg.life text.on {{ fill: var(--on); font-weight: 600; }}
svg.life .year {{ fill: currentColor; fill-opacity: .035; }}
svg.life .grid, svg.life .month {{ stroke: currentColor; stroke-opacity: .14; }}
svg.life .august {{ stroke: currentColor; stroke-opacity: .55; stroke-dasharray: 2 2; }}
svg.life .axis {{ stroke: currentColor; stroke-width: 1.2; }}
svg.life .learning {{ fill: var(--learning); }}
svg.life .sign {{ fill: none; stroke: var(--on); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }}
svg.life .planned {{ fill: currentColor; fill-opacity: .45; }}
svg.life .stop {{ stroke: currentColor; stroke-width: 1.4; }}
svg.life .gap {{ fill: none; stroke: currentColor; stroke-width: 1.4; stroke-dasharray: 5 4; }}
svg.life .pole {{ stroke: currentColor; stroke-opacity: .6; }}
svg.life .flag, svg.life .differs {{ fill: currentColor; }}
svg.life .band {{ stroke: currentColor; stroke-opacity: .6; stroke-width: .8; }}
svg.life .shade-0 {{ fill: currentColor; fill-opacity: .08; }}
svg.life .shade-1 {{ fill: currentColor; fill-opacity: .22; }}
svg.life .nobody {{ fill: none; stroke-dasharray: 4 3; }}
svg.life .thin {{ fill: none; stroke: currentColor; stroke-opacity: .28; }}
svg.life .dot {{ fill: currentColor; fill-opacity: .3; }}
svg.life .kind {{ stroke: currentColor; stroke-opacity: .8; stroke-width: .7; }}
svg.life .kind-0 {{ fill: var(--k0); }}
svg.life .kind-1 {{ fill: var(--k1); }}
svg.life .kind-7 {{ fill: currentColor; fill-opacity: .04; }}
svg.life .of-2 {{ color: var(--k2); }}
svg.life .of-3 {{ color: var(--k3); }}
svg.life .of-4 {{ color: var(--k4); }}
svg.life .of-5 {{ color: var(--k5); }}
svg.life .of-6 {{ color: var(--k6); }}
svg.life .tint {{ fill: currentColor; fill-opacity: .16; }}
svg.life .stripe {{ fill: none; stroke: currentColor; stroke-width: 1.6; }}
svg.life .spot {{ fill: currentColor; }}
"""
"""The looks of every picture. A page with several may hold it once."""


@frozen
class Life:
    """The picture of one apprentice."""

    uln: str
    title: str
    svg: str


def lives(
    given: Any,
    earnings: Any,
    *,
    name: str = "life",
    differing: Collection[str] = (),
    styled: bool = True,
) -> Iterator[Life]:
    """A picture of every apprentice of a question, in the order in which they are returned.

    :param given: the facts of the question as plain data; what cannot be read is not drawn
    :param earnings: rows as an answer has them; None where none were asked for, which leaves out the columns
    :param name: sets the ids of these pictures apart from all others of the page
    :param differing: months (YYYY-MM) to mark, because something else must be answered
    :param styled: whether each picture holds its own looks, LIFE_STYLE
    """
    earned = None if earnings is None else earnings_of(earnings)
    known = {apprentice.uln: apprentice for apprentice in apprentices(given)}
    wrong = frozenset(month for text in differing if (month := month_of(text)) is not None)
    for number, uln in enumerate(dict.fromkeys([*known, *(earned or ())])):
        rows = None if earned is None else earned.get(uln, [])
        apprentice = known.get(uln, Apprentice(uln, (), ()))
        if scale := _scale(apprentice, rows or (), f"{_safe(name)}-{number}"):
            yield _picture(apprentice, rows, scale, wrong, styled=styled)


def _safe(name: str) -> str:
    """The name as the beginning of an id; different names stay different."""
    return re.sub("[^A-Za-z0-9-]", lambda found: f"_{ord(found[0]):x}_", name)


def _scale(apprentice: Apprentice, rows: Sequence[Earned], id: str) -> Scale | None:
    """From the first start to the last day or amount; None where there is nothing to draw."""
    starts = [month_number(aim.start) for aim in apprentice.aims]
    ends = [month_number(max(aim.last, aim.planned_end)) for aim in apprentice.aims]
    earned = [one.month for one in rows]
    if not starts and not earned:
        return None
    first, last = min([*starts, *earned]), max([*ends, *earned])
    if last - first >= MOST_MONTHS:
        first = min(starts or earned)
        last = min(last, first + MOST_MONTHS - 1)
    count = last - first + 1
    return Scale(id, first, count, _GUTTER, max(_WIDTH - _GUTTER - _MARGIN, count * _NARROWEST_MONTH))


def _picture(
    apprentice: Apprentice, rows: Sequence[Earned] | None, scale: Scale, differing: frozenset[int], *, styled: bool
) -> Life:
    title = f"Apprentice {apprentice.uln}, {_span(scale.first, scale.first + scale.months - 1)}"
    upper = [
        Block(26, (text(title, 0, 15, class_="heading"),)),
        years(scale),
        months(scale),
        *lanes(apprentice, scale),
    ]
    lower = [] if rows is None else _earned(rows, scale, differing)
    body = stacked([*upper, *lower])
    labels = element("title", escaped(title), id=f"{scale.id}-title") + element(
        "desc", escaped(" ".join(_description(apprentice, rows))), id=f"{scale.id}-desc"
    )
    svg = element(
        "svg",
        labels,
        element("style", LIFE_STYLE) if styled else "",
        element("defs", *patterns(scale.id, (one.kind for one in rows or ()))),
        grid(scale, body.height, legend_height=lower[-1].height if lower else 0),
        *body.drawn,
        xmlns="http://www.w3.org/2000/svg",
        class_="life",
        viewBox=f"0 0 {scale.right + _MARGIN:g} {body.height + 4:g}",
        role="img",
        aria_labelledby=f"{scale.id}-title {scale.id}-desc",
    )
    return Life(apprentice.uln, title, svg)


# What is earned


def _earned(rows: Sequence[Earned], scale: Scale, differing: frozenset[int]) -> list[Block]:
    sums = sums_of(one for one in rows if scale.holds(one.month))
    listed = list(entries(sums, scale.id))
    blocks = [Block(4, ()), chart(sums, scale, nothing="Nothing is earned.")]
    marked = [month for month in sorted(differing) if scale.holds(month)]
    if marked:
        places = (scale.month(month) + scale.month_width / 2 for month in marked)
        blocks.append(Block(10, tuple(path(f"M{x:.1f} 1l4.5 8h-9z", class_="differs") for x in places)))
        listed.append(Entry("Not what must be answered", path("M6.5 2l5.5 10h-11z", class_="differs")))
    if outside := [one.amount for one in rows if not scale.holds(one.month)]:
        listed.append(Entry(f"{pence(sum(outside, NO_AMOUNT))} in months not shown"))
    return [*blocks, months(scale), legend(listed, scale)]


# In words


def _description(apprentice: Apprentice, rows: Sequence[Earned] | None) -> Iterator[str]:
    for aim in apprentice.aims:
        yield f"Provider {aim.ukprn}: {aim_in_words(aim)}."
    if rows is None:
        return
    sums = sums_of(rows)
    if not sums:
        yield "Nothing is earned."
        return
    stretches = list(_stretches(sums))
    yield from (f"{_span(first, last)}: {says}." for first, last, says in stretches[:_MOST_STRETCHES])
    yield f"Earned in all: {kinds_in_words(by_kind(sums))}."


def _stretches(sums: Mapping[int, Kinds]) -> Iterator[tuple[int, int, str]]:
    """Months that earn the same, one after another."""
    listed = list(sums.items())
    for _, group in groupby(enumerate(listed), key=lambda one: (one[1][0] - one[0], tuple(one[1][1].items()))):
        same = [month for _, (month, _) in group]
        yield same[0], same[-1], kinds_in_words(sums[same[0]]) + (" a month" if len(same) > 1 else "")


def _span(first: int, last: int) -> str:
    return month_in_words(first) if first == last else f"{month_in_words(first)} to {month_in_words(last)}"

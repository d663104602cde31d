"""An employer's account as a picture: what it held at the end of each month above, what came in and went out below.

Kinds are told apart by pattern as well as by colour, so that a picture can be printed in black and white. A wide page
and a phone each get a picture of their own, for letters that shrink with a picture cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import frozen
from funding_reference.money import NO_AMOUNT

from funding_conformance.reports.axis import grid, months, years
from funding_conformance.reports.life import LIFE_STYLE
from funding_conformance.reports.life_chart import (
    HEIGHT,
    Entry,
    Kinds,
    amount_lines,
    by_kind,
    chart,
    fill_of,
    heights_between,
    legend,
    patterns,
)
from funding_conformance.reports.life_facts import month_in_words, pence
from funding_conformance.reports.svg import Block, Scale, box, element, escaped, path, stacked, text, width_of

WIDE: Final = 900.0
PHONE: Final = 340.0
MOST_MONTHS: Final = 120
"""How many months a picture shows: the last ones."""

INCOME: Final = "levy and top-up"
ADDED: Final = "added by adjustment"
BACK: Final = "refunded into it"
SPENT: Final = "spent"
SENT: Final = "sent to other employers"
TAKEN: Final = "taken by adjustment"
EXPIRED: Final = "expired"

_LOOKS: Final = (INCOME, SPENT, EXPIRED, BACK, TAKEN, SENT, ADDED)
"""The kinds by their looks: plain, dark, then each with a pattern of its own."""

_MARGIN: Final = 12.0
_BESIDE_AMOUNTS: Final = 14.0
_ABOVE: Final = 12.0


ACCOUNT_STYLE: Final = """
svg.account .held { fill: currentColor; fill-opacity: .1; }
svg.account .balance { fill: none; stroke: currentColor; stroke-width: 2; }
"""
"""The looks of what only these pictures have, beside LIFE_STYLE."""


@frozen
class AccountMonth:
    """A month of an account.

    :param month: months since January of the year 0
    :param closing: pounds at the end of it; None where that is not known
    :param moved: pounds by kind, what goes out below zero
    """

    month: int
    closing: Decimal | None
    moved: Kinds


def account_chart(listed: Sequence[AccountMonth], *, width: float, id: str, styled: bool = False) -> str:
    """The picture as SVG; nothing where there is no month.

    :param listed: one month after another
    :param id: what the ids of the picture begin with
    :param styled: whether the picture holds its own looks
    """
    if not listed:
        return ""
    shown = [one for one in listed if one.month > listed[-1].month - MOST_MONTHS]
    sums = {one.month: one.moved for one in shown if one.moved}
    balances = {one.month: one.closing for one in shown if one.closing is not None}
    first, count = shown[0].month, shown[-1].month - shown[0].month + 1
    left = _gutter(sums, balances)
    scale = Scale(id, first, count, left, width - left - _MARGIN)
    upper = [_heading("Balance at the end of the month"), _balance(balances, scale)] if balances else []
    moved = "Came in (above the line) and went out (below)"
    listed_kinds = list(_entries(sums, scale.id))
    lower = [_heading(moved), chart(sums, scale, nothing="Nothing moved.", names=_LOOKS)]
    named = legend(listed_kinds, scale) if listed_kinds else Block(0, ())
    body = stacked([years(scale), *upper, *lower, months(scale), named])
    title = f"The account, {month_in_words(first)} to {month_in_words(shown[-1].month)}"
    labels = element("title", escaped(title), id=f"{id}-title") + element(
        "desc", escaped(" ".join(_description(shown, by_kind(sums, _LOOKS)))), id=f"{id}-desc"
    )
    return element(
        "svg",
        labels,
        element("style", LIFE_STYLE + ACCOUNT_STYLE) if styled else "",
        element("defs", *patterns(id, (kind for kinds in sums.values() for kind in kinds), _LOOKS)),
        grid(scale, body.height, legend_height=named.height, top=0),
        *body.drawn,
        xmlns="http://www.w3.org/2000/svg",
        class_="life account",
        viewBox=f"0 0 {width:g} {body.height + 4:g}",
        role="img",
        aria_labelledby=f"{id}-title {id}-desc",
    )


def _heading(says: str) -> Block:
    return Block(22, (text(says, 0, 15, class_="heavy"),))


def _gutter(sums: Mapping[int, Kinds], balances: Mapping[int, Decimal]) -> float:
    """Room for the widest amount beside the lines."""
    amounts = [NO_AMOUNT, *balances.values(), *(abs(amount) for kinds in sums.values() for amount in kinds.values())]
    return width_of(f"-{pence(max(amounts)).removesuffix('.00')}") + _BESIDE_AMOUNTS


def _balance(balances: Mapping[int, Decimal], scale: Scale) -> Block:
    """A step for each month, as high as what was left at its end."""
    heights = heights_between(min(NO_AMOUNT, *balances.values()), max(Decimal(1), *balances.values()))
    line = "".join(
        f"{'L' if number else 'M'}{scale.month(month):.1f} {heights.y(amount):.1f}H{scale.month(month + 1):.1f}"
        for number, (month, amount) in enumerate(balances.items())
    )
    first, last = min(balances), max(balances)
    floor = f"{heights.y(NO_AMOUNT):.1f}"
    area = f"{line}V{floor}H{scale.month(first):.1f}Z"
    drawn = [*amount_lines(heights, scale), path(area, class_="held"), path(line, class_="balance")]
    for month, amount in balances.items():
        says = f"{month_in_words(month)}: {pence(amount)}"
        drawn.append(box(scale.month(month), 0, scale.month_width, HEIGHT, says=says, fill="transparent"))
    y = max(heights.y(balances[last]) - 5, 0)
    drawn.append(text(pence(balances[last]), scale.month(last + 1), y, align="end", class_="heavy"))
    return Block(HEIGHT + _ABOVE + 8, (element("g", *drawn, transform=f"translate(0 {_ABOVE:g})"),))


def _entries(sums: Mapping[int, Kinds], id: str) -> Iterator[Entry]:
    for kind, amount in by_kind(sums, _LOOKS).items():
        words = f"{kind[:1].upper()}{kind[1:]} {pence(abs(amount))}"
        yield Entry(words, box(0, 0, 13.0, 13.0, **fill_of(kind, id, _LOOKS)))


def _description(shown: Sequence[AccountMonth], totals: Kinds) -> Iterator[str]:
    if shown[-1].closing is not None:
        yield f"At the end of {month_in_words(shown[-1].month)} it holds {pence(shown[-1].closing)}."
    for kind, amount in totals.items():
        yield f"{kind[:1].upper()}{kind[1:]}: {pence(abs(amount))} in all."

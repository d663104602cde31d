"""The lower half of a picture: what is earned in each month, one kind upon the other, with a legend and the total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from attrs import frozen
from funding_reference.money import NO_AMOUNT

from funding_conformance.reports.life_facts import KINDS, Earned, capital, month_in_words, pence
from funding_conformance.reports.svg import Block, Scale, box, element, escaped, path, text, width_of

HEIGHT: Final = 160.0
_FINEST_STEP: Final = Decimal("0.01")
_STEPS: Final = 4
_ROUND: Final = (1, 2, 5, 10)
_WIDEST_COLUMN: Final = 56.0
_SHARE_OF_MONTH: Final = 0.8
_LETTERS: Final = 13
_SIGN: Final = 13.0
_SIGN_AND_SPACE: Final = 19.0
_ENTRY: Final = 20.0
_ABOVE_LEGEND: Final = 8.0
_BETWEEN_ENTRIES: Final = 24.0
_TILE: Final = 6
OTHER: Final = "other"

NAMES: Final = (*KINDS, OTHER)
"""The kinds of earnings in their order, which gives each its looks."""

Kinds = Mapping[str, Decimal]


@frozen
class Heights:
    """How high amounts stand: the highest at 0, the lowest at HEIGHT.

    :param step: from one line of the scale to the next
    """

    lowest: Decimal
    highest: Decimal
    step: Decimal

    def y(self, amount: Decimal) -> float:
        """Where an amount stands, from the top."""
        return float((self.highest - amount) / (self.highest - self.lowest)) * HEIGHT

    def lines(self) -> Iterator[Decimal]:
        """The amounts at which there is a line."""
        amount = self.lowest
        while amount <= self.highest:
            yield amount
            amount += self.step


def sums_of(earned: Iterable[Earned]) -> dict[int, Kinds]:
    """What is earned by month and kind, the months and kinds in order; kinds that cancel out are left out."""
    sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(NAMES, NO_AMOUNT))
    for one in earned:
        sums[one.month][one.kind if one.kind in KINDS else OTHER] += one.amount
    kept = {month: {kind: amount for kind, amount in sums[month].items() if amount} for month in sorted(sums)}
    return {month: kinds for month, kinds in kept.items() if kinds}


def by_kind(sums: Mapping[int, Kinds], names: Sequence[str] = NAMES) -> dict[str, Decimal]:
    """What each kind comes to over all months, the kinds in order."""
    return {
        kind: sum((kinds.get(kind, NO_AMOUNT) for kinds in sums.values()), NO_AMOUNT)
        for kind in names
        if any(kind in kinds for kinds in sums.values())
    }


def fill_of(kind: str, id: str, names: Sequence[str] = NAMES) -> dict[str, str]:
    """The attributes with which a kind is filled: its class, and its pattern if it has one."""
    number = names.index(kind)
    fill = {"fill": f"url(#{id}-kind-{number})"} if number in _DRAWN else {}
    return {"class_": f"kind kind-{number}", **fill}


_DRAWN: Final[Mapping[int, str]] = {
    2: path("M-1.5 1.5l3-3M0 6l6-6M4.5 7.5l3-3", class_="stripe"),
    3: "".join(element("circle", cx=c, cy=c, r=1.4, class_="spot") for c in (1.5, 4.5)),
    4: path("M0 1.5h6M0 4.5h6", class_="stripe"),
    5: path("M0 0l6 6M6 0l-6 6", class_="stripe"),
    6: path("M1.5 0v6M4.5 0v6", class_="stripe"),
    8: path("M-1.5-1.5l3 3M0 0l6 6M4.5 4.5l3 3", class_="stripe"),
}
"""The pattern of each kind that is not plain, by its number, on a tile of 6 by 6."""


def patterns(id: str, kinds: Iterable[str], names: Sequence[str] = NAMES) -> Iterator[str]:
    """The patterns that a picture uses, those of its bands too."""
    yield _pattern(f"{id}-hatched", path("M-1.5 4.5l3 3M0 0l6 6M4.5-1.5l3 3", class_="thin"))
    yield _pattern(f"{id}-dotted", element("circle", cx=3, cy=3, r=1.0, class_="dot"))
    used = {kind if kind in names else names[-1] for kind in kinds}
    for number, kind in enumerate(names):
        if kind in used and number in _DRAWN:
            tint = element("rect", width=_TILE, height=_TILE, class_="tint")
            yield _pattern(f"{id}-kind-{number}", tint, _DRAWN[number], class_=f"of-{number}")


def _pattern(id: str, *content: str, class_: str = "") -> str:
    return element("pattern", *content, id=id, width=_TILE, height=_TILE, patternUnits="userSpaceOnUse", class_=class_)


def chart(sums: Mapping[int, Kinds], scale: Scale, *, nothing: str, names: Sequence[str] = NAMES) -> Block:
    """Columns by month, negative amounts below the line; a sum is written where there is room for it.

    :param nothing: what is said where there are none
    :param names: the kinds in their order, which gives each its looks
    """
    if not sums:
        return Block(22, (text(nothing, scale.left, 14, class_="quiet"),))
    heights = heights_between(min(map(_down, sums.values())), max(map(_up, sums.values())))
    drawn = list(amount_lines(heights, scale))
    for month, kinds in sums.items():
        drawn.append(_column(month, kinds, heights, scale, names))
    drawn += _amounts(sums, heights, scale)
    above = element("g", *drawn, transform=f"translate(0 {_LETTERS + 3})")
    return Block(HEIGHT + (2 * _LETTERS if heights.lowest else _LETTERS) + 4, (above,))


def heights_between(lowest: Decimal, highest: Decimal) -> Heights:
    """A scale of round amounts that holds these two."""
    step = _round_step((highest - lowest) / _STEPS)
    up, down = (highest / step).to_integral_value(ROUND_CEILING), (lowest / step).to_integral_value(ROUND_FLOOR)
    return Heights(down * step, up * step, step)


def _round_step(least: Decimal) -> Decimal:
    unit = Decimal(1).scaleb(least.adjusted())
    return max(_FINEST_STEP, next(unit * size for size in _ROUND if unit * size >= least))


def _up(kinds: Kinds) -> Decimal:
    return sum((amount for amount in kinds.values() if amount > 0), NO_AMOUNT)


def _down(kinds: Kinds) -> Decimal:
    return sum((amount for amount in kinds.values() if amount < 0), NO_AMOUNT)


def amount_lines(heights: Heights, scale: Scale) -> Iterator[str]:
    """A line at each amount of the scale, with the amount beside it."""
    for amount in heights.lines():
        y = heights.y(amount)
        yield path(f"M{scale.left:.1f} {y:.1f}H{scale.right:.1f}", class_="grid" if amount else "axis")
        yield text(pence(amount).removesuffix(".00"), scale.left - 8, y + 4, align="end", class_="quiet")


# Columns


def _column(month: int, kinds: Kinds, heights: Heights, scale: Scale, names: Sequence[str]) -> str:
    width = min(scale.month_width * _SHARE_OF_MONTH, _WIDEST_COLUMN)
    left = scale.month(month) + (scale.month_width - width) / 2
    parts, up, down = [], NO_AMOUNT, NO_AMOUNT
    for kind, amount in kinds.items():
        base = up if amount > 0 else down
        top, bottom = heights.y(max(base, base + amount)), heights.y(min(base, base + amount))
        parts.append(box(left, top, width, bottom - top, **fill_of(kind, scale.id, names)))
        up, down = (up + amount, down) if amount > 0 else (up, down + amount)
    says = f"{month_in_words(month)}: {kinds_in_words(kinds)}"
    return element("g", element("title", escaped(says)), *parts)


def kinds_in_words(kinds: Kinds) -> str:
    """Each kind with its amount, and the sum of several."""
    each = ", ".join(f"{kind} {pence(amount)}" for kind, amount in kinds.items())
    return each if len(kinds) == 1 else f"{each}, together {pence(sum(kinds.values(), NO_AMOUNT))}"


# Sums at the columns


@frozen
class _Sum:
    """The same sum in months that follow each other."""

    first: int
    last: int
    amount: Decimal

    @property
    def months(self) -> int:
        return self.last - self.first + 1


@frozen
class _Place:
    """A place for a text."""

    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: _Place) -> bool:
        beside = self.right + 4 <= other.left or other.right + 4 <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)


def _amounts(sums: Mapping[int, Kinds], heights: Heights, scale: Scale) -> Iterator[str]:
    """The sums above and below the line, longer stretches first, wherever they meet neither column nor text."""
    taken = [_place_of(month, heights, scale, side(kinds)) for month, kinds in sums.items() for side in (_up, _down)]
    for side in (_up, _down):
        stretches = _stretches({month: side(kinds) for month, kinds in sums.items()})
        for stretch in sorted(stretches, key=lambda one: (-one.months, -abs(one.amount), one.first)):
            says, place = _written(stretch, heights, scale)
            if scale.left <= place.left and place.right <= scale.right and not any(map(place.meets, taken)):
                taken.append(place)
                yield text(says, (place.left + place.right) / 2, place.bottom - 3, align="middle")


def _place_of(month: int, heights: Heights, scale: Scale, amount: Decimal) -> _Place:
    left, right = scale.month(month), scale.month(month + 1)
    return _Place(left + 5, right - 5, heights.y(max(amount, NO_AMOUNT)), heights.y(min(amount, NO_AMOUNT)))


def _stretches(amounts: Mapping[int, Decimal]) -> list[_Sum]:
    found: list[_Sum] = []
    for month, amount in amounts.items():
        if found and found[-1].last == month - 1 and found[-1].amount == amount:
            found[-1] = _Sum(found[-1].first, month, amount)
        else:
            found.append(_Sum(month, month, amount))
    return [one for one in found if one.amount]


def _written(one: _Sum, heights: Heights, scale: Scale) -> tuple[str, _Place]:
    left, right = scale.month(one.first), scale.month(one.last + 1)
    short = pence(one.amount)
    says = f"{short} a month" if one.months > 1 and width_of(f"{short} a month") < right - left else short
    half = width_of(says) / 2
    centre = min(max((left + right) / 2, scale.left + half), scale.right - half)
    edge = heights.y(one.amount)
    top = edge - _LETTERS - 2 if one.amount > 0 else edge + 1
    return says, _Place(centre - half, centre + half, top, top + _LETTERS + 1)


# The legend


@frozen
class Entry:
    """One line of a legend.

    :param sign: drawn at the left of the words, from its own left top; nothing where there is none
    """

    words: str
    sign: str = ""
    class_: str = ""

    @property
    def width(self) -> float:
        return (_SIGN_AND_SPACE if self.sign else 0) + width_of(self.words)


def entries(sums: Mapping[int, Kinds], id: str) -> Iterator[Entry]:
    """Every kind with what it comes to, then the total."""
    totals = by_kind(sums)
    for kind, amount in totals.items():
        yield Entry(f"{capital(kind)} {pence(amount)}", box(0, 0, _SIGN, _SIGN, **fill_of(kind, id)))
    yield Entry(f"Earned in all {pence(sum(totals.values(), NO_AMOUNT))}", class_="heavy")


def legend(listed: Sequence[Entry], scale: Scale) -> Block:
    """The entries in as many columns of one width as there is room for, row by row."""
    width = max(entry.width for entry in listed) + _BETWEEN_ENTRIES
    columns = max(1, int((scale.right - scale.left) // width))
    drawn = []
    for number, entry in enumerate(listed):
        row, column = divmod(number, columns)
        words = text(entry.words, _SIGN_AND_SPACE if entry.sign else 0, 11, class_=entry.class_)
        place = f"translate({scale.left + column * width:.1f} {_ABOVE_LEGEND + row * _ENTRY:g})"
        drawn.append(element("g", entry.sign, words, transform=place))
    return Block(_ABOVE_LEGEND + -(-len(listed) // columns) * _ENTRY, tuple(drawn))

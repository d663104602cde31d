"""Other prices, bands and funds: what was equal is equal still, and an agreed price is still the sum that it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from funding_conformance.fresh.facts import Facts, Record, aims, changed
from funding_conformance.fresh.source import RandomSource

BANDS: Final = (1500, 2000, 2500, 3000, 3500, 4000, 5000, 6000, 9000, 12000, 15000, 18000, 21000, 24000, 27000)
_PER_CENT: Final = (30, 40, 50, 60, 70, 80, 85, 90, 95, 100, 105, 110, 115, 120, 130, 150, 180)
_EVEN: Final = (50, 60, 80, 120, 140, 160, 200)
"""Shares, in per cent, at which round amounts stay round."""
_MOST_BESIDE: Final = 9
"""By how many per cent, and pounds, a price may be beside its share."""
_NEAR: Final = 5
"""Pounds by which a figure may miss a price and still mean it."""
_IN_POUNDS: Final = frozenset({"available", "levy", "amount", "transfer_allowance", "rate"})
_TOTALS: Final = ((1, 2), (3, 4), (1, 4), (3, 2))
"""The kinds of price record that make a price together."""


def other_amounts(facts: Facts, source: RandomSource, *, evenly: bool = False) -> Facts:
    """Every amount at a drawn share of what it was, prices and funds a little beside it.

    :param evenly: whether all are at the very share, none beside it
    """
    per_cent = source.one_of(_EVEN if evenly else _PER_CENT)
    records = _Records(per_cent, 0 if evenly else _MOST_BESIDE, source)
    prices = _price_map(facts, records)
    bands = _band_map(facts, per_cent, evenly, source)
    funds: dict[Decimal, Decimal] = {}

    def fund(value: Any) -> Any:
        was = Decimal(str(value))
        if was not in funds:
            beside = source.between(-30, 30) if not evenly and source.happens(1, 2) else 0
            funds[was] = _pounds(was * per_cent / 100 * (100 + beside) / 100)
        return int(funds[was]) if isinstance(value, int) else f"{funds[was]:.2f}"

    def change(name: str, value: Any) -> Any:
        if not _is_amount(value):
            return value
        if name == "maximum":
            return bands[int(Decimal(str(value)))]
        if name == "price":
            return prices(int(Decimal(str(value))))
        return fund(value) if name in _IN_POUNDS else value

    def by_month(name: str, value: Any) -> Any:
        return {month: fund(amount) for month, amount in value.items()} if name in _IN_POUNDS else value

    found = changed(_with_maps(facts, by_month), change)
    for aim in aims(found):
        if "AppFinRecord" in aim:
            aim["AppFinRecord"] = [records.of(record) for record in aim["AppFinRecord"]]
    return dict(found)


def _with_maps(facts: Facts, by_month: Callable[[str, Any], Any]) -> Facts:
    """The facts with amounts that are given month by month already changed; a later pass sees them under months."""
    employers = []
    for employer in facts.get("employers", []):
        found = dict(employer)
        if "transfer_allowance" in found:
            found["transfer_allowance"] = by_month("transfer_allowance", found["transfer_allowance"])
        if isinstance(found.get("levy_funds"), dict) and "available" in found["levy_funds"]:
            found["levy_funds"] = {"available": by_month("available", found["levy_funds"]["available"])}
        employers.append(found)
    return {**facts, **({"employers": employers} if employers else {})}


def _is_amount(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and value.replace(".", "", 1).lstrip("-").isdigit())


def _pounds(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1))


class _Records:
    """What each amount of a kind of financial record becomes: the same for the same amount, wherever it stands."""

    def __init__(self, per_cent: int, most_beside: int, source: RandomSource) -> None:
        self._per_cent = per_cent
        self._most_beside = most_beside
        self._source = source
        self._found: dict[tuple[str, int, int], int] = {}

    def of(self, record: Record) -> Record:
        amount = record["AFinAmount"]
        return {**record, "AFinAmount": self.becomes(record["AFinType"], record["AFinCode"], amount)}

    def becomes(self, type: str, code: int, amount: Any) -> Any:
        if not isinstance(amount, int) or amount <= 0:
            return amount
        key = type, code, amount
        if key not in self._found:
            most = self._most_beside if self._source.happens(2, 3) else 0
            beside = self._source.between(-most, most)
            self._found[key] = max(1, amount * self._per_cent // 100 + amount * beside // 100 + beside)
        return self._found[key]


def _price_map(facts: Facts, records: _Records) -> Callable[[int], int]:
    """What each agreed price becomes: the sum of the records that it was the sum of, with the pounds it was out."""
    totals = dict(_totals(facts, records))

    def price(value: int) -> int:
        for out in sorted(range(-_NEAR, _NEAR + 1), key=abs):
            if value - out in totals:
                return max(0, totals[value - out] + out)
        return records.becomes("price", 0, value) if value else 0

    return price


def _totals(facts: Facts, records: _Records) -> Iterator[tuple[int, int]]:
    """Every price that the records of an aim can come to, with what it becomes."""
    for aim in aims(facts):
        of_code: dict[int, list[int]] = {}
        for record in aim.get("AppFinRecord", []):
            if record["AFinType"] == "TNP" and isinstance(record["AFinAmount"], int):
                of_code.setdefault(record["AFinCode"], []).append(record["AFinAmount"])
        for one, other in _TOTALS:
            for first in [*of_code.get(one, []), 0]:
                for second in [*of_code.get(other, []), 0]:
                    if first or second:
                        yield first + second, records.becomes("TNP", one, first) + records.becomes("TNP", other, second)


def _band_map(facts: Facts, per_cent: int, evenly: bool, source: RandomSource) -> dict[int, int]:
    """What each band becomes: the one nearest to its share of what it was, or any; an unlisted one stays unlisted."""
    found: dict[int, int] = {}
    for course in facts.get("courses", []):
        for band in course["funding_bands"]:
            was = int(Decimal(str(band["maximum"])))
            share = was * per_cent // 100
            near = min(BANDS, key=lambda maximum: (abs(maximum - share), maximum))
            if was not in BANDS:
                near = share + 1 if share in BANDS else max(1, share)
            found.setdefault(
                was, source.one_of(BANDS) if was in BANDS and not evenly and source.happens(1, 4) else near
            )
    return found

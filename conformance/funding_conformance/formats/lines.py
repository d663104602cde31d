"""What each aim earned in a funding year, price episode by price episode, beside what the returns say of it.

Both forms are made of such lines. A line knows what stands in the return and what the earnings rows say; nothing is
calculated again, and what neither says is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import frozen
from funding_reference.calendar import AUGUST, MONTHS_A_YEAR, ONE_DAY, Collection, Month, month_of
from funding_reference.money import NO_AMOUNT, Amount, exactly, plain, rounded
from funding_spec.errors import FundingError

from funding_conformance.rows import amount_of, is_amount, row_problem

Record = Mapping[str, Any]
"""A part of a return, with the ILR's own names."""

_PROGRAMME_AIM: Final = 1
STANDARD: Final = 25
COMPLETED: Final = 2
_RESIDUAL_CODES: Final = (3, 4)
_PAID_BACK: Final = 3
_CONTRACT_CODES: Final = ("1", "2")
_ENGLISH_MATHS_TYPES: Final = ("english_maths_on_programme", "english_maths_balancing")
_BESIDE_THE_PROGRAMME: Final = (*_ENGLISH_MATHS_TYPES, "learning_support")
"""What an English or maths aim may earn."""


class FormatError(FundingError):
    """A document cannot be read, or rows do not fit what was returned: which file, where in it, and why."""


@frozen
class HeldLearner:
    """A learner whom a document holds, with earnings or without.

    :param funding_year: the calendar year in which the document's funding year began
    :param row: provider, ULN and, where the document has it, reference, as earnings rows name them
    """

    funding_year: int
    row: Mapping[str, Any]


# Lines


@frozen
class Line:
    """What one aim earned in one funding year under one contract type; of a programme aim, in one price episode.

    :param funding_year: the calendar year in which it began, on 1 August
    :param learner: the learner as returned for that year
    :param aim: the aim as returned for that year
    :param bands: the funding bands of its course
    :param price_episode: as the rows name it, perhaps a day in an earlier year; None beside the programme
    :param earned: pounds by type, each for the twelve months from August
    """

    ukprn: int
    funding_year: int
    uln: int
    learner: Record
    aim: Record
    bands: tuple[Record, ...]
    price_episode: date | None
    contract_type: int | None
    earned: Mapping[str, tuple[Amount, ...]]

    @property
    def reference(self) -> str:
        return str(self.learner.get("LearnRefNumber", ""))

    @property
    def aim_number(self) -> int:
        return int(self.aim["AimSeqNumber"])

    @property
    def is_programme(self) -> bool:
        return self.aim.get("AimType") == _PROGRAMME_AIM

    @property
    def start(self) -> date | None:
        """The day the price episode starts in this year and under this contract.

        One that began before the year is cut on 1 August; one whose contract came later, on the contract's first day.
        """
        if self.price_episode is None:
            return None
        begun = max(self.price_episode, first_day_of(self.funding_year))
        records = [(begin, end) for code, begin, end in contracts_of(self.aim) if code == self.contract_type]
        contract = min((begin for begin, end in records if end >= begun), default=begun)
        return max(begun, contract) if contract <= last_day_of(self.funding_year) else begun

    @property
    def end(self) -> date | None:
        """The last day of the price episode in this year: before the next price or contract, or the end of learning.

        None if that lies before its start.
        """
        start = self.start
        if start is None:
            return None
        ends = [last_day_of(self.funding_year), *(day - ONE_DAY for day in cuts_of(self.aim) if day > start)]
        if left := day_of(self.aim.get("LearnActEndDate")):
            ends.append(left)
        return min(ends) if min(ends) >= start else None

    @property
    def identifier(self) -> str:
        """How the funding agency names the price episode: by the codes of the course and the day it starts."""
        is_standard = self.aim.get("ProgType") == STANDARD
        codes = ("ProgType", "StdCode") if is_standard else ("ProgType", "FworkCode", "PwayCode")
        starts = f"{self.start:%d/%m/%Y}" if self.start else ""
        return "-".join([*(str(self.aim.get(code, "")) for code in codes), starts])

    @property
    def is_completed(self) -> bool:
        """Whether the programme was completed in this price episode."""
        ended = day_of(self.aim.get("LearnActEndDate"))
        return self.aim.get("CompStatus") == COMPLETED and ended is not None and ended == self.end

    @property
    def prices(self) -> dict[int, Price]:
        """The prices in force in the episode, by TNP code; a residual price puts totals out of force."""
        day = self.end or self.start
        in_force: dict[int, Price] = {}
        for price in _prices(self.aim):
            if day and price.since <= day:
                in_force[price.code] = price
        residual = {code: price for code, price in in_force.items() if code in _RESIDUAL_CODES}
        return residual or in_force

    @property
    def band(self) -> Decimal | None:
        """The course's funding band on the day the aim first started, by its own record; None if there is none."""
        start = day_of(self.aim.get("OrigLearnStartDate")) or day_of(self.aim.get("LearnStartDate"))
        dated = [(day, band["maximum"]) for band in self.bands if (day := day_of(band.get("from")))]
        in_force = [(day, maximum) for day, maximum in dated if start and day <= start]
        return Decimal(str(max(in_force, key=lambda band: band[0])[1])) if in_force else None

    def months_of(self, type: str) -> tuple[Amount, ...]:
        """What was earned of a type in each month from August, in pounds."""
        return self.earned.get(type, _NOTHING_ALL_YEAR)


_NOTHING_ALL_YEAR: Final = (NO_AMOUNT,) * MONTHS_A_YEAR


def lines_of(given: Mapping[str, Any], earnings: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The lines of an answer's earnings, by provider, year, learner, aim and price episode.

    :param given: the facts of a scenario as plain data; dates are dates or text
    :param earnings: rows as the protocol writes them; those of zero are left out
    :raises FormatError: a row is not as the protocol has it, or its learner or aim is in no return
    """
    returns = Returns(given)
    lines: dict[tuple[Any, ...], Line] = {}
    earned: dict[tuple[Any, ...], dict[str, list[Amount]]] = {}
    for number, row in enumerate(earnings):
        if problem := row_problem(row, "earnings"):
            raise FormatError(problem[1], path=f"earnings[{number}]{problem[0]}")
        if not amount_of(row):
            continue
        month = a_month(row["month"])
        who = (row["ukprn"], month.funding_year, row.get("learner"), row["uln"], row.get("aim"))
        key = (*who, row.get("price_episode"), row.get("contract_type"))
        if key not in lines:
            lines[key] = _line(returns, row, month.funding_year, f"earnings[{number}]")
            earned[key] = {}
        _must_fit(lines[key], row["type"], f"earnings[{number}]")
        months = earned[key].setdefault(row["type"], [NO_AMOUNT] * MONTHS_A_YEAR)
        months[month.number - month_of(first_day_of(month.funding_year)).number] += amount_of(row)
    return sorted((_with_earnings(line, earned[key]) for key, line in lines.items()), key=_place_in_order)


def _line(returns: Returns, row: Mapping[str, Any], year: int, place: str) -> Line:
    found = returns.aim_of(row, year)
    if found is None:
        who = f"learner {row['learner']}" if "learner" in row else f"ULN {row['uln']}"
        raise FormatError(f"No return of {row['ukprn']} has an aim {row.get('aim')} of {who}.", path=place)
    learner, aim = found
    episode = date.fromisoformat(row["price_episode"]) if "price_episode" in row else None
    is_programme = aim.get("AimType") == _PROGRAMME_AIM
    if is_programme and episode is None:
        raise FormatError("A row of a programme aim needs its price_episode here.", path=place)
    bands = returns.bands_of(aim) if is_programme else ()
    episode = episode if is_programme else None
    return Line(row["ukprn"], year, row["uln"], learner, aim, bands, episode, row.get("contract_type"), {})


def _must_fit(line: Line, type: str, place: str) -> None:
    if line.is_programme and type in _ENGLISH_MATHS_TYPES:
        raise FormatError(f"Aim {line.aim_number} is a programme aim; {type} is none of its earnings.", path=place)
    if not line.is_programme and type not in _BESIDE_THE_PROGRAMME:
        raise FormatError(f"Aim {line.aim_number} is no programme aim; {type} is none of its earnings.", path=place)


def _with_earnings(line: Line, earned: Mapping[str, list[Amount]]) -> Line:
    return Line(
        line.ukprn, line.funding_year, line.uln, line.learner, line.aim, line.bands, line.price_episode,
        line.contract_type, {type: tuple(months) for type, months in earned.items()},
    )  # fmt: skip


def _place_in_order(line: Line) -> tuple[Any, ...]:
    episode = line.price_episode or date.min
    return (
        line.ukprn, line.funding_year, line.reference, line.uln, line.aim_number, episode, line.contract_type or 0
    )  # fmt: skip


# What was returned


class Returns:
    """The learners of every return, found by provider and reference or ULN."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._courses = given.get("courses") or ()
        self._learners: dict[tuple[int, object], list[tuple[Collection, Record]]] = {}
        through = a_collection(given["through"]) if given.get("through") else None
        for submission in given.get("submissions") or ():
            run = a_collection(submission["collection"])
            if through is not None and run > through:
                continue
            for learner in submission["learners"]:
                for name in (learner.get("LearnRefNumber"), learner.get("ULN")):
                    self._learners.setdefault((submission["ukprn"], name), []).append((run, learner))

    def aim_of(self, row: Mapping[str, Any], year: int) -> tuple[Record, Record] | None:
        """The learner and the aim of a row, as last returned for that year.

        Without a return in that year the latest before it stands; failing that, the first one after it.
        """
        known = self._learners.get((row["ukprn"], row.get("learner", row.get("uln"))), [])
        aims = (
            (learner, aim)
            for _, learner in sorted(known, key=lambda entry: _nearness(entry[0], year))
            for aim in learner.get("LearningDelivery") or ()
            if aim.get("AimSeqNumber") == row.get("aim")
        )
        return next(aims, None)

    def learner_of(self, row: Mapping[str, Any], year: int) -> Record | None:
        """The learner of a row, as last returned for that year or, failing that, as near to it as there is."""
        known = self._learners.get((row["ukprn"], row.get("learner", row.get("uln"))), [])
        return min(known, key=lambda entry: _nearness(entry[0], year))[1] if known else None

    def learners(self, year: int) -> list[tuple[int, Record]]:
        """Every learner by provider and reference, as last returned for that year or before it."""
        found = []
        for (ukprn, name), entries in self._learners.items():
            run, learner = min(entries, key=lambda entry: _nearness(entry[0], year))
            if name == learner.get("LearnRefNumber") and run.funding_year <= year:
                found.append((ukprn, learner))
        return found

    def bands_of(self, aim: Record) -> tuple[Record, ...]:
        """The funding bands of the course that an aim is on."""
        for course in self._courses:
            standard = course.get("standard_code")
            if aim.get("ProgType") == STANDARD:
                found = standard is not None and standard == aim.get("StdCode")
            else:
                codes = [course.get(name) for name in ("programme_type", "framework_code", "pathway_code")]
                found = standard is None and codes == [aim.get(name) for name in ("ProgType", "FworkCode", "PwayCode")]
            if found:
                return tuple(course.get("funding_bands") or ())
        return ()


def _nearness(run: Collection, year: int) -> tuple[int, int, int]:
    if run.funding_year > year:
        return 1, run.funding_year, run.number
    return 0, -run.funding_year, -run.number


@frozen
class Price:
    """A price record and the day since which it applies.

    :param pounds: whole pounds, without VAT
    :param recorded: the day that the record itself gives
    """

    code: int
    since: date
    pounds: Decimal
    recorded: date


def _prices(aim: Record) -> list[Price]:
    """The price records that ever apply, in the order in which they come into force; of two at once the smaller last.

    One from before the start applies from the start; one from after the end applies on the last day of a completed
    programme, and otherwise never.
    """
    start = day_of(aim.get("LearnStartDate")) or date.min
    end = day_of(aim.get("LearnActEndDate")) or date.max
    found = []
    for record in aim.get("AppFinRecord") or ():
        day = day_of(record.get("AFinDate"))
        if record.get("AFinType") == "TNP" and day and (day <= end or aim.get("CompStatus") == COMPLETED):
            price = Price(record["AFinCode"], min(max(day, start), end), Decimal(record["AFinAmount"]), day)
            found.append((price.since, day, -price.pounds, price))
    return [price for *_, price in sorted(found, key=lambda entry: entry[:3])]


def contracts_of(aim: Record) -> list[tuple[int, date, date]]:
    """The contract type, first and last day of each contract record."""
    start = day_of(aim.get("LearnStartDate")) or date.min
    return [
        (
            int(fam["LearnDelFAMCode"]),
            day_of(fam.get("LearnDelFAMDateFrom")) or start,
            day_of(fam.get("LearnDelFAMDateTo")) or date.max,
        )
        for fam in fams_of(aim, "ACT")
        if fam.get("LearnDelFAMCode") in _CONTRACT_CODES
    ]


def contract_on(aim: Record, day: date) -> int | None:
    """The contract type that held on a day; before the first the first."""
    contracts = sorted(contracts_of(aim), key=lambda contract: contract[1])
    held = [code for code, begins, _ in contracts if begins <= day] or [code for code, _, _ in contracts[:1]]
    return held[-1] if held else None


def cuts_of(aim: Record) -> list[date]:
    """The days on which a price episode ends and another begins; the first price begins none."""
    prices = {price.since for price in _prices(aim)}
    return [*(prices if len(prices) > 1 else ()), *(begin for _, begin, _ in contracts_of(aim))]


def contributions_to(aim: Record) -> list[tuple[date, Amount]]:
    """What the employer paid the provider, by the day, as recorded: what was paid back is below zero."""
    return [
        (day, Decimal(record["AFinAmount"]) * (-1 if record.get("AFinCode") == _PAID_BACK else 1))
        for record in aim.get("AppFinRecord") or ()
        if record.get("AFinType") == "PMR" and (day := day_of(record.get("AFinDate")))
    ]


def fams_of(aim: Record, *types: str) -> list[Record]:
    """The funding and monitoring records of these types."""
    return [fam for fam in aim.get("LearningDeliveryFAM") or () if fam.get("LearnDelFAMType") in types]


# Days, months and years


def day_of(value: Any) -> date | None:
    """A date that is one already or is written YYYY-MM-DD; None if there is none or it cannot be read."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def first_day_of(year: int) -> date:
    """1 August of the calendar year in which a funding year began."""
    return date(year, AUGUST, 1)


def last_day_of(year: int) -> date:
    """31 July at the end of a funding year."""
    return first_day_of(year + 1) - ONE_DAY


def year_text(year: int) -> str:
    """A funding year as the ILR writes it: 1718 for the one that began in 2017."""
    return f"{year % 100:02}{(year + 1) % 100:02}"


def year_of(text: str) -> int | None:
    """The calendar year in which a funding year such as 1718 began; None if there is no such year."""
    is_year = len(text) == 4 and text.isascii() and text.isdigit() and int(text[2:]) == int(text[:2]) + 1
    return 2000 + int(text[:2]) if is_year else None


def month_text(year: int, number: int) -> str:
    """A month of a funding year as rows write it; 0 is August."""
    return str(month_of(first_day_of(year)) + number)


def a_month(text: str) -> Month:
    return month_of(date.fromisoformat(f"{text}-01"))


def a_collection(text: str) -> Collection:
    return Collection(2000 + int(text[:2]), int(text[-2:]))


# Amounts


def amount_text(number: Decimal) -> str | None:
    """An amount as rows write it, to five decimals; None if it is too large for one."""
    if not number.is_finite() or number.adjusted() >= _MOST_DIGITS:
        return None
    text = plain(rounded(exactly(number)))
    return text if is_amount(text) else None


_MOST_DIGITS: Final = 16

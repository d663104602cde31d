"""What a picture of an apprenticeship shows, read out of a question's facts and the rows of an answer.

A picture is drawn of questions that must be rejected and of answers that are wrong too. So nothing is checked here:
what cannot be read, or not drawn, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen
from funding_reference.money import pounds

from funding_conformance.reports.differences import printable
from funding_conformance.rows import is_amount

Record = Mapping[str, Any]

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

CONTINUING: Final = "in learning"
COMPLETED: Final = "completed"
WITHDRAWN: Final = "withdrawn"
BREAK: Final = "break"
_STATUSES: Final = {"1": CONTINUING, "2": COMPLETED, "3": WITHDRAWN, "6": BREAK}

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "on programme": ("on_programme",),
    "completion": ("completion",),
    "balancing": ("balancing",),
    "additional payments": (
        "first_employer_incentive", "first_provider_incentive", "second_employer_incentive",
        "second_provider_incentive", "care_leaver_bursary",
    ),
    "framework uplift": (
        "framework_uplift_on_programme", "framework_uplift_completion", "framework_uplift_balancing",
    ),
    "disadvantage": ("first_disadvantage", "second_disadvantage"),
    "English and maths": ("english_maths_on_programme", "english_maths_balancing"),
    "learning support": ("learning_support",),
}  # fmt: skip
"""The kinds of earnings that a picture tells apart, and the types of rows that belong to each."""

NOT_EMPLOYED: Final = "not employed"

_PENNY: Final = Decimal("0.01")
_KIND_OF: Final = {type: kind for kind, types in KINDS.items() for type in types}
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_COLLECTION: Final = re.compile(r"(\d\d)\d\d-R(\d\d)", re.ASCII)
_PROGRAMME, _COMPONENT = "1", "3"
_EMPLOYED: Final = "10"
_LAST_IN_YEAR: Final = 12
_LARGEST: Final = Decimal(10**15)
_LONGEST: Final = 40


@frozen
class Price:
    """A price record: its day, its code such as TNP1, and whole pounds."""

    on: date
    code: str
    amount: Decimal


@frozen
class Spell:
    """Something that held from a day on: an employer, a type of contract, learning support.

    :param last: the last day on which it held; None while it holds
    """

    says: str
    first: date
    last: date | None


@frozen
class Aim:
    """A programme, or an aim in English or maths, as its provider returned it last.

    :param last: the last day to draw it to: its actual end, or as far as the question looks
    """

    ukprn: str
    says: str
    is_programme: bool
    start: date
    planned_end: date
    actual_end: date | None
    last: date
    status: str
    prices: tuple[Price, ...]
    contracts: tuple[Spell, ...]
    support: tuple[Spell, ...]


@frozen
class Apprentice:
    """Everything returned of one apprentice.

    :param employment: one spell after the other, without gaps
    """

    uln: str
    aims: tuple[Aim, ...]
    employment: tuple[Spell, ...]


@frozen
class Earned:
    """An amount earned in a month.

    :param month: months since January of the year 0
    """

    month: int
    kind: str
    amount: Decimal


def month_number(day: date) -> int:
    """The month of a day, as a number that can be counted with."""
    return day.year * 12 + day.month - 1


def capital(words: str) -> str:
    """The words as a sentence begins with them."""
    return words[:1].upper() + words[1:]


def day_in_words(day: date) -> str:
    """A day as people write it: 1 Aug 2017."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def month_in_words(month: int) -> str:
    """A month as people write it: August 2017."""
    return f"{MONTHS[month % 12]} {month // 12}"


def pence(amount: Decimal) -> str:
    """An amount to the penny: £1,142.86."""
    return pounds(amount.quantize(_PENNY))


def whole_pounds(amount: Decimal) -> str:
    """Whole pounds as they are recorded: £12,000."""
    return pounds(amount).removesuffix(".00")


def apprentices(given: Any) -> list[Apprentice]:
    """Every apprentice of a question, as the returns that stand at its end have them."""
    if not isinstance(given, Mapping):
        return []
    found: dict[str, list[tuple[str, Record]]] = {}
    for ukprn, learner in _standing(given):
        if uln := _text(learner.get("ULN")):
            found.setdefault(uln, []).append((ukprn, learner))
    return [_apprentice(uln, returned, given) for uln, returned in found.items()]


def earnings_of(rows: Any) -> dict[str, list[Earned]]:
    """What an answer says was earned, by the apprentice's number; nothing of a row that cannot be read."""
    found: dict[str, list[Earned]] = {}
    for row in _records(rows):
        month, amount = month_of(row.get("month")), _amount(row.get("amount"))
        if month is not None and amount is not None and (uln := _text(row.get("uln"))):
            kind = _KIND_OF.get(str(row.get("type")), _text(row.get("type")).replace("_", " "))
            found.setdefault(uln, []).append(Earned(month, kind, amount))
    return found


def month_of(value: object) -> int | None:
    """The number of a month written YYYY-MM."""
    match = _MONTH.fullmatch(str(value))
    return int(match[1]) * 12 + int(match[2]) - 1 if match else None


# Returns


def _standing(given: Record) -> Iterator[tuple[str, Record]]:
    """Provider and learner of the last return of each funding year, earlier years first."""
    through = _run(given.get("through"))
    last: dict[tuple[int, str], Record] = {}
    for submission in sorted(_records(given.get("submissions")), key=lambda one: _run(one.get("collection")) or (0, 0)):
        run = _run(submission.get("collection"))
        if run and (through is None or _when(run) <= _when(through)):
            last[run[0], _text(submission.get("ukprn"))] = submission
    for (_, ukprn), submission in last.items():
        for learner in _records(submission.get("learners")):
            yield ukprn, learner


def _run(value: object) -> tuple[int, int] | None:
    """The year in which a collection's funding year began, and its number."""
    match = _COLLECTION.fullmatch(str(value))
    return (2000 + int(match[1]), int(match[2])) if match else None


def _when(run: tuple[int, int]) -> tuple[int, bool]:
    year, number = run
    return year * 12 + number, number > _LAST_IN_YEAR


def _apprentice(uln: str, returned: list[tuple[str, Record]], given: Record) -> Apprentice:
    aims: dict[tuple[object, ...], Aim] = {}
    statuses: dict[date, str] = {}
    skills = {_text(aim.get("aim")) for aim in _records(given.get("english_maths_aims"))}
    for ukprn, learner in returned:
        for record in _records(learner.get("LearningDelivery")):
            if aim := _aim(ukprn, record, given, skills):
                aims[ukprn, aim.is_programme, aim.says, aim.start] = aim
        statuses.update(_statuses(learner, given))
    ordered = sorted(aims.values(), key=lambda aim: (aim.start, aim.ukprn, aim.says))
    return Apprentice(uln, tuple(ordered), _one_after_another(statuses))


# Aims


def _aim(ukprn: str, record: Record, given: Record, skills: set[str]) -> Aim | None:
    is_programme = _text(record.get("AimType")) == _PROGRAMME
    if not is_programme and _text(record.get("LearnAimRef")) not in skills:
        return None
    start, planned = _day(record.get("LearnStartDate")), _day(record.get("LearnPlanEndDate"))
    if start is None or planned is None:
        return None
    actual = _day(record.get("LearnActEndDate"))
    last = actual or _looks_to(given) or planned
    return Aim(
        ukprn=ukprn,
        says=_programme(record) if is_programme else _text(record.get("LearnAimRef")),
        is_programme=is_programme,
        start=start,
        planned_end=planned,
        actual_end=actual,
        last=max(start, last),
        status=_STATUSES.get(_text(record.get("CompStatus")), ""),
        prices=tuple(_prices(record)),
        contracts=tuple(_contracts(record)),
        support=tuple(_spells(record, "LSF", lambda code: "learning support")),
    )


def _programme(record: Record) -> str:
    standard = _text(record.get("StdCode"))
    if standard not in ("", "0"):
        return f"standard {standard}"
    framework = _text(record.get("FworkCode"))
    return f"framework {framework}" if framework else "programme"


def _looks_to(given: Record) -> date | None:
    """The last day of the last month that the question asks about, if it names a collection."""
    run = _run(given.get("through"))
    if run is None:
        return None
    year, number = run
    after = year * 12 + 7 + min(number, _LAST_IN_YEAR)
    return date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _prices(record: Record) -> Iterator[Price]:
    for price in _records(record.get("AppFinRecord")):
        on, amount = _day(price.get("AFinDate")), _whole(price.get("AFinAmount"))
        if price.get("AFinType") == "TNP" and on is not None and amount is not None:
            yield Price(on, f"TNP{_text(price.get('AFinCode'))}", amount)


def _contracts(record: Record) -> Iterator[Spell]:
    """The types of contract, each until the next or the end that it has itself."""
    found = sorted(_spells(record, "ACT", lambda code: f"type {code}"), key=lambda spell: spell.first)
    for number, spell in enumerate(found):
        following = _eve(found[number + 1].first) if number + 1 < len(found) else None
        yield evolve(spell, last=min(filter(None, (spell.last, following)), default=None))


def _spells(record: Record, type: str, says: Callable[[str], str]) -> Iterator[Spell]:
    for fam in _records(record.get("LearningDeliveryFAM")):
        first = _day(fam.get("LearnDelFAMDateFrom"))
        if fam.get("LearnDelFAMType") == type and first is not None:
            yield Spell(says(_text(fam.get("LearnDelFAMCode"))), first, _day(fam.get("LearnDelFAMDateTo")))


# Employment


def _statuses(learner: Record, given: Record) -> Iterator[tuple[date, str]]:
    names = {_text(one.get("identifier")): _text(one.get("id")) for one in _records(given.get("employers"))}
    for status in _records(learner.get("LearnerEmploymentStatus")):
        first, employer = _day(status.get("DateEmpStatApp")), _text(status.get("EmpId"))
        if first is None:
            continue
        if _text(status.get("EmpStat")) != _EMPLOYED:
            yield first, NOT_EMPLOYED
        else:
            yield first, names.get(employer) or employer or "employed"


def _one_after_another(statuses: Mapping[date, str]) -> tuple[Spell, ...]:
    """Spells without gaps; a status that says the same again begins no new one."""
    spells: list[Spell] = []
    for day in sorted(statuses):
        if spells and spells[-1].says == statuses[day]:
            continue
        if spells:
            spells[-1] = evolve(spells[-1], last=_eve(day))
        spells.append(Spell(statuses[day], day, None))
    return tuple(spells)


# Values


def _records(value: Any) -> Iterator[Record]:
    return (item for item in value if isinstance(item, Mapping)) if isinstance(value, list | tuple) else iter(())


def _text(value: object) -> str:
    """A short text or number as text; nothing of anything else."""
    text = printable(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    with suppress(ValueError):
        return date.fromisoformat(value) if isinstance(value, str) else None
    return None


def _eve(day: date) -> date:
    return day if day == date.min else day - timedelta(days=1)


def _amount(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value if value.is_finite() and abs(value) < _LARGEST else None
    return Decimal(value) if isinstance(value, str) and is_amount(value) else None


def _whole(value: object) -> Decimal | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST:
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return Decimal(value) if is_number and abs(value) < _LARGEST else None  # type: ignore[arg-type]

"""What must be true of an answer whatever happens to the apprentice (GUIDE-125 to 179).

The checks are of two kinds. Some hold one answer against the bounds that the guide sets. Others ask twice, about two
histories that must earn the same, and compare. What an apprentice was doing in a month is always worked out from the
returns, so that an answer needs no more than provider, apprentice, type, month and amount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from attrs import frozen
from funding_reference.apprenticeship import census_dates
from funding_reference.calendar import LAST_MONTH, ONE_DAY, Collection, Month, days_inclusive, month_of, months_later
from funding_reference.money import pounds
from funding_reference.reading import Place, a_collection, a_month

from funding_conformance.properties.changing import (
    Learners,
    changing,
    first_month,
    new_years,
    returned_at_once,
    returned_in_time,
    walk,
)
from funding_conformance.properties.property import (
    DRAFT,
    NOTHING,
    PROGRAMME_TYPES,
    ROUNDING,
    Answer,
    Ask,
    Facts,
    Property,
    Row,
    earned_for,
    first_difference,
    qualifying_days,
    summed,
    total,
)
from funding_conformance.properties.strategies import COMPLETED
from funding_conformance.returning import as_known, days_of_change, iso, tnp
from funding_conformance.rows import amount_of

UPLIFT_TYPES: Final = (
    "framework_uplift_on_programme",
    "framework_uplift_completion",
    "framework_uplift_balancing",
)
ADDITIONAL_TYPES: Final = {
    "first_employer_incentive": 500,
    "first_provider_incentive": 500,
    "second_employer_incentive": 500,
    "second_provider_incentive": 500,
    "first_disadvantage": 300,
    "second_disadvantage": 300,
}
"""Additional payments and the most that each can be, in pounds."""
ENGLISH_TYPES: Final = ("english_maths_on_programme", "english_maths_balancing")
UPLIFT_SHARE: Final = Decimal("0.2")
SUPPORT_A_MONTH: Final = Decimal(150)
DAYS_AFTER_REDUNDANCY: Final = 84
MONTHS_BEFORE_PLANNED_END: Final = 6
DAYS_DUE: Final = (90, 365)
LONG_ENOUGH: Final = 800
EMPLOYED: Final = 10
RESIDUAL: Final = 3


@frozen
class Spell:
    """One programme aim as last returned, with what was returned of its apprentice by the same provider."""

    ukprn: int
    learner: dict[str, Any]
    aim: dict[str, Any]
    course: dict[str, Any]

    @property
    def uln(self) -> int:
        uln: int = self.learner["ULN"]
        return uln

    @property
    def first(self) -> date:
        return date.fromisoformat(self.aim["LearnStartDate"])

    @property
    def planned(self) -> date:
        return date.fromisoformat(self.aim["LearnPlanEndDate"])

    @property
    def last(self) -> date:
        """The last day; the end of all days while there is none."""
        return _last_day(self.aim)

    @property
    def is_completed(self) -> bool:
        return bool(self.aim["CompStatus"] == COMPLETED)

    @property
    def funded_until(self) -> date:
        """The last day that is funded: of learning, or of the twelve weeks after a job was lost too early."""
        boundary = months_later(self.planned + ONE_DAY, -MONTHS_BEFORE_PLANNED_END)
        for began, ended in self._without_employment():
            until = began + timedelta(days=DAYS_AFTER_REDUNDANCY - 1)
            if self.first <= began <= self.last and began < boundary and ended > until:
                return min(until, self.last)
        return self.last

    def _without_employment(self) -> Iterator[tuple[date, date]]:
        statuses = [(date.fromisoformat(one["DateEmpStatApp"]), one["EmpStat"]) for one in _statuses(self.learner)]
        for (began, status), (ended, _) in pairwise([*statuses, (date.max, EMPLOYED)]):
            if status != EMPLOYED:
                yield began, ended

    @property
    def prices(self) -> list[dict[str, Any]]:
        """The price records in the order of their dates."""
        found = [record for record in self.aim["AppFinRecord"] if record["AFinType"] == "TNP"]
        return sorted(found, key=lambda record: str(record["AFinDate"]))


def _statuses(learner: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(learner["LearnerEmploymentStatus"], key=lambda status: str(status["DateEmpStatApp"]))


def _last_day(aim: dict[str, Any]) -> date:
    return date.fromisoformat(aim.get("LearnActEndDate", iso(date.max)))


def _is_lost(aim: dict[str, Any]) -> bool:
    """Whether an aim earns nothing because it was left before its qualifying period was over."""
    first, planned, last = date.fromisoformat(aim["LearnStartDate"]), aim["LearnPlanEndDate"], _last_day(aim)
    if last == date.max or aim["CompStatus"] == COMPLETED:
        return False
    return days_inclusive(first, last) < qualifying_days(first, date.fromisoformat(planned))


def _is_lost_late(aim: dict[str, Any]) -> bool:
    """Whether that came out only in a later funding year than it began in: what the first year earned may stay."""
    days = date.fromisoformat(aim["LearnStartDate"]), _last_day(aim)
    return _is_lost(aim) and len({month_of(day).funding_year for day in days}) > 1


def last_returned(given: Facts) -> Learners:
    """Every apprentice as last returned, by provider."""
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for submission in given["submissions"]:
        learners = found.setdefault(submission["ukprn"], {})
        learners.update({learner["LearnRefNumber"]: learner for learner in submission["learners"]})
    return {ukprn: list(learners.values()) for ukprn, learners in found.items()}


def spells_of(given: Facts) -> dict[int, list[Spell]]:
    """Every apprentice's programme aims in the order of their starts, whichever provider returned them."""
    found: dict[int, list[Spell]] = defaultdict(list)
    for ukprn, learners in last_returned(given).items():
        for learner in learners:
            for aim in learner["LearningDelivery"]:
                if aim["AimType"] == 1:
                    found[learner["ULN"]].append(Spell(ukprn, learner, aim, _course_of(given, aim)))
    return {uln: sorted(spells, key=lambda spell: spell.first) for uln, spells in found.items()}


def _course_of(given: Facts, aim: dict[str, Any]) -> dict[str, Any]:
    codes = {"standard_code": "StdCode", "framework_code": "FworkCode", "pathway_code": "PwayCode"}
    for course in given["courses"]:
        if all(course.get(name) == aim.get(element) for name, element in codes.items()):
            return dict(course)
    raise AssertionError("A drawn aim is on a drawn course.")


def _in(spells: Sequence[Spell], month: Month) -> Spell:
    """The programme aim that a month belongs to: the last that has begun by its census (READ-44), or the first."""
    return next((spell for spell in reversed(spells) if spell.first <= month.census), spells[0])


def band_of(spells: Sequence[Spell], course: dict[str, Any]) -> int:
    """The band of a course on the day on which the apprentice first started on it."""
    started = min(spell.first for spell in spells if spell.course["id"] == course["id"])
    bands = sorted(course["funding_bands"], key=lambda band: str(band["from"]))
    maximum: int = [band["maximum"] for band in bands if band["from"] <= iso(started)][-1]
    return maximum


def _month(row: Row) -> Month:
    return a_month(row["month"], Place([]))


def _by_month(rows: Sequence[Row]) -> dict[Month, Decimal]:
    months: dict[Month, Decimal] = defaultdict(Decimal)
    for row in rows:
        months[_month(row)] += amount_of(row)
    return dict(sorted(months.items(), key=lambda item: item[0].number))


# One answer


def never_above_the_band(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for uln, spells in spells_of(given).items():
        rows = [row for row in earned_for(answer, uln, *PROGRAMME_TYPES) if _month(row).census >= spells[0].first]
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for month, pounds_earned in _by_month(rows).items():
            course = _in(spells, month).course
            sums[course["id"]] += pounds_earned
            most = band_of(spells, course)
            if sums[course["id"]] > most + ROUNDING * len(rows):
                earned = pounds(sums[course["id"]])
                return f"{uln} had earned {earned} on {course['id']} by {month}; its band is {pounds(Decimal(most))}"
    return ""


def completed_earns_the_last_price(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for uln, spells in spells_of(given).items():
        last = spells[-1]
        late_without_census = last.last >= last.planned and census_dates(last.first, last.planned) < 1
        if not last.is_completed or last.funded_until < last.last or late_without_census:
            continue
        rows = [
            row
            for row in earned_for(answer, uln, *PROGRAMME_TYPES)
            if _in(spells, _month(row)).course["id"] == last.course["id"]
        ]
        due, earned = _all_that_is_earned(last, band_of(spells, last.course), rows)
        if abs(due - earned) > ROUNDING * (len(rows) + 1):
            return f"{uln} completed on {last.last} and earned {pounds(earned)} instead of {pounds(due)}"
    return ""


def _all_that_is_earned(last: Spell, band: int, rows: Sequence[Row]) -> tuple[Decimal, Decimal]:
    """What the last price leaves to be earned, and what is: of a total all along, of a residual since its month."""
    residual = [record for record in last.prices if record["AFinCode"] >= RESIDUAL]
    counted = {record["AFinCode"]: record for record in (residual or last.prices)}
    price = Decimal(sum(record["AFinAmount"] for record in counted.values()))
    if residual:
        since = month_of(date.fromisoformat(residual[-1]["AFinDate"]))
        mine = [row for row in rows if _month(row) >= since]
    else:
        mine = [row for row in rows if row["ukprn"] == last.ukprn]
    room = band - (total(rows) - total(mine))
    return min(price, room), total(mine)


def instalments_are_equal(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for uln, spells in spells_of(given).items():
        earned = _by_month(earned_for(answer, uln, "on_programme"))
        for spell in spells:
            changes = {month_of(date.fromisoformat(record["AFinDate"])) for record in spell.prices}
            until = min(spell.planned, spell.funded_until)
            month = month_of(spell.first)
            while not _is_lost(spell.aim) and (month + 1).census <= until:
                one, next_one = (earned.get(each, NOTHING) for each in (month, month + 1))
                if month + 1 not in changes and one > 0 and abs(one - next_one) > ROUNDING:
                    return f"{uln} earned {pounds(one)} in {month} and {pounds(next_one)} in {month + 1}"
                month += 1
    return ""


def nothing_after_the_twelve_weeks(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for uln, spells in spells_of(given).items():
        for row in earned_for(answer, uln, *PROGRAMME_TYPES, *UPLIFT_TYPES, *ADDITIONAL_TYPES):
            month = _month(row)
            spell = _in(spells, month)
            day = month.first_day if row["type"] in ADDITIONAL_TYPES else month.census
            if spell.funded_until < min(day, spell.last) and amount_of(row):
                words = f"{pounds(amount_of(row))} {row['type'].replace('_', ' ')} in {month}"
                return f"{uln} earned {words}; the twelve weeks were over on {spell.funded_until}"
    return ""


def half_needs_an_employer(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for uln, spells in spells_of(given).items():
        for which in ("first", "second"):
            employer = _by_month(earned_for(answer, uln, f"{which}_employer_incentive"))
            provider = _by_month(earned_for(answer, uln, f"{which}_provider_incentive"))
            for month in {*employer, *provider}:
                employed = _employments(_in(spells, month), month)
                half, other = employer.get(month, NOTHING), provider.get(month, NOTHING)
                if employed == {False} and half:
                    return f"{uln} had no employer in {month}, but {pounds(half)} was earned for one"
                if employed == {True} and half != other:
                    return f"{uln} in {month}: {pounds(half)} for the employer, but {pounds(other)} for the provider"
    return ""


def _employments(spell: Spell, month: Month) -> set[bool]:
    """Whether the apprentice was employed on the days of learning of a month."""
    first, last = max(month.first_day, spell.first), min(month.census, spell.last)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {_status_on(spell.learner, day) == EMPLOYED for day in days}


def _status_on(learner: dict[str, Any], day: date) -> int | None:
    in_force = [status["EmpStat"] for status in _statuses(learner) if status["DateEmpStatApp"] <= iso(day)]
    return in_force[-1] if in_force else None


def uplift_within_a_fifth(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for uln, spells in spells_of(given).items():
        rows = earned_for(answer, uln, *UPLIFT_TYPES)
        most = max(UPLIFT_SHARE * band_of(spells, spell.course) for spell in spells)
        if total(rows) > most + ROUNDING * len(rows):
            return f"{uln} earned {pounds(total(rows))} framework uplift; a fifth of the band is {pounds(most)}"
        if any(amount_of(row) < 0 for row in rows):
            return f"{uln} earned a framework uplift below nothing"
    return ""


def additional_once(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for uln in spells_of(given):
        for type, most in ADDITIONAL_TYPES.items():
            months = [month for month, amount in _by_month(earned_for(answer, uln, type)).items() if amount]
            if len(months) > 1:
                return f"{uln} earned the {type.replace('_', ' ')} in {' and in '.join(map(str, months))}"
            if total(earned_for(answer, uln, type)) > most:
                return f"{uln} earned more than {pounds(Decimal(most))} {type.replace('_', ' ')}"
    return ""


def english_within_its_rate(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    rate = Decimal(given["english_maths_aims"][0]["rate"])
    for ukprn, learners in last_returned(given).items():
        for learner in learners:
            aims = [aim for aim in learner["LearningDelivery"] if aim["AimType"] == 3]
            kept = [aim for aim in aims if not _is_lost(aim) or _is_lost_late(aim)]
            most = sum((rate * aim.get("PriorLearnFundAdj", 100) / 100 for aim in kept), NOTHING)
            rows = [row for row in earned_for(answer, learner["ULN"], *ENGLISH_TYPES) if row["ukprn"] == ukprn]
            if total(rows) > most + ROUNDING * len(rows):
                return f"{learner['ULN']} earned {pounds(total(rows))} for English that is funded at {pounds(most)}"
    return ""


def support_once_a_month(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    rows = [row for row in answer["earnings"] if row["type"] == "learning_support"]
    for (ukprn, uln, month), amount in summed(rows, "ukprn", "uln", "month").items():
        if amount not in (NOTHING, SUPPORT_A_MONTH):
            return f"{uln} earned {pounds(amount)} learning support with {ukprn} in {month}"
    return ""


# Two histories that earn the same


def _compared(one: Answer, other: Answer, until: Month = LAST_MONTH) -> str:
    """What is earned otherwise in one of two answers, in the months before one."""
    names = ("ukprn", "uln", "type", "month")
    rows = ([row for row in answer["earnings"] if _month(row) < until] for answer in (one, other))
    here, there = (summed(found, *names) for found in rows)
    found = first_difference(here, there)
    return f"{found[0]}: {found[1]} became {found[2]}" if found else ""


def _with(given: Facts, submissions: list[dict[str, Any]]) -> Facts:
    return {**given, "submissions": submissions}


def the_past_stays(ask: Ask, given: Facts) -> str:
    learners = last_returned(given)
    days = _days_of(learners)
    return _later_than(ask, given, learners, days[1:])


def the_last_change_leaves_the_past(ask: Ask, given: Facts) -> str:
    learners = last_returned(given)
    return _later_than(ask, given, learners, _days_of(learners)[1:][-1:])


def _days_of(learners: Learners) -> list[date]:
    return sorted({day for own in learners.values() for learner in own for day in days_of_change(learner)})


def _later_than(ask: Ask, given: Facts, learners: Learners, days: Sequence[date]) -> str:
    """What an earlier month lost or gained by what happened on one of the days, the last one first."""
    now = ask(_with(given, returned_at_once(learners))) if days else {}
    for day in reversed(days):
        if any(_is_lost(aim) and _last_day(aim) == day for aim in _aims(learners)):
            return ""
        known = {
            ukprn: [found for learner in own if (found := as_known(learner, day - ONE_DAY)) is not None]
            for ukprn, own in learners.items()
        }
        before = ask(_with(given, returned_at_once({ukprn: own for ukprn, own in known.items() if own})))
        if problem := _compared(before, now, month_of(day)):
            return f"{problem} by what happened on {day}"
    return ""


def _aims(learners: Learners) -> Iterator[dict[str, Any]]:
    for own in learners.values():
        for learner in own:
            yield from learner["LearningDelivery"]


def in_time_or_at_once(ask: Ask, given: Facts) -> str:
    learners = last_returned(given)
    if any(map(_is_lost_late, _aims(learners))):
        return ""
    in_time = ask(_with(given, returned_in_time(learners)))
    problem = _compared(ask(_with(given, returned_at_once(learners))), in_time)
    return f"{problem} when it was returned month by month" if problem else ""


def august_changes_nothing(ask: Ask, given: Facts) -> str:
    learners = last_returned(given)
    once = returned_at_once(learners)
    again = [
        {"collection": str(Collection(month.funding_year, 1)), "ukprn": ukprn, "learners": own}
        for ukprn, own in learners.items()
        for month in new_years(own)
    ]
    problem = _compared(ask(_with(given, once)), ask(_with(given, [*once, *again])))
    return f"{problem} when the same was returned again in the new funding year" if problem else ""


def ended_aims_may_be_missing(ask: Ask, given: Facts) -> str:
    learners = last_returned(given)
    whole = returned_in_time(learners)
    partly = [{**submission, "learners": list(_without_ended(submission))} for submission in whole]
    problem = _compared(ask(_with(given, whole)), ask(_with(given, partly)))
    return f"{problem} when aims that had ended were missing from the new year's returns" if problem else ""


def _without_ended(submission: dict[str, Any]) -> Iterator[dict[str, Any]]:
    august = a_collection(submission["collection"], Place([])).first_month.first_day
    for learner in submission["learners"]:
        aims = [aim for aim in learner["LearningDelivery"] if _last_day(aim) >= august]
        if aims:
            yield {**learner, "LearningDelivery": aims}


def last_return_of_a_year_counts(ask: Ask, given: Facts) -> str:
    submissions = returned_in_time(last_returned(given))
    last = {(submission["ukprn"], submission["collection"][:4]): submission for submission in submissions}
    otherwise = [one if one in last.values() else {**one, "learners": _dearer(one["learners"])} for one in submissions]
    now = ask(_with(given, submissions))
    for others, what in ((list(last.values()), "were left out"), (otherwise, "gave another price")):
        if problem := _compared(now, ask(_with(given, others))):
            return f"{problem} when the earlier returns of the year {what}"
    return ""


def _dearer(learners: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_with_programmes(learner, _dearer_aim) for learner in learners]


def _dearer_aim(aim: dict[str, Any]) -> dict[str, Any]:
    records = [{**record, "AFinAmount": record["AFinAmount"] + 1000} for record in aim["AppFinRecord"]]
    return {**aim, "AppFinRecord": records}


def closed_years_are_final(ask: Ask, given: Facts) -> str:
    learners = last_returned(given)
    whole = returned_in_time(learners)
    year = min(first_month(own).funding_year for own in learners.values())
    late = str(Collection(year + 1, 13))
    now = ask(_with(given, whole))
    for wrong, what in ((_backdated, "gave another price from its start"), (lambda _: [], "held nobody")):
        more = [{"collection": late, "ukprn": ukprn, "learners": wrong(own)} for ukprn, own in learners.items()]
        then = ask(_with(given, [*whole, *more]))
        if problem := _compared(now, then, Collection(year + 1, 1).first_month):
            return f"{problem} when the return {late} {what}"
    return ""


def _backdated(learners: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_with_programmes(learner, _priced_otherwise) for learner in learners]


def _priced_otherwise(aim: dict[str, Any]) -> dict[str, Any]:
    return {**aim, "AppFinRecord": [tnp(1, date.fromisoformat(aim["LearnStartDate"]), 100)]}


def the_same_price_changes_nothing(ask: Ask, given: Facts) -> str:
    learners = {
        ukprn: [_with_programmes(learner, _without_repeated_totals) for learner in own]
        for ukprn, own in last_returned(given).items()
    }
    problem = _compared(
        ask(_with(given, returned_at_once(learners))), ask(_with(given, returned_at_once(last_returned(given))))
    )
    return f"{problem} when an unchanged total was recorded again" if problem else ""


def _with_programmes(learner: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    aims = [change(aim) if aim["AimType"] == 1 else aim for aim in learner["LearningDelivery"]]
    return {**learner, "LearningDelivery": aims}


def _without_repeated_totals(aim: dict[str, Any]) -> dict[str, Any]:
    kept: list[dict[str, Any]] = []
    amounts: dict[int, int] = {}
    for record in aim["AppFinRecord"]:
        code = record["AFinCode"]
        if code >= RESIDUAL or amounts.get(code) != record["AFinAmount"]:
            kept.append(record)
        amounts[code] = record["AFinAmount"]
    return {**aim, "AppFinRecord": kept}


def contracts_move_no_amount(ask: Ask, given: Facts) -> str:
    learners = last_returned(given)
    without = {
        ukprn: [_with_programmes(learner, _first_contract_only) for learner in own] for ukprn, own in learners.items()
    }
    problem = _compared(ask(_with(given, returned_at_once(without))), ask(_with(given, returned_at_once(learners))))
    return f"{problem} by a change of contract type" if problem else ""


def _first_contract_only(aim: dict[str, Any]) -> dict[str, Any]:
    contracts = [fam for fam in aim["LearningDeliveryFAM"] if fam["LearnDelFAMType"] == "ACT"]
    others = [fam for fam in aim["LearningDeliveryFAM"] if fam["LearnDelFAMType"] != "ACT"]
    first = {name: value for name, value in contracts[0].items() if name != "LearnDelFAMDateTo"}
    return {**aim, "LearningDeliveryFAM": [first, *others]}


def days_in_learning_decide(ask: Ask, given: Facts) -> str:
    answer = ask(_with(given, returned_at_once(last_returned(given))))
    for uln, spells in spells_of(given).items():
        for which, number in zip(("first", "second"), DAYS_DUE, strict=True):
            types = [type for type in ADDITIONAL_TYPES if type.startswith(which)]
            earned = summed(earned_for(answer, uln, *types), "type", "month")
            spell, lost = _after_days(spells, number)
            due: dict[tuple[str, ...], Decimal] = {}
            if spell is not None and not _is_lost(spell.aim):
                unbroken = ask(_with(given, _unbroken(spells[0], lost)))
                due = summed(earned_for(unbroken, uln, *types), "type", "month")
            if found := first_difference(due, earned):
                key, was, now = found
                return f"{uln} {key}: {was} became {now} by {lost} days of breaks before day {number}"
    return ""


def _after_days(spells: Sequence[Spell], number: int) -> tuple[Spell | None, int]:
    """The aim in which a day in learning lies, and the days of breaks before it."""
    learned, expected, lost = 0, spells[0].first, 0
    for spell in spells:
        lost += (spell.first - expected).days
        days = days_inclusive(spell.first, spell.last) if spell.last < date.max else number
        if learned + days >= number:
            return spell, lost
        learned += days
        expected = spell.last + ONE_DAY
    return None, lost


def _unbroken(spell: Spell, days: int) -> list[dict[str, Any]]:
    """One long aim with one provider, begun so many days later by someone born so many days later."""
    start = spell.first + timedelta(days=days)
    fams = [
        {**fam, "LearnDelFAMDateFrom": iso(start)} if "LearnDelFAMDateFrom" in fam else fam
        for fam in _first_contract_only(spell.aim)["LearningDeliveryFAM"]
    ]
    prices = [{**record, "AFinDate": iso(start)} for record in spell.prices if record["AFinDate"] == iso(spell.first)]
    aim = {name: value for name, value in spell.aim.items() if name not in ("LearnActEndDate", "AchDate")}
    aim |= {
        "LearnStartDate": iso(start),
        "LearnPlanEndDate": iso(start + timedelta(days=LONG_ENOUGH)),
        "CompStatus": 1,
        "LearningDeliveryFAM": fams,
        "AppFinRecord": prices,
    }
    status = {**_statuses(spell.learner)[0], "DateEmpStatApp": iso(start - ONE_DAY)}
    born = date.fromisoformat(spell.learner["DateOfBirth"]) + timedelta(days=days)
    who = {"DateOfBirth": iso(born), "LearnerEmploymentStatus": [status], "LearningDelivery": [aim]}
    return returned_at_once({spell.ukprn: [{**spell.learner, **who}]})


_EARNINGS: Final = ("earnings",)

OF_ONE_ANSWER: Final = (
    Property(
        "band-over-everything",
        "Instalments, completion and balancing of one apprenticeship never pass its band, over all "
        "providers, employers, breaks and prices.",
        ("GUIDE-143", "GUIDE-144", "GUIDE-145", "GUIDE-146", "READ-18"),
        _EARNINGS,
        changing(),
        never_above_the_band,
    ),
    Property(
        "completed-earns-the-last-price",
        "Who completes has earned with the last provider the last total, or since its month the residual, as far as "
        "the band leaves room for it.",
        ("GUIDE-129", "GUIDE-131", "GUIDE-171", "READ-16", "READ-17", "READ-18"),
        _EARNINGS,
        changing(completed=True),
        completed_earns_the_last_price,
    ),
    Property(
        "equal-instalments",
        "While nothing changes, one month earns as much as the one before, also over a 1 August.",
        ("GUIDE-129", "GUIDE-171", "READ-10", "READ-23"),
        _EARNINGS,
        changing(),
        instalments_are_equal,
        not_in=DRAFT,
    ),
    Property(
        "nothing-after-the-twelve-weeks",
        "Who loses the job early and finds none in twelve weeks earns nothing more on that aim.",
        ("GUIDE-174", "GUIDE-175", "RULES-200.3", "READ-41"),
        _EARNINGS,
        changing(wanted=("redundant",)),
        nothing_after_the_twelve_weeks,
    ),
    Property(
        "half-needs-an-employer",
        "In a month without employment only the provider's half of an additional payment is earned, else both are.",
        ("GUIDE-150", "GUIDE-176", "GUIDE-179", "READ-06"),
        _EARNINGS,
        changing(wanted=("redundant",)),
        half_needs_an_employer,
    ),
    Property(
        "uplift-within-a-fifth",
        "The framework uplift never passes 20% of the band, over all providers, breaks and pathways.",
        ("GUIDE-108", "GUIDE-140", "GUIDE-142", "GUIDE-173", "READ-33"),
        _EARNINGS,
        changing(),
        uplift_within_a_fifth,
    ),
    Property(
        "additional-once",
        "Each additional payment is earned at most once in an apprenticeship.",
        ("GUIDE-107", "GUIDE-136", "GUIDE-138"),
        _EARNINGS,
        changing(),
        additional_once,
    ),
    Property(
        "english-within-its-rate",
        "English never earns more than its rate, reduced for prior learning.",
        ("GUIDE-118", "GUIDE-119", "READ-30"),
        _EARNINGS,
        changing(),
        english_within_its_rate,
    ),
    Property(
        "support-once-a-month",
        "Learning support is £150 once a month and learner, or nothing.",
        ("GUIDE-121", "READ-32"),
        _EARNINGS,
        changing(),
        support_once_a_month,
    ),
)

OF_TWO_ANSWERS: Final = (
    Property(
        "past-stays",
        "What happens on a day changes no earlier month, unless the qualifying period fails.",
        ("GUIDE-129", "READ-07"),
        _EARNINGS,
        changing(),
        the_past_stays,
        not_in=DRAFT,
    ),
    Property(
        "in-time-or-at-once",
        "Whether everything is returned in its own month or all of it in the first return, the same is earned.",
        ("GUIDE-134", "READ-64"),
        _EARNINGS,
        changing(),
        in_time_or_at_once,
        not_in=DRAFT,
    ),
    Property(
        "august-cut",
        "Returning the same again in a new funding year changes no amount.",
        ("GUIDE-134", "READ-23"),
        _EARNINGS,
        changing(in_time=False),
        august_changes_nothing,
    ),
    Property(
        "ended-aims-may-be-missing",
        "Aims that ended before 1 August may be missing from the new year's returns.",
        ("READ-70",),
        _EARNINGS,
        changing(wanted=("break_in_learning", "new_provider", "new_pathway")),
        ended_aims_may_be_missing,
    ),
    Property(
        "open-year-submissions",
        "Within a funding year only the last return counts, however many there were and whatever they said.",
        ("READ-64", "READ-70"),
        _EARNINGS,
        changing(in_time=True),
        last_return_of_a_year_counts,
    ),
    Property(
        "closed-year-final",
        "What is returned for a later year changes no month of a closed one.",
        ("GUIDE-188", "READ-64"),
        _EARNINGS,
        changing(in_time=True),
        closed_years_are_final,
    ),
    Property(
        "unchanged-price-twice",
        "Recording an unchanged total price again changes nothing.",
        ("GUIDE-129", "READ-16"),
        _EARNINGS,
        changing(wanted=("same_price",)),
        the_same_price_changes_nothing,
    ),
    Property(
        "contract-moves-no-amount",
        "A change of contract type changes no amount.",
        ("GUIDE-133", "READ-23"),
        _EARNINGS,
        changing(wanted=("new_contract",)),
        contracts_move_no_amount,
    ),
    Property(
        "break-moves-additional",
        "A break moves the days of additional payments by exactly its days; a move of provider or employer by none.",
        ("GUIDE-136", "GUIDE-167", "GUIDE-170", "GUIDE-172", "RULES-199", "READ-05"),
        _EARNINGS,
        changing(wanted=("break_in_learning", "new_provider"), never=("redundant",)),
        days_in_learning_decide,
        not_in=DRAFT,
    ),
)


STEP_BY_STEP: Final = Property(
    "step-by-step",
    "After every change of an apprenticeship no earlier month has changed, and all that is said of one answer holds.",
    ("GUIDE-129", "READ-07"),
    _EARNINGS,
    walk,
    the_last_change_leaves_the_past,
    also=OF_ONE_ANSWER,
    not_in=DRAFT,
)

PROPERTIES_OF_CHANGES: Final = (*OF_ONE_ANSWER, *OF_TWO_ANSWERS, STEP_BY_STEP)

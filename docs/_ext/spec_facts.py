"""The facts of a worked example in short sentences: who pays, and what each return says that is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from funding_reference.calendar import Month
from funding_reference.money import Money
from spec_catalogue import whole_pounds
from spec_examples import day, span

Record = Mapping[str, Any]

_ENDED: Final = {2: "completed", 3: "withdrawn", 6: "on a break"}
_CONTRACTS: Final = {"1": "the employer's contract (ACT 1)", "2": "the agency's contract (ACT 2)"}
_PRICES: Final = {1: "training", 2: "assessment", 3: "residual training", 4: "residual assessment"}
_PAYMENTS: Final = {1: "paid by the employer", 2: "paid by the employer", 3: "repaid to the employer"}


def facts(given: Record) -> Iterator[str]:
    """The facts that matter, one sentence each."""
    yield from _employers(given)
    known: dict[tuple[Any, Any], dict[str, str]] = {}
    present: dict[Any, set[Any]] = {}
    several = len({s.get("ukprn") for s in given.get("submissions", [])}) > 1
    for submission in given.get("submissions", []):
        ukprn, learners = submission.get("ukprn"), submission.get("learners", [])
        returned = f"{submission.get('collection')}" + (f" of provider {ukprn}" if several else "")
        for learner in learners:
            reference = learner.get("LearnRefNumber")
            now = dict(_learner(given, learner))
            before = known.get((ukprn, reference), {})
            changed = [text for name, text in now.items() if before.get(name) != text]
            gone = [f"no longer {before[name]}" for name in before if name not in now and name not in _QUIET]
            known[ukprn, reference] = now
            yield f"{returned} returns {reference}: {'; '.join([*changed, *gone]) or 'the same again'}."
        for reference in sorted(present.get(ukprn, set()) - {one.get("LearnRefNumber") for one in learners}):
            yield f"{returned} no longer returns {reference}."
        present[ukprn] = {one.get("LearnRefNumber") for one in learners}
    if "through" in given:
        yield f"Runs end with {given['through']}."


_QUIET: Final = ("status",)


def _employers(given: Record) -> Iterator[str]:
    for employer in given.get("employers", []):
        if not employer.get("levy_payer"):
            yield f"{employer.get('id')} pays no levy."
            continue
        order = employer.get("provider_priority")
        says = [f"account: {_funds(employer.get('levy_funds', 'none'))}"]
        if order:
            says.append(f"pays providers in the order {', '.join(map(str, order))}")
        yield f"{employer.get('id')} pays the levy; {'; '.join(says)}."
    agreements = given.get("agreements", [])
    for agreement in agreements if len(agreements) > 1 else []:
        priority = f", priority {agreement['priority']}" if "priority" in agreement else ""
        approved = day(agreement.get("approved", agreement.get("start")))
        yield (
            f"Agreement {agreement.get('id')}: ULN {agreement.get('uln')} with provider "
            f"{agreement.get('ukprn')}, approved {approved}{priority}."
        )


def _funds(funds: Any) -> str:
    match funds:
        case "unlimited":
            return "always enough"
        case "none":
            return "nothing in it"
        case {"available": available}:
            return ", ".join(f"{_money(amount)} in {_month(month)}" for month, amount in available.items())
        case {"declarations": declared}:
            return f"worked out from {len(declared)} declarations of levy"
        case _:
            return str(funds)


def _learner(given: Record, learner: Record) -> Iterator[tuple[str, str]]:
    """What a return says of a learner, by name, so that returns can be compared."""
    for number, aim in enumerate(learner.get("LearningDelivery", [])):
        is_programme = aim.get("AimType") == 1
        label = "" if is_programme else f"aim {aim.get('LearnAimRef')} "
        start = aim.get("LearnStartDate")
        yield f"dates {number}", f"{label}from {day(start)}, planned to {day(aim.get('LearnPlanEndDate'))}"
        yield from _ending(number, label, aim)
        if is_programme:
            yield from _prices(aim, start)
            yield "band", _band(given, aim)
        for fam in aim.get("LearningDeliveryFAM", []):
            yield from _fam(number, label, fam, start)
        for name, words in (("PriorLearnFundAdj", "prior learning leaves"), ("OtherFundAdj", "funded at")):
            if name in aim:
                yield f"{name} {number}", f"{label}{words} {aim[name]}%"
    if "DateOfBirth" in learner:
        yield "born", f"born {day(learner['DateOfBirth'])}"
    area = _area(given, learner)
    if area:
        yield "area", area
    yield from _employment(learner.get("LearnerEmploymentStatus", []))


def _ending(number: int, label: str, aim: Record) -> Iterator[tuple[str, str]]:
    status, last = aim.get("CompStatus"), aim.get("LearnActEndDate")
    if last is not None:
        yield f"status {number}", f"{label}{_ENDED.get(int(status or 0), 'ended')} on {day(last)}"
    elif status != 1:
        yield f"status {number}", f"{label}recorded as completion status {status} without a last day"


def _prices(aim: Record, start: Any) -> Iterator[tuple[str, str]]:
    records = aim.get("AppFinRecord", [])
    prices = [record for record in records if record.get("AFinType") == "TNP"]
    if prices:
        parts = (
            f"{_money(record.get('AFinAmount'))} {_PRICES.get(record.get('AFinCode'), '')}".strip()
            + (f" from {day(record.get('AFinDate'))}" if record.get("AFinDate") != start else "")
            for record in prices
        )
        yield "price", f"price {' and '.join(parts)}"
    paid = [record for record in records if record.get("AFinType") == "PMR"]
    if paid:
        parts = (
            f"{_money(record.get('AFinAmount'))} {_PAYMENTS.get(record.get('AFinCode'), '')} on "
            f"{day(record.get('AFinDate'))}"
            for record in paid
        )
        yield "paid", f"recorded: {', '.join(parts)}"


def _band(given: Record, aim: Record) -> str:
    course = next((course for course in given.get("courses", []) if _is_course(course, aim)), None)
    if course is None:
        return "course not known"
    kind = "standard" if "standard_code" in course else "framework"
    bands = course.get("funding_bands", [])
    texts = [
        _money(band.get("maximum")) + (f" from {day(band.get('from'))}" if len(bands) > 1 else "") for band in bands
    ]
    return f"{kind} with a band of {', '.join(texts) or 'nothing'}"


def _is_course(course: Record, aim: Record) -> bool:
    if "standard_code" in course:
        return bool(aim.get("StdCode") == course["standard_code"])
    return bool(aim.get("FworkCode") == course.get("framework_code"))


def _fam(number: int, label: str, fam: Record, start: Any) -> Iterator[tuple[str, str]]:
    kind, value = fam.get("LearnDelFAMType"), str(fam.get("LearnDelFAMCode"))
    if kind == "ACT":
        yield f"ACT {number}", f"{label}{_CONTRACTS.get(value, f'ACT {value}')}"
        return
    begins, ends = fam.get("LearnDelFAMDateFrom"), fam.get("LearnDelFAMDateTo")
    dates = f" from {day(begins)}" if begins not in (None, start) else ""
    dates += f" to {day(ends)}" if ends else ""
    words = "learning support" if kind == "LSF" else f"{kind} {value}"
    yield f"{kind} {number} {value} {begins}", f"{label}{words}{dates}"


def _area(given: Record, learner: Record) -> str:
    for postcode in given.get("postcodes", []):
        if postcode.get("postcode") == learner.get("PostcodePrior"):
            deprivation = postcode.get("deprivation")
            if deprivation == "none":
                return "from an area that is not deprived"
            return f"from the {deprivation}% most deprived areas"
    return ""


def _employment(statuses: Sequence[Record]) -> Iterator[tuple[str, str]]:
    several = len(statuses) > 1
    for number, status in enumerate(statuses):
        small = any(
            (mark.get("ESMType"), mark.get("ESMCode")) == ("SEM", 1)
            for mark in status.get("EmploymentStatusMonitoring", [])
        )
        if small or several or status.get("EmpStat") != 10:
            says = "small employer" if small else "employer not marked as small"
            if status.get("EmpStat") != 10:
                says = f"employment status {status.get('EmpStat')}"
            yield f"employment {number}", f"{says} from {day(status.get('DateEmpStatApp'))}"


def _money(amount: Any) -> str:
    try:
        return whole_pounds(Money(str(amount)))
    except (ValueError, ArithmeticError):
        return str(amount)


def _month(text: Any) -> str:
    year, _, month = str(text).partition("-")
    if not (year.isdigit() and month.isdigit() and 1 <= int(month) <= 12):
        return str(text)
    found = Month(int(year) * 12 + int(month) - 1)
    return span(found, found)

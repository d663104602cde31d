"""Apprenticeship Data Match Report: where a provider's returns differ from what employers approved, as CSV.

One report holds a provider's funding year: a row for each learner, price episode and code, headers alone where nothing
differs (GUIDE-100). The columns are those of the public report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from attrs import frozen
from funding_reference.calendar import Month
from funding_reference.money import Money, plain, rounded

from funding_conformance.formats.cells import (
    Report,
    csv_line,
    day_text,
    report_of,
)
from funding_conformance.formats.lines import FormatError, Line, Record, Returns, a_month, day_of
from funding_conformance.formats.paid import providers_of
from funding_conformance.rows import row_problem

COLUMNS: Final = (
    "Learner reference number",
    "Unique learner number",
    "Aim sequence number",
    "Rule name",
    "Description",
    "ILR value",
    "Apprenticeship service value",
    "Price episode start date",
    "Price episode actual end date",
    "Price episode identifier",
    "Official - sensitive",
)
"""Every column in its order."""

DESCRIPTIONS: Final[Mapping[str, str]] = {
    "DLOCK_01": "No employer has approved an apprenticeship for this learner with this provider",
    "DLOCK_02": "No employer has approved an apprenticeship for this unique learner number",
    "DLOCK_03": "The standard is not the one that was approved",
    "DLOCK_04": "The framework is not the one that was approved",
    "DLOCK_05": "The programme type is not the one that was approved",
    "DLOCK_06": "The pathway is not the one that was approved",
    "DLOCK_07": "The price is not the one that was approved",
    "DLOCK_08": "More than one approved apprenticeship is live for this learner",
    "DLOCK_09": "The approved terms do not start when the price does",
    "DLOCK_10": "The employer has stopped the approved apprenticeship",
    "DLOCK_11": "The employer of the approved apprenticeship does not pay the levy",
    "DLOCK_12": "The employer has paused the approved apprenticeship",
}
"""What each code means, in our own words."""

_MATCHED: Final = 1


@frozen
class _Error:
    """A code, and what it is about.

    :param line: the price episode
    :param month: the first month in which it is reported
    """

    line: Line
    code: str
    month: Month

    @property
    def day(self) -> date:
        """The day whose terms are shown: the month's census, or the last day of learning before it."""
        ended = day_of(self.line.aim.get("LearnActEndDate"))
        return min(self.month.census, ended) if ended else self.month.census


def data_match_csv(
    given: Mapping[str, Any],
    matches: Iterable[Mapping[str, Any]],
    earnings: Iterable[Mapping[str, Any]],
    year: int,
) -> list[Report]:
    """One report for each provider; one whose returns all match has headers alone.

    :param given: the facts of a scenario as plain data
    :param matches: rows as the protocol writes them
    :param earnings: rows likewise, which say to which aim a price episode belongs
    :param year: the calendar year in which the funding year began
    :raises FormatError: a row is not as the protocol has it
    """
    errors = list(_errors(given, matches, earnings, year))
    service = _Service(given)
    return [
        report_of(
            ukprn,
            year,
            "apprenticeship-data-match",
            _lines((one for one in errors if one.line.ukprn == ukprn), service),
        )
        for ukprn in providers_of(given, year, (one.line.ukprn for one in errors))
    ]


def _errors(
    given: Mapping[str, Any], matches: Iterable[Mapping[str, Any]], earnings: Iterable[Mapping[str, Any]], year: int
) -> Iterator[_Error]:
    """Each code of a price episode once, with the first month of it."""
    returns = Returns(given)
    aims = {
        (row["ukprn"], row.get("learner", row["uln"]), row["price_episode"]): row.get("aim")
        for row in earnings
        if "price_episode" in row
    }
    found: dict[tuple[Any, ...], _Error] = {}
    for number, row in enumerate(matches):
        if problem := row_problem(row, "matches"):
            raise FormatError(problem[1], path=f"matches[{number}]{problem[0]}")
        month = a_month(row["month"])
        if month.funding_year != year or not row["errors"]:
            continue
        episode = row.get("price_episode")
        aim = row.get("aim", aims.get((row["ukprn"], row.get("learner", row["uln"]), episode)))
        line = _line(returns, {**row, "aim": aim}, year)
        for code in row["errors"]:
            key = (line.ukprn, line.reference, line.aim.get("AimSeqNumber", 0), str(line.start or ""), code)
            if key not in found or month < found[key].month:
                found[key] = _Error(line, code, month)
    yield from (found[key] for key in sorted(found))


def _line(returns: Returns, row: Mapping[str, Any], year: int) -> Line:
    learner, aim = returns.aim_of(row, year) or (
        returns.learner_of(row, year) or {"LearnRefNumber": row.get("learner"), "ULN": row["uln"]},
        {},
    )
    episode = date.fromisoformat(row["price_episode"]) if "price_episode" in row else None
    return Line(row["ukprn"], year, row["uln"], learner, aim, (), episode, _MATCHED, {})


def _lines(errors: Iterable[_Error], service: _Service) -> Iterator[str]:
    yield csv_line(COLUMNS)
    for one in errors:
        line = one.line
        returned, approved = service.values(one)
        cells = {
            "Learner reference number": line.reference,
            "Unique learner number": str(line.uln),
            "Aim sequence number": str(line.aim.get("AimSeqNumber", "")),
            "Rule name": one.code,
            "Description": DESCRIPTIONS[one.code],
            "ILR value": returned,
            "Apprenticeship service value": approved,
            "Price episode start date": day_text(line.start),
            "Price episode actual end date": day_text(line.end),
            "Price episode identifier": line.identifier if line.aim else "",
        }
        yield csv_line([cells.get(column, "") for column in COLUMNS])


# The two values that differ


class _Service:
    """What the apprenticeship service holds of an apprentice, by the facts of a scenario."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._courses = {course["id"]: course for course in given.get("courses") or ()}
        self._employers = {employer["id"]: employer for employer in given.get("employers") or ()}
        self._agreements: dict[int, list[Record]] = {}
        for agreement in given.get("agreements") or ():
            self._agreements.setdefault(agreement["uln"], []).append(agreement)

    def values(self, error: _Error) -> tuple[str, str]:
        """What the return has and what was approved; of several agreements every value that differs."""
        returned = _RETURNED[error.code](error.line)
        approved = [value for value in self._approved(error) if value and value != returned]
        return returned, "; ".join(dict.fromkeys(approved))

    def _approved(self, error: _Error) -> Iterator[str]:
        agreements = self._agreements.get(error.line.uln, ())
        if error.code in ("DLOCK_01", "DLOCK_08"):
            yield from (str(one["ukprn" if error.code == "DLOCK_01" else "id"]) for one in agreements)
            return
        for agreement in agreements:
            if agreement["ukprn"] == error.line.ukprn:
                terms = _terms(agreement, error.day)
                course = self._courses.get(terms.get("course") or agreement["course"], {})
                yield self._approved_in(error.code, agreement, terms, course)

    def _approved_in(self, code: str, agreement: Record, terms: Record, course: Record) -> str:
        match code:
            case "DLOCK_03":
                return _plain(course.get("standard_code"))
            case "DLOCK_04":
                return _plain(course.get("framework_code"))
            case "DLOCK_05":
                return _plain(course.get("programme_type"))
            case "DLOCK_06":
                return _plain(course.get("pathway_code"))
            case "DLOCK_07":
                price = terms.get("price", agreement.get("price"))
                return "" if price is None else plain(rounded(Money(str(price))))
            case "DLOCK_09":
                return day_text(day_of(terms.get("from", agreement["start"])))
            case "DLOCK_10":
                return day_text(day_of(agreement.get("stopped_on")) or day_of(terms.get("to")))
            case "DLOCK_11":
                employer = self._employers.get(agreement["employer"], {})
                return "" if employer.get("levy_payer") else str(agreement["employer"])
            case "DLOCK_12":
                return day_text(day_of(terms.get("from"))) if terms.get("status") == "paused" else ""
            case _:
                return ""


def _terms(agreement: Record, day: date) -> Record:
    """The version of an agreement that holds on a day, or else the first; of one without versions nothing."""
    versions = sorted(agreement.get("versions") or (), key=lambda version: str(version["from"]))
    begun = [version for version in versions if (start := day_of(version["from"])) and start <= day]
    return next(iter([*begun[-1:], *versions[:1]]), {})


def _price(line: Line) -> str:
    prices = line.prices.values()
    return plain(rounded(sum((Money(price.pounds) for price in prices), Money(0)))) if prices else ""


def _price_date(line: Line) -> str:
    return day_text(max((price.recorded for price in line.prices.values()), default=None))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


_RETURNED: Final[Mapping[str, Callable[[Line], str]]] = {
    "DLOCK_01": lambda line: str(line.ukprn),
    "DLOCK_02": lambda line: str(line.uln),
    "DLOCK_03": lambda line: _plain(line.aim.get("StdCode")),
    "DLOCK_04": lambda line: _plain(line.aim.get("FworkCode")),
    "DLOCK_05": lambda line: _plain(line.aim.get("ProgType")),
    "DLOCK_06": lambda line: _plain(line.aim.get("PwayCode")),
    "DLOCK_07": _price,
    "DLOCK_08": lambda line: "",
    "DLOCK_09": _price_date,
    "DLOCK_10": lambda line: "",
    "DLOCK_11": lambda line: "",
    "DLOCK_12": lambda line: "",
}
"""What the return has that a code is about; nothing where it is about the agreement alone."""

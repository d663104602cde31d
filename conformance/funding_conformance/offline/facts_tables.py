"""The facts of every case as tables that open in a spreadsheet: what was returned, agreed and declared.

They say the same as the questions. Where a case gives nonsense on purpose, a cell shows it as it is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from funding_conformance.formats.sheets import LIST_MARK
from funding_conformance.offline.case_sets import AskedCase, Learner, Names

Record = Mapping[str, Any]


@frozen
class FactsTable:
    """A table of facts.

    :param says: what is in it, in a sentence for the guide
    """

    name: str
    says: str
    columns: tuple[str, ...]
    rows: Sequence[Record]


_LEARNER: Final = ("case", "collection", "ukprn", "LearnRefNumber")
_AIM: Final = (*_LEARNER, "AimSeqNumber")
_CODES: Final = ("standard_code", "framework_code", "programme_type", "pathway_code")
_TERMS: Final = ("from", "to", "price", "status", "course", "known_from")
_AGREEMENT: Final = (
    "employer", "sender", "ukprn", "uln", "course", "start", "planned_end", "approved", "priority",
    "transfer_approved", "known_from", "stopped_on", "stop_known_from",
)  # fmt: skip
_HISTORY: Final = (
    "collection", "ukprn", "uln", "learner", "aim", "aim_reference", "course", "price_episode", "contract_type",
    "employer", "sender", "type", "month", "source", "government_share", "claim", "amount",
)  # fmt: skip


def facts_tables(cases: Sequence[AskedCase], names: Names) -> list[FactsTable]:
    """Every table of facts.

    :param names: what learners are called in the ILR files
    """
    return [
        FactsTable(
            "employers.csv",
            "Every employer: its number in the ILR, whether it pays the levy, and what its account rests on.",
            ("case", "employer", "identifier", "levy_payer", "levy_funds", "provider_priority"),
            [row for case in cases for row in _employers(case)],
        ),
        FactsTable(
            "declarations.csv",
            "What is dated in an employer's account: levy declared, adjustments, opening funds, balances that are "
            "given (available), transfer allowances and later orders of providers.",
            ("case", "employer", "what", "from", "amount", "english_fraction", "order"),
            [row for case in cases for row in _dated_of_employers(case)],
        ),
        FactsTable(
            "agreements.csv",
            "The apprenticeship records approved on the service, a row for each version of their terms.",
            ("case", "agreement", *_AGREEMENT, "uln_in_ilr", *(f"version_{name}" for name in _TERMS)),
            [row for case in cases for row in _agreements(case, names)],
        ),
        FactsTable(
            "courses.csv",
            "Reference data: courses with their funding bands, English and maths qualifications, and postcodes.",
            ("case", "what", "id", *_CODES, "from", "amount", "deprivation"),
            [row for case in cases for row in _courses(case)],
        ),
        FactsTable(
            "history.csv",
            "What lies before or beside the returns: payments made, earlier earnings, and claims of the provider.",
            ("case", "what", *_HISTORY),
            [row for case in cases for row in _history(case)],
        ),
        *_returns(cases, names),
    ]


def _returns(cases: Sequence[AskedCase], names: Names) -> list[FactsTable]:
    learners, statuses, aims, monitoring, prices = _Rows(), _Rows(), _Rows(), _Rows(), _Rows()
    for case in cases:
        for submission in _records(case.given.get("submissions")):
            if not _records(submission.get("learners")):
                learners.add(_of_return(case, submission))
            for learner in _records(submission.get("learners")):
                whose = {**_of_return(case, submission), "LearnRefNumber": learner.get("LearnRefNumber")}
                learners.add({**whose, **_single(learner), **_in_files(case, submission, learner, names)})
                for status in _records(learner.get("LearnerEmploymentStatus")):
                    marks = _records(status.get("EmploymentStatusMonitoring"))
                    text = LIST_MARK.join(f"{mark.get('ESMType')} {mark.get('ESMCode')}" for mark in marks)
                    statuses.add({**whose, **_single(status), "EmploymentStatusMonitoring": text or None})
                for aim in _records(learner.get("LearningDelivery")):
                    of_aim = {**whose, "AimSeqNumber": aim.get("AimSeqNumber")}
                    aims.add({**of_aim, **_single(aim)})
                    for table, group in ((monitoring, "LearningDeliveryFAM"), (prices, "AppFinRecord")):
                        for record in _records(aim.get(group)):
                            table.add({**of_aim, **_single(record)})
    return [
        learners.table(
            "returns/learners.csv",
            "Who was returned by whom in which collection, and what the learner is called in the ILR files. A row "
            "without a learner is a return without any.",
            (*_LEARNER, "ULN", "DateOfBirth", "LearnRefNumber_in_ilr", "ULN_in_ilr"),
        ),
        statuses.table("returns/employment.csv", "Employment statuses of learners.", _LEARNER),
        aims.table("returns/aims.csv", "Aims (LearningDelivery) of learners.", _AIM),
        monitoring.table("returns/monitoring.csv", "Funding and monitoring records of aims.", _AIM),
        prices.table("returns/prices.csv", "Financial records of aims: prices and payments by the employer.", _AIM),
    ]


class _Rows:
    """Rows of a table whose further columns are those that its rows have."""

    def __init__(self) -> None:
        self._rows: list[Record] = []

    def add(self, row: Record) -> None:
        self._rows.append(row)

    def table(self, name: str, says: str, first: tuple[str, ...]) -> FactsTable:
        more = dict.fromkeys(column for row in self._rows for column in row if column not in first)
        return FactsTable(name, says, (*first, *more), self._rows)


def _of_return(case: AskedCase, submission: Record) -> dict[str, Any]:
    return {"case": case.id, "collection": submission.get("collection"), "ukprn": submission.get("ukprn")}


def _in_files(case: AskedCase, submission: Record, learner: Record, names: Names) -> dict[str, Any]:
    ukprn = submission.get("ukprn")
    who = Learner(case.id, ukprn if isinstance(ukprn, int) else 0, str(learner.get("LearnRefNumber")))
    if who not in names.references:
        return {}
    return {"LearnRefNumber_in_ilr": names.references[who], "ULN_in_ilr": names.uln(case.id, learner["ULN"])}


def _employers(case: AskedCase) -> Iterator[Record]:
    for employer in _records(case.given.get("employers")):
        funds = employer.get("levy_funds")
        kind = ", ".join(map(str, funds)) if isinstance(funds, Mapping) else funds
        order = employer.get("provider_priority")
        yield {"case": case.id, "employer": employer.get("id"), **_single(employer), "levy_funds": kind} | {
            "provider_priority": _listed(order)
        }


def _dated_of_employers(case: AskedCase) -> Iterator[Record]:
    for employer in _records(case.given.get("employers")):
        whose = {"case": case.id, "employer": employer.get("id")}
        funds = employer.get("levy_funds")
        funds = funds if isinstance(funds, Mapping) else {}
        for row in _records(funds.get("declarations")):
            fraction = row.get("english_fraction")
            amount = {"amount": row.get("levy"), "english_fraction": fraction}
            yield {**whose, "what": "declaration", "from": row.get("month"), **amount}
        for row in _records(funds.get("adjustments")):
            yield {**whose, "what": "adjustment", "from": row.get("month"), "amount": row.get("amount")}
        for row in _records(funds.get("opening")):
            yield {**whose, "what": "opening", "from": row.get("entered"), "amount": row.get("amount")}
        by_month = {"available": funds.get("available"), "transfer_allowance": employer.get("transfer_allowance")}
        for what, months in by_month.items():
            for month, amount in months.items() if isinstance(months, Mapping) else ():
                yield {**whose, "what": what, "from": month, "amount": amount}
        for row in _records(employer.get("priority_changes")):
            yield {**whose, "what": "priority_change", "from": row.get("from"), "order": _listed(row.get("order"))}


def _agreements(case: AskedCase, names: Names) -> Iterator[Record]:
    for agreement in _records(case.given.get("agreements")):
        terms = _records(agreement.get("versions")) or [{"price": agreement.get("price")}]
        own = {"case": case.id, "agreement": agreement.get("id")}
        own |= {name: agreement.get(name) for name in _AGREEMENT}
        uln = agreement.get("uln")
        in_files = names.ulns.get((case.id, uln)) if isinstance(uln, int) else None
        for version in terms:
            yield {**own, "uln_in_ilr": in_files, **{f"version_{name}": version.get(name) for name in _TERMS}}


def _courses(case: AskedCase) -> Iterator[Record]:
    for course in _records(case.given.get("courses")):
        for band in _records(course.get("funding_bands")) or [{}]:
            dated = {"from": band.get("from"), "amount": band.get("maximum")}
            yield {"case": case.id, "what": "course", **_single(course), **dated}
    for aim in _records(case.given.get("english_maths_aims")):
        yield {"case": case.id, "what": "english_maths", "id": aim.get("aim"), "amount": aim.get("rate")}
    for postcode in _records(case.given.get("postcodes")):
        where = {"id": postcode.get("postcode"), "deprivation": postcode.get("deprivation")}
        yield {"case": case.id, "what": "postcode", **where}


def _history(case: AskedCase) -> Iterator[Record]:
    for group, what in (
        ("payments_made", "payment made"),
        ("earnings_history", "earning made"),
        ("provider_claims", "provider claim"),
    ):
        for row in _records(case.given.get(group)):
            yield {**_single(row), "case": case.id, "what": what}


def _records(value: Any) -> list[Record]:
    """The objects of a list; whatever else a case gives on purpose stands in its question."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _single(record: Record) -> dict[str, Any]:
    """What a record says itself, without the groups in it."""
    return {name: _plain(value) for name, value in record.items() if not _is_group(value)}


def _is_group(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, default=str) if isinstance(value, list | Mapping) else value


def _listed(value: Any) -> str | None:
    return LIST_MARK.join(map(str, value)) if isinstance(value, list) and value else None

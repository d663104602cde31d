"""Apps Indicative Earnings: which column holds what, what is read from reports of others, and what a report omits."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.formats import FormatError
from funding_conformance.formats.indicative import COLUMNS, EARNINGS, OMITS, earnings_of_indicative, indicative_csv
from funding_conformance.judge import differences_of
from funding_conformance.protocol import read_declaration
from funding_conformance.scenarios import Expect, Table
from funding_reference.calendar import Month
from funding_reference.money import Amount, plain
from funding_reference.records import TYPES
from hypothesis import given as for_all

from tests.conformance.earned import (
    UKPRN,
    english,
    in_order,
    learner,
    price,
    programme,
    returned,
    returns_and_earnings,
    row,
)

COLUMN_OF = {
    "on_programme": "on programme earnings",
    "completion": "aim completion earnings",
    "balancing": "balancing payment earnings",
    "first_employer_incentive": "16-18 additional payments for employers",
    "second_employer_incentive": "16-18 additional payments for employers",
    "first_provider_incentive": "16-18 additional payments for providers",
    "second_provider_incentive": "16-18 additional payments for providers",
    "framework_uplift_on_programme": "16-18 framework uplift on programme payment",
    "framework_uplift_completion": "16-18 framework uplift completion payment",
    "framework_uplift_balancing": "16-18 framework uplift balancing payment",
    "first_disadvantage": "disadvantage earnings",
    "second_disadvantage": "disadvantage earnings",
    "english_maths_on_programme": "English and maths on programme earnings",
    "english_maths_balancing": "English and maths balancing payment earnings",
    "learning_support": "learning support earnings",
    "care_leaver_bursary": "additional payments for apprentices",
}
FIRST_OF = {type: types[0] for types in EARNINGS.values() for type in types}
ONE = returned(learner(programme(), english()))
FAM = "Learning delivery funding and monitoring type - "


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def only_row(given: dict[str, Any], *rows: dict[str, Any]) -> dict[str, str]:
    """The cells of the one row of the one report that are not empty; nor zero, if they are earnings."""
    [report] = indicative_csv(given, rows)
    [found] = cells(report.text)
    assert tuple(found) == COLUMNS
    earnings = COLUMNS[COLUMNS.index("August on programme earnings") :]
    return {name: cell for name, cell in found.items() if cell and not (name in earnings and not Decimal(cell))}


# Writing


def test_the_columns_are_those_of_the_official_report(shared: Path) -> None:
    text = (shared / "facts" / "report-columns.txt").read_text(encoding="utf-8")
    official = text.partition("== Apps Indicative Earnings")[2].partition("\n")[2].partition("\n\n")[0].splitlines()
    assert list(COLUMNS) == official


@pytest.mark.parametrize("type", TYPES)
def test_each_type_lands_in_its_column(type: str) -> None:
    found = only_row(ONE, row(type, "2018-07", "1142.85714"))
    amounts = {name: cell for name, cell in found.items() if cell == "1142.85714"}
    assert amounts == {f"July {COLUMN_OF[type]}": "1142.85714", f"Total {COLUMN_OF[type]}": "1142.85714"}


def test_types_of_one_column_are_added_up_and_so_are_months() -> None:
    rows = [row("first_disadvantage", amount="300.00000"), row("second_disadvantage", amount="0.00001")]
    found = only_row(ONE, *rows, row("first_disadvantage", "2018-01", "-50.00000"))
    assert found["August disadvantage earnings"] == "300.00001"
    assert found["January disadvantage earnings"] == "-50.00000"
    assert found["Total disadvantage earnings"] == "250.00001"


def test_what_was_returned_stands_in_its_columns() -> None:
    support = [
        {"LearnDelFAMType": "LSF", "LearnDelFAMCode": "1", "LearnDelFAMDateFrom": start, "LearnDelFAMDateTo": end}
        for start, end in [("2018-01-01", "2018-02-01"), ("2017-10-01", "2017-11-01")]
    ]
    monitoring = [{"LearnDelFAMType": "LDM", "LearnDelFAMCode": code} for code in ("356", "129")]
    restart = {"LearnDelFAMType": "RES", "LearnDelFAMCode": "1"}
    contract = {"LearnDelFAMType": "ACT", "LearnDelFAMCode": "1", "LearnDelFAMDateFrom": "2017-08-06"}
    paid = [price(code, day, amount, "PMR") for code, day, amount in [
        (1, date(2017, 7, 31), 100), (1, date(2017, 8, 1), 500), (2, date(2018, 7, 31), 60), (3, date(2018, 1, 1), 20),
        (1, date(2018, 8, 1), 9),
    ]]  # fmt: skip
    aim = programme(
        OrigLearnStartDate="2017-06-01",
        LearnActEndDate="2018-03-05",
        CompStatus=2,
        Outcome=1,
        AchDate="2018-04-05",
        EPAOrgID="EPA0001",
        PartnerUKPRN=10000009,
        DelLocPostCode="AB1 2CD",
        SWSupAimId="aim-1",
        LearningDeliveryFAM=[contract, *support, *monitoring, restart],
        AppFinRecord=[price(1, date(2017, 8, 6), 16000), *paid],
        ProviderSpecDeliveryMonitoring=[{"ProvSpecDelMonOccur": "B", "ProvSpecDelMon": "red"}],
    )
    statuses = [
        {"EmpStat": 11, "DateEmpStatApp": "2017-01-01"},
        {
            "EmpStat": 10,
            "DateEmpStatApp": "2017-08-05",
            "EmpId": 100000001,
            "EmploymentStatusMonitoring": [{"ESMType": "SEM", "ESMCode": 1}],
        },
        {"EmpStat": 12, "DateEmpStatApp": "2017-09-01"},
    ]
    person = {
        "FamilyName": "Doe, the younger",
        "GivenNames": 'Jo "J"',
        "PostcodePrior": "AB1 2CD",
        "CampId": "C1",
        "ProviderSpecLearnerMonitoring": [{"ProvSpecLearnMonOccur": "A", "ProvSpecLearnMon": "blue"}],
        "LearnerEmploymentStatus": statuses,
    }
    assert only_row(returned(learner(aim, **person)), row()) == {
        "Learner reference number": "A1",
        "Unique learner number": "1000000001",
        "Family name": "Doe, the younger",
        "Given names": 'Jo "J"',
        "Date of birth": "01/08/1992",
        "Postcode prior to enrolment": "AB1 2CD",
        "Campus identifier": "C1",
        "Provider specified learner monitoring (A)": "blue",
        "Aim sequence number": "1",
        "Learning aim reference": "ZPROG001",
        "Software supplier aim identifier": "aim-1",
        "Programme type": "25",
        "Standard code": "50",
        "Aim type": "1",
        "Funding model": "36",
        "Original learning start date": "01/06/2017",
        "Learning start date": "06/08/2017",
        "Learning planned end date": "19/12/2018",
        "Completion status": "2",
        "Learning actual end date": "05/03/2018",
        "Achievement date": "05/04/2018",
        "Outcome": "1",
        f"{FAM}learning support funding (if applicable)": "1",
        f"{FAM}LSF date applies from (earliest)": "01/10/2017",
        f"{FAM}LSF date applies to (latest)": "01/02/2018",
        f"{FAM}learning delivery monitoring (A)": "356",
        f"{FAM}learning delivery monitoring (B)": "129",
        f"{FAM}restart indicator": "1",
        "Provider specified delivery monitoring (B)": "red",
        "End point assessment organisation": "EPA0001",
        "Planned number of on programme instalments for aim": "16",
        "Sub contracted or partnership UKPRN": "10000009",
        "Delivery location postcode": "AB1 2CD",
        "Employer identifier on employment status date": "100000001",
        "Employment status": "10",
        "Employment status date": "05/08/2017",
        "Employment status monitoring - small employer": "1",
        "Price episode start date": "06/08/2017",
        "Price episode actual end date": "05/03/2018",
        "Total price applicable to this episode": "16000.00000",
        "Funding band upper limit": "15000.00000",
        "Price amount above funding band limit": "1000.00000",
        "Total employer contribution collected (PMR) in previous funding years": "100.00000",
        "Total employer contribution collected (PMR) in this funding year": "540.00000",
        f"{FAM}apprenticeship contract type": "1",
        f"{FAM}ACT date applies from": "06/08/2017",
        "August on programme earnings": "1000.00000",
        "Total on programme earnings": "1000.00000",
    }


def test_an_english_aim_has_a_row_of_its_own_without_a_price() -> None:
    found = only_row(ONE, row("english_maths_on_programme"))
    assert found["Aim sequence number"] == "2"
    assert not [name for name in found if "rice" in name or "PMR" in name]


def test_there_is_one_report_for_each_provider_and_year_with_earnings() -> None:
    reports = indicative_csv(ONE, [row(month="2018-08"), row(), row("english_maths_balancing", "2018-09")])
    assert [report.name for report in reports] == [
        "10000001-1718-apps-indicative-earnings.csv",
        "10000001-1819-apps-indicative-earnings.csv",
    ]
    assert [len(cells(report.text)) for report in reports] == [1, 2]
    assert cells(reports[1].text)[0]["Price episode start date"] == "01/08/2018"


# There and back


def as_reported(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows added up as far as a report can tell them apart: without price episodes, and with types together."""
    sums: defaultdict[tuple[tuple[str, Any], ...], Decimal] = defaultdict(Decimal)
    for each in rows:
        kept = {**each, "type": FIRST_OF[each["type"]]}
        names = sorted(kept.keys() - {"amount", "price_episode"})
        sums[tuple((name, kept[name]) for name in names)] += Decimal(kept["amount"])
    return [{**dict(key), "amount": plain(Amount(amount))} for key, amount in sums.items() if amount]


@for_all(returns_and_earnings())
def test_what_is_written_is_read_again(case: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    given, rows = case
    read = [
        each
        for report in indicative_csv(given, rows)
        for each in earnings_of_indicative(report.text, report.ukprn, report.funding_year)[0]
    ]
    assert in_order(as_reported(read)) == in_order(as_reported(rows))


# Reading


def report(change: Callable[[list[list[str]]], Any] = lambda table: None) -> str:
    """A report with £1,000 in August, after a change to its cells."""
    table = list(csv.reader(io.StringIO(indicative_csv(ONE, [row()])[0].text)))
    change(table)
    stream = io.StringIO()
    csv.writer(stream).writerows(table)
    return stream.getvalue()


def with_cell(column: str, cell: str) -> str:
    def change(table: list[list[str]]) -> None:
        table[1][COLUMNS.index(column)] = cell

    return report(change)


def with_header(column: str, header: str) -> str:
    def change(table: list[list[str]]) -> None:
        table[0][COLUMNS.index(column)] = header

    return report(change)


def test_columns_are_known_by_their_headers() -> None:
    def turn(table: list[list[str]]) -> None:
        table[:] = [line[::-1] for line in table]

    backwards = report(turn)
    found = earnings_of_indicative(f"\ufeff\n{backwards}", UKPRN, "1718")
    assert found == ([{name: value for name, value in row().items() if name != "price_episode"}], OMITS)


def test_empty_cells_are_nothing_and_long_numbers_are_rounded() -> None:
    rows, _ = earnings_of_indicative(with_cell("August on programme earnings", ""), UKPRN, "1718")
    assert rows == []
    long = with_cell("August on programme earnings", "307.692307692308")
    assert [each["amount"] for each in earnings_of_indicative(long, UKPRN, "1718")[0]] == ["307.69231"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "mine.csv\n  This report is empty."),
        ('"', "This is not CSV"),
        (with_header("May on programme earnings", "May earnings"), "mine.csv:1\n  There is no column 'May earnings'"),
        (with_header("Outcome", "Aim type"), "The column Aim type is there twice"),
        (report(lambda table: [line.pop(1) for line in table]), "The column Unique learner number is missing"),
        (report(lambda table: table[1].pop()), "mine.csv:2\n  This row has 237 cells; there are 238 headers."),
        (with_cell("Unique learner number", "x"), "mine.csv:2  Unique learner number\n  'x' is not a whole number"),
        (with_cell("Aim sequence number", ""), "Aim sequence number\n  '' is not a whole number"),
        (
            with_cell("May on programme earnings", "1.000,00"),
            "May on programme earnings\n  '1.000,00' is not an amount",
        ),
        (with_cell("May on programme earnings", "1e3"), "'1e3' has lost digits"),
        (with_cell("May on programme earnings", "9" * 17), "is too large for an amount"),
        (with_cell(f"{FAM}apprenticeship contract type", "3"), "There is no contract type '3'"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(FormatError) as raised:
        earnings_of_indicative(text, UKPRN, "1718", file="mine.csv")
    assert words in str(raised.value)


def test_a_year_that_is_none_is_refused() -> None:
    with pytest.raises(FormatError, match="'2017' is not a funding year"):
        earnings_of_indicative(report(), UKPRN, "2017")


# Judging


@pytest.mark.parametrize(("second", "differs"), [("500.00000", False), ("499.00000", True)])
def test_types_that_a_report_adds_up_are_judged_by_their_sum(second: str, differs: bool) -> None:
    declared = {"protocol": 1, "implementation": {"name": "a report"}, "rulebooks": ["2017-08"], "wants": ["earnings"]}
    declaration = read_declaration({**declared, "omits": list(OMITS)})
    rows = [row("first_employer_incentive", amount="500.00000"), row("second_employer_incentive", amount="500.00000")]
    answered = [rows[0], {**rows[1], "amount": second}]
    [made] = indicative_csv(ONE, answered)
    read, _ = earnings_of_indicative(made.text, UKPRN, "1718")
    where = {"type": "second_employer_incentive", "price_episode": "2017-08-06"}
    table = Table(measure="earned", amounts={Month(2017 * 12 + 7): Amount("500.00000")}, where=where, complete=True)
    found = list(differences_of(Expect(tables=(table,)), {"earnings": read}, declaration, {"earnings": rows}))
    assert bool(found) is differs

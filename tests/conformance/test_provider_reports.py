"""Reports that providers receive of their payments: the official columns, and sums that are those of the payments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.formats import FormatError, co_investment, data_match, monthly_payments
from funding_conformance.formats.cells import Report
from funding_conformance.formats.co_investment import co_investment_csv
from funding_conformance.formats.data_match import data_match_csv
from funding_conformance.formats.lines import year_of
from funding_conformance.formats.monthly_payments import column_of, monthly_payments_csv
from funding_conformance.formats.paid import year_of_last_run
from funding_conformance.rows import MATCH_ERRORS
from funding_reference.records import SOURCES, TYPES

from tests.conformance.earned import ULN, contract, english, price, programme
from tests.conformance.views import (
    OTHER_UKPRN,
    OTHER_ULN,
    SHARES,
    added,
    agreement,
    answered,
    apprentice,
    cells,
    employed,
    paid_in,
    two_providers,
)

DUE = "Co-investment (below band upper limit) due from employer for"
TOTAL_DUE = "Total co-investment (below band upper limit) due from employer in"
COLLECTED = "Total employer contribution collected (PMR) in"
Make = Callable[[dict[str, Any], Any, Any, int], list[Report]]


def reports(make: Make, given: dict[str, Any], rows: dict[str, Any], year: str = "1718") -> dict[int, Report]:
    number = year_of(year)
    assert number is not None
    made = make(given, rows["payments"], rows["earnings"], number)
    return {report.ukprn: report for report in made}


def only_row(make: Make, given: dict[str, Any], year: str = "1718", ukprn: int = 10000001) -> dict[str, str]:
    [row] = cells(reports(make, given, answered(given), year)[ukprn].text)
    return row


def payment(**more: Any) -> dict[str, Any]:
    about = {"collection": "1718-R01", "ukprn": 10000001, "uln": ULN, "learner": "A1", "aim": 1, "contract_type": 1}
    return {**about, "type": "on_programme", "month": "2017-08", "source": "levy", "amount": "1000.00000", **more}


# Columns


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("AppsMonthlyPaymentMapper", monthly_payments.COLUMNS),
        ("AppsCoInvestmentContributionsMapper", co_investment.COLUMNS),
    ],
)
def test_the_columns_are_those_of_the_official_report(shared: Path, name: str, columns: tuple[str, ...]) -> None:
    text = (shared / "facts" / "report-columns.txt").read_text(encoding="utf-8")
    official = text.partition(f"== {name}")[2].partition("\n")[2].partition("\n\n")[0].splitlines()
    assert list(columns) == official


def test_no_column_is_there_twice() -> None:
    for columns in (monthly_payments.COLUMNS, co_investment.COLUMNS, data_match.COLUMNS):
        assert len(set(columns)) == len(columns)


def test_every_code_of_the_match_is_described() -> None:
    assert tuple(data_match.DESCRIPTIONS) == MATCH_ERRORS


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("source", SOURCES)
def test_every_payment_has_a_column(type: str, source: str) -> None:
    given = two_providers()
    [row] = cells(monthly_payments_csv(given, [payment(type=type, source=source)], [], 2017)[0].text)
    filled = {name for name in row if row[name] == "1000.00000"}
    column = column_of(type, source)
    assert filled == {f"August (R01) {column}", "August (R01) total payments", f"Total {column}", "Total payments"}


def test_sources_and_types_stand_where_the_official_report_has_them() -> None:
    assert column_of("on_programme", "transfer") == "levy payments"
    assert column_of("completion", "government_co_investment") == "co-investment payments"
    assert column_of("balancing", SHARES) == "co-investment (below band upper limit) due from employer"
    assert column_of("second_employer_incentive", "government") == "employer additional payments"
    assert column_of("care_leaver_bursary", "government") == "apprentice additional payments"
    assert column_of("english_maths_balancing", "government") == "English and maths payments"
    assert column_of("second_disadvantage", "government").startswith("payments for learning support")


# Apps Monthly Payment


def test_the_monthly_payments_of_each_year_are_its_payments() -> None:
    given = two_providers()
    rows = answered(given)
    for year in ("1718", "1819"):
        for ukprn, report in reports(monthly_payments_csv, given, rows, year).items():
            found = cells(report.text)
            assert added(found, "Total payments") == paid_in(rows["payments"], year, ukprn=ukprn)
            levy = paid_in(rows["payments"], year, ukprn=ukprn, source="levy")
            assert added(found, "Total levy payments") == levy
            runs = [name for name in monthly_payments.COLUMNS if name.endswith("total payments")]
            assert sum(added(found, name) for name in runs) == added(found, "Total payments")
    assert paid_in(rows["payments"], "1819")


def test_what_is_known_of_the_aim_stands_beside_its_payments() -> None:
    status = [{**employed()[0], "AgreeId": "YZ2V7Y"}]
    first = {**two_providers()["submissions"][0]["learners"][0], "CampId": "C1", "LearnerEmploymentStatus": status}
    submission = {"collection": "1718-R01", "ukprn": 10000001, "learners": [first]}
    row = only_row(monthly_payments_csv, two_providers(submissions=[submission], through="1718-R03"))
    expected = {
        "Learner reference number": "A1",
        "Unique learner number": str(ULN),
        "Campus identifier": "C1",
        "Aim sequence number": "1",
        "Learning start date": "06/08/2017",
        "Planned number of on programme installments for aim": "12",
        "Price episode start date": "06/08/2017",
        "Price episode actual end date": "31/07/2018",
        "Learning delivery funding and monitoring type - apprenticeship contract type": "1",
        "Employer identifier on employment status date": "100000001",
        "Agreement identifier": "YZ2V7Y",
        "Employment status date": "31/07/2017",
        "Contract no": "",
        "Funding line type": "",
        "August (R01) levy payments": "1000.00000",
        "September (R02) levy payments": "1000.00000",
        "October (R03) levy payments": "500.00000",
        "October (R03) co-investment payments": "450.00000",
        "October (R03) co-investment (below band upper limit) due from employer": "50.00000",
        "October (R03) total payments": "1000.00000",
        "R14 total payments": "0.00000",
        "Total payments": "3000.00000",
    }
    assert {name: row[name] for name in expected} == expected


def test_each_price_episode_and_contract_has_a_row_of_its_own() -> None:
    start = date(2017, 8, 6)
    prices = [price(1, start, 15000), price(1, date(2017, 11, 1), 12000)]
    fams = [contract(1, start, date(2018, 1, 31)), contract(2, date(2018, 2, 1))]
    aim = {"AppFinRecord": prices, "LearningDeliveryFAM": fams}
    person = apprentice(start, 15000)
    person["LearningDelivery"] = [programme(start, LearnPlanEndDate="2018-08-08", **aim)]
    given = two_providers(submissions=[{"collection": "1718-R12", "ukprn": 10000001, "learners": [person]}])
    version = {"from": "2017-11-01", "price": 12000}
    given["agreements"][0]["versions"] = [{"from": "2017-08-01", "to": "2017-10-31", "price": 15000}, version]
    given["through"] = "1718-R12"
    rows = answered(given)
    found = cells(reports(monthly_payments_csv, given, rows)[10000001].text)
    contract_type = "Learning delivery funding and monitoring type - apprenticeship contract type"
    assert [(row["Price episode start date"], row[contract_type]) for row in found] == [
        ("06/08/2017", "1"),
        ("01/11/2017", "1"),
        ("01/02/2018", "2"),
    ]
    assert added(found, "Total payments") == added(rows["payments"])


def test_a_refund_stands_in_the_row_of_what_it_takes_back() -> None:
    given = two_providers(through="1718-R05")
    gone = {"LearnActEndDate": "2017-10-15", "CompStatus": 3}
    left = apprentice(date(2017, 8, 6), 15000, aim=gone)
    given["submissions"].append({"collection": "1718-R05", "ukprn": 10000001, "learners": [left]})
    row = only_row(monthly_payments_csv, given)
    assert row["December (R05) total payments"] == "-2000.00000"
    assert row["Total payments"] == "2000.00000"


def test_english_and_maths_have_no_price_episode() -> None:
    given = two_providers(through="1718-R12")
    given["english_maths_aims"] = [{"aim": "50086832", "rate": 471}]
    given["submissions"][0]["learners"][0]["LearningDelivery"].append(
        english(date(2017, 8, 6), LearnPlanEndDate="2018-08-08", LearningDeliveryFAM=[contract(1, date(2017, 8, 6))])
    )
    found = cells(reports(monthly_payments_csv, given, answered(given))[10000001].text)
    assert [(row["Aim sequence number"], row["Price episode start date"]) for row in found] == [
        ("1", "06/08/2017"),
        ("2", ""),
    ]
    assert Decimal(found[1]["Total English and maths payments"]) == 471


def test_a_payment_for_somebody_in_no_return_has_a_row_all_the_same() -> None:
    rows = [payment(learner="Z9", uln=OTHER_ULN, aim=7), payment(learner="Z8", amount="-5.00000")]
    found = cells(monthly_payments_csv(two_providers(), rows, [], 2017)[0].text)
    assert [(row["Learner reference number"], row["Total payments"]) for row in found] == [
        ("Z8", "-5.00000"),
        ("Z9", "1000.00000"),
    ]


def test_what_was_paid_before_is_counted_and_claims_are_not() -> None:
    made = {"collection": "1617-R12", "ukprn": 10000001, "uln": ULN, "type": "on_programme", "month": "2017-07"}
    before = [{**made, "source": "employer_co_investment", "amount": 12}, {**made, "source": "levy", "amount": "8.5"}]
    claims = [{"collection": "1718-R02", "ukprn": 10000001, "claim": "excess learning support", "amount": "700.00"}]
    given = two_providers(payments_made=before, provider_claims=claims)
    given["submissions"].append({"collection": "1617-R13", "ukprn": 10000001, "learners": []})
    rows = answered(given)
    [row] = cells(reports(monthly_payments_csv, given, rows, "1617")[10000001].text)
    assert (row["July (R12) total payments"], row["Learner reference number"]) == ("20.50000", "A1")
    assert (row["R13 total payments"], row["Total payments"]) == ("-20.50000", "0.00000")
    this_year = cells(reports(monthly_payments_csv, given, rows)[10000001].text)
    assert added(this_year, "Total payments") == paid_in(rows["payments"], "1718", ukprn=10000001) - 700
    due = only_row(co_investment_csv, given)
    assert due["Learning delivery funding and monitoring type - apprenticeship contract type"] == "1"
    assert due[f"{TOTAL_DUE} previous funding years"] == "0.00000"  # 12 less what R13 takes back


@pytest.mark.parametrize("make", [monthly_payments_csv, co_investment_csv])
def test_with_no_payments_at_all_there_are_headers_alone(make: Make) -> None:
    given = two_providers()
    given["submissions"] = [{"collection": "1718-R01", "ukprn": 10000001, "learners": []}]
    rows = answered(given)
    assert rows["payments"] == []
    [report] = reports(make, given, rows).values()
    assert len(report.text.splitlines()) == 1
    assert reports(make, {"submissions": []}, rows) == {}


def test_a_row_that_is_no_payment_is_refused() -> None:
    with pytest.raises(FormatError, match=r"payments\[1\]"):
        monthly_payments_csv(two_providers(), [payment(), payment(month="2017-13")], [], 2017)
    without = payment()
    del without["month"]
    with pytest.raises(FormatError, match=r"payments\[0\]"):
        monthly_payments_csv(two_providers(), [without], [], 2017)


def test_no_text_becomes_a_formula() -> None:
    given = two_providers(through="1718-R02")
    person = given["submissions"][0]["learners"][0]
    person |= {"LearnRefNumber": "=1+1", "CampId": "@SUM(A1)", "ProviderSpecLearnerMonitoring": "no list"}
    row = only_row(monthly_payments_csv, given)
    assert (row["Learner reference number"], row["Campus identifier"]) == ("'=1+1", "'@SUM(A1)")


# Apps Co-Investment Contributions


def test_what_is_due_from_employers_is_what_payments_say() -> None:
    given = two_providers()
    rows = answered(given)
    for ukprn, report in reports(co_investment_csv, given, rows, "1819").items():
        found = cells(report.text)
        this_year = paid_in(rows["payments"], "1819", ukprn=ukprn, source=SHARES)
        assert added(found, f"{TOTAL_DUE} this funding year") == this_year
        assert added(found, f"{TOTAL_DUE} previous funding years") == paid_in(
            rows["payments"], "1718", ukprn=ukprn, source=SHARES
        )
        runs = [name for name in co_investment.COLUMNS if name.startswith(DUE)]
        assert sum(added(found, name) for name in runs) == this_year


def test_due_and_collected_stand_beside_each_other() -> None:
    paid = [
        price(1, date(2017, 9, 1), 100, "PMR"),
        price(2, date(2018, 9, 1), 30, "PMR"),
        price(3, date(2018, 9, 2), 10, "PMR"),
    ]
    given = two_providers(through="1819-R02")
    given["employers"][0]["levy_funds"] = "none"
    given["submissions"][0]["learners"] = [apprentice(date(2017, 8, 6), 15000, paid=paid)]
    row = only_row(co_investment_csv, given, "1819")
    expected = {
        "Learning start date": "06/08/2017",
        "Employer identifier (ERN) at start of learning": "100000001",
        "Employer name from apprenticeship service": "bakery",
        "Employer co-investment percentage": "10",
        "Applicable programme start date": "06/08/2017",
        f"{COLLECTED} previous funding years": "100.00000",
        f"{TOTAL_DUE} previous funding years": "1200.00000",
        f"{COLLECTED} this funding year": "20.00000",
        f"{TOTAL_DUE} this funding year": "0.00000",
        "Percentage of co-investment collected (for all funding years)": "10",
        "LDM 356 or 361?": "No",
        f"{DUE} August (R01)": "0.00000",
    }
    assert {name: row[name] for name in expected} == expected
    assert only_row(co_investment_csv, given)[f"{DUE} August (R01)"] == "100.00000"


@pytest.mark.parametrize(("code", "says"), [("356", "Yes"), ("361", "Yes"), ("129", "No")])
def test_completion_and_marks_are_shown(code: str, says: str) -> None:
    fams = [contract(1, date(2017, 8, 6)), {"LearnDelFAMType": "LDM", "LearnDelFAMCode": code}]
    aim = {"LearnActEndDate": "2018-07-20", "CompStatus": 2, "LearnPlanEndDate": "2018-07-31"}
    paid = [price(1, date(2018, 7, 1), 2000, "PMR")]
    person = apprentice(date(2017, 8, 6), 15000)
    terms = [price(1, date(2017, 8, 6), 15000), *paid]
    person["LearningDelivery"] = [programme(date(2017, 8, 6), **aim, LearningDeliveryFAM=fams, AppFinRecord=terms)]
    given = two_providers(through="1718-R12")
    given["employers"][0]["levy_funds"] = "none"
    given["submissions"] = [{"collection": "1718-R12", "ukprn": 10000001, "learners": [person]}]
    row = only_row(co_investment_csv, given)
    assert row["LDM 356 or 361?"] == says
    assert row["Completion earnings in this funding year"] == "3000.00000"
    paid_column = "Completion payments in this funding year (including employer co-investment)"
    assert row[paid_column] == "3000.00000"


def test_what_is_collected_under_each_contract_stands_in_its_row() -> None:
    start = date(2017, 8, 6)
    fams = [contract(2, start, date(2017, 12, 31)), contract(1, date(2018, 1, 1))]
    paid = [price(1, date(2017, 9, 1), 100, "PMR"), price(1, date(2018, 2, 1), 70, "PMR")]
    person = apprentice(start, 15000)
    terms = {"LearningDeliveryFAM": fams, "AppFinRecord": [price(1, start, 15000), *paid]}
    person["LearningDelivery"] = [programme(start, LearnPlanEndDate="2018-08-08", **terms)]
    given = two_providers(submissions=[{"collection": "1718-R12", "ukprn": 10000001, "learners": [person]}])
    given |= {"through": "1718-R12", "agreements": [agreement("1", 10000001, ULN, "2018-01-01", 15000)]}
    given["employers"][0]["levy_funds"] = "none"
    found = cells(reports(co_investment_csv, given, answered(given))[10000001].text)
    kind = "Learning delivery funding and monitoring type - apprenticeship contract type"
    assert {row[kind]: row[f"{COLLECTED} this funding year"] for row in found} == {"1": "70.00000", "2": "100.00000"}


def test_a_contribution_without_any_due_is_shown() -> None:
    given = two_providers(through="1718-R02")
    row = only_row(co_investment_csv, given)
    assert row[f"{COLLECTED} this funding year"] == "40.00000"
    assert row["Employer co-investment percentage"] == ""
    assert row["Percentage of co-investment collected (for all funding years)"] == ""


# Apprenticeship Data Match Report


def errors(given: dict[str, Any], year: int = 2017) -> dict[int, list[dict[str, str]]]:
    rows = answered(given)
    return {one.ukprn: cells(one.text) for one in data_match_csv(given, rows["matches"], rows["earnings"], year)}


def test_where_everything_matches_there_are_headers_alone() -> None:
    assert errors(two_providers()) == {10000001: [], OTHER_UKPRN: []}


@pytest.mark.parametrize(
    ("change", "code", "returned", "approved"),
    [
        ({"ukprn": 10000009}, "DLOCK_01", "10000001", "10000009"),
        ({"uln": 1000000027}, "DLOCK_02", str(ULN), ""),
        ({"price": 14999}, "DLOCK_07", "15000.00000", "14999.00000"),
        ({"start": "2017-09-01"}, "DLOCK_09", "06/08/2017", "01/09/2017"),
        ({"stopped_on": "2017-07-31"}, "DLOCK_10", "", "31/07/2017"),
        (
            {"price": None, "versions": [{"from": "2017-08-01", "price": 15000, "status": "paused"}]},
            "DLOCK_12",
            "",
            "01/08/2017",
        ),
        ({"course": "other"}, "DLOCK_03", "50", "51"),
        ({"employer": "shop"}, "DLOCK_11", "", "shop"),
    ],
)
def test_each_code_says_what_differs(change: dict[str, Any], code: str, returned: str, approved: str) -> None:
    given = two_providers()
    other = {"id": "other", "standard_code": 51, "funding_bands": [{"from": "2017-05-01", "maximum": 15000}]}
    given["courses"] = [*given["courses"], other]
    given["employers"].append({"id": "shop", "identifier": 100000002, "levy_payer": False, "levy_funds": "none"})
    agreed = {**given["agreements"][0], **change}
    given["agreements"][0] = {name: value for name, value in agreed.items() if value is not None}
    [row] = errors(given)[10000001]
    assert row == {
        "Learner reference number": "A1",
        "Unique learner number": str(ULN),
        "Aim sequence number": "1",
        "Rule name": code,
        "Description": data_match.DESCRIPTIONS[code],
        "ILR value": returned,
        "Apprenticeship service value": approved,
        "Price episode start date": "06/08/2017",
        "Price episode actual end date": "31/07/2018",
        "Price episode identifier": "25-50-06/08/2017",
        "Official - sensitive": "",
    }


def test_two_live_agreements_are_named() -> None:
    given = two_providers()
    given["agreements"].append(agreement("3", 10000009, ULN, "2017-08-01", 100))
    [row] = errors(given)[10000001]
    assert (row["Rule name"], row["Apprenticeship service value"]) == ("DLOCK_08", "1; 3")


def test_only_the_errors_of_the_year_are_reported() -> None:
    given = two_providers()
    given["agreements"][1]["stopped_on"] = "2018-08-01"
    assert errors(given)[OTHER_UKPRN] == []
    [row] = errors(given, 2018)[OTHER_UKPRN]
    assert (row["Rule name"], row["Price episode start date"]) == ("DLOCK_10", "01/08/2018")


def test_a_row_that_is_no_match_is_refused() -> None:
    with pytest.raises(FormatError, match=r"matches\[0\].errors"):
        data_match_csv(two_providers(), [{"ukprn": 1, "uln": 2, "month": "2017-08", "errors": ["X"]}], [], 2017)


# Which year


@pytest.mark.parametrize(
    ("given", "payments", "year"),
    [
        ({"through": "1718-R13", "submissions": [{"collection": "1819-R01"}]}, [], 2017),
        ({"submissions": [{"collection": "1718-R12"}, {"collection": "1819-R01"}]}, [], 2018),
        ({"submissions": [{"collection": "1718-R13"}, {"collection": "1819-R01"}]}, [], 2017),
        ({"submissions": []}, [{"collection": "1920-R01"}], 2019),
        ({"submissions": []}, [], None),
    ],
)
def test_the_year_is_that_of_the_last_run(given: dict[str, Any], payments: list[Any], year: int | None) -> None:
    assert year_of_last_run(given, payments) == year

"""What an employer sees: invoices to the penny, and a statement whose figures are those of the answer."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from funding_conformance.formats import FormatError
from funding_conformance.formats.invoices import COLUMNS, TOTAL, invoices_csv, invoices_of, to_the_penny
from funding_conformance.reports.account_chart import MOST_MONTHS, PHONE, AccountMonth, account_chart
from funding_conformance.reports.statement import ROWS_SHOWN, span, statement_page
from funding_reference.money import pounds
from lxml import etree, html

from tests.conformance.earned import ULN
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
    two_providers,
)

HOSTILE = '</title><script>alert("1")</script>&\x00\u202e'


def share(amount: str, collection: str = "1718-R01", month: str = "2017-08", **more: Any) -> dict[str, Any]:
    about = {"collection": collection, "ukprn": 10000001, "uln": ULN, "learner": "A1", "employer": "bakery"}
    return {**about, "type": "on_programme", "month": month, "source": SHARES, "amount": amount, **more}


def statement(given: dict[str, Any], employer: str = "bakery") -> Any:
    return html.fromstring(statement_page(given, answered(given), employer, "2017-08", "a title"))


def words(page: Any) -> str:
    return " ".join(" ".join(page.itertext()).split())


def table(page: Any, caption: str) -> list[list[str]]:
    """The rows of a table as texts, the totals last."""
    [found] = [one for one in page.iter("table") if caption in " ".join(one.find("caption").itertext())]
    return [["".join(cell.itertext()).strip() for cell in row] for row in found.xpath("tbody/tr | tfoot/tr")]


# Invoices


@pytest.mark.parametrize(
    ("exact", "invoiced"),
    [("66.66667", "66.67"), ("66.66400", "66.66"), ("0.00500", "0.01"), ("-0.00500", "-0.01"), ("-66.66667", "-66.67")],
)
def test_half_a_penny_is_rounded_away_from_zero(exact: str, invoiced: str) -> None:
    assert to_the_penny(Decimal(exact)) == Decimal(invoiced)


def test_a_refund_undoes_what_was_invoiced() -> None:
    rows = [share("66.66500"), share("-66.66500", "1718-R04", "2017-08")]
    charged, refunded = invoices_of({}, rows)
    assert (str(charged.month), str(refunded.month)) == ("2017-09", "2017-12")
    assert charged.to_the_penny + refunded.to_the_penny == 0


def test_the_runs_of_one_month_are_one_invoice_and_it_is_rounded_once() -> None:
    rows = [share("0.00400", "1819-R02", "2018-09"), share("0.00400", "1718-R13", "2018-07")]
    [one] = invoices_of({}, rows)
    assert (str(one.month), str(one.exactly), str(one.to_the_penny)) == ("2018-10", "0.00800", "0.01")
    assert [str(run) for run in one.collections] == ["1718-R13", "1819-R02"]
    assert [str(month) for month in one.delivered] == ["2018-07", "2018-09"]
    assert invoices_of({}, [share("5.00000"), share("-5.00000")]) == []


def test_invoices_come_to_what_payments_say_with_totals_of_the_pennies() -> None:
    given = two_providers()
    rows = answered(given)
    invoices = invoices_of(given, rows["payments"])
    found = cells(invoices_csv(invoices))
    assert tuple(found[0]) == COLUMNS
    single = [row for row in found if row["Payment month"] != TOTAL]
    totals = [row for row in found if row["Payment month"] == TOTAL]
    assert added(single, "Owed exactly") == added(row for row in rows["payments"] if row["source"] == SHARES)
    for total in totals:
        of_it = [row for row in single if all(total[column] in ("", row[column]) for column in ("Employer", "UKPRN"))]
        for column in ("Owed exactly", "Owed to the penny"):
            assert Decimal(total[column]) == added(of_it, column)
    assert [(total["Employer"], total["UKPRN"]) for total in totals] == [
        ("bakery", "10000001"),
        ("bakery", str(OTHER_UKPRN)),
        ("bakery", ""),
        ("", ""),
    ]
    assert "'=2" in invoices_csv(invoices_of({}, [share("5.00000", employer="=2")]))


def test_an_employer_without_a_name_is_told_by_what_was_returned() -> None:
    given = two_providers()
    row = share("5.00000")
    del row["employer"]
    assert [one.employer for one in invoices_of(given, [row])] == ["EmpId 100000001"]
    given["submissions"][0]["learners"][0]["LearnerEmploymentStatus"] = employed(employer=999999999)
    assert [one.employer for one in invoices_of(given, [row])] == ["not known"]
    assert [one.employer for one in invoices_of({}, [row])] == ["not known"]


def test_without_anything_owed_only_the_total_is_there() -> None:
    [row] = cells(invoices_csv([]))
    assert (row["Payment month"], row["Owed exactly"], row["Owed to the penny"]) == (TOTAL, "0.00000", "0.00")
    with pytest.raises(FormatError, match=r"payments\[0\].amount"):
        invoices_of({}, [share("five")])


# The statement


def test_the_account_is_shown_month_by_month() -> None:
    given = two_providers()
    rows = answered(given)
    [*months, _] = table(statement(given), "In each month in this order")
    assert len(months) == len(rows["levy_accounts"])
    for shown, row in zip(months, rows["levy_accounts"], strict=True):
        assert shown[1] == pounds(Decimal(row["opening"]))
        assert shown[-1] == pounds(Decimal(row["closing"]))
    assert any("£9,000.00" in month for month in months)


def test_debits_and_credits_come_to_what_the_account_says() -> None:
    given = two_providers(through="1718-R08")
    gone = apprentice(date(2017, 8, 6), 15000, aim={"LearnActEndDate": "2017-10-15", "CompStatus": 3})
    given["submissions"].append({"collection": "1718-R07", "ukprn": 10000001, "learners": [gone]})
    rows = answered(given)
    [*_, total] = table(statement(given), "By the month in which the account is debited")
    spent, refunded = added(rows["levy_accounts"], "spent"), added(rows["levy_accounts"], "refunded_in")
    assert refunded
    assert total == ["In all", pounds(spent), pounds(refunded)]


def test_what_is_owed_is_what_is_invoiced() -> None:
    given = two_providers()
    invoices = [one for one in invoices_of(given, answered(given)["payments"]) if one.ukprn == OTHER_UKPRN]
    [*lines, total] = table(statement(given), f"Provider {OTHER_UKPRN}")
    assert [line[2] for line in lines] == [pounds(one.exactly) for one in invoices]
    assert total[-1] == pounds(sum((one.to_the_penny for one in invoices), Decimal(0)))


def test_every_pound_is_accounted_for() -> None:
    given = two_providers()
    rows = answered(given)
    funds = table(statement(given), "Entered and came back")
    left = {row[0]: row[-1] for row in funds}
    assert list(left) == ["May 2017", "January 2018", "February 2018"]
    assert set(left.values()) == {"–"}
    expired = added(rows["levy_accounts"], "expired")
    assert expired
    assert [row[-2] for row in funds] == ["–", "–", pounds(expired)]
    uses = table(statement(given), "What they were used for")
    assert uses[0][:4] == ["May 2017", "Spent", "September to November 2017", "On programme, A1"]
    accounts = rows["levy_accounts"]
    went_out = added(accounts, "spent") + added(accounts, "expired") - added(accounts, "adjustment")
    assert sum(Decimal(row[-1].strip("£").replace(",", "")) for row in uses) == went_out


def test_the_movements_of_an_answer_lead_to_its_accounts() -> None:
    rows = answered(two_providers())
    sums = {
        what: added(row for row in rows["funds"] if row["what"] == what) for what in ("entered", "spent", "expired")
    }
    accounts = rows["levy_accounts"]
    entered = added(accounts, "levy") + added(accounts, "top_up") + Decimal(accounts[0]["opening"])
    assert sums == {"entered": entered, "spent": added(accounts, "spent"), "expired": added(accounts, "expired")}


def test_a_transfer_is_shown_to_both_employers() -> None:
    given = two_providers(through="1819-R02")
    given["employers"].append({"id": "shop", "identifier": 100000002, "levy_payer": False, "levy_funds": "none"})
    given["employers"][0]["transfer_allowance"] = {"2018-06": 300}
    given["agreements"][1] |= {"employer": "shop", "sender": "bakery", "start": "2018-05-01"}
    given["submissions"] = [
        {
            "collection": "1718-R10",
            "ukprn": OTHER_UKPRN,
            "learners": [apprentice(date(2018, 5, 2), 10000, LearnRefNumber="B7", ULN=OTHER_ULN)],
        }
    ]
    rows = answered(given, "2018-08")
    assert any(row["source"] == "transfer" for row in rows["payments"])
    sender = html.fromstring(statement_page(given, rows, "bakery", "2018-08", ""))
    receiver = html.fromstring(statement_page(given, rows, "shop", "2018-08", ""))
    assert "On programme, sent to shop" in words(sender)
    assert "There is nothing in the account." in words(receiver)
    [row] = table(receiver, "By provider and apprentice")
    assert row[3] == "£1,500.00"


@pytest.mark.parametrize(
    ("funds", "says"),
    [
        ("unlimited", "no balance is worked out"),
        ("none", "There is nothing in the account."),
        ({"available": {"2017-09": 700}}, "The balance is given for each month"),
        ({"declarations": [{"month": "2099-01", "levy": "1.00"}]}, "Nothing ever entered the account."),
    ],
)
def test_an_account_that_is_not_worked_out_says_so(funds: Any, says: str) -> None:
    given = two_providers(through="1718-R04")
    given["employers"][0]["levy_funds"] = funds
    page = statement(given)
    assert says in words(page)
    assert (page.find(".//svg") is not None) is (funds == "unlimited" or "available" in funds)


def test_an_employer_of_whom_nothing_is_known_has_a_statement() -> None:
    given = two_providers()
    given["employers"].append({"id": "shop", "levy_payer": False, "levy_funds": "none"})
    text = words(statement(given, "shop"))
    for says in ("nothing happened", "Nothing was paid", "Nothing was debited or credited.", "Nothing is owed."):
        assert says in text


def test_names_act_on_nothing_and_nothing_is_loaded() -> None:
    given = two_providers(through="1718-R04")
    given["employers"][0]["id"] = HOSTILE
    given["agreements"] = [agreement("1", 10000001, ULN, "2017-08-01", 15000, HOSTILE)]
    given["submissions"][0]["learners"][0]["LearnRefNumber"] = HOSTILE
    page = statement_page(given, answered(given), HOSTILE, "2017-08", HOSTILE)
    assert "<script" not in page
    assert "\x00" not in page
    assert not re.search(r"(?:src|href)=", page)
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


def test_a_long_table_is_cut_and_says_so() -> None:
    months = [f"{2017 + number // 12}-{number % 12 + 1:02}" for number in range(12)]
    rows = [
        share("5.00000", month=month, source="levy", learner=f"A{number}", collection="1718-R12")
        for number in range(ROWS_SHOWN // 12 + 1)
        for month in months
    ]
    many = [{**row, "learner": f"{row['learner']}-{row['month']}"} for row in rows]
    nothing: dict[str, Any] = {"payments": many, "levy_accounts": [], "funds": []}
    page = statement_page(two_providers(), nothing, "bakery", "2017-08", "")
    assert f"{len(many) - ROWS_SHOWN} rows more are not shown" in page
    assert pounds(Decimal(5) * len(many)) in page


# Pictures and words


def test_the_picture_is_whole_for_a_page_and_a_phone() -> None:
    months = [
        AccountMonth(24200 + n, Decimal(n * 1000), {"spent": Decimal(-n), "expired": Decimal(-5)}) for n in range(30)
    ]
    for width in (900.0, PHONE):
        picture = etree.fromstring(account_chart(months, width=width, id="one"))
        assert picture.get("viewBox", "").split()[2] == f"{width:g}"
        said = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
        assert "£29,000.00" in said
        assert "Expired £150.00" in said


def test_the_picture_of_an_empty_account_and_of_a_long_one() -> None:
    assert account_chart([], width=900.0, id="none") == ""
    assert "Nothing moved." in account_chart([AccountMonth(24200, Decimal(0), {})], width=900.0, id="one")
    years = [AccountMonth(24200 + n, Decimal(1), {"spent": Decimal(-1)}) for n in range(MOST_MONTHS + 1)]
    assert "Spent £120.00" in account_chart(years, width=PHONE, id="one")


@pytest.mark.parametrize(
    ("months", "says"),
    [
        ([], ""),
        ([24211, 24211], "August 2017"),
        ([24213, 24211], "August to October 2017"),
        ([24211, 24217], "August 2017 to February 2018"),
    ],
)
def test_months_in_words(months: list[int], says: str) -> None:
    assert span(months) == says

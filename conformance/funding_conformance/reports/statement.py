"""An employer's statement as one page: its account by month, for whom it paid, what it owes, what became of its funds.

It loads nothing and has no script. It is made of plain rows; nothing is calculated again but sums and pennies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from attrs import Factory, define, frozen
from funding_reference.money import NO_AMOUNT, Amount
from markupsafe import Markup

from funding_conformance.formats.invoices import Invoice, invoices_of, owed
from funding_conformance.formats.lines import a_collection
from funding_conformance.reports.account_chart import (
    ACCOUNT_STYLE,
    ADDED,
    BACK,
    EXPIRED,
    INCOME,
    MOST_MONTHS,
    PHONE,
    SENT,
    SPENT,
    TAKEN,
    WIDE,
    AccountMonth,
    account_chart,
)
from funding_conformance.reports.life import LIFE_STYLE
from funding_conformance.reports.life_facts import capital, month_in_words, month_of
from funding_conformance.reports.page import rendered

ROWS_SHOWN: Final = 3000
"""How many rows a table of the page holds before it says how many it leaves out, so that the page still opens fast."""

COLUMNS: Final = (
    "opening", "refunded_in", "spent", "transferred_out", "levy", "top_up", "adjustment", "expired", "closing",
)  # fmt: skip
"""The columns of an account's month, in the order in which things happen."""

_BALANCES: Final = ("opening", "closing")
_WORDS: Final = {
    "opening": "Opening balance",
    "refunded_in": "Refunded in",
    "spent": "Spent",
    "transferred_out": "Sent to others",
    "levy": "Levy",
    "top_up": "Top-up",
    "adjustment": "Adjustment",
    "expired": "Expired",
    "closing": "Closing balance",
}
_NOT_DERIVED: Final = {
    "unlimited": "The account is taken to hold enough for everything, so that no balance is worked out.",
    "none": "There is nothing in the account.",
    "available": "The balance is given for each month and not worked out, so that it is not shown here.",
}
_OUT_OF_ACCOUNTS: Final = ("levy", "transfer")
_PURPOSE: Final = re.compile(r"(?P<type>.+) (?P<month>\d{4}-\d\d) of (?P<who>.*)", re.DOTALL)
_LONGEST_GAP: Final = 1
_HAPPENED: Final = {
    "spent": "Spent",
    "transferred": "Sent to another employer",
    "refunded": "Came back",
    "adjusted": "Taken by adjustment",
    "expired": "Expired",
}


@frozen
class Shown:
    """The rows of a table, as many as the page holds."""

    rows: Sequence[Any]
    left_out: int


@frozen
class Movement:
    """What was taken from the account, or put back, for one apprentice and type in a month.

    :param what: the type, and to whom it is sent if to another employer's apprentice
    :param delivered: the months of learning that it is for, in words
    """

    month: str
    ukprn: int
    learner: str
    uln: int | None
    what: str
    delivered: str
    taken: Amount
    put_back: Amount


@frozen
class ForApprentice:
    """Who paid for an apprentice at a provider, refunds taken off."""

    ukprn: int
    learner: str
    uln: int | None
    account: Amount
    transfer: Amount
    government: Amount
    employer: Amount


@frozen
class OwedTo:
    """What is owed to one provider."""

    ukprn: int
    invoices: Sequence[Invoice]
    exactly: Amount
    to_the_penny: Amount


@define
class Funds:
    """What became of the funds of one month, in pounds."""

    month: str
    entered: Amount = NO_AMOUNT
    spent: Amount = NO_AMOUNT
    transferred: Amount = NO_AMOUNT
    refunded: Amount = NO_AMOUNT
    adjusted: Amount = NO_AMOUNT
    expired: Amount = NO_AMOUNT

    @property
    def left(self) -> Amount:
        """What has neither been paid nor taken away."""
        return self.entered + self.refunded - self.spent - self.transferred - self.adjusted - self.expired


@define
class Use:
    """Something that funds of one month were used for, over one month or several.

    :param entered: when the funds had entered
    :param happened: in words
    :param what: the type of what was paid or refunded; empty where nothing was
    :param learning: the months of learning that it is for
    """

    entered: str
    happened: str
    what: str
    whom: str
    months: list[int] = Factory(list)
    learning: list[int] = Factory(list)
    amount: Amount = NO_AMOUNT

    @property
    def when(self) -> str:
        """The months in which it happened, in words."""
        return span(self.months)

    @property
    def delivered(self) -> str:
        """The months of learning, in words."""
        return span(self.learning)


def statement_page(
    given: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]], employer: str, rulebook: str, title: str
) -> str:
    """The page as text.

    :param given: the facts of a scenario as plain data
    :param rows: the rows of an answer by kind: payments, levy_accounts and funds
    :param employer: its id in the scenario
    :param title: the scenario's own
    """
    payments = rows["payments"]
    accounts = [row for row in rows["levy_accounts"] if row["employer"] == employer]
    columns = _columns_of(accounts)
    listed = months_of_account(rows, employer)
    invoices = [one for one in invoices_of(given, payments) if one.employer == employer]
    movements = list(_movements(payments, employer))
    uses = list(_uses([row for row in rows["funds"] if row["employer"] == employer]))
    facts: Mapping[str, Any] = next((one for one in given.get("employers") or () if str(one["id"]) == employer), {})
    return rendered(
        "statement.html.j2",
        employer=employer,
        identifier=facts.get("identifier"),
        rulebook=rulebook,
        title=title,
        looks=Markup(LIFE_STYLE + ACCOUNT_STYLE),
        period=span([one.month for one in listed]),
        not_derived="" if accounts else _not_derived(facts),
        is_cut=bool(listed) and listed[-1].month - listed[0].month >= MOST_MONTHS,
        wide=Markup(account_chart(listed, width=WIDE, id="wide")),
        narrow=Markup(account_chart(listed, width=PHONE, id="narrow")),
        columns=[_WORDS[column] for column in columns],
        accounts=_shown([(_month(row["month"]), [Amount(row[column]) for column in columns]) for row in accounts]),
        sums=_sums(accounts, columns),
        closing=Amount(accounts[-1]["closing"]) if accounts else None,
        movements=_shown(movements),
        taken=sum((one.taken for one in movements), NO_AMOUNT),
        put_back=sum((one.put_back for one in movements), NO_AMOUNT),
        apprentices=list(_for_apprentices(payments, employer)),
        owed_to=list(_owed_to(invoices)),
        owed_exactly=owed(invoices)[0],
        owed_to_the_penny=owed(invoices)[1],
        funds=list(_funds([row for row in rows["funds"] if row["employer"] == employer])),
        uses=_shown(uses),
    )


def _not_derived(employer: Mapping[str, Any]) -> str:
    """Why there is no account to show."""
    funds = employer.get("levy_funds")
    if isinstance(funds, Mapping) and "available" not in funds:
        return "Nothing ever entered the account."
    return _NOT_DERIVED[str(funds) if isinstance(funds, str) else "available"]


def _shown(rows: Sequence[Any]) -> Shown:
    return Shown(rows[:ROWS_SHOWN], max(0, len(rows) - ROWS_SHOWN))


# The account


def months_of_account(rows: Mapping[str, Sequence[Mapping[str, Any]]], employer: str) -> list[AccountMonth]:
    """The months of an employer's account as its picture shows them.

    :param rows: the rows of an answer by kind: payments and levy_accounts
    """
    accounts = [row for row in rows["levy_accounts"] if row["employer"] == employer]
    return _months_of(accounts) or _months_of_payments(rows["payments"], employer)


def _months_of(accounts: Iterable[Mapping[str, Any]]) -> list[AccountMonth]:
    """The months of an account that is derived, with what moved in each."""
    listed = []
    for row in accounts:
        amounts = {column: Amount(row[column]) for column in COLUMNS}
        adjusted = amounts["adjustment"]
        moved = {
            INCOME: amounts["levy"] + amounts["top_up"],
            ADDED: max(adjusted, NO_AMOUNT),
            BACK: amounts["refunded_in"],
            SPENT: -amounts["spent"],
            SENT: -amounts["transferred_out"],
            TAKEN: min(adjusted, NO_AMOUNT),
            EXPIRED: -amounts["expired"],
        }
        kept = {kind: amount for kind, amount in moved.items() if amount}
        listed.append(AccountMonth(_number(row["month"]), amounts["closing"], kept))
    return listed


def _months_of_payments(payments: Iterable[Mapping[str, Any]], employer: str) -> list[AccountMonth]:
    """Of an account that is not derived, what payments took out of it and refunds put back."""
    sums: dict[int, dict[str, Decimal]] = {}
    for row in payments:
        if kind := _taken_from(row, employer):
            amount = Amount(row["amount"])
            moved = sums.setdefault(int(a_collection(row["collection"]).account_month), {})
            name = BACK if amount < 0 else kind
            moved[name] = moved.get(name, NO_AMOUNT) - amount
    return [AccountMonth(month, None, sums[month]) for month in sorted(sums)]


def _columns_of(accounts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns in which anything ever stands, and the balances."""
    return [column for column in COLUMNS if column in _BALANCES or any(Amount(row[column]) for row in accounts)]


def _sums(accounts: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[Amount | None]:
    """What each column comes to, where that says anything; balances are not added up."""
    return [
        None if column in _BALANCES else sum((Amount(row[column]) for row in accounts), NO_AMOUNT) for column in columns
    ]


def _taken_from(row: Mapping[str, Any], employer: str) -> str:
    """Whether a payment is from an employer's account: spent, or sent to another employer; nothing if it is not."""
    if row["source"] == "levy" and row.get("employer") == employer:
        return SPENT
    return SENT if row["source"] == "transfer" and row.get("sender") == employer else ""


# For whom


def _movements(payments: Iterable[Mapping[str, Any]], employer: str) -> Iterator[Movement]:
    """What was debited and credited, by month, provider, apprentice and type."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in payments:
        if kind := _taken_from(row, employer):
            month = int(a_collection(row["collection"]).account_month)
            sent_to = str(row.get("employer", "another employer")) if kind == SENT else ""
            who = (row["ukprn"], row.get("learner", ""), row.get("uln") or 0)
            groups.setdefault((month, *who, row["type"], sent_to), []).append(row)
    for (month, ukprn, learner, uln, type, sent_to), rows in sorted(groups.items(), key=lambda one: one[0]):
        amounts = [Amount(row["amount"]) for row in rows]
        yield Movement(
            month=month_in_words(month),
            ukprn=ukprn,
            learner=learner,
            uln=uln or None,
            what=_type_in_words(type) + (f", sent to {sent_to}" if sent_to else ""),
            delivered=span(_number(row["month"]) for row in rows if "month" in row),
            taken=sum((amount for amount in amounts if amount > 0), NO_AMOUNT),
            put_back=-sum((amount for amount in amounts if amount < 0), NO_AMOUNT),
        )


def _for_apprentices(payments: Iterable[Mapping[str, Any]], employer: str) -> Iterator[ForApprentice]:
    """Who paid what for each of the employer's apprentices."""
    sums: dict[tuple[Any, ...], dict[str, Amount]] = {}
    for row in payments:
        if row.get("employer") == employer:
            of_one = sums.setdefault((row["ukprn"], row.get("learner", ""), row.get("uln") or 0), {})
            of_one[row["source"]] = of_one.get(row["source"], NO_AMOUNT) + Amount(row["amount"])
    for (ukprn, learner, uln), by_source in sorted(sums.items()):
        by_government = (by_source.get(source, NO_AMOUNT) for source in ("government_co_investment", "government"))
        yield ForApprentice(
            ukprn=ukprn,
            learner=learner,
            uln=uln or None,
            account=by_source.get("levy", NO_AMOUNT),
            transfer=by_source.get("transfer", NO_AMOUNT),
            government=sum(by_government, NO_AMOUNT),
            employer=by_source.get("employer_co_investment", NO_AMOUNT),
        )


def _owed_to(invoices: Iterable[Invoice]) -> Iterator[OwedTo]:
    for ukprn, group in groupby(invoices, key=lambda one: one.ukprn):
        listed = list(group)
        yield OwedTo(ukprn, listed, *owed(listed))


# What became of every pound


def _funds(rows: Iterable[Mapping[str, Any]]) -> Iterator[Funds]:
    """What entered in each month, and what became of it."""
    found: dict[int, Funds] = {}
    for row in rows:
        of_month = found.setdefault(_number(row["entered"]), Funds(_month(row["entered"])))
        setattr(of_month, row["what"], getattr(of_month, row["what"]) + Amount(row["amount"]))
    yield from (found[month] for month in sorted(found))


def _uses(rows: Iterable[Mapping[str, Any]]) -> Iterator[Use]:
    """What funds were used for, by the month in which they entered; the same, month after month, in one line."""
    found: list[Use] = []
    latest: dict[tuple[Any, ...], Use] = {}
    for row in rows:
        if row["what"] == "entered":
            continue
        purpose = _PURPOSE.fullmatch(row["purpose"])
        what, whom = (capital(purpose["type"]), purpose["who"]) if purpose else (row["purpose"], "")
        month, key = _number(row["month"]), (row["entered"], row["what"], what, whom)
        use = latest.get(key)
        if use is None or month - use.months[-1] > _LONGEST_GAP:
            use = latest[key] = Use(row["entered"], _HAPPENED[row["what"]], what, whom)
            found.append(use)
        use.months.append(month)
        use.learning += [_number(purpose["month"])] if purpose else []
        use.amount += Amount(row["amount"])
    yield from sorted(found, key=lambda use: (use.entered, use.months[0]))


# Words


def span(months: Iterable[int]) -> str:
    """A month, or the first and the last of several, in words; nothing of none."""
    numbers = sorted(months)
    if not numbers:
        return ""
    first, last = month_in_words(numbers[0]), month_in_words(numbers[-1])
    if first == last:
        return first
    same_year = first.rpartition(" ")[2] == last.rpartition(" ")[2]
    return f"{first.rpartition(' ')[0] if same_year else first} to {last}"


def _number(text: str) -> int:
    """The number of a month that an answer writes."""
    number = month_of(text)
    assert number is not None
    return number


def _month(text: str) -> str:
    return month_in_words(_number(text))


def _type_in_words(type: str) -> str:
    return capital(type.replace("_", " "))

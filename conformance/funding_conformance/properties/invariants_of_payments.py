"""What must be true of payments and accounts whatever happens (GUIDE-46 to 105, 182 to 193).

As with earnings some checks hold one answer against what the guide says of it, and others ask twice, about two
histories that must pay the same, and compare. The account is reckoned again here, from the declarations and from the
payments that the answer gives, with nothing in common with the reference but the calendar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any, Final

from attrs import Factory, define
from funding_reference.calendar import LAST_COLLECTION, MONTHS_A_YEAR, Collection, Month, months_later
from funding_reference.money import pounds
from funding_reference.reading import Place, a_collection, a_month
from funding_spec.rulebook import load_rulebook

from funding_conformance.properties.accounts import OF_AGREEMENTS, histories, rivals, walk_account
from funding_conformance.properties.invariants_of_changes import band_of, last_returned, spells_of
from funding_conformance.properties.property import (
    NOTHING,
    PROGRAMME_TYPES,
    ROUNDING,
    Answer,
    Ask,
    Facts,
    Property,
    Row,
    first_difference,
    summed,
    total,
)
from funding_conformance.rows import ACCOUNT_COLUMNS, amount_of

FUNDS_LAST: Final = 24
TOP_UP: Final = Decimal("0.1")
GOVERNMENTS_SHARE: Final = Decimal("0.9")
FROM_AN_ACCOUNT: Final = ("levy", "transfer")
CO_INVESTMENT: Final = ("government_co_investment", "employer_co_investment")
EMPLOYED: Final = 10
EMPLOYERS_OWN: Final = 1
ADULT_AT: Final = 19
RAISED_BY: Final = (Decimal("0.01"), Decimal(137), Decimal(5000))

Learner = tuple[int, int]
"""An apprentice as one provider knows it: UKPRN and ULN."""


@cache
def _run(text: str) -> Collection:
    found: Collection = a_collection(text, Place([]))
    return found


@cache
def _month(text: str) -> Month:
    return a_month(text, Place([]))


def _five(amount: Decimal) -> Decimal:
    return amount.quantize(ROUNDING, ROUND_HALF_EVEN)


def _amount(given: Any) -> Decimal:
    return Decimal(str(given))


def _of_apprentices(answer: Answer) -> list[Row]:
    """The payments that say for whom and for which month they are; an answer may leave that out."""
    return [row for row in answer["payments"] if "uln" in row and "month" in row]


def _by_learner(rows: Iterable[Row]) -> dict[Learner, list[Row]]:
    found: dict[Learner, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["ukprn"], row["uln"]].append(row)
    return found


def _words(type: str) -> str:
    return type.replace("_", " ")


# The account


def _accounts(answer: Answer) -> dict[str, list[Row]]:
    """The rows of every account in the order of their months."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in answer["levy_accounts"]:
        found[row["employer"]].append(row)
    return {employer: sorted(rows, key=lambda row: _month(row["month"])) for employer, rows in found.items()}


def _funds_of(given: Facts, employer: str) -> Any:
    return next(one["levy_funds"] for one in given["employers"] if one["id"] == employer)


def _moved_by(row: Row) -> str | None:
    """Whose account a payment row moves."""
    return {"levy": row.get("employer"), "transfer": row.get("sender")}.get(row["source"])


def _moved(answer: Answer, employer: str) -> dict[Month, list[list[Row]]]:
    """What the payments take out of an account and give back, by calendar month, run after run."""
    runs: dict[Collection, list[Row]] = defaultdict(list)
    for row in answer["payments"]:
        if _moved_by(row) == employer:
            runs[_run(row["collection"])].append(row)
    months: dict[Month, list[list[Row]]] = defaultdict(list)
    for run in sorted(runs):
        months[run.account_month].append(runs[run])
    return months


def _taken(rows: Iterable[Row], *sources: str) -> Decimal:
    return total(row for row in rows if amount_of(row) > 0 and row["source"] in sources)


def _returned(rows: Iterable[Row]) -> Decimal:
    return -total(row for row in rows if amount_of(row) < 0)


def account_adds_up(ask: Ask, given: Facts) -> str:
    for employer, rows in _accounts(ask(given)).items():
        last: tuple[Month, Decimal] | None = None
        for row in rows:
            month = _month(row["month"])
            at = f"the account of {employer} in {month}"
            columns = {column: amount_of(row, column) for column in ACCOUNT_COLUMNS}
            if last is not None and (month, columns["opening"]) != (last[0] + 1, last[1]):
                return f"{at} opens with {pounds(columns['opening'])}; {last[0]} had closed with {pounds(last[1])}"
            into = columns["opening"] + columns["refunded_in"] + columns["levy"] + columns["top_up"]
            out = columns["spent"] + columns["transferred_out"] + columns["expired"]
            if into + columns["adjustment"] - out != columns["closing"]:
                left = pounds(into + columns["adjustment"] - out)
                return f"{at} closes with {pounds(columns['closing'])}; its entries leave {left}"
            if problem := _entered_otherwise(given, employer, month, columns["levy"], columns["top_up"]):
                return f"{at}: {problem}"
            last = month, columns["closing"]
    return ""


def _entered_otherwise(given: Facts, employer: str, month: Month, levy: Decimal, top_up: Decimal) -> str:
    due = [_entering(one) for one in _declared(given, employer) if one["month"] == str(month)]
    levy_due, top_up_due = (sum((one[place] for one in due), NOTHING) for place in (0, 1))
    if (levy, top_up) == (levy_due, top_up_due):
        return ""
    return f"{pounds(levy)} and {pounds(top_up)} enter; declared are {pounds(levy_due)} and {pounds(top_up_due)}"


def _declared(given: Facts, employer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _funds_of(given, employer).get("declarations", [])
    return found


def _entering(declaration: dict[str, Any]) -> tuple[Decimal, Decimal]:
    """What a declaration brings: its share for England, and the top-up."""
    english = _amount(declaration["levy"]) * _amount(declaration.get("english_fraction", 1))
    return _five(english), _five(english * TOP_UP)


def account_moves_with_payments(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for employer, rows in _accounts(answer).items():
        moved = _moved(answer, employer)
        for row in rows:
            runs = moved.pop(_month(row["month"]), [])
            for column, due in (
                ("spent", sum((_taken(run, "levy") for run in runs), NOTHING)),
                ("transferred_out", sum((_taken(run, "transfer") for run in runs), NOTHING)),
                ("refunded_in", sum(map(_returned, runs), NOTHING)),
            ):
                if amount_of(row, column) != due:
                    said = pounds(amount_of(row, column))
                    return f"{employer} {row['month']}: {_words(column)} is {said}; the payments say {pounds(due)}"
        if moved:
            return f"{employer}: payments of {min(moved)} move an account that has no such month"
    return ""


def never_below_zero(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    for employer, rows in _accounts(answer).items():
        for row in rows:
            for column in ACCOUNT_COLUMNS:
                if column != "adjustment" and amount_of(row, column) < 0:
                    return f"{employer} {row['month']}: {_words(column)} is {pounds(amount_of(row, column))}"
    for employer in given["employers"]:
        if employer["levy_funds"] != "unlimited":
            for month, runs in _moved(answer, employer["id"]).items():
                balance = _balance(answer, employer, month)
                for run in runs:
                    balance += _returned(run) - _taken(run, *FROM_AN_ACCOUNT)
                    if balance < 0:
                        return f"{employer['id']}: the payments of {month} leave {pounds(balance)} in the account"
    return ""


def _balance(answer: Answer, employer: dict[str, Any], month: Month) -> Decimal:
    """What is in an account before the payments of a calendar month."""
    funds = employer["levy_funds"]
    if funds == "none":
        return NOTHING
    if "available" in funds:
        listed = [amount for at, amount in sorted(funds["available"].items()) if _month(at) <= month]
        return _amount(listed[-1]) if listed else NOTHING
    mine = [row for row in _accounts(answer).get(employer["id"], []) if _month(row["month"]) == month]
    return amount_of(mine[0], "opening") if mine else NOTHING


@define
class _Purse:
    """Funds by the month in which they entered, what was taken of them latest, and whether corrections start there."""

    latest_first: bool
    left: dict[Month, Decimal] = Factory(lambda: defaultdict(Decimal))
    taken: list[tuple[Month, Decimal]] = Factory(list)

    def spend(self, amount: Decimal) -> None:
        """Out of the oldest funds."""
        self.taken.extend(self._take(amount, sorted(self.left)))

    def give_back(self, amount: Decimal, now: Month) -> None:
        """To the funds that were spent last."""
        while amount and self.taken:
            entered, part = self.taken.pop()
            back = min(part, amount)
            self.left[entered] += back
            amount -= back
            if back < part:
                self.taken.append((entered, part - back))
        self.left[now] += amount

    def correct(self, amount: Decimal, now: Month) -> Decimal:
        """An adjustment; returns what it really was."""
        if amount > 0:
            self.left[now] += amount
            return amount
        parts = self._take(-amount, sorted(self.left, reverse=self.latest_first))
        return -sum((part for _, part in parts), NOTHING)

    def expire(self, now: Month) -> Decimal:
        """What has been there for 24 months."""
        return sum((self.left.pop(entered) for entered in list(self.left) if entered + FUNDS_LAST <= now), NOTHING)

    def _take(self, amount: Decimal, order: Sequence[Month]) -> list[tuple[Month, Decimal]]:
        parts = []
        for entered in order:
            part = min(amount, self.left[entered])
            self.left[entered] -= part
            amount -= part
            if part:
                parts.append((entered, part))
        return parts


def oldest_funds_first(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    latest_first = load_rulebook(ask.rulebook).variants["negative_adjustment"].is_ == "against_latest"
    for employer, rows in _accounts(answer).items():
        funds, moved = _funds_of(given, employer), _moved(answer, employer)
        purse = _Purse(latest_first)
        for one in funds.get("opening", []):
            purse.left[_month(one["entered"])] += _amount(one["amount"])
        for row in rows:
            month = _month(row["month"])
            for run in moved.get(month, []):
                purse.give_back(_returned(run), month)
                purse.spend(_taken(run, *FROM_AN_ACCOUNT))
            for one in _declared(given, employer):
                if one["month"] == str(month):
                    purse.left[month] += sum(_entering(one), NOTHING)
            adjustments = [_amount(one["amount"]) for one in funds.get("adjustments", []) if one["month"] == str(month)]
            corrected = [purse.correct(_five(one) + _five(one * TOP_UP), month) for one in adjustments]
            due = {
                "adjustment": sum(corrected, NOTHING),
                "expired": purse.expire(month),
                "closing": sum(purse.left.values(), NOTHING),
            }
            for column, amount in due.items():
                if amount_of(row, column) != amount:
                    said = pounds(amount_of(row, column))
                    return f"{employer} {month}: {column} is {said} instead of {pounds(amount)}"
    return ""


# One answer about apprentices


def _years_that_match(answer: Answer, last_run: Collection) -> Iterator[tuple[Learner, int, list[Row], list[Row]]]:
    """Earnings and payments of every apprentice and funding year in which the match holds for all that is earned.

    A year that waits for its R13 or R14 is left out: what the last runs know of it, no payment has followed yet.
    """
    failed = {
        (row["ukprn"], row["uln"], _month(row["month"]).funding_year) for row in answer["matches"] if row["errors"]
    }
    earned, paid = _by_learner(answer["earnings"]), _by_learner(_of_apprentices(answer))
    for learner in sorted({*earned, *paid}):
        years = {_month(row["month"]).funding_year for rows in (earned, paid) for row in rows.get(learner, [])}
        for year in sorted(years):
            is_paid = last_run.funding_year == year or last_run > Collection(year, LAST_COLLECTION)
            if is_paid and (*learner, year) not in failed:
                yield learner, year, _of_year(earned, learner, year), _of_year(paid, learner, year)


def _of_year(rows: Mapping[Learner, list[Row]], learner: Learner, year: int) -> list[Row]:
    return [row for row in rows.get(learner, []) if _month(row["month"]).funding_year == year]


def all_that_matches_is_paid(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    evidence, last_run = _with_evidence(given), _run(given["through"])
    for learner, year, earned, paid in _years_that_match(answer, last_run):
        for type in sorted({row["type"] for row in (*earned, *paid)}):
            due, got = ([row for row in rows if row["type"] == type] for rows in (earned, paid))
            tolerance = ROUNDING * (len(due) + len(got))
            more = total(got) - total(due)
            too_little = more < -tolerance and (type != "completion" or learner in evidence)
            if too_little or (more > tolerance and not (_falls_below_nothing(due) or _waits(due, got, last_run))):
                words = f"{learner[1]} {_words(type)} of {year} to {year + 1}"
                return f"{words}: {pounds(total(got))} was paid of {pounds(total(due))} earned"
    return ""


def _with_evidence(given: Facts) -> set[Learner]:
    """Whose last return has a record of what the employer has paid."""
    return {
        (ukprn, learner["ULN"])
        for ukprn, learners in last_returned(given).items()
        for learner in learners
        if _has_evidence(learner)
    }


def _has_evidence(learner: dict[str, Any]) -> bool:
    return any(
        record["AFinType"] == "PMR" for aim in learner["LearningDelivery"] for record in aim.get("AppFinRecord", ())
    )


def _falls_below_nothing(earned: Sequence[Row]) -> bool:
    """Whether an amount below zero exceeds what the year had earned by then: the rest of it cannot be taken back."""
    sums: dict[Month, Decimal] = defaultdict(Decimal)
    for row in earned:
        sums[_month(row["month"])] += amount_of(row)
    so_far = NOTHING
    for _, amount in sorted(sums.items()):
        so_far += amount
        if so_far < 0:
            return True
    return False


def _waits(earned: Sequence[Row], paid: Sequence[Row], last_run: Collection) -> bool:
    """Whether the last run paid months of before an amount below zero, which can take them back in the next only."""
    is_late = any(
        _run(row["collection"]) == last_run and _month(row["month"]) < last_run.delivery_month for row in paid
    )
    return is_late and any(amount_of(row) < 0 for row in earned)


def nothing_recovered_for_want_of_a_match(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    unchanged = _always_returned_alike(given)
    earned, paid = _by_learner(answer["earnings"]), _by_learner(_of_apprentices(answer))
    employers: dict[Learner, set[str]] = defaultdict(set)
    for agreement in given["agreements"]:
        employers[agreement["ukprn"], agreement["uln"]].add(agreement["employer"])
    for learner, rows in paid.items():
        one_employer = len(employers[learner]) <= 1
        if learner in unchanged and one_employer and all(amount_of(row) >= 0 for row in earned.get(learner, [])):
            for row in rows:
                if amount_of(row) < 0:
                    back = f"{pounds(-amount_of(row))} {_words(row['type'])} of {row['month']}"
                    return f"{learner[1]} was always returned alike, but {back} was taken back in {row['collection']}"
    return ""


def _always_returned_alike(given: Facts) -> set[Learner]:
    """Apprentices who, once returned, are in every return of their provider, with the same aims, prices and jobs."""
    seen: dict[Learner, list[Any]] = defaultdict(list)
    missing: set[Learner] = set()
    for submission in sorted(given["submissions"], key=lambda one: _run(one["collection"])):
        ukprn = submission["ukprn"]
        now = {(ukprn, learner["ULN"]): learner for learner in submission["learners"]}
        missing.update(learner for learner in seen if learner[0] == ukprn and learner not in now)
        for learner, record in now.items():
            seen[learner].append(record)
    return {
        learner for learner, records in seen.items() if learner not in missing and all(map(records[0].__eq__, records))
    }


def no_source_gives_back_more(ask: Ask, given: Facts) -> str:
    net: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in sorted(_of_apprentices(ask(given)), key=lambda row: (_run(row["collection"]), -amount_of(row))):
        fund = row["ukprn"], row["uln"], row["type"], row["source"], _moved_by(row)
        net[fund] += amount_of(row)
        if net[fund] < 0:
            by = f"{row['uln']} {_words(row['type'])}: {_words(row['source'])}"
            return f"{by} was given back {pounds(-net[fund])} more than it had paid by {row['collection']}"
    return ""


def nothing_paid_without_a_match(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    outcomes: dict[tuple[Any, ...], list[bool]] = defaultdict(list)
    for row in answer["matches"]:
        outcomes[row["ukprn"], row["uln"], row["month"], row.get("type")].append(not row["errors"])
    for row in _of_apprentices(answer):
        is_instalment = row["type"] == "on_programme" and row.get("contract_type") == EMPLOYERS_OWN
        if is_instalment and row["collection"] == given["through"] and amount_of(row) > 0:
            at = row["ukprn"], row["uln"], row["month"]
            found = outcomes.get((*at, "on_programme"), outcomes.get((*at, None), []))
            if not any(found):
                return (
                    f"{row['uln']} {row['month']}: {pounds(amount_of(row))} was paid in {row['collection']} unmatched"
                )
    return ""


def completion_waits_for_evidence(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    evidence = {(ukprn, learner["ULN"]) for ukprn, learner in _learners(given) if _has_evidence(learner)}
    unemployed = _ever_without_employment(given)
    for learner, rows in _by_learner(_of_apprentices(answer)).items():
        if learner in evidence or learner[1] in unemployed:
            continue
        shares = [row for row in rows if row["source"] == "employer_co_investment"]
        for row in shares:
            run = _run(row["collection"])
            before = (one for one in shares if one["type"] == "on_programme" and _run(one["collection"]) < run)
            owed = sum(int(amount_of(one)) for one in before)
            if row["type"] == "completion" and amount_of(row) > 0 and owed > 0:
                return f"{learner[1]}: completion was paid in {run} without evidence of the £{owed} owed before"
    return ""


def sources_share(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    shared: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    unemployed = _ever_without_employment(given)
    for row in _of_apprentices(answer):
        is_shared = row["type"] in PROGRAMME_TYPES
        if is_shared == (row["source"] == "government"):
            return f"{row['uln']} {_words(row['type'])} {row['month']}: paid by {_words(row['source'])}"
        if is_shared and row["uln"] not in unemployed:
            shared[row["ukprn"], row["uln"], row["type"], row["month"]].append(row)
    waivers = _waivers(given)
    for (_, uln, type, month), rows in shared.items():
        own = [row for row in rows if row["source"] in FROM_AN_ACCOUNT]
        government, employer = (total(row for row in rows if row["source"] == source) for source in CO_INVESTMENT)
        at = f"{uln} {_words(type)} {month}"
        if uln in waivers:
            if waivers[uln] and (own or employer):
                return f"{at}: the contribution is waived, but {pounds(employer + total(own))} came from the employer"
        elif abs(government * (1 - GOVERNMENTS_SHARE) - employer * GOVERNMENTS_SHARE) > ROUNDING * len(rows):
            return f"{at}: {pounds(employer)} from the employer beside {pounds(government)} from the government"
    return ""


def _learners(given: Facts) -> Iterator[tuple[int, dict[str, Any]]]:
    for submission in given["submissions"]:
        for learner in submission["learners"]:
            yield submission["ukprn"], learner


def _ever_without_employment(given: Facts) -> set[int]:
    return {learner["ULN"] for _, learner in _learners(given) if any(map(_has_no_job, _statuses(learner)))}


def _has_no_job(status: dict[str, Any]) -> bool:
    return bool(status["EmpStat"] != EMPLOYED)


def _statuses(learner: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = learner["LearnerEmploymentStatus"]
    return found


def _waivers(given: Facts) -> dict[int, bool]:
    """Whose employer was ever marked as small, and whether the contribution is waived all along: 16 to 18, one job."""
    jobs: dict[int, set[str]] = defaultdict(set)
    marked: dict[int, bool] = {}
    for _, learner in _learners(given):
        jobs[learner["ULN"]].update(map(str, _statuses(learner)))
        if any("EmploymentStatusMonitoring" in status for status in _statuses(learner)):
            marked[learner["ULN"]] = _is_16_to_18(learner)
    return {uln: is_young and len(jobs[uln]) == 1 for uln, is_young in marked.items()}


def _is_16_to_18(learner: dict[str, Any]) -> bool:
    """Whether the apprentice starts before the 19th birthday."""
    started = min(date.fromisoformat(aim["LearnStartDate"]) for aim in learner["LearningDelivery"])
    return started < months_later(date.fromisoformat(learner["DateOfBirth"]), ADULT_AT * MONTHS_A_YEAR)


def payments_stay_within_the_band(ask: Ask, given: Facts) -> str:
    answer = ask(given)
    below = {row["uln"] for row in answer["earnings"] if amount_of(row) < 0}
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in _of_apprentices(answer):
        if row["type"] in PROGRAMME_TYPES:
            rows[row["uln"]].append(row)
    for uln, spells in spells_of(given).items():
        most = band_of(spells, spells[0].course)
        paid = total(rows[uln])
        if uln not in below and paid > most + ROUNDING * len(rows[uln]):
            return f"{uln} was paid {pounds(paid)}; its band is {pounds(Decimal(most))}"
    return ""


# Two histories


_PAID: Final = ("collection", "ukprn", "uln", "type", "month", "source")


def lower_priority_takes_nothing(ask: Ask, given: Facts) -> str:
    everybody = _of_apprentices(ask(given))
    order = _in_order(given)
    for first in {1, len(order) - 1}:
        higher = set(order[:first])
        alone = _of_apprentices(ask({**given, "submissions": _returns_of_some(given, higher)}))
        here = summed((row for row in everybody if row["uln"] in higher), *_PAID)
        if found := first_difference(summed(alone, *_PAID), here):
            key, was, now = found
            return f"{key}: {was} became {now} by apprentices of lower priority"
    return ""


def _in_order(given: Facts) -> list[int]:
    """ULNs in the order of payment: explicit priority, the employer's own order, first approvals, approval, ULN."""
    own_order = given["employers"][0]["provider_priority"]
    agreements = given["agreements"]
    first: dict[int, str] = {}
    for one in agreements:
        first[one["ukprn"]] = min(one["approved"], first.get(one["ukprn"], one["approved"]))

    def place(one: dict[str, Any]) -> tuple[Any, ...]:
        ukprn, is_explicit = one["ukprn"], "priority" in one
        named = ukprn in own_order and not is_explicit
        chosen = one["priority"] if is_explicit else own_order.index(ukprn) if named else len(own_order)
        return not is_explicit, chosen, first[ukprn], ukprn, one["approved"], one["uln"]

    return [one["uln"] for one in sorted(agreements, key=place)]


def _returns_of_some(given: Facts, ulns: set[int]) -> list[dict[str, Any]]:
    return [
        {**submission, "learners": [one for one in submission["learners"] if one["ULN"] in ulns]}
        for submission in given["submissions"]
    ]


def more_funds_less_co_investment(ask: Ask, given: Facts) -> str:
    before = _co_invested(ask(given))
    for more in RAISED_BY:
        after = _co_invested(ask(_raised(given, more)))
        for key in sorted(after):
            if after[key] > before.get(key, NOTHING) + ROUNDING:
                was, now = pounds(before.get(key, NOTHING)), pounds(after[key])
                rose = f"co-investment rose from {was} to {now}"
                return f"{_words(' '.join(key))}: {rose} with {pounds(more)} more in the account"
    return ""


def _co_invested(answer: Answer) -> dict[tuple[str, ...], Decimal]:
    rows = (row for row in answer["payments"] if row["source"] in CO_INVESTMENT)
    return summed(rows, "collection", "ukprn", "uln", "type", "month")


def _raised(given: Facts, more: Decimal) -> Facts:
    """The same with more in the first employer's account."""
    employer, *others = given["employers"]
    found = {month: f"{_amount(amount) + more:.5f}" for month, amount in employer["levy_funds"]["available"].items()}
    return {**given, "employers": [{**employer, "levy_funds": {"available": found}}, *others]}


def order_moves_no_total(ask: Ask, given: Facts) -> str:
    answers = [ask(given), ask(_turned_round(given))]
    one, other = (summed(answer["payments"], "collection", "source") for answer in answers)
    rows = sum(len(answer["payments"]) for answer in answers)
    for key in sorted({*one, *other}):
        was, now = one.get(key, NOTHING), other.get(key, NOTHING)
        if abs(was - now) > (NOTHING if key[1] == "levy" else ROUNDING * rows):
            return f"{_words(' '.join(key))}: {pounds(was)} became {pounds(now)} in another order"
    return ""


def _turned_round(given: Facts) -> Facts:
    """The same with the last agreement first."""
    last = {uln: place for place, uln in enumerate(reversed(_in_order(given)), start=1)}
    return {**given, "agreements": [{**one, "priority": last[one["uln"]]} for one in given["agreements"]]}


def returned_again_moves_nothing(ask: Ask, given: Facts) -> str:
    made = {(one["collection"], one["ukprn"]) for one in given["submissions"]}
    again = []
    for one in given["submissions"]:
        collection = _run(one["collection"])
        later = str(Collection(collection.funding_year, collection.number + 1))
        if collection.number < LAST_COLLECTION and (later, one["ukprn"]) not in made:
            again.append({**one, "collection": later})
    once, twice = ask(given), ask({**given, "submissions": [*given["submissions"], *again]})
    if found := first_difference(summed(once["payments"], *_PAID), summed(twice["payments"], *_PAID)):
        key, was, now = found
        return f"{key}: {was} became {now} when every return came twice"
    return ""


_PAYMENTS: Final = ("payments",)
_ACCOUNTS: Final = ("payments", "levy_accounts")
_MATCHED: Final = ("earnings", "payments", "matches")

OF_ACCOUNTS: Final = (
    Property(
        "account-adds-up",
        "What was there, comes back and enters, less what is spent, sent and expires, is what is left of it, and the "
        "next month opens with that.",
        ("GUIDE-66", "GUIDE-67", "READ-58", "READ-63", "READ-78"),
        _ACCOUNTS,
        histories(),
        account_adds_up,
    ),
    Property(
        "account-moves-with-payments",
        "What an account has spent, sent and got back in a month is what the payments of the month's runs say.",
        ("GUIDE-76", "GUIDE-191", "READ-50", "READ-63"),
        _ACCOUNTS,
        histories(),
        account_moves_with_payments,
    ),
    Property(
        "account-never-below-zero",
        "No account falls below zero, neither by payments nor by adjustments.",
        ("GUIDE-47", "GUIDE-74", "READ-13", "READ-60"),
        _ACCOUNTS,
        histories(),
        never_below_zero,
    ),
    Property(
        "oldest-funds-first",
        "Spending and adjustments use the funds whose turn it is, a refund goes back to those spent last, and what is "
        "unspent after 24 months expires.",
        ("GUIDE-70", "GUIDE-71", "GUIDE-72", "READ-59", "READ-60", "READ-63"),
        _ACCOUNTS,
        histories(wanted=("adjust", "declare", "withdraw")),
        oldest_funds_first,
    ),
)

OF_APPRENTICES: Final = (
    Property(
        "what-matches-is-paid",
        "For an apprentice and year whose match holds, all that is paid is all that is earned, but for completion "
        "held back.",
        ("GUIDE-73", "GUIDE-76", "READ-50", "READ-51"),
        _MATCHED,
        histories(wanted=("new_price", "withdraw")),
        all_that_matches_is_paid,
    ),
    Property(
        "nothing-recovered-without-a-match",
        "While an apprentice is returned alike, nothing is taken back, whatever becomes of the agreement.",
        ("GUIDE-104", "READ-52", "READ-55"),
        ("earnings", "payments"),
        histories(wanted=OF_AGREEMENTS, never=("new_employer", "employed_again")),
        nothing_recovered_for_want_of_a_match,
    ),
    Property(
        "no-source-gets-more-than-it-paid",
        "No account, no employer and no government share is ever given back more than it has paid for an apprentice.",
        ("GUIDE-152", "RULES-204", "READ-51", "READ-77"),
        _PAYMENTS,
        histories(wanted=("new_price", "withdraw")),
        no_source_gives_back_more,
    ),
    Property(
        "nothing-paid-without-a-match",
        "What is paid for an instalment under the employer's own contract matches when it is paid.",
        ("GUIDE-96", "GUIDE-102", "GUIDE-105", "READ-53"),
        ("payments", "matches"),
        histories(wanted=OF_AGREEMENTS),
        nothing_paid_without_a_match,
    ),
    Property(
        "completion-waits-for-evidence",
        "Who shared in instalments is asked for no share of completion while no payment by the employer is recorded.",
        ("GUIDE-53", "RULES-168", "READ-57", "READ-76"),
        _PAYMENTS,
        histories(wanted=("complete",)),
        completion_waits_for_evidence,
    ),
    Property(
        "shares-of-what-is-left",
        "Government and employer share in nine to one what no account pays; what they do not share in, or what is "
        "waived, no account and no employer pays.",
        ("GUIDE-46", "GUIDE-50", "GUIDE-57", "GUIDE-95", "READ-11", "READ-12"),
        _PAYMENTS,
        histories(),
        sources_share,
    ),
)

OF_PAYMENTS_ALONE: Final = (
    Property(
        "payments-within-the-band",
        "What is paid for the instalments, balancing and completion of one apprenticeship stays within its band, over "
        "all providers and employers, and whatever becomes of its agreements.",
        ("GUIDE-21", "GUIDE-144", "GUIDE-145"),
        ("earnings", "payments"),
        histories(in_time=True),
        payments_stay_within_the_band,
    ),
    Property(
        "returned-again-moves-nothing",
        "Whatever has happened, returning the same once more in the next collection moves nothing.",
        ("GUIDE-76", "READ-50", "READ-70"),
        _PAYMENTS,
        histories(),
        returned_again_moves_nothing,
    ),
    Property(
        "lower-priority-takes-nothing",
        "What an apprentice is paid out of a balance does not depend on those who come after it in the order.",
        ("GUIDE-78", "GUIDE-79", "GUIDE-83", "READ-56", "READ-75"),
        _PAYMENTS,
        rivals(),
        lower_priority_takes_nothing,
    ),
    Property(
        "more-funds-less-co-investment",
        "More money in the account raises nobody's co-investment.",
        ("GUIDE-47", "GUIDE-74", "READ-13"),
        _PAYMENTS,
        rivals(),
        more_funds_less_co_investment,
    ),
    Property(
        "order-moves-no-total",
        "Where nothing is held back or taken back, the order of payment changes nothing of what all are paid together.",
        ("GUIDE-78", "READ-13", "READ-56"),
        _PAYMENTS,
        rivals(),
        order_moves_no_total,
    ),
)

ACCOUNT_STEP_BY_STEP: Final = Property(
    "account-step-by-step",
    "After every step of an account and its apprentices all that is said of one answer about them holds.",
    ("GUIDE-70", "GUIDE-76", "GUIDE-104", "READ-50", "READ-63"),
    ("earnings", "payments", "levy_accounts", "matches"),
    walk_account,
    account_adds_up,
    also=(*OF_ACCOUNTS[1:], *OF_APPRENTICES),
)

PROPERTIES_OF_PAYMENTS: Final = (*OF_ACCOUNTS, *OF_APPRENTICES, *OF_PAYMENTS_ALONE, ACCOUNT_STEP_BY_STEP)

"""Mistakes with what enters, leaves and expires in accounts, with transfers, moves and lost jobs (GUIDE-60 to 94)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from funding_reference.apprenticeship import Programme, in_order
from funding_reference.calendar import LAST_COLLECTION, Collection, Month
from funding_reference.contribution import is_without_employment, is_young_on_the_move, joined_employer_on
from funding_reference.due import Fund, is_payable
from funding_reference.levy_account import Funds, adjustment_with_top_up, funds_of_declaration, month_of_expiry
from funding_reference.money import NO_AMOUNT, NOTHING, Amount, Money, exactly, rounded
from funding_reference.paying import has_sender, out_of_funds, transfer_allowance
from funding_reference.priority import MOVES, PAYMENTS, REFUNDS, REMAINDERS, TRANSFERS, is_listed, turn_of
from funding_reference.records import (
    IN_PAID_EMPLOYMENT,
    SOURCES,
    Adjustment,
    Agreement,
    AvailableFunds,
    Declaration,
    Employer,
)
from funding_reference.redundancy import redundancies_in
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing

SEEKING_WORK = 11
TRANSFER = "transfer"

# what enters


def nothing_enters(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Leaves the account as it first was, whatever is declared. Breaks: GUIDE-62, GUIDE-68, READ-58."""
    return NO_AMOUNT, NO_AMOUNT


def no_top_up(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Adds no top-up. Breaks: GUIDE-66, GUIDE-67, READ-58."""
    levy, _ = funds_of_declaration(rules, declaration)
    return levy, NO_AMOUNT


def fifteen_per_cent(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Tops up by 15%. Breaks: GUIDE-66, GUIDE-67, READ-58."""
    levy, _ = funds_of_declaration(rules, declaration)
    return levy, rounded(exactly(levy) * Money(15, 100))


def top_up_of_everything(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Tops up all that was declared, not only the share for England. Breaks: GUIDE-67, READ-58."""
    levy, _ = funds_of_declaration(rules, declaration)
    return levy, rounded(declaration.levy * rules.value("levy_top_up", declaration.month.first_day))


def whole_levy(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Takes the whole levy in, wherever the employees live. Breaks: GUIDE-67, READ-58."""
    return funds_of_declaration(rules, Declaration(declaration.month, declaration.levy, None))


def unknown_is_nothing(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Takes nothing in until the share for England is known. Breaks: GUIDE-65, READ-58."""
    return (NO_AMOUNT, NO_AMOUNT) if declaration.english_fraction is None else funds_of_declaration(rules, declaration)


def nothing_is_unknown(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Takes a share of nothing for one that is not known. Breaks: GUIDE-65, GUIDE-67."""
    return funds_of_declaration(rules, declaration) if declaration.english_fraction else whole_levy(rules, declaration)


def rounded_together(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Rounds levy and top-up in one sum instead of each by itself. Breaks: READ-78."""
    share = Money(1) if declaration.english_fraction is None else declaration.english_fraction
    top_up = rules.value("levy_top_up", declaration.month.first_day)
    levy, _ = funds_of_declaration(rules, declaration)
    return levy, rounded(declaration.levy * share * (1 + top_up)) - levy


def whole_pence(rules: Rules, declaration: Declaration) -> tuple[Amount, Amount]:
    """Rounds what enters to pence. Breaks: READ-10, READ-78."""
    levy, top_up = funds_of_declaration(rules, declaration)
    return _in_pence(levy), _in_pence(top_up)


def _in_pence(amount: Amount) -> Amount:
    return rounded(Money(round(exactly(amount) * 100), 100))


def enters_before_the_payments(month: Month) -> Month:
    """Lets the payments of a month spend what is declared in it. Breaks: GUIDE-62, GUIDE-68, READ-58, READ-63."""
    return month - 1


def enters_a_month_late(month: Month) -> Month:
    """Enters what is declared in a month only in the next. Breaks: GUIDE-62, GUIDE-68, GUIDE-69, READ-58."""
    return month + 1


# adjustments


def without_the_top_up(rules: Rules, adjustment: Adjustment) -> Amount:
    """Adjusts the levy and leaves its top-up. Breaks: GUIDE-69, READ-58."""
    return rules.rounded(adjustment.amount)


def only_downwards(rules: Rules, adjustment: Adjustment) -> Amount:
    """Leaves out what a correction adds. Breaks: GUIDE-69, GUIDE-72, READ-58."""
    return min(NO_AMOUNT, adjustment_with_top_up(rules, adjustment))


def only_upwards(rules: Rules, adjustment: Adjustment) -> Amount:
    """Leaves out a fall of the year to date. Breaks: GUIDE-69, READ-60."""
    return max(NO_AMOUNT, adjustment_with_top_up(rules, adjustment))


def adjusts_the_latest(funds: Sequence[Funds]) -> Sequence[Funds]:
    """Takes a fall out of the latest funds, as the official accounts did. Breaks: GUIDE-72, READ-60."""
    return funds[::-1]


def adjusts_the_earliest(funds: Sequence[Funds]) -> Sequence[Funds]:
    """Takes a fall out of the earliest funds under the official rules too. Breaks: READ-60."""
    return funds


# spending and expiry


def last_in_first_out(funds: Sequence[Funds]) -> Sequence[Funds]:
    """Spends what entered last. Breaks: GUIDE-71, READ-59."""
    return funds[::-1]


def largest_first(funds: Sequence[Funds]) -> Sequence[Funds]:
    """Spends the largest entry first. Breaks: GUIDE-71, READ-59."""
    return sorted(funds, key=lambda entry: -entry.left)


def expires_before_the_payments(rules: Rules, entered: Month) -> Month:
    """Lets funds expire before the payments of their last month. Breaks: GUIDE-70, READ-59, READ-63."""
    return month_of_expiry(rules, entered) - 1


def expires_a_month_late(rules: Rules, entered: Month) -> Month:
    """Lets funds expire after 25 months. Breaks: GUIDE-70, READ-59."""
    return month_of_expiry(rules, entered) + 1


def never_expires(rules: Rules, entered: Month) -> Month:
    """Keeps unspent funds for ever. Breaks: GUIDE-70, READ-59, READ-63, READ-79."""
    return entered + 1200


def only_instalments_are_debited(
    rules: Rules,
    type: str,
    contract_type: int | None,
    share: Money,
    amount: Amount,
    balance: Amount | None,
) -> list[tuple[str, Amount]]:
    """Shares completion and balancing whatever the account holds. Breaks: GUIDE-198, READ-56."""
    left = balance if type == "on_programme" else NO_AMOUNT
    return out_of_funds(rules, type, contract_type, share, amount, left)


def shares_in_pence(rules: Rules, left: Amount, share: Money) -> Amount:
    """Rounds the employer's share to pence. Breaks: READ-10, READ-11."""
    return _in_pence(rounded(exactly(left) * share))


def no_r14(month: Month, run: Collection) -> bool:
    """Makes the payments of R13 and none of R14. Breaks: GUIDE-191, READ-78."""
    return run.number < LAST_COLLECTION and is_payable(month, run)


# refunds


def restores_the_first(spent: Sequence[Funds]) -> Iterable[Funds]:
    """Gives a refund back to the funds that were spent first. Breaks: READ-63."""
    return spent


def restores_nothing(spent: Sequence[Funds]) -> Iterable[Funds]:
    """Takes what comes back for new funds of the month, with 24 months before them. Breaks: READ-63."""
    return ()


def in_equal_parts(refund: Amount, paid: Mapping[Fund, Amount]) -> dict[Fund, Amount]:
    """Refunds the same amount to every source. Breaks: READ-51, RULES-204."""
    sources = [fund for fund, amount in paid.items() if amount]
    return {fund: rounded(exactly(refund) / len(sources)) for fund in sources}


def the_account_last(refund: Amount, paid: Mapping[Fund, Amount]) -> dict[Fund, Amount]:
    """Takes back what was shared before anything of the account. Breaks: READ-51, RULES-204."""
    left, parts = refund, {}
    for fund in sorted(paid, key=lambda fund: SOURCES.index(fund[0]), reverse=True):
        parts[fund] = min(left, paid[fund])
        left -= parts[fund]
    return parts


def employers_part_is_kept(refund: Amount, paid: Mapping[Fund, Amount]) -> dict[Fund, Amount]:
    """Takes back public money and leaves the provider what the employer had shared. Breaks: READ-51."""
    parts = {fund: part for fund, part in _in_proportion(refund, paid).items() if fund[0] != "employer_co_investment"}
    return parts or _in_proportion(refund, paid)


def not_to_the_sender(refund: Amount, paid: Mapping[Fund, Amount]) -> dict[Fund, Amount]:
    """Takes nothing back of what another employer had sent. Breaks: READ-62."""
    own = {fund: amount for fund, amount in paid.items() if fund[0] != TRANSFER and amount}
    return _in_proportion(min(refund, sum(own.values(), NO_AMOUNT)), own) if own else dict.fromkeys(paid, NO_AMOUNT)


def refunded_in_pence(refund: Amount, paid: Mapping[Fund, Amount]) -> dict[Fund, Amount]:
    """Rounds each part of a refund to pence. Breaks: READ-10, READ-51."""
    return {fund: _in_pence(part) for fund, part in _in_proportion(refund, paid).items()}


def _in_proportion(refund: Amount, paid: Mapping[Fund, Amount]) -> dict[Fund, Amount]:
    share = exactly(refund) / exactly(sum(paid.values(), NO_AMOUNT))
    return {fund: rounded(exactly(amount) * share) for fund, amount in paid.items()}


def negative_earnings_count_as_nothing(earned: Amount, paid: Amount) -> Amount:
    """Takes nothing back out of earlier months for a negative earning. Breaks: GUIDE-152, READ-51, READ-77."""
    return max(NO_AMOUNT, earned) - paid


# order


def changes_are_ignored(employer: Employer, run: Collection) -> tuple[int, ...]:
    """Keeps to the employer's first order. Breaks: GUIDE-93, READ-75."""
    return employer.provider_priority


def changes_count_a_run_late(employer: Employer, run: Collection) -> tuple[int, ...]:
    """Follows a change of order only in the run after it. Breaks: GUIDE-93, READ-75."""
    changes = [change for change in employer.priority_changes if change.from_ < run]
    return max(changes, key=lambda change: change.from_).order if changes else employer.provider_priority


def changes_count_at_once(employer: Employer, run: Collection) -> tuple[int, ...]:
    """Follows the last order that will ever be made. Breaks: GUIDE-93, READ-75."""
    changes = employer.priority_changes
    return max(changes, key=lambda change: change.from_).order if changes else employer.provider_priority


def changes_count_by_their_number(employer: Employer, run: Collection) -> tuple[int, ...]:
    """Puts R13 and R14 before the new year's R01. Breaks: GUIDE-93, READ-75."""

    def number(collection: Collection) -> tuple[int, int]:
        return collection.funding_year, collection.number

    changes = [change for change in employer.priority_changes if number(change.from_) <= number(run)]
    return max(changes, key=lambda change: number(change.from_)).order if changes else employer.provider_priority


def first_change_only(employer: Employer, run: Collection) -> tuple[int, ...]:
    """Follows the first change of order and none after it. Breaks: GUIDE-81, GUIDE-93."""
    changes = [change for change in employer.priority_changes if change.from_ <= run]
    return min(changes, key=lambda change: change.from_).order if changes else employer.provider_priority


def everything_is_listed(agreement: Agreement, run: Collection) -> bool:
    """Lists agreements before they are approved. Breaks: GUIDE-78, READ-75."""
    return True


def last_day_is_not_listed(agreement: Agreement, run: Collection) -> bool:
    """Leaves out what was approved on the last day of the month. Breaks: READ-75."""
    return agreement.approved_on < run.delivery_month.census


def stopped_are_not_listed(agreement: Agreement, run: Collection) -> bool:
    """Takes a stopped agreement out of the order, and with it its provider's place. Breaks: READ-75."""
    return (
        is_listed(agreement, run) and (agreement.stopped_on or run.delivery_month.census) >= run.delivery_month.census
    )


def by_latest_approval(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Orders providers by their latest approval instead of their first. Breaks: GUIDE-79, GUIDE-83, READ-56."""
    latest = {one.ukprn: one.approved_on for one in sorted(agreements, key=lambda one: one.approved_on)}
    return _by_provider(agreements, provider_order, {one.id: (latest[one.ukprn], one.ukprn) for one in agreements})


def by_ukprn(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Orders providers by their number. Breaks: GUIDE-79, GUIDE-82, READ-56."""
    return _by_provider(agreements, provider_order, {one.id: (date.min, one.ukprn) for one in agreements})


def _by_provider(
    agreements: Sequence[Agreement], provider_order: Sequence[int], places: Mapping[str, tuple[date, int]]
) -> list[Agreement]:
    """Agreements by explicit priority, the employer's order, a place for the provider, approval and ULN."""
    named = {ukprn: place for place, ukprn in enumerate(provider_order)}
    last = len(agreements) + len(named)

    def place(one: Agreement) -> tuple[object, ...]:
        explicit = (one.priority is None, one.priority or 0)
        return *explicit, named.get(one.ukprn, last), *places[one.id], one.approved_on, one.uln, one.id

    return sorted(agreements, key=place)


def equal_priorities_in_own_order(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Puts equal explicit priorities in the employer's order of providers. Breaks: READ-75."""
    first = _first_approvals(agreements)
    return _by_provider(agreements, provider_order, {one.id: (first[one.ukprn], one.ukprn) for one in agreements})


def _first_approvals(agreements: Sequence[Agreement]) -> dict[int, date]:
    return {one.ukprn: one.approved_on for one in sorted(agreements, key=lambda one: one.approved_on, reverse=True)}


def by_uln_within_the_provider(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """Orders a provider's apprentices by ULN, whenever they were approved. Breaks: GUIDE-79, READ-56."""
    first = _first_approvals(agreements)
    places = {one.id: (first[one.ukprn], one.ukprn) for one in agreements}
    ordered = _by_provider(agreements, provider_order, places)
    groups = dict.fromkeys(one.ukprn for one in ordered)
    by_uln = [sorted((one for one in ordered if one.ukprn == ukprn), key=lambda one: one.uln) for ukprn in groups]
    return [one for group in by_uln for one in group]


# turns


def refunds_last(what: str) -> int:
    """Pays first and takes back afterwards. Breaks: READ-51, READ-56, READ-63."""
    return len(MOVES) if what == REFUNDS else turn_of(what)


def transfers_before_refunds(what: str) -> int:
    """Sends before the sender has got its refunds back. Breaks: READ-56, READ-62."""
    return turn_of(REFUNDS) - 1 if what == TRANSFERS else turn_of(what)


def transfers_last(what: str) -> int:
    """Sends only what the payments for the sender's own apprentices leave. Breaks: READ-56, READ-62."""
    return (REFUNDS, PAYMENTS, TRANSFERS, REMAINDERS).index(what)


def remainders_first(what: str) -> int:
    """Pays what a transfer leaves before all other payments. Breaks: READ-56, READ-62."""
    return (REFUNDS, TRANSFERS, REMAINDERS, PAYMENTS).index(what)


def remainders_last(what: str) -> int:
    """Pays what a transfer leaves after all other payments. Breaks: READ-56, READ-62."""
    return (REFUNDS, TRANSFERS, PAYMENTS, REMAINDERS).index(what)


# transfers


def never_by_transfer(rules: Rules, agreement: Agreement) -> bool:
    """Debits the own account although another employer sends the money. Breaks: READ-62."""
    return False


def always_by_transfer(rules: Rules, agreement: Agreement) -> bool:
    """Transfers under the rules of 2017 as well. Breaks: READ-62."""
    return has_sender(rules, agreement)


def allowance_at_any_time(rules: Rules, sender: Employer, month: Month) -> Amount:
    """Sends what may be sent before May 2018 too. Breaks: READ-62, READ-EDITION-2018-08."""
    return rules.rounded(AvailableFunds(sender.transfer_allowance).in_month(month))


def allowance_of_the_month_alone(rules: Rules, sender: Employer, month: Month) -> Amount:
    """Sends nothing in a month for which no allowance is listed. Breaks: READ-62."""
    return transfer_allowance(rules, sender, month) if month in dict(sender.transfer_allowance) else NO_AMOUNT


def unlimited_allowance(amount: Amount, allowance: Amount, balance: Amount | None) -> Amount:
    """Sends whatever the sender has. Breaks: READ-62."""
    return amount if balance is None else max(NO_AMOUNT, min(amount, balance))


def beyond_the_balance(amount: Amount, allowance: Amount, balance: Amount | None) -> Amount:
    """Sends the allowance, whether or not the sender has it. Breaks: READ-62."""
    return max(NO_AMOUNT, min(amount, allowance))


def sent_whole_or_not_at_all(amount: Amount, allowance: Amount, balance: Amount | None) -> Amount:
    """Sends an amount only if all of it can be sent. Breaks: READ-62."""
    enough = allowance >= amount and (balance is None or balance >= amount)
    return amount if enough else NO_AMOUNT


# moves to another employer


def a_move_changes_nothing(programme: Programme, day: date) -> date:
    """Goes by the first employer for ever. Breaks: GUIDE-60, READ-40."""
    return programme.first_start


def every_record_is_a_move(programme: Programme, day: date) -> date:
    """Takes each new record of the same employer for a move. Breaks: GUIDE-59, GUIDE-61, READ-40."""
    days = [status.DateEmpStatApp for status in programme.employment if status.EmpStat == IN_PAID_EMPLOYMENT]
    return max((one for one in days if programme.first_start < one <= day), default=programme.first_start)


def coming_back_is_no_move(programme: Programme, day: date) -> date:
    """Keeps the waiver of an employer that takes its apprentice back. Breaks: READ-40."""
    joined, here = programme.first_start, None
    for status in sorted(programme.employment, key=in_order):
        if status.EmpStat != IN_PAID_EMPLOYMENT or status.DateEmpStatApp > day:
            continue
        if status.DateEmpStatApp > programme.first_start and status.EmpId != here:
            joined = status.DateEmpStatApp
        here = status.EmpId
    return joined


def a_move_ends_the_waiver(rules: Rules, programme: Programme, day: date) -> bool:
    """Waives nothing for a second employer. Breaks: GUIDE-60, READ-40."""
    start = programme.first_start
    stayed = joined_employer_on(programme, day) == start
    return stayed and rules.is_small_employer(programme, start) and rules.is_young_on_the_move(rules, programme, start)


def size_of_the_first_employer(rules: Rules, programme: Programme, day: date) -> bool:
    """Goes by the age on the move but by the size of the first employer. Breaks: GUIDE-60, READ-40."""
    joined = rules.joined_employer_on(programme, day)
    small = rules.is_small_employer(programme, programme.first_start)
    return small and rules.is_young_on_the_move(rules, programme, joined)


def age_at_the_first_start(rules: Rules, programme: Programme, day: date) -> bool:
    """Waives on a move by the age at the first start. Breaks: GUIDE-60, READ-40."""
    return rules.is_young(rules, programme)


def age_on_the_day_of_the_move(rules: Rules, programme: Programme, day: date) -> bool:
    """Waives by the age on the day of the move under the official rules too. Breaks: READ-40."""
    return is_young_on_the_move(rules, programme, day)


def no_entitlement_on_a_move(rules: Rules, programme: Programme, day: date) -> bool:
    """Forgets on a move that 19 to 24 year olds may be eligible. Breaks: GUIDE-60, READ-40."""
    limit: int = rules.value("age_of_adults", programme.first_start)
    return rules.age_on(day, programme.learner.DateOfBirth) < limit


# without employment


def only_who_seeks_work(programme: Programme, day: date) -> bool:
    """Shares the payments for an apprentice who has lost the job and seeks no other. Breaks: GUIDE-148, READ-41."""
    status = max((one for one in programme.employment if one.DateEmpStatApp <= day), key=in_order, default=None)
    return is_without_employment(programme, day) and status is not None and status.EmpStat == SEEKING_WORK


def unemployed_are_shared(programme: Programme, day: date) -> bool:
    """Goes on asking an employer for its share when there is none. Breaks: GUIDE-148, GUIDE-174, GUIDE-178,
    RULES-201.2, READ-41.
    """
    return False


def alone_to_the_end(programme: Programme, day: date) -> bool:
    """Pays 100% in a new job as well. Breaks: GUIDE-148, GUIDE-174, GUIDE-178, READ-41."""
    return any(one.began <= day for one in redundancies_in(programme))


def lost_on_the_census_is_shared(programme: Programme, day: date) -> bool:
    """Counts the day of the redundancy as a day in the job. Breaks: READ-41, GUIDE-148."""
    return any(one.began < day and (one.ended is None or day < one.ended) for one in redundancies_in(programme))


def found_on_the_census_is_not_shared(programme: Programme, day: date) -> bool:
    """Counts the first day of the new job as one without. Breaks: READ-41, GUIDE-174."""
    return any(one.began <= day and (one.ended is None or day <= one.ended) for one in redundancies_in(programme))


def share_by_the_first_of_the_month(rules: Rules, programme: Programme, day: date) -> Money:
    """Goes by the job on the first of the month instead of the census. Breaks: READ-41, GUIDE-148, GUIDE-174."""
    first_day = max(day.replace(day=1), programme.start)
    if rules.is_without_employment(programme, first_day) or rules.is_waived(rules, programme, day):
        return NOTHING
    share: Money = rules.value("employer_share", programme.first_start)
    return share


def always_a_match(rules: Rules, programme: Programme, day: date) -> bool:
    """Asks for a match when there is no employer to approve it. Breaks: READ-41."""
    return False


def no_match_as_in_the_guide(rules: Rules, programme: Programme, day: date) -> bool:
    """Asks for no match without employment under the official rules too. Breaks: READ-41."""
    return rules.is_without_employment(programme, day)


def share_of_the_day(rules: Rules, programme: Programme, day: date) -> Money:
    """Charges 5% from April 2019 on, whenever the apprenticeship started. Breaks: READ-EDITION-2019-04."""
    if rules.is_without_employment(programme, day) or rules.is_waived(rules, programme, day):
        return NOTHING
    share: Money = rules.value("employer_share", max(day, programme.first_start))
    return share


KNOWN_BAD = {
    "levy-never-enters": replacing(funds_of_declaration=nothing_enters),
    "no-top-up": replacing(funds_of_declaration=no_top_up),
    "top-up-of-15-per-cent": replacing(funds_of_declaration=fifteen_per_cent),
    "top-up-of-the-whole-levy": replacing(funds_of_declaration=top_up_of_everything),
    "whole-levy-enters": replacing(funds_of_declaration=whole_levy),
    "unknown-share-is-nothing": replacing(funds_of_declaration=unknown_is_nothing),
    "share-of-nothing-is-unknown": replacing(funds_of_declaration=nothing_is_unknown),
    "levy-and-top-up-rounded-together": replacing(funds_of_declaration=rounded_together),
    "levy-in-pence": replacing(funds_of_declaration=whole_pence),
    "levy-enters-before-payments": replacing(month_of_entry=enters_before_the_payments),
    "levy-enters-a-month-late": replacing(month_of_entry=enters_a_month_late),
    "adjustment-without-top-up": replacing(adjustment_with_top_up=without_the_top_up),
    "no-positive-adjustments": replacing(adjustment_with_top_up=only_downwards),
    "no-negative-adjustments": replacing(adjustment_with_top_up=only_upwards),
    "adjusts-the-latest": replacing(order_of_adjustment=adjusts_the_latest),
    "engine-adjusts-the-earliest": replacing(order_of_adjustment=adjusts_the_earliest),
    "last-in-first-out": replacing(order_of_spending=last_in_first_out),
    "largest-first-out": replacing(order_of_spending=largest_first),
    "expires-before-the-payments": replacing(month_of_expiry=expires_before_the_payments),
    "expires-after-25-months": replacing(month_of_expiry=expires_a_month_late),
    "never-expires": replacing(month_of_expiry=never_expires),
    "only-instalments-debited": replacing(out_of_funds=only_instalments_are_debited),
    "employer-share-in-pence": replacing(employer_contribution=shares_in_pence),
    "no-payments-of-r14": replacing(is_payable=no_r14),
    "restores-what-was-spent-first": replacing(order_of_restoring=restores_the_first),
    "refunds-are-new-funds": replacing(order_of_restoring=restores_nothing),
    "refunds-in-equal-parts": replacing(refund_by_source=in_equal_parts),
    "account-refunded-last": replacing(refund_by_source=the_account_last),
    "employer-not-refunded": replacing(refund_by_source=employers_part_is_kept),
    "sender-not-refunded": replacing(refund_by_source=not_to_the_sender),
    "refunds-in-pence": replacing(refund_by_source=refunded_in_pence),
    "negative-earnings-kept": replacing(amount_due=negative_earnings_count_as_nothing),
    "changes-of-order-ignored": replacing(provider_order=changes_are_ignored),
    "changes-of-order-a-run-late": replacing(provider_order=changes_count_a_run_late),
    "changes-of-order-at-once": replacing(provider_order=changes_count_at_once),
    "changes-of-order-by-number": replacing(provider_order=changes_count_by_their_number),
    "first-change-of-order-only": replacing(provider_order=first_change_only),
    "listed-before-approval": replacing(is_listed=everything_is_listed),
    "last-day-not-listed": replacing(is_listed=last_day_is_not_listed),
    "stopped-not-listed": replacing(is_listed=stopped_are_not_listed),
    "providers-by-latest-approval": replacing(payment_order=by_latest_approval),
    "providers-by-ukprn": replacing(payment_order=by_ukprn),
    "equal-priorities-in-own-order": replacing(payment_order=equal_priorities_in_own_order),
    "uln-before-approval": replacing(payment_order=by_uln_within_the_provider),
    "refunds-after-payments": replacing(turn_of=refunds_last),
    "transfers-before-refunds": replacing(turn_of=transfers_before_refunds),
    "transfers-after-own-payments": replacing(turn_of=transfers_last),
    "remainders-before-payments": replacing(turn_of=remainders_first),
    "remainders-after-payments": replacing(turn_of=remainders_last),
    "never-by-transfer": replacing(is_paid_by_transfer=never_by_transfer),
    "transfers-in-2017": replacing(is_paid_by_transfer=always_by_transfer, transfer_allowance=allowance_at_any_time),
    "transfers-before-may-2018": replacing(transfer_allowance=allowance_at_any_time),
    "allowance-of-listed-months-only": replacing(transfer_allowance=allowance_of_the_month_alone),
    "transfers-beyond-the-allowance": replacing(transferred=unlimited_allowance),
    "transfers-beyond-the-balance": replacing(transferred=beyond_the_balance),
    "transfers-all-or-nothing": replacing(transferred=sent_whole_or_not_at_all),
    "moves-change-no-waiver": replacing(joined_employer_on=a_move_changes_nothing),
    "each-record-is-a-move": replacing(joined_employer_on=every_record_is_a_move),
    "coming-back-is-no-move": replacing(joined_employer_on=coming_back_is_no_move),
    "moves-end-the-waiver": replacing(is_waived=a_move_ends_the_waiver),
    "waived-by-the-first-employer": replacing(is_waived=size_of_the_first_employer),
    "waived-by-age-at-the-first-start": replacing(is_young_on_the_move=age_at_the_first_start),
    "engine-waived-by-age-on-the-move": replacing(is_young_on_the_move=age_on_the_day_of_the_move),
    "no-entitlement-on-a-move": replacing(is_young_on_the_move=no_entitlement_on_a_move),
    "unemployed-co-invested": replacing(is_without_employment=unemployed_are_shared),
    "not-seeking-work-shared": replacing(is_without_employment=only_who_seeks_work),
    "not-shared-in-a-new-job": replacing(is_without_employment=alone_to_the_end),
    "redundant-on-the-census-shared": replacing(is_without_employment=lost_on_the_census_is_shared),
    "employed-on-the-census-not-shared": replacing(is_without_employment=found_on_the_census_is_not_shared),
    "share-by-the-first-of-the-month": replacing(employer_share=share_by_the_first_of_the_month),
    "match-needed-without-a-job": replacing(needs_no_match=always_a_match),
    "engine-no-match-without-a-job": replacing(needs_no_match=no_match_as_in_the_guide),
    "share-by-the-day": replacing(employer_share=share_of_the_day),
}

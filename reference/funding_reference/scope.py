"""What this version computes, and what it says of everything else.

A wrong figure is worse than none. Whatever is outside the rules that are written so far is refused by name, with the
clause that would decide it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from attrs import frozen
from funding_spec.errors import FundingError
from funding_spec.wording import in_words

from funding_reference.apprenticeship import Programme, Returned, programme_alone
from funding_reference.prices import ASSESSMENT, TRAINING
from funding_reference.records import (
    IN_PAID_EMPLOYMENT,
    TEMPORARY_ULN,
    Agreement,
    Ample,
    AppFinRecord,
    AvailableFunds,
    Given,
    Learner,
    LearningDeliveryFAM,
    Submission,
)


class BeyondScope(FundingError):
    """The question needs a rule that this version does not have.

    :param clause: the clause that would decide it
    """

    def __init__(self, what: str, clause: str, place: str) -> None:
        super().__init__(f"{what} is not computed yet ({clause}).", path=place)
        self.clause = clause


@frozen
class Beyond:
    """One thing in a question that this version has no rule for."""

    what: str
    clause: str
    place: str

    def error(self) -> BeyondScope:
        """The same as an error to raise."""
        return BeyondScope(self.what, self.clause, self.place)


def beyond_this_version(given: Given, wants: Sequence[str]) -> Iterator[Beyond]:
    """Everything in the question that no rule of this version covers; nothing if it can be answered.

    Earnings are computed in full. Payments are computed for apprentices with one programme aim and one price, whose
    employer, contract type and provider stay the same.

    :param wants: what is asked; employers, agreements and payments matter only to payments
    """
    if "payments" not in wants:
        return
    if given.payments_made:
        yield Beyond("A payment made before the first return", "READ-50", "given.payments_made")
    if given.earnings_history:
        yield Beyond("A payment of earnings from a return that is not given", "READ-50", "given.earnings_history")
    yield from _employers(given)
    for number, agreement in enumerate(given.agreements):
        yield from _agreement(agreement, f"given.agreements[{number}]")
    yield from _people(given)
    for number, submission in _asked(given):
        for count, learner in enumerate(submission.learners):
            place = f"given.submissions[{number}].learners[{count}]"
            yield from _learner(given, submission.ukprn, learner, place)


def _asked(given: Given) -> Iterator[tuple[int, Submission]]:
    """The returns up to the last collection asked for; later ones change nothing."""
    for number, submission in enumerate(given.submissions):
        if given.through is None or submission.collection <= given.through:
            yield number, submission


def _employers(given: Given) -> Iterator[Beyond]:
    for number, employer in enumerate(given.employers):
        place = f"given.employers[{number}]"
        if not isinstance(employer.levy_funds, Ample | AvailableFunds):
            yield Beyond("An account derived from levy declarations", "GUIDE-67", f"{place}.levy_funds")
        if employer.priority_changes:
            yield Beyond("A change of the order of providers", "GUIDE-93", f"{place}.priority_changes")


def _agreement(agreement: Agreement, place: str) -> Iterator[Beyond]:
    if agreement.sender is not None:
        yield Beyond("A transfer between employers", "READ-62", f"{place}.sender")
    if agreement.stopped_on is not None or agreement.stop_known_from is not None:
        yield Beyond("A stop", "GUIDE-75", f"{place}.stopped_on")
    if agreement.known_from is not None:
        yield Beyond("An agreement known from a later collection", "READ-75", f"{place}.known_from")
    if len(agreement.versions) > 1:
        yield Beyond("A change of an agreement's terms", "GUIDE-98", f"{place}.versions")
    for version in agreement.versions:
        if version.status == "paused":
            yield Beyond("A pause", "GUIDE-75", f"{place}.versions[0].status")
        if version.to is not None or version.known_from is not None or version.course not in (None, agreement.course):
            yield Beyond("A change of an agreement's terms", "GUIDE-98", f"{place}.versions[0]")


def _people(given: Given) -> Iterator[Beyond]:
    seen: dict[int, tuple[int, str]] = {}
    for number, submission in _asked(given):
        for count, learner in enumerate(submission.learners):
            person = (submission.ukprn, learner.LearnRefNumber)
            if learner.ULN != TEMPORARY_ULN and seen.setdefault(learner.ULN, person) != person:
                place = f"given.submissions[{number}].learners[{count}].ULN"
                yield Beyond(
                    "The payment of one apprentice with two providers or learner references", "GUIDE-144", place
                )


def _learner(given: Given, ukprn: int, learner: Learner, place: str) -> Iterator[Beyond]:
    programmes = [(number, aim) for number, aim in enumerate(learner.LearningDelivery) if aim.is_programme]
    if len(programmes) > 1:
        what = "The payment of more than one programme aim"
        yield Beyond(what, "GUIDE-128", f"{place}.LearningDelivery[{programmes[1][0]}]")
        return
    references = {qualification.aim for qualification in given.english_maths_aims}
    if not programmes and any(aim.LearnAimRef in references for aim in learner.LearningDelivery):
        yield Beyond("The payment of English and maths without a programme aim", "READ-74", place)
    for position, aim in programmes:
        programme = programme_alone(given, Returned(ukprn, learner), aim)
        here = f"{place}.LearningDelivery[{position}]"
        yield from _programme(programme, here)
        yield from _employment(programme, f"{place}.LearnerEmploymentStatus")
        if any(fam.LearnDelFAMCode == "1" for fam in _contracts(programme)):
            yield from _match(given, programme, here)


def _programme(programme: Programme, place: str) -> Iterator[Beyond]:
    if programme.first_start != programme.start or programme.has("RES", "1"):
        yield Beyond("The payment of a restart", "GUIDE-171", f"{place}.OrigLearnStartDate")
    contracts = _contracts(programme)
    if len(contracts) > 1 or not all(_covers(contract, programme) for contract in contracts):
        yield Beyond("A payment after a change of contract type", "GUIDE-133", f"{place}.LearningDeliveryFAM")
    for number, record in enumerate(programme.aim.AppFinRecord):
        if record.AFinType == "TNP":
            if record.AFinCode not in (TRAINING, ASSESSMENT):
                yield Beyond("The payment of a residual price", "GUIDE-131", f"{place}.AppFinRecord[{number}]")
            elif record.AFinDate > programme.start:
                yield Beyond("The payment of a price from a later day", "GUIDE-129", f"{place}.AppFinRecord[{number}]")


def _contracts(programme: Programme) -> list[LearningDeliveryFAM]:
    return [fam for fam in programme.aim.LearningDeliveryFAM if fam.LearnDelFAMType == "ACT"]


def _covers(contract: LearningDeliveryFAM, programme: Programme) -> bool:
    """Whether a contract record holds from the start of the programme to its end."""
    starts, ends = contract.LearnDelFAMDateFrom, contract.LearnDelFAMDateTo
    last_day = programme.last_day or programme.planned_end
    return (starts is None or starts <= programme.start) and (ends is None or ends >= last_day)


def _employment(programme: Programme, place: str) -> Iterator[Beyond]:
    last_day = programme.last_day or date.max
    at_start = programme.employment_on(programme.start)
    for number, status in enumerate(programme.learner.LearnerEmploymentStatus):
        in_reach = status is at_start or programme.start < status.DateEmpStatApp <= last_day
        if in_reach and status.EmpStat != IN_PAID_EMPLOYMENT:
            yield Beyond("A payment for an apprentice without employment", "GUIDE-147", f"{place}[{number}].EmpStat")
        elif in_reach and at_start is not None and status.EmpId != at_start.EmpId:
            yield Beyond("A payment after a move to another employer", "GUIDE-60", f"{place}[{number}].EmpId")


def _match(given: Given, programme: Programme, place: str) -> Iterator[Beyond]:
    agreements = [agreement for agreement in given.agreements if agreement.uln == programme.learner.ULN]
    if not agreements:
        return  # nothing matches, so nothing is paid
    if len(agreements) > 1:
        what = f"The match of an apprentice with {len(agreements)} agreements"
        yield Beyond(what, "GUIDE-97", place)
        return
    [agreement] = agreements
    if difference := _difference(given, programme, agreement):
        yield Beyond(f"The match of an apprentice whose agreement differs in {difference}", "GUIDE-97", place)


def _first_prices(programme: Programme) -> list[AppFinRecord]:
    """The training and the assessment price at the start; of two from one day the smaller."""
    latest: dict[int, AppFinRecord] = {}
    for record in sorted(programme.prices, key=lambda record: (record.AFinDate, -record.AFinAmount)):
        if record.AFinDate <= programme.start:
            latest[record.AFinCode] = record
    return list(latest.values())


def _difference(given: Given, programme: Programme, agreement: Agreement) -> str:
    priced = [record.AFinDate for record in programme.prices if record.AFinDate <= programme.start]
    version = agreement.versions[0] if agreement.versions else None
    starts = max(agreement.start, version.from_) if version else agreement.start
    terms = version.price if version else agreement.price
    total = sum(record.AFinAmount for record in _first_prices(programme))
    if agreement.ukprn != programme.ukprn:
        return "its provider"
    if agreement.course != programme.course.id:
        return "its course"
    if terms != total:
        return "its price"
    if not priced or max(priced) < starts:
        return f"its start, {in_words(starts)}"
    if not given.employer(agreement.employer).levy_payer:
        return "its employer, who pays no levy"
    return ""

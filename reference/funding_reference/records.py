"""What a scenario gives: what providers returned, what employers agreed, and the reference data they rest on.

Records of the Individualised Learner Record keep its own element names (``LearnStartDate``), all others those of the
scenario format. All are frozen; dates are dates, months are :class:`~funding_reference.calendar.Month`, amounts are
exact pounds.
"""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Iterable
from datetime import date
from enum import Enum
from typing import Any, Final

from attrs import frozen

from funding_reference import reading
from funding_reference.calendar import Collection, Month
from funding_reference.money import Money
from funding_reference.reading import Place, Unreadable, a_collection, a_date, a_list_of, a_month, a_record, by_month, given

TYPES: Final = (
    "on_programme", "completion", "balancing", "first_employer_incentive", "first_provider_incentive",
    "second_employer_incentive", "second_provider_incentive", "framework_uplift_on_programme",
    "framework_uplift_completion", "framework_uplift_balancing", "first_disadvantage", "second_disadvantage",
    "english_maths_on_programme", "english_maths_balancing", "learning_support", "care_leaver_bursary",
)  # fmt: skip
"""The types of earnings and payments, in the order of the payments service's own codes, 1 to 16."""

SOURCES: Final = ("levy", "government_co_investment", "employer_co_investment", "government", "transfer")
"""Where a payment comes from, in the order of the codes 1 to 5."""

PROGRAMME_AIM: Final = 1
APPRENTICESHIPS_FROM_MAY_2017: Final = 36
STANDARD: Final = 25
_AIM_TYPES: Final = (1, 3, 4, 5)
_COMPLETION_STATUSES: Final = (1, 2, 3, 6)
_PROGRAMME_TYPES: Final = (2, 3, 20, 21, 22, 23, 24, 25, 30, 31)
_EMPLOYMENT_STATUSES: Final = (10, 11, 12, 98)
_FINANCIAL_CODES: Final = {"TNP": (1, 2, 3, 4), "PMR": (1, 2, 3)}
_CONTRACT_TYPES: Final = ("1", "2")
_DEPRIVATIONS: Final = ("1-10", "11-20", "21-27", "none")


# Reference data


@frozen
class FundingBand:
    """The most that is funded for a course from a day on, in pounds."""

    from_: date = given(a_date, name="from")
    maximum: Money = given(reading.money_not_negative)


@frozen
class Course:
    """A standard, or a framework's pathway, with the bands it has had."""

    id: str = given(reading.text)
    funding_bands: tuple[FundingBand, ...] = given(a_list_of(a_record(FundingBand)))
    standard_code: int | None = given(reading.whole, default=None)
    framework_code: int | None = given(reading.whole, default=None)
    programme_type: int | None = given(reading.one_of(_PROGRAMME_TYPES, "ProgType", reading.whole), default=None)
    pathway_code: int | None = given(reading.whole, default=None)

    def check(self, place: Place) -> None:
        if self.standard_code is None and self.framework_code is None:
            place.note("BAD-SHAPE", "A course is a standard (standard_code) or a framework (framework_code).")

    @property
    def is_framework(self) -> bool:
        return self.standard_code is None


@frozen
class EnglishMathsAim:
    """An English or maths qualification and what it is funded at, in pounds; by default the rulebook's rate."""

    aim: str = given(reading.text)
    rate: Money | None = given(reading.money_not_negative, default=None)


@frozen
class Postcode:
    """How deprived a postcode is, by the 2015 index."""

    postcode: str = given(reading.text)
    deprivation: str = given(reading.one_of(_DEPRIVATIONS, "deprivation", reading.text))


# Employers


@frozen
class Declaration:
    """Levy that one PAYE scheme declared for a month, in pounds, and the share of it for England."""

    month: Month = given(a_month)
    levy: Money = given(reading.money_not_negative)
    english_fraction: Money | None = given(reading.share, default=None)


@frozen
class Adjustment:
    """A correction of levy in the month in which it arrives, in pounds, before the top-up."""

    month: Month = given(a_month)
    amount: Money = given(reading.money)


@frozen
class OpeningFunds:
    """Funds already in an account, in pounds, top-up included, and the month they entered."""

    entered: Month = given(a_month)
    amount: Money = given(reading.money_not_negative)


class Ample(Enum):
    """Funds that are not counted: without end, or none at all."""

    UNLIMITED = "unlimited"
    NONE = "none"


@frozen
class AvailableFunds:
    """The balance found when the payments of a calendar month are made; each month starts from its own figure."""

    by_month: tuple[tuple[Month, Money], ...]

    def in_month(self, month: Month) -> Money:
        """The figure of the month, or of the last month before it that has one; nothing before the first."""
        figures = [figure for listed, figure in self.by_month if listed <= month]
        return figures[-1] if figures else Money(0)


@frozen
class DerivedFunds:
    """An account that the rules work out from what was declared."""

    declarations: tuple[Declaration, ...] = given(a_list_of(a_record(Declaration)), default=())
    adjustments: tuple[Adjustment, ...] = given(a_list_of(a_record(Adjustment)), default=())
    opening: tuple[OpeningFunds, ...] = given(a_list_of(a_record(OpeningFunds)), default=())


LevyFunds = Ample | AvailableFunds | DerivedFunds


def _levy_funds(value: Any, place: Place) -> LevyFunds:
    if isinstance(value, str):
        if value in (kind.value for kind in Ample):
            return Ample(value)
        raise place.refuse("BAD-SHAPE", f"levy_funds is unlimited, none, available or declarations, not {value}.")
    if isinstance(value, dict) and "available" in value:
        for key in value.keys() - {"available"}:
            place.at(key).note("BAD-SHAPE", f"Given balances (available) stand alone: there is no field {key} here.")
        return AvailableFunds(by_month(reading.money)(value["available"], place.at("available")))
    return a_record(DerivedFunds)(value, place)


@frozen
class PriorityChange:
    """The employer's order of providers from a collection on."""

    from_: Collection = given(a_collection, name="from")
    order: tuple[int, ...] = given(a_list_of(reading.whole))


@frozen
class Employer:
    """An employer, whether it pays the levy, and what is in its account."""

    id: str = given(reading.text)
    levy_payer: bool = given(reading.flag)
    levy_funds: LevyFunds = given(_levy_funds)
    identifier: int | None = given(reading.whole, default=None)
    provider_priority: tuple[int, ...] = given(a_list_of(reading.whole), default=())
    priority_changes: tuple[PriorityChange, ...] = given(a_list_of(a_record(PriorityChange)), default=())
    transfer_allowance: tuple[tuple[Month, Money], ...] = given(by_month(reading.money_not_negative), default=())


# Agreements


@frozen
class Version:
    """The terms of an agreement from a day on."""

    from_: date = given(a_date, name="from")
    price: Money = given(reading.money_not_negative)
    to: date | None = given(a_date, default=None)
    status: str = given(reading.one_of(("active", "paused"), "status", reading.text, code="BAD-SHAPE"), default="active")
    course: str | None = given(reading.text, default=None)
    known_from: Collection | None = given(a_collection, default=None)

    def check(self, place: Place) -> None:
        if self.to is not None and self.to < self.from_:
            place.at("to").note("END-BEFORE-START", f"This version ends on {self.to}, before it starts on {self.from_}.")


@frozen
class Agreement:
    """An apprenticeship as the employer and the provider approved it on the apprenticeship service."""

    id: str = given(reading.text)
    employer: str = given(reading.text)
    ukprn: int = given(reading.whole)
    uln: int = given(reading.whole)
    course: str = given(reading.text)
    start: date = given(a_date)
    planned_end: date | None = given(a_date, default=None)
    approved: date | None = given(a_date, default=None)
    sender: str | None = given(reading.text, default=None)
    priority: int | None = given(reading.whole, default=None)
    transfer_approved: date | None = given(a_date, default=None)
    price: Money | None = given(reading.money_not_negative, default=None)
    versions: tuple[Version, ...] = given(a_list_of(a_record(Version)), default=())
    known_from: Collection | None = given(a_collection, default=None)
    stopped_on: date | None = given(a_date, default=None)
    stop_known_from: Collection | None = given(a_collection, default=None)

    @property
    def approved_on(self) -> date:
        """The day on which both sides had approved."""
        return self.approved or self.start

    def check(self, place: Place) -> None:
        if self.planned_end is not None and self.planned_end < self.start:
            place.at("planned_end").note("END-BEFORE-START", f"{self.planned_end} is before the start, {self.start}.")
        if self.price is None and not self.versions:
            place.at("price").note("BAD-SHAPE", "An agreement has a price, or versions with prices.")
        in_order = sorted(range(len(self.versions)), key=lambda number: self.versions[number].from_)
        for earlier, later in zip(in_order, in_order[1:], strict=False):
            first, second = self.versions[earlier], self.versions[later]
            if first.from_ == second.from_ or (first.to is not None and second.from_ <= first.to):
                where = place.at("versions").at(max(earlier, later)).at("from")
                where.note("OVERLAPPING-VERSIONS", f"Two versions of agreement {self.id} hold on {second.from_}.")


# Individualised Learner Record


class IlrRecord:
    """An ILR record may hold any element of the ILR; those that the rules do not read are ignored."""

    __slots__ = ()
    open_to_more = True


@frozen
class EmploymentStatusMonitoring(IlrRecord):
    """A mark on an employment status, such as SEM 1: a small employer."""

    ESMType: str = given(reading.text)
    ESMCode: int = given(reading.whole)


@frozen
class LearnerEmploymentStatus(IlrRecord):
    """Whether and where the apprentice is employed from a day on."""

    EmpStat: int = given(reading.one_of(_EMPLOYMENT_STATUSES, "EmpStat", reading.whole))
    DateEmpStatApp: date = given(a_date)
    EmpId: int | None = given(reading.whole, default=None)
    EmploymentStatusMonitoring: tuple[EmploymentStatusMonitoring, ...] = given(
        a_list_of(a_record(EmploymentStatusMonitoring)), default=()
    )


@frozen
class LearningDeliveryFAM(IlrRecord):
    """A funding and monitoring record of an aim, such as ACT 1: paid under the employer's contract."""

    LearnDelFAMType: str = given(reading.text)
    LearnDelFAMCode: str = given(reading.text)
    LearnDelFAMDateFrom: date | None = given(a_date, default=None)
    LearnDelFAMDateTo: date | None = given(a_date, default=None)

    def check(self, place: Place) -> None:
        if self.LearnDelFAMType == "ACT" and self.LearnDelFAMCode not in _CONTRACT_TYPES:
            place.at("LearnDelFAMCode").note("UNKNOWN-CODE", f"There is no ACT code {self.LearnDelFAMCode}. Known: 1, 2.")
        starts, ends = self.LearnDelFAMDateFrom, self.LearnDelFAMDateTo
        if starts is not None and ends is not None and ends < starts:
            place.at("LearnDelFAMDateTo").note("END-BEFORE-START", f"{ends} is before the record's start, {starts}.")


@frozen
class AppFinRecord(IlrRecord):
    """A price agreed (TNP) or a payment by the employer (PMR), in whole pounds."""

    AFinType: str = given(reading.one_of(tuple(_FINANCIAL_CODES), "AFinType", reading.text))
    AFinCode: int = given(reading.whole)
    AFinDate: date = given(a_date)
    AFinAmount: int = given(reading.whole_pounds)

    def check(self, place: Place) -> None:
        known = _FINANCIAL_CODES[self.AFinType]
        if self.AFinCode not in known:
            codes = ", ".join(map(str, known))
            place.at("AFinCode").note("UNKNOWN-CODE", f"There is no {self.AFinType} code {self.AFinCode}. Known: {codes}.")
        if self.AFinType == "TNP" and self.AFinAmount < 0:
            place.at("AFinAmount").note("NEGATIVE-PRICE", f"A price of {self.AFinAmount} is below zero.")


@frozen
class LearningDelivery(IlrRecord):
    """One aim: the programme itself (AimType 1), or a part of it such as English."""

    LearnAimRef: str = given(reading.text)
    AimType: int = given(reading.one_of(_AIM_TYPES, "AimType", reading.whole))
    AimSeqNumber: int = given(reading.whole)
    LearnStartDate: date = given(a_date)
    LearnPlanEndDate: date = given(a_date)
    FundModel: int = given(reading.whole)
    CompStatus: int = given(reading.one_of(_COMPLETION_STATUSES, "CompStatus", reading.whole))
    ProgType: int | None = given(reading.one_of(_PROGRAMME_TYPES, "ProgType", reading.whole), default=None)
    StdCode: int | None = given(reading.whole, default=None)
    FworkCode: int | None = given(reading.whole, default=None)
    PwayCode: int | None = given(reading.whole, default=None)
    LearnActEndDate: date | None = given(a_date, default=None)
    OrigLearnStartDate: date | None = given(a_date, default=None)
    AchDate: date | None = given(a_date, default=None)
    Outcome: int | None = given(reading.whole, default=None)
    PriorLearnFundAdj: int | None = given(reading.whole, default=None)
    OtherFundAdj: int | None = given(reading.whole, default=None)
    LearningDeliveryFAM: tuple[LearningDeliveryFAM, ...] = given(a_list_of(a_record(LearningDeliveryFAM)), default=())
    AppFinRecord: tuple[AppFinRecord, ...] = given(a_list_of(a_record(AppFinRecord)), default=())

    @property
    def is_programme(self) -> bool:
        """Whether this is the aim of an apprenticeship that these rules fund."""
        return self.AimType == PROGRAMME_AIM and self.FundModel == APPRENTICESHIPS_FROM_MAY_2017

    def check(self, place: Place) -> None:
        for name in ("LearnPlanEndDate", "LearnActEndDate"):
            end: date | None = getattr(self, name)
            if end is not None and end < self.LearnStartDate:
                place.at(name).note("END-BEFORE-START", f"{end} is before the aim's start, {self.LearnStartDate}.")
        if self.is_programme:
            self._check_programme(place)

    def _check_programme(self, place: Place) -> None:
        if self.ProgType is None:
            place.at("ProgType").note("BAD-SHAPE", "A programme aim needs its ProgType.")
        elif self.ProgType == STANDARD and self.StdCode is None:
            place.at("StdCode").note("BAD-SHAPE", "The programme aim of a standard (ProgType 25) needs its StdCode.")
        elif self.ProgType != STANDARD and self.FworkCode is None:
            place.at("FworkCode").note("BAD-SHAPE", "The programme aim of a framework needs its FworkCode.")
        last_day = self.LearnActEndDate or date.max
        if not any(record.AFinType == "TNP" and record.AFinDate <= last_day for record in self.AppFinRecord):
            place.note("NO-PRICE", "This programme aim has no price: no TNP record on or before any day of it.")

    def is_on(self, course: Course) -> bool:
        """Whether this aim is on the course."""
        if self.ProgType == STANDARD:
            return self.StdCode == course.standard_code
        here = (self.FworkCode, self.ProgType, self.PwayCode)
        return course.is_framework and here == (course.framework_code, course.programme_type, course.pathway_code)


@frozen
class Learner(IlrRecord):
    """An apprentice as one provider returned it."""

    LearnRefNumber: str = given(reading.text)
    ULN: int = given(reading.whole)
    DateOfBirth: date = given(a_date)
    PostcodePrior: str | None = given(reading.text, default=None)
    LearnerEmploymentStatus: tuple[LearnerEmploymentStatus, ...] = given(
        a_list_of(a_record(LearnerEmploymentStatus)), default=()
    )
    LearningDelivery: tuple[LearningDelivery, ...] = given(a_list_of(a_record(LearningDelivery)), default=())

    def check(self, place: Place) -> None:
        numbers = (aim.AimSeqNumber for aim in self.LearningDelivery)
        _note_repeats(numbers, "AimSeqNumber", place.at("LearningDelivery"))


@frozen
class Submission:
    """What one provider returned in one collection."""

    collection: Collection = given(a_collection)
    ukprn: int = given(reading.whole)
    learners: tuple[Learner, ...] = given(a_list_of(a_record(Learner)))

    def check(self, place: Place) -> None:
        references = (learner.LearnRefNumber for learner in self.learners)
        _note_repeats(references, "LearnRefNumber", place.at("learners"))


# What lies before or beside the returns


@frozen
class EarningMade:
    """An earning of this apprenticeship from a return that is not given."""

    ukprn: int = given(reading.whole)
    type: str = given(reading.one_of(TYPES, "type", reading.text, code="BAD-SHAPE"))
    month: Month = given(a_month)
    amount: Money = given(reading.money)
    uln: int | None = given(reading.whole, default=None)
    learner: str | None = given(reading.text, default=None)
    aim: int | None = given(reading.whole, default=None)
    price_episode: date | None = given(a_date, default=None)
    contract_type: int | None = given(reading.whole, default=None)
    course: str | None = given(reading.text, default=None)
    aim_reference: str | None = given(reading.text, default=None)


@frozen(kw_only=True)
class PaymentMade(EarningMade):
    """A payment that was made before the first return given."""

    collection: Collection = given(a_collection)
    source: str = given(reading.one_of(SOURCES, "source", reading.text, code="BAD-SHAPE"))
    employer: str | None = given(reading.text, default=None)
    sender: str | None = given(reading.text, default=None)
    government_share: Money | None = given(reading.share, default=None)


@frozen
class ProviderClaim:
    """A row of the Earnings Adjustment Statement."""

    collection: Collection = given(a_collection)
    ukprn: int = given(reading.whole)
    claim: str = given(reading.text)
    amount: Money = given(reading.money)


@frozen
class Given:
    """The facts of a scenario: everything an answer may rest on."""

    submissions: tuple[Submission, ...] = given(a_list_of(a_record(Submission)))
    courses: tuple[Course, ...] = given(a_list_of(a_record(Course)), default=())
    english_maths_aims: tuple[EnglishMathsAim, ...] = given(a_list_of(a_record(EnglishMathsAim)), default=())
    postcodes: tuple[Postcode, ...] = given(a_list_of(a_record(Postcode)), default=())
    employers: tuple[Employer, ...] = given(a_list_of(a_record(Employer)), default=())
    agreements: tuple[Agreement, ...] = given(a_list_of(a_record(Agreement)), default=())
    payments_made: tuple[PaymentMade, ...] = given(a_list_of(a_record(PaymentMade)), default=())
    earnings_history: tuple[EarningMade, ...] = given(a_list_of(a_record(EarningMade)), default=())
    provider_claims: tuple[ProviderClaim, ...] = given(a_list_of(a_record(ProviderClaim)), default=())
    through: Collection | None = given(a_collection, default=None)

    def check(self, place: Place) -> None:
        for name in ("courses", "employers", "agreements"):
            _note_repeats((item.id for item in getattr(self, name)), "id", place.at(name))
        returns = ((submission.ukprn, submission.collection) for submission in self.submissions)
        _note_repeats(returns, "collection", place.at("submissions"))
        self._check_names(place)
        self._check_courses(place)

    def _check_names(self, place: Place) -> None:
        employers = {employer.id for employer in self.employers}
        courses = {course.id for course in self.courses}
        for number, agreement in enumerate(self.agreements):
            here = place.at("agreements").at(number)
            _note_unknown(agreement.employer, employers, "UNKNOWN-EMPLOYER", here.at("employer"))
            _note_unknown(agreement.sender, employers, "UNKNOWN-EMPLOYER", here.at("sender"))
            _note_unknown(agreement.course, courses, "UNKNOWN-COURSE", here.at("course"))
            for count, version in enumerate(agreement.versions):
                _note_unknown(version.course, courses, "UNKNOWN-COURSE", here.at("versions").at(count).at("course"))
        for name in ("payments_made", "earnings_history"):
            for number, row in enumerate(getattr(self, name)):
                here = place.at(name).at(number)
                _note_unknown(row.course, courses, "UNKNOWN-COURSE", here.at("course"))
                if isinstance(row, PaymentMade):
                    _note_unknown(row.employer, employers, "UNKNOWN-EMPLOYER", here.at("employer"))
                    _note_unknown(row.sender, employers, "UNKNOWN-EMPLOYER", here.at("sender"))

    def _check_courses(self, place: Place) -> None:
        known: dict[tuple[int | None, ...], bool] = {}
        for number, submission in enumerate(self.submissions):
            for count, learner in enumerate(submission.learners):
                for position, aim in enumerate(learner.LearningDelivery):
                    if not aim.is_programme:
                        continue
                    code = (aim.ProgType, aim.StdCode, aim.FworkCode, aim.PwayCode)
                    if code not in known:
                        known[code] = any(aim.is_on(course) for course in self.courses)
                    if not known[code]:
                        field = "StdCode" if aim.ProgType == STANDARD else "FworkCode"
                        here = place.at("submissions").at(number).at("learners").at(count)
                        where = here.at("LearningDelivery").at(position).at(field)
                        where.note("UNKNOWN-COURSE", f"No course is given for {field} {getattr(aim, field)}.")

    def course_of(self, aim: LearningDelivery) -> Course:
        """The course that an aim is on; there always is one, or the scenario would have been rejected."""
        return next(course for course in self.courses if aim.is_on(course))

    def employer(self, id: str) -> Employer:
        """The employer of that id."""
        return next(employer for employer in self.employers if employer.id == id)


def _note_repeats(ids: Iterable[Any], field: str, place: Place) -> None:
    seen = set()
    for number, found in enumerate(ids):
        if found in seen:
            shown = found[-1] if isinstance(found, tuple) else found
            place.at(number).at(field).note("DUPLICATE", f"The {field} {shown} is used twice.")
        seen.add(found)


def _note_unknown(name: str | None, known: AnyOf[str], code: str, place: Place) -> None:
    if name is not None and name not in known:
        place.note(code, f"{name} is named here but not given.")


def read_given(document: Any, path: tuple[str, ...] = ("given",)) -> Given:
    """The records of a scenario's ``given``.

    :raises Rejected: with every problem found, in the order of the document
    """
    problems: list[reading.Problem] = []
    place = Place(problems)
    for step in path:
        place = place.at(step)
    try:
        found = a_record(Given)(document, place)
    except Unreadable:
        found = None
    if problems or found is None:
        whole: Any = document
        for step in reversed(path):
            whole = {step: whole}
        raise reading.Rejected(reading.in_document_order(problems, whole))
    return found

"""What a scenario gives: what providers returned, what employers agreed, and the reference data they rest on.

Records of the Individualised Learner Record keep its own element names (``LearnStartDate``), all others those of the
scenario format. All are frozen; dates are dates, months are :class:`~funding_reference.calendar.Month`, amounts are
exact pounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from itertools import pairwise
from typing import Any, ClassVar, Final

from attrs import frozen
from funding_spec.wording import in_words

from funding_reference import reading
from funding_reference.calendar import Collection, Month
from funding_reference.money import Money
from funding_reference.reading import (
    Place,
    Unreadable,
    a_collection,
    a_date,
    a_list_of,
    a_month,
    a_record,
    by_month,
    given,
)

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
IN_PAID_EMPLOYMENT: Final = 10
TEMPORARY_ULN: Final = 9999999999
_AIM_TYPES: Final = (1, 3, 4, 5)
_COMPLETION_STATUSES: Final = (1, 2, 3, 6)
_PROGRAMME_TYPES: Final = (2, 3, 20, 21, 22, 23, 24, 25, 30, 31)
_EMPLOYMENT_STATUSES: Final = (10, 11, 12, 98)
_FINANCIAL_CODES: Final = {"TNP": (1, 2, 3, 4), "PMR": (1, 2, 3)}
_CONTRACT_TYPES: Final = ("1", "2")
_DEPRIVATIONS: Final = ("1-10", "11-20", "21-27", "none")

Found = Mapping[str, Any]
"""The fields of a record that could be read, by attribute."""


# Reference data


@frozen
class FundingBand:
    """The most that is funded for a course from a day on, in pounds."""

    from_: date = given(a_date, name="from")
    maximum: Money = given(reading.money_not_negative)

    def __str__(self) -> str:
        return f"{self.maximum} from {self.from_}"


@frozen
class Course:
    """A standard, or a framework's pathway, with the bands it has had."""

    id: str = given(reading.text)
    funding_bands: tuple[FundingBand, ...] = given(a_list_of(a_record(FundingBand)))
    standard_code: int | None = given(reading.whole, default=None)
    framework_code: int | None = given(reading.whole, default=None)
    programme_type: int | None = given(reading.one_of(_PROGRAMME_TYPES, "ProgType", reading.whole), default=None)
    pathway_code: int | None = given(reading.whole, default=None)

    @staticmethod
    def check(found: Found, place: Place) -> None:
        if found.get("standard_code", 0) is not None:
            return
        if found.get("framework_code", 0) is None:
            place.note("BAD-SHAPE", "A course is a standard (standard_code) or a framework (framework_code).")
            return
        for name in ("programme_type", "pathway_code"):
            if found.get(name, 0) is None:
                place.at(name).note("BAD-SHAPE", f"A framework has a {name}.")

    @property
    def is_framework(self) -> bool:
        return self.standard_code is None

    @property
    def apprenticeship(self) -> tuple[int | None, ...]:
        """What two courses share that are one apprenticeship: the standard, or the framework whatever the pathway.

        Clauses: GUIDE-138, GUIDE-142, GUIDE-162, READ-43.
        """
        return (self.standard_code, self.framework_code, self.programme_type)


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
    if value == {}:
        raise place.refuse("BAD-SHAPE", "levy_funds is unlimited, none, or holds available, declarations or opening.")
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
    status: str = given(
        reading.one_of(("active", "paused"), "status", reading.text, code="BAD-SHAPE"), default="active"
    )
    course: str | None = given(reading.text, default=None)
    known_from: Collection | None = given(a_collection, default=None)

    @staticmethod
    def check(found: Found, place: Place) -> None:
        _note_end_before_start(found, "from_", "to", place)


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

    @staticmethod
    def check(found: Found, place: Place) -> None:
        _note_end_before_start(found, "start", "planned_end", place)
        if found.get("price", 0) is None and found.get("versions", 0) == ():
            place.at("price").note("BAD-SHAPE", "An agreement has a price, or versions with prices.")
        versions: tuple[Version, ...] = found.get("versions", ())
        in_order = sorted(range(len(versions)), key=lambda number: versions[number].from_)
        for earlier, later in pairwise(in_order):
            first, second = versions[earlier], versions[later]
            if first.from_ == second.from_ or (first.to is not None and second.from_ <= first.to):
                where = place.at("versions").at(max(earlier, later)).at("from")
                where.note("OVERLAPPING-VERSIONS", f"Two versions of this agreement hold on {second.from_}.")


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

    @staticmethod
    def check(found: Found, place: Place) -> None:
        code = found.get("LearnDelFAMCode")
        if found.get("LearnDelFAMType") == "ACT" and code is not None and code not in _CONTRACT_TYPES:
            place.at("LearnDelFAMCode").note("UNKNOWN-CODE", f"There is no ACT code {code}. Known: 1, 2.")
        _note_end_before_start(found, "LearnDelFAMDateFrom", "LearnDelFAMDateTo", place)


@frozen
class AppFinRecord(IlrRecord):
    """A price agreed (TNP) or a payment by the employer (PMR), in whole pounds."""

    AFinType: str = given(reading.one_of(tuple(_FINANCIAL_CODES), "AFinType", reading.text))
    AFinCode: int = given(reading.whole)
    AFinDate: date = given(a_date)
    AFinAmount: int = given(reading.whole_pounds)

    def __str__(self) -> str:
        return f"{self.AFinType} {self.AFinCode} of {self.AFinAmount} dated {self.AFinDate}"

    @staticmethod
    def check(found: Found, place: Place) -> None:
        kind, code, pounds = found.get("AFinType"), found.get("AFinCode"), found.get("AFinAmount")
        known = _FINANCIAL_CODES.get(str(kind), ())
        if known and code is not None and code not in known:
            codes = ", ".join(map(str, known))
            place.at("AFinCode").note("UNKNOWN-CODE", f"There is no {kind} code {code}. Known: {codes}.")
        if kind == "TNP" and pounds is not None and pounds < 0:
            place.at("AFinAmount").note("NEGATIVE-PRICE", f"A price of {pounds} is below zero.")


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
    PriorLearnFundAdj: int | None = given(reading.per_cent, default=None)
    OtherFundAdj: int | None = given(reading.per_cent, default=None)
    LearningDeliveryFAM: tuple[LearningDeliveryFAM, ...] = given(a_list_of(a_record(LearningDeliveryFAM)), default=())
    AppFinRecord: tuple[AppFinRecord, ...] = given(a_list_of(a_record(AppFinRecord)), default=())

    def __str__(self) -> str:
        ended = f", ended {self.LearnActEndDate}" if self.LearnActEndDate else ""
        planned = f"{self.LearnStartDate}, planned to {self.LearnPlanEndDate}"
        return f"{self.LearnAimRef} from {planned}{ended}, CompStatus {self.CompStatus}"

    @property
    def is_programme(self) -> bool:
        """Whether this is the aim of an apprenticeship that these rules fund."""
        return self.AimType == PROGRAMME_AIM and self.FundModel == APPRENTICESHIPS_FROM_MAY_2017

    @staticmethod
    def check(found: Found, place: Place) -> None:
        for end in ("LearnPlanEndDate", "LearnActEndDate"):
            _note_end_before_start(found, "LearnStartDate", end, place)
        if (found.get("AimType"), found.get("FundModel")) == (PROGRAMME_AIM, APPRENTICESHIPS_FROM_MAY_2017):
            _check_programme(found, place)

    def is_on(self, course: Course) -> bool:
        """Whether this aim is on the course."""
        if self.ProgType == STANDARD:
            return self.StdCode == course.standard_code
        here = (self.FworkCode, self.ProgType, self.PwayCode)
        return course.is_framework and here == (
            course.framework_code,
            course.programme_type,
            course.pathway_code,
        )


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

    unique: ClassVar = (("LearningDelivery", ("AimSeqNumber",)),)


@frozen
class Submission:
    """What one provider returned in one collection."""

    collection: Collection = given(a_collection)
    ukprn: int = given(reading.whole)
    learners: tuple[Learner, ...] = given(a_list_of(a_record(Learner)))

    unique: ClassVar = (("learners", ("LearnRefNumber",)),)


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
    """A row of the Earnings Adjustment Statement; it may say for which apprentice it is."""

    collection: Collection = given(a_collection)
    ukprn: int = given(reading.whole)
    claim: str = given(reading.text)
    amount: Money = given(reading.money)
    uln: int | None = given(reading.whole, default=None)
    learner: str | None = given(reading.text, default=None)


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

    unique: ClassVar = (
        ("courses", ("id",)),
        ("employers", ("id",)),
        ("agreements", ("id",)),
        ("submissions", ("ukprn", "collection")),
    )

    def course_of(self, aim: LearningDelivery) -> Course:
        """The course that an aim is on; there always is one, or the scenario would have been rejected."""
        return min((course for course in self.courses if aim.is_on(course)), key=lambda course: course.id)

    def employer(self, id: str) -> Employer:
        """The employer of that id."""
        return next(employer for employer in self.employers if employer.id == id)


def _note_end_before_start(found: Found, start: str, end: str, place: Place) -> None:
    starts, ends = found.get(start), found.get(end)
    if starts is not None and ends is not None and ends < starts:
        place.at(end).note("END-BEFORE-START", f"{in_words(ends)} is before the start, {in_words(starts)}.")


def _check_programme(found: Found, place: Place) -> None:
    kind = found.get("ProgType", 0)
    if kind is None:
        place.at("ProgType").note("BAD-SHAPE", "A programme aim needs its ProgType.")
    elif kind == STANDARD and found.get("StdCode", 0) is None:
        place.at("StdCode").note("BAD-SHAPE", "The programme aim of a standard (ProgType 25) needs its StdCode.")
    elif kind not in (0, STANDARD):
        for name in ("FworkCode", "PwayCode"):
            if found.get(name, 0) is None:
                place.at(name).note("BAD-SHAPE", f"The programme aim of a framework needs its {name}.")
    starts, ends = found.get("LearnStartDate"), found.get("LearnActEndDate")
    last_day = ends if ends and starts and ends >= starts else date.max
    records: tuple[AppFinRecord, ...] | None = found.get("AppFinRecord")
    if records is not None and not any(r.AFinType == "TNP" and r.AFinDate <= last_day for r in records):
        place.note("NO-PRICE", "This programme aim has no price: no TNP record on or before any day of it.")


# What one part of the facts names and another gives


def _objects(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The items of a list that are objects, with their places; whatever else is there is reported elsewhere."""
    for number, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, Mapping):
            yield number, item


def _plain(value: Any) -> Any:
    """A code or an id; what is neither is reported elsewhere and equals no other."""
    return value if isinstance(value, str | int) else None


def _check_names(document: Mapping[str, Any], place: Place) -> None:
    """Notes every employer and course that is named but not given."""
    employers = {_plain(employer.get("id")) for _, employer in _objects(document.get("employers"))}
    courses = {_plain(course.get("id")) for _, course in _objects(document.get("courses"))}

    def check(item: Mapping[str, Any], here: Place, fields: Mapping[str, str]) -> None:
        for field, code in fields.items():
            known = courses if code == "UNKNOWN-COURSE" else employers
            if isinstance(item.get(field), str) and item[field] not in known:
                here.at(field).note(code, f"{item[field]} is named here but not given.")

    named = {"employer": "UNKNOWN-EMPLOYER", "sender": "UNKNOWN-EMPLOYER", "course": "UNKNOWN-COURSE"}
    for name in ("agreements", "payments_made", "earnings_history"):
        for number, item in _objects(document.get(name)):
            here = place.at(name).at(number)
            check(item, here, named)
            for count, version in _objects(item.get("versions")):
                check(version, here.at("versions").at(count), {"course": "UNKNOWN-COURSE"})


def _check_courses(document: Mapping[str, Any], place: Place) -> None:
    """Notes every programme aim whose standard or framework is not given."""
    fields = ("standard_code", "framework_code", "programme_type", "pathway_code")
    given = [tuple(_plain(course.get(field)) for field in fields) for _, course in _objects(document.get("courses"))]
    standards = {standard for standard, *_ in given if standard is not None}
    frameworks = {tuple(framework) for standard, *framework in given if standard is None}
    for number, submission in _objects(document.get("submissions")):
        for count, learner in _objects(submission.get("learners")):
            for position, aim in _objects(learner.get("LearningDelivery")):
                if (aim.get("AimType"), aim.get("FundModel")) != (
                    PROGRAMME_AIM,
                    APPRENTICESHIPS_FROM_MAY_2017,
                ):
                    continue
                standard = aim.get("ProgType") == STANDARD
                field = "StdCode" if standard else "FworkCode"
                code = tuple(_plain(aim.get(name)) for name in ("FworkCode", "ProgType", "PwayCode"))
                known = _plain(aim.get("StdCode")) in standards if standard else code in frameworks
                whole = standard or all(isinstance(part, int) for part in code)
                if isinstance(aim.get(field), int) and whole and not known:
                    here = place.at("submissions").at(number).at("learners").at(count)
                    where = here.at("LearningDelivery").at(position).at(field)
                    where.note("UNKNOWN-COURSE", f"No course is given for {field} {aim[field]}.")


def read_given(document: Any) -> Given:
    """The records of a scenario's ``given``.

    :raises Rejected: with every problem found, in the order of the document
    """
    problems: list[reading.Problem] = []
    place = Place(problems).at("given")
    try:
        found = a_record(Given)(document, place)
    except Unreadable:
        found = None
    if isinstance(document, Mapping):
        _check_names(document, place)
        _check_courses(document, place)
    if problems or found is None:
        raise reading.Rejected(reading.in_document_order(problems, {"given": document}))
    return found

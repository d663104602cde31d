"""The elements of an ILR return that the funding rules read, over all years: names, order and kinds of value.

The order is that of the agency's schemas. Years differ in what they hold, hardly in its order, so one list
serves all of them; an element that moved between years is listed apart and may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIRST_YEAR: Final = "1617"
LAST_YEAR: Final = "2627"

ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    group: tuple(names.split())
    for group, names in {
        "Learner": """
            LearnRefNumber PrevLearnRefNumber PrevUKPRN PMUKPRN CampId ULN FamilyName GivenNames DateOfBirth
            Ethnicity Sex LLDDHealthProb NINumber Accom ALSCost PlanLearnHours PlanEEPHours MathGrade EngGrade
            PostcodePrior Postcode AddLine1 AddLine2 AddLine3 AddLine4 TelNo Email OTJHours ContactPreference
            LLDDandHealthProblem LearnerFAM ProviderSpecLearnerMonitoring LearnerEmploymentStatus LearnerHE
            LearningDelivery
            """,
        "LearnerEmploymentStatus": "EmpStat DateEmpStatApp EmpId AgreeId EmploymentStatusMonitoring",
        "EmploymentStatusMonitoring": "ESMType ESMCode",
        "LearningDelivery": """
            LearnAimRef AimType AimSeqNumber LearnStartDate OrigLearnStartDate LearnPlanEndDate FundModel
            PHours OTJActHours ProgType FworkCode PwayCode StdCode PartnerUKPRN DelLocPostCode LSDPostcode
            AddHours PriorLearnFundAdj OtherFundAdj ConRefNumber EPAOrgID EmpOutcome CompStatus
            LearnActEndDate WithdrawReason Outcome AchDate OutGrade SWSupAimId TLOut LearningDeliveryFAM
            LearningDeliveryWorkPlacement AppFinRecord ProviderSpecDeliveryMonitoring LearningDeliveryHE
            """,
        "LearningDeliveryFAM": "LearnDelFAMType LearnDelFAMCode LearnDelFAMDateFrom LearnDelFAMDateTo",
        "AppFinRecord": "AFinType AFinCode AFinDate AFinAmount",
    }.items()
}

MOVED: Final = frozenset({"PriorAttain"})
"""One figure among the learner's own until 2022, since then a group that repeats, after the address."""

REPEATING: Final = _names(
    """
    PriorAttain ContactPreference LLDDandHealthProblem LearnerFAM ProviderSpecLearnerMonitoring
    LearnerEmploymentStatus EmploymentStatusMonitoring LearnerHEFinancialSupport LearningDelivery
    LearningDeliveryFAM LearningDeliveryWorkPlacement AppFinRecord ProviderSpecDeliveryMonitoring
    """
)

NUMBERS: Final = _names(
    """
    PrevUKPRN PMUKPRN ULN OTJHours EmpStat EmpId ESMCode AimType AimSeqNumber FundModel PHours OTJActHours
    ProgType FworkCode PwayCode StdCode PartnerUKPRN AddHours PriorLearnFundAdj OtherFundAdj EmpOutcome
    CompStatus WithdrawReason Outcome AFinCode AFinAmount
    """
)

DATES: Final = _names(
    """
    DateOfBirth DateLevelApp DateEmpStatApp LearnStartDate OrigLearnStartDate LearnPlanEndDate LearnActEndDate
    AchDate LearnDelFAMDateFrom LearnDelFAMDateTo WorkPlaceStartDate WorkPlaceEndDate AFinDate
    """
)

RENAMED: Final[Mapping[str, str]] = {
    "TrailblazerApprenticeshipFinancialRecord": "AppFinRecord",
    "TBFinType": "AFinType",
    "TBFinCode": "AFinCode",
    "TBFinDate": "AFinDate",
    "TBFinAmount": "AFinAmount",
}
"""Names of 2016 to 2017, and those of every year since."""


def namespace_of(funding_year: str) -> str:
    """The namespace that the agency's schema of a year has: ``ESFA/ILR/2018-19`` for ``1819``."""
    if funding_year <= "1718":
        agency = "SFA/"
    elif funding_year <= "2526":
        agency = "ESFA/"
    else:
        agency = ""
    return f"{agency}ILR/20{funding_year[:2]}-{funding_year[2:]}"


def is_funding_year(text: str) -> bool:
    """Whether these are four digits for two years that follow each other, such as ``1718``."""
    four_digits = len(text) == 4 and text.isascii() and text.isdigit()
    return four_digits and int(text[2:]) == int(text[:2]) + 1

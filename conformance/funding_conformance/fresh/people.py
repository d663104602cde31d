"""Other circumstances: age, area, employer's size, contract, support, funds, and one apprentice more."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any, Final

from funding_conformance.fresh.facts import Facts, Record, learners, ulns
from funding_conformance.fresh.source import RandomSource

_AGES: Final = (15, 16, 17, 18, 19, 20, 23, 24, 25, 30, 47)
_DEPRIVATIONS: Final = ("1-10", "11-20", "21-27", "none")
_FUNDS: Final = ("unlimited", "none")
_MOST_HUNDREDS: Final = 60
_FURTHER: Final = 900_000_001
"""How far the ULN of an apprentice who is added lies beyond that of whom it repeats."""
_AGES_AT_RISK: Final = 3


def another_age(facts: Facts, source: RandomSource) -> Facts:
    """One apprentice born in another year, or on a day close to a birthday at the start."""
    uln = source.one_of(ulns(facts))
    started = min(date.fromisoformat(_first_start(learner)) for learner in learners(facts) if learner["ULN"] == uln)
    birthday = date(started.year - source.one_of(_AGES), started.month, min(started.day, 28))
    if source.happens(1, 2):
        birthday = birthday.replace(month=source.between(1, 12), day=source.between(1, 28))
    return _each(facts, uln, lambda learner: {**learner, "DateOfBirth": birthday.isoformat()})


def _first_start(learner: Record) -> str:
    return str(min(aim["LearnStartDate"] for aim in learner["LearningDelivery"]))


def _each(facts: Facts, uln: int, change: Any) -> Facts:
    """The facts with every record of one apprentice changed."""
    submissions = [
        {**one, "learners": [change(learner) if learner["ULN"] == uln else learner for learner in one["learners"]]}
        for one in facts["submissions"]
    ]
    return {**facts, "submissions": submissions}


def another_area(facts: Facts, source: RandomSource) -> Facts:
    """One apprentice from a postcode of a drawn band of deprivation."""
    uln = source.one_of(ulns(facts))
    code = f"ZZ{source.between(1, 9)} {source.between(1, 9)}AA"
    known = [one for one in facts.get("postcodes", []) if one["postcode"] != code]
    found = {"postcode": code, "deprivation": source.one_of(_DEPRIVATIONS)}
    return {
        **_each(facts, uln, lambda learner: {**learner, "PostcodePrior": code}),
        "postcodes": [*known, found],
    }


def another_size(facts: Facts, source: RandomSource) -> Facts:
    """One apprentice with an employer of the other size: small where it was not, not small where it was."""
    uln = source.one_of(ulns(facts))

    def change(learner: Record) -> Record:
        statuses = []
        for status in learner.get("LearnerEmploymentStatus", []):
            marks = status.get("EmploymentStatusMonitoring", [])
            others = [mark for mark in marks if mark["ESMType"] != "SEM"]
            small = [] if len(others) < len(marks) else [{"ESMType": "SEM", "ESMCode": 1}]
            statuses.append({**status, "EmploymentStatusMonitoring": [*others, *small]})
        return {**learner, "LearnerEmploymentStatus": statuses}

    return _each(facts, uln, change)


def another_contract(facts: Facts, source: RandomSource) -> Facts:
    """One apprentice with the contract types exchanged."""
    uln = source.one_of(ulns(facts))
    other = {"1": "2", "2": "1"}

    def of_aim(aim: Record) -> Record:
        fams = [
            {**fam, "LearnDelFAMCode": other.get(fam["LearnDelFAMCode"], fam["LearnDelFAMCode"])}
            if fam["LearnDelFAMType"] == "ACT"
            else fam
            for fam in aim.get("LearningDeliveryFAM", [])
        ]
        return {**aim, "LearningDeliveryFAM": fams}

    return _each(
        facts,
        uln,
        lambda learner: {**learner, "LearningDelivery": [of_aim(aim) for aim in learner["LearningDelivery"]]},
    )


def support(facts: Facts, source: RandomSource) -> Facts:
    """One apprentice with learning support from the start of each aim, until it ends or is planned to."""
    uln = source.one_of(ulns(facts))

    def of_aim(aim: Record) -> Record:
        fams = aim.get("LearningDeliveryFAM", [])
        if any(fam["LearnDelFAMType"] == "LSF" for fam in fams) or aim["AimType"] not in (1, 3):
            return aim
        until = aim.get("LearnActEndDate", aim["LearnPlanEndDate"])
        dates = {"LearnDelFAMDateFrom": aim["LearnStartDate"], "LearnDelFAMDateTo": until}
        return {**aim, "LearningDeliveryFAM": [*fams, {"LearnDelFAMType": "LSF", "LearnDelFAMCode": "1", **dates}]}

    return _each(
        facts,
        uln,
        lambda learner: {**learner, "LearningDelivery": [of_aim(aim) for aim in learner["LearningDelivery"]]},
    )


def other_funds(facts: Facts, source: RandomSource) -> Facts:
    """One account with always enough, with nothing, or with a drawn sum in the first month."""
    payers = [employer["id"] for employer in facts.get("employers", []) if employer.get("levy_payer")]
    if not payers:
        return facts
    chosen = source.one_of(payers)
    month = min(aim["LearnStartDate"] for learner in learners(facts) for aim in learner["LearningDelivery"])[:7]
    funds: Any = source.one_of(_FUNDS)
    if source.happens(1, 2):
        funds = {"available": {month: 100 * source.below(_MOST_HUNDREDS)}}
    employers = [{**one, "levy_funds": funds} if one["id"] == chosen else one for one in facts["employers"]]
    return {**facts, "employers": employers}


def one_more(facts: Facts, source: RandomSource) -> Facts:
    """One apprentice a second time under other numbers, with the same employer and agreements of their own."""
    uln = source.one_of(ulns(facts))
    further = uln + _FURTHER + source.below(1000)
    found = copy.deepcopy(facts)
    for submission in found["submissions"]:
        submission["learners"] += [
            {**copy.deepcopy(learner), "ULN": further, "LearnRefNumber": f"Z{learner['LearnRefNumber']}"[:12]}
            for learner in submission["learners"]
            if learner["ULN"] == uln
        ]
    agreements = found.get("agreements", [])
    ids = {agreement["id"] for agreement in agreements}
    for agreement in [one for one in agreements if one["uln"] == uln]:
        name = next(text for count in range(len(ids) + 1) if (text := f"{agreement['id']}{count + 1:02}") not in ids)
        ids.add(name)
        agreements.append({**copy.deepcopy(agreement), "id": name, "uln": further})
    return found

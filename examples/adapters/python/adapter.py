"""What plain programmes earn, for the kit to ask. Keep the loop at the end, and put your system behind earnings()."""

import json
import sys
from datetime import date, timedelta
from fractions import Fraction

ABOUT = {"name": "Plain programmes", "vendor": "Example adapters", "version": "1.0", "language": "python"}
HELLO = {"protocol": 1, "implementation": ABOUT, "rulebooks": ["2017-08"], "wants": ["earnings"], "window": 16}
ONE_DAY = timedelta(1)


def earnings(scenario):
    rows, through = [], scenario["given"].get("through", "9899-R12")
    for returned in sorted(scenario["given"]["submissions"], key=lambda returned: returned["collection"]):
        before, august = rows, f"20{returned['collection'][:2]}-08"  # what was earned before August is closed
        rows = [row for learner in returned["learners"] for row in programme(scenario, returned["ukprn"], learner)]
        if [row for row in rows if row["month"] < august] != [row for row in before if row["month"] < august]:
            raise NotImplementedError("a second provider, or a change in a closed funding year")
    year, month = divmod((2000 + int(through[:2])) * 12 + 6 + min(int(through[-2:]), 12), 12)
    return [row for row in rows if row["month"] <= f"{year}-{month + 1:02}"]


def programme(scenario, ukprn, learner):
    aim, born = learner["LearningDelivery"][0], learner["DateOfBirth"]
    fams = [fam["LearnDelFAMType"] for fam in aim["LearningDeliveryFAM"]]
    prices = [record for record in aim["AppFinRecord"] if record["AFinType"] == "TNP"]
    work = {status["EmpStat"] for status in learner["LearnerEmploymentStatus"]}
    facts = [scenario["rulebook"], len(learner["LearningDelivery"]), fams, work, {record["AFinDate"] for record in prices}]
    if facts != ["2017-08", 1, ["ACT"], {10}, {aim["LearnStartDate"]}] or aim["LearnStartDate"] < f"{int(born[:4]) + 19}{born[4:]}":
        raise NotImplementedError(f"more than a plain programme of an adult: {facts}")
    start, planned_end = date.fromisoformat(aim["LearnStartDate"]), date.fromisoformat(aim["LearnPlanEndDate"])
    last_day = date.fromisoformat(aim.get("LearnActEndDate", "9999-12-01"))
    completed = aim["CompStatus"] == 2 and "LearnActEndDate" in aim
    planned_days = (planned_end - start).days + 1
    if not completed and (last_day - start).days + 1 < (42 if planned_days >= 168 else 14 if planned_days >= 14 else 1):
        return

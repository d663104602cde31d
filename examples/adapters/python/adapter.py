"""What plain programmes earn, for the kit to ask. Keep the loop at the end, and put your system behind earnings()."""

import json
import sys
from datetime import date, timedelta
from fractions import Fraction

ABOUT = {"name": "Plain programmes", "vendor": "Example adapters", "version": "1.0", "language": "python"}
HELLO = {"protocol": 1, "implementation": ABOUT, "rulebooks": ["2017-08"], "wants": ["earnings"], "window": 16}


def earnings(id, rulebook, given):  # the last return counts, but it cannot change a funding year that is closed
    rows, through = [], given.get("through", "9899-R12")
    for returned in sorted(given["submissions"], key=lambda returned: returned["collection"]):
        before, august = rows, f"20{returned['collection'][:2]}-08"
        rows = [row for learner in returned["learners"] for row in programme(given, returned["ukprn"], learner)]
        closed = [[row for row in found if row["month"] < august] for found in (before, rows)]
        if closed[0] != closed[1] or returned["collection"] > through or rulebook not in HELLO["rulebooks"]:
            raise NotImplementedError("no rule for a change in a closed year, another provider or another rulebook")
    year, month = divmod((2000 + int(through[:2])) * 12 + 6 + min(int(through[-2:]), 12), 12)
    return [row for row in rows if row["month"] <= f"{year}-{month + 1:02}"]


def programme(given, ukprn, learner):
    aim, born = {"LearnActEndDate": "9999-12-01", **learner["LearningDelivery"][0]}, learner["DateOfBirth"]
    start, planned_end, last_day = (date.fromisoformat(aim[f"Learn{day}Date"]) for day in ("Start", "PlanEnd", "ActEnd"))
    tnp = [((r["AFinCode"], r["AFinDate"]), r["AFinAmount"]) for r in aim["AppFinRecord"] if r["AFinType"] == "TNP"]
    beyond = ["a framework"] * ("StdCode" not in aim) + ["an age under 19"] * (str(start) < f"{int(born[:4]) + 19}{born[4:]}")
    beyond += learner["LearningDelivery"][1:] + learner["LearnerEmploymentStatus"][1:] + aim["LearningDeliveryFAM"][1:]
    beyond += sorted(dict(tnp).keys() - {(1, str(start)), (2, str(start))})
    if beyond:
        raise NotImplementedError(f"no rule for {beyond[0]}")

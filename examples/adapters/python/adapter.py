"""The earnings of plain programmes, for the kit to ask. Keep main(); let your own system answer for earnings()."""

import json
import sys
from datetime import date, timedelta
from fractions import Fraction

ABOUT = {"name": "Plain programmes", "vendor": "Example adapters", "version": "1.0", "language": "python"}
HELLO = {"protocol": 1, "implementation": ABOUT, "rulebooks": ["2017-08"], "wants": ["earnings"], "window": 16}


def main():
    for message in map(json.loads, sys.stdin.buffer):
        reply = {"ok": HELLO if message["m"] == "hello" else {}}
        if message["m"] == "answer":
            try:
                reply = {"ok": {"earnings": earnings(message["scenario"]["given"])}}
            except Exception as problem:  # what no rule below covers is said, never guessed
                reply = {"error": {"message": f"{type(problem).__name__}: {problem}"}}
        print(json.dumps({"id": message["id"], **reply}), flush=True)
        if message["m"] == "bye":
            return


def earnings(given):
    rows, through = [], given.get("through", "9899-R12")
    for returned in sorted(given["submissions"], key=lambda returned: returned["collection"]):
        before, closed = rows, f"20{returned['collection'][:2]}-08"
        rows = [row for learner in returned["learners"] for row in programme(given, returned["ukprn"], learner)]
        if [row for row in before if row["month"] < closed] != [row for row in rows if row["month"] < closed]:
            raise NotImplementedError("another provider, or a change in a closed funding year")
    number = min(int(through[-2:]), 12)
    last = f"20{through[:2]}-{number + 7:02}" if number < 6 else f"20{through[2:4]}-{number - 5:02}"
    return [row for row in rows if row["month"] <= last]


def programme(given, ukprn, learner):
    [aim], codes = learner["LearningDelivery"], ("StdCode", "ProgType", "FworkCode", "PwayCode")
    start, planned_end, last_day = (
        date.fromisoformat(aim.get(f"Learn{day}Date", "9999-12-01")) for day in ("Start", "PlanEnd", "ActEnd")
    )
    completed = aim["CompStatus"] == 2 and "LearnActEndDate" in aim
    planned_days, days = (planned_end - start).days + 1, (last_day - start).days + 1
    if not completed and days < (42 if planned_days >= 168 else 14 if planned_days >= 14 else 1):
        return []
    ...
    planned = censuses(start, planned_end) or censuses(start, start + timedelta(30))
    earned = [census for census in planned if census <= last_day]
    completion = price / 5
    instalment = (price - completion) / len(planned)
    found = [("on_programme", census, instalment) for census in earned]
    if completed:
        balance = instalment * (len(planned) - len(earned))
        found += [("completion", last_day, completion), ("balancing", last_day, balance)]
    shared = {"ukprn": ukprn, "uln": learner["ULN"], "aim": aim["AimSeqNumber"], "price_episode": aim["LearnStartDate"], "contract_type": int(act)}
    return [{**shared, "type": kind, "month": str(day)[:7], "amount": f"{Decimal(round(amount * 10**5)) / 10**5:.5f}"} for kind, day, amount in found]


def censuses(first, last):
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    return [day for day in days if (day + timedelta(1)).day == 1]

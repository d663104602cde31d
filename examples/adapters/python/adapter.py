"""What plain programmes earn, for the kit to ask. Keep the loop at the end, and put your system behind earnings()."""

import json
import sys
from datetime import date, timedelta
from fractions import Fraction

ABOUT = {"name": "Plain programmes", "vendor": "Example adapters", "version": "1.0", "language": "python"}
HELLO = {"protocol": 1, "implementation": ABOUT, "rulebooks": ["2017-08"], "wants": ["earnings"], "window": 16}
PLAIN = {"LearnAimRef": "ZPROG001", "FundModel": 36, "ProgType": 25, "OrigLearnStartDate": None}


def earnings(rulebook, given, **_):  # the last return counts, but it cannot change a funding year that is closed
    rows, through = [], given.get("through", "9899-R12")
    for returned in sorted(given["submissions"], key=lambda returned: returned["collection"]):
        before, ukprn, august = rows, returned["ukprn"], f"20{returned['collection'][:2]}-08"
        rows = [row for learner in returned["learners"] for row in programme(given, ukprn, learner)]
        closed = [[row for row in found if row["month"] < august or row["ukprn"] != ukprn] for found in (before, rows)]
        if closed[0] != closed[1] or returned["collection"] > through or rulebook not in HELLO["rulebooks"]:
            raise NotImplementedError("no rule for a change in a closed year, another provider or another rulebook")
    year, month = divmod((2000 + int(through[:2])) * 12 + 6 + min(int(through[-2:]), 12), 12)
    return [row for row in rows if row["month"] <= f"{year}-{month + 1:02}"]


def programme(given, ukprn, learner):
    aim, born = {"LearnActEndDate": "9999-12-01", **learner["LearningDelivery"][0]}, learner["DateOfBirth"]
    start, planned_end, last_day = (date.fromisoformat(aim[f"Learn{d}Date"]) for d in ("Start", "PlanEnd", "ActEnd"))
    tnp = sorted((r["AFinCode"], r["AFinDate"], r["AFinAmount"]) for r in aim["AppFinRecord"] if r["AFinType"] == "TNP")
    beyond = learner["LearningDelivery"][1:] + aim["LearningDeliveryFAM"][1:] + learner["LearnerEmploymentStatus"][1:]
    beyond += [(name, aim.get(name)) for name in PLAIN if aim.get(name) != PLAIN[name]]
    beyond += [record for record in aim["LearningDeliveryFAM"][:1] if record["LearnDelFAMCode"] not in ("1", "2")]
    beyond += [price for code, price in enumerate(tnp, 1) if code > 2 or price[:2] != (code, str(start))]
    if beyond or str(start) < max("2017-05-01", f"{int(born[:4]) + 19}{born[4:]}"):
        raise NotImplementedError(f"no rule for {str(beyond or 'an age under 19 or a start before May 2017')[:80]}")
    days, completed = (planned_end - start).days + 1, aim["CompStatus"] == 2 and last_day.year < 9999
    if not completed and (last_day - start).days + 1 < (42 if days >= 168 else 14 if days >= 14 else 1):
        return  # the qualifying period is not met
    course = {course.get("standard_code"): course for course in given["courses"]}[aim["StdCode"]]
    bands = {"": 0} | {band["from"]: band["maximum"] for band in course["funding_bands"] if band["from"] <= str(start)}
    price = 10**5 * min(Fraction(bands[max(bands)]), Fraction(sum(pounds for _, _, pounds in tnp)))
    censuses = [day for n in range(max(days, 31)) if ((day := start + timedelta(n)) + timedelta(1)).day == 1]
    planned = [census for census in censuses if census <= planned_end] or censuses[:1]
    monthly = price * Fraction(4, 5) / len(planned)  # exact, and like the price in hundred-thousandths of a pound
    parts = [("on_programme", census, monthly) for census in planned if census <= last_day]
    rest = monthly * (len(planned) - len(parts)) if last_day < planned_end else 0  # nothing on time or late
    parts += [("completion", last_day, price / 5), ("balancing", last_day, rest)] if completed else []
    who = {"ukprn": ukprn, "uln": learner["ULN"], "aim": aim["AimSeqNumber"], "price_episode": str(start)}
    who["contract_type"] = int(aim["LearningDeliveryFAM"][0]["LearnDelFAMCode"])
    for kind, day, exact in parts:  # round() takes halves to the even digit
        yield {**who, "type": kind, "month": str(day)[:7], "amount": "{}.{:05}".format(*divmod(round(exact), 10**5))}


for message in map(json.loads, sys.stdin.buffer):
    try:
        answer = {"earnings": earnings(**message["scenario"])} if message["m"] == "answer" else {}
        reply = {"ok": HELLO if message["m"] == "hello" else answer}
    except Exception as problem:  # say what is not covered, and go on
        reply = {"error": {"message": f"{type(problem).__name__}: {problem}"}}
    print(json.dumps({"id": message["id"], **reply}), flush=True)
    if message["m"] == "bye":
        break

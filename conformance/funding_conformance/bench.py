"""``funding-kit bench``: speed as ratios within one run, so that they mean the same on any machine."""

from __future__ import annotations

import gc
import json
import shlex
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import click
from attrs import frozen
from funding_reference.apprenticeship import Apprentice, Returned, programme_alone
from funding_reference.calendar import month_of
from funding_reference.collections import answer
from funding_reference.earnings import Earning
from funding_reference.ilr import open_return
from funding_reference.records import read_given
from funding_reference.rules import Rules, rules_of
from funding_reference.working import recording
from funding_spec.documents import parse_json
from funding_spec.errors import FundingError
from tabulate import tabulate

from funding_conformance import protocol
from funding_conformance.adapters import Limits, open_session
from funding_conformance.adapters.stdio import StdioSession
from funding_conformance.protocol import Question, write_line
from funding_conformance.service import read_question

RULEBOOK: Final = "2017-08"
MICROSECONDS: Final = 1_000_000
MILLISECONDS: Final = 1_000
LONG_ENOUGH: Final = 0.5
"""Seconds that a batch of calls takes at least."""
PAIRS: Final = 7
"""How often each is measured."""

CHANGED_IN: Final = "2018-06"
"""The month in which the apprentice of the measures has another price."""


class BenchError(FundingError):
    """What is to be compared is not the same."""


@frozen
class Measure:
    """One figure: what it compares, the ratio or time, and the aim."""

    name: str
    figure: float
    unit: str
    aim: str

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "figure": round(self.figure, 4), "unit": self.unit, "aim": self.aim}


def bench_command(as_json: bool) -> int:
    """Prints every measure and returns the exit code 0; nothing is asserted."""
    measures = list(measure_all())
    if as_json:
        click.echo(json.dumps([measure.as_json() for measure in measures], indent=1))
        return 0
    rows = [[measure.name, f"{measure.figure:,.3g} {measure.unit}".strip(), measure.aim] for measure in measures]
    click.echo(tabulate(rows, ["measure", "figure", "aim"], tablefmt="simple", maxcolwidths=[42, 14, 18]))
    return 0


def measure_all() -> Iterator[Measure]:
    """Every measure, one after the other."""
    rules = rules_of(RULEBOOK)
    apprentice = _apprentice()
    plain = partial(earn_all, rules, apprentice)
    one = seconds(plain)
    yield Measure("earnings of one apprentice, 24 months, one price change", one * MICROSECONDS, "µs", "")
    yield from _against_openfisca(rules, apprentice)
    yield Measure("the same with working, as a ratio", ratio(partial(_with_working, rules, apprentice), plain), "", "2")
    text = json.dumps(scenario(1, runs=24))
    whole = seconds(lambda: _answer_text(text))
    yield Measure("a scenario from JSON, 24 collections, payments", whole * MILLISECONDS, "ms", "5 ms")
    yield from _streaming(rules)
    yield from _over_a_pipe()
    yield from _workers()
    yield from _start_up()
    yield from _growth(rules)


def seconds(call: Callable[[], object]) -> float:
    """The time of one call: the best of several batches, each long enough to measure."""
    times = _enough(call)
    return min(_timed(call, times) for _ in range(PAIRS)) / times


def ratio(call: Callable[[], object], other: Callable[[], object]) -> float:
    """How many times as long one call takes as another.

    Each pair is measured one after the other for about as long, so that whatever else the machine does weighs on both;
    the middle one of several pairs counts.
    """
    times, of_other = _enough(call), _enough(other)
    pairs = [(_timed(call, times) / times, _timed(other, of_other) / of_other) for _ in range(PAIRS)]
    return median(one / another for one, another in pairs)


def _enough(call: Callable[[], object]) -> int:
    """How many calls take long enough to be measured; the first, which loads what is loaded once, does not count."""
    call()
    return max(1, round(LONG_ENOUGH / _timed(call, 1)))


def _timed(call: Callable[[], object], times: int) -> float:
    """Seconds for so many calls, with the collector at rest as it is in every answer, and as ``timeit`` has it."""
    gc.collect()
    gc.disable()
    try:
        began = time.perf_counter()
        for _ in range(times):
            call()
        return time.perf_counter() - began
    finally:
        gc.enable()


# Cases


def learner(number: int) -> dict[str, Any]:
    """A plain apprentice of 24 months, in the shape of the scenario format."""
    return {
        "LearnRefNumber": f"L{number}",
        "ULN": 1000000000 + number,
        "DateOfBirth": "1992-07-03",
        "LearnerEmploymentStatus": [{"EmpStat": 10, "DateEmpStatApp": "2017-07-31", "EmpId": 100000001}],
        "LearningDelivery": [
            {
                "LearnAimRef": "ZPROG001",
                "AimType": 1,
                "AimSeqNumber": 1,
                "LearnStartDate": "2017-08-01",
                "LearnPlanEndDate": "2019-07-31",
                "FundModel": 36,
                "ProgType": 25,
                "StdCode": 50,
                "CompStatus": 1,
                "LearningDeliveryFAM": [
                    {"LearnDelFAMType": "ACT", "LearnDelFAMCode": "1", "LearnDelFAMDateFrom": "2017-08-01"}
                ],
                "AppFinRecord": [
                    {"AFinType": "TNP", "AFinCode": 1, "AFinDate": "2017-08-01", "AFinAmount": 12000},
                    {"AFinType": "TNP", "AFinCode": 2, "AFinDate": "2017-08-01", "AFinAmount": 3000},
                ],
            }
        ],
    }


def scenario(learners: int, *, runs: int) -> dict[str, Any]:
    """A question about so many apprentices of one employer with an account that covers them in part."""
    balance = {"2017-09": f"{300 * learners}.00000"}
    last_year, last_run = divmod(runs - 1, 12)
    return {
        "id": "bench",
        "rulebook": RULEBOOK,
        "given": {
            "courses": [
                {
                    "id": "std-50",
                    "standard_code": 50,
                    "funding_bands": [{"from": "2017-05-01", "maximum": "15000.00000"}],
                }
            ],
            "employers": [
                {
                    "id": "employer-1",
                    "identifier": 100000001,
                    "levy_payer": True,
                    "levy_funds": {"available": balance},
                }
            ],
            "agreements": [
                {
                    "id": str(number),
                    "employer": "employer-1",
                    "ukprn": 10000001,
                    "uln": 1000000000 + number,
                    "course": "std-50",
                    "start": "2017-08-01",
                    "price": "15000.00000",
                }
                for number in range(1, learners + 1)
            ],
            "submissions": [
                {
                    "collection": f"{17 + year}{18 + year}-R01",
                    "ukprn": 10000001,
                    "learners": [learner(number) for number in range(1, learners + 1)],
                }
                for year in range(last_year + 1)
            ],
            "through": f"{17 + last_year}{18 + last_year}-R{last_run + 1:02}",
        },
    }


def _apprentice() -> Apprentice:
    """The apprentice of the measures: 24 months, one change of price."""
    question = scenario(1, runs=24)
    [record] = question["given"]["submissions"][0]["learners"]
    change = {"AFinType": "TNP", "AFinCode": 1, "AFinDate": f"{CHANGED_IN}-10", "AFinAmount": 11000}
    record["LearningDelivery"][0]["AppFinRecord"].append(change)
    given = read_given(question["given"])
    learner = given.submissions[0].learners[0]
    return Apprentice((programme_alone(given, Returned(10000001, learner), learner.LearningDelivery[0]),))


def earn_all(rules: Rules, apprentice: Apprentice) -> Sequence[Earning]:
    """Everything that one apprentice earns, from the start on."""
    return rules.earned_by(rules, apprentice, month_of(apprentice.programmes[0].start), ())


def _with_working(rules: Rules, apprentice: Apprentice) -> object:
    recorded, _ = recording(rules)
    return earn_all(recorded, apprentice)


def _answer_text(text: str) -> object:
    edition, given = read_question(parse_json(text))
    return answer(rules_of(edition), given, ("earnings", "payments")).as_json(("earnings", "payments"))


# Measures


def _against_openfisca(rules: Rules, apprentice: Apprentice) -> Iterator[Measure]:
    """The instalments of the same apprentice as one case of OpenFisca, where that is installed.

    The case has what instalments need and no more: the price and the months left, what was earned so far, the
    instalment. Ours earns everything that there is, exactly.

    :raises BenchError: the two do not come to the same instalments, so that no comparison would mean anything
    """
    try:
        from openfisca_core import periods
        from openfisca_core.entities import build_entity
        from openfisca_core.simulation_builder import SimulationBuilder
        from openfisca_core.taxbenefitsystems import TaxBenefitSystem
        from openfisca_core.variables import Variable
    except ImportError:
        click.echo("OpenFisca is not installed, so its case is left out; the extra is named bench.", err=True)
        return
    person = build_entity("apprentice", "apprentices", "Apprentice", is_person=True)

    def variable(name: str, **more: Any) -> Any:
        fields = {"value_type": float, "entity": person, "definition_period": periods.MONTH, "label": name, **more}
        return type(name, (Variable,), fields)

    def earned_so_far(apprentice: Any, period: Any) -> Any:
        if str(period) == months[0]:
            return apprentice.filled_array(0.0)
        before = period.last_month
        return apprentice("earned_so_far", before) + apprentice("instalment", before)

    def instalment(apprentice: Any, period: Any) -> Any:
        to_earn = apprentice("price", period) * 0.8 - apprentice("earned_so_far", period)
        return to_earn / apprentice("months_left", period)

    system = TaxBenefitSystem([person])
    system.add_variables(
        variable("price"),
        variable("months_left"),
        variable("earned_so_far", formula=earned_so_far),
        variable("instalment", formula=instalment),
    )
    rows = [row for row in earn_all(rules, apprentice) if row.type == "on_programme"]
    months = [str(row.month) for row in rows]
    prices = {month: 15000 if month < CHANGED_IN else 14000 for month in months}
    left = {month: len(months) - place for place, month in enumerate(months)}

    def case() -> list[Any]:
        built = SimulationBuilder().build_from_entities(
            system, {"apprentices": {"one": {"price": prices, "months_left": left}}}
        )
        return [built.calculate("instalment", month) for month in months]

    for row, theirs in zip(rows, case(), strict=True):
        if abs(float(row.amount) - float(theirs[0])) > 0.01:  # single precision
            raise BenchError(f"OpenFisca's case comes to {theirs[0]} in {row.month}, ours to {row.amount}.")
    figure = ratio(case, partial(earn_all, rules, apprentice))
    yield Measure("one OpenFisca case, as a multiple of ours", figure, "times", "10")


def _streaming(rules: Rules) -> Iterator[Measure]:
    """Earnings streamed from an ILR file, against the same calculation in a bare loop."""
    learners = 2000
    facts = {name: value for name, value in scenario(1, runs=12)["given"].items() if name == "courses"}

    def earn(record: Mapping[str, Any]) -> object:
        submission = {"collection": "1718-R01", "ukprn": 10000001, "learners": [record]}
        given = read_given({**facts, "submissions": [submission]})
        return answer(rules, given, ("earnings",))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ILR-10000001-1718-20180101-000000-01.XML"
        file.write_text(_ilr(learners), encoding="utf-8")
        records = [found.record for found in open_return(file).learners()]
        figure = ratio(
            lambda: [earn(found.record) for found in open_return(file).learners()],
            lambda: [earn(record) for record in records],
        )
    yield Measure("earnings streamed from an ILR file, against a bare loop", figure, "", "1.3")


def _ilr(learners: int) -> str:
    rows = "".join(
        f"<Learner><LearnRefNumber>L{number}</LearnRefNumber><ULN>{1000000000 + number}</ULN>"
        "<DateOfBirth>1992-07-03</DateOfBirth><LearnerEmploymentStatus><EmpStat>10</EmpStat>"
        "<DateEmpStatApp>2017-07-31</DateEmpStatApp><EmpId>100000001</EmpId></LearnerEmploymentStatus>"
        "<LearningDelivery><LearnAimRef>ZPROG001</LearnAimRef><AimType>1</AimType><AimSeqNumber>1</AimSeqNumber>"
        "<LearnStartDate>2017-08-01</LearnStartDate><LearnPlanEndDate>2019-07-31</LearnPlanEndDate>"
        "<FundModel>36</FundModel><ProgType>25</ProgType><StdCode>50</StdCode><CompStatus>1</CompStatus>"
        "<LearningDeliveryFAM><LearnDelFAMType>ACT</LearnDelFAMType><LearnDelFAMCode>1</LearnDelFAMCode>"
        "<LearnDelFAMDateFrom>2017-08-01</LearnDelFAMDateFrom></LearningDeliveryFAM>"
        "<AppFinRecord><AFinType>TNP</AFinType><AFinCode>1</AFinCode><AFinDate>2017-08-01</AFinDate>"
        "<AFinAmount>15000</AFinAmount></AppFinRecord></LearningDelivery></Learner>"
        for number in range(learners)
    )
    head = "<LearningProvider><UKPRN>10000001</UKPRN></LearningProvider>"
    return f'<Message xmlns="SFA/ILR/2017-18">{head}{rows}</Message>'


def _over_a_pipe() -> Iterator[Measure]:
    """What the kit adds to each case over a long-lived process, against a bare loop over the same pipe."""
    cases = 2000
    echo = (
        "import sys,json\n"
        "for line in sys.stdin:\n"
        " m=json.loads(line)\n"
        " ok={'protocol':1,'implementation':{'name':'echo'},'rulebooks':[],'wants':['earnings'],'window':64}\n"
        " print(json.dumps({'id':m['id'],'ok':ok if m['m']=='hello' else {'earnings':[]} if m['m']=='answer' else {}}),"
        "flush=True)\n"
        " if m['m']=='bye': break\n"
    )
    question = scenario(1, runs=12)
    messages = [{"id": str(number), **protocol.answer(question, ("earnings",))} for number in range(cases)]

    def bare() -> float:
        with subprocess.Popen([sys.executable, "-c", echo], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            if process.stdin is None or process.stdout is None:
                raise AssertionError("both pipes were asked for")
            began = time.perf_counter()
            for start in range(0, cases, 64):
                window = messages[start : start + 64]
                process.stdin.writelines(write_line(message) for message in window)
                process.stdin.flush()
                for _ in window:
                    json.loads(process.stdout.readline())
            spent = time.perf_counter() - began
            process.stdin.close()
        return spent

    def through_the_kit() -> float:
        session = StdioSession([sys.executable, "-c", echo], (RULEBOOK,), Limits(30, 30))
        began = time.perf_counter()
        asked = [Question(str(number), protocol.answer(question, ("earnings",))) for number in range(cases)]
        answered = sum(1 for _ in session.ask(asked))
        spent = time.perf_counter() - began
        session.close()
        return spent if answered == cases else float("nan")

    added = min(through_the_kit() for _ in range(3)) - min(bare() for _ in range(3))
    yield Measure("what the kit adds to a case over a pipe", added / cases * MILLISECONDS, "ms", "0.1 ms")


def _workers() -> Iterator[Measure]:
    """Two workers against one, on an implementation that takes five milliseconds for each answer."""
    slow = (
        "import sys,json,time\n"
        "for line in sys.stdin:\n"
        " m=json.loads(line)\n"
        " ok={'protocol':1,'implementation':{'name':'slow'},'rulebooks':[],'wants':['earnings'],'window':16}\n"
        " if m['m']=='answer': time.sleep(0.005)\n"
        " print(json.dumps({'id':m['id'],'ok':ok if m['m']=='hello' else {'earnings':[]} if m['m']=='answer' else {}}),"
        "flush=True)\n"
        " if m['m']=='bye': break\n"
    )
    message = protocol.answer(scenario(1, runs=12), ("earnings",))
    questions = [Question(str(number), message) for number in range(400)]
    command = shlex.join([sys.executable, "-c", slow])

    def taken_by(jobs: int) -> float:
        session = open_session(command, (RULEBOOK,), Limits(), jobs=jobs)
        began = time.perf_counter()
        answered = sum(1 for _ in session.ask(questions))
        spent = time.perf_counter() - began
        session.close()
        return spent if answered == len(questions) else float("nan")

    two, one = (min(taken_by(jobs) for _ in range(3)) for jobs in (2, 1))
    yield Measure("two workers against one, where an answer takes 5 ms", two / one, "", "0.6")


def _start_up() -> Iterator[Measure]:
    """What the command's start adds to that of Python."""

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)

    nothing = seconds(lambda: run("-c", "pass"))
    added = seconds(lambda: run("-m", "funding_conformance", "--help")) - nothing
    yield Measure("funding-kit --help, above python -c pass", added * MILLISECONDS, "ms", "100 ms")


def _growth(rules: Rules) -> Iterator[Measure]:
    """Ten times the apprentices: the time of a whole answer, and the memory of streaming earnings."""

    def of(learners: int) -> Callable[[], object]:
        given = read_given(scenario(learners, runs=12)["given"])
        return lambda: answer(rules, given, ("earnings", "payments"))

    yield Measure("time of ten times the apprentices", ratio(of(1000), of(100)), "times", "11")
    with tempfile.TemporaryDirectory() as folder:
        peaks = []
        for learners in (500, 5000):
            file = Path(folder) / f"{learners}.XML"
            file.write_text(_ilr(learners), encoding="utf-8")
            tracemalloc.start()
            for _ in open_return(file).learners():
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    yield Measure("memory of reading ten times the learners", peaks[1] / peaks[0], "times", "1")

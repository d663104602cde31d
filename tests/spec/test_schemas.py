"""The schemas: what is written and sent fits them, and they refuse what the readers written by hand refuse."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.baseline import Baseline, Entry
from funding_conformance.case_lists import case_digests, frozen_list
from funding_conformance.diagnosis import diagnosis_of
from funding_conformance.fresh import FreshCases, drawn_for
from funding_conformance.judge import Verdict
from funding_conformance.profiles import profile_named
from funding_conformance.properties import ask_properties
from funding_conformance.protocol import (
    Outcome,
    ProtocolFault,
    answer,
    hello,
    read_declaration,
    read_line,
    read_reply,
    write_line,
)
from funding_conformance.run import Result, Run, ask_and_judge, header_of
from funding_conformance.scenarios import (
    MEASURES,
    WANTS,
    Scenario,
    ScenarioError,
    examples_folder,
    load_folder,
    load_scenario,
    read_scenario,
    scenario_files,
)
from funding_conformance.service import Handler, reference_service
from funding_conformance.serving import serve_lines, service_named
from funding_reference.reading import REJECT_CODES, Place, Rejected, Unreadable, a_collection
from funding_reference.records import SOURCES, TYPES, read_given
from funding_spec.documents import load_file
from funding_spec.register import load_register
from funding_spec.rulebook import UNITS, editions
from funding_spec.schema_files import UnknownSchema, schema, schema_names
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

Document = Any
Path_ = tuple[str | int, ...]

PACKAGE = Path(__file__).parents[2] / "spec" / "funding_spec"
RULEBOOK = "2017-08"
SHAPE = {"BAD-SHAPE", "BAD-DATE", "BAD-MONTH", "BAD-COLLECTION", "BAD-AMOUNT", "UNKNOWN-CODE"}
"""What a schema can see; every other reject code needs more than one place of a document."""

REGISTRY: Registry[Any] = Registry().with_resources(
    (schema(name)["$id"], Resource.from_contents(schema(name))) for name in schema_names()
)


@cache
def validator(name: str, part: str = "") -> Draft202012Validator:
    """The schema of that name, or one part of it."""
    reference = schema(name)["$id"] + (f"#/$defs/{part}" if part else "")
    return Draft202012Validator({"$ref": reference}, registry=REGISTRY, format_checker=FormatChecker(["date"]))


def fits(document: Document, name: str, part: str = "") -> bool:
    return validator(name, part).is_valid(document)


def misfits(document: Document, name: str, part: str = "") -> list[str]:
    """What the schema says against a document."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(name, part).iter_errors(document)]


def part_of(name: str, part: str) -> Any:
    return schema(name)["$defs"][part]


# The schemas themselves


@pytest.mark.parametrize("name", schema_names())
def test_a_schema_is_a_schema_and_says_what_it_is(name: str) -> None:
    content = schema(name)
    Draft202012Validator.check_schema(content)
    assert content["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert content["$id"] == f"urn:apprenticeship-funding-spec:{name}:1"
    assert content["title"]
    assert content["description"]


def test_there_is_a_schema_of_everything_that_is_written_or_sent() -> None:
    assert schema_names() == (
        "answer", "baseline", "case-list", "certificate", "clause", "errata", "protocol", "rulebook", "run", "scenario",
    )  # fmt: skip
    with pytest.raises(UnknownSchema, match=r"There is no schema certificates\. Known: answer, baseline"):
        schema("certificates")


@pytest.mark.parametrize("name", schema_names())
def test_every_reference_leads_to_something_described(name: str) -> None:
    resolver = REGISTRY.resolver(schema(name)["$id"])
    for path, node in nodes(schema(name)):
        if "$ref" in node:
            assert resolver.lookup(node["$ref"]).contents.get("description"), f"{path} {node['$ref']}"


@pytest.mark.parametrize("name", schema_names())
def test_every_field_and_every_part_is_described(name: str) -> None:
    undescribed = []
    for path, node in nodes(schema(name)):
        is_field = path[-2:-1] in (("properties",), ("$defs",)) and not {"if", "then", "else", "allOf"} & set(path)
        narrows_a_described_one = "anyOf" in path and set(node) <= {"minItems"}
        if is_field and not narrows_a_described_one and not {"description", "$ref"} & set(node):
            undescribed.append(path)
    assert undescribed == []


def nodes(content: Any, path: Path_ = ()) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every object of a document, with its path."""
    if isinstance(content, dict):
        yield path, content
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for step, item in items:
        yield from nodes(item, (*path, step))


@pytest.mark.parametrize("name", schema_names())
def test_every_clause_that_a_description_cites_exists(name: str) -> None:
    register = load_register()
    said = " ".join(node["description"] for _, node in nodes(schema(name)) if isinstance(node.get("description"), str))
    cited = set(re.findall(r"\b(?:GUIDE|RULES|READ)-\d+\b", said))
    assert {clause for clause in cited if clause not in register} == set()


def test_the_words_of_the_schemas_are_those_of_the_readers() -> None:
    assert part_of("answer", "type")["enum"] == list(TYPES)
    assert part_of("answer", "payment_type")["enum"] == [*TYPES, "provider_claim"]
    assert part_of("answer", "source")["enum"] == list(SOURCES)
    assert part_of("scenario", "want")["enum"] == list(WANTS)
    assert part_of("scenario", "reject_code")["enum"] == list(REJECT_CODES)
    assert part_of("scenario", "table")["properties"]["measure"]["enum"] == list(MEASURES)
    assert set(part_of("rulebook", "entry")["properties"]["unit"]["enum"]) == UNITS
    assert part_of("run", "case_verdict")["enum"] == [verdict.value for verdict in Verdict]
    assert part_of("run", "result")["enum"] == [result.value for result in Result]


def test_the_dates_of_the_schemas_are_those_of_the_calendar() -> None:
    accepts = re.compile(part_of("answer", "date")["pattern"]).search
    years = (0, 1, 4, 100, 400, 1000, 1900, 1999, 2000, 2016, 2017, 2100, 2400, 9999)
    written = [f"{year:04}-{month:02}-{day:02}" for year in years for month in range(14) for day in range(33)]
    assert [text for text in written if bool(accepts(text)) is not in_calendar(text)] == []
    assert not any(map(accepts, ("20170801", "2017-8-1", "2017-08-01T00", "17-08-01", "2017-W01-1")))


def in_calendar(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def test_the_collections_of_the_schemas_are_those_of_the_reader() -> None:
    def known(text: str) -> bool:
        try:
            return bool(a_collection(text, Place([])))
        except Unreadable:
            return False

    accepts = re.compile(part_of("answer", "collection")["pattern"]).search
    years = [f"{first:02}{second:02}" for first in range(100) for second in range(100)]
    written = [
        *(f"{year}-R01" for year in years),
        *(f"1718-R{number:02}" for number in range(100)),
        "1718-R1",
        "1718R01",
    ]
    assert [text for text in written if bool(accepts(text)) is not known(text)] == []


# What is written


def test_every_example_fits(examples: Path) -> None:
    assert misfits_in(examples) == {}


def test_every_published_scenario_fits(shared: Path) -> None:
    assert misfits_in(shared / "official-scenarios") == {}
    assert misfits_in(shared / "levy-account-scenarios") == {}


def misfits_in(folder: Path) -> dict[str, list[str]]:
    found = {str(file.relative_to(folder)): misfits(load_file(file), "scenario") for file in scenario_files(folder)}
    return {file: mistakes for file, mistakes in found.items() if mistakes}


@pytest.mark.parametrize("name", ["clause", "rulebook"])
def test_every_file_of_the_rules_fits(name: str) -> None:
    files = list((PACKAGE / f"{name}s").iterdir())
    assert files
    assert {file.name: wrong for file in files if (wrong := misfits(load_file(file), name))} == {}


GOOD_CLAUSE = {
    "id": "GUIDE-35",
    "place": "Earnings",
    "says": "The instalments are equal.",
    "kind": "rule",
    "level": "MUST",
    "editions": ["2017-08", "..."],
    "read_from": f"sha256:{'0' * 64}",
    "read_as": ["READ-01"],
}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "GUIDE-SCENARIO-Z"},
        {"id": "PARAGRAPH-1"},
        {"says": "  "},
        {"kind": "advice"},
        {"level": "must"},
        {"kind": "evidence", "not_computed": "Nothing reads it."},
        {"editions": []},
        {"editions": ["..."]},
        {"editions": ["2017-08", "...", "2018-08", "..."]},
        {"read_from": "sha256:12"},
        {"read_as": ["GUIDE-1"]},
        {"read_as": []},
        {"note": "Something else."},
    ],
)
def test_a_damaged_clause_is_refused(change: dict[str, Any]) -> None:
    assert fits([GOOD_CLAUSE], "clause")
    assert not fits([{**GOOD_CLAUSE, **change}], "clause")


@pytest.mark.parametrize("missing", ["id", "place", "says", "kind", "level", "editions", "read_from"])
def test_a_clause_without_a_field_is_refused(missing: str) -> None:
    assert not fits([{name: value for name, value in GOOD_CLAUSE.items() if name != missing}], "clause")


@pytest.mark.parametrize(
    ("unit", "good", "bad"),
    [
        ("pounds", "0.10", Decimal("0.10")),
        ("share", "0.20", "a fifth"),
        ("days", 42, "42"),
        ("yes or no", True, "yes"),
        ("list of pounds", [1500, "2000.50"], 1500),
        ("list of days", [90, 365], ["90"]),
        ("pounds by deprivation", {"1-10": 600, "none": 0}, {"1 to 10": 600}),
        ("days by planned days", [{"planned_at_least": 168, "days": 42}], [{"days": 42}]),
    ],
)
def test_a_value_of_a_rulebook_is_in_its_unit(unit: str, good: Document, bad: Document) -> None:
    def with_value(value: Document) -> Document:
        values = [{"from": "2017-05-01", "value": value}]
        return {
            "edition": RULEBOOK,
            "name": {"clause": "GUIDE-33", "unit": unit, "on": "first start", "values": values},
        }

    assert misfits(with_value(good), "rulebook") == []
    assert not fits(with_value(bad), "rulebook")


# What is sent


@pytest.fixture(scope="module")
def scenarios(examples: Path) -> list[Scenario]:
    """Every fourth example, and every one that must be rejected."""
    files = scenario_files(examples)
    return [load_scenario(file) for number, file in enumerate(files) if number % 4 == 0 or "rejects" in file.parts]


def answerable(scenarios: list[Scenario]) -> list[Scenario]:
    return [scenario for scenario in scenarios if not (scenario.expect and scenario.expect.reject)]


def test_facts_go_over_the_wire_with_amounts_as_text(scenarios: list[Scenario]) -> None:
    found = {
        scenario.id: misfits(scenario.question()["given"], "protocol", "facts") for scenario in answerable(scenarios)
    }
    assert {id: wrong for id, wrong in found.items() if wrong} == {}
    facts = good_given()
    assert fits(facts, "scenario", "given")
    assert {error.split(":")[0] for error in misfits(facts, "protocol", "facts")} == {
        "$.courses[0].funding_bands[0].maximum",
        "$.courses[1].funding_bands[0].maximum",
        "$.employers[1].transfer_allowance['2018-05']",
        "$.employers[1].levy_funds.available['2017-09']",
        "$.agreements[1].versions[0].price",
        "$.payments_made[0].amount",
        "$.earnings_history[0].amount",
    }


def test_whatever_the_reference_is_asked_and_replies_fits(scenarios: list[Scenario]) -> None:
    handle = reference_service()
    kinds: set[str] = set()
    for number, scenario in enumerate(scenarios):
        message = {"id": str(number), **answer(scenario.question(), scenario.wants, working=number % 5 == 0)}
        asked = read_line(write_line(message))
        reply = read_line(write_line(handle(asked)))
        assert misfits(asked, "protocol", "answer") == [], scenario.id
        assert misfits(reply, "protocol", "reply") == [], scenario.id
        kinds |= reply.keys()
        if "ok" in reply:
            assert misfits(reply["ok"], "answer") == [], scenario.id
            for step in reply["ok"].get("working", []):
                assert misfits(step, "answer", "step") == [], scenario.id
    assert kinds == {"id", "ok", "reject"}


def test_every_message_of_a_session_fits(scenarios: list[Scenario]) -> None:
    good = answerable(scenarios)[0].question()
    messages = [
        hello((RULEBOOK,)),
        {"id": "1", **answer(good, ("earnings", "payments", "findings"))},
        {"id": "2", **answer({**good, "rulebook": "2031-08"}, ("earnings",))},
        {"id": "3", **answer({**good, "given": {"submissions": "none"}}, ("earnings",))},
        {"id": "4", **answer(good, ("matches",))},
        {"m": "bye", "id": "z"},
    ]
    for message in messages:
        assert misfits(message, "protocol") == []
        assert misfits({**message, "x_trace": 1}, "protocol") == []
        assert not fits({**message, "trace": 1}, "protocol")
    asked = [*messages[:-1], {"m": "sing", "id": "5"}]
    lines = [*map(write_line, asked), b"no JSON\n", write_line(messages[-1])]
    written = io.BytesIO()
    serve_lines(io.BytesIO(b"".join(lines)), written)
    replies = [read_line(line) for line in written.getvalue().splitlines()]
    kinds = ["ok", "ok", "reject", "reject", "ok", "error", "error", "ok"]
    assert [kind for reply in replies for kind in reply if kind != "id"] == kinds
    for reply in replies:
        assert misfits(reply, "protocol") == []
    assert fits(replies[0]["ok"], "protocol", "declaration")


def test_every_line_of_a_run_file_fits(scenarios: list[Scenario], tmp_path: Path) -> None:
    for handle in (reference_service(), service_named("uncapped-price"), broken):
        lines = [read_line(line) for line in run_lines(handle, scenarios[::10], tmp_path)]
        parts = ["header", *["case"] * (len(lines) - 2), "footer"]
        for line, part in zip(lines, parts, strict=True):
            assert misfits(line, "run") == []
            assert misfits(line, "run", part) == []


def broken(message: Mapping[str, Any]) -> dict[str, Any]:
    """An implementation that declares everything and answers nothing."""
    reply = reference_service()(message)
    if message["m"] != "answer":
        return reply
    match int(re.sub(r"\D", "", message["id"])) % 3:
        case 0:
            return {"id": message["id"], "unsupported": {"wants": ["earnings"], "message": "Not on Sundays."}}
        case 1:
            return {"id": message["id"], "reject": {"code": "NO-PRICE", "path": "given"}}
        case _:
            raise RuntimeError("No.")


def test_every_frozen_case_list_fits() -> None:
    for rulebook in editions():
        assert misfits(frozen_list(rulebook).as_json(), "case-list") == []


def run_lines(handle: Handler, scenarios: list[Scenario], folder: Path) -> list[bytes]:
    session = InProcessSession(handle, (RULEBOOK,), None)
    register = load_register()
    profile = profile_named("earnings")
    assert profile is not None
    digests = case_digests(scenarios)
    asked = "python:some:thing"
    baseline = Baseline((Entry("clause", "GUIDE-35", "It is being put right.", date(2018, 1, 31)),), date(2018, 1, 1))
    header = header_of(
        session.declaration,
        asked,
        RULEBOOK,
        digests,
        profiles=["earnings"],
        fresh=FreshCases(asked=4),
        seed=0,
        tries=1,
        timeout=10.0,
        baseline=baseline,
    )
    run = Run(header, baseline=baseline)
    run.cases.extend(ask_and_judge(session, scenarios, WANTS))
    fresh = drawn_for(["earnings"], RULEBOOK, load_folder(examples_folder()), 0, 2)
    run.cases.extend(ask_and_judge(session, fresh.scenarios, WANTS, kind="fresh"))
    run.cases.extend(ask_properties(session, RULEBOOK, WANTS, tries=1, seed=0, folder=folder))
    run.conclude([profile], session.declaration, register, RULEBOOK, digests)
    run.diagnosis = diagnosis_of(run.cases, session.declaration)
    run.remarks = ["It did not answer bye."]
    return list(run.lines())


# The same documents are refused by the schema and by the reader

LEARNER = "submissions", 0, "learners", 0
AIM = *LEARNER, "LearningDelivery", 0


def good_given() -> dict[str, Any]:
    """Facts in which every field of the format stands somewhere."""
    return {
        "courses": [
            {"id": "std-50", "standard_code": 50, "funding_bands": [{"from": "2017-05-01", "maximum": 15000}]},
            {
                "id": "fwk-403",
                "framework_code": 403,
                "programme_type": 2,
                "pathway_code": 1,
                "funding_bands": [{"from": "2017-05-01", "maximum": 9000}],
            },
        ],
        "english_maths_aims": [{"aim": "50086832", "rate": "471.5"}],
        "postcodes": [{"postcode": "AB1 2CD", "deprivation": "1-10"}],
        "employers": [
            {"id": "employer-1", "identifier": 100000001, "levy_payer": False, "levy_funds": "none"},
            {
                "id": "employer-2",
                "levy_payer": True,
                "levy_funds": {"available": {"2017-09": 2000}},
                "provider_priority": [10000002, 10000001],
                "priority_changes": [{"from": "1718-R04", "order": [10000001, 10000002]}],
                "transfer_allowance": {"2018-05": 500},
            },
            {
                "id": "employer-3",
                "levy_payer": True,
                "levy_funds": {
                    "declarations": [{"month": "2017-05", "levy": "10000.00", "english_fraction": "0.80000"}],
                    "adjustments": [{"month": "2018-04", "amount": "-500.00"}],
                    "opening": [{"entered": "2017-05", "amount": "880.00"}],
                },
            },
        ],
        "agreements": [
            {
                "id": "1",
                "employer": "employer-1",
                "sender": "employer-2",
                "ukprn": 10000001,
                "uln": 1000000001,
                "course": "std-50",
                "start": "2017-08-01",
                "planned_end": "2018-08-01",
                "approved": "2017-08-01",
                "priority": 1,
                "transfer_approved": "2018-04-30",
                "price": "15000.00",
                "known_from": "1718-R02",
                "stopped_on": "2018-03-05",
                "stop_known_from": "1718-R08",
            },
            {
                "id": "2",
                "employer": "employer-1",
                "ukprn": 10000001,
                "uln": 1000000001,
                "course": "std-50",
                "start": "2017-08-01",
                "versions": [
                    {
                        "from": "2017-08-01",
                        "to": "2017-10-31",
                        "price": 15000,
                        "status": "paused",
                        "course": "fwk-403",
                        "known_from": "1718-R05",
                    }
                ],
            },
        ],
        "submissions": [
            {
                "collection": "1718-R01",
                "ukprn": 10000001,
                "learners": [
                    {
                        "LearnRefNumber": "A1",
                        "ULN": 1000000001,
                        "DateOfBirth": "1992-02-29",
                        "PostcodePrior": "AB1 2CD",
                        "LearnerEmploymentStatus": [
                            {
                                "EmpStat": 10,
                                "DateEmpStatApp": "2017-07-31",
                                "EmpId": 100000001,
                                "EmploymentStatusMonitoring": [{"ESMType": "SEM", "ESMCode": 1}],
                            }
                        ],
                        "LearningDelivery": [
                            {
                                "LearnAimRef": "ZPROG001",
                                "AimType": 1,
                                "AimSeqNumber": 1,
                                "LearnStartDate": "2017-08-06",
                                "LearnPlanEndDate": "2018-08-08",
                                "LearnActEndDate": "2018-08-08",
                                "OrigLearnStartDate": "2017-08-06",
                                "AchDate": "2018-08-08",
                                "FundModel": 36,
                                "ProgType": 25,
                                "StdCode": 50,
                                "CompStatus": 2,
                                "Outcome": 1,
                                "LearningDeliveryFAM": [
                                    {
                                        "LearnDelFAMType": "ACT",
                                        "LearnDelFAMCode": "1",
                                        "LearnDelFAMDateFrom": "2017-08-06",
                                        "LearnDelFAMDateTo": "2018-08-08",
                                    }
                                ],
                                "AppFinRecord": [
                                    {"AFinType": "TNP", "AFinCode": 1, "AFinDate": "2017-08-06", "AFinAmount": 12000},
                                    {"AFinType": "PMR", "AFinCode": 3, "AFinDate": "2017-09-06", "AFinAmount": 100},
                                ],
                            },
                            {
                                "LearnAimRef": "ZPROG001",
                                "AimType": 1,
                                "AimSeqNumber": 2,
                                "LearnStartDate": "2018-09-01",
                                "LearnPlanEndDate": "2019-09-01",
                                "FundModel": 36,
                                "ProgType": 2,
                                "FworkCode": 403,
                                "PwayCode": 1,
                                "CompStatus": 1,
                                "AppFinRecord": [
                                    {"AFinType": "TNP", "AFinCode": 3, "AFinDate": "2018-09-01", "AFinAmount": 1}
                                ],
                            },
                            {
                                "LearnAimRef": "50086832",
                                "AimType": 3,
                                "AimSeqNumber": 3,
                                "LearnStartDate": "2017-08-06",
                                "LearnPlanEndDate": "2018-08-08",
                                "FundModel": 36,
                                "CompStatus": 1,
                                "PriorLearnFundAdj": 50,
                                "OtherFundAdj": 50,
                                "SWSupAimId": "an element that the rules do not read",
                            },
                        ],
                    }
                ],
            }
        ],
        "payments_made": [
            {
                "collection": "1617-R10",
                "ukprn": 10000001,
                "uln": 1000000001,
                "learner": "A1",
                "aim": 1,
                "price_episode": "2017-05-01",
                "contract_type": 2,
                "employer": "employer-1",
                "sender": "employer-2",
                "type": "on_programme",
                "month": "2017-05",
                "source": "government_co_investment",
                "amount": 540,
                "course": "std-50",
                "aim_reference": "ZPROG001",
                "government_share": "0.90",
            }
        ],
        "earnings_history": [
            {
                "ukprn": 10000001,
                "uln": 1000000001,
                "learner": "A1",
                "aim": 1,
                "price_episode": "2017-05-01",
                "contract_type": 2,
                "type": "on_programme",
                "month": "2017-05",
                "amount": 600,
            }
        ],
        "provider_claims": [{"collection": "1718-R02", "ukprn": 10000001, "claim": "excess", "amount": "-0.5"}],
        "through": "1718-R12",
    }


MISSING = object()


def damaged(document: Document, path: Path_, value: Document) -> Document:
    """A copy in which one place is another value, or gone."""
    copied = copy.deepcopy(document)
    place = copied
    for step in path[:-1]:
        place = place[step]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copied


def reject_codes(given: Document) -> set[str]:
    try:
        read_given(given)
    except Rejected as rejected:
        return {problem.code for problem in rejected.problems}
    return set()


def test_the_facts_to_damage_are_good() -> None:
    assert reject_codes(good_given()) == set()
    assert misfits(good_given(), "scenario", "given") == []


DAMAGED_FACTS: list[tuple[Path_, Document]] = [
    # something is missing
    (("submissions",), MISSING),
    (("courses", 0, "id"), MISSING),
    (("courses", 0, "standard_code"), MISSING),
    (("courses", 0, "funding_bands", 0, "maximum"), MISSING),
    (("employers", 0, "levy_funds"), MISSING),
    (("agreements", 0, "price"), MISSING),
    (("agreements", 1, "versions"), []),
    (("agreements", 1, "versions", 0, "price"), MISSING),
    (("submissions", 0, "ukprn"), MISSING),
    ((*LEARNER, "DateOfBirth"), MISSING),
    ((*AIM, "LearnPlanEndDate"), MISSING),
    ((*AIM, "ProgType"), MISSING),
    ((*AIM, "StdCode"), MISSING),
    ((*LEARNER, "LearningDelivery", 1, "FworkCode"), MISSING),
    (("payments_made", 0, "month"), MISSING),
    (("provider_claims", 0, "claim"), MISSING),
    # something may be missing
    (("courses",), MISSING),
    (("agreements", 0, "planned_end"), MISSING),
    ((*LEARNER, "PostcodePrior"), MISSING),
    ((*LEARNER, "LearningDelivery", 2, "OtherFundAdj"), MISSING),
    ((*LEARNER, "LearningDelivery"), MISSING),
    (("earnings_history", 0, "uln"), MISSING),
    # there is a field too many
    (("holidays",), []),
    (("courses", 0, "band"), 11),
    (("employers", 1, "levy_funds", "declarations"), []),
    (("agreements", 0, "x_note"), "not in files"),
    (("submissions", 0, "year"), 2017),
    (("provider_claims", 0, "month"), "2017-08"),
    ((*LEARNER, "Ethnicity"), 31),
    ((*AIM, "AppFinRecord", 0, "Remark"), "ignored"),
    # another kind of value
    (("submissions", 0, "learners"), "none"),
    (("submissions", 0, "ukprn"), "10000001"),
    (("submissions", 0, "ukprn"), True),
    (("courses", 0, "id"), 50),
    (("courses", 0, "id"), ""),
    (("employers", 0, "levy_payer"), "perhaps"),
    (("employers", 0, "levy_funds"), "plenty"),
    (("employers", 0, "levy_funds"), None),
    (("employers", 1, "provider_priority"), ["10000002"]),
    (("agreements", 1, "versions", 0, "status"), "stopped"),
    ((*LEARNER, "LearningDelivery", 0), "ZPROG001"),
    ((*AIM, "LearningDeliveryFAM", 0, "LearnDelFAMCode"), 1),
    ((*LEARNER, "PostcodePrior"), None),
    (("payments_made", 0, "type"), "holiday"),
    (("payments_made", 0, "source"), 1),
    # dates, months and collections
    ((*AIM, "LearnStartDate"), "2017-02-29"),
    ((*AIM, "LearnStartDate"), "2016-02-29"),
    ((*AIM, "LearnStartDate"), "20170806"),
    ((*AIM, "LearnStartDate"), 20170806),
    ((*AIM, "AppFinRecord", 0, "AFinDate"), "2017-08-32"),
    (("employers", 1, "levy_funds", "available"), {"2017-13": 5}),
    (("employers", 1, "transfer_allowance"), {"2017-9": 5}),
    (("employers", 2, "levy_funds", "declarations", 0, "month"), "0000-05"),
    (("earnings_history", 0, "month"), "2017-00"),
    (("through",), "1718-R15"),
    (("through",), "1719-R01"),
    (("through",), "9900-R14"),
    (("employers", 1, "priority_changes", 0, "from"), "1718-R00"),
    # amounts
    (("courses", 0, "funding_bands", 0, "maximum"), "15000.000001"),
    (("courses", 0, "funding_bands", 0, "maximum"), "15000.00001"),
    (("courses", 0, "funding_bands", 0, "maximum"), Decimal("15000.5")),
    (("agreements", 0, "price"), "15,000"),
    (("agreements", 0, "price"), "15000."),
    (("agreements", 0, "price"), "£15000"),
    (("agreements", 0, "price"), ""),
    (("employers", 2, "levy_funds", "declarations", 0, "english_fraction"), "1.00001"),
    (("employers", 2, "levy_funds", "declarations", 0, "english_fraction"), "1.00000"),
    (("employers", 2, "levy_funds", "declarations", 0, "english_fraction"), 2),
    (("payments_made", 0, "government_share"), "-0.9"),
    ((*AIM, "AppFinRecord", 0, "AFinAmount"), "12000"),
    ((*AIM, "AppFinRecord", 0, "AFinAmount"), Decimal("12000.50")),
    ((*AIM, "AppFinRecord", 1, "AFinAmount"), -100),
    # codes
    (("courses", 1, "programme_type"), 26),
    (("postcodes", 0, "deprivation"), "28-100"),
    ((*LEARNER, "LearnerEmploymentStatus", 0, "EmpStat"), 13),
    ((*AIM, "AimType"), 2),
    ((*AIM, "CompStatus"), 4),
    ((*AIM, "ProgType"), 1),
    ((*AIM, "LearningDeliveryFAM", 0, "LearnDelFAMCode"), "3"),
    ((*AIM, "LearningDeliveryFAM", 0, "LearnDelFAMType"), "LSF"),
    ((*AIM, "AppFinRecord", 0, "AFinType"), "TRN"),
    ((*AIM, "AppFinRecord", 0, "AFinCode"), 5),
    ((*AIM, "AppFinRecord", 1, "AFinCode"), 4),
    # wrong, but not in shape
    ((*AIM, "LearnActEndDate"), "2017-01-01"),
    ((*AIM, "AppFinRecord", 0, "AFinAmount"), -1),
    (("agreements", 0, "price"), "-1.00"),
    (("agreements", 0, "employer"), "employer-9"),
    (("agreements", 0, "course"), "std-51"),
    (("agreements", 1, "id"), "1"),
    ((*AIM, "StdCode"), 51),
    ((*AIM, "AppFinRecord"), []),
]


def case_name(value: Any) -> str | None:
    """A path as pytest shows it."""
    return ".".join(map(str, value)) if isinstance(value, tuple) else "missing" if value is MISSING else None


@pytest.mark.parametrize(("path", "value"), DAMAGED_FACTS, ids=case_name)
def test_schema_and_reader_agree_on_damaged_facts(path: Path_, value: Document) -> None:
    given = damaged(good_given(), path, value)
    assert fits(given, "scenario", "given") is not bool(reject_codes(given) & SHAPE)


def places(content: Document, path: Path_ = ()) -> Iterator[Path_]:
    for step, item in content.items() if isinstance(content, dict) else enumerate(content):
        yield (*path, step)
        if isinstance(item, dict | list):
            yield from places(item, (*path, step))


@pytest.mark.parametrize("value", [MISSING, Decimal("1.5"), "text"], ids=["missing", "decimal", "text"])
def test_schema_and_reader_agree_whatever_stands_in_any_place(value: Document) -> None:
    differing = []
    for path in places(good_given()):
        given = damaged(good_given(), path, value)
        if fits(given, "scenario", "given") is bool(reject_codes(given) & SHAPE):
            differing.append(path)
    assert differing == []


# Whole scenarios


def good_scenario() -> dict[str, Any]:
    return {
        "id": "mine/one",
        "title": "One that is like any other",
        "rulebook": RULEBOOK,
        "decides": ["GUIDE-35"],
        "clauses": ["GUIDE-35", "READ-01"],
        "source": "derived",
        "wants": ["earnings", "payments"],
        "given": good_given(),
        "expect": {
            "tables": [
                {
                    "measure": "paid",
                    "where": {"uln": 1000000001, "source": ["levy", "transfer"]},
                    "amounts": {"2017-08..2018-07": 1000, "2018-08": "0.50"},
                    "to": "penny",
                    "complete": True,
                }
            ],
            "matches": [{"month": "2017-08", "agreement": "1", "errors": []}],
            "priority": {"rows": [{"employer": "employer-1", "agreements": ["1", "2"]}], "complete": True},
            "findings": [{"rule": "ACT-FIRST-DATE", "uln": 1000000001}],
        },
    }


TABLE = "expect", "tables", 0
DAMAGED_SCENARIOS: list[tuple[Path_, Document]] = [
    *(((name,), MISSING) for name in good_scenario()),
    (("given",), []),
    (("given", "holidays"), []),
    (("clauses",), []),
    (("decides",), ["GUIDE-35", "READ-01", "READ-02"]),
    (("wants",), ["everything"]),
    (("note",), "Something else."),
    (("expect", "payments"), []),
    ((*TABLE, "measure"), MISSING),
    ((*TABLE, "measure"), "received"),
    ((*TABLE, "where"), []),
    ((*TABLE, "amounts"), []),
    ((*TABLE, "amounts"), {"2017-13": 0}),
    ((*TABLE, "amounts"), {"2017-08..": 0}),
    ((*TABLE, "amounts"), {"2017-08...2017-09": 0}),
    ((*TABLE, "amounts"), {"2017-08": "nothing"}),
    ((*TABLE, "to"), "pound"),
    ((*TABLE, "complete"), 1),
    (("expect", "matches"), {"complete": True}),
    (("expect", "matches"), "none"),
    (("expect", "reject"), {"path": "given"}),
    (("expect", "reject"), {"code": "BAD-LUCK"}),
    (("expect",), {"reject": {"code": "BAD-SHAPE"}}),
]


@pytest.mark.parametrize(("path", "value"), DAMAGED_SCENARIOS, ids=case_name)
def test_schema_and_reader_agree_on_damaged_scenarios(path: Path_, value: Document) -> None:
    assert fits(good_scenario(), "scenario")
    document = damaged(good_scenario(), path, value)
    assert fits(document, "scenario") is not refuses(read_scenario, document, ScenarioError)


def refuses(read: Callable[[Any], Any], document: Document, error: type[Exception]) -> bool:
    try:
        read(document)
    except error:
        return True
    return False


def test_a_scenario_that_expects_a_reject_may_be_given_anything() -> None:
    document = {**good_scenario(), "given": {"submissions": 12, "holidays": []}}
    assert not fits(document, "scenario")
    assert fits({**document, "expect": {"reject": {"code": "BAD-SHAPE"}}}, "scenario")


# Answers and declarations


def good_answer() -> dict[str, Any]:
    """An answer in which every field of every row stands somewhere."""
    who = {"ukprn": 10000001, "uln": 1000000001, "learner": "A1", "aim": 1}
    episode = {**who, "price_episode": "2017-08-06", "contract_type": 1}
    amounts = {"amount": "-1000.00000"}
    paid = {"collection": "1718-R01", **episode, "employer": "employer-1", "sender": "employer-2"}
    columns = [
        *("opening", "refunded_in", "spent", "transferred_out", "levy", "top_up", "adjustment", "expired", "closing"),
    ]
    return {
        "earnings": [{**episode, "type": "on_programme", "month": "2017-08", **amounts, "x_note": {"mine": 1}}],
        "payments": [
            {**paid, "type": "completion", "month": "2017-08", "source": "transfer", **amounts},
            {
                "collection": "1718-R02",
                "ukprn": 10000001,
                "type": "provider_claim",
                "claim": "excess",
                "source": "government",
                "amount": "0.5",
            },
        ],
        "levy_accounts": [{"employer": "employer-1", "month": "2017-09", **dict.fromkeys(columns, "80.00000")}],
        "priority": [{"employer": "employer-1", "collection": "1718-R01", "agreements": ["1", "3", "2"]}],
        "matches": [
            {**who, "price_episode": "2017-08-06", "month": "2017-08", "agreement": "1", "errors": []},
            {"ukprn": 10000001, "uln": 1000000001, "type": "completion", "month": "2017-08", "errors": ["DLOCK_07"]},
        ],
        "findings": [{**who, "rule": "ACT-FIRST-DATE", "path": "LearningDelivery[0]"}],
        "x_took": 3,
    }


EARNING, PAYMENT, ACCOUNT = ("earnings", 0), ("payments", 0), ("levy_accounts", 0)
ORDER, MATCH, FINDING = ("priority", 0), ("matches", 0), ("findings", 0)
DAMAGED_ANSWERS: list[tuple[Path_, Document]] = [
    *(((*EARNING, name), MISSING) for name in good_answer()["earnings"][0]),
    *(((*PAYMENT, name), MISSING) for name in good_answer()["payments"][0]),
    *(((*ACCOUNT, name), MISSING) for name in ("employer", "month", "opening", "closing")),
    *(((*ORDER, name), MISSING) for name in good_answer()["priority"][0]),
    *(((*MATCH, name), MISSING) for name in good_answer()["matches"][0]),
    *(((*FINDING, name), MISSING) for name in good_answer()["findings"][0]),
    ((*EARNING, "note"), "mine"),
    ((*PAYMENT, "course"), "std-50"),
    ((*ACCOUNT, "balance"), "1.0"),
    ((*MATCH, "employer"), "employer-1"),
    (("profits",), []),
    (("earnings",), {}),
    (("earnings",), [[]]),
    ((*EARNING, "ukprn"), "10000001"),
    ((*EARNING, "uln"), True),
    ((*EARNING, "aim"), Decimal("1.5")),
    ((*EARNING, "aim"), None),
    ((*EARNING, "learner"), 1),
    ((*EARNING, "type"), "holiday"),
    ((*EARNING, "type"), "provider_claim"),
    ((*PAYMENT, "type"), "provider_claim"),
    ((*PAYMENT, "source"), "employer"),
    ((*PAYMENT, "employer"), 7),
    ((*PAYMENT, "sender"), None),
    ((*PAYMENT, "collection"), 1),
    ((*EARNING, "price_episode"), 20170806),
    ((*EARNING, "month"), "2017-13"),
    ((*EARNING, "month"), "2017-8"),
    ((*EARNING, "month"), "2017-08-01"),
    ((*EARNING, "month"), 201708),
    ((*EARNING, "amount"), 1000),
    ((*EARNING, "amount"), Decimal("1000.5")),
    ((*EARNING, "amount"), "1000"),
    ((*EARNING, "amount"), "1000."),
    ((*EARNING, "amount"), ".5"),
    ((*EARNING, "amount"), "1,000.00"),
    ((*EARNING, "amount"), "1000.000001"),
    ((*EARNING, "amount"), "+1.0"),
    ((*EARNING, "amount"), "1e3"),
    ((*ACCOUNT, "spent"), 0),
    ((*ACCOUNT, "adjustment"), "-5.00"),
    ((*ORDER, "agreements"), "1"),
    ((*ORDER, "agreements"), [1]),
    ((*MATCH, "errors"), "none"),
    ((*MATCH, "agreement"), None),
    ((*FINDING, "rule"), 1),
]


def test_the_answer_to_damage_is_good() -> None:
    assert misfits(good_answer(), "answer") == []
    assert read_reply({"id": "1", "ok": good_answer()}, WANTS)[0] is Outcome.OK


@pytest.mark.parametrize(("path", "value"), DAMAGED_ANSWERS, ids=case_name)
def test_schema_and_reader_agree_on_damaged_answers(path: Path_, value: Document) -> None:
    content = damaged(good_answer(), path, value)
    outcome, _, _ = read_reply({"id": "1", "ok": content}, WANTS)
    assert fits(content, "answer") is (outcome is Outcome.OK)


@pytest.mark.parametrize(
    "reply",
    [
        {"reject": {"code": "NO-PRICE", "path": "given", "message": "There is none."}},
        {"reject": {"code": "NO-PRICE"}},
        {"reject": {"code": "NO-MONEY"}},
        {"reject": {"path": "given"}},
        {"reject": {"code": "NO-PRICE", "why": "?"}},
        {"reject": {"code": "NO-PRICE", "x_why": "?"}},
        {"reject": "NO-PRICE"},
        {"unsupported": {"wants": ["matches"]}},
        {"unsupported": []},
        {"error": {"message": "It broke."}},
        {"error": "It broke."},
        {"error": {}, "reject": {"code": "NO-PRICE"}},
        {"answer": {}},
        {"x_more": 1, "error": {}},
        {"more": 1, "error": {}},
        {},
    ],
)
def test_schema_and_reader_agree_on_replies_without_an_answer(reply: dict[str, Any]) -> None:
    message = {"id": "1", **reply}
    outcome, _, _ = read_reply(message, ("earnings",))
    assert fits(message, "protocol") is (outcome is not Outcome.FAULT)


GOOD_DECLARATION = {
    "protocol": 1,
    "implementation": {"name": "Acme MIS", "vendor": "Acme", "version": "8.2.1", "language": "csharp", "x_build": 7},
    "rulebooks": [RULEBOOK],
    "wants": ["earnings", "payments"],
    "choices": {"negative_adjustment": "against_earliest"},
    "omits": ["price_episode", "aim", "first_employer_incentive+second_employer_incentive"],
    "window": 64,
    "working": False,
    "x_colour": "blue",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(((name,), MISSING) for name in GOOD_DECLARATION),
        (("protocol",), 2),
        (("protocol",), "1"),
        (("implementation", "name"), MISSING),
        (("implementation",), "Acme MIS"),
        (("rulebooks",), RULEBOOK),
        (("wants",), ["everything"]),
        (("wants",), "earnings"),
        (("choices",), []),
        (("omits",), ["month"]),
        (("omits",), ["completion+"]),
        (("omits",), ["completion"]),
        (("omits",), ["aim+completion"]),
        (("window",), 0),
        (("window",), 4096),
        (("window",), 4097),
        (("window",), True),
        (("working",), "yes"),
        (("colour",), "blue"),
    ],
    ids=case_name,
)
def test_schema_and_reader_agree_on_damaged_declarations(path: Path_, value: Document) -> None:
    assert fits(GOOD_DECLARATION, "protocol", "declaration")
    content = damaged(GOOD_DECLARATION, path, value)
    assert fits(content, "protocol", "declaration") is not refuses(read_declaration, content, ProtocolFault)

"""The reports of one small run: nothing in them acts, loads, gets lost or runs over the edge."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

import pytest
from funding_conformance.reports.differences import grouped, in_all, printable
from funding_conformance.reports.html import html_report, shown_working
from funding_conformance.reports.junit import junit_report
from funding_conformance.reports.terminal import WIDTH, terminal_report
from funding_spec.register import Register
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree

from tests.conformance.markup import elements, is_nowhere, page_of, texts, words
from tests.conformance.small_run import (
    FAILED,
    HOSTILE,
    PASSED,
    REGISTER,
    RUN,
    case,
    difference,
    month_of_working,
    run_file,
)

ELEMENTS_WITHOUT_END = {"meta", "br", "input"}


@pytest.fixture(scope="module")
def page() -> str:
    return html_report(RUN, REGISTER)


@pytest.fixture(scope="module")
def document(page: str) -> etree._Element:
    return page_of(page)


class Balanced(HTMLParser):
    """Fails where an element is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS_WITHOUT_END:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


def test_every_element_of_the_page_is_closed_where_it_should_be(page: str) -> None:
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []


def test_ids_are_unique_and_every_link_leads_somewhere_on_the_page(document: etree._Element) -> None:
    ids = texts(document, "//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in texts(document, "//@href")} <= set(ids)


def test_the_page_loads_nothing(page: str, document: etree._Element) -> None:
    assert is_nowhere(document, "//@src | //@srcset | //@data | //@action | //link | //iframe | //object | //img")
    assert all(link.startswith("#") for link in texts(document, "//@href"))
    [style] = texts(document, "//style/text()")
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in texts(document, "//meta[@http-equiv='Content-Security-Policy']/@content")[0]


def test_what_others_wrote_is_shown_and_does_not_act(page: str, document: etree._Element) -> None:
    [script] = elements(document, "//script")
    assert "alert" not in words(script)
    assert '<script>alert("1")' in words(elements(document, "//h1")[0])
    assert not set(page) & set("\x00\x1b\u202e\ud800")
    page.encode()


def test_headings_and_tables_can_be_followed_by_ear(document: etree._Element) -> None:
    levels = [int(heading.tag[1]) for heading in elements(document, "//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    assert document.get("lang") == "en-GB"
    assert len(elements(document, "//main | //nav | //header | //footer")) == 4
    assert is_nowhere(document, "//table[not(caption)] | //th[not(@scope)]")


def test_what_did_not_pass_comes_before_what_passed(page: str, document: etree._Element) -> None:
    assert texts(document, "//article/@id") == [
        "case-guide/instalments/failing",
        "case-guide/instalments/crashing",
    ]
    assert page.index("guide/instalments/crashing") < page.index("guide/instalments/passing")
    assert page.index("guide/instalments/passing") < page.index("access/roles/not-asked")


def test_a_failure_says_everything_needed_to_find_the_cause(document: etree._Element) -> None:
    text = words(elements(document, "//article")[0])
    for part in (
        "2017-12 to 2018-02",
        "£125.00001 over",
        "£500.00 under",
        "The instalments are equal.",
        "1625/3 = 541.66667 (3 times)",
        "funding-kit run --implementation 'dotnet run '\"'\"'$(reboot)'\"'\"''",
        "--only guide/instalments/failing",
    ):
        assert part in text


def test_what_did_not_pass_is_drawn_with_what_was_answered() -> None:
    aim = {"AimType": 1, "LearnStartDate": "2017-12-01", "LearnPlanEndDate": "2018-12-01", "StdCode": HOSTILE}
    learners = [{"ULN": 1000000001, "LearningDelivery": [aim]}]
    given = {"submissions": [{"collection": "1718-R05", "ukprn": 10000001, "learners": learners}]}
    rows = [{"uln": 1000000001, "type": "on_programme", "month": "2017-12", "amount": "541.66667"}]
    drawn = {"question": {"given": given}, "answer": {"ok": {"earnings": rows}}}
    again = {**FAILED, **drawn, "case": "guide/instalments/failing-again"}
    page = html_report(run_file({**FAILED, **drawn}, again), REGISTER)
    document = page_of(page)
    pictures = elements(document, "//article//svg[@role='img']")
    assert [len(elements(picture, ".//*[@class='differs']")) for picture in pictures] == [6, 6]
    assert "Earned in all £541.67" in words(pictures[0])
    ids = texts(document, "//@id")
    assert len(ids) == len(set(ids))
    assert len(elements(document, "//style | //script")) == 2
    assert is_nowhere(document, "//*[@style]")


def test_what_was_found_against_a_property_is_replayed_from_its_file() -> None:
    found = {"id": "property/counterexample-band-cap", "rulebook": "2017-08", "given": {}}
    page = html_report(run_file(case("property/band-cap", "fail", kind="property", question=found)), REGISTER)
    assert "--scenarios counterexamples --only property/counterexample-band-cap" in page


def test_the_page_is_the_same_each_time(page: str) -> None:
    assert html_report(RUN, REGISTER) == page


def test_a_run_in_which_everything_passed_says_so() -> None:
    page = html_report(run_file(PASSED, verdict="conformant"), Register([]))
    assert "Every case that was asked passed." in page
    assert "<article" not in page
    assert "Not applicable</h2>" not in page


def test_only_months_that_follow_each_other_are_put_together() -> None:
    groups = grouped(FAILED["difference"])
    assert [group.when for group in groups] == ["2017-12 to 2018-02", "2018-04", "2018-05", "2018-05"]
    assert in_all(groups) == "over by £166.66668 and under by £500.00 in all"


def test_collections_follow_each_other_too() -> None:
    groups = grouped([difference("1617-R14"), difference("1718-R01"), difference("1718-R03")])
    assert [group.when for group in groups] == ["1617-R14 to 1718-R01", "1718-R03"]


def test_a_working_keeps_steps_apart_that_come_out_differently() -> None:
    other = {**month_of_working("2018-03"), "result": "0", "rounded": "0.00000"}
    steps = shown_working([*FAILED["working"], other])
    assert [(step.times, step.result, step.rounded) for step in steps] == [(3, "1625/3", "541.66667"), (1, "0", "")]
    assert steps[0].inputs == (("plan", "plan of aim 1"), ("month", "2017-12 to 2018-02"))


def test_the_junit_report_counts_failures_errors_and_skipped() -> None:
    report = JUnitXml.fromstring(junit_report(RUN))
    examples, properties, verdicts = list(report)
    assert sum(suite.failures for suite in (examples, properties)) == 1
    assert sum(suite.errors for suite in (examples, properties)) == 1
    assert sum(suite.skipped for suite in (examples, properties)) == 1
    assert (examples.name, examples.tests, properties.name, properties.tests) == ("example", 3, "property", 1)
    kinds = {test.name: [type(result) for result in test.result] for suite in (examples, properties) for test in suite}
    assert {test.name: [type(result) for result in test.result] for test in verdicts} == {
        **{judged["profile"]: [Failure] for judged in RUN.footer["profiles"] if judged["verdict"] == "not conformant"},
        **{judged["profile"]: [Error] for judged in RUN.footer["profiles"] if judged["verdict"] == "inconclusive"},
        "run": [Failure],
    }
    assert kinds == {
        "guide/instalments/passing": [],
        "guide/instalments/failing": [Failure],
        "guide/instalments/crashing": [Error],
        "access/roles/not-asked": [Skipped],
    }
    [failing] = [test for test in examples if test.name == "guide/instalments/failing"]
    assert (failing.classname, failing.time) == ("guide.instalments", 0.0125)
    assert "2017-12 to 2018-02: expected £500.00 a month, got £541.66667 a month" in failing.result[0].text
    facts = {fact.name: fact.value for fact in examples.properties()}  # type: ignore[no-untyped-call]
    assert facts == {
        "implementation": f"{printable(f'Acme {HOSTILE}')} 8.2.1",
        "rulebook": "2017-08",
        "verdict": "not conformant",
        "digest": "sha256:5678",
    }


@pytest.mark.parametrize(
    ("verdict", "result"),
    [
        ("conformant", []),
        ("not conformant, but no new failures", []),
        ("inconclusive", [Error]),
        ("adapter unusable", [Error]),
    ],
)
def test_a_build_server_sees_a_run_that_is_not_conformant_as_such(verdict: str, result: list[type]) -> None:
    passing = [one for one in RUN.cases if one["verdict"] == "pass"]
    run = run_file(*passing, verdict=verdict)
    tests = {test.name: test for suite in JUnitXml.fromstring(junit_report(run)) for test in suite}
    assert [type(found) for found in tests["run"].result] == result
    assert [type(found) for found in tests["earnings"].result] == result


def test_the_terminal_report_keeps_to_its_width_and_to_plain_text() -> None:
    every = ("rejected-wrongly", "timeout", "fault", "missing", "kit-error")
    lines = list(terminal_report(run_file(*RUN.cases, *(case(f"guide/{each}", each) for each in every))))
    assert max(map(len, lines)) <= WIDTH == 80
    assert not set("".join(lines)) & set("\x00\x1b\u202e\ud800\r\n")
    assert "guide/instalments/failing  GUIDE-35" in lines
    assert lines[-1] == "Verdict: not conformant"

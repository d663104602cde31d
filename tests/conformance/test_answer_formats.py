"""The forms in which ``funding-kit answer`` prints: FM36 and Apps Indicative Earnings beside table and JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from funding_conformance.cli import main
from funding_conformance.formats.fm36 import earnings_of_fm36
from funding_conformance.formats.indicative import earnings_of_indicative
from funding_spec.documents import load_file

from tests.conformance.earned import in_order
from tests.conformance.views import cells, two_providers

PERSONAL = ("Doe", "AB1 2CD", "1992-07-03", "03/07/1992", "1000000001")


@pytest.fixture
def scenario(examples: Path, tmp_path: Path) -> str:
    """A worked example whose apprentice has a name."""
    text = (examples / "guide" / "annex-1" / "employer-c-instalments.yaml").read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(
        text.replace("          ULN:", "          FamilyName: Doe\n          PostcodePrior: AB1 2CD\n          ULN:")
    )
    return str(file)


@pytest.fixture
def returned(shared: Path, examples: Path) -> list[str]:
    """An ILR file and the facts beside it."""
    file = shared / "official-samples" / "1819-fm36-100learners-204aims.xml"
    return [str(file), "--given", str(examples.parent / "ilr" / "assumed-courses-1819.yaml")]


def answer(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["answer", *arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def test_json_is_the_same_under_either_option(scenario: str) -> None:
    assert answer(scenario, "--json").output == answer(scenario, "--format", "json").output
    assert answer(scenario, "--json").output == answer(scenario, "--json", "--format", "json").output
    assert answer(scenario).output == answer(scenario, "--format", "table").output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--json", "--format", "fm36"], "--json is the same as --format json"),
        (["--json", "--format", "table"], "--json is the same as --format json"),
        (["--working", "--format", "indicative"], "--working goes with table and json"),
        (["--format", "xml"], "'xml' is not one of"),
    ],
)
def test_options_that_contradict_each_other_are_refused(scenario: str, options: list[str], words: str) -> None:
    result = answer(scenario, *options)
    assert (result.exit_code, words in result.stderr, result.stdout) == (2, True, "")


def test_a_scenario_is_printed_as_fm36_and_as_reports(scenario: str) -> None:
    Path(scenario).write_text(Path(scenario).read_text().replace("wants: [payments]", "wants: [earnings]"))
    rows = json.loads(answer(scenario, "--json").output)["earnings"]
    assert in_order(earnings_of_fm36(answer(scenario, "--format", "fm36").output)) == in_order(rows)
    read, _ = earnings_of_indicative(answer(scenario, "--format", "indicative").output, 10000001, "1718")
    without_episode = [{name: value for name, value in each.items() if name != "price_episode"} for each in rows]
    assert in_order(read) == in_order(without_episode)


def test_reports_of_several_years_stand_under_their_names(scenario: str) -> None:
    Path(scenario).write_text(Path(scenario).read_text().replace("through: 1718-R12", "through: 1819-R12"))
    printed = answer(scenario, "--format", "indicative").output
    assert [line for line in printed.splitlines() if line.startswith("==>")] == [
        "==> 10000001-1718-apps-indicative-earnings.csv <==",
        "==> 10000001-1819-apps-indicative-earnings.csv <==",
    ]
    assert len(json.loads(answer(scenario, "--format", "fm36").output)) == 2


@pytest.mark.parametrize("form", ["fm36", "indicative"])
def test_masked_documents_hold_nothing_personal(scenario: str, form: str) -> None:
    plain, masked = answer(scenario, "--format", form).output, answer(scenario, "--format", form, "--mask").output
    assert "1000000001" in plain
    assert ("Doe" in plain) is (form == "indicative")
    assert not [text for text in PERSONAL if text in masked]
    assert "9000000001" in masked


def test_an_ilr_file_is_printed_as_one_document_of_its_year(returned: list[str]) -> None:
    result = answer(*returned, "--format", "fm36")
    read = earnings_of_fm36(result.stdout)
    assert json.loads(result.stdout)["Year"] == "1819"
    lines = [json.loads(line) for line in answer(*returned, "--json").stdout.splitlines()]
    rows = [each for line in lines for each in line.get("earnings", ()) if "2018-08" <= each["month"] <= "2019-07"]
    assert rows
    assert in_order(read) == in_order(rows)
    refused = sum("not_answered" in line for line in lines)
    assert (result.stderr.count("not answered."), result.exit_code) == (refused, int(refused > 0))


def test_an_ilr_file_is_masked_unless_asked_otherwise(returned: list[str]) -> None:
    masked = answer(*returned, "--format", "indicative").stdout
    assert masked == answer(*returned, "--format", "indicative", "--mask").stdout
    read, _ = earnings_of_indicative(masked, 1, "1819")
    assert {str(each["uln"])[:4] for each in read} == {"9000"}
    plain = answer(*returned, "--format", "indicative", "--no-mask").stdout
    learners = ElementTree.parse(returned[0]).getroot().findall("{*}Learner")
    known = {learner.findtext("{*}ULN") for learner in learners}
    read, _ = earnings_of_indicative(plain, 1, "1819")
    assert {str(each["uln"]) for each in read} <= known
    assert answer(*returned, "--json").stdout != answer(*returned, "--json", "--no-mask").stdout


@pytest.mark.parametrize("options", [(), ("--json",), ("--working",), ("--format", "fm36"), ("--format", "indicative")])
@pytest.mark.parametrize(
    ("element", "wrong"),
    [
        ("ULN", "<ULN>1061486477x</ULN>"),
        ("DateOfBirth", "<DateOfBirth>1987-13-45</DateOfBirth>"),
        ("LearnRefNumber", "<LearnRefNumber>SMITH1</LearnRefNumber><LearnRefNumber>SMITH2</LearnRefNumber>"),
    ],
)
def test_a_learner_who_cannot_be_answered_is_masked_too(
    returned: list[str], tmp_path: Path, element: str, wrong: str, options: tuple[str, ...]
) -> None:
    text = Path(returned[0]).read_text(encoding="utf-8")
    file = tmp_path / "RETURN.xml"
    file.write_text(re.sub(f"<{element}>[^<]*</{element}>", wrong, text, count=1), encoding="utf-8")
    masked = answer(str(file), *returned[1:], *options).output
    assert not [each for each in ("1061486477", "1987-13-45", "SMITH") if each in masked]
    assert f"[{element}]" in masked or f'"path": "{element}"' in masked


def test_a_scenario_that_cannot_be_read_is_masked_too(scenario: str) -> None:
    text = re.sub("DateOfBirth: .*", "DateOfBirth: 1987-13-45", Path(scenario).read_text(encoding="utf-8"))
    Path(scenario).write_text(text, encoding="utf-8")
    assert "1987-13-45 is not a date" in answer(scenario).output
    masked = answer(scenario, "--mask").output
    assert "DateOfBirth\n  BAD-DATE" in masked
    assert "1987-13-45" not in masked


# Payments


VIEWS = ("monthly-payments", "co-investment", "data-match", "invoices", "statement")


@pytest.fixture
def payments(tmp_path: Path) -> str:
    """A scenario with two providers, two years and a levy account."""
    file = tmp_path / "payments.json"
    file.write_text(json.dumps({"id": "mine", "title": "Two <providers>", "given": two_providers()}))
    return str(file)


def test_a_scenario_of_the_documentation_is_answered_in_every_form() -> None:
    file = Path(__file__).resolve().parents[2] / "docs" / "two-providers.yaml"
    assert load_file(file)["wants"] == ["payments", "levy_accounts"]
    for form in VIEWS:
        result = answer(str(file), "--format", form)
        assert (result.exit_code, result.stderr) == (0, ""), result.stderr


def test_every_kind_of_rows_is_printed_as_a_table(payments: str) -> None:
    printed = answer(payments).output
    for heading in ("Earnings", "Payments", "Levy accounts", "Priority", "Matches", "Findings: none"):
        assert f"\n{heading}\n" in printed
    assert max(map(len, printed.splitlines())) <= 80
    assert printed.count("  opening  ") < printed.count("  closing  ")


@pytest.mark.parametrize("form", VIEWS[:3])
def test_each_provider_has_a_report_of_the_year_that_is_asked_for(payments: str, form: str) -> None:
    printed = answer(payments, "--format", form, "--year", "1718").output
    names = [line for line in printed.splitlines() if line.startswith("==>")]
    assert [name.split("-")[:2] for name in names] == [["==> 10000001", "1718"], ["==> 10000002", "1718"]]
    latest = answer(payments, "--format", form).output
    assert latest.count("-1920-") == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "invoices", "--year", "1718"], "--year goes with monthly-payments"),
        (["--format", "co-investment", "--year", "1719"], "A funding year is written like 1718"),
        (["--format", "co-investment", "--employer", "bakery"], "--employer goes with statement"),
        (["--format", "statement", "--employer", "shop"], "There is no employer shop. The employers are: bakery."),
        (["--format", "statement", "--working"], "statement has no place for the working"),
        (["--output", "x"], "--output goes with monthly-payments"),
        (["--format", "invoices", "--output", "payments.json"], "This is the scenario itself"),
    ],
)
def test_options_that_do_not_go_with_a_form_are_refused(
    payments: str, options: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(payments).parent)
    result = answer(payments, *options)
    assert (result.exit_code, words in result.stderr, result.stdout) == (2, True, "")


def test_of_several_employers_one_must_be_named(payments: str) -> None:
    document = json.loads(Path(payments).read_text())
    shop = {"id": "shop", "levy_payer": False, "levy_funds": "none"}
    document["given"]["employers"].append(shop)
    Path(payments).write_text(json.dumps(document))
    result = answer(payments, "--format", "statement")
    assert (result.exit_code, "The employers are: bakery, shop." in result.stderr) == (
        2,
        True,
    )
    assert "<h1>shop</h1>" in answer(payments, "--format", "statement", "--employer", "shop").output
    document["given"]["employers"], document["given"]["agreements"] = [], []
    Path(payments).write_text(json.dumps(document))
    assert "The employers are: none." in answer(payments, "--format", "statement").stderr


@pytest.mark.parametrize("form", VIEWS)
def test_an_ilr_file_alone_has_no_payments(tmp_path: Path, form: str) -> None:
    file = tmp_path / "mine.xml"
    file.write_text("<Message/>")
    result = answer(str(file), "--format", form)
    assert (result.exit_code, "an ILR file holds earnings alone" in result.stderr) == (2, True)


def test_one_document_goes_to_a_file_and_several_to_a_folder(payments: str, tmp_path: Path) -> None:
    page, folder = tmp_path / "new" / "page.html", tmp_path / "reports"
    assert answer(payments, "--format", "statement", "--output", str(page)).output == f"Written: {page}\n"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert answer(payments, "--format", "monthly-payments", "--output", str(folder)).exit_code == 0
    names = [f"1000000{number}-1920-apps-monthly-payment.csv" for number in (1, 2)]
    assert sorted(file.name for file in folder.iterdir()) == names
    document = json.loads(Path(payments).read_text())
    document["given"]["submissions"] = document["given"]["submissions"][:1]
    Path(payments).write_text(json.dumps(document))
    one = tmp_path / "one.csv"
    answer(payments, "--format", "monthly-payments", "--year", "1718", "--output", str(one))
    assert len(cells(one.read_text(encoding="utf-8"))) == 1
    both = answer(payments, payments, "--format", "invoices", "--output", str(one))
    assert (both.exit_code, "one file at a time" in both.stderr) == (2, True)
    answer(payments, "--format", "data-match", "--output", str(folder))
    assert (folder / "10000001-1920-apprenticeship-data-match.csv").is_file()


def test_it_is_said_when_there_is_no_provider_to_report_on(payments: str, tmp_path: Path) -> None:
    document = json.loads(Path(payments).read_text())
    document["given"] = {**document["given"], "submissions": [], "through": "1718-R01"}
    Path(payments).write_text(json.dumps(document))
    for form in ("monthly-payments", "co-investment", "data-match"):
        result = answer(payments, "--format", form, "--output", str(tmp_path / "none"))
        assert (result.exit_code, result.stdout) == (0, "")
        assert "No provider returned or was paid anything in that year" in result.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("form", VIEWS)
def test_masked_views_hold_nothing_personal(payments: str, form: str) -> None:
    document = json.loads(Path(payments).read_text())
    person = document["given"]["submissions"][0]["learners"][0]
    person |= {"LearnRefNumber": "REF-1", "FamilyName": "Doe", "CampId": "CAMPUS", "PostcodePrior": "AB1 2CD"}
    person["ProviderSpecLearnerMonitoring"] = [{"ProvSpecLearnMonOccur": "A", "ProvSpecLearnMon": "Jane"}]
    document["given"]["agreements"][1]["price"] = 9000
    document["given"]["payments_made"] = [
        {
            "collection": "1718-R01",
            "ukprn": 10000001,
            "uln": 1000000001,
            "type": "on_programme",
            "month": "2017-08",
            "source": "employer_co_investment",
            "amount": "1.00",
        },
    ]
    Path(payments).write_text(json.dumps(document))
    options = ["--format", form, *(["--year", "1718"] if form in VIEWS[:3] else [])]
    plain, masked = answer(payments, *options).output, answer(payments, *options, "--mask").output
    known = ("REF-1", "Doe", "CAMPUS", "AB1 2CD", "Jane", "1000000001", "1000000019", "B7")
    assert [text for text in known if text in plain]
    assert not [text for text in known if text in masked]
    assert "900000000" in masked


def test_a_scenario_that_is_rejected_says_where(payments: str) -> None:
    text = Path(payments).read_text().replace('"month": "2018-01"', '"month": "2018-13"')
    Path(payments).write_text(text)
    result = answer(payments, "--format", "statement")
    assert (result.exit_code, "BAD-MONTH" in result.stderr) == (2, True)

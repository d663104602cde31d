"""FM36: what is written where, what is read from documents of others, and that nothing is lost between."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from funding_conformance.formats import FormatError
from funding_conformance.formats.fm36 import earnings_of_fm36, fm36_blocks, fm36_of, written_fm36
from funding_conformance.formats.lines import lines_of
from funding_conformance.rows import row_problem
from funding_spec.documents import parse_json
from hypothesis import given as for_all

from tests.conformance.earned import (
    ULN,
    contract,
    english,
    in_order,
    learner,
    price,
    programme,
    returned,
    returns_and_earnings,
    row,
)

OF_EPISODES = {
    "on_programme": "PriceEpisodeOnProgPayment",
    "completion": "PriceEpisodeCompletionPayment",
    "balancing": "PriceEpisodeBalancePayment",
    "first_employer_incentive": "PriceEpisodeFirstEmp1618Pay",
    "second_employer_incentive": "PriceEpisodeSecondEmp1618Pay",
    "first_provider_incentive": "PriceEpisodeFirstProv1618Pay",
    "second_provider_incentive": "PriceEpisodeSecondProv1618Pay",
    "framework_uplift_on_programme": "PriceEpisodeApplic1618FrameworkUpliftOnProgPayment",
    "framework_uplift_completion": "PriceEpisodeApplic1618FrameworkUpliftCompletionPayment",
    "framework_uplift_balancing": "PriceEpisodeApplic1618FrameworkUpliftBalancing",
    "first_disadvantage": "PriceEpisodeFirstDisadvantagePayment",
    "second_disadvantage": "PriceEpisodeSecondDisadvantagePayment",
    "learning_support": "PriceEpisodeLSFCash",
    "care_leaver_bursary": "PriceEpisodeLearnerAdditionalPayment",
}
OF_DELIVERIES = {
    "english_maths_on_programme": "MathEngOnProgPayment",
    "english_maths_balancing": "MathEngBalPayment",
    "learning_support": "LearnSuppFundCash",
}
ONE = returned(learner(programme(), english()))


def only_learner(given: dict[str, Any], *rows: dict[str, Any]) -> dict[str, Any]:
    [document] = fm36_of(given, rows)
    [found] = document["Learners"]
    assert isinstance(found, dict)
    return found


def only_episode(given: dict[str, Any], *rows: dict[str, Any]) -> dict[str, Any]:
    [found] = only_learner(given, *rows)["PriceEpisodes"]
    assert isinstance(found, dict)
    return found


def values(aim: dict[str, Any], *rows: dict[str, Any]) -> dict[str, Any]:
    found = only_episode(returned(learner(aim)), *(rows or (row(),)))["PriceEpisodeValues"]
    assert isinstance(found, dict)
    return found


def not_zero(periodised: list[dict[str, Any]]) -> dict[str, dict[str, Decimal]]:
    """By attribute the periods in which something stands."""
    found = {
        each["AttributeName"]: {name: each[name] for name in each if name != "AttributeName"} for each in periodised
    }
    return {
        name: {period: amount for period, amount in months.items() if amount}
        for name, months in found.items()
        if any(months.values())
    }


# Writing


@pytest.mark.parametrize(("type", "attribute"), OF_EPISODES.items())
def test_each_type_of_a_programme_stands_under_its_attribute(type: str, attribute: str) -> None:
    periodised = only_episode(ONE, row(type, "2018-07", "1142.85714"))["PriceEpisodePeriodisedValues"]
    assert not_zero(periodised) == {attribute: {"Period12": Decimal("1142.85714")}}
    assert {each["AttributeName"] for each in periodised} == set(OF_EPISODES.values())


@pytest.mark.parametrize(("type", "attribute"), OF_DELIVERIES.items())
def test_each_type_of_english_and_maths_stands_under_its_attribute(type: str, attribute: str) -> None:
    found = only_learner(ONE, row(type, "2017-09", "39.25000", aim=2))
    [delivery] = found["LearningDeliveries"]
    assert found["PriceEpisodes"] == []
    assert not_zero(delivery["LearningDeliveryPeriodisedValues"]) == {attribute: {"Period2": Decimal("39.25")}}
    assert delivery["AimSeqNumber"] == 2
    assert delivery["LearningDeliveryValues"]["LearnDelMathEng"] is True
    [contracts] = delivery["LearningDeliveryPeriodisedTextValues"]
    assert contracts["Period2"] == "Contract for services with the employer"
    assert contracts["Period1"] == "None"


def test_amounts_are_written_digit_by_digit() -> None:
    text = written_fm36(fm36_of(ONE, [row(amount="1142.85714"), row(month="2017-09", amount="123456789012345.00001")]))
    assert '"Period1": 1142.85714, "Period2": 123456789012345.00001, "Period3": 0.0,' in text
    assert parse_json(text)["Learners"][0]["ULN"] == ULN


def test_there_is_one_document_for_each_provider_and_year_with_earnings() -> None:
    given = returned(learner(programme()))
    given["submissions"] += returned(learner(programme()), ukprn=10000002)["submissions"]
    rows = [row(month="2018-08"), row(ukprn=10000002), row(), row(month="2019-08", amount="0.00000")]
    found = [(document["UKPRN"], document["Year"]) for document in fm36_of(given, rows)]
    assert found == [(10000001, "1718"), (10000001, "1819"), (10000002, "1718")]
    assert isinstance(json.loads(written_fm36(fm36_of(given, rows))), list)
    assert written_fm36(fm36_of(given, [])) == "[]\n"


def test_an_episode_from_an_earlier_year_is_cut_on_1_august() -> None:
    earlier, later = (only_episode(ONE, row(month=month)) for month in ("2018-07", "2018-08"))
    assert [each["PriceEpisodeIdentifier"] for each in (earlier, later)] == ["25-50-06/08/2017", "25-50-01/08/2018"]
    ends = [each["PriceEpisodeValues"]["PriceEpisodeActualEndDate"] for each in (earlier, later)]
    assert ends == ["2018-07-31T00:00:00", "2019-07-31T00:00:00"]
    assert later["PriceEpisodeValues"]["EpisodeStartDate"] == "2018-08-01T00:00:00"
    assert later["PriceEpisodeValues"]["EpisodeEffectiveTNPStartDate"] == "2017-08-06T00:00:00"


def test_a_framework_is_named_by_its_three_codes() -> None:
    codes: dict[str, Any] = {"ProgType": 2, "FworkCode": 403, "PwayCode": 1, "StdCode": None}
    found = only_episode(returned(learner(programme(**codes))), row())
    assert found["PriceEpisodeIdentifier"] == "2-403-1-06/08/2017"
    assert found["PriceEpisodeValues"]["PriceEpisodeUpperBandLimit"] == 9000


def test_what_is_known_of_an_episode_stands_with_it() -> None:
    ended: dict[str, Any] = {"LearnActEndDate": date(2018, 3, 5), "CompStatus": 2}
    assert values(programme(**ended)) == {
        "EpisodeStartDate": "2017-08-06T00:00:00",
        "TNP1": 12000,
        "TNP2": 3000,
        "TNP3": 0,
        "TNP4": 0,
        "PriceEpisodeUpperBandLimit": 15000,
        "PriceEpisodePlannedEndDate": "2018-12-19T00:00:00",
        "PriceEpisodeActualEndDate": "2018-03-05T00:00:00",
        "PriceEpisodeTotalTNPPrice": 15000,
        "PriceEpisodeCompleted": True,
        "PriceEpisodeAimSeqNumber": 1,
        "EpisodeEffectiveTNPStartDate": "2017-08-06T00:00:00",
        "PriceEpisodeContractType": "Contract for services with the employer",
    }


@pytest.mark.parametrize(
    ("records", "in_force"),
    [
        ([price(1, date(2017, 8, 6), 9000)], [9000, 0, 0, 0]),
        ([price(1, date(2017, 8, 6), 9000), price(1, date(2017, 11, 1), 8000)], [8000, 0, 0, 0]),
        ([price(1, date(2017, 8, 6), 9000), price(2, date(2017, 11, 1), 500)], [9000, 500, 0, 0]),
        ([price(1, date(2017, 8, 6), 9000), price(1, date(2017, 8, 6), 8000)], [8000, 0, 0, 0]),
        ([price(1, date(2017, 8, 6), 9000), price(1, date(2017, 11, 2), 8000)], [9000, 0, 0, 0]),
        ([price(1, date(2017, 8, 6), 9000), price(3, date(2017, 11, 1), 5625)], [0, 0, 5625, 0]),
        ([price(3, date(2017, 8, 6), 9000), price(1, date(2017, 11, 1), 5625)], [0, 0, 9000, 0]),
        ([price(1, date(2017, 8, 6), 9000), price(1, date(2017, 8, 6), 1, "PMR")], [9000, 0, 0, 0]),
        ([price(1, date(2017, 12, 1), 9000)], [9000, 0, 0, 0]),
    ],
)
def test_the_prices_are_those_in_force_when_the_episode_began(
    records: list[dict[str, Any]], in_force: list[int]
) -> None:
    found = values(programme(AppFinRecord=records), row(month="2017-11", price_episode="2017-11-01"))
    assert [found[f"TNP{code}"] for code in range(1, 5)] == in_force
    assert found["PriceEpisodeTotalTNPPrice"] == sum(in_force)


@pytest.mark.parametrize(
    ("more", "end"),
    [
        ({"AppFinRecord": [price(1, date(2017, 8, 6), 9000), price(1, date(2017, 11, 1), 8000)]}, "2017-10-31"),
        ({"LearningDeliveryFAM": [contract(1, date(2017, 8, 6)), contract(2, date(2018, 1, 1))]}, "2017-12-31"),
        ({"AppFinRecord": [price(1, date(2017, 8, 6), 9000), price(1, date(2017, 8, 1), 8000)]}, "2018-07-31"),
        ({"LearnActEndDate": "2017-08-06", "CompStatus": 3}, "2017-08-06"),
    ],
)
def test_an_episode_ends_before_the_next_price_or_contract(more: dict[str, Any], end: str) -> None:
    found = values(programme(**more))
    assert found["PriceEpisodeActualEndDate"] == f"{end}T00:00:00"
    assert found["PriceEpisodeCompleted"] is False


def test_a_price_after_the_completion_counts_on_the_last_day() -> None:
    records = [price(1, date(2017, 8, 6), 9000), price(1, date(2018, 3, 1), 8000)]
    aim = programme(LearnActEndDate="2018-02-01", CompStatus=2, AppFinRecord=records)
    found = values(aim, row("completion", month="2018-02", price_episode="2018-02-01"))
    assert (found["TNP1"], found["PriceEpisodeActualEndDate"]) == (8000, "2018-02-01T00:00:00")
    assert found["EpisodeEffectiveTNPStartDate"] == "2018-02-01T00:00:00"
    assert values({**aim, "CompStatus": 3})["TNP1"] == 9000


def test_a_contract_cuts_an_episode_whose_price_goes_on() -> None:
    aim = programme(LearningDeliveryFAM=[contract(1, date(2017, 8, 6)), contract(2, date(2018, 1, 1))])
    rows = [row(), row(month="2018-01", contract_type=2), row(month="2018-08", contract_type=2)]
    documents = fm36_of(returned(learner(aim)), rows)
    found = [episode for document in documents for episode in document["Learners"][0]["PriceEpisodes"]]
    assert [each["PriceEpisodeIdentifier"][-10:] for each in found] == ["06/08/2017", "01/01/2018", "01/08/2018"]
    assert [each["PriceEpisodeValues"]["PriceEpisodeActualEndDate"][:10] for each in found] == [
        "2017-12-31",
        "2018-07-31",
        "2019-07-31",
    ]
    assert in_order(earnings_of_fm36(documents)) == in_order(rows)


def test_a_price_that_is_not_known_is_left_out() -> None:
    found = values(programme(AppFinRecord=[]))
    assert not {"TNP1", "PriceEpisodeTotalTNPPrice", "EpisodeEffectiveTNPStartDate"} & set(found)


def test_each_year_shows_what_was_last_returned_for_it() -> None:
    given = returned(learner(programme(CompStatus=1)))
    for collection, end in {"1718-R14": "2019-01-01", "1819-R02": "2019-02-02", "1920-R01": "2019-03-03"}.items():
        again = returned(learner(programme(LearnPlanEndDate=end)), collection=collection)
        given["submissions"] += again["submissions"]
    rows = [row(month=month) for month in ("2018-01", "2018-08", "2019-08", "2020-08")]
    documents = fm36_of({**given, "through": "1819-R12"}, rows)
    ends = [document["Learners"][0]["PriceEpisodes"][0]["PriceEpisodeValues"] for document in documents]
    assert [each["PriceEpisodePlannedEndDate"][:10] for each in ends] == ["2019-01-01", *["2019-02-02"] * 3]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"aim": 7}, "earnings[0]\n  No return of 10000001 has an aim 7 of learner A1."),
        ({"learner": "A2"}, "No return of 10000001 has an aim 1 of learner A2."),
        ({"ukprn": 10000002}, "No return of 10000002"),
        ({"type": "english_maths_balancing"}, "Aim 1 is a programme aim; english_maths_balancing is none"),
        ({"type": "completion", "aim": 2}, "Aim 2 is no programme aim; completion is none"),
        ({"amount": 3}, "earnings[0].amount\n  3 is not an amount"),
    ],
)
def test_rows_that_do_not_fit_the_return_are_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(FormatError) as raised:
        fm36_of(ONE, [{**row(), **more}])
    assert words in str(raised.value)


def test_a_row_without_a_learner_reference_is_known_by_its_uln() -> None:
    unnamed = {name: value for name, value in row().items() if name != "learner"}
    assert only_learner(ONE, unnamed)["LearnRefNumber"] == "A1"


def test_one_aim_under_two_contracts_in_a_month_cannot_be_written() -> None:
    rows = [row("english_maths_on_programme"), row("learning_support", aim=2, contract_type=2)]
    rows[1].pop("price_episode", None)
    with pytest.raises(FormatError, match="two contract types in 2017-08"):
        fm36_of(ONE, rows)


# There and back


@for_all(returns_and_earnings())
def test_what_is_written_is_read_again(case: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    given, rows = case
    assert in_order(earnings_of_fm36(written_fm36(fm36_of(given, rows)))) == in_order(rows)


@for_all(returns_and_earnings())
def test_a_document_written_learner_by_learner_is_the_same(case: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    given, rows = case
    for document in fm36_of(given, rows):
        ukprn, year = document["UKPRN"], 2000 + int(document["Year"][:2])
        lines = (line for line in lines_of(given, rows) if (line.ukprn, line.funding_year) == (ukprn, year))
        assert parse_json("".join(fm36_blocks(ukprn, year, lines))) == parse_json(written_fm36([document]))


def test_a_document_without_learners_is_still_one() -> None:
    text = "".join(fm36_blocks(10000001, 2017, []))
    assert json.loads(text) == {"UKPRN": 10000001, "Year": "1718", "Learners": []}


# Reading


def document(**episode: Any) -> dict[str, Any]:
    """A document that someone else wrote, with £1,000 in September."""
    on_programme = {"AttributeName": "PriceEpisodeOnProgPayment", "Period2": Decimal("1000.0")}
    made = {
        "PriceEpisodeIdentifier": "25-50-06/08/2017",
        "PriceEpisodeValues": {"EpisodeStartDate": "2017-08-06T00:00:00+00:00", "PriceEpisodeAimSeqNumber": 1},
        "PriceEpisodePeriodisedValues": [on_programme],
        **episode,
    }
    return {
        "UKPRN": "10000001",
        "Year": "1718",
        "Learners": [{"LearnRefNumber": "A1", "ULN": 5, "PriceEpisodes": [made]}],
    }


def test_numbers_may_be_missing_null_or_longer_than_five_decimals() -> None:
    found = {
        "AttributeName": "PriceEpisodeLSFCash",
        "Period1": None,
        "Period2": 150,
        "Period3": Decimal("307.692307692308"),
    }
    ignored = {"AttributeName": "PriceEpisodeInstalmentsThisPeriod", "Period1": 1, "Period2": "none"}
    rows = earnings_of_fm36(document(PriceEpisodePeriodisedValues=[found, ignored]))
    assert [(each["month"], each["amount"]) for each in rows] == [("2017-09", "150.00000"), ("2017-10", "307.69231")]
    assert rows[0] == {
        "ukprn": 10000001, "uln": 5, "learner": "A1", "aim": 1, "price_episode": "2017-08-06",
        "type": "learning_support", "month": "2017-09", "amount": "150.00000",
    }  # fmt: skip


def test_an_episode_without_a_start_is_known_by_its_identifier() -> None:
    [found] = earnings_of_fm36([document(PriceEpisodeValues=None)])
    assert (found["price_episode"], "aim" in found) == ("2017-08-06", False)


def an_episode(year: str, start: str, since: str | None) -> dict[str, Any]:
    values = {"EpisodeStartDate": start, "EpisodeEffectiveTNPStartDate": since, "PriceEpisodeAimSeqNumber": 1}
    return {**document(PriceEpisodeValues=values), "Year": year}


EARLIER = an_episode("1718", "2017-08-06", "2017-08-06")
CONTRACT = an_episode("1718", "2018-01-01", "2017-08-06")
PRICE = an_episode("1718", "2018-02-01", "2018-02-01")
CUT = an_episode("1819", "2018-08-01", "2017-08-06")


@pytest.mark.parametrize(
    ("documents", "named"),
    [
        ([CUT], "2017-08-06"),
        ([EARLIER, CUT], "2017-08-06"),
        ([EARLIER, CONTRACT], "2017-08-06"),
        ([EARLIER, PRICE], "2018-02-01"),
        ([EARLIER, PRICE, CUT], "2018-08-01"),
        ([an_episode("1819", "2018-08-01", None)], "2018-08-01"),
        ([an_episode("1718", "2017-08-06", "2017-09-01")], "2017-08-06"),
    ],
)
def test_an_aim_with_one_price_has_one_episode_however_often_it_is_cut(
    documents: list[dict[str, Any]], named: str
) -> None:
    assert earnings_of_fm36(documents)[-1]["price_episode"] == named


def test_the_first_day_of_an_aim_tells_whether_its_price_has_changed() -> None:
    made = an_episode("1819", "2018-08-01", "2018-02-01")
    assert earnings_of_fm36(made)[0]["price_episode"] == "2018-02-01"
    values = {"LearnAimRef": "ZPROG001", "LearnStartDate": "2017-08-06T00:00:00"}
    made["Learners"][0]["LearningDeliveries"] = [{"AimSeqNumber": 1, "LearningDeliveryValues": values}]
    assert earnings_of_fm36(made)[0]["price_episode"] == "2018-08-01"


def test_learning_support_of_a_programme_aim_is_counted_once() -> None:
    cash = [{"AttributeName": "LearnSuppFundCash", "Period1": 150}]
    deliveries = [
        {"AimSeqNumber": 1, "LearningDeliveryValues": {"LearnAimRef": "ZPROG001"}},
        {"AimSeqNumber": 3, "LearningDeliveryValues": {"LearnAimRef": "60136078", "LearnDelMathEng": False}},
        {"AimSeqNumber": 2, "LearningDeliveryValues": {"LearnAimRef": "50086832", "LearnDelMathEng": None}},
    ]
    made = document()
    made["Learners"][0]["LearningDeliveries"] = [
        {**each, "LearningDeliveryPeriodisedValues": cash} for each in deliveries
    ]
    made["Learners"][0]["PriceEpisodes"] = None
    assert [(each["aim"], each["month"]) for each in earnings_of_fm36(made)] == [(2, "2017-08")]


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    made = document()
    change(made)
    return made


def inside(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda made: made["Learners"][0]["PriceEpisodes"][0]["PriceEpisodeValues"].update({name: value})


def in_september(value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda made: made["Learners"][0]["PriceEpisodes"][0]["PriceEpisodePeriodisedValues"][0].update(Period2=value)


EPISODE = "Learners[0].PriceEpisodes[0]"
SEPTEMBER = f"{EPISODE}.PriceEpisodePeriodisedValues[0].Period2"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "mine.json:1:2\n  This is not valid JSON"),
        ('{"Year": NaN}', "NaN is not a number of JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("7", "This must be an object, not 7."),
        ([document(), 7], "mine.json  [1]\n  This must be an object"),
        (document()["Learners"][0], "This is one learner."),
        (changed(lambda made: made.update(Year="1719")), "Year\n  '1719' is not a funding year"),
        (changed(lambda made: made.update(UKPRN=None)), "UKPRN\n  None is not a whole number"),
        (changed(lambda made: made.update(Learners={})), "Learners\n  This must be a list"),
        (changed(lambda made: made["Learners"][0].update(ULN="x")), "Learners[0].ULN\n"),
        (changed(lambda made: made["Learners"][0].update(LearnRefNumber=7)), "Learners[0].LearnRefNumber\n"),
        (changed(inside("EpisodeStartDate", "06/08/2017")), "'06/08/2017' is not a date"),
        (changed(inside("PriceEpisodeAimSeqNumber", True)), f"{EPISODE}.PriceEpisodeValues.PriceEpisodeAimSeqNumber"),
        (changed(inside("PriceEpisodeContractType", "Handshake")), "'Handshake' is not a contract type"),
        (changed(in_september("1000.0")), f"{SEPTEMBER}\n  '1000.0' is not an amount"),
        (changed(in_september(True)), SEPTEMBER),
        (changed(in_september(1000.0)), "read as a float"),
        (changed(in_september(Decimal("1E+200"))), SEPTEMBER),
        (changed(in_september(Decimal("NaN"))), SEPTEMBER),
        (document(PriceEpisodePeriodisedValues=[{}]), "[0].AttributeName\n  None is not the name"),
        (
            document(PriceEpisodePeriodisedValues=[{"AttributeName": "x"}] * 2),
            "[1].AttributeName\n  x stands here twice",
        ),
        (document(PriceEpisodeValues=None, PriceEpisodeIdentifier="PE-1"), "has no EpisodeStartDate"),
        (document(PriceEpisodeValues=None, PriceEpisodeIdentifier="31/02/2018"), "has no EpisodeStartDate"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(content: Any, words: str) -> None:
    with pytest.raises(FormatError) as raised:
        earnings_of_fm36(content, file="mine.json")
    assert words in str(raised.value)


def test_official_outputs_are_read(shared: Path) -> None:
    folder = shared / "official-samples"
    found = {
        file.name[:8]: earnings_of_fm36(file.read_text(encoding="utf-8-sig")) for file in folder.glob("PV2-*.json")
    }
    one = parse_json((folder / "FM36Learner.json").read_text(encoding="utf-8-sig"))
    found["alone"] = earnings_of_fm36({"UKPRN": 10000001, "Year": "1920", "Learners": [one]})
    for rows in found.values():
        assert [problem for each in rows if (problem := row_problem(each, "earnings"))] == []
        assert {each["contract_type"] for each in rows} == {1}
    shown = {
        name: {(each["aim"], each.get("price_episode"), each["type"], each["amount"]) for each in rows}
        for name, rows in found.items()
    }
    assert shown == {
        "PV2-1825": {
            (3, "2020-08-01", "completion", "400.00000"),
            (5, "2020-09-25", "on_programme", "307.69231"),
        },
        "PV2-1845": {
            (1, "2020-08-06", "on_programme", "1000.00000"),
            (2, None, "english_maths_on_programme", "39.25000"),
        },
        "alone": {
            (1, "2018-09-01", "on_programme", "500.00000"),
            (1, "2018-09-01", "completion", "1500.00000"),
        },
    }
    assert {name: len(rows) for name, rows in found.items()} == {"PV2-1825": 12, "PV2-1845": 24, "alone": 2}

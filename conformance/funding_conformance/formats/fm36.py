"""FM36: earnings as the funding agency's own calculator writes them, one document for a provider and a funding year.

A document holds learners, a learner holds price episodes and English and maths aims, and each of these holds its
earnings by attribute, Period1 for August to Period12 for July. Amounts are JSON numbers, and stay exact: they are
written digit by digit and read as decimals.

A price episode lies within one funding year and under one contract: one that began earlier starts on 1 August. What is
known of it stands in ``PriceEpisodeValues``; attributes that only a calculation could give are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from attrs import frozen
from funding_reference.calendar import MONTHS_A_YEAR
from funding_reference.money import NO_AMOUNT, Amount
from funding_spec.documents import parse_json

from funding_conformance.formats.lines import (
    COMPLETED,
    FormatError,
    HeldLearner,
    Line,
    Price,
    amount_text,
    day_of,
    lines_of,
    month_text,
    year_of,
    year_text,
)
from funding_conformance.rows import shortly

_EPISODE_ATTRIBUTES: Final[Mapping[str, str]] = {
    "framework_uplift_balancing": "PriceEpisodeApplic1618FrameworkUpliftBalancing",
    "framework_uplift_completion": "PriceEpisodeApplic1618FrameworkUpliftCompletionPayment",
    "framework_uplift_on_programme": "PriceEpisodeApplic1618FrameworkUpliftOnProgPayment",
    "balancing": "PriceEpisodeBalancePayment",
    "completion": "PriceEpisodeCompletionPayment",
    "first_disadvantage": "PriceEpisodeFirstDisadvantagePayment",
    "first_employer_incentive": "PriceEpisodeFirstEmp1618Pay",
    "first_provider_incentive": "PriceEpisodeFirstProv1618Pay",
    "care_leaver_bursary": "PriceEpisodeLearnerAdditionalPayment",
    "learning_support": "PriceEpisodeLSFCash",
    "on_programme": "PriceEpisodeOnProgPayment",
    "second_disadvantage": "PriceEpisodeSecondDisadvantagePayment",
    "second_employer_incentive": "PriceEpisodeSecondEmp1618Pay",
    "second_provider_incentive": "PriceEpisodeSecondProv1618Pay",
}
"""Where each type of a programme aim's earnings stands, in the official order."""

_DELIVERY_ATTRIBUTES: Final[Mapping[str, str]] = {
    "learning_support": "LearnSuppFundCash",
    "english_maths_balancing": "MathEngBalPayment",
    "english_maths_on_programme": "MathEngOnProgPayment",
}
"""The same of an English or maths aim."""

_CONTRACTS: Final = {
    1: "Contract for services with the employer",
    2: "Contract for services with the ESFA",
}
_CONTRACT_TYPES: Final[Mapping[str, int]] = {
    **{text.lower(): number for number, text in _CONTRACTS.items()},
    "contract for services with the sfa": 2,
    "levy contract": 1,
    "non-levy contract": 2,
}
"""How documents of all years name the contracts."""

_NO_CONTRACT: Final = "None"
_PROGRAMME: Final = "ZPROG001"
_TNP_CODES: Final = (1, 2, 3, 4)
_PERIODS: Final = tuple(f"Period{number}" for number in range(1, MONTHS_A_YEAR + 1))

# Writing


def fm36_of(given: Mapping[str, Any], earnings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One FM36Global for each provider and funding year in which anything is earned, in that order.

    :param given: the facts of a scenario as plain data
    :param earnings: rows as the protocol writes them
    :raises FormatError: a row is not as the protocol has it, or its learner or aim is in no return
    """
    years = groupby(lines_of(given, earnings), key=lambda line: (line.ukprn, line.funding_year))
    return [{**_head(ukprn, year), "Learners": list(_learners(lines))} for (ukprn, year), lines in years]


def written_fm36(documents: Sequence[Mapping[str, Any]]) -> str:
    """Documents as JSON text: one as it is, several as a list."""
    texts = [_written(document) for document in documents]
    return f"{texts[0]}\n" if len(texts) == 1 else "[" + ",\n".join(texts) + "]\n"


def fm36_blocks(ukprn: int, funding_year: int, lines: Iterable[Line]) -> Iterator[str]:
    """The text of one document learner by learner, so that no more than one is held at a time.

    :param funding_year: the calendar year in which it began
    :param lines: of that provider and year, those of a learner together
    """
    head = _written({**_head(ukprn, funding_year), "Learners": []})
    yield head.removesuffix("]\n}")
    between = "\n"
    for learner in _learners(lines):
        yield between + _written(learner, " ")
        between = ",\n"
    yield "\n]}\n"


def _head(ukprn: int, year: int) -> dict[str, Any]:
    return {"UKPRN": ukprn, "Year": year_text(year)}


def _learners(lines: Iterable[Line]) -> Iterator[dict[str, Any]]:
    for (reference, uln), of_learner in groupby(lines, key=lambda line: (line.reference, line.uln)):
        rows = list(of_learner)
        yield {
            "LearnRefNumber": reference,
            "ULN": uln,
            "PriceEpisodes": [_price_episode(line) for line in rows if line.is_programme],
            "LearningDeliveries": [
                _delivery(list(of_aim)) for _, of_aim in groupby(rows, lambda line: line.aim_number)
            ],
            "HistoricEarningOutputValues": [],
        }


def _price_episode(line: Line) -> dict[str, Any]:
    periods = [_periods(attribute, line.months_of(type)) for type, attribute in _EPISODE_ATTRIBUTES.items()]
    return {
        "PriceEpisodeIdentifier": line.identifier,
        "PriceEpisodeValues": _known(_episode_values(line)),
        "PriceEpisodePeriodisedValues": periods,
    }


def _episode_values(line: Line) -> dict[str, Any]:
    prices = line.prices
    since = max((price.since for price in prices.values()), default=None)
    return {
        "EpisodeStartDate": _date_text(line.start),
        **_prices_by_name(line),
        "PriceEpisodeUpperBandLimit": line.band,
        "PriceEpisodePlannedEndDate": _date_text(day_of(line.aim.get("LearnPlanEndDate"))),
        "PriceEpisodeActualEndDate": _date_text(line.end),
        "PriceEpisodeTotalTNPPrice": _total(prices.values()) if prices else None,
        "PriceEpisodeCompleted": line.is_completed,
        "PriceEpisodeAimSeqNumber": line.aim_number,
        "EpisodeEffectiveTNPStartDate": _date_text(since),
        "PriceEpisodeContractType": _CONTRACTS.get(line.contract_type or 0),
    }


def _prices_by_name(line: Line) -> dict[str, Decimal]:
    prices = line.prices
    return {f"TNP{code}": prices[code].pounds if code in prices else Decimal(0) for code in _TNP_CODES if prices}


def _total(prices: Iterable[Price]) -> Decimal:
    return sum((price.pounds for price in prices), Decimal(0))


def _delivery(lines: list[Line]) -> dict[str, Any]:
    """An aim with what is known of it; of an English or maths aim also what it earned, and under which contract."""
    aim = lines[0].aim
    is_programme = lines[0].is_programme
    values = {
        "Completed": aim.get("CompStatus") == COMPLETED,
        "FworkCode": aim.get("FworkCode"),
        "LearnAimRef": aim.get("LearnAimRef"),
        "LearnStartDate": _date_text(day_of(aim.get("LearnStartDate"))),
        "LearnDelMathEng": not is_programme,
        "ProgType": aim.get("ProgType"),
        "PwayCode": aim.get("PwayCode"),
        "StdCode": aim.get("StdCode"),
    }
    sums = {} if is_programme else {type: _added(lines, type) for type in _DELIVERY_ATTRIBUTES}
    contracts = [] if is_programme else [{"AttributeName": "LearnDelContType", **_contracts_by_month(lines)}]
    return {
        "AimSeqNumber": lines[0].aim_number,
        "LearningDeliveryValues": _known(values),
        "LearningDeliveryPeriodisedValues": [_periods(_DELIVERY_ATTRIBUTES[type], sums[type]) for type in sums],
        "LearningDeliveryPeriodisedTextValues": contracts,
    }


def _added(lines: list[Line], type: str) -> list[Amount]:
    return [sum(amounts, NO_AMOUNT) for amounts in zip(*(line.months_of(type) for line in lines), strict=True)]


def _contracts_by_month(lines: list[Line]) -> dict[str, str]:
    texts = {}
    for number, period in enumerate(_PERIODS):
        found = {line.contract_type for line in lines if any(months[number] for months in line.earned.values())}
        if len(found) > 1:
            place = f"aim {lines[0].aim_number} of learner {lines[0].reference}"
            month = month_text(lines[0].funding_year, number)
            raise FormatError(f"It earns under two contract types in {month}; FM36 has one a month.", path=place)
        texts[period] = _CONTRACTS.get(next(iter(found), None) or 0, _NO_CONTRACT)
    return texts


def _periods(attribute: str, months: Sequence[Amount]) -> dict[str, Any]:
    return {"AttributeName": attribute, **dict(zip(_PERIODS, months, strict=True))}


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _date_text(day: date | None) -> str | None:
    return f"{day.isoformat()}T00:00:00" if day else None


def _written(value: Any, indent: str = "") -> str:
    """JSON whose decimals keep their digits; an object or a list without others in it stands on one line."""
    if isinstance(value, Decimal):
        return _digits(value)
    if not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    texts = [
        (f"{json.dumps(name)}: " if name is not None else "") + _written(item, indent + " ") for name, item in items
    ]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    is_flat = not any(isinstance(item, dict | list) for item in (value.values() if isinstance(value, dict) else value))
    if is_flat:
        return opening + ", ".join(texts) + closing
    return f"{opening}\n{indent} " + f",\n{indent} ".join(texts) + f"\n{indent}{closing}"


def _digits(number: Decimal) -> str:
    whole, _, decimals = f"{number:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


# Reading


def earnings_of_fm36(document: Any, *, file: str | None = None) -> list[dict[str, Any]]:
    """The earnings rows of a document or a list of documents; what is zero or missing gives no row.

    A price episode is named by the day it starts; where an aim has one price throughout, by the aim's first day. More
    than five decimals are rounded.

    :param document: JSON text, or what was read from it with exact decimals: an FM36Global or a list of them
    :param file: its name, for messages
    :raises FormatError: it cannot be read; names the place
    """
    learners = _all_learners(parse_fm36(document, file) if isinstance(document, str) else document, file)
    beside = [row for learner in learners for row in _rows_of_deliveries(learner)]
    return [*_rows_of_episodes(learners), *beside]


def learners_of_fm36(document: Any, *, file: str | None = None) -> list[HeldLearner]:
    """Every learner of a document or a list of documents, also those who earn nothing.

    :param document: what :func:`parse_fm36` read
    :raises FormatError: it cannot be read; names the place
    """
    return [HeldLearner(learner.year, learner.who) for learner in _all_learners(document, file)]


def _all_learners(content: Any, file: str | None) -> list[_Learner]:
    whole = _Place(file, "")
    places = [whole.at(number) for number in range(len(content))] if isinstance(content, list) else [whole]
    documents = content if isinstance(content, list) else [content]
    return [
        learner
        for item, place in zip(documents, places, strict=True)
        for learner in _learners_of(item, _year(item, place), place)
    ]


_AimKey = tuple[int, str, int | None]
"""Provider, learner and aim."""


@frozen
class _Episode:
    """A price episode as a document has it.

    :param start: its first day in the document's year
    :param price_since: the day since which its price has been in force
    :param amounts: by attribute and number of the month
    """

    aim: int | None
    contract_type: int | None
    start: date
    price_since: date | None
    amounts: Mapping[str, Mapping[int, str]]


@frozen
class _Delivery:
    """An aim as a document has it.

    :param amounts: of English and maths by attribute and number of the month; other aims earn in their price episodes
    :param contract_types: by number of the month
    """

    aim: int
    first_day: date | None
    amounts: Mapping[str, Mapping[int, str]]
    contract_types: Mapping[int, int | None]


@frozen
class _Learner:
    """A learner in one document.

    :param who: provider, ULN and learner, as rows name them
    """

    year: int
    who: Mapping[str, Any]
    episodes: Sequence[_Episode]
    deliveries: Sequence[_Delivery]

    def key_of(self, aim: int | None) -> _AimKey:
        return self.who["ukprn"], self.who["learner"], aim


@frozen
class _Place:
    """Where in a document something stands."""

    file: str | None
    path: str

    def at(self, step: str | int) -> _Place:
        if isinstance(step, int):
            return _Place(self.file, f"{self.path}[{step}]")
        return _Place(self.file, f"{self.path}.{step}".removeprefix("."))

    def wrong(self, reason: str) -> FormatError:
        return FormatError(reason, file=self.file, path=self.path or None)


def parse_fm36(text: str, file: str | None = None) -> Any:
    """JSON text as plain data with exact decimals.

    :raises FormatError: it is not JSON; names the line
    """
    try:
        return parse_json(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        place = f"{file}:{error.lineno}:{error.colno}" if file else f"line {error.lineno}, column {error.colno}"
        raise FormatError(f"This is not valid JSON: {error.msg}.", file=place) from None
    except RecursionError:
        raise FormatError("This JSON is nested too deeply.", file=file) from None
    except ValueError as error:
        raise FormatError(f"This is not valid JSON: {error}.", file=file) from None


def _year(document: Any, place: _Place) -> int:
    content = _object(document, place)
    if "Learners" not in content and "PriceEpisodes" in content:
        reason = (
            "This is one learner. It belongs in the Learners of an FM36Global, which names provider (UKPRN) and Year."
        )
        raise place.wrong(reason)
    year = year_of(str(content.get("Year")))
    if year is None:
        raise place.at("Year").wrong(f"{shortly(content.get('Year'))} is not a funding year, such as 1718.")
    return year


def _learners_of(document: Mapping[str, Any], year: int, place: _Place) -> Iterator[_Learner]:
    ukprn = _number(document.get("UKPRN"), place.at("UKPRN"))
    for learner, here in _items(document.get("Learners"), place.at("Learners")):
        reference = learner.get("LearnRefNumber")
        if not isinstance(reference, str):
            raise here.at("LearnRefNumber").wrong(f"{shortly(reference)} is not a learner reference.")
        who = {"ukprn": ukprn, "uln": _number(learner.get("ULN"), here.at("ULN")), "learner": reference}
        episodes, deliveries = here.at("PriceEpisodes"), here.at("LearningDeliveries")
        yield _Learner(
            year,
            who,
            [_episode(*each) for each in _items(learner.get("PriceEpisodes"), episodes)],
            [_delivery_of(*each) for each in _items(learner.get("LearningDeliveries"), deliveries)],
        )


def _episode(episode: Mapping[str, Any], place: _Place) -> _Episode:
    inside = place.at("PriceEpisodeValues")
    values = _object(episode.get("PriceEpisodeValues") or {}, inside)
    aim = values.get("PriceEpisodeAimSeqNumber")
    return _Episode(
        None if aim is None else _number(aim, inside.at("PriceEpisodeAimSeqNumber")),
        _contract_type(values.get("PriceEpisodeContractType"), inside.at("PriceEpisodeContractType")),
        _start_of(episode, values, place),
        _day(values.get("EpisodeEffectiveTNPStartDate"), inside.at("EpisodeEffectiveTNPStartDate")),
        _amounts(episode.get("PriceEpisodePeriodisedValues"), place.at("PriceEpisodePeriodisedValues")),
    )


def _rows_of_episodes(learners: Iterable[_Learner]) -> Iterator[dict[str, Any]]:
    of_aims: dict[_AimKey, list[tuple[_Learner, _Episode]]] = {}
    first_days: dict[_AimKey, date | None] = {}
    for learner in learners:
        for episode in learner.episodes:
            of_aims.setdefault(learner.key_of(episode.aim), []).append((learner, episode))
        first_days |= {learner.key_of(delivery.aim): delivery.first_day for delivery in learner.deliveries}
    for key, of_aim in of_aims.items():
        only = _only_episode([episode for _, episode in of_aim], first_days.get(key))
        for learner, episode in of_aim:
            about = {**learner.who, "aim": episode.aim, "price_episode": (only or episode.start).isoformat()}
            for type, attribute in _EPISODE_ATTRIBUTES.items():
                for number, amount in episode.amounts.get(attribute, {}).items():
                    when = {"type": type, "month": month_text(learner.year, number), "amount": amount}
                    yield _known({**about, "contract_type": episode.contract_type, **when})


def _only_episode(episodes: Sequence[_Episode], first_day: date | None) -> date | None:
    """The day an aim began, if it had one price all along, however often that was cut; None if it had several."""
    prices = {episode.price_since for episode in episodes}
    since = episodes[0].price_since
    if len(prices) > 1 or since is None:
        return None
    started = min(episode.start for episode in episodes)
    begun = first_day or min(since, started)
    return begun if begun in (since, started) else None


def _start_of(episode: Mapping[str, Any], values: Mapping[str, Any], place: _Place) -> date:
    start = _day(values.get("EpisodeStartDate"), place.at("PriceEpisodeValues").at("EpisodeStartDate"))
    if start is not None:
        return start
    identifier = episode.get("PriceEpisodeIdentifier")
    if isinstance(identifier, str) and (parts := _DAY_AT_THE_END.search(identifier)):
        day, month, of_year = map(int, parts.groups())
        start = day_of(f"{of_year:04}-{month:02}-{day:02}")
    if start is None:
        raise place.wrong("This price episode has no EpisodeStartDate, and its identifier does not end in one.")
    return start


_DAY_AT_THE_END: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})\Z", re.ASCII)


def _delivery_of(delivery: Mapping[str, Any], place: _Place) -> _Delivery:
    inside = place.at("LearningDeliveryValues")
    values = _object(delivery.get("LearningDeliveryValues") or {}, inside)
    aim = _number(delivery.get("AimSeqNumber"), place.at("AimSeqNumber"))
    first_day = _day(values.get("LearnStartDate"), inside.at("LearnStartDate"))
    is_english_maths = values.get("LearnDelMathEng")
    if is_english_maths is None:
        is_english_maths = values.get("LearnAimRef") != _PROGRAMME
    if not is_english_maths:
        return _Delivery(aim, first_day, {}, {})
    periods, texts = "LearningDeliveryPeriodisedValues", "LearningDeliveryPeriodisedTextValues"
    amounts = _amounts(delivery.get(periods), place.at(periods))
    return _Delivery(aim, first_day, amounts, _contract_types(delivery.get(texts), place.at(texts)))


def _contract_types(content: Any, place: _Place) -> dict[int, int | None]:
    texts, here = _named(content, place).get("LearnDelContType", ({}, place))
    return {number: _contract_type(texts.get(period), here.at(period)) for number, period in enumerate(_PERIODS)}


def _rows_of_deliveries(learner: _Learner) -> Iterator[dict[str, Any]]:
    for delivery in learner.deliveries:
        about = {**learner.who, "aim": delivery.aim}
        for type, attribute in _DELIVERY_ATTRIBUTES.items():
            for number, amount in delivery.amounts.get(attribute, {}).items():
                when = {"type": type, "month": month_text(learner.year, number), "amount": amount}
                yield _known({**about, "contract_type": delivery.contract_types[number], **when})


def _amounts(content: Any, place: _Place) -> dict[str, dict[int, str]]:
    """By attribute that is an earning the amounts that are not zero, by number of the month; 0 is August."""
    found: dict[str, dict[int, str]] = {}
    for name, (values, here) in _named(content, place).items():
        if name in _EARNINGS:
            read = ((number, _amount(values.get(_PERIODS[number]), here.at(_PERIODS[number]))) for number in range(12))
            found[name] = {number: amount for number, amount in read if Decimal(amount)}
    return found


_EARNINGS: Final = frozenset({*_EPISODE_ATTRIBUTES.values(), *_DELIVERY_ATTRIBUTES.values()})


def _named(content: Any, place: _Place) -> dict[str, tuple[Mapping[str, Any], _Place]]:
    """Periodised values by the name of their attribute.

    :raises FormatError: one has no name, or two have the same
    """
    found: dict[str, tuple[Mapping[str, Any], _Place]] = {}
    for values, here in _items(content, place):
        name = values.get("AttributeName")
        if not isinstance(name, str):
            raise here.at("AttributeName").wrong(f"{shortly(name)} is not the name of an attribute.")
        if name in found:
            raise here.at("AttributeName").wrong(f"{name} stands here twice.")
        found[name] = (values, here)
    return found


def _amount(value: Any, place: _Place) -> str:
    if value is None:
        return "0.0"
    if isinstance(value, float):
        raise place.wrong("This amount was read as a float, which is not exact; read the JSON with exact decimals.")
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    text = amount_text(Decimal(value)) if is_number else None
    if text is None:
        raise place.wrong(f"{shortly(value)} is not an amount of pounds.")
    return text


def _contract_type(value: Any, place: _Place) -> int | None:
    if value is None or value == _NO_CONTRACT:
        return None
    found = _CONTRACT_TYPES.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        known = ", ".join(_CONTRACTS.values())
        raise place.wrong(f"{shortly(value)} is not a contract type; there are: {known}.")
    return found


def _day(value: Any, place: _Place) -> date | None:
    day = day_of(value) if isinstance(value, str) and _A_DATE.match(value) else None
    if day is None and value is not None:
        raise place.wrong(f"{shortly(value)} is not a date, such as 2017-08-06T00:00:00.")
    return day


_A_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})?)?\Z")


def _number(value: Any, place: _Place) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise place.wrong(f"{shortly(value)} is not a whole number.")


def _object(value: Any, place: _Place) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise place.wrong(f"This must be an object, not {shortly(value)}.")
    return value


def _items(value: Any, place: _Place) -> Iterator[tuple[Mapping[str, Any], _Place]]:
    """The objects of a list with their places; none if there is no list."""
    if value is not None and not isinstance(value, list):
        raise place.wrong(f"This must be a list, not {shortly(value)}.")
    for number, item in enumerate(value or ()):
        yield _object(item, place.at(number)), place.at(number)

"""Fresh cases: the same for everybody, told by their known-bad, and beyond whoever has learnt the examples by heart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from funding_conformance import protocol
from funding_conformance.adapters.in_process import InProcessSession
from funding_conformance.canonical import canonical, digest_of
from funding_conformance.fresh import Drawer, FreshCaseError, Place, draw, drawn_or_kept, place_of
from funding_conformance.fresh.changes import another
from funding_conformance.fresh.free import drawn_freely
from funding_conformance.fresh.seed import SELF_DRAWN, Reveal, SeedError, commitment_of, keeps_word, seed_of
from funding_conformance.fresh.source import RandomSource
from funding_conformance.judge import Verdict
from funding_conformance.known_bad import known_bad_named, known_bads
from funding_conformance.run import ask_and_judge
from funding_conformance.scenarios import WANTS, Scenario, load_folder
from funding_conformance.service import reference_service

RULEBOOK = "2017-08"
COUNT = 24
CLAUSES = ("GUIDE-33", "GUIDE-35", "GUIDE-41", "GUIDE-44", "GUIDE-48", "READ-22")


@pytest.fixture(scope="module")
def scenarios(examples: Path) -> list[Scenario]:
    return load_folder(examples)


@pytest.fixture(scope="module")
def drawer(scenarios: list[Scenario]) -> Drawer:
    return Drawer(RULEBOOK, WANTS, scenarios)


@pytest.fixture(scope="module")
def fresh(drawer: Drawer) -> tuple[Scenario, ...]:
    return draw(drawer, 0, COUNT, CLAUSES).scenarios


# The source of chance, frozen


def test_the_first_numbers_are_these_for_ever() -> None:
    source = RandomSource("funding-kit", "0")
    assert [source.below(1000) for _ in range(8)] == NUMBERS
    assert RandomSource("funding-kit", "0").part("x").below(2**64) == RandomSource("funding-kit", "0", "x").below(2**64)
    assert RandomSource("ab", "c").below(2**64) != RandomSource("a", "bc").below(2**64)
    assert RandomSource("order").shuffled("abcdefgh") == list(SHUFFLED)


NUMBERS = [986, 742, 725, 169, 641, 514, 568, 314]
SHUFFLED = "behcgfda"


def test_a_drawn_scenario_and_a_changed_one_have_these_digests() -> None:
    facts = drawn_freely(RandomSource("golden"))
    assert digest_of(canonical(facts)) == DRAWN
    assert digest_of(canonical(another(facts, RandomSource("golden", "changes"), boldness=6))) == CHANGED


DRAWN = "sha256:fdf189ffb73216ccea4f0d5fefed8efd88f51038868c52cafdc85b9caacb1f0e"
CHANGED = "sha256:ce9815ce130d60537e67cb7dabfaa57dd1aa8b8703acdbb6192e68f4ec784fe5"


def test_there_is_no_number_below_nothing() -> None:
    with pytest.raises(ValueError, match="no number below 0"):
        RandomSource("x").below(0)


# Drawing


def test_the_reference_answers_every_case_and_its_known_bad_fails_it(fresh: tuple[Scenario, ...]) -> None:
    assert len(fresh) == COUNT
    right = InProcessSession(reference_service(), (RULEBOOK,))
    assert {case.verdict for case in ask_and_judge(right, fresh, WANTS, kind="fresh")} == {Verdict.PASS}
    for scenario in fresh:
        known = place_of(scenario.id).known_bad
        wrong = InProcessSession(reference_service(known.name, known.change), (RULEBOOK,))
        [case] = ask_and_judge(wrong, [scenario], WANTS, kind="fresh", explain=False)
        assert case.verdict is Verdict.FAIL, scenario.id
        assert case.decides == known.breaks
        assert case.question is not None
        assert case.expected


def test_each_known_bad_has_its_turn_before_one_has_another(fresh: tuple[Scenario, ...]) -> None:
    names = [place_of(scenario.id).known_bad.name for scenario in fresh]
    asked = [known.name for known in known_bads() if set(known.breaks) & set(CLAUSES)]
    assert len(set(names)) == min(COUNT, len(asked))
    assert set(names) <= set(asked)


def test_fewer_cases_are_the_first_of_more_and_another_seed_has_others(
    drawer: Drawer, fresh: tuple[Scenario, ...]
) -> None:
    assert draw(drawer, 0, 5, CLAUSES).scenarios == fresh[:5]
    others = draw(drawer, 1, 5, CLAUSES).scenarios
    assert not {canonical(one.given) for one in others} & {canonical(one.given) for one in fresh}


def test_a_case_is_drawn_again_from_its_id_alone(drawer: Drawer, fresh: tuple[Scenario, ...]) -> None:
    assert drawer.drawn(place_of(fresh[3].id)) == fresh[3]
    assert place_of("fresh/7/no-balancing/2") == Place(7, known_bad_named("no-balancing"), 2)
    with pytest.raises(FreshCaseError, match="SEED/KNOWN-BAD/NUMBER"):
        place_of("fresh/*")
    for id in (f"fresh/{'1' * 5000}/no-balancing/0", f"fresh/0/no-balancing/{'1' * 5000}"):
        with pytest.raises(FreshCaseError, match="more digits than can be read"):
            place_of(id)


def test_a_question_does_not_say_which_mistake_it_is_about(fresh: tuple[Scenario, ...]) -> None:
    asked = [json.dumps(protocol.answer(one.question(), one.wants)) for one in fresh]
    names = [known.name for known in known_bads() if set(known.breaks) & set(CLAUSES)]
    assert not [text for text in asked if any(name in text for name in names) or "title" in text]
    assert len({one.question()["id"] for one in fresh}) == len(fresh)


def test_nothing_published_is_asked(fresh: tuple[Scenario, ...], scenarios: list[Scenario]) -> None:
    published = {canonical(one.question()["given"]) for one in scenarios if not (one.expect and one.expect.reject)}
    assert not [one.id for one in fresh if canonical(one.question()["given"]) in published]


def test_what_was_drawn_is_kept_whole_or_not_at_all(
    drawer: Drawer, fresh: tuple[Scenario, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUNDING_KIT_CACHE", str(tmp_path))
    first = drawn_or_kept(drawer, 0, 3, CLAUSES)
    [file] = tmp_path.iterdir()
    monkeypatch.setattr("funding_conformance.fresh.kept.draw", lambda *_, **__: pytest.fail("It was drawn again."))
    assert drawn_or_kept(drawer, 0, 3, CLAUSES) == first
    assert [one.id for one in first.scenarios] == [one.id for one in fresh[:3]]
    monkeypatch.undo()
    monkeypatch.setenv("FUNDING_KIT_CACHE", str(tmp_path))
    file.write_bytes(file.read_bytes().replace(b"on_programme", b"balancing"))
    assert drawn_or_kept(drawer, 0, 3, CLAUSES) == first


# What fresh cases are for


def test_a_table_of_the_published_answers_is_found_out(scenarios: list[Scenario], fresh: tuple[Scenario, ...]) -> None:
    """An implementation that knows every published answer by heart, and by the facts rather than the id."""
    reference = reference_service()
    known: dict[str, Any] = {}

    def key(message: Mapping[str, Any]) -> str:
        return json.dumps([message["scenario"]["given"], message["wants"]], sort_keys=True)

    def learning(message: Mapping[str, Any]) -> dict[str, Any]:
        reply = reference(message)
        if message["m"] == "answer":
            known[key(message)] = reply
        return reply

    def by_heart(message: Mapping[str, Any]) -> dict[str, Any]:
        if message["m"] != "answer":
            return reference(message)
        nothing: dict[str, Any] = {"ok": {want: [] for want in message["wants"]}}
        return {**known.get(key(message), nothing), "id": message["id"]}

    published = [one for one in scenarios if one.rulebook == RULEBOOK and set(one.decides) & set(CLAUSES)]
    list(ask_and_judge(InProcessSession(learning, (RULEBOOK,)), published, WANTS, explain=False))
    session = InProcessSession(by_heart, (RULEBOOK,))
    assert {case.verdict for case in ask_and_judge(session, published, WANTS, explain=False)} == {Verdict.PASS}
    asked = list(ask_and_judge(session, fresh, WANTS, kind="fresh", explain=False))
    assert sum(case.verdict is Verdict.FAIL for case in asked) >= COUNT * 9 // 10


def test_what_an_implementation_cannot_give_is_added_up_over(fresh: tuple[Scenario, ...]) -> None:
    reference = reference_service()

    def without_episodes(message: Mapping[str, Any]) -> dict[str, Any]:
        reply = reference(message)
        if message["m"] == "hello":
            return {**reply, "ok": {**reply["ok"], "omits": ["price_episode", "aim"]}}
        rows = {
            want: [{name: value for name, value in row.items() if name not in ("price_episode", "aim")} for row in rows]
            for want, rows in reply.get("ok", {}).items()
        }
        return {**reply, "ok": rows}

    session = InProcessSession(without_episodes, (RULEBOOK,))
    asked = [one for one in fresh if set(one.wants) <= {"earnings", "payments"}]
    cases = ask_and_judge(session, asked, WANTS, kind="fresh", explain=False)
    assert {case.verdict for case in cases} == {Verdict.PASS}


# The seed of a certificate

BUILD, KIT, LIST = (f"sha256:{digit * 64}" for digit in "123")
NONCE = "ab" * 32


def test_the_seed_follows_from_everything_that_it_is_made_of() -> None:
    seed = seed_of(BUILD, KIT, LIST, NONCE, "A Witness")
    assert seed == SEED
    others = [
        seed_of(KIT, BUILD, LIST, NONCE, "A Witness"),
        seed_of(BUILD, KIT, KIT, NONCE, "A Witness"),
        seed_of(BUILD, KIT, LIST, "cd" * 32, "A Witness"),
        seed_of(BUILD, KIT, LIST, NONCE),
    ]
    assert len({seed, *others}) == 5


SEED = 15809789597371


def test_a_witness_is_held_to_the_nonce() -> None:
    commitment = commitment_of(NONCE, "A Witness")
    assert NONCE not in commitment
    assert keeps_word(commitment, NONCE, "A Witness")
    assert not keeps_word(commitment, "cd" * 32, "A Witness")
    assert not keeps_word(commitment, NONCE, "Another")


def test_without_a_witness_it_is_self_drawn() -> None:
    assert Reveal(BUILD, KIT, LIST, NONCE).drawn_by == SELF_DRAWN
    assert Reveal(BUILD, KIT, LIST, NONCE, "A Witness").drawn_by == "A Witness"
    assert Reveal(BUILD, KIT, LIST, NONCE).seed == seed_of(BUILD, KIT, LIST, NONCE)


@pytest.mark.parametrize(
    ("digest", "nonce", "words"),
    [("123", NONCE, "no digest of the build"), (BUILD, "ab", "64 hexadecimal digits"), (BUILD, "AB" * 32, "64")],
)
def test_a_seed_is_made_of_digests_and_a_nonce(digest: str, nonce: str, words: str) -> None:
    with pytest.raises(SeedError, match=words):
        seed_of(digest, KIT, LIST, nonce)

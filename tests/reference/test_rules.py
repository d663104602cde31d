"""Editions: values by date, variants by name, and nothing by default."""

from datetime import date
from pathlib import Path

import pytest
from funding_reference.rules import VARIANTS, bound, rules_of
from funding_spec.register import load_register
from funding_spec.rulebook import NoValue, UnknownRulebook, editions, load_rulebook, read_rulebook


def test_a_value_before_its_first_date_is_an_error_that_names_both() -> None:
    with pytest.raises(NoValue, match=r"completion_share on 30 April 2017.*from 1 May 2017 \(GUIDE-33\)"):
        load_rulebook("2017-08").value("completion_share", date(2017, 4, 30))


def test_a_value_nobody_wrote_is_an_error() -> None:
    with pytest.raises(NoValue, match="no value of generosity on 1 May 2017"):
        load_rulebook("2017-08").value("generosity", date(2017, 5, 1))


def test_an_unknown_edition_lists_those_there_are() -> None:
    with pytest.raises(UnknownRulebook, match="Known: 2016-10-draft, 2017-08"):
        rules_of("1984")


def test_every_variant_with_a_function_is_bound() -> None:
    followed = set()
    for edition in editions():
        for variant in load_rulebook(edition).variants.values():
            functions = VARIANTS.get((variant.rule, variant.is_), {})
            assert all(getattr(rules_of(edition), name) is function for name, function in functions.items())
            followed.add((variant.rule, variant.is_))
    assert set(VARIANTS) <= followed


def test_a_variant_without_a_function_is_a_clause_that_is_not_computed_in_full() -> None:
    register = load_register()
    for edition in editions():
        for variant in load_rulebook(edition).variants.values():
            if (variant.rule, variant.is_) not in VARIANTS:
                clause = register.get(variant.clause)
                assert clause.not_computed or clause.id in ("READ-40", "READ-41"), variant


def test_an_edition_holds_only_what_changes(tmp_path: Path) -> None:
    file = tmp_path / "2019-04.yaml"
    file.write_text(
        "edition: 2019-04\nextends: 2017-08\n"
        "employer_share:\n  clause: READ-EDITION-2019-04\n  unit: share\n  on: first start\n"
        '  values: [{from: 2017-05-01, value: "0.10"}, {from: 2019-04-01, value: "0.05"}]\n'
    )
    edition = read_rulebook(file)
    assert edition.value("employer_share", date(2019, 3, 31)) * 100 == 10
    assert edition.value("employer_share", date(2019, 4, 1)) * 100 == 5
    assert edition.value("completion_share", date(2019, 4, 1)) * 100 == 20
    assert edition.chain == ("2019-04", "2017-08")


def test_binding_a_rule_leaves_the_others() -> None:
    rules = rules_of("2017-08")
    changed = bound(rules, {"balance": lambda *_: 0})
    assert changed.balance is not rules.balance
    assert changed.rounded is rules.rounded

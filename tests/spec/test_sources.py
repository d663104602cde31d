"""Sources as paragraphs: numbers run across pages, headings stand between, nothing else comes along."""

from __future__ import annotations

from pathlib import Path

import pytest
from funding_spec.sources import SourceError, digest, paragraphs, read_sources

CONTENTS = "Table of contents Other payments ........ 1 English and maths ..... 2\n\nPage 1 of 9\n\n"
SCENARIO = "Scenario A - The price changes"


def guide(numbers: range = range(1, 199), **texts: str) -> str:
    """A guide with short paragraphs, of which some are given: ``p7="…"``."""
    body = " ".join(f"{number}. {texts.get(f'p{number}', f'Says {number}.')}" for number in numbers)
    return f"{CONTENTS}{SCENARIO} ........ 3 Other payments {body}\n\n© Crown copyright"


def test_page_furniture_and_headings_are_no_part_of_a_paragraph() -> None:
    found = paragraphs("GUIDE", guide(p7=f"Ends\nhere. Page 2 of 9\n\nOther payments {SCENARIO}."))
    assert found["GUIDE-7"] == "Ends here."
    assert found["GUIDE-SCENARIO-A"] == SCENARIO
    assert found["GUIDE-198"] == "Says 198."
    assert len(found) == 199


def test_a_sentence_may_end_in_the_words_of_a_heading() -> None:
    assert paragraphs("GUIDE", guide(p7="Not for English and maths."))["GUIDE-7"] == "Not for English and maths."


def test_a_number_in_a_sentence_starts_no_paragraph() -> None:
    found = paragraphs("GUIDE", guide(p7="From paragraph 75. It costs £8.50 or 1 2 3 50."))
    assert found["GUIDE-7"] == "From paragraph 75. It costs £8.50 or 1 2 3 50."


@pytest.mark.parametrize(
    ("source", "text", "reason"),
    [
        ("GUIDE", guide(range(1, 198)), "Paragraph 198 is missing after paragraph 197"),
        ("GUIDE", "1. Without contents.", "no table of contents"),
        ("RULES", "1. First.\n3. Third.\n", "Paragraph 2 is missing after paragraph 1"),
        ("READINGS", "# Nothing yet", "Holds no entry"),
        ("SERVICE", "Anything", "no numbered paragraphs"),
    ],
)
def test_a_source_that_is_not_divided_as_expected_is_named(source: str, text: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as raised:
        paragraphs(source, text)
    assert raised.value.path == source


def test_a_reading_goes_to_the_next_entry_or_heading() -> None:
    entries = "- **READ-01 One.** First\n  line.\n- **READ-03 ⚑ Three.** Third.\n\n"
    text = f"{entries}## Editions\n| `2017-08` | | it |\nEnd.\n"
    assert paragraphs("READINGS", text) == {
        "READ-01": "**READ-01 One.** First line.",
        "READ-03": "**READ-03 ⚑ Three.** Third.",
        "READ-EDITION-2017-08": "| `2017-08` | | it |",
    }


def test_a_digest_does_not_depend_on_line_breaks() -> None:
    assert digest("One  paragraph,\n two lines.\n") == digest("One paragraph, two lines.")
    assert digest("One paragraph.") != digest("Another paragraph.")


def test_missing_files_of_a_source_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"INDEX\.md"):
        read_sources(tmp_path)
    (tmp_path / "INDEX.md").write_text("| GUIDE | `guide.txt` | the guide |\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"guide\.txt"):
        read_sources(tmp_path)


def test_the_guide_divides_into_its_paragraphs_scenarios_and_annex(shared: Path) -> None:
    found = paragraphs("GUIDE", read_sources(shared / "sources")["GUIDE"])
    named = {f"GUIDE-SCENARIO-{letter}" for letter in "ABCDEFGH"} | {"GUIDE-ANNEX-1"}
    assert found.keys() == {f"GUIDE-{number}" for number in range(1, 199)} | named
    assert not any("Page " in text or "....." in text for text in found.values())
    assert found["GUIDE-118"].endswith("no completion element for English and maths.")
    assert found["GUIDE-150"].endswith("no additional payment will be earned for an employer.")
    assert found["GUIDE-SCENARIO-B"] == "Scenario B - The total price is retrospectively updated"


def test_a_paragraph_of_the_rules_ends_where_its_subparagraphs_begin(shared: Path) -> None:
    found = paragraphs("RULES", read_sources(shared / "sources")["RULES"])
    assert {f"RULES-{number}" for number in range(1, 235)} < found.keys()
    assert found["RULES-168"].endswith("to be eligible for the completion payment you must have:")
    assert found["RULES-168.2"] == "reported the cash value on the ILR"
    assert "105.2.2" in found["RULES-105.2"]
    assert not any("RULES-105.2." in clause for clause in found)


def test_every_reading_and_edition_is_found(shared: Path) -> None:
    found = paragraphs("READINGS", read_sources(shared / "sources")["READINGS"])
    assert {"READ-01", "READ-28", "READ-62", "READ-79", "READ-EDITION-2016-10-draft"} < found.keys()
    assert len(found) == 70

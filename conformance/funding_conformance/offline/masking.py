"""Real returns may be among the cases that somebody adds. What identifies their learners reaches no report.

The kit's own cases are made up, and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
from funding_reference.ilr import Masker

from funding_conformance.answering import masked_facts, masked_question
from funding_conformance.judge import Difference
from funding_conformance.run import Case

_SHORTEST: Final = 2
"""Shorter references stand for themselves in too many words to be looked for in a sentence."""


def masked_case(case: Case, names: Mapping[str, str], masker: Masker) -> Case:
    """The case under other numbers; of its learners no more than the rules read, and no working.

    :param names: those of all real learners, and what stands for them
    :param masker: the same for all cases of a run
    """
    question = case.question and masked_question(case.question, masker)
    if question and isinstance(question.get("given"), Mapping):
        question = {**question, "given": _shown_facts(question["given"], masker)}
    return attrs.evolve(
        renamed_case(case, names),
        digest="",  # whoever knows the rest of a question could find its numbers by trying
        question=question,
        expected=case.expected and renamed(case.expected, names),
        working=None,
    )


def renamed_case(case: Case, names: Mapping[str, str]) -> Case:
    """The case with other numbers in all that was answered, which may name the learners of other cases."""
    return attrs.evolve(
        case,
        answer=case.answer and renamed(case.answer, names),
        tried=case.tried and renamed(case.tried, names),
        differences=tuple(_masked_difference(difference, names) for difference in case.differences),
        note=_text(case.note, names),
    )


def _shown_facts(given: Mapping[str, Any], masker: Masker) -> dict[str, Any]:
    try:
        shown = masked_facts(given, masker)
    except (KeyError, TypeError, AttributeError):  # nonsense on purpose: nobody can say what in it is personal
        return {}
    return {**shown, "postcodes": []}


def names_in(given: Mapping[str, Any], masker: Masker) -> Iterator[tuple[str, str]]:
    """Every reference and ULN in the facts of a case, and what stands for it."""
    submissions = given.get("submissions")
    for submission in submissions if isinstance(submissions, list) else ():
        learners = submission.get("learners") if isinstance(submission, Mapping) else None
        for learner in learners if isinstance(learners, list) else ():
            if isinstance(learner, Mapping):
                uln, reference = learner.get("ULN"), learner.get("LearnRefNumber")
                if isinstance(uln, int):
                    yield str(uln), str(masker.uln(uln))
                if isinstance(reference, str):
                    yield reference, masker.learner(reference)


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Whatever was answered or is said of it, under other numbers."""
    if isinstance(value, Mapping):
        return {name: renamed(inner, names) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [renamed(item, names) for item in value]
    if isinstance(value, str):
        return _text(value, names)
    if isinstance(value, int) and not isinstance(value, bool) and str(value) in names:
        return int(names[str(value)]) if names[str(value)].isdigit() else value
    return value


def _masked_difference(difference: Difference, names: Mapping[str, str]) -> Difference:
    return attrs.evolve(
        difference,
        what=_text(difference.what, names),
        expected=_text(difference.expected, names),
        got=_text(difference.got, names),
    )


def _text(text: str, names: Mapping[str, str]) -> str:
    if text in names:
        return names[text]
    found = [re.escape(name) for name in names if len(name) >= _SHORTEST]
    if not found:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", lambda match: names[match[0]], text)

"""Answers of the reference as people hand them in: JSON Lines, tables, FM36 and Apps Indicative Earnings."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from funding_conformance.formats.fm36 import fm36_of, written_fm36
from funding_conformance.formats.indicative import indicative_csv
from funding_conformance.formats.sheets import csv_bytes
from funding_conformance.offline.tables import REJECTS, columns_of
from funding_conformance.protocol import read_line, write_line
from funding_conformance.serving import service_named

Answered = tuple[dict[str, Any], dict[str, Any]]
"""A question of a pack and the reply to it."""


def answered(pack: Path, known_bad: str | None = None) -> list[Answered]:
    """Every line of a pack's questions with the reply of the reference, hello first."""
    handle = service_named(known_bad)
    questions = [read_line(line) for line in (pack / "questions.jsonl").read_bytes().splitlines()]
    return [(question, read_line(write_line(handle(question)))) for question in questions]


def as_lines(pairs: Iterable[Answered]) -> bytes:
    """The replies as a program writes them."""
    return b"".join(write_line(reply) for _, reply in pairs)


def as_tables(pairs: Iterable[Answered]) -> dict[str, bytes]:
    """The replies as tables, by the name of the file."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for question, reply in pairs:
        if question["m"] != "answer":
            continue
        case = {"case": question["scenario"]["id"]}
        if "reject" in reply:
            rows[REJECTS].append({**case, **reply["reject"]})
        for want, found in reply.get("ok", {}).items():
            rows[want] += [{**case, **_cells(row)} for row in found] or [case]
    return {f"{table}.csv": csv_bytes(columns_of(table), found) for table, found in rows.items()}


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "|".join(value) if isinstance(value, list) else value for name, value in row.items()}


def table_rows(data: bytes) -> list[dict[str, str]]:
    """The rows of a table of a pack."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def as_reports(pack: Path, pairs: Iterable[Answered], form: str) -> dict[str, bytes]:
    """The earnings of the cases in ILR files as a system reports them that imported those, by the name of the file.

    :param form: fm36 or indicative
    """
    names = _names_in_files(pack)
    reports: dict[str, bytes] = {}
    for question, reply in pairs:
        case = question.get("scenario", {}).get("id")
        if case not in names or "earnings" not in reply.get("ok", {}):
            continue
        given, rows = _renamed(question["scenario"]["given"], reply["ok"]["earnings"], names[case])
        if form == "fm36":
            number = len(reports)
            reports[f"{number}.json"] = written_fm36(fm36_of(given, rows)).encode()
        else:
            for report in indicative_csv(given, rows):
                name = f"{report.ukprn}-{report.funding_year}-{len(reports)}.csv"
                reports[name] = report.text.encode()
    return reports


Names = dict[tuple[int, str], tuple[str, int]]
"""By provider and reference in the question: reference and ULN in the files."""


def _names_in_files(pack: Path) -> dict[str, Names]:
    names: dict[str, Names] = defaultdict(dict)
    for row in table_rows((pack / "returns" / "learners.csv").read_bytes()):
        if row["ULN_in_ilr"]:
            who = int(row["ukprn"]), row["LearnRefNumber"]
            names[row["case"]][who] = row["LearnRefNumber_in_ilr"], int(row["ULN_in_ilr"])
    return dict(names)


def _renamed(
    given: Mapping[str, Any], earnings: list[dict[str, Any]], names: Names
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    submissions = []
    ulns = {}
    for submission in given["submissions"]:
        learners = []
        for learner in submission["learners"]:
            reference, uln = names[submission["ukprn"], learner["LearnRefNumber"]]
            ulns[learner["ULN"]] = uln
            learners.append({**learner, "LearnRefNumber": reference, "ULN": uln})
        submissions.append({**submission, "learners": learners})
    rows = []
    for row in earnings:
        new = {**row, "uln": ulns[row["uln"]]}
        if "learner" in row:
            new["learner"] = names[row["ukprn"], row["learner"]][0]
        rows.append(new)
    return {**given, "submissions": submissions}, rows


def without_times(run_file: Path) -> list[dict[str, Any]]:
    """The lines of a run file without what differs between two runs: times, digest, and how it was asked."""
    lines = [json.loads(line) for line in run_file.read_text(encoding="utf-8").splitlines()]
    lines[0]["run"].pop("asked")
    for line in lines:
        line.pop("ms", None)
        line.pop("digest", None)
    return lines

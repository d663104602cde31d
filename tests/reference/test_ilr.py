"""Reading ILR returns: what is understood, tolerated and said so, or refused, and in how much memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from funding_reference.ilr import IlrError, IlrReturn, Kind, Masker, open_return
from funding_spec.errors import FundingError

YEARS = {
    "1617": "SFA/ILR/2016-17",
    "1718": "SFA/ILR/2017-18",
    "1819": "ESFA/ILR/2018-19",
    "1920": "ESFA/ILR/2019-20",
    "2021": "ESFA/ILR/2020-21",
    "2122": "ESFA/ILR/2021-22",
    "2223": "ESFA/ILR/2022-23",
    "2324": "ESFA/ILR/2023-24",
    "2425": "ESFA/ILR/2024-25",
    "2526": "ESFA/ILR/2025-26",
    "2627": "ILR/2026-27",
}

HEADER = "<Header><CollectionDetails><Year>1718</Year></CollectionDetails></Header>"
PROVIDER = "<LearningProvider><UKPRN>10000001</UKPRN></LearningProvider>"
AIM = """
    <LearningDelivery>
      <LearnAimRef>ZPROG001</LearnAimRef>
      <AimType>1</AimType>
      <AimSeqNumber>1</AimSeqNumber>
      <LearnStartDate>2017-08-06</LearnStartDate>
      <LearnPlanEndDate>2018-08-08</LearnPlanEndDate>
      <FundModel>36</FundModel>
      <ProgType>25</ProgType>
      <StdCode>50</StdCode>
      <CompStatus>1</CompStatus>
      <LearningDeliveryFAM>
        <LearnDelFAMType>ACT</LearnDelFAMType>
        <LearnDelFAMCode>1</LearnDelFAMCode>
        <LearnDelFAMDateFrom>2017-08-06</LearnDelFAMDateFrom>
      </LearningDeliveryFAM>
      <AppFinRecord>
        <AFinType>TNP</AFinType><AFinCode>1</AFinCode>
        <AFinDate>2017-08-06</AFinDate><AFinAmount>12000</AFinAmount>
      </AppFinRecord>
      <AppFinRecord>
        <AFinType>TNP</AFinType><AFinCode>2</AFinCode>
        <AFinDate>2017-08-06</AFinDate><AFinAmount>3000</AFinAmount>
      </AppFinRecord>
    </LearningDelivery>
"""
LEARNER = f"""
  <Learner>
    <LearnRefNumber>A1</LearnRefNumber>
    <ULN>1000000001</ULN>
    <FamilyName>Example</FamilyName>
    <GivenNames>Given</GivenNames>
    <DateOfBirth>1992-08-01</DateOfBirth>
    <NINumber>QQ123456C</NINumber>
    <PostcodePrior>AB1 2CD</PostcodePrior>
    <AddLine1>1 Example Street</AddLine1>
    <LearnerFAM><LearnFAMType>LSR</LearnFAMType><LearnFAMCode>55</LearnFAMCode></LearnerFAM>
    <LearnerEmploymentStatus>
      <EmpStat>10</EmpStat>
      <DateEmpStatApp>2017-07-31</DateEmpStatApp>
      <EmpId>100000001</EmpId>
      <EmploymentStatusMonitoring><ESMType>SEM</ESMType><ESMCode>1</ESMCode></EmploymentStatusMonitoring>
    </LearnerEmploymentStatus>{AIM}</Learner>
"""
RECORD: dict[str, Any] = {
    "LearnRefNumber": "A1",
    "ULN": 1000000001,
    "FamilyName": "Example",
    "GivenNames": "Given",
    "DateOfBirth": "1992-08-01",
    "NINumber": "QQ123456C",
    "PostcodePrior": "AB1 2CD",
    "AddLine1": "1 Example Street",
    "LearnerFAM": [{"LearnFAMType": "LSR", "LearnFAMCode": "55"}],
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
            "FundModel": 36,
            "ProgType": 25,
            "StdCode": 50,
            "CompStatus": 1,
            "LearningDeliveryFAM": [
                {"LearnDelFAMType": "ACT", "LearnDelFAMCode": "1", "LearnDelFAMDateFrom": "2017-08-06"}
            ],
            "AppFinRecord": [
                {"AFinType": "TNP", "AFinCode": 1, "AFinDate": "2017-08-06", "AFinAmount": 12000},
                {"AFinType": "TNP", "AFinCode": 2, "AFinDate": "2017-08-06", "AFinAmount": 3000},
            ],
        }
    ],
}


def message(*inner: str, namespace: str = YEARS["1718"]) -> str:
    declared = f' xmlns="{namespace}"' if namespace else ""
    return f"<Message{declared}>{''.join(inner)}</Message>"


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "ILR-10000001-1718-20170906-120000-01.XML"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def opened(tmp_path: Path, content: str | bytes) -> IlrReturn:
    return open_return(written(tmp_path, content))


def records(returned: IlrReturn) -> list[dict[str, Any]]:
    return [learner.record for learner in returned.learners()]


def only_delivery(tmp_path: Path, inner: str) -> tuple[dict[str, Any], IlrReturn]:
    content = f"<Learner><LearningDelivery>{inner}</LearningDelivery></Learner>"
    returned = opened(tmp_path, message(PROVIDER, content))
    (record,) = records(returned)
    (delivery,) = record["LearningDelivery"]
    return delivery, returned


def test_a_learner_becomes_a_record_of_the_scenario_format(tmp_path: Path) -> None:
    returned = opened(tmp_path, message(HEADER, PROVIDER, LEARNER))
    (learner,) = returned.learners()
    assert learner.record == RECORD
    assert learner.line == 2
    assert (returned.ukprn, returned.funding_year) == (10000001, "1718")
    assert returned.file_name == "ILR-10000001-1718-20170906-120000-01.XML"
    assert returned.tolerated == ()


@pytest.mark.parametrize(("year", "namespace"), YEARS.items())
def test_the_year_is_that_of_the_namespace(tmp_path: Path, year: str, namespace: str) -> None:
    returned = opened(tmp_path, message(PROVIDER, LEARNER, namespace=namespace))
    assert returned.funding_year == year
    assert records(returned) == [RECORD]
    assert returned.tolerated == ()


def test_a_prefix_for_the_namespace_changes_nothing(tmp_path: Path) -> None:
    plain = message(PROVIDER, LEARNER, namespace="")
    prefixed = plain.replace("</", "<|").replace("<", "<i:").replace("<i:|", "</i:")
    returned = opened(tmp_path, prefixed.replace("<i:Message", '<i:Message xmlns:i="ESFA/ILR/2018-19"'))
    assert records(returned) == [RECORD]
    assert returned.tolerated == ()


def test_without_a_namespace_the_header_gives_the_year(tmp_path: Path) -> None:
    returned = opened(tmp_path, message(HEADER, PROVIDER, LEARNER, namespace=""))
    assert returned.funding_year == "1718"
    assert records(returned) == [RECORD]
    assert returned.tolerated_counts == {Kind.NAMESPACE: 1}


def test_the_namespace_decides_when_the_header_names_another_year(tmp_path: Path) -> None:
    returned = opened(tmp_path, message(HEADER, PROVIDER, namespace=YEARS["1819"]))
    assert returned.funding_year == "1819"
    assert returned.tolerated_counts == {Kind.YEAR: 1}


def test_an_element_in_another_namespace_is_read_all_the_same(tmp_path: Path) -> None:
    delivery, returned = only_delivery(tmp_path, '<StdCode xmlns="ESFA/ILR/2018-19">50</StdCode>')
    assert delivery == {"StdCode": 50}
    assert returned.tolerated_counts == {Kind.NAMESPACE: 1}


def test_the_agencys_sample_of_2017_has_one_element_out_of_order(shared: Path) -> None:
    sample = open_return(shared / "official-samples/1718-official-sample_ILR-1234567-1718-01.xml")
    assert len(records(sample)) == 18
    (tolerated,) = sample.tolerated
    assert (tolerated.kind, tolerated.line) == (Kind.ORDER, 87)
    assert tolerated.path == "learners[0].LearningDelivery[0].StdCode"
    assert "StdCode stands after DelLocPostCode" in tolerated.what


@pytest.mark.parametrize(
    ("name", "year", "learners", "deliveries"),
    [
        ("1819-official-sample_ILR-99999999-1819.xml", "1819", 18, 41),
        ("1819-fm36-100learners-204aims.xml", "1819", 100, 204),
        ("2526-official-sample_ILR-99999999-2526.xml", "2526", 19, 35),
    ],
)
def test_the_other_samples_need_no_tolerance(
    shared: Path, name: str, year: str, learners: int, deliveries: int
) -> None:
    sample = open_return(shared / "official-samples" / name)
    read = records(sample)
    assert sample.funding_year == year
    assert len(read) == learners
    assert sum(len(record["LearningDelivery"]) for record in read) == deliveries
    assert sample.tolerated == ()


def test_any_order_of_elements_gives_the_same_record(tmp_path: Path) -> None:
    start, rest = LEARNER.split("<LearnerEmploymentStatus>")
    employment, aim = rest.split("</LearnerEmploymentStatus>")
    aim = aim.replace("</Learner>", "")
    moved = f"{start}{aim}<LearnerEmploymentStatus>{employment}</LearnerEmploymentStatus></Learner>"
    returned = opened(tmp_path, message(moved, PROVIDER, HEADER))
    assert records(returned) == [RECORD]
    assert [item.path for item in returned.tolerated] == [
        "LearningProvider",
        "learners[0].LearnerEmploymentStatus",
    ]


def test_records_of_2016_to_2017_get_the_names_of_later_years(tmp_path: Path) -> None:
    old = LEARNER.replace("AppFinRecord", "TrailblazerApprenticeshipFinancialRecord").replace("AFin", "TBFin")
    returned = opened(tmp_path, message(PROVIDER, old, namespace=YEARS["1617"]))
    assert records(returned) == [RECORD]
    assert returned.tolerated_counts == {Kind.RENAMED: 2}
    assert returned.tolerated[1].path == "learners[0].LearningDelivery[0].AppFinRecord"


def test_empty_elements_are_left_out(tmp_path: Path) -> None:
    delivery, returned = only_delivery(tmp_path, "<StdCode/><ProgType>  </ProgType><AppFinRecord/>")
    assert delivery == {}
    assert returned.tolerated_counts == {Kind.EMPTY: 3, Kind.ORDER: 1}


def test_blanks_around_a_value_are_left_out(tmp_path: Path) -> None:
    delivery, returned = only_delivery(tmp_path, "<StdCode>\n 50 </StdCode>")
    assert delivery == {"StdCode": 50}
    assert returned.tolerated_counts == {Kind.BLANKS: 1}


@pytest.mark.parametrize("value", ["12000.50", "1_000", "١٢", "twelve", "9" * 5000, "1 000"])
def test_a_value_of_another_kind_stays_as_it_is_written(tmp_path: Path, value: str) -> None:
    delivery, _ = only_delivery(tmp_path, f"<AddHours>{value}</AddHours>")
    assert delivery == {"AddHours": value}


@pytest.mark.parametrize(
    "value",
    [
        "2017-08-01T00:00:00",
        "2017-08-01T09:30:00.5",
        "2017-08-01Z",
        "2017-08-01+01:00",
        "2017-08-01T00:00:00+01:00",
    ],
)
def test_a_time_or_zone_after_a_date_is_left_out(tmp_path: Path, value: str) -> None:
    delivery, returned = only_delivery(tmp_path, f"<LearnStartDate>{value}</LearnStartDate>")
    assert delivery == {"LearnStartDate": "2017-08-01"}
    assert returned.tolerated_counts == {Kind.TIME: 1}


@pytest.mark.parametrize("value", ["2017-07-31T23:00:00Z", "2017-8-1", "01/08/2017", "2017-08-01 later"])
def test_what_may_be_another_day_is_left_to_the_reader_of_the_record(tmp_path: Path, value: str) -> None:
    delivery, returned = only_delivery(tmp_path, f"<LearnStartDate>{value}</LearnStartDate>")
    assert delivery == {"LearnStartDate": value}
    assert returned.tolerated == ()


def test_an_element_given_twice_keeps_both_values(tmp_path: Path) -> None:
    delivery, returned = only_delivery(tmp_path, "<StdCode>50</StdCode><StdCode>51</StdCode>")
    assert delivery == {"StdCode": [50, 51]}
    assert returned.tolerated_counts == {Kind.REPEATED: 1}


def test_unknown_elements_are_kept(tmp_path: Path) -> None:
    delivery, returned = only_delivery(tmp_path, "<New>x</New><Nested><A>1</A><A>2</A></Nested>")
    assert delivery == {"New": "x", "Nested": {"A": ["1", "2"]}}
    assert returned.tolerated_counts == {Kind.UNKNOWN: 2, Kind.REPEATED: 1}


def test_text_between_elements_is_noted(tmp_path: Path) -> None:
    delivery, returned = only_delivery(tmp_path, "stray<StdCode>50</StdCode>")
    assert delivery == {"StdCode": 50}
    assert returned.tolerated_counts == {Kind.TEXT: 1}


def test_a_comment_inside_a_value_does_not_cut_it(tmp_path: Path) -> None:
    delivery, _ = only_delivery(tmp_path, "<StdCode>5<!-- and -->0<?and?>1<![CDATA[2]]></StdCode>")
    assert delivery == {"StdCode": 5012}


def test_prior_attainment_may_be_a_figure_or_a_group(tmp_path: Path) -> None:
    group = "<PriorAttain><PriorLevel>2</PriorLevel></PriorAttain>"
    returned = opened(
        tmp_path,
        message(
            PROVIDER,
            "<Learner><ULN>1</ULN><PriorAttain>2</PriorAttain><Accom>5</Accom></Learner>",
            f"<Learner><TelNo>1</TelNo>{group}</Learner>",
        ),
    )
    assert [record["PriorAttain"] for record in records(returned)] == ["2", [{"PriorLevel": "2"}]]
    assert returned.tolerated == ()


def test_what_is_tolerated_is_counted_and_only_the_first_of_each_kind_kept(tmp_path: Path) -> None:
    returned = opened(tmp_path, message(PROVIDER, "<Learner><ULN/></Learner>\n" * 1000))
    assert len(records(returned)) == 1000
    assert returned.tolerated_counts == {Kind.EMPTY: 1000}
    assert [item.line for item in returned.tolerated] == [1, 2, 3, 4, 5]


def test_reading_again_gives_the_same_learners_and_notes(tmp_path: Path) -> None:
    returned = opened(tmp_path, message(LEARNER.replace("A1", ""), PROVIDER))
    first, notes = records(returned), returned.tolerated
    assert records(returned) == first
    assert returned.tolerated == notes


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("cp1252", "windows-1252"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, declared: str) -> None:
    content = message(HEADER, "\n", PROVIDER, LEARNER.replace(">Given<", ">Zoë – José<"))
    returned = opened(tmp_path, f'<?xml version="1.0" encoding="{declared}"?>\r\n{content}'.encode(encoding))
    assert records(returned) == [RECORD | {"GivenNames": "Zoë – José"}]
    assert returned.tolerated == ()


def test_a_byte_order_mark_without_declaration(tmp_path: Path) -> None:
    returned = opened(tmp_path, message(PROVIDER, LEARNER).encode("utf-16"))
    assert records(returned) == [RECORD]


BILLION_LAUGHS = (
    '<!DOCTYPE Message [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {here} "{f"&{before};" * 10}">' for before, here in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declaration",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE Message [<!ENTITY j SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Message [<!ENTITY % j SYSTEM "http://localhost:9/j"> %j;]>',
        '<!DOCTYPE Message SYSTEM "http://localhost:9/ilr.dtd">',
        "<!DOCTYPE Message>",
    ],
)
def test_a_document_type_declaration_is_refused(tmp_path: Path, declaration: str, encoding: str) -> None:
    learner = "<Learner><FamilyName>&j;</FamilyName></Learner>"
    with pytest.raises(IlrError, match="document type declaration") as refused:
        opened(tmp_path, (declaration + message(PROVIDER, learner)).encode(encoding))
    assert refused.value.line == 1


def test_an_entity_that_nobody_declared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IlrError, match="not well-formed"):
        records(opened(tmp_path, message(PROVIDER, "<Learner><FamilyName>&j;</FamilyName></Learner>")))


def test_predefined_entities_are_read(tmp_path: Path) -> None:
    returned = opened(tmp_path, message(PROVIDER, "<Learner><FamilyName>A &amp; &#66;</FamilyName></Learner>"))
    assert records(returned) == [{"FamilyName": "A & B"}]


@pytest.mark.parametrize("where", ["before the provider", "after it"])
def test_nesting_without_end_is_refused(tmp_path: Path, where: str) -> None:
    deep = "<A>" * 5000 + "</A>" * 5000
    content = message(deep, PROVIDER) if where == "before the provider" else message(PROVIDER, deep)
    with pytest.raises(IlrError, match="nested deeper"):
        records(opened(tmp_path, content))


def test_a_value_without_end_is_refused(tmp_path: Path) -> None:
    huge = f"<Learner><FamilyName>{'x' * 11_000_000}</FamilyName></Learner>"
    with pytest.raises(IlrError, match="longer"):
        records(opened(tmp_path, message(PROVIDER, huge)))


def test_a_file_that_was_cut_off_gives_its_learners_and_then_the_error(tmp_path: Path) -> None:
    whole = message(PROVIDER, LEARNER * 3)
    returned = opened(tmp_path, whole[: whole.rindex("<AimType>")])
    learners = returned.learners()
    assert [next(learners).record, next(learners).record] == [RECORD, RECORD]
    with pytest.raises(IlrError, match="cut off") as refused:
        next(learners)
    assert refused.value.line is not None
    assert refused.value.line > 80
    assert refused.value.file == f"{returned.path}:{refused.value.line}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("   \n ", "not well-formed"),
        ("LearnRefNumber,ULN\nA1,1000000001\n", "not well-formed"),
        (b"PK\x03\x04" + bytes(range(256)), "not well-formed"),
        (message(PROVIDER)[:30], "cut off"),
        (message("<Header>"), "not well-formed"),
        (message(HEADER).replace("Year", "Yéar").encode("latin-1"), "not well-formed"),
        ("<Ilr xmlns='ESFA/ILR/2018-19'/>", "outermost element is Ilr, not Message"),
        (message(HEADER, LEARNER), "names no provider"),
        (message("<LearningProvider><UKPRN/></LearningProvider>"), "UKPRN"),
        (message("<LearningProvider><UKPRN>1000000l</UKPRN></LearningProvider>"), "eight digits"),
        (message(PROVIDER, namespace=""), "no year"),
        (message(PROVIDER, namespace="ESFA/ILR/2018-20"), "no year"),
        (message(PROVIDER, namespace="SFA/ILR/2015-16"), "2015 to 2016"),
        (message(PROVIDER, namespace="ILR/2027-28"), "2027 to 2028"),
        ("<?xml version='1.0' encoding='nonsense'?><Message/>", "not well-formed"),
    ],
)
def test_what_is_no_ilr_return_is_refused(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(IlrError, match=reason) as refused:
        opened(tmp_path, content)
    assert isinstance(refused.value, FundingError)
    assert str(tmp_path) in str(refused.value)


def test_learners_inside_something_else_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IlrError, match="directly in Message"):
        records(opened(tmp_path, message(PROVIDER, f"<Learners>{LEARNER}</Learners>")))


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IlrError, match="folder"):
        open_return(tmp_path)
    with pytest.raises(IlrError, match="cannot be read"):
        open_return(tmp_path / "missing.xml")


PEAK_OF_READING = """
import sys
from funding_reference.ilr import open_return
print(sum(1 for _ in open_return(sys.argv[1]).learners()))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    outcome = "<LearnerDestinationandProgression><ULN>1000000001</ULN></LearnerDestinationandProgression>\n"

    def read(megabytes: int) -> tuple[int, int]:
        count = megabytes * 1_000_000 // len(LEARNER + outcome)
        path = written(tmp_path, message(PROVIDER, LEARNER * count, outcome * count))
        environment = {"PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, "-c", PEAK_OF_READING, str(path)]
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        learners, peak = answer.stdout.split()
        assert int(learners) == count
        return count, int(peak)

    small, small_peak = read(5)
    large, large_peak = read(40)
    assert large > 7 * small
    assert large_peak < 1.1 * small_peak


def test_masking_keeps_what_the_rules_read_and_nothing_else() -> None:
    masked = Masker().record(
        RECORD
        | {"PrevUKPRN": 10000002, "PrevLearnRefNumber": "B7", "Unknown": {"Name": "Example"}}
        | {"LearnerHE": {"UCASPERID": "1234567890"}}
    )
    assert masked == {
        "LearnRefNumber": "L00000001",
        "PrevLearnRefNumber": "L00000002",
        "ULN": 9000000001,
        "LearnerEmploymentStatus": RECORD["LearnerEmploymentStatus"],
        "LearningDelivery": RECORD["LearningDelivery"],
    } | dict.fromkeys(
        (
            *("FamilyName", "GivenNames", "DateOfBirth", "NINumber", "PostcodePrior", "AddLine1"),
            *("LearnerFAM", "PrevUKPRN", "Unknown", "LearnerHE"),
        ),
        "masked",
    )


def test_masking_leaves_the_record_itself_alone(tmp_path: Path) -> None:
    (record,) = records(opened(tmp_path, message(PROVIDER, LEARNER)))
    Masker().record(record)
    assert record == RECORD


def test_masking_hides_what_could_lead_to_a_learner_inside_an_aim() -> None:
    hidden = {"DelLocPostCode": "AB1 2CD", "SWSupAimId": "1", "StdCode": {"Name": "Example"}}
    monitoring = {"ProviderSpecDeliveryMonitoring": [{"ProvSpecDelMon": "Example"}]}
    masked = Masker().record({"LearningDelivery": [hidden | monitoring], "LearnerEmploymentStatus": "Example"})
    assert "Example" not in str(masked)
    assert "AB1" not in str(masked)


def test_one_masker_numbers_in_order_of_appearance_and_remembers() -> None:
    masker = Masker()
    assert [masker.uln(uln) for uln in (1000000019, 1000000001, "1000000019")] == [
        9000000001,
        9000000002,
        9000000001,
    ]
    assert [masker.learner(reference) for reference in ("B", "A", "B")] == [
        "L00000001",
        "L00000002",
        "L00000001",
    ]
    assert masker.uln(9999999999) == 9999999999
    assert Masker().uln(1000000001) == 9000000001

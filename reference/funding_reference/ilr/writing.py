"""An ILR return as XML: learners in the shape of the scenario format, with the namespace, names and order of its year.

What a return must say and the funding rules do not read is filled in with values that say nothing: sex, ethnicity,
addresses. They are no facts about anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from funding_spec.errors import FundingError
from lxml import etree

from funding_reference.ilr.elements import FIRST_YEAR, LAST_YEAR, ORDER, RENAMED, REPEATING, namespace_of

UNKNOWN_POSTCODE: Final = "ZZ99 9ZZ"
"""What the ILR has for a postcode that is not known; it is in no table of deprivation."""

FILLED_IN: Final[Mapping[str, Mapping[str, Any]]] = {
    "Learner": {
        "FamilyName": "Case",
        "GivenNames": "Made-up",
        "Ethnicity": 99,
        "Sex": "F",
        "LLDDHealthProb": 9,
        "PostcodePrior": UNKNOWN_POSTCODE,
        "Postcode": UNKNOWN_POSTCODE,
    },
    "LearningDelivery": {"DelLocPostCode": UNKNOWN_POSTCODE},
}
"""By group, what a return must say though no rule reads it."""

_ONLY_IN_1617: Final = {new: old for old, new in RENAMED.items()}

_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "ULN": (1_000_000_000, 9_999_999_999),
    "AimSeqNumber": (1, 98),
    "FundModel": (0, 99),
    "StdCode": (1, 99_999),
    "FworkCode": (0, 999),
    "PwayCode": (0, 999),
    "EmpId": (1, 999_999_999),
    "AFinAmount": (0, 999_999),
    "PriorLearnFundAdj": (0, 99),
    "OtherFundAdj": (0, 999),
}
"""The least and the most that the schemas allow of a number."""

_LENGTHS: Final[Mapping[str, int]] = {
    "LearnRefNumber": 12,
    "PrevLearnRefNumber": 12,
    "LearnAimRef": 8,
    "LearnDelFAMType": 3,
    "LearnDelFAMCode": 5,
    "AFinType": 3,
    "ESMType": 3,
    "PostcodePrior": 8,
    "Postcode": 8,
}
"""How many characters the schemas allow at most."""


class NotForAReturn(FundingError):
    """A learner holds something that no ILR return can."""


@frozen
class Head:
    """What a return says of itself.

    :param funding_year: such as 1718
    :param prepared: when the file was prepared
    :param serial: tells files of one moment apart, 1 to 99
    :param package: the program that wrote it, and its version
    """

    ukprn: int
    funding_year: str
    prepared: datetime
    serial: int
    package: tuple[str, str]

    @property
    def file_name(self) -> str:
        """The name that the agency asks for."""
        return f"ILR-{self.ukprn}-{self.funding_year}-{self.prepared:%Y%m%d-%H%M%S}-{self.serial:02}.XML"


def written_return(head: Head, learners: Iterable[Mapping[str, Any]], remark: str = "") -> bytes:
    """A whole return as UTF-8 XML.

    :param remark: stands in a comment before it
    :raises NotForAReturn: the provider, the year or a learner does not fit into a return
    """
    if not FIRST_YEAR <= head.funding_year <= LAST_YEAR or not 10_000_000 <= head.ukprn <= 99_999_999:
        raise NotForAReturn(f"There is no return of provider {head.ukprn} for the year {head.funding_year}.")
    writer = _Writer(head.funding_year)
    message = writer.element("Message")
    _write_head(writer, message, head)
    for number, learner in enumerate(learners):
        writer.write_group(message, "Learner", learner, f"learners[{number}]")
    before = b'<?xml version="1.0" encoding="utf-8"?>\n' + (f"<!-- {remark} -->\n".encode() if remark else b"")
    etree.indent(message)
    return before + etree.tostring(message, encoding="utf-8") + b"\n"


def check_learner(learner: Mapping[str, Any], funding_year: str) -> None:
    """Refuses a learner who does not fit into a return of that year.

    :raises NotForAReturn: what does not fit, and where
    """
    writer = _Writer(funding_year)
    writer.write_group(writer.element("Message"), "Learner", learner, "learner")


def _write_head(writer: _Writer, message: Any, head: Head) -> None:
    moment = head.prepared.strftime("%Y-%m-%dT%H:%M:%S")
    header = writer.child(message, "Header")
    details = writer.child(header, "CollectionDetails")
    name, version = head.package
    for below, values in (
        (
            details,
            {"Collection": "ILR", "Year": head.funding_year, "FilePreparationDate": moment[: len("YYYY-MM-DD")]},
        ),
        (
            writer.child(header, "Source"),
            {
                "ProtectiveMarking": "OFFICIAL-SENSITIVE-Personal",
                "UKPRN": head.ukprn,
                "SoftwareSupplier": name,
                "SoftwarePackage": name,
                "Release": version,
                "SerialNo": f"{head.serial:02}",
                "DateTime": moment,
            },
        ),
        (writer.child(message, "LearningProvider"), {"UKPRN": head.ukprn}),
    ):
        for field, value in values.items():
            writer.child(below, field).text = str(value)


class _Writer:
    """Puts records into elements of one year's namespace."""

    def __init__(self, funding_year: str) -> None:
        self._namespace = namespace_of(funding_year)
        self._names = _ONLY_IN_1617 if funding_year == FIRST_YEAR else {}

    def element(self, name: str) -> Any:
        prefixes: Any = {None: self._namespace}
        return etree.Element(f"{{{self._namespace}}}{name}", nsmap=prefixes)

    def child(self, parent: Any, name: str) -> Any:
        return etree.SubElement(parent, f"{{{self._namespace}}}{self._names.get(name, name)}")

    def write_group(self, parent: Any, group: str, record: Any, path: str) -> None:
        if not isinstance(record, Mapping):
            raise NotForAReturn(f"{group} is not a group of elements.", path=path)
        order = ORDER[group]
        if unknown := [name for name in record if name not in order]:
            raise NotForAReturn(f"{group} has no element {unknown[0]}.", path=path)
        element = self.child(parent, group)
        whole = {**FILLED_IN.get(group, {}), **{name: value for name, value in record.items() if value is not None}}
        for name in order:
            if name in whole:
                self._write(element, name, whole[name], f"{path}.{name}")

    def _write(self, parent: Any, name: str, value: Any, path: str) -> None:
        if name in ORDER and name in REPEATING:
            for number, item in enumerate(value if isinstance(value, list) else [value]):
                self.write_group(parent, name, item, f"{path}[{number}]")
            return
        text = _text(name, value, path)
        try:
            self.child(parent, name).text = text
        except ValueError:
            raise NotForAReturn(f"{name} holds a character that XML cannot.", path=path) from None


def _text(name: str, value: Any, path: str) -> str:
    if isinstance(value, list | Mapping | bool):
        raise NotForAReturn(f"{name} is a single value.", path=path)
    if name in _RANGES:
        least, most = _RANGES[name]
        if not isinstance(value, int) or not least <= value <= most:
            raise NotForAReturn(f"{name} is a whole number from {least} to {most}.", path=path)
    text = str(value)
    if not 1 <= len(text) <= _LENGTHS.get(name, 255):
        raise NotForAReturn(f"{name} has 1 to {_LENGTHS.get(name, 255)} characters.", path=path)
    return text

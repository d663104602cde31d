"""Earnings in the forms that training providers' systems write: FM36, and the Apps Indicative Earnings report.

Pure functions over plain data: what was returned and the earnings rows of an answer go in, a document comes out; and
such a document, whoever wrote it, comes back as earnings rows.
"""

from funding_conformance.formats.lines import FormatError

__all__ = ["FormatError"]

"""Answers in the forms that providers and employers know.

Earnings as FM36 and as the Apps Indicative Earnings report; payments as Apps Monthly Payment, Apps Co-Investment
Contributions, Apprenticeship Data Match Report and invoices. Pure functions over plain data: what was returned and the
rows of an answer go in, a document comes out; and one of earnings, whoever wrote it, comes back as earnings rows.
"""

from funding_conformance.formats.lines import FormatError

__all__ = ["FormatError"]

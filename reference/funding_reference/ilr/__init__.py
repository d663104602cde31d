"""ILR returns: the XML files in which a provider tells the agency of its learners, from 2016 to 2017 on.

A return is opened for its provider and year, then its learners are read one by one, so that a file of any
size needs little memory. Each learner is a plain record with the ILR's own element names and nesting, as in
the scenario format. Reading is tolerant where nothing can be misunderstood, and keeps note of what it
tolerated; anything else is refused with file, line and reason. A return can also be written, for a system to import.
"""

from funding_reference.ilr.masking import Masker
from funding_reference.ilr.opening import IlrError
from funding_reference.ilr.reading import IlrLearner, IlrReturn, open_return
from funding_reference.ilr.tolerance import Kind, Tolerated
from funding_reference.ilr.writing import Head, NotForAReturn, check_learner, written_return

__all__ = [
    "Head",
    "IlrError",
    "IlrLearner",
    "IlrReturn",
    "Kind",
    "Masker",
    "NotForAReturn",
    "Tolerated",
    "check_learner",
    "open_return",
    "written_return",
]

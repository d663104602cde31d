"""The funding rules as Python that reads like the guide.

:func:`funding_reference.collections.answer` answers a scenario; everything it does is built from the small
functions of this package, each of which names the clauses it implements in the last line of its docstring.
"""

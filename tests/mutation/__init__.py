"""Mutation run: small mistakes put into the rules of the reference one at a time, each of which something must notice.

``python -m tests.mutation`` makes the mutants with Cosmic Ray's operators and a few of our own, and asks about each the
suite (every worked example, the fresh cases of a usual run, the properties), and then the tests of the reference.
CONTRIBUTING.md says when to run it.
"""

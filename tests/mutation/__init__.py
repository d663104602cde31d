"""Mutation run: small mistakes put into the rules of earnings one at a time, each of which something must notice.

``python -m tests.mutation`` makes the mutants with Cosmic Ray's operators and a few of our own, and asks every worked
example, the tests of the reference and the properties about each. CONTRIBUTING.md says when to run it.
"""

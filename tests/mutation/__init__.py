"""Mutation coverage: does any named expectation of the catalogue notice when one line of behaviour changes?

`make mutants` takes a seeded sample of mutants of guards, orders, portfolio, decide and strategies, plays every
scenario of the catalogue under each, and counts those that an expectation notices. Bytes are compared apart from
that: a mutant that changes any decision must be noticed by replaying the recordings.
"""

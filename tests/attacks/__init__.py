"""Attacks, a table a subject: the input, what it may cost, and what must be seen.

An attack is a hostile answer, a damaged file or a careless wish that is small to write down. `tests.support.attacks`
runs it as a user would, in a process with limits of its own. All of them together take less than a minute: what needs
a longer story is a test of its own, beside this folder.
"""

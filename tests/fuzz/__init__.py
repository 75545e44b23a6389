"""Fuzzing of everything that reads bytes from outside: `python -m tests.fuzz --cases 20000 --seed 1`.

Samples of each reader are damaged in many ways, by a generator of a fixed seed; a reader may answer what it likes, and
raise what its callers expect, but nothing else, and not take long. The suite runs a small share of it.
"""

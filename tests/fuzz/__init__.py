"""Fuzzing of everything that reads bytes from outside: `python -m tests.fuzz --cases 20000 --seed 1`.

Samples of each reader are damaged in many ways, by a generator of a fixed seed; a reader may answer what it likes, and
raise what its callers expect, but nothing else, and not take long. The suite runs a small share of it.
"""

from __future__ import annotations

from tests.fuzz import own_files, saved, sites, webarchives, written

READERS = {
    one.name: one
    for one in (*sites.READERS, *webarchives.READERS, *saved.READERS, *written.READERS, *own_files.READERS)
}

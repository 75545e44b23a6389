"""The walk of a new user: every command that README and docs print, run as printed in a new folder.

`python -m tests.walk` walks through all pages, which takes some minutes; test_walk.py walks through a few. The program
is the first `farscrawler` of PATH, so that an installation on a bare machine can be walked through too.
"""

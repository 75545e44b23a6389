"""The one module that the server of forks is asked to import: it loads all that a crawl needs."""

import os

# A signal to the group of a worker or watch, as by `timeout` of a shell, is theirs: they end their crawls in order.
os.setpgid(0, 0)

from farscrawler.schedule.forks import load  # noqa: E402  # the group first

load()

"""The one module that the server of forks is asked to import: it loads all that a crawl needs."""

import os

# A signal to the group of a command, as by `timeout` of a shell, is the command's: it ends its crawls in order.
os.setpgid(0, 0)

from farscrawler.forks.server import load  # noqa: E402  # the group first

load()

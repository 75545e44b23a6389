"""The one module that the server of forks is asked to import: it loads all that a crawl needs."""

import os
import signal

from farscrawler.forks.server import ENDINGS, load

# A signal to the group of a command, as by `timeout` of a shell, is the command's: it ends its crawls in order. What
# has come until here is forgotten, since a signal that is ignored does not wait.
os.setpgid(0, 0)
_before = [signal.signal(number, signal.SIG_IGN) for number in ENDINGS]
signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
for _number, _handler in zip(ENDINGS, _before, strict=True):
    signal.signal(_number, _handler)

load()

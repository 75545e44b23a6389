"""When each publisher is asked next: learned from its articles, bounded by a budget, put off by failures.

`profile` learns how often a site publishes, `due` says when asking pays, `budget` what asking may cost, `backoff` how
long a failure puts a site off, `plan` puts the four together; they are pure. `watcher` starts the crawls as `crawls`,
processes of their own, and keeps the state in the archive (archive/schedule.py). `lag` says how late articles come in.
"""

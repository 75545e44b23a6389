"""Crawls in several processes: who crawls what, and what is said between the parent and its children.

The parent (`Processes`) hands publishers to children (`child`, forks of one interpreter) and hears how each crawl has
ended. It knows nothing of the command line: a worker that takes jobs from a queue may be such a parent too, with a
child for each job.
"""

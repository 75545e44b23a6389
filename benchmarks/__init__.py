"""What farscrawler costs, measured against what it could be taken for: `python -m benchmarks`."""

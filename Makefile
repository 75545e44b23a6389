# The tasks of a developer; each makes the environment it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
READY   = $(VENV)/.ready
# Tests wait for sites and pauses a good deal: three share two cores best.
WORKERS ?= 3

.PHONY: demo test fuzz lint bench lock clean

demo: $(READY)  ## crawl a replica of the first site into demo/archive.db and demo/news.jsonl, and show the news
	$(BIN)/farscrawler demo

test: $(READY)  ## all tests, warnings as errors; the same every time
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

fuzz: $(READY)  ## the tests of properties with twenty times the examples, drawn anew; what it finds becomes a test
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal --hypothesis-profile fuzz -m hypothesis

lint: $(READY)  ## style, which folder may import which, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/mypy

# Not together with dev: two packages spell one extra of lxml differently, which older pips take for an error.
bench: $(READY)  ## measure, as ratios in one run; see docs/performance.md
	$(BIN)/python -m pip install --quiet --constraint requirements-dev.lock --editable '.[bench]'
	$(BIN)/python -m benchmarks

lock: $(READY)  ## write the exact versions in use into requirements-dev.lock
	$(BIN)/python -m pip freeze --exclude-editable | LC_ALL=C sort --ignore-case > requirements-dev.lock

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml requirements-dev.lock
	$(PYTHON) -c 'import sys; sys.exit("farscrawler needs Python 3.11 or newer: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint requirements-dev.lock --editable '.[dev]'
	touch $(READY)

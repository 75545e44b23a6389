# The tasks of a developer; each makes the environment it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
READY   = $(VENV)/.ready
# Tests wait for sites and pauses a good deal: two share a core best.
WORKERS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))

.PHONY: demo test test-min test-newest fuzz walk lint bench accuracy lock lock-min clean

demo: $(READY)  ## crawl a replica of the first site into demo/archive.db and demo/news.jsonl, and show the news
	$(BIN)/farscrawler demo

test: $(READY)  ## all tests, warnings as errors; the same every time
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

# What is the same with all versions of all libraries: documents, the tools of the tests, what is measured.
ANY_VERSION = $(addprefix --ignore tests/test_, benchmarks.py contributing.py deploy.py docs.py docs_persian.py forkserver.py walk.py)

test-min: $(VENV)-min/.ready  ## the tests with the lowest versions that pyproject.toml allows
	$(VENV)-min/bin/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ANY_VERSION)

# Types, and tests of each layer. All of them take as long again and have not differed between two Pythons yet.
NEWEST_TESTS = $(addprefix tests/test_, cli.py library.py imports.py days.py timestamps.py listings.py listings_days.py \
	listings_limits.py archive.py exports.py exports_sqlite.py extract_fixtures.py crawl.py crawl_all.py crawl_ends.py \
	kills.py reparse.py warc_crawl.py)

test-newest:  ## types and a part of the tests with the newest Python of this machine, where it is newer than $(PYTHON)
	@newest="$$(.ci/newest-python $(PYTHON))" || { echo "no Python here is newer than $(PYTHON): nothing to test"; exit 0; }; \
	set -e; [ -x $(VENV)-newest/bin/python ] || "$$newest" -m venv $(VENV)-newest; \
	$(VENV)-newest/bin/python --version; \
	$(VENV)-newest/bin/python -m pip install --quiet --constraint requirements-dev.lock --editable '.[dev]'; \
	$(VENV)-newest/bin/python -m mypy --cache-dir .mypy_cache/newest; \
	$(VENV)-newest/bin/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(NEWEST_TESTS)

fuzz: $(READY)  ## the tests of properties with twenty times the examples, drawn anew, and damage for every reader; what it finds becomes a test
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal --hypothesis-profile fuzz -m hypothesis
	$(BIN)/python -m tests.fuzz --cases 2000 --seed $$(date +%s)

walk: $(READY)  ## the walk of a new user: every command of README and docs, run as printed in new folders; takes minutes
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.walk

lint: $(READY)  ## style, which folder may import which, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/mypy

# Not together with dev: two packages spell one extra of lxml differently, which older pips take for an error.
bench: $(READY)  ## measure, as ratios in one run; see docs/performance.md
	$(BIN)/python -m pip install --quiet --constraint requirements-dev.lock --editable '.[bench]'
	$(BIN)/python -m benchmarks

# The peers bring sixty packages, and a chain of extras that pip before 24 takes for an error: an environment of their own.
accuracy: $(VENV)-peers/.ready  ## measure what is read of pages, beside peers; see docs/accuracy.md
	$(VENV)-peers/bin/python -m benchmarks --only accuracy $(ACCURACY)

lock: $(READY)  ## write the exact versions in use into requirements-dev.lock
	$(BIN)/python -m pip freeze --exclude-editable | LC_ALL=C sort --ignore-case > requirements-dev.lock

lock-min: $(READY)  ## write the lowest versions that pyproject.toml allows, and what pip takes along, into requirements-min.lock
	$(BIN)/python .ci/lowest.py > requirements-min.lock
	rm -rf $(VENV)-min
	$(MAKE) $(VENV)-min/.ready
	$(VENV)-min/bin/python -m pip freeze --exclude-editable | LC_ALL=C sort --ignore-case > requirements-min.lock

clean:
	rm -rf $(VENV) $(VENV)-min $(VENV)-newest $(VENV)-peers demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml requirements-dev.lock
	$(PYTHON) -c 'import sys; sys.exit("farscrawler needs Python 3.11 or newer: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint requirements-dev.lock --editable '.[dev]'
	touch $(READY)

$(VENV)-peers/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-peers/bin/python -m pip install --quiet --editable '.[peers,test]'
	touch $@

$(VENV)-min/.ready: pyproject.toml requirements-min.lock
	$(PYTHON) -m venv $(VENV)-min
	$(VENV)-min/bin/python -m pip install --quiet --constraint requirements-min.lock --editable '.[test]'
	touch $@

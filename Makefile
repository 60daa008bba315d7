# Every target does its own set-up: Python 3.11 or later, make and git are all that must be there.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
REPORTS ?= reports
READY = $(VENV)/.ready
# MATRIX_TURN=N takes another share of the matrix, MATRIX_PART=3/9 the third of nine parts of the whole one.
# Much of a test is waiting, for a server that stops or a window that passes: two workers more than there are processors.
WORKERS ?= $(shell expr $$(nproc 2> /dev/null || getconf _NPROCESSORS_ONLN) + 2)
# Workers and runs import the same modules over and over: let them keep what they compile.
export PYTHONDONTWRITEBYTECODE =
PYTEST = $(BIN)/python -m pytest -q
PARALLEL = $(PYTEST) -n $(WORKERS) --dist worksteal
MATRIX = tests/matrix/test_kill_matrix.py tests/matrix/test_lawful.py

.PHONY: demo fast rule topic test matrix estimates format lint docs clean

demo: $(READY)
	$(BIN)/python -m pytest --target-url demo --report-dir $(REPORTS)

# What to run at every save: everything except the matrix, browsers, killed runs and whole runs.
fast: $(READY)
	$(PARALLEL) -m 'not (own or share or whole or slow or browser)' tests

# One rule: on the reference, on its defects, on the lawful APIs.
rule: $(READY)
	@test -n '$(RULE)' || { echo 'make rule RULE=PAGE-016'; exit 2; }
	$(PYTEST) -m own -k '$(RULE)' $(MATRIX)

# One topic: its tests, and its rules on their defects.
topic: $(READY)
	@test -n '$(TOPIC)' || { echo 'make topic TOPIC=pagination'; exit 2; }
	$(PARALLEL) -m "topic(name='$(TOPIC)') and not (share or whole)" tests

# Everything in one go: one more collection of all tests would take longer than it gains.
# Hypothesis takes the same examples each time; plain pytest takes others.
test: $(READY)
	$(PARALLEL) --hypothesis-profile=ci tests

matrix: $(READY)
	$(PARALLEL) -m 'not (own or share)' $(MATRIX)

estimates: $(READY)
	$(BIN)/python -m tests.matrix.estimates

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)
	$(BIN)/python -m harness explain --all --write docs/rules

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[parallel]' --group dev
	touch $(READY)

clean:
	rm -rf $(VENV) build dist

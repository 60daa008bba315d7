# Every target does its own set-up: Python 3.11 or later, make and git are all that must be there.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
REPORTS ?= reports
READY = $(VENV)/.ready

.PHONY: demo test matrix lint docs clean

demo: $(READY)
	$(BIN)/python -m pytest --target-url demo --report-dir $(REPORTS)

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist worksteal -q tests

matrix: $(READY)
	MATRIX=whole $(BIN)/python -m pytest -n auto --dist worksteal -q tests/test_kill_matrix.py tests/test_lawful.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/python -m harness explain --all --write docs/rules

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[parallel,demo]' --group dev
	touch $(READY)

clean:
	rm -rf $(VENV) build dist

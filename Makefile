# make run · make test · make check · make bench: each sets up what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
export OMP_NUM_THREADS ?= 1

.PHONY: run serve test check format bench vectors clean

run: $(VENV)/.run
	$(BIN)/companion run

serve: $(VENV)/.run
	$(BIN)/companion serve

# Formatter, linter and types first: they are quick and their news is plain. Then every test.
test: check
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	$(BIN)/python -m bench.report

vectors: $(VENV)/.dev
	$(BIN)/python -m protocol.vectors --write

clean:
	rm -rf $(VENV) build dist *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[plot,mic,speed]'
	touch $@

# With every engine's packages: a test of an engine that is not installed is skipped, and says so.
$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[all,piper,kokoro,dev]'
	touch $@

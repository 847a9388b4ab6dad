# make run · make quick · make test · make check · make bench: each sets up what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
export OMP_NUM_THREADS ?= 1

.PHONY: run serve quick test coverage check format bench vectors docs-check lock locked clean

run: $(VENV)/.run
	$(BIN)/companion run

serve: $(VENV)/.run
	$(BIN)/companion serve

# Every core takes groups of tests; see tests/conftest.py. TESTS= chooses some, `TESTS=tests/bridge` for instance.
WORKERS = auto
PARALLEL = -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
QUICK = tests/protocol tests/bridge tests/talk tests/testkit tests/test_layers.py

# After every change: decisions, protocol, server and terminal client, without models, browser and Unity.
quick: $(VENV)/.dev
	$(BIN)/python -m pytest -q $(PARALLEL) -m "not (models or browser or unity or realtime or real or wheel)" $(or $(TESTS),$(QUICK))

# Formatter, linter and types first: they are quick and their news is plain. Then every test.
test: check
	$(BIN)/python -m pytest $(PARALLEL) $(if $(COVERAGE),$(COVERED)) $(TESTS)

# The same, slower, with the share of lines and branches that were reached; it fails below the gate. Before a release.
coverage:
	$(MAKE) test COVERAGE=yes
COVERED = --cov --cov-report=term --cov-fail-under=$(GATE)
GATE = 93

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
	$(BIN)/python -m protocol.playout --write

# The links of every page, the commands of CONTRIBUTING.md, the lock, and the files that only the host reads.
docs-check: $(VENV)/.upkeep
	$(BIN)/python -m pytest tests/repository
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms \
	    $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/pre-commit validate-config

# Writes the lock anew after a change of pyproject.toml or constraints.txt; `make lock UPGRADE=--upgrade` takes the
# newest of what constraints.txt leaves open.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-annotate --no-emit-package torch --custom-compile-command 'make lock' -c constraints.txt $(UPGRADE)
lock: $(VENV)/.upkeep
	$(COMPILE) pyproject.toml --all-extras -o requirements/full.txt
	$(COMPILE) pyproject.toml $(LIGHT:%=--extra %) -c requirements/full.txt -o requirements/light.txt
LIGHT = plot mic speed openai models dev

# An environment from the lock, every file checked by its hash. torch alone comes by its version: a machine may have
# a build of its own.
locked: | $(BIN)/python
	$(PIP) torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/full.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BIN)/python -m pip check
	touch $(VENV)/.run $(VENV)/.dev $(VENV)/.upkeep

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
	$(PIP) -e '.[all,lan,piper,kokoro,studio,portrait,video,provenance,privacy,train,dev,real]'
	touch $@

$(VENV)/.upkeep: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[dev,upkeep]'
	touch $@

# The two commands: `make run` and `make test`. Python 3.11 or newer, pip and make are all that they need.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test check lock migration audit tracking schema docs bench bench-peers fuzz clean

help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(RUNTIME) ## Start Siyu with everything it needs
	@exec $(BIN)/siyu serve

test: $(DEVELOPMENT) ## Run every test in two processes, on SQLite and on a real PostgreSQL (ARGS="-k name" for some)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: $(DEVELOPMENT) ## Lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy siyu tests benchmarks
	$(BIN)/lint-imports --no-cache

lock: $(DEVELOPMENT) ## Resolve requirements*.in anew into the lock files
	$(BIN)/uv pip compile -q requirements.in -o requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
	$(BIN)/uv pip compile -q requirements-dev.in -o requirements-dev.lock -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

migration: $(DEVELOPMENT) ## Write the migration that changed tables ask for: make migration NAME=add_store
	@test -n "$(NAME)" || { echo 'Say what it does: make migration NAME=add_store'; exit 2; }
	$(BIN)/siyu migrate --write "$(NAME)"
	$(BIN)/ruff check -q --fix siyu/migrations && $(BIN)/ruff format -q siyu/migrations

fuzz: $(DEVELOPMENT) ## Hold planned reads to the engine's answers for hours (EXAMPLES=20000)
	EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/schema/plans/test_differential.py --hypothesis-profile fuzz $(ARGS)

audit: $(DEVELOPMENT) ## Run the GraphQL-over-HTTP specification's own suite (needs node and npm)
	cd tests/audit && npm ci --no-audit --no-fund --silent
	$(BIN)/python -m pytest tests/audit

tracking: $(DEVELOPMENT) tests/tracking/node_modules ## Send with the real client of Segment's specification (needs node and npm)
	$(BIN)/python -m pytest tests/tracking $(ARGS)

tests/tracking/node_modules: tests/tracking/package-lock.json
	cd tests/tracking && npm ci --no-audit --no-fund --silent --ignore-scripts
	@touch $@

schema: $(DEVELOPMENT) ## Write schema.graphql anew
	$(BIN)/siyu schema print > schema.graphql.new && mv schema.graphql.new schema.graphql

docs: $(DEVELOPMENT) ## Write the table of docs/settings.md anew
	$(BIN)/python -m tests.house.settings_table

bench: $(DEVELOPMENT) ## Measure the shapes of benchmarks/README.md
	$(BIN)/python -m benchmarks $(ARGS)

bench-peers: $(DEVELOPMENT) ## Install PostGraphile from npm, apart, and measure it as well
	$(BIN)/python -m benchmarks peers
	$(BIN)/python -m benchmarks run --peers $(ARGS)

clean: ## Remove what was made, but not .siyu, where the data is
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Siyu needs Python 3.11 or newer; say which: make run PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

# The stamps: a second `make run` installs nothing, a changed lock installs again.
$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --no-index -e .
	@$(BIN)/python -m compileall -q siyu
	@touch $@

$(DEVELOPMENT): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation --no-index -e .
	@$(BIN)/python -m compileall -q siyu
	@touch $@ $(RUNTIME)

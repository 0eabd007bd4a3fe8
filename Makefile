# Everything a person or CI runs. `make` alone lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PYTHONS ?= python3.11 python3.12 python3.13 python3.14
PYTEST := $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal
TREE := core eventstore replays migrations tests cli.py .ci

.PHONY: help setup demo test sweep mutants check pythons this-python format bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with exactly what requirements.lock names (once; PYTHON= chooses the interpreter)

demo: $(READY) ## record a session with a crash in it, recover, replay, prove, and write a report
	@$(BIN)/perptape demo

test: $(READY) ## run the tests
	@$(PYTEST)

sweep: $(READY) ## run the long random and exhaustive tests too; what failing ones wrote stays in build/sweep
	@$(PYTEST) -m sweep -o faulthandler_timeout=7200 --basetemp=build/sweep -o tmp_path_retention_policy=failed

mutants: $(READY) ## judge 600 mutants of the bot's behaviour by the catalogue's named expectations
	@$(BIN)/python -m tests.mutation --seed 1 --count 600

check: $(READY) ## everything CI runs: style, types, import contracts, workflow, bans, tests with coverage of the pure part
	@$(BIN)/ruff check --output-format=concise $(TREE)
	@$(BIN)/ruff format --check --output-format=concise $(TREE)
	@$(BIN)/mypy
	@$(BIN)/basedpyright --pythonpath $(BIN)/python
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(PYTEST) --cov --durations=15

pythons: ## test core, catalogue and recordings on each Python there is (PYTHONS= names them), in build/pythons
	@for python in $(PYTHONS); do \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || { \
			echo "$$python: not here"; continue; }; \
		echo "$$python: Python $$version"; \
		$(MAKE) --no-print-directory this-python VENV=build/pythons/$$version PYTHON="$$python"; \
	done

this-python: $(READY)
	@$(BIN)/perptape scenarios run --no-drills | tail -n 1
	@$(PYTEST) tests/core tests/replays/scenarios replays/scenarios/recordings

format: $(READY) ## sort imports, apply safe fixes and format
	@$(BIN)/ruff check --fix $(TREE)
	@$(BIN)/ruff format $(TREE)

bench: $(READY) ## measure the hot paths beside their floors
	@$(BIN)/perptape bench

lock: build/lock/bin/uv ## resolve requirements.lock anew from pyproject.toml (UPGRADE=1 takes the newest releases)
	@build/lock/bin/uv pip compile --quiet --generate-hashes --no-header --no-annotate --universal \
		--extra dev $(if $(UPGRADE),--upgrade) --output-file requirements.lock pyproject.toml

clean: ## remove caches and build results (.venv, recordings and stores stay)
	@rm -rf build dist .coverage .coverage.* coverage.xml .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis
	@find $(TREE) -type d -name __pycache__ -prune -exec rm -rf {} +

PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-compile --no-deps

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "perptape needs Python 3.11 or newer, and $(PYTHON) is not: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments (no ensurepip): install your system's python3-venv" \
			"package, or choose another interpreter: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
		exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
		echo "making $(VENV) (once, about half a minute)"; \
		$(PYTHON) -m venv --clear $(VENV); }
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(PIP_INSTALL) --no-build-isolation --no-index -e .
	@touch $@

# The resolver lives apart from .venv, so that the lock need not name it.
build/lock/bin/uv:
	@$(PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install -qq --disable-pip-version-check uv

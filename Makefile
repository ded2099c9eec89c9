# `make help` explains; every target works as the very first command in a fresh clone.
.DEFAULT_GOAL := help
.PHONY: help setup demo up down test check build bench bench-bulk bench-org chaos acceptance conformance recordings lock
SHELL := /bin/sh
PY := .venv/bin/python
ARCHITECTURE ?= arm64
PYTEST_ARGS ?=
SEEDS ?= 20
FIRST ?=
ROWS ?= 1000000
INPUTS ?= ../shared/inputs
export ARCHITECTURE

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## find a Python, make .venv and .venv-sam, install from the locks
	@sh local/setup dev sam

demo: setup ## start everything, post some hundred webhooks, load a file, break things, compare the org with what it should hold
	@$(PY) -m local.demo

up: setup ## start the local AWS and the local org, deploy, print the addresses
	@$(PY) -m local.stack up

down: ## stop them
	@if [ -x $(PY) ]; then $(PY) -m local.stack down; else echo "Nothing was set up, so nothing runs."; fi

test: setup ## run all tests, the end-to-end ones on the local stack included
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: setup ## format, lint, types, configuration, template, then the tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	PYTHONPATH=layers/lockstep:layers/config $(PY) -m lockstep.runtime.config_files
	.venv-sam/bin/cfn-lint template.yaml
	SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam validate --lint --region us-east-1
	@$(MAKE) --no-print-directory test

build: setup ## check sources and routes, build for Lambda, print the layer's size
	PYTHONPATH=layers/lockstep:layers/config $(PY) -m lockstep.runtime.config_files
	SAM_CLI_TELEMETRY=0 PIP="$(CURDIR)/$(PY) -m pip" .venv-sam/bin/sam build

bench: setup ## measure, side by side, against plain clients; writes build/bench.json
	@PYTHONPATH=layers/lockstep:layers/config $(PY) -m bench $(BENCH_ARGS)

bench-org: setup ## measure the local org against its aims; writes build/bench-org.json
	@$(PY) -m bench.org $(BENCH_ARGS)

bench-bulk: setup ## load a file of ROWS=1000000 rows through Lockstep, simple-salesforce and jsforce, side by side
	@PYTHONPATH=layers/lockstep:layers/config $(PY) -m bench.bulk --rows $(ROWS)

chaos: setup ## play SEEDS=20 seeds of bad luck (FIRST=n repeats one), then with each protection switched off
	@PYTHONPATH=.:layers/lockstep:layers/config $(PY) -m tests.chaos.simulation --seeds $(SEEDS) $(if $(FIRST),--first $(FIRST))

acceptance: setup ## post captured deliveries (INPUTS=folder) through the deployed API
	@test -d "$(INPUTS)/webhooks/raw" || { echo "No captured deliveries in $(INPUTS): name their folder, make acceptance INPUTS=..."; exit 2; }
	@$(PY) -m pytest -p no:cacheprovider tests/acceptance --inputs=$(INPUTS)

conformance: setup ## Salesforce's own clients, unmodified, against a served local org: client x capability
	@$(PY) -m pytest -q -p no:cacheprovider --tb=short --conformance tests/conformance

recordings: setup ## ask the local org again what was recorded of real orgs (INPUTS=folder)
	@test -d "$(INPUTS)/salesforce-recordings" || { echo "No recordings in $(INPUTS): name their folder, make recordings INPUTS=..."; exit 2; }
	@$(PY) -m pytest -p no:cacheprovider tests/recordings --inputs=$(INPUTS)

lock: setup ## write the lock files anew from pyproject.toml
	@sh local/lock

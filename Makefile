# Each verb does its own set-up: a virtual environment in .venv, made again when pyproject.toml or the lock changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check bench bench-micro bench-speech soak lock clean

demo: $(READY) ## a caller rings, speaks, interrupts and is answered; no keys needed
	@$(BIN)/offhook demo

test: $(READY) ## the whole suite
	@.ci/peers haproxy promtool
	@$(BIN)/pytest

check: $(READY) ## style, types, and which room may import which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(READY) ## what a call costs, beside HAProxy, the usual sample and Pipecat; a quarter of an hour, root for what is missing
	@$(BIN)/python -m benchmarks.bench

bench-micro: $(READY) ## what a frame costs: codec, resampler, wire parsing, and a thread hop for comparison
	@$(BIN)/pytest benchmarks/micro

soak: $(READY) ## calls come and go at load, and nothing may grow; SECONDS=3600 for an hour
	@$(BIN)/python -m benchmarks.soak --seconds $(or $(SECONDS),240)

bench-speech: $(READY) ## how well and how fast the engine in the box understands
	@$(BIN)/python benchmarks/recognition.py

$(READY): pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Offhook needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "This Python has no venv; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements-dev.lock --editable '.[dev,local]'
	@touch $(READY)

lock: ## write the versions that development uses
	@$(BIN)/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools > requirements-dev.lock
	@echo 'audioop-lts==0.2.2; python_version >= "3.13"' >> requirements-dev.lock

clean:
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# Two commands matter: `make report` and `make test`. A fresh machine needs only Python 3.11-3.13 and make.

PYTHON ?= python3
JOBS ?= 2
# Any pip requirement: the right build of PyTorch depends on the machine.
TORCH ?= torch==2.13.0
SWEEP := data/cnn/runs.csv
SWEEPS := $(wildcard data/*/runs.csv data/*/project.csv data/*/searches.csv)

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
READY_TO_TRAIN := $(VENV)/ready-to-train
READY_TO_BENCH := $(VENV)/ready-to-bench
READY_TO_BROWSE := $(VENV)/ready-to-browse
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Small tables gain nothing from many threads, and processes that share cores lose much by them.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# Without it every kernel start prints a page about frozen modules.
export PYDEVD_DISABLE_FILE_VALIDATION := 1

# The one place that knows nbval: the notebooks are run again and their outputs compared with the committed ones.
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=600 --nbval-sanitize-with tests/nbval.cfg

PYTEST := $(BIN)/python -m pytest --quiet
IN_PARALLEL := -n $(JOBS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help report reports test style types unit nbval test-slow test-machines test-train test-browser bench calibration references lab lock clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

report: $(READY)  ## every notebook on the shipped sweep, as HTML: reports/index.html
	@$(BIN)/hpanalysis report $(SWEEP) --out reports
	@echo "The reports are ready: open reports/index.html"

reports: $(READY)  ## every notebook on every sweep that is shipped, one index over all
	@$(BIN)/hpanalysis report $(SWEEPS) --out reports
	@echo "The reports are ready: open reports/index.html"

test: style types unit nbval  ## all tests: style, types, unit, layout, a smoke calibration, the notebooks

style: $(READY)  ## ruff: rules and format
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted as ruff would: run $(BIN)/ruff format ."; exit 1; }

types: $(READY)  ## mypy in strict mode
	@$(BIN)/mypy

unit: $(READY)  ## the tests in tests/, without the slow ones
	@$(PYTEST) $(IN_PARALLEL) tests

nbval: $(READY)  ## run the notebooks again and compare their outputs with the committed ones
	@$(PYTEST) $(IN_PARALLEL) $(NBVAL) notebooks

test-slow: $(READY)  ## what takes minutes: perturbed notebooks, killed searches, the net of the shipped sweep
	@$(PYTEST) $(IN_PARALLEL) -m slow tests

test-machines: $(READY)  ## the same bytes under the code of several processors, with a table of the settings
	@$(BIN)/python -m tests.machines.run --jobs $(JOBS)

test-train: $(READY_TO_TRAIN)  ## the tests that train networks and search (installs PyTorch: TORCH=..., Dask, Optuna)
	@$(PYTEST) -m train tests

test-browser: $(READY_TO_BROWSE)  ## the pages that have a script, in Chromium (on Debian: apt-get install chromium)
	@$(PYTEST) -rs -m browser tests

bench: $(READY_TO_BENCH)  ## the benchmarks, and the same table by others: docs/benchmarks.md
	@$(PYTEST) -m benchmark tests
	@$(BIN)/python -m tests.benchmarks.peers

calibration: $(READY)  ## the full calibration on thousands of simulated sweeps: docs/calibration.md
	@$(BIN)/python -m tests.calibration.run --jobs $(JOBS)

references: $(READY)  ## run the notebooks in place, to renew the outputs they are committed with
	@$(BIN)/python -m hpanalysis.reporting.notebooks.refresh_outputs

lab: $(READY)  ## JupyterLab on the notebooks
	@$(BIN)/jupyter lab notebooks

lock:  ## pin again what pyproject.toml asks for, with hashes
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && $(PYTHON) -m venv "$$scratch" \
	  && "$$scratch/bin/pip" --disable-pip-version-check --quiet install uv \
	  && "$$scratch/bin/uv" pip compile pyproject.toml --extra test --universal --generate-hashes \
	     --python-version 3.11 --no-emit-index-url --no-header --upgrade --quiet --output-file requirements.lock \
	  && echo "Pinned anew: read the difference of requirements.lock before you commit it"

clean:  ## remove the environment, the reports and what tools left behind
	@rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache *.egg-info
	@find reports -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	@find . \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

# Set up once, and again only when the lock or pyproject.toml changed.
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11, 3.12 or 3.13, or name it, as in: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1), and hpanalysis needs 3.11, 3.12 or 3.13: name one, as in: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock: once, about a minute ..."
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) could not make a virtual environment: on Debian and Ubuntu install python3-venv"; exit 1; }
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(READY_TO_TRAIN): $(READY)
	@echo "Installing $(TORCH), Dask and Optuna ..."
	@$(PIP) install --no-build-isolation '$(TORCH)' --editable '.[distributed,optuna]'
	@touch $@

$(READY_TO_BROWSE): $(READY)
	@echo "Installing what drives the browser ..."
	@$(PIP) install --no-build-isolation --editable '.[browser]'
	@touch $@

$(READY_TO_BENCH): $(READY)
	@echo "Installing those that the benchmark compares with ..."
	@for peer in $$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["bench"])'); do \
	  $(PIP) install "$$peer" || echo "$$peer cannot be installed here: the table will say so"; done
	@touch $@

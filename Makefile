# Two commands on a fresh machine: `make run` (the flagship) and `make test` (all checks and tests).
PYTHON ?= python3
BIN := .venv/bin
RESULT := out/stable_diffusion_v1

# Tests start hundreds of processes: each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check compiled clean

# Asked for several targets at once, it takes one after the other: they share an environment.
ifeq ($(MAKELEVEL),0)
.NOTPARALLEL:
endif

run: .venv/.run
	$(BIN)/aiceberg run talk/stable_diffusion_v1 -o $(RESULT) --force

# What takes one core each goes side by side: installing, static checks, compiling the engine of flows.
test: .venv/bin/python
	@$(MAKE) --no-print-directory --jobs=2 .venv/.xcheck compiled check
	$(BIN)/python -m pytest -q --cov --cov-fail-under=0 --cov-report= -n auto --dist loadfile -m "not alone"
	$(BIN)/python -m pytest -q --cov --cov-append -m alone

compiled: .venv/.test
	$(BIN)/python -c 'from simulator.network.flows.engine import make_ready; make_ready()'

check: .venv/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "AIceberg needs Python 3.11 or newer; $$($(PYTHON) --version) was found (make PYTHON=python3.12 ...)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "this Python has no venv: install it first (Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.test: .venv/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ .venv/.run

# Tools that results are compared with want older libraries than the tests: they have an environment of their own.
.venv/.xcheck: .venv/bin/python setup.cfg
	$(PYTHON) -m venv .venv/xcheck
	.venv/xcheck/bin/python -c "from configparser import ConfigParser as C; c = C(); c.read('setup.cfg'); print(c['options.extras_require']['xcheck'])" \
		| .venv/xcheck/bin/python -m pip install --quiet --disable-pip-version-check --requirement /dev/stdin
	@touch $@

clean:
	rm -rf .venv out build dist *.egg-info

# `make lab` and `make test` each set up all that they need. See README.md.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: lab class test lint build bench fuzz wheel constraints clean

lab:  ## open the curriculum in JupyterLab (PORT=8890 chooses the port)
	@$(PYTHON) scripts/bootstrap.py
	@$(BIN)/curriculum lab $(if $(PORT),--port $(PORT)) $(LAB_ARGS)

class:  ## open a class on JupyterHub (CLASS=folder; default class/)
	@$(PYTHON) scripts/bootstrap.py --extra hub
	@$(BIN)/curriculum hub start $(if $(CLASS),--class $(CLASS))

test:  ## run every check there is (TESTS="-m 'not slow'" chooses)
	@$(PYTHON) scripts/bootstrap.py --extra dev --extra cluster --extra postgres --extra hub
	@$(BIN)/python scripts/run_tests.py $(TESTS)

lint:  ## format and lint
	@$(PYTHON) scripts/bootstrap.py --extra dev
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/mypy

build:  ## build source notebooks and release/
	@$(PYTHON) scripts/bootstrap.py
	@$(BIN)/curriculum build

bench:  ## measure; see docs/benchmarks.md
	@$(PYTHON) scripts/bootstrap.py --extra dev
	@$(BIN)/python -m benchmarks

fuzz:  ## throw a million inputs at each reader of what a student's process sends (RUNS=1000 chooses)
	@$(PYTHON) scripts/bootstrap.py --extra dev --extra fuzz
	@$(BIN)/python -m tests.fuzz --runs $(if $(RUNS),$(RUNS),1000000)

constraints:  ## pin the newest versions that pyproject.toml allows
	@$(PYTHON) scripts/bootstrap.py --extra dev
	@$(BIN)/python scripts/pin_constraints.py

# `make demo` and `make test` set everything up by themselves, in .venv, `make oldest` in .venv-oldest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OLDEST ?= $(VENV)-oldest

.PHONY: demo test docs oldest lint properties benchmarks clean

demo: $(VENV)/.runtime
	$(BIN)/repsearch demo

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2

# The site, in build/docs: warnings are errors, and the gallery is run.
docs: $(VENV)/.docs
	rm -rf build/docs docs/generated
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --jobs 2 --quiet -b html docs build/docs
	@echo "open build/docs/index.html"

# The demo and the smoke tests on the oldest versions that pyproject.toml declares. What these
# deprecate of each other and of newer packages below them is not ours to mend.
oldest: $(OLDEST)/.oldest
	$(OLDEST)/bin/repsearch demo --out $(OLDEST)/demo
	PYTHONWARNINGS=error,ignore::DeprecationWarning,ignore::PendingDeprecationWarning \
	$(OLDEST)/bin/pytest -n 2 -m smoke -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning

lint: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

properties: $(VENV)/.test
	$(BIN)/python -m tools.property_table -n 2

benchmarks: $(VENV)/.test
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(OLDEST)

$(VENV)/.python:
	@$(PYTHON) tools/check_python.py
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime pyproject.toml
	$(BIN)/python tools/install_torch.py
	$(BIN)/python -m pip install --quiet --editable '.[test,lint]'
	@touch $@

$(VENV)/.docs: $(VENV)/.test pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	@touch $@

$(OLDEST)/.oldest: pyproject.toml tools/oldest_versions.py
	@$(PYTHON) tools/check_python.py
	$(PYTHON) -m venv --clear $(OLDEST)
	$(PYTHON) tools/oldest_versions.py xarray pandas gensim testing wikipedia test > $(OLDEST)/constraints.txt
	$(OLDEST)/bin/python tools/install_torch.py
	$(OLDEST)/bin/python -m pip install --quiet --constraint $(OLDEST)/constraints.txt --editable '.[test]'
	@touch $@

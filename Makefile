PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
.PHONY: install demo test test-probes check js docs bench soak screenshots matrix mutants coverage clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install -q -U pip
	$(BIN)/python -m pip install -q -e '.[run]' && touch $@

$(VENV)/.tested: $(VENV)/.installed tests/system-packages.sh
	sh tests/system-packages.sh
	$(BIN)/python -m pip install -q --group test -e '.[run,team]' && touch $@

demo: install
	$(BIN)/ipyfootprint run examples/01_first_cell.ipynb

test: $(VENV)/.tested
	$(BIN)/python -m pytest -m "not soak and not probes"

# torch comes first and by itself, so that the other libraries ask for no other build of it.
test-probes: $(VENV)/.tested
	$(BIN)/python -m pip install -q "torch==2.13.0" && $(BIN)/python -m pip install -q --group probes
	KERAS_BACKEND=torch $(BIN)/python -m pytest tests/probes tests/jupyter/test_rebound_live.py

check: $(VENV)/.tested
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell && $(BIN)/python -m pytest tests/test_import_table.py tests/widgets/test_bundles.py

js: $(VENV)/.tested
	$(BIN)/python js/node.py build
matrix: $(VENV)/.tested
	$(BIN)/python -m tests.matrix

mutants: $(VENV)/.tested
	$(BIN)/python -m pip install -q --group mutants
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/mutmut run; $(BIN)/mutmut results --all true | $(BIN)/python tests/mutants.py

coverage: $(VENV)/.tested
	$(BIN)/coverage erase; $(BIN)/coverage run -m pytest -m "not soak and not probes"
	$(BIN)/coverage combine -q && $(BIN)/coverage report --sort=cover --skip-covered

screenshots: js
	$(BIN)/python tests/browser/screenshots.py docs/images

docs: $(VENV)/.tested
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.tested
	$(BIN)/python -m pip install -q --group bench
	$(BIN)/python -m benchmarks

soak: $(VENV)/.tested
	$(BIN)/python -m pytest -m soak

clean:
	rm -rf $(VENV) build dist

# The two commands of the README are `make demo` and `make test`. Each sets up what it needs.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# Keep a clean room: numerical libraries with their own thread pools make bytes differ.
export PYTHONHASHSEED := 0
export TOKENIZERS_PARALLELISM := false

.DEFAULT_GOAL := help
.PHONY: help setup test lint release references figures demo wheel train-pocket judge execute clean

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

setup: $(READY)  ## Make .venv with everything in it

test: $(READY)  ## Run every test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: $(READY)  ## Check style only
	$(BIN)/python -m ruff check .

release: $(READY)  ## Turn solutions/ into the student notebooks in notebooks/
	$(BIN)/python -m autograder release

references: $(READY)  ## Write the expected values that checks compare with
	$(BIN)/python -m autograder references

figures: $(READY)  ## Regenerate every figure into assets/figures/
	$(BIN)/python -m autograder figures

execute: $(READY)  ## Run every notebook from top to bottom, solved and as released
	$(BIN)/python -m autograder execute

demo: $(READY)  ## Figures, a graded class, and build/demo/index.html
	$(BIN)/python -m autograder demo

wheel: $(READY)  ## Build what students install into dist/
	$(BIN)/python -m build --no-isolation --wheel

train-pocket: $(READY)  ## Train the pocket model: pictures, both stages, judge, export
	$(BIN)/python -m training all

judge: $(READY)  ## Measure the pocket model and print the table
	$(BIN)/python -m training evaluate

clean:  ## Remove what was built, but not .venv
	rm -rf build dist results

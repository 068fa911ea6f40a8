# Everything a newcomer runs: make run, make test, make check. `make` alone lists it.
# A fresh Debian with python3, python3-venv and make is enough; everything else goes into .venv and var.

PYTHON ?= python3
PORT ?= 8000
POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres

VENV := .venv
RUNTIME := $(VENV)/runtime
INSTALLED := $(VENV)/installed
BENCH_VENV := .venv-bench
BENCH_INSTALLED := $(BENCH_VENV)/installed
PIP_INSTALL := $(VENV)/bin/pip install --quiet --disable-pip-version-check --no-compile --no-deps \
	--only-binary :all: --require-hashes --requirement
COLLECTED := var/static/staticfiles.json
MANAGE := $(VENV)/bin/python manage.py
PYTEST := $(VENV)/bin/pytest -n auto --dist worksteal -rs
LOCK := uv pip compile pyproject.toml --quiet --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links

# What docs/operating.md tells operators to set, with a random key like theirs.
PRODUCTION = BASE_URL=https://register.example.org PROXIES=1 DEBUG= ALLOWED_HOSTS= \
	SECRET_KEY=$$($(VENV)/bin/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	DATABASE_URL=postgres://register@127.0.0.1/register \
	DOCUMENTS_ROOT=/srv/register/documents STATIC_ROOT=/srv/register/static

.DELETE_ON_ERROR:
.PHONY: help install run test test-postgres test-thorough check bench bench-growth format tables lock clean

help:
	@sed -n 's/^##  *//p' $(MAKEFILE_LIST)

## make install        .venv with everything, exactly as locked; nothing to do when it is current
install: $(INSTALLED)

# The application's dependencies come first and separately, so that make run need not wait for the rest.
# .venv is created again whenever their lock changes, so that it keeps nothing the lock no longer names.
# Bytecode is written when a module is first imported: half the packages' modules never are.
$(RUNTIME): requirements/base.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "MoU Tracker needs Python 3.11 or newer, and $(PYTHON) is older or missing." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP_INSTALL) requirements/base.txt
	@touch $@

$(INSTALLED): $(RUNTIME) requirements/dev.txt
	$(PIP_INSTALL) requirements/dev.txt
	@touch $@

## make run            the register on this machine, with its records and a login for staff (PORT=8000)
# Served as in production: hashed files, our own error pages, every header. DEBUG=1 make run is for
# developers: Django's own error pages, and changed code is reloaded at once.
run: export BASE_URL := http://127.0.0.1:$(PORT)
run: $(RUNTIME) $(COLLECTED)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) seed
	@$(MANAGE) staff_login
	@exec $(MANAGE) runserver $(if $(DEBUG),,--noreload) 127.0.0.1:$(PORT)

# Compressing takes some seconds, so it runs again only when something has changed.
$(COLLECTED): $(RUNTIME) $(shell find static)
	@$(MANAGE) collectstatic --verbosity 0 --no-input
	@touch $@

## make test           every test, on SQLite
test: install
	DATABASE_URL= $(PYTEST)

## make test-postgres  the tests that use the database, on PostgreSQL (POSTGRES_URL)
test-postgres: install
	DATABASE_URL='$(POSTGRES_URL)' $(PYTEST) --of-the-database

## make test-thorough  every test on SQLite, with many more examples, trials and rows; an hour
test-thorough: install
	DATABASE_URL= HYPOTHESIS_PROFILE=thorough CONCURRENCY_TRIALS=1000 $(PYTEST)

## make check          style, types, templates, missing migrations, production settings, import directions
check: install
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/djlint --quiet --lint templates
	$(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(VENV)/bin/pytest --quiet tests/test_layers.py

## make bench          the speed of everything, compared with Datasette (SIZES, DATABASES, CASES, POSTGRES_URL); some 40 minutes
# In a separate environment: the application is measured with its locked dependencies and nothing more.
bench: $(RUNTIME) $(BENCH_INSTALLED)
	SIZES='$(SIZES)' DATABASES='$(DATABASES)' CASES='$(CASES)' POSTGRES_URL='$(POSTGRES_URL)' \
		$(BENCH_VENV)/bin/python -m benchmarks

## make bench-growth   what each step of docs/scaling.md brings, after make bench (redis-server, nginx, PostgreSQL)
bench-growth: install
	POSTGRES_URL='$(POSTGRES_URL)' $(VENV)/bin/python -m benchmarks.growth

$(BENCH_INSTALLED): requirements/bench.txt
	$(PYTHON) -m venv --clear $(BENCH_VENV)
	$(subst $(VENV)/bin/pip,$(BENCH_VENV)/bin/pip,$(PIP_INSTALL)) requirements/bench.txt
	@touch $@

## make format         fixes what make check would complain about
format: install
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

## make tables         the tables in the documentation, from the declared facts and filters
tables: $(RUNTIME)
	$(VENV)/bin/python -m tests.document_tables

## make lock           requirements/*.txt again from pyproject.toml (for maintainers; needs uv)
lock:
	$(LOCK) --upgrade --output-file requirements/base.txt
	$(LOCK) --upgrade --group dev --constraint requirements/base.txt --output-file requirements/dev.txt
	$(subst pyproject.toml,--group bench,$(LOCK)) --upgrade --output-file requirements/bench.txt

## make clean          removes .venv and caches; the records in var stay
clean:
	rm -rf $(VENV) $(BENCH_VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

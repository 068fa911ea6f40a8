# `make` alone lists the targets; newcomers need make run, make test and make check.
# A fresh Debian with python3, python3-venv and make is enough; everything else goes into .venv and var.

PYTHON ?= python3
PORT ?= 8000
POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres

VENV := .venv
RUNTIME := $(VENV)/runtime
INSTALLED := $(VENV)/installed
AUDIT_VENV := .venv-audit
AUDIT_INSTALLED := $(AUDIT_VENV)/installed
BENCH_VENV := .venv-bench
BENCH_INSTALLED := $(BENCH_VENV)/installed
PIP_INSTALL := $(VENV)/bin/pip install --quiet --disable-pip-version-check --no-compile --no-deps \
	--only-binary :all: --require-hashes --requirement
COLLECTED := var/static/staticfiles.json
MANAGE := $(VENV)/bin/python manage.py
PYTEST := $(VENV)/bin/pytest -n auto --dist worksteal -rs
LOCK := uv pip compile pyproject.toml --quiet --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links

# The settings that docs/operating.md requires of a public site, with a random key.
PRODUCTION = BASE_URL=https://register.gov.example PROXIES=1 DEBUG= ALLOWED_HOSTS= \
	SECRET_KEY=$$($(VENV)/bin/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	DATABASE_URL=postgres://register@127.0.0.1/register \
	DOCUMENTS_ROOT=/srv/register/documents STATIC_ROOT=/srv/register/static

# Where it is set, each of the hundreds of processes that the tests start would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: help install run test test-postgres test-thorough check audit bench bench-growth bench-upgrade format tables states lock clean

help:
	@sed -n 's/^##  *//p' $(MAKEFILE_LIST)

## make install        creates .venv with everything, exactly as locked
install: $(INSTALLED)

# The application's dependencies are installed separately, so that make run does not need the rest.
# If their lock changes, .venv is created again, so that it keeps nothing the lock no longer names.
# Nothing is compiled in advance, because half of the packages' modules are never imported.
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

## make run            runs the register on this machine, with its records and a staff login (PORT=8000)
# Served as in production: hashed files, our own error pages, every header. DEBUG=1 make run is for
# developers: it shows Django's error pages and reloads changed code at once.
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

## make test           runs every test on SQLite
test: install
	DATABASE_URL= $(PYTEST)

## make test-postgres  runs the tests that use the database on PostgreSQL (POSTGRES_URL)
test-postgres: install
	DATABASE_URL='$(POSTGRES_URL)' $(PYTEST) --of-the-database

## make test-thorough  runs every test on SQLite with many more examples, trials and rows; takes an hour
test-thorough: install
	DATABASE_URL= HYPOTHESIS_PROFILE=thorough CONCURRENCY_TRIALS=1000 $(PYTEST)

## make check          checks style, types, templates, migrations, production settings and import directions
check: install
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/djlint --quiet --lint templates
	$(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING
	$(VENV)/bin/pytest --quiet tests/test_layers.py

## make audit          compares the locked packages with published advisories; exits with 75 if it reaches no database
audit: $(AUDIT_INSTALLED)
	.ci/audit

$(AUDIT_INSTALLED): requirements/audit.txt
	$(PYTHON) -m venv --clear $(AUDIT_VENV)
	$(subst $(VENV)/bin/pip,$(AUDIT_VENV)/bin/pip,$(PIP_INSTALL)) requirements/audit.txt
	@touch $@

## make bench          compares the speed with Datasette (SIZES, DATABASES, CASES, POSTGRES_URL); takes 40 minutes
# In a separate environment, so that the application is measured with only its locked dependencies.
bench: $(RUNTIME) $(BENCH_INSTALLED)
	SIZES='$(SIZES)' DATABASES='$(DATABASES)' CASES='$(CASES)' POSTGRES_URL='$(POSTGRES_URL)' \
		$(BENCH_VENV)/bin/python -m benchmarks

## make bench-growth   measures the steps of docs/scaling.md, after make bench (redis-server, nginx, PostgreSQL)
bench-growth: install
	POSTGRES_URL='$(POSTGRES_URL)' $(VENV)/bin/python -m benchmarks.growth

## make bench-upgrade  upgrades 100,000 agreements from the first edition and measures each migration (POSTGRES_URL)
bench-upgrade: install
	POSTGRES_URL='$(POSTGRES_URL)' $(VENV)/bin/python -m benchmarks.upgrade

$(BENCH_INSTALLED): requirements/bench.txt
	$(PYTHON) -m venv --clear $(BENCH_VENV)
	$(subst $(VENV)/bin/pip,$(BENCH_VENV)/bin/pip,$(PIP_INSTALL)) requirements/bench.txt
	@touch $@

## make format         fixes style and formatting
format: install
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

## make tables         writes the tables in the documentation from the declared facts and filters
tables: install
	$(VENV)/bin/python -m tests.document_tables
	$(VENV)/bin/python -m tests.licences

## make states         writes agreements/domain/states.json from ISO 3166, CLDR and fixtures/states/states.toml
states: install
	$(PIP_INSTALL) requirements/states.txt --upgrade --target var/babel
	PYTHONPATH=var/babel $(VENV)/bin/python fixtures/states/make.py

## make lock           updates requirements/*.txt from pyproject.toml (for maintainers; needs uv)
lock:
	$(LOCK) --upgrade --output-file requirements/base.txt
	$(LOCK) --upgrade --group dev --constraint requirements/base.txt --output-file requirements/dev.txt
	$(subst pyproject.toml,--group bench,$(LOCK)) --upgrade --output-file requirements/bench.txt
	$(subst pyproject.toml,--group audit,$(LOCK)) --upgrade --output-file requirements/audit.txt
	$(subst pyproject.toml,--group states,$(LOCK)) --upgrade --output-file requirements/states.txt

## make clean          removes .venv and caches; the records in var stay
clean:
	rm -rf $(VENV) $(AUDIT_VENV) $(BENCH_VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

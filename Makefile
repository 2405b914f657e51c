# A new machine needs make, Python 3.11 or newer, and a connection for the first run. README.md tells the rest.
PYTHON ?= python3
BIN := .venv/bin

# What a public site sets; `make check` looks at the settings as they are then.
PRODUCTION := DATA_DIR=.venv/check SECURE_SSL=1 SECURE_HSTS_SUBDOMAINS=1 ALLOWED_HOSTS=tracker.example DATABASE_URL= REDIS_URL=

.PHONY: run test check bench audit bench-extraction format messages lock install install-dev

run: install
	@exec $(BIN)/python -m tracker.serve

test: install-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: install-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.design
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(PRODUCTION) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pip check

# Reading, beside its floors, on generated records: `make bench ARGS="--sizes 10000 --seconds 1"`. Needs wrk.
bench: install-dev
	$(BIN)/python -m tests.benchmarks $(ARGS)

# What vnu, Lighthouse and Chromium say of the pages: `make audit ARGS="vnu --every"`. Needs node, java and chromium.
audit: install-dev
	$(BIN)/python -m tests.audit $(ARGS)

# Precision and recall of what is found in texts, on labelled paragraphs.
bench-extraction: install-dev
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.ingest

format: install-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The interface's phrases, to be translated: `make messages LOCALE=de` writes locale/de/LC_MESSAGES/django.po. Needs gettext.
messages: install-dev
	mkdir -p locale
	$(BIN)/python manage.py makemessages --locale $(LOCALE) --ignore '.venv/*' --ignore 'tests/*' --no-location

# Pins of the loose lists in pyproject.toml; `make lock ARGS=--upgrade` takes the newest.
lock: install-dev
	$(LOCK) --group pyproject.toml:install -o requirements-uv.txt
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) --group pyproject.toml:dev -c requirements.txt -o requirements-dev.txt
LOCK = env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS)

install:
	@$(PYTHON) tracker/install.py

install-dev:
	@$(PYTHON) tracker/install.py dev

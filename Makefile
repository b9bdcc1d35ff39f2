# Two commands do everything: `make demo` runs the service, `make test` runs every check.
# Both set up what they need in .venv from pinned, hashed lists; nothing else is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --require-hashes
SELF := $(PIP) install --no-deps --no-build-isolation --editable .
DEMO_DATA ?= demo-data

.PHONY: help demo test test-matching test-serving quick format lock fit accuracy speed clean

help:           ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 12

demo: $(VENV)/run  ## the whole service on this machine, with a synthetic hotlist [PORT=8000]
	$(BIN)/plate-match demo --data $(DEMO_DATA) $(if $(PORT),--port $(PORT))

test: $(VENV)/dev  ## every check there is
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(MAKE) --no-print-directory --jobs 2 test-matching test-serving
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='plate_match/*' --fail-under=100 --skip-covered
	$(BIN)/coverage report --include='service/*' --fail-under=95 --skip-covered

test-matching:  # one half of the tests, beside the other: there are two cores
	COVERAGE_FILE=.coverage.matching $(TESTED) tests/plate_match tests/service/cli

test-serving:
	COVERAGE_FILE=.coverage.serving $(TESTED) tests/service tests/stories tests/benchmarks tests/shape --ignore tests/service/cli

TESTED := $(BIN)/python -m pytest --hypothesis-profile=ci --cov --cov-report=

quick: $(VENV)/dev  ## the tests alone, a small dose of each law
	$(BIN)/python -m pytest -q

format: $(VENV)/dev  ## put the code in its one form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fit: $(VENV)/dev  ## counts and priors -> the tables of the channel
	$(BIN)/python -m benchmarks.fit tables

accuracy: $(VENV)/dev  ## how often the right plate comes first: make accuracy MISREADS=folder
	$(BIN)/python -m benchmarks.accuracy $(MISREADS)

speed: $(VENV)/dev  ## speed beside what one would take instead, some 25 minutes [SIZES=10k,1M]
	$(BIN)/python -m benchmarks.speed $(if $(SIZES),--sizes $(SIZES))

lock:           ## pin the newest versions again (needs uv)
	uv pip compile pyproject.toml requirements/build.in --extra service $(LOCK) -o requirements/run.txt
	uv pip compile pyproject.toml requirements/build.in requirements/dev.in --extra service $(LOCK) -o requirements/dev.txt
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras

clean:          ## remove what was set up here, and the demo's data
	rm -rf $(VENV) $(DEMO_DATA) *.egg-info

$(VENV)/run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --requirement requirements/run.txt
	$(SELF)
	touch $@

$(VENV)/dev: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --requirement requirements/dev.txt
	$(SELF)
	touch $@ $(VENV)/run

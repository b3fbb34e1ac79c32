# One simple command per recipe, with exec: through a shell that stays, SIGTERM would stop only the shell.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP = .venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet
UV = test -x .venv/bin/uv && .venv/bin/uv pip install --quiet --python .venv/bin/python
HASHED = --require-hashes --only-binary :all:

.PHONY: run test browser faults soak lint bench requirements clean

run: .venv/.installed
	@exec .venv/bin/python -m app.run

test: .venv/.installed-dev browser
	@exec .venv/bin/python -m pytest -n 2

# a real one, for the tests of the survey page: the system's, or one that is installed now
browser: .venv/.installed-dev
	@exec .venv/bin/python -m tests.browser.chromium

# every fault that the service promises to survive, on the real thing: a quarter of an hour. WHICH="7 14" for some
faults: .venv/.installed-dev
	@exec .venv/bin/python -m tests.faults $(WHICH)

soak: .venv/.installed-dev
	@exec .venv/bin/python -m tests.faults.soak $(or $(MINUTES),2)

# all of them take half an hour: `make bench WHICH="accept answer"` for some, `ROUNDS=3` for less exact ones
bench: .venv/.installed-dev
	@exec .venv/bin/python -m bench $(or $(WHICH),all) --rounds $(or $(ROUNDS),5)

lint: .venv/.installed-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/hadolint Dockerfile

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Postcall needs Python 3.11 or newer and finds none: install it, or name one with PYTHON="; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; echo "Without the module venv Postcall can't be installed (Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	@# several times as fast as pip, which does without it
	@$(PIP) uv || true

.venv/.installed: requirements.txt | .venv/bin/python
	@echo "Installing into .venv; this happens once ..."
	@{ $(UV) $(HASHED) -r $<; } || $(PIP) $(HASHED) -r $<
	@{ $(UV) --no-deps --no-build-isolation -e .; } || $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing what the tests need ..."
	@{ $(UV) $(HASHED) -r $<; } || $(PIP) $(HASHED) -r $<
	@touch $@

# after a change of the dependencies in pyproject.toml
requirements: .venv/bin/python
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra build pyproject.toml -o requirements.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra build --extra dev pyproject.toml -o requirements-dev.txt

# the data of make run stays: it is in var/
clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

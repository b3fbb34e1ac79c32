# One simple command per recipe, with exec: through a shell that stays, SIGTERM would stop only the shell.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
UV_INSTALL = .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --only-binary :all:
PIP_INSTALL = .venv/bin/python -m pip install --quiet --require-hashes --only-binary :all:

.PHONY: run test lint requirements clean

run: .venv/.installed
	@exec .venv/bin/python -m app.run

test: .venv/.installed-dev
	@exec .venv/bin/python -m pytest -n 2

lint: .venv/.installed-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Postcall needs Python 3.11 or newer: no such python3 on PATH"; exit 1; }
	$(PYTHON) -m venv .venv
	-.venv/bin/python -m pip install --quiet uv

.venv/.installed: requirements.txt .venv/bin/python
	$(UV_INSTALL) -r requirements.txt || $(PIP_INSTALL) -r requirements.txt
	.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e . || .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(UV_INSTALL) -r requirements-dev.txt || $(PIP_INSTALL) -r requirements-dev.txt
	touch $@

# after a change of the dependencies in pyproject.toml
requirements: .venv/bin/python
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra build pyproject.toml -o requirements.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra build --extra dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv build *.egg-info

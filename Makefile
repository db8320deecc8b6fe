# Everything begins here: a fresh machine needs Python 3.11 or later and make, the rest comes by itself.
#
#   make demo            three releases behind a real Envoy; make demo ARGS="--keep" passes arguments on
#   make test            all tests, real Envoy included;     make test ARGS="-k retreat"
#   make check           format, lint, types, imports, generated files, docs
#   make screenshots     every page in both themes, in dist/screenshots/; needs Debian's chromium
#   make docs            the documentation, in docs/_build/html
#   make image           Serinus as an image for containers, in dist/; needs no container engine
#   make cluster         a real Kubernetes on this machine, left running; make cluster-down ends it (root, Go)
#   make test-cluster    the tests that need it;             make test-cluster ARGS="-k traefik"
#   make bench           the numbers that the project promises (at most 15 minutes)
#   make bench-full      the longer ones
#   make PYTHON=python3.12 …   another interpreter

ARGS ?=
PYTHON ?=
export PYTHON

.PHONY: help demo test check docs bench bench-full clean cluster cluster-down test-cluster image screenshots

help:
	@sed -n 's/^#   //p' Makefile

# The environment is made anew when one of the files that describe it changes.
.venv/.ready: uv.lock pyproject.toml scripts/bootstrap scripts/fetch_pip.py
	@scripts/bootstrap

demo: .venv/.ready
	@.venv/bin/serinus demo $(ARGS)

test: .venv/.ready
	@scripts/test $(ARGS)

check: .venv/.ready
	@scripts/check

screenshots: .venv/.ready
	@scripts/screenshots $(ARGS)

docs: .venv/.ready
	@scripts/docs

bench: .venv/.ready
	@scripts/bench $(ARGS)

bench-full: .venv/.ready
	@scripts/bench --full $(ARGS)

image: .venv/.ready
	@scripts/image $(ARGS)

cluster: .venv/.ready
	@.venv/bin/python -m cluster.up $(ARGS)

cluster-down: .venv/.ready
	@.venv/bin/python -m cluster.down $(ARGS)

test-cluster: .venv/.ready
	@scripts/test-cluster $(ARGS)

clean:
	rm -rf .tools .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache docs/_build

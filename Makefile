# Two commands do everything: `make run` and `make test`. Needs Debian (or alike), Python 3.11 or newer, and make.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONDONTWRITEBYTECODE = 1

help: ## This list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: .venv/run build ## Start telepath with its embedded defaults and a demonstration
	$(BIN)/telepath demo $(if $(SLIDES),--slides $(SLIDES))

test: check tools ## Every test: style, types, unit, contract, integration, browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not browser"
	$(BIN)/python -m pytest tests/browser

check: .venv/dev build ## Style and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python hatch_build.py check

bench: .venv/dev build ## Speed, side by side with a peer
	$(BIN)/python -m tests.bench.tools
	@$(MAKE) .venv/peers/done || echo "The bench goes on without its peers in Python"
	$(BIN)/python -m tests.bench

soak: .venv/dev build ## End processes by kill -9, cut 1,000 lines of live rooms, open 50,000 broken slides, and count what is left
	$(BIN)/python -m tests.soak

conformance: .venv/dev ## Autobahn's 301 cases against the WebSocket engine; needs python2.7
	$(BIN)/python -m tests.conformance

build: .venv/run ## The client's bundles, when its sources are newer
	@if [ ! -e web/static/manifest.json ] || [ -n "$$(find hatch_build.py web/client web/locale \
		-name node_modules -prune -o -type f -newer web/static/manifest.json -print -quit)" ]; then \
		$(BIN)/python hatch_build.py; fi

tools: .venv/dev # What the tests need besides Python: Chromium, nginx, systemd-analyze, oidc-provider
	$(BIN)/python -m tests.tools

lock: .venv/dev ## Write the lock files anew, without addresses
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe \
		--no-header --extra build -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe \
		--no-header --extra build --extra dev -o requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe \
		--no-header -o requirements-bench.lock tests/bench/peers/requirements.in

clean: ## Remove what was built; the demonstration's data in var/ stays
	rm -rf .venv web/static web/client/node_modules tests/oidc_provider/node_modules dist build .mypy_cache .ruff_cache screenshots
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "telepath needs Python 3.11 or newer"; exit 1; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; \
		if [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -y -q python3-venv && $(PYTHON) -m venv .venv; \
		else echo "Python cannot make virtual environments here. Run: sudo apt-get install python3-venv"; exit 1; fi; }

.venv/run: .venv/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@

.venv/peers/done: .venv/bin/python requirements-bench.lock # What the bench puts beside us: never in the product's environment
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/python -m pip install -q --require-hashes -r requirements-bench.lock
	@touch $@

.PHONY: help run test check bench soak conformance build tools lock clean

# make demo and make test are the two that matter; each works on a bare checkout.
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

.PHONY: help demo run test lint bench messages editor lock simulate mutate clean wheel

help: ## what make can do here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## three cities on loopback (ARGS="--fresh" starts over)
	@$(BIN)/pioneer-cities demo $(ARGS)

run: $(READY) ## one node, with the environment's settings
	@$(BIN)/pioneer-cities serve

# Every process of the tests would otherwise compile thousands of files anew, where the environment
# says that nothing compiled is to be kept.
test: export PYTHONDONTWRITEBYTECODE =
test: $(READY) ## every test, on all cores; ARGS="tests/unit -q" for some, ARGS="-n 0" in one process
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

lint: $(READY) ## ruff, formatting, mypy, the floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## speed, side by side in one run; ARGS="search --documents 3000" for one of them
	$(BIN)/python -m benchmarks $(ARGS)

simulate: $(READY) ## faulty network, kills, restores: SEEDS=300, or SEED=1234 to see one again
	$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),300))

mutate: $(READY) ## faults put into the modules that decide: do the tests notice? ARGS="network/search/query.py"
	$(BIN)/python -m tests.mutation $(ARGS)

messages: $(READY) ## bring both catalogues up to date with the code
	$(BIN)/python -m tests.messages

editor: ## network/static/editor.js of network/web/desk/script; needs Node.js 20 and npm
	cd network/web/desk/script && npm ci --no-audit --no-fund --silent && npm run --silent build

wheel: ## dist/: the wheel, and the list of libraries that it was tested with
	rm -rf build .build dist/pioneer_cities-*.whl
	$(PYTHON) -m venv .build
	.build/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	.build/bin/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	cp requirements.lock dist/
	rm -rf .build

lock: $(VENV) ## renew the lock files from setup.cfg
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra postgresql setup.cfg -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra postgresql --extra dev setup.cfg -o requirements-dev.lock
	echo "setuptools>=77" | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraint requirements-dev.lock - -o requirements-build.lock

$(VENV):
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(READY): requirements-dev.lock setup.cfg | $(VENV)
	@echo "Installing what is needed into $(VENV) (once)…"
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(READY)

clean: ## take away what make has made
	rm -rf $(VENV) .venv-newest .mutation .build build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Everything a newcomer types. `make demo` shows it work, `make test` proves it, `make up` leaves it running.
SHELL := /bin/bash
PY := .venv/bin/python
STAMP := .venv/.installed
.DEFAULT_GOAL := help

help:  ## Show what can be made.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# Bytecode is compiled at install, because an Airflow process starts twice as fast with it.
$(STAMP): requirements-dev.lock
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@test -x $(PY) || python3 -m venv .venv
	@.venv/bin/python -m pip install -q "uv==0.13.9"
	@.venv/bin/uv pip install -q --python $(PY) --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(STAMP)  ## Make the environment in .venv (done by itself where needed).

demo: $(STAMP)  ## Run one night for every demo clinic, through Airflow and a sandbox clearinghouse.
	$(PY) -m include.cli demo

up: $(STAMP)  ## The same, left running, with the Airflow UI open to the login it prints.
	$(PY) -m include.cli up

test: $(STAMP) check system-packages  ## Check and test everything but the cluster.
	$(PY) -m pytest -q -m "not airflow and not cluster" --numprocesses 2 --dist loadfile --durations=15
	$(PY) -m pytest -q -m airflow --durations=10

test-fast: $(STAMP)  ## Test the pure part (under a minute).
	$(PY) -m pytest -q -m pure --numprocesses 2

test-browser: $(STAMP) system-packages  ## Test the Claims page in a real Chromium, inside a real Airflow.
	$(PY) -m pytest -q tests/browser

test-cluster: $(STAMP) system-packages  ## Test a night over several machines, one of which is lost.
	$(PY) -m pytest -q tests/cluster --durations=3

pictures: $(STAMP) system-packages  ## Take the pictures of the Claims page anew, for README and docs.
	COURIER_PICTURES=docs/pictures $(PY) -m pytest -q tests/browser

test-long: $(STAMP) check system-packages  ## Test everything, the slow suites in their long form.
	COURIER_LONG=1 $(PY) -m pytest -q --timeout 7200

check: $(STAMP)  ## Lint, types, import rule, and whether generated documents are fresh.
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m include.cli docs --check

fix: $(STAMP)  ## Format and mend what the linter can mend.
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

samples: $(STAMP)  ## Write the samples of every scenario anew; read the difference before you commit it.
	$(PY) -m tests.golden
	$(PY) -m tests.x12.status_scenarios
	$(PY) -m tests.officeally.edi_status_report
	$(PY) -m tests.outcomes

docs: $(STAMP)  ## Write the generated documents anew.
	$(PY) -m include.cli docs

bench: $(STAMP)  ## Measure speed and memory beside peers, as ratios; then the table of mutations.
	$(PY) -m bench
	$(PY) -m tests.mutation_table

SECONDS ?= 60
fuzz: $(STAMP)  ## Feed every reader broken files for SECONDS (60); what is found is kept, and the tests replay it.
	$(PY) -m tests.fuzz $(SECONDS) $(READERS)

chaos: NIGHTS ?= 300
chaos: $(STAMP)  ## Play NIGHTS (300) in which everything breaks, and judge them; SEED=... plays one again.
	$(PY) -m tests.chaos $(if $(SEED),--seed $(SEED),--nights $(NIGHTS))

chaos-airflow: NIGHTS ?= 20
chaos-airflow: SEED ?= 1
chaos-airflow: $(STAMP)  ## Break something in each of NIGHTS (20) nights of a real Airflow, and count the claims.
	$(PY) -m tests.chaos.airflow_nights --nights $(NIGHTS) --seed $(SEED)

mutations: $(STAMP)  ## Put one fault at a time into sound files and show who notices: ours and two validators.
	$(PY) -m tests.mutation_table

audit: $(STAMP)  ## Ask whether a locked package has a known weakness; without a network, how old the lock is.
	.ci/audit

lock: $(STAMP)  ## Resolve the locks anew from pyproject.toml and constraints.txt.
	.venv/bin/uv pip compile -q pyproject.toml -c constraints.txt --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o requirements.lock
	.venv/bin/uv pip compile -q pyproject.toml --group dev -c constraints.txt -c requirements.lock --universal \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		-o requirements-dev.lock

# A test that truly needs a server gets the real one; elsewhere than Debian as root that test is skipped aloud.
# Of Prometheus only the program that checks rules is taken out of its package: nothing is to listen.
system-packages:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v sftp >/dev/null \
		&& test -x /usr/sbin/sshd && command -v chromium >/dev/null && command -v redis-server >/dev/null && test -x /usr/sbin/pgbouncer || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			postgresql pgbouncer redis-server openssh-client openssh-server chromium fonts-dejavu-core >/dev/null; }; \
		command -v promtool >/dev/null || \
		{ at=$$(mktemp -d) && chmod 755 $$at && cd $$at && apt-get download -qq prometheus 2>/dev/null \
			&& dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xO ./usr/bin/promtool > promtool \
			&& install promtool /usr/local/bin/promtool; rm -r $$at; }; \
	fi

.PHONY: help setup demo up test test-fast test-browser test-cluster pictures test-long check fix samples docs bench fuzz chaos chaos-airflow mutations audit lock system-packages

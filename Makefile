# One obvious way to run, test and measure. `make help` lists it.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
DISTRIBUTIONS := $(shell cat distributions.txt)
SERVICES := $(patsubst ./services/%,%,$(filter ./services/%,$(DISTRIBUTIONS)))
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach each,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(each) -c '$(RECENT)' 2>/dev/null && echo $(each))))
BROKEN := $(if $(shell $(BIN)/python -c '$(RECENT)' 2>/dev/null && echo yes),,.venv-is-broken)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header
GENERATED := .data/build
OWN := $(foreach each,shared embedded $(SERVICES),--no-emit-package cchc-$(each))
IMAGE_LOCK := $(LOCK) - $(OWN) --constraint dev.lock --output-file deploy/images
ADMIN = $(BIN)/python -m cchc_embedded.admin
PYTEST_ARGS ?=
BENCH_ARGS ?=
BASE ?=
# What is free of I/O is easy to test: there alone coverage has a floor. It is measured by the tests that stand beside the
# code: to trace those of the repository and of how it is run takes long, and they reach none of it.
PURE = $(shell paste -sd, pure-modules.txt)
PURE_FLOOR := 95
MUTANTS ?=

# One system is ten processes that import the same files: where Python may not keep what it has compiled, each of them
# compiles it again, at every start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: .venv-is-broken help env run listen test test-unit coverage mutants audit golden bench chaos kafka keycloak topics \
	backup restore psql rebuild counts rotate keys parked vendor-check interface up up-dev lint check contracts fmt lock

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## build the environment (.venv) from the lock file; nothing to do when it is current

$(STAMP): dev.lock distributions.txt $(addsuffix /pyproject.toml,$(DISTRIBUTIONS)) $(BROKEN)
	@$(or $(PYTHON),false) -c '$(RECENT)' 2>/dev/null || { \
		echo "Cần Python 3.11 trở lên · Python 3.11 or newer is needed$(if $(PYTHON),; $(PYTHON) is not): make PYTHON=…"; \
		exit 1; }
	@$(PYTHON) deploy/embedded/environment.py $(VENV) dev.lock $(DISTRIBUTIONS)
	@touch $@

# An environment that lost its interpreter (an upgraded machine) is built anew, whatever its stamp says.
.venv-is-broken:

# The launcher hears Ctrl-C from its first line on; until then nothing is started, and Python would print a traceback.
run: env ## start everything on this machine and serve it on CCHC_PORT (8080); Ctrl-C stops it
	@trap '' INT; exec $(BIN)/python -m cchc_embedded.run

listen: env ## events of the system on CCHC_PORT, verified and printed (URL=… hands each on); Ctrl-C stops it
	@exec $(BIN)/python -m cchc_embedded.listen $(if $(URL),--url '$(URL)')

vendor-check: env ## judge a vendor's side by the guides: a receiver (URL=… SECRET=whsec_…) or a file of deliveries (FILE=…)
	@$(BIN)/python -m cchc_embedded.vendor_check $(if $(URL),--url '$(URL)') $(if $(FILE),--file '$(FILE)')

interface: env ## the interface document for the file of acceptance (TO=interface.docx)
	@$(BIN)/python -m cchc_embedded.interface $(if $(TO),--to '$(TO)')

kafka: env ## start a real one-node Apache Kafka on CCHC_KAFKA_PORT (9092); Ctrl-C stops it
	@$(BIN)/python -m cchc_embedded.kafka

keycloak: env ## start a real Keycloak with the example realm on CCHC_KEYCLOAK_PORT (8180); Ctrl-C stops it
	@$(BIN)/python -m cchc_embedded.keycloak

topics: env ## create the topics on KAFKA_BOOTSTRAP_SERVERS, or check them (ANEW=yes deletes them first, after a restore)
	@$(BIN)/python -m cchc_embedded.topics $(if $(ANEW),--anew '$(ANEW)')

backup: env ## all data in a new folder (TO=folder, KIND=dump or base), while it runs or not
	@$(ADMIN).backup $(if $(TO),--to '$(TO)') $(if $(KIND),--kind $(KIND))

restore: env ## a backup becomes the data (FROM=folder; OVER=yes takes the place of others), while nothing runs
	@$(ADMIN).restore $(if $(FROM),'$(FROM)') $(if $(filter yes,$(OVER)),--over) $(if $(filter lost,$(CONTACTS)),--lose-contacts)

psql: env ## a prompt of the database, as administrator or as one service (SERVICE=tasks)
	@$(ADMIN).psql $(if $(SERVICE),--service $(SERVICE))

rebuild: env ## the scores again from the log of events, compared (SWAP=yes LOSS=accept FROM=outbox SERVICE=feedback)
	@$(ADMIN).rebuild $(if $(SERVICE),--service $(SERVICE)) $(if $(FROM),--from $(FROM)) \
		$(if $(filter yes,$(SWAP)),--swap) $(if $(filter accept,$(LOSS)),--accept-loss)

counts: env ## the counts that statistics read, compared with the reports (MEND=yes puts them right)
	@$(ADMIN).counts $(if $(filter yes,$(MEND)),--mend)

rotate: env ## contacts sealed again under the first key of CCHC_CONTACT_KEY, while it runs or not
	@$(ADMIN).rotate

keys: env ## a key of a connected system, shown once (SYSTEM=one-stop-1; KIND=test DAYS=90; ROTATE=id OVERLAP=24; REVOKE=id)
	@$(ADMIN).keys $(SYSTEM) $(if $(KIND),--kind $(KIND)) $(if $(DAYS),--days $(DAYS)) \
		$(if $(ROTATE),--rotate $(ROTATE)) $(if $(OVERLAP),--overlap-hours $(OVERLAP)) $(if $(REVOKE),--revoke $(REVOKE))

parked: env ## the events that wait for an operator (SERVICE=scoring; ACT=retry WHY='…' EVENT=17 or OF=failed)
	@$(ADMIN).parked $(if $(SERVICE),--service $(SERVICE)) $(if $(ACT),--act $(ACT)) \
		$(if $(WHY),--why '$(WHY)') $(if $(EVENT),--event $(EVENT)) $(if $(OF),--of $(OF))

up: .env ## docker compose: PostgreSQL, Kafka and every service in containers, as in production
	docker compose up --build

up-dev: .env ## the same with development tokens, which give anyone any role
	JWKS_URL=http://gateway:8000/.well-known/jwks.json TOKEN_ISSUER=cchc TLS_TERMINATED_BY=nobody \
		docker compose --file docker-compose.yml --file docker-compose.dev.yml up --build

.env: | $(STAMP)
	@$(BIN)/python -m cchc_embedded.compose_secrets $@

# Thrice as many processes as cores: these tests wait for leases to end and for servers to come back.
test: env ## every test, with a real PostgreSQL, a real Apache Kafka and a real Keycloak; a skipped test fails (PYTEST_ARGS=…)
	@$(BIN)/python -m pytest --numprocesses 6 --dist loadgroup --refuse-skips $(PYTEST_ARGS)

coverage: env ## branches that the tests without a server cover; the pure modules have a floor
	@$(BIN)/python -m pytest -p no:schemathesis -m unit --quiet --numprocesses 2 --cov --cov-report= \
		shared services $(PYTEST_ARGS)
	@$(BIN)/coverage report --skip-covered
	@$(BIN)/coverage report --include='$(PURE)' --fail-under=$(PURE_FLOOR)

test-unit: env ## the tests that need no server, in seconds: marked by what they use (PYTEST_ARGS=…)
	@$(BIN)/python -m pytest -p no:schemathesis -m unit --quiet --numprocesses 2 $(PYTEST_ARGS)

mutants: env ## change the pure modules in small ways and show what no test notices (MUTANTS="working_time …")
	@$(BIN)/python -m tests.mutants $(MUTANTS)

golden: env ## write the golden answers of tests/golden anew, from a running system
	@CCHC_GOLDEN=write $(BIN)/python -m pytest tests/golden $(PYTEST_ARGS)

audit: env ## known vulnerabilities of what is locked
	@$(BIN)/pip-audit --require-hashes --disable-pip --requirement dev.lock

bench: env ## the measurements of the README: a table, and JSON in .data/bench.json (BASE=… another checkout, in turns)
	@BENCH_BASE="$(BASE)" $(BIN)/python -m tests.bench .data/bench.json $(BENCH_ARGS)

chaos: env ## load while processes are killed, frozen and cut off, on each transport; JSON in .data/chaos.json (KILLS=… FAULTS=… TRANSPORT=… SEED=…)
	@$(BIN)/python -m tests.chaos

lint: env ## formatting, style, types, import rules, migrations, compose file
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@for each in $(DISTRIBUTIONS) tests; do echo "mypy $$each"; $(BIN)/mypy $$each || exit 1; done
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m cchc_embedded.migration_sql $(GENERATED)/migrations
	@$(BIN)/squawk --config deploy/squawk.toml $(GENERATED)/migrations/*.sql
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml docker-compose.dev.yml

check: env ## fail if a generated document is not what the code says
	@$(BIN)/python -m cchc_embedded.contracts docs/contracts --check

contracts: env ## write the generated documents anew
	@$(BIN)/python -m cchc_embedded.contracts docs/contracts

fmt: env ## format, and mend what can be mended by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: env ## resolve the dependencies anew: dev.lock and one lock per image
	@printf '%s\n' $(DISTRIBUTIONS) | cat - dev-requirements.in | $(LOCK) - $(OWN) --output-file dev.lock
	@for each in $(SERVICES); do printf '%s\n' ./shared ./services/$$each | $(IMAGE_LOCK)/$$each.lock || exit 1; done
	@printf '%s\n' ./shared $(addprefix ./services/,$(SERVICES)) | $(IMAGE_LOCK)/operations.lock

# The workshop of Reprise. "make help" lists what there is; everything works with Go alone, except what says otherwise.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help

# What a caller may set: make run HTTP=:9000, make real QUICK=1 DATA=/some/folder.
HTTP    ?= 127.0.0.1:8080
DATA    ?= ../shared/data
SEED    ?= 1
OUT     ?= out
QUICK   ?=
MINUTES ?= 15
DAYS    ?= 8
ONLY    ?=
RUN     ?=

# One static binary whose bits do not depend on the machine that built it: no C, and the instruction set that never
# fuses a multiplication with an addition.
export CGO_ENABLED := 0
export GOAMD64     := v1
VCS   := $(if $(shell git rev-parse HEAD 2>/dev/null),-buildvcs=true,-buildvcs=false)
FLAGS := -trimpath $(VCS)

.PHONY: help run test check lint fmt generate golden bench docs doctor real validate bench-dispatch bench-charging \
	bench-plan storm mutants gate build web clean

##@ Every day
run: web build ## Build all and start a unit with its twin and its page (HTTP=127.0.0.1:8080)
	@exec bin/reprise up --http $(HTTP)

test: ## All tests that need Go alone, and a list of what they left out (RUN=pattern)
	@tool/test $(if $(RUN),-run '$(RUN)') ./...

check: ## Formatting, vet, the law of the house: seconds, before every commit
	@echo "gofmt"; unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); \
		if [ -n "$$unformatted" ]; then echo "not formatted, run \"make fmt\":"; echo "$$unformatted"; exit 1; fi
	@echo "go vet"; go vet ./...
	@echo "law"; go test ./internal/law/

lint: bin/golangci-lint ## golangci-lint as pinned in tool/go.mod (the first build takes two minutes)
	bin/golangci-lint run ./...

fmt: ## Format Go, and the page when its tools are installed
	gofmt -l -w $$(git ls-files --cached --others --exclude-standard '*.go')
	@if [ -x web/node_modules/.bin/prettier ]; then cd web && node_modules/.bin/prettier --log-level warn --write .; fi

doctor: ## Which tools are here, which are missed, and how to get them
	@tool/doctor

clean: ## Remove what was built; the module and npm caches stay
	rm -rf bin out

##@ Building
build: ## bin/reprise, one static binary
	@tool/build reprise $(FLAGS)

web: ## The page, when node is here and its sources changed; else what is built in is kept
	@tool/web

generate: ## Rewrite generated Go (needs node for the schemas); committed, so it must leave no difference
	@if [ ! -d wire/ocpp/peer/node_modules ]; then echo "wire/ocpp/peer: npm ci"; \
		cd wire/ocpp/peer && npm ci --no-audit --no-fund --loglevel=error; fi
	go generate ./...

golden: ## Rewrite the expected traces and pages that tests compare with; read the difference before you commit it
	@packages=$$(git grep -lE 'flag\.Bool\("update"' -- '*_test.go' | xargs -r -n1 dirname | sort -u | sed 's|^|./|'); \
		if [ -z "$$packages" ]; then echo "make golden: no package has golden files (no test declares an -update flag)"; exit 1; fi; \
		go test $$packages -update

# A proof that has no line of help is still to come: its name is taken, and cmd/proof says that it is not there yet.
##@ Proofs (DATA, SEED, OUT, QUICK=1; a table here, rows in OUT/NAME.json)
real: ## The four jobs of the field on real series
storm: ## Fault campaigns on random units (MINUTES=90: 500 unit-days)
real validate bench-dispatch bench-charging bench-plan storm: bin/proof
	@bin/proof $@ --data '$(DATA)' --seed '$(SEED)' --out '$(OUT)' $(if $(QUICK),--quick) --minutes '$(MINUTES)'

mutants: ## Plant 35 seeded bugs one by one and let the storm hunt each for 8 unit-days (an hour; ONLY=word, DAYS=N)
	@mkdir -p '$(OUT)'
	@go -C tool build -o ../bin/mutants ./mutants
	@bin/mutants --only '$(ONLY)' --days '$(DAYS)' --out '$(OUT)/mutants.md'

gate: bin/proof ## Fail when a row that held in docs/proof no longer holds in OUT
	@bin/proof gate --out '$(OUT)'

docs: bin/proof ## Rewrite the tables of README and docs from docs/proof; fails when that changed something
	@bin/proof docs

bench: ## Compare benchmarks with the merge base on this machine; fails on allocations, warns on time
	@tool/bench

.PHONY: bin/proof
bin/proof:
	@tool/build proof $(FLAGS)

bin/golangci-lint: tool/go.mod tool/go.sum
	@mkdir -p bin
	@echo "building golangci-lint (about two minutes, once)"
	cd tool && go build -trimpath -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

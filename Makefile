# Two commands matter: `make run` starts the whole platform on this machine, `make test` proves it.
SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMANDS := retailq api worker scheduler

# Every run of tests shares one private Postgres, Redis and S3 server, which end with it.
WITH_SERVERS := go run ./internal/devstack/cmd/servers --
LINT         := go tool -modfile=tools/go.mod golangci-lint

# The race detector costs a factor of ten, so it leaves out what runs whole processes: those are built without it.
RACE_PACKAGES = $$(go list ./... | grep -vE '/(bench|cmd|internal/e2e)(/|$$)')

# Arguments for `go test`, such as TESTFLAGS='-run TestImport -v', and for the packages to test.
TESTFLAGS ?=
PACKAGES  ?= ./...

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup build ## Start the whole platform on this machine and import a sample
	bin/retailq up --demo

.PHONY: test
test: setup ## Run every test on real Postgres, Redis and S3 (PACKAGES=, TESTFLAGS=)
	$(WITH_SERVERS) go test -timeout 11m $(TESTFLAGS) $(PACKAGES)

.PHONY: race
race: setup ## Run the tests of the packages under the race detector
	$(WITH_SERVERS) go test -race -timeout 11m $(TESTFLAGS) $(RACE_PACKAGES)

.PHONY: cover
cover: setup ## Measure which lines the tests reach: coverage.html
	$(WITH_SERVERS) go test -timeout 20m -coverpkg=./... -coverprofile=coverage.out $(PACKAGES)
	go tool cover -html=coverage.out -o coverage.html
	go tool cover -func=coverage.out | tail -n 1

.PHONY: bench
bench: setup build ## Measure imports and latency against plain SQL on this machine
	go run ./bench $(BENCHFLAGS)

.PHONY: build
build: ## Build the commands into bin/
	go build -ldflags '-X main.version=$(VERSION)' -o bin/ $(COMMANDS:%=./cmd/%)

.PHONY: lint
lint: ## Run the linters of .golangci.yml
	$(LINT) run

.PHONY: fmt
fmt: ## Format the source
	gofmt -s -w .

.PHONY: check
check: ## Do what CI does
	.ci/run

.PHONY: setup
setup: ## Install what is missing on this machine: Postgres, Redis
	scripts/setup

.PHONY: clean
clean: ## Remove what was built, and the private servers' data
	rm -rf bin coverage.out coverage.html .retailq

# "make" tells whether the house is clean. "make help" lists the rest.
FUZZTIME ?= 10s
BENCH    ?= .
COUNT    ?= 1
SECONDS  ?= 600
FAILURES ?= /tmp/fuzz-federation
COMPOSER ?= guild
GOLANGCI ?= $(or $(shell command -v golangci-lint),$(shell go env GOPATH)/bin/golangci-lint)

.PHONY: check vet lint test fuzz fuzz-federation fuzz-authorization plan-quality golden bench compose ci help

check: vet lint test ## vet, lint and all tests with the race detector (the default)

vet: ## go vet
	go vet ./...

lint: $(GOLANGCI) ## golangci-lint with everything on, see .golangci.yml
	$(GOLANGCI) run

$(GOLANGCI):
	go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

test: ## all tests with the race detector
	go test -timeout 60m -race ./...

fuzz: ## every fuzz target for FUZZTIME (10s)
	FUZZTIME=$(FUZZTIME) .ci/fuzz

fuzz-federation: ## random federations against the oracle for SECONDS (600), by COMPOSER (guild, apollo); what fails is in FAILURES (/tmp) (needs Node)
	cd internal/fedgen/compose && npm install --no-package-lock --no-audit --no-fund
	mkdir -p $(FAILURES)
	COMPOSER=$(COMPOSER) go test ./internal/fedgen -run '^TestFresh$$' -count 1 -timeout 0 -v -seconds $(SECONDS) -failures $(FAILURES)

plan-quality: ## plans of new federations against an exhaustive search and another planner for SECONDS (600) (needs Node)
	cd internal/fedgen/compose && npm install --no-package-lock --no-audit --no-fund
	cd internal/fedgen/peer && npm install --no-package-lock --no-audit --no-fund
	go test ./internal/fedgen -run '^TestQualityLong$$' -count 1 -timeout 0 -v -comparing $(SECONDS)

fuzz-authorization: ## random rules and callers on the federations of the corpus for SECONDS (600); what fails is in FAILURES (/tmp)
	mkdir -p $(FAILURES)
	go test ./internal/fedgen -run '^TestAuthorizationLong$$' -count 1 -timeout 0 -v -authorizing $(SECONDS) -round $$(date +%s) -failures $(FAILURES)

golden: ## rewrite the golden files of all packages that have some; look at the diff afterwards
	go test $$(go list -f '{{$$p := .ImportPath}}{{range .TestImports}}{{.}} {{$$p}}{{"\n"}}{{end}}{{range .XTestImports}}{{.}} {{$$p}}{{"\n"}}{{end}}' ./... \
		| awk '$$1 ~ "/internal/golden$$" { print $$2 }' | sort -u) -update

bench: ## benchmarks that match BENCH (.), COUNT (1) times each, with allocations
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...

compose: ## compose the example subgraphs into their supergraph (needs Node)
	cd examples/subgraphs/compose && npm install --no-package-lock --no-audit --no-fund && npm run compose

ci: ## everything that a change has to pass
	.ci/run

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

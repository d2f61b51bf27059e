# The commands of portal-client-go. `make` alone lists them.
export GOTOOLCHAIN = local

# The modules of the tree, beside the root: tools and tests whose dependencies are not ours.
MODULES   = internal/consumer internal/bench internal/cmd/spec
SPECTOOL  = go -C internal/cmd/spec tool spec
LINT      = go tool -modfile=internal/tools/go.mod golangci-lint
FUZZTIME ?= 3s
GENERATED = api/client.gen.go openapi/merged.gen.json wrapper/operations.gen.go

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-21s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: generate
generate: ## regenerate the client and what is derived from the documents
	go generate ./...

.PHONY: test
test: ## run all tests with the race detector
	go test -race ./...

.PHONY: demo
demo: ## create a customer twice and print what happens
	go run ./internal/cmd/demo

.PHONY: lint
lint: ## run go vet and the linters of .golangci.yml
	go vet ./...
	$(LINT) run ./...

.PHONY: check
check: check-generated check-overlay check-tidy lint test check-modules fuzz check-vulnerabilities ## everything that CI runs

# Generates beside the tree and compares, so that a failed check changes nothing.
.PHONY: check-generated
check-generated: ## the generated files are what the documents and the config give
	@echo "check-generated"
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	sed "s|^output:.*|output: $$dir/client.gen.go|" oapi-codegen.yaml > "$$dir/oapi-codegen.yaml" && \
	go tool oapi-codegen -config "$$dir/oapi-codegen.yaml" openapi/client-api.yaml && \
	(cd openapi && go run ../internal/cmd/specgen -merged "$$dir/merged.gen.json") && \
	(cd wrapper && go run ../internal/cmd/specgen -operations "$$dir/operations.gen.go") && \
	for file in $(GENERATED); do \
		cmp "$$dir/$$(basename $$file)" $$file || { \
			echo "$$file is not what the documents and oapi-codegen.yaml give: run 'make generate' and commit the result. Never edit a generated file; intent goes into openapi/overlay.yaml."; exit 1; }; \
	done

.PHONY: check-overlay
check-overlay: ## the document is valid and is the vendored one, and the overlay fits it
	@echo "check-overlay"
	@cd openapi && sha256sum --check --quiet client-api.yaml.sha256 || { \
		echo "openapi/client-api.yaml is not the document that was vendored: undo the edit, and put your intent into openapi/overlay.yaml. A new document is taken with 'make spec-update SPEC=path'."; exit 1; }
	@$(SPECTOOL) overlay-check -repo "$(CURDIR)"

.PHONY: check-tidy
check-tidy: ## go.mod and go.sum are tidy
	@echo "check-tidy"
	@for dir in . $(MODULES); do \
		go -C $$dir mod tidy -diff || { echo "$$dir/go.mod or go.sum is not tidy: run 'go -C $$dir mod tidy' and commit the result."; exit 1; }; \
	done

.PHONY: check-modules
check-modules: ## test the modules under internal/: the consumer, the spec tools, the allocation budgets
	go -C internal/consumer test ./...
	go -C internal/cmd/spec test ./...
	go -C internal/bench test -run Alloc .

.PHONY: fuzz
fuzz: ## fuzz each parser of foreign bytes for FUZZTIME (3s)
	@log=$$(mktemp) && trap 'rm -f "$$log"' EXIT && \
	for package in ./wrapper ./wrapper/meldwebhook; do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "fuzz $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package > "$$log" 2>&1 || { cat "$$log"; exit 1; }; \
		done; \
	done

.PHONY: check-vulnerabilities
check-vulnerabilities: ## run govulncheck, where its database can be reached
	@.ci/govulncheck

.PHONY: storm
storm: ## 200,000 calls with every fault at 30 %, against a server that counts
	go test ./wrapper -run '^TestStorm$$' -v -timeout 30m -storm.calls 200000 -storm.tokens 20000

.PHONY: bench
bench: ## measure against what people use instead, and write internal/bench/RESULTS.md
	go -C internal/bench run .

.PHONY: spec-diff
spec-diff: ## tell what taking the document SPEC would do; ARGS=-json for machines
	@$(SPECTOOL) diff -repo "$(CURDIR)" $(ARGS) "$(SPEC)"

.PHONY: spec-update
spec-update: ## take the document SPEC, from SOURCE
	@$(SPECTOOL) update -repo "$(CURDIR)" -source "$(or $(SOURCE),not stated)" "$(SPEC)"

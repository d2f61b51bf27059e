# The commands of portal-client-go. `make` alone lists them.
export GOTOOLCHAIN ?= local
# A go.work above the clone would put other modules in place of ours.
export GOWORK = off
# With -trimpath the build cache serves this tree and the copies that checks make of it. No version of git is stamped into
# what is built: git refuses to tell one in a folder of another user.
export GOFLAGS = -trimpath -buildvcs=false

# What a user passes in is data: these are taken literally, and reach commands through the environment only.
override SPEC := $(value SPEC)
override SOURCE := $(value SOURCE)
export SPEC SOURCE

# The modules of the tree beside the root: a user's program and the tools, whose dependencies are not ours.
MODULES  = $(patsubst %/go.mod,%,$(wildcard internal/*/go.mod))
SPECTOOL = go tool spec
tool     = $$(go -C internal/tools tool -n $(1))

TEST      = go test -timeout 30m
COUNTED   = $(call tool,gotestsum) --format pkgname -- -timeout 30m
FUZZTIME ?= 10000x
# The other one of the two supported Go lines. Empty: it is not tried.
OTHER_GO ?= $(if $(findstring go1.26,$(shell go env GOVERSION)),go1.27.4,go1.26.8)

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-21s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: generate
generate: ## regenerate the client and what is derived from the documents
	go generate ./...

PACKAGES ?= ./...
.PHONY: test
test: ## run all tests of the client, or those of PACKAGES
	$(TEST) $(PACKAGES)

.PHONY: demo
demo: ## create a customer twice and print what happens
	go run ./internal/cmd/demo

.PHONY: check
check: check-document check-generated check-tidy check-documents lint check-platforms test-race test-other-go check-budgets check-modules fuzz check-vulnerabilities ## everything that CI runs

.PHONY: check-document
check-document: ## the document is the vendored one, byte for byte
	@echo "check-document"
	@cd openapi && sha256sum --check --quiet client-api.yaml.sha256 || { \
		echo "openapi/client-api.yaml is not the document that was vendored: undo the edit, and put your intent into openapi/overlay.yaml. A new document is taken with 'make spec-update SPEC=path'."; exit 1; }

# Generates in a copy of the tree, so that a failed check changes nothing.
.PHONY: check-generated
check-generated: ## the generated files are what the documents and the config give
	@echo "check-generated"
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	tar --exclude=./.git -cf - . | tar -xf - -C "$$dir" && \
	go -C "$$dir" generate ./... && \
	diff -r --brief --exclude=.git --exclude=overlay.gen.json . "$$dir" || { \
		echo "a generated file is not what the documents and the config give: run 'make generate' and commit the result. Never edit a generated file; intent goes into openapi/."; exit 1; }

.PHONY: check-tidy
check-tidy: ## go.mod and go.sum are tidy
	@echo "check-tidy"
	@for dir in . $(MODULES); do \
		go -C $$dir mod tidy -diff || { echo "$$dir/go.mod or go.sum is not tidy: run 'go -C $$dir mod tidy' and commit the result."; exit 1; }; \
	done

.PHONY: check-documents
check-documents: ## a client that is generated from other documents passes the contract tests
	$(TEST) ./internal/contract -count=1 -run '^TestRegenerate$$' -contract.documents='testdata/documents/*.yaml'

.PHONY: lint
lint: ## run go vet and the linters of .golangci.yml
	go vet ./...
	@export GOLANGCI_LINT_CACHE="$${GOLANGCI_LINT_CACHE:-$$(go env GOCACHE)/golangci-lint}"; \
	lint=$(call tool,golangci-lint) && for dir in . internal/consumer; do \
		echo "golangci-lint run ./... in $$dir"; (cd $$dir && "$$lint" run --allow-parallel-runners ./...) || exit 1; \
	done

.PHONY: check-platforms
check-platforms: ## the code and its tests compile on 32 bits, the library on the other systems
	GOARCH=386 go vet ./...
	GOOS=windows go vet ./api ./wrapper/...
	GOOS=darwin GOARCH=arm64 go vet ./api ./wrapper/...

# Where a recipe says make and not the variable for it, make -n only prints it: the test of the README relies on that.
.PHONY: test-race
test-race: ## run all tests with the race detector, where there is a C compiler
	@if CGO_ENABLED=1 go build runtime/cgo 2> /dev/null; then \
		CGO_ENABLED=1 $(COUNTED) -race ./...; \
	else \
		echo "test-race: SKIPPED, the race detector needs a C compiler and $$(go env CC) is not there or does not work"; make --no-print-directory test; \
	fi

.PHONY: test-other-go
test-other-go: ## generate and run all tests on the other supported Go line, too
	$(if $(OTHER_GO),GOTOOLCHAIN=$(OTHER_GO) make --no-print-directory check-generated test,@echo "test-other-go: SKIPPED, OTHER_GO is empty")

.PHONY: check-budgets
check-budgets: ## allocations, sizes of programs and package initialisation stay within their budgets
	$(TEST) ./internal/bench -budgets
	$(if $(OTHER_GO),GOTOOLCHAIN=$(OTHER_GO) $(TEST) ./internal/bench -budgets)

.PHONY: check-modules
check-modules: ## test the modules under internal/ that are not part of the root
	@for dir in $(filter-out internal/tools,$(MODULES)); do echo "$(TEST) ./... in $$dir"; (cd $$dir && $(TEST) ./...) || exit 1; done

# A count of runs and not a duration: on Go 1.26 a target that is cut by the clock may fail with "context deadline
# exceeded" (go.dev/issue/75804).
.PHONY: fuzz
fuzz: ## fuzz every target FUZZTIME (10000x) times
	@listed=$$(go test -list '^Fuzz' ./...) || { echo "$$listed"; exit 1; }; \
	echo "$$listed" | awk '/^Fuzz/ {names[n++] = $$1} /^ok/ {for (i = 0; i < n; i++) print $$2, names[i]; n = 0}' | \
	while read -r package target; do \
		echo "fuzz $$package $$target"; \
		output=$$($(TEST) -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" 2>&1 </dev/null) || { echo "$$output"; exit 1; }; \
	done

.PHONY: check-vulnerabilities
check-vulnerabilities: ## run govulncheck, where its database can be reached
	@.ci/govulncheck

.PHONY: storm
storm: ## 200,000 calls with every fault at 30 %, against a server that counts
	$(TEST) ./wrapper -run '^TestStorm$$' -v -storm.calls 200000 -storm.tokens 20000

.PHONY: check-notices
check-notices: ## change a copy of the tree in ten ways, each of which the commands above must notice
	.ci/check-notices

EVERY ?= 1
.PHONY: mutate
mutate: ## tell which small changes to the client no test would notice; EVERY=20 for a sample
	go run ./internal/cmd/mutate -every $(EVERY) ./wrapper -sequences.more=-1 -storm.calls=300
	go run ./internal/cmd/mutate -every $(EVERY) ./wrapper/meldwebhook

.PHONY: bench
bench: ## measure against the generated client alone and a hand-written one, on both Go lines
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	for line in go1.26.8 go1.27.4; do \
		GOTOOLCHAIN=$$line $(TEST) ./internal/bench -run '^$$' -bench . -count 6 > "$$dir/$$line" || { cat "$$dir/$$line"; exit 1; }; \
	done && \
	$(call tool,benchstat) go1.26="$$dir/go1.26.8" go1.27="$$dir/go1.27.4"

.PHONY: spec-diff
spec-diff: ## tell what taking the document SPEC would do
	@$(SPECTOOL) diff -- "$$SPEC"

.PHONY: spec-update
spec-update: ## take the document SPEC, from SOURCE
	@$(SPECTOOL) update -source "$${SOURCE:-not stated}" -- "$$SPEC"

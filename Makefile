SHELL := bash
.DEFAULT_GOAL := help
LINT := .cache/bin/golangci-lint
LINT_VERSION := v2.15.0

.PHONY: help demo test lint bench fuzz soak assets fmt

help: ## Print this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Run the marketplace with shoppers and dashboards, until Ctrl-C
	@scripts/demo.sh

test: ## Run every test of every module with -race (SQLite without), on a real PostgreSQL and a real browser
	@scripts/test.sh

lint: $(LINT) ## Check style, the import table and the modules
	@scripts/lint.sh $(LINT)

bench: ## Measure beside the peers, as a Markdown table with ratios
	@cd bench && go run .

fuzz: ## Fuzz every parser for FUZZTIME each (default 30s)
	@scripts/fuzz.sh

soak: ## Run what takes minutes: kills, outages, load
	@SOAK=1 scripts/test.sh

assets: ## Rebuild the dashboards' scripts and styles (needs Node.js)
	@dashboard/web/build.sh

fmt: $(LINT) ## Format the code
	@$(LINT) fmt ./...

$(LINT):
	@echo "installing golangci-lint $(LINT_VERSION) into .cache/bin"
	@GOBIN=$(CURDIR)/.cache/bin GOWORK=off GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

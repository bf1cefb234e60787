# The logic is in scripts/; this file is the list of what one can do.
.DEFAULT_GOAL := help
.PHONY: help demo dev test verify bench ci journey lint fmt web sqlx sqlx-check release docs-screenshot clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Install what is missing, build, and serve the site with demo data (Ctrl-C stops it)
	@exec bash scripts/demo.sh

dev: web ## Serve without demo data from the last build of the browser code
	@SQLX_OFFLINE=true exec cargo run --package app --bin turnout -- serve

test: ## Run every test: browser code, Rust, journeys in a browser
	@bash scripts/test.sh

verify: ## Run the long checks: races, crashes, planted bugs
	@bash scripts/verify.sh

bench: ## Measure everything side by side; ARGS="--quick" for a smoke run
	@bash scripts/bench.sh $(ARGS)

ci: ## Run what continuous integration runs
	@bash .ci/run

journey: ## Play the API quickstart from sign-in to the scan at the door
	@bash scripts/journey.sh

lint: ## Check style, lints and the repository's own rules
	@bash scripts/lint.sh all

fmt: ## Format Rust and browser code
	@cargo fmt --all
	@cd web && npm run --silent fix

web: ## Build the browser code when it changed
	@bash scripts/web.sh build

sqlx: ## Renew .sqlx, the answers to all checked queries, from a fresh database
	@bash scripts/sqlx.sh write

sqlx-check: ## Fail when .sqlx is not current
	@bash scripts/sqlx.sh check

release: web ## Build the release binary
	@SQLX_OFFLINE=true cargo build --release --package app --bin turnout

docs-screenshot: ## Take the README's picture of a running demo
	@bash scripts/screenshot.sh

clean: ## Remove everything that was built or installed into this directory
	@cargo clean
	@rm -rf web/dist web/node_modules e2e/node_modules .tools

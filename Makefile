# Every intention is one command; CI runs the same ones. `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help run build test fuzz chaos bench bench-search bench-smoke check web types fmt deny clean

# Rebuilt only when the lock file changed: `npm ci` throws node_modules away.
NODE_MODULES := web/node_modules/.package-lock.json
# What the built web files depend on.
WEB_SOURCES := $(shell find web/src web/build.mjs web/package.json web/tsconfig.json -type f 2>/dev/null)

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

run: web/dist/widget.js ## Build web and server, and start Hubbub on an embedded store in data/
	cargo run --bin hubbub -- serve $(ARGS)

build: web/dist/widget.js ## Build the one self-contained binary for shipping: target/release/hubbub
	cargo build --release --bin hubbub
	@ls -lh target/release/hubbub

test: ## Install what is missing (apt as root), start own servers, run every test
	.ci/install
	$(MAKE) web/dist/widget.js
	cargo test --workspace
	$(MAKE) bench-smoke
	cd web && npm test
	cargo build --bin hubbub
	cd web && npm run e2e
	cd web && npm run openapi
	IF_NOT_INSTALLED=0 gateway/tests/fuzz/run

fuzz: web/dist/widget.js ## Ask a server whatever its OpenAPI document allows or forbids: ARGS='--max-examples 500 --seed 7'
	cargo build --bin hubbub
	gateway/tests/fuzz/run $(ARGS)

# A seed plays the same rounds again; LEAK sessions come and go beside them.
ROUNDS ?= 20
SEED ?=
LEAK ?= 10000

chaos: web/dist/widget.js ## Kill, cut and delay a cluster while people talk: ROUNDS=20 SEED=… ARGS='--only node-kill'
	.ci/install
	cargo test -p gateway --test chaos -- --rounds $(ROUNDS) --leak $(LEAK) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: web/dist/widget.js ## Measure Hubbub beside its floor and peers, into docs/performance.md: ARGS='--only G1,G4 --repeats 1'
	.ci/install
	cargo build --release -p loadtest --bin hubbub-loadtest
	cargo bench -p persistence --bench goals --no-run
	cargo bench -p gateway --bench goals -- $(ARGS)

bench-search: ## Measure searches on both stores: ARGS='sqlite 400000', ARGS=table, ARGS=sends
	cargo bench -p persistence --bench search -- $(ARGS)

bench-smoke: web/dist/widget.js ## Check that the benchmark works, without judging how fast anything is
	cargo build -p loadtest --bin hubbub-loadtest
	cargo test -p gateway --bench goals -- --smoke

check: $(NODE_MODULES) web/dist/widget.js ## Formatting, lints, types
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cd web && npm run check && node size.mjs

web: web/dist/widget.js ## Build the web files that the binary embeds

web/dist/widget.js: $(NODE_MODULES) $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

$(NODE_MODULES): web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

types: ## Write web/src/protocol/types.ts and protocol/openapi.json from the crate `protocol`
	HUBBUB_WRITE_TYPES=1 cargo test -q -p protocol --lib

fmt: $(NODE_MODULES) ## Format everything
	cargo fmt --all
	cd web && npm run format

deny: ## Licences, bans and sources of dependencies (needs `cargo install cargo-deny`)
	cargo deny check bans licenses sources

clean: ## Remove what was built; leaves data/ alone
	cargo clean
	rm -rf web/dist web/node_modules

#!/usr/bin/env bash
# Every test: browser code, Rust, then the journeys in a real browser. Prints the totals last.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

cd "$ROOT"
output=$(mktemp /tmp/turnout-test.XXXXXX)
trap 'rm -f "$output"' EXIT
started=$SECONDS

rust_tests() { SQLX_OFFLINE=true cargo test --workspace "$@" </dev/null 2>&1 | tee "$output"; }

browser_journeys() {
  use_node
  if [ -f e2e/package-lock.json ]; then
    local wanted
    wanted=$(sha256sum e2e/package-lock.json | cut -d' ' -f1)
    if ! { [ -d e2e/node_modules ] && is_current .tools/stamps/e2e "$wanted"; }; then
      (cd e2e && npm ci --no-audit --no-fund </dev/null)
      printf '%s' "$wanted" >.tools/stamps/e2e
    fi
  fi
  SQLX_OFFLINE=true cargo build --package app --bin turnout
  node e2e/run.mjs </dev/null
}

step "tools" bash scripts/setup.sh test
step "browser code: build" bash scripts/web.sh build
step "browser code: types, style, tests" bash scripts/web.sh check
step "Rust tests" rust_tests "$@"
if [ -f e2e/run.mjs ]; then step "browser journeys" browser_journeys; fi

awk '/^test result: / { passed += $4; failed += $6; ignored += $8; suites += 1 }
  END { printf "Rust: %d passed, %d failed, %d ignored in %d suites\n", passed, failed, ignored, suites }' "$output"
say "All green in $((SECONDS - started)) s"

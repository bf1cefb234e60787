#!/usr/bin/env bash
# The long checks: everything that `make test` runs in short, at full length, and the planted bugs.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
cd "$ROOT"
export SQLX_OFFLINE=true

race() { RACE_ROUNDS=20 cargo test --package app --test race -- --nocapture; }
crash() { CRASH_ROUNDS=10 cargo test --package app --test crash -- --nocapture; }

step "tools" bash scripts/setup.sh test
step "browser code" bash scripts/web.sh build
step "200 buyers for 50 places, 20 rounds" race
step "kill -9 of the server and of PostgreSQL, 10 times each" crash
step "planted bugs are caught" bash scripts/mutants.sh
say "Verified in $SECONDS s"

#!/usr/bin/env bash
# Shows that the race test can fail: it must, when the guard of the stock is taken out of the code.
# With the CHECK left in place the database stops the oversell and buyers see faults; without it places are sold twice.
set -euo pipefail
cd "$(dirname "$0")/.."
export SQLX_OFFLINE=true RACE_ROUNDS=1

must_fail() {
  local name=$1
  shift
  if "$@" >"$output" 2>&1; then
    echo "NOT CAUGHT: $name"
    exit 1
  fi
  if ! grep -q 'test result: FAILED' "$output"; then
    echo "$name: the test did not run"
    tail -n 20 "$output"
    exit 1
  fi
  echo "caught: $name"
  grep -m 1 -A 2 'panicked at' "$output" | cut -c1-200
}

output=$(mktemp /tmp/turnout-mutants.XXXXXX)
trap 'rm -f "$output"' EXIT
must_fail "the guard is gone, the CHECK is left" cargo test --package app --features mutant_no_stock_guard --test race
must_fail "the guard and the CHECK are gone" env RACE_WITHOUT_CHECK=1 cargo test --package app --features mutant_no_stock_guard --test race

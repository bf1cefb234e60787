#!/usr/bin/env bash
# Shows that the checks can fail: each bug that is planted in the code is found by the layer that should find it.
# - Bugs of the core, the queue and the shell's rules: the simulation (crates/sim/tests/planted.rs prints which check found each).
# - Bugs of reserved seats: the tests of seats, by their answers or by the invariants I-40 to I-42.
# - The stock without its guard, over HTTP and SQL: the race test. With the CHECK left in place the database stops the oversell and buyers
#   see faults; without it places are sold twice.
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

race=(cargo test --package app --features mutants --test race)
output=$(mktemp /tmp/turnout-mutants.XXXXXX)
trap 'rm -f "$output"' EXIT
cargo test --package sim --features mutants --test planted -- --nocapture
must_fail "the guard is gone, the CHECK is left" env TURNOUT_MUTANT=no_stock_guard "${race[@]}"
seats=(cargo test --package app --features mutants --test seats)
must_fail "a seat is given and not taken" env TURNOUT_MUTANT=seat_not_taken "${seats[@]}"
must_fail "a refused hold keeps the first of its seats" env TURNOUT_MUTANT=seats_half_taken "${seats[@]}"
must_fail "seats of a hold that ended stay held" env TURNOUT_MUTANT=seats_stay_held "${seats[@]}"
must_fail "seats of a cancelled order stay sold" env TURNOUT_MUTANT=cancel_keeps_seats "${seats[@]}"
must_fail "the guard and the CHECK are gone" env TURNOUT_MUTANT=no_stock_guard RACE_WITHOUT_CHECK=1 "${race[@]}"

#!/usr/bin/env bash
# The long checks: everything that `make test` runs in short, at full length, and the planted bugs.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
cd "$ROOT"
export SQLX_OFFLINE=true

release=(cargo test --profile verify)
race() { RACE_ROUNDS=20 "${release[@]}" --package app --test race -- --nocapture; }
crash() { CRASH_ROUNDS_SERVER=30 CRASH_ROUNDS_POSTGRES=15 "${release[@]}" --package app --test crash -- --nocapture; }
faults() { FAULT_SECONDS=30 FAULT_ROUNDS=10 FAULT_ABORTS=20000 "${release[@]}" --package app --test faults -- --nocapture --test-threads=1; }
histories() { HISTORY_SECONDS=60 "${release[@]}" --package histcheck -- --nocapture --test-threads=1; }

simulation() { cargo run --profile verify --package sim --bin turnout-sim -- --operations 100000000 --seed 1; }
differential() { DIFFERENTIAL_SEQUENCES=2000 "${release[@]}" --package sim --test differential -- --nocapture; }

step "tools" bash scripts/setup.sh test
step "browser code" bash scripts/web.sh build
step "100 million simulated operations with faults" simulation
step "2,000 random sequences, simulated and on PostgreSQL" differential
step "200 buyers for 50 places, 20 rounds" race
step "histories of six workloads on two nodes, a minute each" histories
step "kill -9 of the server 30 times, of PostgreSQL 15 times" crash
step "connections cut, commits swallowed, disks full, clocks that jump" faults
step "planted bugs are caught" bash scripts/mutants.sh
say "Verified in $SECONDS s"

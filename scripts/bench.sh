#!/usr/bin/env bash
# The side-by-side benchmark: builds server and generator for release and runs everything on this machine. Arguments go to
# `turnout-bench run`: scripts/bench.sh --rows 1,2 --rounds 3. See docs/operations/benchmark.md.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
cd "$ROOT"
export SQLX_OFFLINE=true

release() { cargo build --release --package app --bin turnout --package bench --bin turnout-bench; }

target=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
step "tools" bash scripts/setup.sh test
step "browser code" bash scripts/web.sh build
step "release build" release
exec "$target/release/turnout-bench" run --server "$target/release/turnout" "$@"

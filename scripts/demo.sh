#!/usr/bin/env bash
# The whole site with demo data, in the foreground; Ctrl-C stops it and everything it started.
# Debug build: third-party code is shared with the tests, and a cold build stays within minutes on two cores.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"

cd "$ROOT"
step "tools" bash scripts/setup.sh demo
step "browser code" bash scripts/web.sh build
step "server" env SQLX_OFFLINE=true cargo build --package app --bin turnout
exec "${CARGO_TARGET_DIR:-target}/debug/turnout" serve --demo "$@"

#!/usr/bin/env bash
# lint.sh [shell|all]: what a machine can say about the text of the code.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
cd "$ROOT"

shell_scripts() {
  bash -n scripts/*.sh .ci/run
  if command -v shellcheck >/dev/null; then
    shellcheck -x scripts/*.sh .ci/run
  else
    say "shellcheck is not installed: only the syntax was checked"
  fi
}

case ${1:-all} in
shell) shell_scripts ;;
all)
  step "shell scripts" shell_scripts
  step "Rust style" cargo fmt --all --check
  step "Rust lints" env SQLX_OFFLINE=true cargo clippy --workspace --all-targets -- -D warnings
  step "repository" env SQLX_OFFLINE=true cargo test --quiet --package tidy
  ;;
*) die "usage: lint.sh [shell|all]" ;;
esac

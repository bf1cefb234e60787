#!/usr/bin/env bash
# sqlx.sh write|check: the answers of a freshly migrated database to every checked query, kept in .sqlx so that building
# needs no database. `write` renews them; `check` fails when they are not exactly what a fresh database says.
#
# The macros write the answers while they compile. A wrapper around rustc, new each time, makes cargo compile our crates
# again without touching third-party code or a file's time; what that leaves in target/ is removed.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
# shellcheck source=scripts/postgres.sh
. "$ROOT/scripts/postgres.sh"

mode=${1:-}
case $mode in write | check) ;; *) die "usage: sqlx.sh write|check" ;; esac
cd "$ROOT"
target=${CARGO_TARGET_DIR:-$ROOT/target}
mkdir -p "$target"
work=$(mktemp -d "$target/sqlx.XXXXXX")

finish() {
  stop_postgres
  if [ -f "$work/hashes" ]; then
    while read -r hash; do
      rm -rf "$target"/debug/.fingerprint/*"$hash" "$target"/debug/deps/*"$hash"*
    done <"$work/hashes"
  fi
  rm -rf "$work"
}
trap finish EXIT

mkdir "$work/answers"
cat >"$work/rustc" <<WRAPPER
#!/bin/sh
for word in "\$@"; do
  case \$word in extra-filename=-*) echo "\${word#extra-filename=}" >>"$work/hashes" ;; esac
done
exec "\$@"
WRAPPER
chmod +x "$work/rustc"

start_postgres
migrate
env -u SQLX_OFFLINE DATABASE_URL="$POSTGRES_URL" SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$work/answers" CARGO_INCREMENTAL=0 \
  RUSTC_WORKSPACE_WRAPPER="$work/rustc" cargo check --quiet --workspace --all-targets

count=$(find "$work/answers" -name 'query-*.json' | wc -l)
if [ "$mode" = write ]; then
  rm -rf .sqlx
  mv "$work/answers" .sqlx
  say ".sqlx holds the answers to $count queries"
elif diff -rq .sqlx "$work/answers" >&2; then
  say ".sqlx is current: $count queries"
else
  die ".sqlx is not what a fresh database says; run \`make sqlx\` and commit it"
fi

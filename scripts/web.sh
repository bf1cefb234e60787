#!/usr/bin/env bash
# web.sh build|check: builds the browser code, or checks and tests it, only when web/ changed since the last time.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

cd "$ROOT/web"
stamps=$ROOT/.tools/stamps
mkdir -p "$stamps"

hash_of_sources() {
  find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

install_packages() {
  local wanted
  wanted=$(sha256sum package-lock.json | cut -d' ' -f1)
  if [ -d node_modules ] && is_current "$stamps/npm" "$wanted"; then return 0; fi
  use_node
  npm ci --no-audit --no-fund </dev/null
  printf '%s' "$wanted" >"$stamps/npm"
}

sources=$(hash_of_sources)
case ${1:-} in
build)
  if [ -d dist ] && is_current "$stamps/web-build" "$sources"; then exit 0; fi
  install_packages
  use_node
  npm run --silent build </dev/null
  printf '%s' "$(hash_of_sources)" >"$stamps/web-build"
  ;;
check)
  if is_current "$stamps/web-check" "$sources"; then exit 0; fi
  install_packages
  use_node
  npm run --silent check </dev/null
  npm test --silent </dev/null
  printf '%s' "$sources" >"$stamps/web-check"
  ;;
*) die "usage: web.sh build|check" ;;
esac

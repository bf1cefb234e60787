# Sourced by the other scripts: the repository's root, timed steps, root rights.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ROOT

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# step NAME COMMAND...: runs the command and prints how long it took. The first command that fails, also inside a function,
# ends the script and names the step.
STEP=
set -E
trap 'say "== ${STEP:-${0##*/}} failed (${BASH_SOURCE[0]##*/}, line $LINENO)"' ERR
step() {
  local started=$SECONDS
  STEP=$1
  shift
  say "== $STEP"
  "$@"
  say "== $STEP: $((SECONDS - started)) s"
  STEP=
}

# as_root COMMAND...: runs the command as root, through sudo when we are not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root and there is no sudo: $*"
  fi
}

# digest PATH...: one hash over names and contents of all files below, whatever their times.
digest() {
  find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# is_current STAMP HASH: true when the stamp holds this hash.
is_current() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

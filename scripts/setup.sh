#!/usr/bin/env bash
# setup.sh demo|test: installs what is missing on this machine. Debian and Ubuntu by apt-get; elsewhere it says what to install.
# Rust is expected to be there. Does nothing, quickly, when everything is.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
# shellcheck source=scripts/postgres.sh
. "$ROOT/scripts/postgres.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

purpose=${1:-}
case $purpose in demo | test) ;; *) die "usage: setup.sh demo|test" ;; esac

command -v cargo >/dev/null || die "Rust is missing: install the toolchain named in rust-toolchain.toml or newer than Cargo.toml's rust-version"
command -v cc >/dev/null || die "a C compiler is missing (Debian, Ubuntu: apt-get install gcc libc6-dev)"

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }

postgres_bin >/dev/null || missing+=(postgresql)
if ! node_is_new_enough && ! [ -x "$ROOT/.tools/node/bin/node" ]; then
  python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
fi
if [ "$purpose" = test ]; then
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
  need pdftoppm poppler-utils
  need zbarimg zbar-tools
  need jq jq
  need curl curl
  # Text in the browser must have glyphs; fonts-dejavu-core is the smallest set with Latin, Greek, Cyrillic and Arabic.
  [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name '*.ttf' -print -quit 2>/dev/null)" ] || missing+=(fonts-dejavu-core)
fi

if [ "${#missing[@]}" -gt 0 ]; then
  command -v apt-get >/dev/null || die "please install: ${missing[*]}"
  say "Installing ${missing[*]}"
  case " ${missing[*]} " in
  *" postgresql "*)
    # Only the programs are wanted: the package must not start a server of its own.
    as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
      printf 'create_main_cluster = false\n' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    ;;
  esac
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null
  # The file above is the package's own configuration; it is kept.
  as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${missing[@]}" </dev/null >/dev/null
fi

use_node

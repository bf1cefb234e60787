#!/usr/bin/env bash
# screenshot.sh [URL [FILE]]: takes the README's picture of a running demo.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"

url=${1:-http://127.0.0.1:3000/}
file=${2:-$ROOT/docs/screenshot.png}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || die "no Chromium; run scripts/setup.sh test"
mkdir -p "$(dirname "$file")"
sandbox=()
if [ "$(id -u)" -eq 0 ]; then sandbox=(--no-sandbox); fi
"$browser" --headless "${sandbox[@]}" --hide-scrollbars --window-size=1280,860 --virtual-time-budget=3000 --screenshot="$file" "$url"

#!/usr/bin/env bash
# The story of docs/api/quickstart.md through the HTTP API alone: sign in with the code from the mailbox, publish an event,
# buy a free and a paid ticket, read the QR out of the mailed PDF with a public tool, scan it twice, oversell in vain.
#
# journey.sh [URL]: against a running server without SMTP; without a URL it starts one of its own with an empty data directory.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "$0")/steps.sh"
cd "$ROOT"

work=$(mktemp -d /tmp/turnout-journey.XXXXXX)
chmod 755 "$work" # the user of PostgreSQL passes through it
server=
finish() {
  local status=$?
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    [ "$status" -eq 0 ] || tail -n 30 "$work/server.log" >&2
  fi
  rm -rf "$work"
}
trap finish EXIT

start_server() {
  SQLX_OFFLINE=true cargo build --quiet --package app --bin turnout
  local port tries
  port=$((20000 + RANDOM % 10000))
  TURNOUT_DATA__DIRECTORY=$work/data TURNOUT_HTTP__LISTEN=127.0.0.1:$port env -u DATABASE_URL \
    "${CARGO_TARGET_DIR:-target}/debug/turnout" serve >"$work/server.log" 2>&1 </dev/null &
  server=$!
  URL=http://127.0.0.1:$port
  for tries in $(seq 1 300); do
    curl -fsS "$URL/readyz" >/dev/null 2>&1 && return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  die "the server is not ready after $tries tries"
}

# call METHOD PATH [BODY]: the answer on standard output, its status in $work/status. $TOKEN is sent when it is set.
call() {
  local method=$1 path=$2 body=${3:-} arguments=()
  if [ -n "${TOKEN:-}" ]; then arguments+=(-H "Authorization: Bearer $TOKEN"); fi
  if [ "$method" = POST ]; then arguments+=(-H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)"); fi
  if [ -n "$body" ]; then arguments+=(-H 'Content-Type: application/json' -d "$body"); fi
  curl -sS -X "$method" -o "$work/answer" -w '%{http_code}' "${arguments[@]}" "$URL$path" >"$work/status"
  cat "$work/answer"
}

# expect STATUS: the last call had this status.
expect() {
  local found
  found=$(cat "$work/status")
  [ "$found" = "$1" ] || die "expected $1, got $found: $(cat "$work/answer")"
}

# mail_for ADDRESS JQ: waits for a mail to this address and prints what the filter finds in the newest.
mail_for() {
  local found
  for _ in $(seq 1 150); do
    found=$(curl -fsS -G --data-urlencode "to=$1" "$URL/dev/mail.json" | jq -r ".items[0] | $2 // empty" 2>/dev/null) || found=
    if [ -n "$found" ]; then
      printf '%s' "$found"
      return 0
    fi
    sleep 0.2
  done
  die "no such mail for $1"
}

# Addresses of this run alone, so that a server that has seen the story before shows no older mail.
OLGA=olga-$$@example.org
FREE_BUYER=free-$$@example.org
PAID_BUYER=paid-$$@example.org

sign_in() {
  local attempt code
  attempt=$(call POST /api/v1/auth/sign-ins "{\"email\":\"$OLGA\"}")
  expect 202
  code=$(mail_for "$OLGA" '.text' | grep -oE '\b[0-9]{6}\b' | head -n 1)
  call POST "/api/v1/auth/sign-ins/$(jq -r .id <<<"$attempt")/verify" \
    "$(jq -n --arg code "$code" --arg secret "$(jq -r .browser_secret <<<"$attempt")" '{code: $code, browser_secret: $secret}')" >/dev/null
  expect 200
  ORGANISER=$(jq -r .access_token "$work/answer")
}

make_event() {
  local organisation event
  TOKEN=$ORGANISER
  organisation=$(call POST /api/v1/organisations '{"name":"Lantern Hall","currency":"EUR","time_zone":"Europe/Amsterdam"}' | jq -r .id)
  expect 201
  EVENTS=/api/v1/organisations/$organisation/events
  event=$(call POST "$EVENTS" '{"title":"An evening of lanterns","starts_local":"2030-03-12T19:00","ends_local":"2030-03-12T22:00","zone":"Europe/Amsterdam","attendance":"in_person","venue_name":"Lantern Hall","address":"Canal 1","city":"Utrecht","country":"NL","summary":"Bring a lantern.","currency":"EUR"}')
  expect 201
  SLUG=$(jq -r .slug <<<"$event")
  EVENT=$EVENTS/$(jq -r .id <<<"$event")
  FREE=$(call POST "$EVENT/ticket-types" '{"name":"Standing","pricing":"free","capacity":3}' | jq -r .id)
  expect 201
  PAID=$(call POST "$EVENT/ticket-types" '{"name":"Seat","pricing":"paid","price":{"amount":1250,"currency":"EUR"},"capacity":5}' | jq -r .id)
  expect 201
  call POST "$EVENT/publish" '{}' >/dev/null
  expect 200
}

# hold TYPE QUANTITY: asks for places.
hold() { call POST "/api/v1/events/$SLUG/holds" "{\"lines\":[{\"ticket_type_id\":\"$1\",\"quantity\":$2}]}"; }

# order HOLD EMAIL: turns a hold into an order.
order() {
  call POST "/api/v1/holds/$(jq -r .id <<<"$1")/order" \
    "$(jq -n --arg secret "$(jq -r .secret <<<"$1")" --arg email "$2" '{secret: $secret, buyer: {name: "Ada Buyer", email: $email}}')"
}

buy() {
  local held ordered checkout tries
  TOKEN=
  held=$(hold "$FREE" 1)
  expect 201
  order "$held" "$FREE_BUYER" >/dev/null
  expect 201
  [ "$(jq -r .state "$work/answer")" = paid ] || die "a free order is paid at once: $(cat "$work/answer")"

  held=$(hold "$PAID" 1)
  expect 201
  ordered=$(order "$held" "$PAID_BUYER")
  expect 201
  checkout=$(jq -r .payment.checkout_url <<<"$ordered")
  # The provider's page is a form for people; its pay button posts the outcome back to the same address.
  curl -fsS -X POST -H "Origin: $URL" -d outcome=pay "$checkout" -o /dev/null
  for tries in $(seq 1 100); do
    call GET "/api/v1/orders/$(jq -r .code <<<"$ordered")?secret=$(jq -r .secret <<<"$ordered")" >/dev/null
    [ "$(jq -r .state "$work/answer")" = paid ] && return 0
    sleep 0.1
  done
  die "the order is not paid after $tries looks: $(cat "$work/answer")"
}

read_ticket() {
  local pdf
  pdf=$(mail_for "$PAID_BUYER" '.attachments[] | select(.filename | endswith(".pdf")) | .url')
  case $pdf in http*) ;; *) pdf=$URL$pdf ;; esac
  curl -fsS "$pdf" -o "$work/tickets.pdf"
  pdftoppm -r 200 -png "$work/tickets.pdf" "$work/ticket"
  CODE=$(zbarimg --quiet --raw -Sdisable -Sqrcode.enable "$work"/ticket*.png 2>/dev/null | head -n 1)
  case $CODE in T1:*) ;; *) die "no ticket code in the PDF: $CODE" ;; esac
}

scan() {
  TOKEN=$DEVICE call POST /api/v1/door/scans \
    "$(jq -n --arg code "$CODE" --arg nonce "$(cat /proc/sys/kernel/random/uuid)" '{code: $code, nonce: $nonce}')" | jq -r .result
}

at_the_door() {
  local list first second
  TOKEN=$ORGANISER
  list=$(call POST "$EVENT/check-in-lists" '{"name":"Main door"}' | jq -r .id)
  expect 201
  DEVICE=$(call POST "$EVENT/check-in-lists/$list/devices" '{"name":"Phone"}' | jq -r .token)
  expect 201
  first=$(scan)
  second=$(scan)
  [ "$first $second" = "admitted already_in" ] || die "scanned: $first, then $second: $(cat "$work/answer")"
}

oversell() {
  TOKEN=
  hold "$FREE" 3 >/dev/null
  expect 409
  [ "$(jq -r .code "$work/answer")" = sold_out ] || die "expected sold_out: $(cat "$work/answer")"
  hold "$FREE" 2 >/dev/null
  expect 201
}

URL=${1:-}
if [ -z "$URL" ]; then step "server" start_server; fi
step "sign in with the code from the mailbox" sign_in
step "organisation, event, a free and a paid ticket type, publish" make_event
step "hold, order, pay" buy
step "mail, PDF, QR" read_ticket
step "scan: admitted, then already in" at_the_door
step "three of the last two places: refused; two: held" oversell
say "The whole story, from sign-in to the door"

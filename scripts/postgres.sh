# Sourced: finds PostgreSQL and runs a throw-away cluster (not durable, Unix socket only) for the build's own needs.
# shellcheck shell=bash

# postgres_bin: prints the directory of initdb and postgres, newest version first; fails when there is none.
postgres_bin() {
  local directory
  for directory in "${PG_BIN:-}" "$(dirname "$(command -v initdb || true)")" \
    $(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 2>/dev/null | sort -rV | sed 's,$,/bin,'); do
    if [ -x "$directory/initdb" ] && [ -x "$directory/postgres" ]; then
      printf '%s\n' "$directory"
      return 0
    fi
  done
  return 1
}

# postgres_user_command: prints the words that drop root, which PostgreSQL refuses.
postgres_user_command() {
  [ "$(id -u)" -eq 0 ] || return 0
  local user=postgres
  id -u postgres >/dev/null 2>&1 || user=nobody
  printf 'runuser -u %s --' "$user"
}

# psql_of DIRECTORY: prints the psql beside the server, else the one on PATH.
psql_of() { if [ -x "$1/psql" ]; then printf '%s' "$1/psql"; else command -v psql || die "no psql found"; fi; }

# start_postgres: starts the cluster; sets POSTGRES_DIRECTORY, POSTGRES_PID and POSTGRES_URL.
start_postgres() {
  local bin drop
  bin=$(postgres_bin) || die "no PostgreSQL found; run scripts/setup.sh test"
  read -r -a drop <<<"$(postgres_user_command)"
  POSTGRES_DIRECTORY=$(mktemp -d /tmp/turnout-sqlx.XXXXXX)
  if [ "${#drop[@]}" -gt 0 ]; then chown "${drop[2]}" "$POSTGRES_DIRECTORY"; fi
  (cd / && "${drop[@]}" "$bin/initdb" -D "$POSTGRES_DIRECTORY/data" -U postgres -E UTF8 --locale=C -A trust --no-sync) \
    >"/tmp/$(basename "$POSTGRES_DIRECTORY").log" 2>&1 || die "initdb failed: /tmp/$(basename "$POSTGRES_DIRECTORY").log"
  (cd / && exec "${drop[@]}" "$bin/postgres" -D "$POSTGRES_DIRECTORY/data" -k "$POSTGRES_DIRECTORY" \
    -c listen_addresses= -c fsync=off) >>"/tmp/$(basename "$POSTGRES_DIRECTORY").log" 2>&1 </dev/null &
  POSTGRES_PID=$!
  export POSTGRES_URL="postgres://postgres@localhost/postgres?host=$POSTGRES_DIRECTORY"
  local psql tries
  psql=$(psql_of "$bin")
  for tries in $(seq 1 100); do
    "$psql" -q -h "$POSTGRES_DIRECTORY" -U postgres -c '' postgres >/dev/null 2>&1 && return 0
    kill -0 "$POSTGRES_PID" 2>/dev/null || break
    sleep 0.1
  done
  die "PostgreSQL does not answer after $tries tries: /tmp/$(basename "$POSTGRES_DIRECTORY").log"
}

# stop_postgres: stops what start_postgres started and removes it.
stop_postgres() {
  [ -n "${POSTGRES_DIRECTORY:-}" ] || return 0
  local postmaster
  postmaster=$(head -n 1 "$POSTGRES_DIRECTORY/data/postmaster.pid" 2>/dev/null || true)
  [ -z "$postmaster" ] || kill -INT "$postmaster" 2>/dev/null || true
  [ -z "${POSTGRES_PID:-}" ] || wait "$POSTGRES_PID" 2>/dev/null || true
  rm -rf "$POSTGRES_DIRECTORY" "/tmp/$(basename "$POSTGRES_DIRECTORY").log"
  POSTGRES_DIRECTORY=
}

# migrate: applies all migrations, one transaction each, as psql runs them.
migrate() {
  local file psql
  psql=$(psql_of "$(postgres_bin)")
  for file in "$ROOT"/migrations/*.sql; do
    "$psql" -q -v ON_ERROR_STOP=1 -1 -h "$POSTGRES_DIRECTORY" -U postgres -f "$file" postgres >/dev/null ||
      die "the migration $file failed"
  done
}

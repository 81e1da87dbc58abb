#!/usr/bin/env bash
# Runs every test of every module with the race detector (but SQLite), on a real PostgreSQL,
# a real browser and a real receiver of events; installs what is missing. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/needs.sh
need_compiler
need_chromium
need_spotlight
need_pgbouncer
export SCREENSHOTS=${SCREENSHOTS:-$PWD/.cache/screenshots}
mkdir -p "$SCREENSHOTS"
timeout=10m
[ -z "${SOAK:-}" ] || timeout=60m

run() {
  local failed=0 count race
  for module in $(modules); do
    echo "== module $module"
    count=
    [ "$module" != ./e2e ] || count=-count=1 # go test does not see that it builds programs of other modules
    # SQLite is C turned into Go: it runs ten times slower with the race detector.
    # What is ours of that store is shared with PostgreSQL's, and is checked there.
    race=-race
    [ "$module" != ./bizmetrics/sqlite ] || race=
    (cd "$module" && CGO_ENABLED=1 go test $race -timeout "$timeout" $count ./... "$@") || failed=1
  done
  return $failed
}
if [ "${1:-}" = --inside ]; then
  shift
  run "$@"
  exit
fi
scripts/postgres.sh run -- bash scripts/test.sh --inside "$@"

#!/usr/bin/env bash
# Builds the marketplace and runs it with simulated shoppers, on the PostgreSQL
# of DATABASE_URL or on a private one, until Ctrl-C. Leaves nothing behind: no
# process, no folder. Arguments go to the marketplace (-h lists them).
#
#   PORT=0 scripts/demo.sh -shoppers 20     # a free port, more shoppers
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'demo: %s\n' "$*" >&2; }

if ! command -v go >/dev/null; then
	say "needs Go, see https://go.dev/dl/"
	exit 1
fi

port=${PORT:-8080}
if [ "$port" != 0 ] && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
	say "port $port is taken: choose another with PORT=8081 make demo, or PORT=0 for a free one"
	exit 1
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/distri-night-XXXXXX")
child='' caught=''
chmod 755 "$dir" # the program in it may be started by another user
trap 'rm -rf "$dir"' EXIT
# A signal is handed on once the shop runs, and ends the build before that. A
# background job of a script ignores INT, so it is always told to terminate.
stop() {
	caught=$1
	[ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
}
trap 'stop INT' INT
trap 'stop TERM' TERM HUP

say "building the marketplace"
go build -o "$dir/marketplace" ./examples/marketplace
[ -z "$caught" ] || exit 130

say "starting; Ctrl-C stops everything"
scripts/postgres.sh run -d shop -- "$dir/marketplace" -addr "127.0.0.1:$port" -state "$dir/state" "$@" &
child=$!
[ -z "$caught" ] || stop "$caught" # it came while the job was started

status=0
while :; do # a trapped signal interrupts wait
	wait "$child" && status=0 || status=$?
	kill -0 "$child" 2>/dev/null || break
done
[ -z "$caught" ] || status=0
exit "$status"

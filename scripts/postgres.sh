#!/usr/bin/env bash
# Runs a command with a PostgreSQL server, and leaves nothing behind.
#
#   scripts/postgres.sh run [-d DATABASE] -- COMMAND [ARGUMENT...]
#
# The command finds the server in DATABASE_URL. If that is set already, the
# server is the caller's and is left alone. Else a private cluster is made in a
# temporary folder from installed binaries, which are first installed with the
# system's package manager if there are none. It listens on a unix socket in
# its folder and on a free port of 127.0.0.1, with a password of its own, and
# is tuned for data that may be lost.
#
# Whatever ends this script but a KILL, the command is ended first, then the
# server, then the folder is removed. The exit status is the command's.
# MONITORING_POSTGRES_PID tells a test which server it may stop.
set -euo pipefail

say() { printf 'postgres.sh: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
usage() { die "usage: scripts/postgres.sh run [-d DATABASE] -- COMMAND [ARGUMENT...]"; }

database=monitoring
[ "${1:-}" = run ] || usage
shift
if [ "${1:-}" = -d ]; then
	database=${2:-}
	case $database in '' | [!a-z_]* | *[!a-z0-9_]*) die "-d takes a name of a-z, 0-9 and _" ;; esac
	shift 2
fi
[ "${1:-}" = -- ] || usage
shift
[ $# -gt 0 ] || usage

if [ -n "${DATABASE_URL:-}" ]; then
	exec "$@"
fi

# ---- the cluster

dir='' postmaster='' child='' signals=0 caught=''

# as_owner runs a command as the cluster's user: the server refuses to be root.
as_owner() (
	cd /
	if [ "$(id -u)" != 0 ]; then
		"$@"
	elif command -v runuser >/dev/null; then
		runuser -u "$owner" -- "$@"
	elif command -v setpriv >/dev/null; then
		setpriv --reuid "$owner" --clear-groups -- "$@"
	else
		su -s /bin/sh "$owner" -c 'exec "$0" "$@"' -- "$@"
	fi
)

alive() { kill -0 "$1" 2>/dev/null; }

# gone waits until the process has ended, for at most so many tenths of a second.
gone() {
	local i
	for ((i = 0; i < $2; i++)); do
		alive "$1" || return 0
		sleep 0.1
	done
	! alive "$1"
}

cleanup() {
	trap '' INT TERM HUP
	if [ -n "$child" ] && kill -TERM -- "-$child" 2>/dev/null; then # what the command left running
		gone "-$child" 50 || kill -KILL -- "-$child" 2>/dev/null || true
	fi
	if [ -z "$postmaster" ] && [ -n "$dir" ]; then # interrupted during its start
		postmaster=$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null || true)
	fi
	if [ -n "$postmaster" ] && alive "$postmaster"; then
		kill -CONT "$postmaster" 2>/dev/null || true
		kill -INT "$postmaster" 2>/dev/null || true # fast: sessions are cut
		gone "$postmaster" 50 || kill -QUIT "$postmaster" 2>/dev/null || true
		gone "$postmaster" 50 || kill -KILL "$postmaster" 2>/dev/null || true
	fi
	[ -z "$dir" ] || rm -rf "$dir"
}

# pass hands a signal to the command once. The third one is a KILL: whoever
# presses Ctrl-C three times means it.
pass() {
	signals=$((signals + 1)) caught=$1
	[ -n "$child" ] || exit $((128 + $2))
	if [ $signals -ge 3 ]; then
		kill -KILL -- "-$child" 2>/dev/null || true
	else
		kill -"$1" -- "-$child" 2>/dev/null || true
	fi
}

free_port() {
	local port i
	for ((i = 0; i < 100; i++)); do
		port=$((20000 + RANDOM % 12000))
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			printf '%s\n' "$port"
			return 0
		fi
	done
	die "no free port on 127.0.0.1"
}

# preload names the libraries that the installation has.
preload() {
	local place
	for place in "$("$bin/pg_config" --pkglibdir 2>/dev/null || echo /nowhere)" "$bin/../lib" "$bin/../lib/postgresql"; do
		if ls "$place"/pg_stat_statements.* >/dev/null 2>&1; then
			echo pg_stat_statements
			return 0
		fi
	done
}

start_cluster() {
	owner=$(id -un)
	if [ "$(id -u)" = 0 ]; then
		owner=postgres
		id -u "$owner" >/dev/null 2>&1 || owner=nobody
	fi
	# Not $TMPDIR at first: the other user may not get there, and the path of a
	# unix socket has 107 bytes at most.
	dir=$(mktemp -d /tmp/monitoring-pg.XXXXXX 2>/dev/null || mktemp -d)
	chmod 700 "$dir"
	local password
	password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	printf '%s\n' "$password" >"$dir/password"
	[ "$(id -u)" != 0 ] || chown -R "$owner" "$dir"

	as_owner "$bin/initdb" -D "$dir/data" -U postgres --pwfile="$dir/password" --auth-local=trust --auth-host=scram-sha-256 \
		-E UTF8 --no-locale -N >"$dir/log" 2>&1 || { cat "$dir/log" >&2; die "initdb failed"; }
	rm -f "$dir/password"
	cat >>"$dir/data/postgresql.conf" <<-CONF
		listen_addresses = '127.0.0.1'
		unix_socket_directories = '$dir'
		shared_preload_libraries = '$(preload)'
		track_io_timing = on
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		max_connections = 200
		max_wal_size = '256MB'
		log_min_messages = fatal
	CONF
	if [ "$database" != postgres ]; then
		echo "create database $database" | as_owner "$bin/postgres" --single -D "$dir/data" postgres >>"$dir/log" 2>&1 ||
			{ cat "$dir/log" >&2; die "create database $database failed"; }
	fi

	local i port
	for ((i = 0; i < 5; i++)); do # another may take the port between the look and the start
		port=$(free_port)
		# pg_ctl gives the server a session of its own: Ctrl-C does not reach it
		# before the command has ended.
		if as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -o "-p $port" -w -t 60 start >>"$dir/log" 2>&1 </dev/null; then
			postmaster=$(head -n 1 "$dir/data/postmaster.pid")
			export DATABASE_URL="postgres://postgres:$password@127.0.0.1:$port/$database?sslmode=disable"
			export MONITORING_POSTGRES_PID=$postmaster
			return 0
		fi
	done
	cat "$dir/log" "$dir/server.log" >&2 2>/dev/null || true
	die "the server did not start"
}

trap cleanup EXIT
trap 'pass INT 2' INT
trap 'pass TERM 15' TERM
trap 'pass HUP 1' HUP

. "$(dirname "$0")/needs.sh"
need_postgres
bin=$POSTGRES_BIN
start_cluster

# The command gets a process group of its own, so that a signal reaches it once,
# from here, whether it came from the terminal or from another process.
set -m
if [ -t 0 ]; then
	"$@" </dev/null &
else
	"$@" <&0 &
fi
child=$!
set +m

status=0
while :; do
	caught=''
	now=0
	wait "$child" || now=$?
	[ $now = 127 ] || status=$now # 127: its status was taken by the wait before
	[ -n "$caught" ] || break
done
exit "$status"

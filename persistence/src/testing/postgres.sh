# Runs one throw-away Postgres and obeys the test process: one command per line of stdin, one answer per line of
# stdout. At the end of stdin, however the test process ended, the server is killed and its folder removed; so
# nothing outlives the tests. Arguments: the folder, the port, on or off for fsync.
set -u
folder=$1 port=$2 fsync=$3 job=

# Ctrl-C is for the test process; this one ends with its stdin.
trap '' INT TERM HUP

fail() {
	echo "failed: $1"
	end
}

end() {
	kill_all
	cd / && rm -rf "$folder"
	exit
}

bin=$(ls -d /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)") 2>/dev/null
[ -x "$bin/initdb" ] || fail "Postgres is not installed: apt-get install postgresql"

# Postgres refuses to run as root. setpriv becomes the program, where runuser would stand before it.
as_postgres() {
	if [ "$(id -u)" = 0 ]; then
		exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"
	else
		exec "$@"
	fi
}

[ "$(id -u)" != 0 ] || chown postgres "$folder" || fail "there is no user postgres"
cd "$folder" || fail "no folder"
exec 2>>"$folder/log"

# The postmaster and its children, which have process groups of their own.
all() {
	[ -n "$job" ] && echo "$job" $(cat "/proc/$job/task/$job/children" 2>/dev/null || pgrep -P "$job")
}

kill_all() {
	[ -n "$job" ] || return 0
	# Stopped first, so that it starts no child between the two kills.
	kill -STOP "$job" 2>/dev/null
	pids=$(all)
	kill -KILL $pids 2>/dev/null
	wait "$job" 2>/dev/null
	job=
	for pid in $pids; do
		while kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.[ZX]' "/proc/$pid/status" 2>/dev/null; do sleep 0.01; done
	done
}

stop() {
	[ -n "$job" ] || return 0
	kill -QUIT "$job"
	wait "$job" 2>/dev/null
	job=
}

start() {
	[ -z "$job" ] || return 0
	(as_postgres "$bin/postgres" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 \
		-c dynamic_shared_memory_type=mmap -c max_connections=300 -c shared_buffers=32MB -c fsync="$fsync" -c full_page_writes="$fsync" \
		-c autovacuum_naptime=10s) >>"$folder/log" 2>&1 </dev/null &
	job=$!
	tries=0
	until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; do
		kill -0 "$job" 2>/dev/null || { job=; return 1; }
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ] || return 1
		sleep 0.02
	done
}

(as_postgres "$bin/initdb" -D "$folder/data" -U hubbub -A trust --no-sync --locale=C.UTF-8 -E UTF8) \
	>"$folder/log" 2>&1 </dev/null || fail "initdb: $(tail -n 3 "$folder/log" | tr '\n' ' ')"
start || fail "postgres: $(tail -n 3 "$folder/log" | tr '\n' ' ')"
echo ready

while read -r command; do
	case $command in
	kill) kill_all ;;
	stop) stop ;;
	start) start || fail "postgres: $(tail -n 3 "$folder/log" | tr '\n' ' ')" ;;
	stall)
		kill -STOP "$job"
		kill -STOP $(all)
		;;
	resume) kill -CONT $(all) ;;
	*) fail "no such command: $command" ;;
	esac
	echo done
done
end

# Runs one throw-away Redis and obeys the test process: one command per line of stdin, one answer per line of stdout.
# At the end of stdin, however the test process ended, the server is killed and its folder removed; so nothing
# outlives the tests. Arguments: the folder, the port.
set -u
folder=$1 port=$2 job=

# Ctrl-C is for the test process; this one ends with its stdin.
trap '' INT TERM HUP

fail() {
	echo "failed: $1"
	end
}

end() {
	kill_it
	cd / && rm -rf "$folder"
	exit
}

kill_it() {
	[ -n "$job" ] || return 0
	kill -KILL "$job"
	wait "$job" 2>/dev/null
	job=
}

ask() {
	redis-cli -h 127.0.0.1 -p "$port" "$@" </dev/null 2>/dev/null
}

start() {
	[ -z "$job" ] || return 0
	redis-server --bind 127.0.0.1 --port "$port" --dir "$folder" --save '' --appendonly no --daemonize no \
		>>"$folder/log" 2>&1 </dev/null &
	job=$!
	tries=0
	# Whoever else has taken the port would answer, too.
	until ask info server | grep -q "^process_id:$job"; do
		kill -0 "$job" 2>/dev/null || { job=; return 1; }
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ] || return 1
		sleep 0.02
	done
}

command -v redis-server >/dev/null && command -v redis-cli >/dev/null ||
	fail "Redis is not installed: apt-get install redis-server"
cd "$folder" || fail "no folder"
exec 2>>"$folder/log"
start || fail "redis: $(tail -n 3 "$folder/log" | tr '\n' ' ')"
echo ready

while read -r command; do
	case $command in
	kill) kill_it ;;
	start) start || fail "redis: $(tail -n 3 "$folder/log" | tr '\n' ' ')" ;;
	stall) kill -STOP "$job" ;;
	resume) kill -CONT "$job" ;;
	flush) [ "$(ask flushall)" = OK ] || fail "flushall" ;;
	*) fail "no such command: $command" ;;
	esac
	echo done
done
end

# Runs one program of somebody else's and obeys the test process: one command per line of stdin, one answer per line of
# stdout. At the end of stdin, however the test process ended, the program and its children are killed and the folder
# removed; so nothing outlives the tests. Arguments: the folder, where the output goes, the program, its words.
set -u
folder=$1 log=$2
shift 2

# Ctrl-C is for the test process; this one ends with its stdin.
trap '' INT TERM HUP

# Nothing of the environment reaches the program, and the signals ignored here are its own again.
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
(trap - INT TERM HUP && exec env -i PATH="$path" HOME="$folder" "$@") </dev/null >"$log" 2>&1 &
job=$!
echo ready

while read -r command; do
	case $command in
	pid) echo "$job" && continue ;;
	reload) kill -HUP "$job" ;;
	reexec) kill -USR2 "$job" ;;
	*) echo "no such command: $command" && continue ;;
	esac
	echo done
done

# Workers of before a reload are its children, too.
kill -KILL "$job" $(cat "/proc/$job/task/$job/children" 2>/dev/null) 2>/dev/null
wait "$job" 2>/dev/null
cd / && rm -rf "$folder"
# And what it may have started meanwhile; with it this script. The group is the script's own.
kill -KILL 0

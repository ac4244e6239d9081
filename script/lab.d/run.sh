# Starting and ending processes. A process is ours only while its pid still has the start time we wrote down:
# pids are used again, and ending a stranger's process would be worse than leaving our own.

# Field 22 of /proc/PID/stat, counted behind the command's name, which may itself hold spaces.
# A process that has ended but is still listed (a zombie) has none.
start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    [[ $stat != Z* ]] || return 1
    cut -d' ' -f20 <<<"$stat"
}

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# spawn SERVER USER COMMAND…: runs the command apart from this terminal, with its output in the server's log.
spawn() {
    local server=$1 user=$2 log
    shift 2
    log=$(server_dir "$server")/server.log
    touch "$log"
    own "$user" "$log"
    (
        cd "$(server_dir "$server")" || exit
        # The lab's lock must not live on in the server.
        exec {lab_lock}>&-
        as_user "$user" setsid "$@"
    ) </dev/null >>"$log" 2>&1 &
    remember_process "$server" $!
    disown
}

remember_process() {
    echo "$(boot_id) $(start_time "$2")" >"$state_dir/$1.started"
    echo "$2" >"$(pid_file "$1")"
}

pid_file() { echo "$state_dir/$1.pid"; }

is_running() {
    local pid started
    pid=$(cat "$(pid_file "$1")" 2>/dev/null) || return 1
    started=$(start_time "$pid") || return 1
    [[ $(cat "$state_dir/$1.started") == "$(boot_id) $started" ]]
}

is_stopped() { ! is_running "$1"; }

# A killed server leaves its lock file. Servers see for themselves that it is stale, except where nobody reaps
# the dead (containers without an init): there the pid in the file still seems to live.
remove_stale_lock() {
    if [[ -e $1 ]] && ! start_time "$(head -n1 "$1")" >/dev/null; then rm "$1"; fi
}

# Every process that works in a server's folder: the server, what it has started, and what lives on after it.
processes_of() {
    local dir
    dir=$(server_dir "$1")
    find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$dir" -o -lname "$dir/*" \) -printf '%h\n' 2>/dev/null | cut -d/ -f3 || true
}

# signal_all SERVER SIGNAL: exits with 1 when there was nobody to send it to.
signal_all() {
    local pids
    mapfile -t pids < <(processes_of "$1")
    ((${#pids[@]})) || return
    # One of them may just have ended.
    kill -s "$2" "${pids[@]}" 2>/dev/null || true
}

# The second time for what was being started during the first.
pause_server() {
    signal_all "$1" STOP && signal_all "$1" STOP
}

resume_server() { signal_all "$1" CONT; }

# Ends all of a server at one moment, as a power cut does: nobody lives to see another die.
kill_server() {
    pause_server "$1" || return 0
    wait_until 10 nobody_survives "$1" || say "$1 does not end"
}

nobody_survives() { ! signal_all "$1" KILL; }

# Ends one server: first politely, then not.
stop_server() {
    local server=$1 polite=$2
    if is_running "$server"; then
        resume_server "$server"
        kill -s "$polite" "$(cat "$(pid_file "$server")")"
        wait_until 20 is_stopped "$server" || true
    fi
    kill_server "$server"
    rm -f "$(pid_file "$server")" "$state_dir/$server.started"
}

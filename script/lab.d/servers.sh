# Which servers there are. A server is of a kind, and a kind is a set of functions:
#   KIND_needs SERVER    lines of "file or command" and "package that brings it"
#   KIND_plan SERVER     writes engine, ports and logins to the server's part of lab.json
#   KIND_create SERVER   makes its data, with the logins in it; ends in `skip` when the server cannot be had here
#   KIND_run SERVER      starts it
#   KIND_version SERVER  logs in as the admin over TLS, checking the certificate, and prints the version

lab_servers=(
    postgresql-15 postgresql-15-replica pgbouncer-15
    mariadb-10.11 mariadb-10.11-validation
    spider-data1 spider-data2 spider-head1 spider-head2
    mysql-9.7
    redis-7 redis-7-node2 redis-7-requirepass redis-7-volatile
    valkey-9
)

# Other versions, from Debian's newer suites (see unpack.sh): `up --wide` adds them.
lab_servers_wide=(mariadb-11.8 postgresql-17 postgresql-18 redis-8 valkey-8)

# These come up only when they are named; those of patroni-15 also all together.
lab_servers_on_request=(
    patroni-15-etcd patroni-15-node1 patroni-15-node2 patroni-15-node3
    redis-7-replica valkey-9-replica
)

all_lab_servers=("${lab_servers[@]}" "${lab_servers_wide[@]}" "${lab_servers_on_request[@]}")

server_kind() {
    case $1 in
        postgresql-15-replica) echo replica ;;
        pgbouncer-*) echo pgbouncer ;;
        postgresql-*) echo postgresql ;;
        patroni-15-etcd) echo etcd ;;
        patroni-15-*) echo patroni ;;
        mariadb-*) echo mariadb ;;
        spider-*) echo spider ;;
        mysql-*) echo mysql ;;
        redis-* | valkey-*) echo redis ;;
    esac
}

server_user() {
    local user
    case $(server_kind "$1") in
        postgresql | replica | pgbouncer | patroni) user=postgres ;;
        etcd) user=etcd ;;
        mariadb | spider | mysql) user=mysql ;;
        redis) user=redis ;;
    esac
    if user_exists "$user"; then echo "$user"; else echo nobody; fi
}

# The signal on which a server ends at once and in order.
polite_signal() {
    case $(server_kind "$1") in
        postgresql | replica) echo INT ;;
        *) echo TERM ;;
    esac
}

# The servers that one stands on, which come up before it; a line for each.
stands_on() {
    case $1 in
        postgresql-15-replica | pgbouncer-*) echo postgresql-15 ;;
        spider-head*) printf '%s\n' spider-data1 spider-data2 ;;
        patroni-15-node*) echo patroni-15-etcd ;;
        redis-7-replica | valkey-9-replica) echo "${1%-replica}" ;;
    esac
}

# The named servers, or all that need no request, in the order of the list and with what they stand on.
with_dependencies() {
    local names server
    names=" $(named_servers "${@:-${lab_servers[@]}}" | tr '\n' ' ')"
    for server in $names; do
        names+="$(stands_on "$server" | tr '\n' ' ')"
    done
    for server in "${all_lab_servers[@]}"; do
        [[ $names != *" $server "* ]] || echo "$server"
    done
}

named_servers() {
    local name
    for name in "$@"; do
        if [[ $name == patroni-15 ]]; then printf '%s\n' "${lab_servers_on_request[@]:0:4}"; else echo "$name"; fi
    done
}

# Every name a server may be called by.
server_names() { echo "${lab_servers[*]} ${lab_servers_wide[*]} patroni-15 ${lab_servers_on_request[*]}"; }

check_names() {
    local name names
    names=$(server_names)
    for name in "$@"; do
        [[ " $names " == *" $name "* ]] || die "no server called $name; there are: $names"
    done
}

# The exit status that says "cannot be had here", which is no failure.
readonly skipped=75

failed_servers=()

# First what stands alone, side by side; then what stands on another server.
# No caller may put these into a condition (`if`, `||`): inside one, bash does not stop at a failed command.
bring_up_all() {
    local server first=() second=()
    for server in "$@"; do
        if [[ -n $(stands_on "$server") ]]; then second+=("$server"); else first+=("$server"); fi
    done
    bring_up_together "${first[@]}"
    bring_up_together "${second[@]}"
}

bring_up_together() {
    local server
    local -A jobs=()
    for server in "$@"; do
        bring_up "$server" &
        jobs[$server]=$!
    done
    for server in "$@"; do
        wait "${jobs[$server]}" || failed_servers+=("$server")
    done
}

# Runs in a subshell of its own, which ends at the first command that fails.
bring_up() {
    local server=$1 kind below
    if is_running "$server" && get "$server" .version >/dev/null; then return; fi
    for below in $(stands_on "$server"); do
        if ! is_running "$below"; then
            say "$server stands on $below, which is not running"
            return 1
        fi
    done
    # shellcheck disable=SC2064 # the name now, because at the end the variable is gone
    trap "report_end $server" EXIT
    kind=$(server_kind "$server")
    if [[ ! -e $(server_dir "$server")/created ]]; then
        rm -f "$state_dir/$server.json"
        "${kind}_plan" "$server"
        "${kind}_create" "$server"
        touch "$(server_dir "$server")/created"
    fi
    is_running "$server" || "${kind}_run" "$server"
    await_login "$server" "$kind"
}

report_end() {
    case $? in
        0) ;;
        "$skipped") exit 0 ;;
        *)
            say "$1 does not come up; the end of its log:"
            tail -n 25 "$(server_dir "$1")/server.log" 2>/dev/null >&2 || true
            ;;
    esac
}

# skip SERVER ENGINE REASON: loud, because a test run without this server proves less.
skip() {
    say "SKIPPED $1: $3"
    jq -n --arg engine "$2" --arg suite "$(suite_of "$1")" --arg reason "$3" '{engine: $engine, suite: $suite, skipped: $reason}' >"$state_dir/$1.json"
    return "$skipped"
}

await_login() {
    local server=$1 kind=$2 version deadline=$((SECONDS + 60))
    until version=$("${kind}_version" "$server" 2>/dev/null) && [[ -n $version ]]; do
        if ((SECONDS >= deadline)) || ! is_running "$server"; then
            say "$server does not take the admin's login"
            return 1
        fi
        sleep 0.2
    done
    # "15.18 (Debian …)" and "10.11.19-MariaDB-…" are for people.
    put "$server" '.version = $version' --arg version "${version%%[- ]*}"
}

# plan SERVER ENGINE CLIENT: what every server's part of lab.json holds.
plan() {
    local dir
    dir=$(server_dir "$1")
    put "$1" '. + {engine: $engine, suite: $suite, version: null, host: "127.0.0.1", port: $port, plainPort: $port,
            dataDir: "\($dir)/data", log: "\($dir)/server.log", pidFile: $pid, client: $client}' \
        --arg engine "$2" --arg suite "$(suite_of "$1")" --arg client "$3" --arg dir "$dir" --arg pid "$(pid_file "$1")" \
        --argjson port "$(take_port)"
}

stop_all() {
    local server stops=()
    for server in $(known_servers); do
        stop_server "$server" "$(polite_signal "$server")" &
        stops+=($!)
    done
    ((${#stops[@]} == 0)) || wait "${stops[@]}"
}

# Which servers there are. A server is of a kind, and a kind is a set of functions:
#   KIND_needs SERVER    lines of "file or command" and "package that brings it"
#   KIND_plan SERVER     writes engine, ports and logins to the server's part of lab.json
#   KIND_create SERVER   makes its data, with the logins in it; returns $skipped when it cannot be had here
#   KIND_run SERVER      starts it
#   KIND_version SERVER  logs in as the admin over TLS, checking the certificate, and prints the version

lab_servers=(
    postgresql-15 postgresql-15-replica pgbouncer-15
    mariadb-10.11 mariadb-10.11-validation
    redis-7 redis-7-node2 redis-7-requirepass redis-7-volatile
)

server_kind() {
    case $1 in
        postgresql-15-replica) echo replica ;;
        pgbouncer-*) echo pgbouncer ;;
        postgresql-*) echo postgresql ;;
        mariadb-*) echo mariadb ;;
        mysql-*) echo mysql ;;
        redis-* | valkey-*) echo redis ;;
    esac
}

server_user() {
    local user
    case $(server_kind "$1") in
        postgresql | replica | pgbouncer) user=postgres ;;
        mariadb | mysql) user=mysql ;;
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

needs_primary() { [[ $(server_kind "$1") == replica || $(server_kind "$1") == pgbouncer ]]; }

# The named servers, or all of them, in the order of the list and with what they stand on.
with_dependencies() {
    local names=" ${*:-${lab_servers[*]}} " server
    for server in "$@"; do
        ! needs_primary "$server" || names+="postgresql-15 "
    done
    for server in "${lab_servers[@]}"; do
        [[ $names != *" $server "* ]] || echo "$server"
    done
}

check_names() {
    local name
    for name in "$@"; do
        [[ " ${lab_servers[*]} " == *" $name "* ]] || die "no server called $name; there are: ${lab_servers[*]}"
    done
}

readonly skipped=75

# First what stands alone, side by side; then what stands on another server.
bring_up_all() {
    local server first=() second=()
    for server in "$@"; do
        if needs_primary "$server"; then second+=("$server"); else first+=("$server"); fi
    done
    bring_up_together "${first[@]}" && bring_up_together "${second[@]}"
}

bring_up_together() {
    local server jobs=() job failed=0
    for server in "$@"; do
        bring_up "$server" &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job" || failed=1; done
    return "$failed"
}

bring_up() {
    local server=$1 kind
    kind=$(server_kind "$server")
    ! is_running "$server" || return 0
    if [[ ! -e $(server_dir "$server")/created ]]; then
        create "$server" "$kind" || return
        ! skip_reason "$server" >/dev/null || return 0
    fi
    "${kind}_run" "$server"
    await_login "$server" "$kind"
}

create() {
    local server=$1 kind=$2 code=0
    rm -f "$state_dir/$server.json"
    "${kind}_plan" "$server"
    # A subshell of its own keeps `set -e` working inside, which a plain `||` would switch off.
    set +e
    (set -e; "${kind}_create" "$server")
    code=$?
    set -e
    case $code in
        0) touch "$(server_dir "$server")/created" ;;
        "$skipped") ;;
        *) say "cannot make $server"; print_log_tail "$server"; return 1 ;;
    esac
}

# skip SERVER ENGINE REASON: loud, because a test run without this server proves less.
skip() {
    say "SKIPPED $1: $3"
    jq -n --arg engine "$2" --arg reason "$3" '{engine: $engine, skipped: $reason}' >"$state_dir/$1.json"
    return "$skipped"
}

await_login() {
    local server=$1 kind=$2 version deadline=$((SECONDS + 60))
    until version=$("${kind}_version" "$server" 2>/dev/null) && [[ -n $version ]]; do
        if ((SECONDS >= deadline)) || ! is_running "$server"; then
            say "$server does not take the admin's login"
            print_log_tail "$server"
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
    put "$1" '. + {engine: $engine, version: null, host: "127.0.0.1", port: $port, plainPort: $port,
            dataDir: "\($dir)/data", log: "\($dir)/server.log", pidFile: $pid, client: $client}' \
        --arg engine "$2" --arg client "$3" --arg dir "$dir" --arg pid "$(pid_file "$1")" \
        --argjson port "$(take_port)"
}

stop_all() {
    local server jobs=()
    for server in $(known_servers); do
        stop_server "$server" "$(polite_signal "$server")" &
        jobs+=($!)
    done
    ((${#jobs[@]} == 0)) || wait "${jobs[@]}"
}

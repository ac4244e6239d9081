# What a lab is on disk:
#   DIR/lab.json            what tests read
#   DIR/state/SERVER.json   one server's part of it; also the only memory the scripts have of ports and passwords
#   DIR/state/SERVER.pid    its process
#   DIR/state/data-root     where the data is: DIR/data, or a folder in /tmp
#   DATA/tls                the CAs and the certificate;   DATA/SERVER  a server's folder, owned by its user
#   DIR/bin                 clients which are not installed, as wrapper scripts

open_lab() {
    # lab.json is private; the folder is not, because the servers' users must pass through it.
    public_folder "$lab_dir" "$lab_dir/bin"
    # Who waited here while `down` removed the lab holds the lock of a file that is gone, and tries again.
    until [[ -n ${lab_lock:-} && $state_dir/lock -ef /proc/self/fd/$lab_lock ]]; do
        mkdir -p "$state_dir"
        exec {lab_lock}>"$state_dir/lock"
        flock -w 180 "$lab_lock" || die "another script/lab works on $lab_dir"
    done
}

# Data lies in the lab's own folder when every server's user can get there (not so under /root).
make_data_root() {
    [[ ! -e $state_dir/data-root ]] || return 0
    local root=$lab_dir/data server
    public_folder "$root"
    for server in "$@"; do
        if ! (as_user "$(server_user "$server")" test -x "$root" 2>/dev/null); then
            rmdir "$root"
            root=$(mktemp -d /tmp/keyturn-lab.XXXXXX)
            chmod 755 "$root"
            break
        fi
    done
    echo "$root" >"$state_dir/data-root"
}

data_root() { cat "$state_dir/data-root"; }

server_dir() { echo "$(data_root)/$1"; }

known_servers() {
    local server
    for server in "${all_lab_servers[@]}"; do
        [[ ! -e $state_dir/$server.json ]] || echo "$server"
    done
}

# get SERVER JQ-PATH
get() { jq -er "$2" "$state_dir/$1.json"; }

# put SERVER JQ-FILTER [JQ-ARGUMENT …]: changes a server's part of lab.json.
put() {
    local file=$state_dir/$1.json filter=$2
    shift 2
    [[ -e $file ]] || echo '{}' >"$file"
    jq "$@" "$filter" "$file" >"$file.new"
    mv "$file.new" "$file"
}

skip_reason() { jq -er '.skipped' "$state_dir/$1.json" 2>/dev/null; }

# remember_login SERVER ROLE USER: makes up a password and remembers both.
# It passes through jq's environment, because arguments are for everybody to read.
remember_login() {
    PASSWORD=$(random_password) put "$1" '.[$role] = {user: $user, password: env.PASSWORD}' \
        --arg role "$2" --arg user "$3"
}

write_lab_json() {
    local server
    for server in $(known_servers); do
        jq --arg name "$server" '{($name): .}' "$state_dir/$server.json"
    done | jq -s --arg tls "$(tls_dir)" --arg bin "$lab_dir/bin" \
        '{ca: "\($tls)/ca.pem", otherCa: "\($tls)/other-ca.pem", bin: $bin, servers: add}' >"$lab_dir/lab.json.new"
    mv "$lab_dir/lab.json.new" "$lab_dir/lab.json"
}

print_status() {
    local server=$1 reason
    if reason=$(skip_reason "$server"); then
        printf '%-26s skipped: %s\n' "$server" "$reason"
    elif is_running "$server"; then
        printf '%-26s %s\n' "$server" "$(get "$server" '"\(.host):\(.port)  \(.engine) \(.version)"
            + if .plainPort != .port then ", without TLS on \(.plainPort)" else "" end')"
    else
        printf '%-26s not running\n' "$server"
        return 1
    fi
}

# Only what the lab made: DIR may be anybody's folder.
remove_lab() {
    [[ ! -e $state_dir/data-root ]] || rm -rf "$(data_root)"
    rm -rf "${lab_dir:?}"/{bin,data,lab.json,state}
    rmdir "$lab_dir" 2>/dev/null || true
}

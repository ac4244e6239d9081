# Redis and Valkey, which are started alike. The variants differ in where a changed password can be kept:
# in an ACL file, in the configuration file, or nowhere.

redis_needs() { is_unpacked "$1" || echo "redis-server redis-server"; }

redis_engine() { echo "${1%%-*}"; }

redis_plan() {
    local engine
    engine=$(redis_engine "$1")
    if is_unpacked "$1"; then
        plan "$1" "$engine" "$lab_dir/bin/$1/$engine-cli"
    else
        plan "$1" "$engine" /usr/bin/redis-cli
    fi
    put "$1" '.plainPort = $port' --argjson port "$(take_port)"
    if [[ $1 == *-replica ]]; then
        # Users are not replicated; the lab gives the nodes of one instance the same.
        put "$1" '. + ($primary[0] | {admin, superuser})' --slurpfile primary "$state_dir/${1%-replica}.json"
    elif [[ $1 == redis-7-requirepass ]]; then
        remember_login "$1" admin default
        put "$1" '.superuser = .admin'
    else
        remember_login "$1" admin keyturn
        remember_login "$1" superuser default
    fi
}

redis_create() {
    local server=$1 user dir
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    if is_unpacked "$server"; then redis_programs "$server"; fi
    make_server_dir "$server" "$user"
    mkdir "$dir/data"
    case $server in
        redis-7-volatile) ;;
        redis-7-requirepass)
            { redis_settings "$server"; echo "requirepass $(get "$server" .admin.password)"; } |
                write_for "$user" "$dir/redis.conf"
            ;;
        *)
            { redis_settings "$server"; echo "aclfile $dir/users.acl"; } | write_for "$user" "$dir/redis.conf"
            printf 'user %s\n' "$(redis_rule "$server" superuser)" "$(redis_rule "$server" admin)" |
                write_for "$user" "$dir/users.acl"
            ;;
    esac
    own "$user" "$dir"
}

redis_programs() {
    local engine program words
    engine=$(redis_engine "$1")
    have_unpacked "$1" "$engine" "usr/bin/$engine-server"
    for program in server cli; do
        mapfile -t words < <(in_root "$(unpacked_root "$1")" "usr/bin/$engine-$program")
        wrap "$1" "$engine-$program" "${words[@]}"
    done
}

redis_settings() {
    local dir
    dir=$(server_dir "$1")
    cat <<SETTINGS
bind 127.0.0.1
port $(get "$1" .plainPort)
tls-port $(get "$1" .port)
tls-cert-file $dir/server.pem
tls-key-file $dir/server.key
tls-ca-cert-file $(tls_dir)/ca.pem
tls-auth-clients no
dir $dir/data
save ""
SETTINGS
    if [[ $1 == *-replica ]]; then redis_replication "$1"; fi
}

# Over TLS, as the admin: a reset of that login has masterauth to follow.
redis_replication() {
    cat <<SETTINGS
replicaof 127.0.0.1 $(get "${1%-replica}" .port)
tls-replication yes
masteruser $(get "$1" .admin.user)
masterauth $(get "$1" .admin.password)
SETTINGS
}

# redis_rule SERVER ROLE: "name on #hash …". The hash, because one variant has it among its arguments.
redis_rule() {
    local password
    password=$(get "$1" ".$2.password")
    echo "$(get "$1" ".$2.user") on #$(printf %s "$password" | sha256sum | cut -d' ' -f1) ~* &* +@all"
}

redis_run() {
    local server=$1 command=(redis-server) arguments
    if is_unpacked "$server"; then
        mapfile -t command < <(in_root "$(unpacked_root "$server")" "usr/bin/$(redis_engine "$server")-server")
    fi
    if [[ $server == redis-7-volatile ]]; then
        mapfile -t arguments < <(redis_arguments "$server")
    else
        arguments=("$(server_dir "$server")/redis.conf")
    fi
    spawn "$server" "$(server_user "$server")" "${command[@]}" "${arguments[@]}"
}

# The same settings as arguments: a server without a configuration file has nothing to rewrite.
redis_arguments() {
    local name value word
    while read -r name value; do
        echo "--$name"
        echo "${value//\"/}"
    done < <(redis_settings "$1")
    for name in superuser admin; do
        echo --user
        for word in $(redis_rule "$1" "$name"); do echo "$word"; done
    done
}

redis_version() {
    local server=$1
    REDISCLI_AUTH=$(get "$server" .admin.password) timeout 5 "$(get "$server" .client)" \
        -h localhost -p "$(get "$server" .port)" --tls --cacert "$(tls_dir)/ca.pem" \
        --user "$(get "$server" .admin.user)" --no-auth-warning INFO server |
        sed -n "s/^$(redis_engine "$server")_version:\([^\r]*\).*/\1/p"
}

# A replicated PostgreSQL: three nodes under Patroni, which moves the primary when its node dies, and the etcd in which they agree.
# Every commit waits for a standby (synchronous_mode), and never goes on without one (synchronous_mode_strict).
# Any node may be killed, paused, and brought up again.

patroni_cluster=lab

etcd_needs() {
    echo "etcd etcd-server"
    echo "curl curl"
}

# The nodes' logins are made here, because all nodes have the same ones, and this stands before the nodes.
etcd_plan() {
    plan "$1" etcd "$(type -P curl)"
    put "$1" '.peerPort = $port' --argjson port "$(take_port)"
    remember_login "$1" superuser postgres
    remember_login "$1" replication lab_replication
    # Owns the database of its name; has no rights beyond it, but may make databases.
    remember_login "$1" store keyturn_store
    # Patroni's HTTP interface: reading needs no login, changing does.
    remember_login "$1" api patroni
}

etcd_create() { make_server_dir "$1" "$(server_user "$1")"; }

etcd_run() {
    local client peer
    client=http://127.0.0.1:$(get "$1" .port)
    peer=http://127.0.0.1:$(get "$1" .peerPort)
    spawn "$1" "$(server_user "$1")" etcd --name=one --data-dir="$(server_dir "$1")/data" --logger=zap --log-outputs=stderr --enable-v2 \
        --listen-client-urls="$client" --advertise-client-urls="$client" \
        --listen-peer-urls="$peer" --initial-advertise-peer-urls="$peer" --initial-cluster="one=$peer"
}

etcd_version() {
    local url
    url=http://127.0.0.1:$(get "$1" .port)
    [[ $(curl --silent --fail --max-time 5 "$url/health" | jq -r .health) == true ]] || return
    curl --silent --fail --max-time 5 "$url/version" | jq -r .etcdserver
}

patroni_needs() {
    postgresql_needs "$1"
    echo "patroni patroni"
}

patroni_plan() {
    plan "$1" postgresql /usr/bin/psql
    put "$1" '. + ($etcd[0] | {superuser, replication, store, api}) + {apiPort: $port, configuration: $file}' \
        --slurpfile etcd "$state_dir/$(stands_on "$1").json" --argjson port "$(take_port)" --arg file "$(server_dir "$1")/patroni.yml"
}

patroni_create() {
    local server=$1 user dir
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    make_server_dir "$server" "$user"
    patroni_settings "$server" | write_for "$user" "$dir/patroni.yml"
    patroni_roles "$server" | write_for "$user" "$dir/roles.sql"
    # Run on the node that makes the cluster, by Patroni, which sees to it that no commit waits for a standby yet.
    write_for "$user" "$dir/make-roles" <<MAKE
#!/bin/sh
exec psql -Xq -v ON_ERROR_STOP=1 -f '$dir/roles.sql' "\$1"
MAKE
    chmod 700 "$dir/make-roles"
}

# Patroni demands ttl ≥ loop_wait + 2 × retry_timeout. A dead primary is replaced when its ttl is over.
# By etcd's older interface: through the newer one this Patroni (3.0.2) lets a primary that was paused take the lock back
# from its successor, whose commits are then lost.
# What a node that was killed has beyond the new primary is rewound, or all of its data is fetched anew.
patroni_settings() {
    local server=$1 dir ca
    dir=$(server_dir "$server")
    ca=$(tls_dir)/ca.pem
    cat <<SETTINGS
scope: $patroni_cluster
name: $server
etcd:
  host: 127.0.0.1:$(get "$(stands_on "$server")" .port)
restapi:
  listen: 127.0.0.1:$(get "$server" .apiPort)
  connect_address: 127.0.0.1:$(get "$server" .apiPort)
  authentication:
    username: $(get "$server" .api.user)
    password: $(get "$server" .api.password)
bootstrap:
  dcs:
    ttl: 8
    loop_wait: 1
    retry_timeout: 3
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 200
        wal_sender_timeout: 5s
        wal_receiver_timeout: 5s
  initdb:
    - encoding: UTF8
    - locale: C.UTF-8
    - auth-host: scram-sha-256
    - auth-local: scram-sha-256
  post_bootstrap: $dir/make-roles
postgresql:
  listen: 127.0.0.1:$(get "$server" .port)
  connect_address: 127.0.0.1:$(get "$server" .port)
  data_dir: $dir/data
  bin_dir: $(postgresql_bin "$server")
  pgpass: $dir/pgpass
  basebackup:
    - checkpoint: fast
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
  authentication:
    superuser:
      username: $(get "$server" .superuser.user)
      password: $(get "$server" .superuser.password)
      sslmode: verify-full
      sslrootcert: $ca
    replication:
      username: $(get "$server" .replication.user)
      password: $(get "$server" .replication.password)
      sslmode: verify-full
      sslrootcert: $ca
  pg_hba:
    - host replication $(get "$server" .replication.user) 127.0.0.1/32 scram-sha-256
    - host all all 127.0.0.1/32 scram-sha-256
  parameters:
    unix_socket_directories: ''
    ssl: 'on'
    ssl_cert_file: $dir/server.pem
    ssl_key_file: $dir/server.key
SETTINGS
}

patroni_roles() {
    local store
    store=$(get "$1" .store.user)
    cat <<SQL
CREATE ROLE $store LOGIN CREATEDB PASSWORD '$(get "$1" .store.password)';
CREATE DATABASE $store OWNER $store;
SQL
}

# A server that outlived its Patroni is found by the new one, and demoted if it has a successor.
patroni_run() {
    remove_stale_lock "$(server_dir "$1")/data/postmaster.pid"
    spawn "$1" "$(server_user "$1")" patroni "$(server_dir "$1")/patroni.yml"
}

# Standbys take logins too. A primary is up when no commit is answered without a standby any more; with which one, it may still be seeking.
patroni_version() {
    psql_as "$1" store -c "SELECT current_setting('server_version')
        WHERE pg_is_in_recovery() OR current_setting('synchronous_standby_names') <> ''"
}

# PgBouncer in front of PostgreSQL. It knows the roles from a file with their SCRAM secrets, as such poolers do:
# a password changed on the server is not changed here.

pgbouncer_needs() { echo "pgbouncer pgbouncer"; }

pgbouncer_plan() {
    plan "$1" pgbouncer /usr/bin/psql
    put "$1" '. + ($primary[0] | {admin, superuser, superAdmin}) + {primary: "postgresql-15", authFile: $file}' \
        --slurpfile primary "$state_dir/postgresql-15.json" --arg file "$(server_dir "$1")/users.txt"
}

pgbouncer_create() {
    local server=$1 user dir
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    make_server_dir "$server" "$user"
    psql_as postgresql-15 superuser -c "
        SELECT format('\"%s\" \"%s\"', rolname, rolpassword) FROM pg_authid
        WHERE rolname IN ('keyturn', 'keyturn_super', 'postgres')" | write_for "$user" "$dir/users.txt"
    pgbouncer_settings "$server" | write_for "$user" "$dir/pgbouncer.ini"
}

pgbouncer_settings() {
    local dir
    dir=$(server_dir "$1")
    cat <<SETTINGS
[databases]
* = host=localhost port=$(get postgresql-15 .port)

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $(get "$1" .port)
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $dir/users.txt
admin_users = keyturn_super
client_tls_sslmode = allow
client_tls_cert_file = $dir/server.pem
client_tls_key_file = $dir/server.key
server_tls_sslmode = verify-full
server_tls_ca_file = $(tls_dir)/ca.pem
SETTINGS
}

pgbouncer_run() {
    spawn "$1" "$(server_user "$1")" pgbouncer "$(server_dir "$1")/pgbouncer.ini"
}

# The login goes through to the server; the version is the pooler's own.
pgbouncer_version() {
    psql_as "$1" admin -c 'SELECT 1' >/dev/null || return
    pgbouncer --version | sed -n 's/^PgBouncer //p'
}

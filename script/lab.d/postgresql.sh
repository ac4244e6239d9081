# PostgreSQL, and a streaming replica of it.

postgresql_bin() { if is_unpacked "$1"; then echo "$(server_dir "$1")/bin"; else echo /usr/lib/postgresql/15/bin; fi; }

postgresql_needs() {
    if is_unpacked "$1"; then
        echo "psql postgresql-client-15"
    else
        echo "$(postgresql_bin "$1")/postgres postgresql-15"
    fi
}

postgresql_plan() {
    plan "$1" postgresql /usr/bin/psql
    remember_login "$1" admin keyturn
    remember_login "$1" superuser postgres
    # A second admin: what a superuser can do that CREATEROLE cannot.
    remember_login "$1" superAdmin keyturn_super
    remember_login "$1" replication lab_replication
}

postgresql_create() {
    local server=$1 user dir bin
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    bin=$(postgresql_bin "$server")
    if is_unpacked "$server"; then have_unpacked "$server" postgresql "$(postgresql_unpacked "$server")/postgres"; fi
    make_server_dir "$server" "$user"
    if is_unpacked "$server"; then postgresql_programs "$server"; fi
    get "$server" .superuser.password | write_for "$user" "$dir/password"
    (as_user "$user" "$bin/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8) >"$dir/server.log" 2>&1
    rm "$dir/password"
    echo "include 'lab.conf'" >>"$dir/data/postgresql.conf"
    postgresql_settings "$server" | write_for "$user" "$dir/data/lab.conf"
    postgresql_hba | write_for "$user" "$dir/data/pg_hba.conf"
    # Single-user mode, so that the server never listens without its roles. It takes one statement a line.
    postgresql_roles "$server" |
        (as_user "$user" "$bin/postgres" --single -D "$dir/data" postgres) >>"$dir/server.log" 2>&1
}

postgresql_unpacked() { echo "usr/lib/postgresql/$(cut -d- -f2 <<<"$1")/bin"; }

# In a folder that the server's user may read, which DIR/bin need not be. initdb runs the `postgres` that lies beside
# itself: so both are programs of their own there, and initdb is told that it lies there too.
postgresql_programs() {
    local bin root programs words
    bin=$(postgresql_bin "$1")
    root=$(unpacked_root "$1")
    programs=$(postgresql_unpacked "$1")
    public_folder "$bin"
    mapfile -t words < <(in_root "$root" "$programs/postgres")
    write_program "$bin/postgres" "${words[@]}"
    mapfile -t words < <(in_root "$root" "$programs/initdb")
    write_program "$bin/initdb" "${words[0]}" --argv0 "$bin/initdb" "${words[@]:1}" \
        -L "$root/usr/share/postgresql/$(cut -d- -f2 <<<"$1")"
    own "$(server_user "$1")" "$bin"
}

postgresql_settings() {
    local dir
    dir=$(server_dir "$1")
    cat <<SETTINGS
listen_addresses = '127.0.0.1'
port = $(get "$1" .port)
unix_socket_directories = ''
ssl = on
ssl_cert_file = '$dir/server.pem'
ssl_key_file = '$dir/server.key'
wal_level = replica
max_connections = 200
SETTINGS
}

# Members of the lab_… roles meet the authentication methods a real server may ask for. First match wins.
postgresql_hba() {
    cat <<'HBA'
# type     database     user             address       method
host       all          +lab_trust       127.0.0.1/32  trust
host       all          +lab_clear       127.0.0.1/32  password
host       all          +lab_md5         127.0.0.1/32  md5
host       all          +lab_gss         127.0.0.1/32  gss
host       all          +lab_pam         127.0.0.1/32  pam
host       all          +lab_reject      127.0.0.1/32  reject
hostnossl  all          +lab_tlsonly     127.0.0.1/32  reject
host       replication  lab_replication  127.0.0.1/32  scram-sha-256
host       all          all              127.0.0.1/32  scram-sha-256
HBA
}

# The admins come last: who can log in as one knows that all the rest is there.
postgresql_roles() {
    local group
    for group in trust clear md5 gss pam reject tlsonly; do echo "CREATE ROLE lab_$group;"; done
    cat <<SQL
CREATE ROLE lab_replication LOGIN REPLICATION PASSWORD '$(get "$1" .replication.password)';
CREATE ROLE keyturn_super LOGIN SUPERUSER PASSWORD '$(get "$1" .superAdmin.password)';
CREATE ROLE keyturn LOGIN CREATEROLE PASSWORD '$(get "$1" .admin.password)';
SQL
}

postgresql_run() {
    local data
    data=$(server_dir "$1")/data
    # After a kill the backends end by themselves, but not at once; until then they use the data.
    wait_until 10 nobody_works_in "$data"
    remove_stale_lock "$data/postmaster.pid"
    spawn "$1" "$(server_user "$1")" "$(postgresql_bin "$1")/postgres" -D "$data"
}

nobody_works_in() {
    local link
    for link in /proc/[0-9]*/cwd; do
        [[ $(readlink "$link" 2>/dev/null) != "$1" ]] || return 1
    done
}

postgresql_version() { psql_as "$1" admin -c 'SHOW server_version'; }

# psql_as SERVER ROLE PSQL-ARGUMENT…
psql_as() {
    local server=$1 role=$2
    shift 2
    PGPASSWORD=$(get "$server" ".$role.password") PGCONNECT_TIMEOUT=5 psql -XAtq -v ON_ERROR_STOP=1 \
        "host=localhost port=$(get "$server" .port) user=$(get "$server" ".$role.user") dbname=postgres
         sslmode=verify-full sslrootcert=$(tls_dir)/ca.pem" "$@"
}

replica_needs() { postgresql_needs "$1"; }

# Its roles are the primary's, passwords and all.
replica_plan() {
    plan "$1" postgresql /usr/bin/psql
    put "$1" '. + ($primary[0] | {admin, superuser, superAdmin, replication}) + {primary: "postgresql-15"}' \
        --slurpfile primary "$state_dir/postgresql-15.json"
}

replica_create() {
    local server=$1 user dir
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    make_server_dir "$server" "$user"
    (
        PGPASSWORD=$(get "$server" .replication.password)
        export PGPASSWORD
        as_user "$user" timeout 120 "$(postgresql_bin "$server")/pg_basebackup" --pgdata="$dir/data" --write-recovery-conf \
            --checkpoint=fast --wal-method=stream --dbname="host=localhost port=$(get postgresql-15 .port)
            user=lab_replication sslmode=verify-full sslrootcert=$(tls_dir)/ca.pem"
    ) >"$dir/server.log" 2>&1
    postgresql_settings "$server" | write_for "$user" "$dir/data/lab.conf"
}

replica_run() { postgresql_run "$1"; }

replica_version() { postgresql_version "$1"; }

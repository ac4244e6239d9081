# MariaDB; the validation variant refuses weak passwords, and hashes because it cannot look into them.

mariadb_needs() {
    ! is_unpacked "$1" || return 0
    echo "mariadbd mariadb-server"
    echo "mariadb mariadb-client"
}

mariadb_plan() {
    if is_unpacked "$1"; then
        plan "$1" mariadb "$lab_dir/bin/$1/mariadb"
    else
        plan "$1" mariadb /usr/bin/mariadb
    fi
    put "$1" '.generalLog = "\($dir)/general.log"' --arg dir "$(server_dir "$1")"
    remember_login "$1" admin keyturn
    remember_login "$1" superuser root
}

mariadb_create() {
    local server=$1 user dir
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    if is_unpacked "$server"; then have_unpacked "$server" mariadb usr/sbin/mariadbd; fi
    make_server_dir "$server" "$user"
    if is_unpacked "$server"; then mariadb_bootstrap "$server"; else mariadb_install "$server"; fi
    { spider_tables "$server"; mariadb_accounts "$server"; } | write_for "$user" "$dir/init.sql"
}

mariadb_install() {
    local dir
    dir=$(server_dir "$1")
    (as_user "$(server_user "$1")" env TMPDIR="$dir/tmp" mariadb-install-db --no-defaults --datadir="$dir/data" --skip-test-db \
        --auth-root-authentication-method=normal) >"$dir/server.log" 2>&1
}

# What mariadb-install-db does, which itself would have the unpacked server run by the system's loader.
mariadb_bootstrap() {
    local dir share words
    dir=$(server_dir "$1")
    share=$(unpacked_root "$1")/usr/share/mariadb
    mkdir "$dir/data"
    own "$(server_user "$1")" "$dir/data"
    mapfile -t words < <(mariadbd_words "$1")
    {
        printf '%s;\n' 'CREATE DATABASE mysql' 'USE mysql' 'SET @auth_root_socket = NULL'
        cat "$share"/mariadb_{system,performance}_tables.sql "$share"/mariadb_system_tables_data.sql \
            "$share"/maria_add_gis_sp_bootstrap.sql "$share"/mariadb_sys_schema.sql
    } | (as_user "$(server_user "$1")" "${words[@]}" --bootstrap --log-warnings=0 --enforce-storage-engine= \
        --max-allowed-packet=8M --net-buffer-length=16K) >"$dir/server.log" 2>&1
    mariadb_client "$1"
}

# The client's own halves of the login methods are modules.
mariadb_client() {
    local root words
    root=$(unpacked_root "$1")
    mapfile -t words < <(in_root "$root" usr/bin/mariadb)
    wrap "$1" mariadb env "MARIADB_PLUGIN_DIR=$(find "$root/usr" -path '*/libmariadb3/plugin' -print -quit)" "${words[@]}"
}

# Every path that is compiled in leads to the installed system, and has to be named anew.
mariadbd_words() {
    local root dir
    dir=$(server_dir "$1")
    if ! is_unpacked "$1"; then
        printf '%s\n' mariadbd --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp"
        return
    fi
    root=$(unpacked_root "$1")
    in_root "$root" usr/sbin/mariadbd
    printf '%s\n' --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --basedir="$root/usr" \
        --lc-messages-dir="$root/usr/share/mariadb" --plugin-dir="$root/usr/lib/mysql/plugin" \
        --character-sets-dir="$root/usr/share/mariadb/charsets"
}

# Run by the server before it listens, one statement a line; it drops the rest after an error, so the admin,
# whose login is waited for, comes last. A fresh installation has root accounts without a password.
mariadb_accounts() {
    local root admin
    root=$(get "$1" .superuser.password)
    admin=$(get "$1" .admin.password)
    cat <<SQL
DELETE FROM mysql.global_priv WHERE User IN ('root', '');
DELETE FROM mysql.proxies_priv WHERE User = 'root';
FLUSH PRIVILEGES;
CREATE USER root@localhost IDENTIFIED BY '$root';
GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;
CREATE USER root@127.0.0.1 IDENTIFIED BY '$root';
GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;
CREATE USER keyturn@'%' IDENTIFIED BY '$admin';
GRANT ALL ON *.* TO keyturn@'%' WITH GRANT OPTION;
SQL
}

mariadb_run() {
    local server=$1 dir words
    dir=$(server_dir "$server")
    mapfile -t words < <(mariadbd_words "$server")
    # The socket is named relative to the data folder: a full path may exceed the 107 bytes a socket's may have.
    words+=(--socket=server.sock --pid-file="$dir/data/server.pid"
        --bind-address=127.0.0.1 --port="$(get "$server" .port)" --skip-name-resolve
        --ssl-ca="$(tls_dir)/ca.pem" --ssl-cert="$dir/server.pem" --ssl-key="$dir/server.key"
        --plugin-load-add=auth_ed25519 --general-log-file="$dir/general.log")
    if [[ $server == *-validation ]]; then
        words+=(--plugin-load-add=simple_password_check --strict-password-validation=ON)
    fi
    if is_unpacked "$server"; then words+=(--plugin-load-add=auth_parsec --plugin-load-add=auth_mysql_sha2); fi
    if [[ $server == spider-head* ]]; then words+=(--plugin-load-add=ha_spider); fi
    if [[ -e $dir/init.sql ]]; then words+=(--init-file="$dir/init.sql"); fi
    spawn "$server" "$(server_user "$server")" "${words[@]}"
}

mariadb_version() {
    local server=$1
    MYSQL_PWD=$(get "$server" .admin.password) "$(get "$server" .client)" --no-defaults --host=localhost --protocol=tcp \
        --port="$(get "$server" .port)" --user="$(get "$server" .admin.user)" --connect-timeout=5 \
        --ssl-ca="$(tls_dir)/ca.pem" --ssl-verify-server-cert --batch --skip-column-names \
        --execute='SELECT VERSION()' || return
    # The accounts are there now, and their passwords need not be.
    rm -f "$(server_dir "$server")/init.sql"
}

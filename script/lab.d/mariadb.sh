# MariaDB; the validation variant refuses weak passwords, and hashes because it cannot look into them.

mariadb_needs() {
    echo "mariadbd mariadb-server"
    echo "mariadb mariadb-client"
}

mariadb_plan() {
    plan "$1" mariadb /usr/bin/mariadb
    put "$1" '.generalLog = "\($dir)/general.log"' --arg dir "$(server_dir "$1")"
    remember_login "$1" admin keyturn
    remember_login "$1" superuser root
}

mariadb_create() {
    local server=$1 user dir
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    make_server_dir "$server" "$user"
    (as_user "$user" env TMPDIR="$dir/tmp" mariadb-install-db --no-defaults --datadir="$dir/data" --skip-test-db \
        --auth-root-authentication-method=normal) >"$dir/server.log" 2>&1
    { spider_tables "$server"; mariadb_accounts "$server"; } | write_for "$user" "$dir/init.sql"
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
    local server=$1 user dir arguments
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    # The socket is named relative to the data folder: a full path may exceed the 107 bytes a socket's may have.
    arguments=(--no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --socket=server.sock --pid-file="$dir/data/server.pid"
        --bind-address=127.0.0.1 --port="$(get "$server" .port)" --skip-name-resolve
        --ssl-ca="$(tls_dir)/ca.pem" --ssl-cert="$dir/server.pem" --ssl-key="$dir/server.key"
        --plugin-load-add=auth_ed25519 --general-log-file="$dir/general.log")
    if [[ $server == *-validation ]]; then
        arguments+=(--plugin-load-add=simple_password_check --strict-password-validation=ON)
    fi
    if [[ $server == spider-head* ]]; then arguments+=(--plugin-load-add=ha_spider); fi
    if [[ -e $dir/init.sql ]]; then arguments+=(--init-file="$dir/init.sql"); fi
    spawn "$server" "$user" mariadbd "${arguments[@]}"
}

mariadb_version() {
    local server=$1
    MYSQL_PWD=$(get "$server" .admin.password) mariadb --no-defaults --host=localhost --protocol=tcp \
        --port="$(get "$server" .port)" --user="$(get "$server" .admin.user)" --connect-timeout=5 \
        --ssl-ca="$(tls_dir)/ca.pem" --ssl-verify-server-cert --batch --skip-column-names \
        --execute='SELECT VERSION()' || return
    # The accounts are there now, and their passwords need not be.
    rm -f "$(server_dir "$server")/init.sql"
}

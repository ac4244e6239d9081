# Oracle MySQL, which Debian has in sid only (see unpack.sh).

mysql_needs() { :; }

mysql_plan() {
    plan "$1" mysql "$lab_dir/bin/$1/mysql"
    put "$1" '.generalLog = "\($dir)/general.log"' --arg dir "$(server_dir "$1")"
    remember_login "$1" admin keyturn
    remember_login "$1" superuser root
}

mysql_create() {
    local server=$1 user dir root words
    user=$(server_user "$server")
    dir=$(server_dir "$server")
    root=$(unpacked_root "$server")
    have_unpacked "$server" mysql usr/sbin/mysqld
    make_server_dir "$server" "$user"
    mapfile -t words < <(in_root "$root" usr/bin/mysql)
    wrap "$server" mysql "${words[@]}" --no-defaults --character-sets-dir="$root/usr/share/mysql/charsets"
    mapfile -t words < <(mysqld_words "$server")
    (as_user "$user" "${words[@]}" --initialize-insecure) >"$dir/server.log" 2>&1
    mysql_accounts "$server" | write_for "$user" "$dir/init.sql"
}

# Every path that is compiled in leads to the installed system, and has to be named anew.
# Debian's folder for exports is missing in an unpacked root, hence no secure-file-priv.
mysqld_words() {
    local root dir
    root=$(unpacked_root "$1")
    dir=$(server_dir "$1")
    in_root "$root" usr/sbin/mysqld
    printf '%s\n' --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --basedir="$root/usr" \
        --lc-messages-dir="$root/usr/share/mysql" --plugin-dir="$root/usr/lib/mysql/plugin" \
        --character-sets-dir="$root/usr/share/mysql/charsets" --secure-file-priv=NULL
}

# As with MariaDB: run before the server listens, one statement a line, the admin last.
mysql_accounts() {
    local root admin
    root=$(get "$1" .superuser.password)
    admin=$(get "$1" .admin.password)
    cat <<SQL
ALTER USER root@localhost IDENTIFIED BY '$root';
CREATE USER root@127.0.0.1 IDENTIFIED BY '$root';
GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;
CREATE USER keyturn@'%' IDENTIFIED BY '$admin';
GRANT ALL ON *.* TO keyturn@'%' WITH GRANT OPTION;
SQL
}

mysql_run() {
    local server=$1 dir words
    dir=$(server_dir "$server")
    mapfile -t words < <(mysqld_words "$server")
    words+=(--bind-address=127.0.0.1 --port="$(get "$server" .port)" --mysqlx=OFF --skip-name-resolve
        --socket=server.sock --pid-file="$dir/data/server.pid"
        --ssl-ca="$(tls_dir)/ca.pem" --ssl-cert="$dir/server.pem" --ssl-key="$dir/server.key"
        --general-log-file="$dir/general.log")
    remove_stale_lock "$dir/data/server.sock.lock"
    if [[ -e $dir/init.sql ]]; then words+=(--init-file="$dir/init.sql"); fi
    spawn "$server" "$(server_user "$server")" "${words[@]}"
}

mysql_version() {
    local server=$1
    MYSQL_PWD=$(get "$server" .admin.password) "$(get "$server" .client)" --host=localhost --protocol=tcp \
        --port="$(get "$server" .port)" --user="$(get "$server" .admin.user)" --connect-timeout=5 \
        --ssl-ca="$(tls_dir)/ca.pem" --ssl-mode=VERIFY_IDENTITY --batch --skip-column-names \
        --execute='SELECT VERSION()' || return
    rm -f "$(server_dir "$server")/init.sql"
}
